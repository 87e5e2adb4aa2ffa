({ m: new Map([[1n, new Uint8Array([1, 2])]]), s: new Set(['a', NaN]), d: new Date(0), b: new ArrayBuffer(3), u: undefined })
