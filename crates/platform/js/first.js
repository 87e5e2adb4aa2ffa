// The language's constructors and well-known symbols, taken before any guest can replace them.
(() => {
  'use strict';
  const g = globalThis;
  const { iterator, asyncIterator, toStringTag } = Symbol;
  return {
    __proto__: null, global: g, iterator, asyncIterator, toStringTag,
    Object, Array, String, Number, Boolean, Symbol, BigInt, Promise,
    Error, TypeError, RangeError, SyntaxError, EvalError, ReferenceError, URIError, AggregateError,
    Date: g.Date, RegExp: g.RegExp, Map: g.Map, Set: g.Set, WeakMap: g.WeakMap, WeakRef: g.WeakRef,
    ArrayBuffer: g.ArrayBuffer, DataView: g.DataView, Uint8Array: g.Uint8Array,
    Int8Array: g.Int8Array, Uint8ClampedArray: g.Uint8ClampedArray, Int16Array: g.Int16Array,
    Uint16Array: g.Uint16Array, Int32Array: g.Int32Array, Uint32Array: g.Uint32Array,
    Float16Array: g.Float16Array, Float32Array: g.Float32Array, Float64Array: g.Float64Array,
    BigInt64Array: g.BigInt64Array, BigUint64Array: g.BigUint64Array, DOMException: g.DOMException,
  };
})()
