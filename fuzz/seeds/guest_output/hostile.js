Object.prototype.toJSON = function () { return 1; };
Array.prototype[Symbol.iterator] = function* () { yield 7; };
Map.prototype.entries = null; delete globalThis.Math; globalThis.JSON = { stringify: 1 };
class A { #x = 1; static { globalThis.leak = new A(); } get y() { return this.#x; } }
[leak, Object.defineProperty([], 'length', { value: 4294967295 })]
