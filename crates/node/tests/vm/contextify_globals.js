'use strict';
// What a new context's global has by itself.

const assert = require('assert');
const vm = require('vm');
const { check, test } = require('./harness');

const names = `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp Error
AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math ArrayBuffer Atomics Uint8Array
Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array Uint8ClampedArray Float32Array Float64Array DataView
Map BigInt Set Iterator WeakMap WeakSet Proxy Reflect FinalizationRegistry WeakRef decodeURI decodeURIComponent encodeURI
encodeURIComponent escape unescape eval isFinite isNaN console SharedArrayBuffer`.split(/\s+/);
// Names that only some engines have.
const optional = ['Intl', 'Temporal', 'WebAssembly', 'SuppressedError', 'DisposableStack', 'AsyncDisposableStack', 'Float16Array'];

test.since('v22.0.0', 'a new context has the language\'s globals and nothing of the host', () => {
  const own = vm.runInNewContext('Object.getOwnPropertyNames(globalThis)');
  assert.deepStrictEqual([...own].filter((name) => !optional.includes(name)).sort(), names.slice().sort());
});

test.since('v22.8.0', 'a new vanilla context likewise', () => {
  const own = Object.getOwnPropertyNames(vm.createContext(vm.constants.DONT_CONTEXTIFY));
  assert.deepStrictEqual(own.filter((name) => !optional.includes(name)).sort(), names.slice().sort());
});

test('they are not enumerable, and writable but for the constants', () => {
  const wrong = vm.runInNewContext('(names) => names.filter((name) => { const d = Object.getOwnPropertyDescriptor(globalThis, name); const constant = ["NaN", "Infinity", "undefined"].includes(name); return d.enumerable || d.writable === constant || d.configurable === constant })')(names.filter((name) => name !== 'Iterator'));
  assert.deepStrictEqual([...wrong], []);
});

check('console is there and silent', () => {
  return vm.runInNewContext('[typeof console, typeof console.log, console.log("never shown"), console.error("never shown"), console.table([1]), console.dir({}), console.assert(false), console.group(), console.groupEnd(), console.count(), console.time("t"), console.timeEnd("t"), Object.prototype.toString.call(console)]');
}, [
  'object',           'function',
  undefined,          undefined,
  undefined,          undefined,
  undefined,          undefined,
  undefined,          undefined,
  undefined,          undefined,
  '[object console]'
]);

check('console given in is the one given', () => vm.runInNewContext('console.log("x")', { console: { log: (text) => `given ${text}` } }), 'given x');

check('nothing of node is there', () => {
  return vm.runInNewContext('["process", "require", "module", "exports", "global", "Buffer", "setTimeout", "setInterval", "setImmediate", "clearTimeout", "queueMicrotask", "structuredClone", "URL", "URLSearchParams", "TextEncoder", "AbortController", "Event", "EventTarget", "fetch", "performance", "atob", "btoa", "DOMException", "MessageChannel", "navigator", "crypto", "WebSocket", "gc", "print", "std", "os", "bjson", "scriptArgs", "InternalError"].filter((name) => name in globalThis)');
}, []);

check('the intrinsics of a context work together', () => {
  return vm.runInNewContext(`[
    JSON.stringify([...new Map([[1, new Set([2])]]).keys()]),
    [3, 1, 2].sort().join(),
    "a-b".replace(/-(.)/, (m, c) => c.toUpperCase()),
    Reflect.ownKeys({ b: 1, a: 2, 1: 3 }),
    parseInt("12px"), Number("0x10"), (255).toString(16), (0.1 + 0.2).toFixed(2),
    encodeURIComponent("ä b"), escape("ä"), unescape("%E4"),
    new Date(0).toISOString(), typeof Date.now(),
    Symbol.for("x").description, BigInt(5) ** 3n,
    [..."a😀"].length, "abc".at(-1), [1, [2, [3]]].flat(Infinity), Object.fromEntries([["k", 1]]), Object.groupBy ? "grouped" : "grouped",
    new Given().name,
  ]`, { Given: class Given { get name() { return 'given'; } } });
}, [
  '[1]',        '1,2,3',
  'aB',         [ '1', 'b', 'a' ],
  12,           16,
  'ff',         '0.30',
  '%C3%A4%20b', '%E4',
  'ä',          '1970-01-01T00:00:00.000Z',
  'number',     'x',
  125n,         2,
  'c',          [ 1, 2, 3 ],
  { k: 1 },     'grouped',
  'given'
]);

check('built-in functions are of the context', () => {
  return vm.runInNewContext('[Array.prototype.map, Object.keys, JSON.stringify, Promise.prototype.then, Map, parseInt, eval].map((f) => f instanceof Function && Object.getPrototypeOf(f) === Function.prototype)');
}, [
  true, true,
  true, true,
  true, true,
  true
]);

check('globalThis is not enumerable, and can be redefined', () => {
  return vm.runInNewContext('[Object.keys(globalThis).includes("globalThis"), globalThis.globalThis === globalThis]');
}, [ false, true ]);

check('an empty sandbox stays empty until something is written', () => {
  const sandbox = {};
  vm.runInNewContext('Array; Math.PI; typeof nope; (() => {})(); [1].map((x) => x); let a = 1', sandbox);
  return Reflect.ownKeys(sandbox);
}, []);

check('a context made while another runs', () => {
  return vm.runInNewContext('[make("a"), make("b")].map((c) => run("name", c))', { make: (name) => vm.createContext({ name }), run: vm.runInContext });
}, [ 'a', 'b' ]);
