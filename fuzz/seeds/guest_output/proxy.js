new Proxy({ a: 1 }, { get(t, k) { throw new RangeError(String(k)); }, ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })
