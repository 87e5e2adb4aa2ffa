let a = []; try { while (true) a.push(new Uint8Array(1 << 16), 'x'.repeat(a.length)); } catch (e) { a = e; } a
