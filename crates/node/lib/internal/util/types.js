'use strict';
// What kind of object a value is, by its internal class: the same for objects of every realm, and blind to
// prototypes and Symbol.toStringTag.

const { classOf } = internalBinding('util');

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const { apply } = Reflect;
const { isView } = ArrayBuffer;

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function is(...names) {
  if (names.length === 1) {
    const [name] = names;
    return (value) => typeof value === 'object' && value !== null && classOf(value) === name;
  }
  return (value) => isObject(value) && names.includes(classOf(value));
}

// undefined for anything but a typed array.
function typedArrayName(value) {
  return typeof value === 'object' && value !== null && isView(value) ? apply(typedArrayTag, value, []) : undefined;
}

const boxed = new Set(['Number', 'String', 'Boolean', 'BigInt', 'Symbol']);

const types = {
  isExternal: is('External'),
  isDate: is('Date'),
  isArgumentsObject: is('Arguments'),
  isBigIntObject: is('BigInt'),
  isBooleanObject: is('Boolean'),
  isNumberObject: is('Number'),
  isStringObject: is('String'),
  isSymbolObject: is('Symbol'),
  isBoxedPrimitive: (value) => typeof value === 'object' && value !== null && boxed.has(classOf(value)),
  isNativeError: is('Error'),
  isRegExp: is('RegExp'),
  isAsyncFunction: (value) => typeof value === 'function' && classOf(value).startsWith('Async'),
  isGeneratorFunction: (value) => typeof value === 'function' && classOf(value).endsWith('GeneratorFunction'),
  isGeneratorObject: is('GeneratorObject', 'AsyncGeneratorObject'),
  isPromise: is('Promise'),
  isMap: is('Map'),
  isSet: is('Set'),
  isMapIterator: is('MapIterator'),
  isSetIterator: is('SetIterator'),
  isWeakMap: is('WeakMap'),
  isWeakSet: is('WeakSet'),
  isArrayBuffer: is('ArrayBuffer'),
  isDataView: is('DataView'),
  isSharedArrayBuffer: is('SharedArrayBuffer'),
  isProxy: (value) => isObject(value) && classOf(value) === 'Proxy',
  isModuleNamespaceObject: is('ModuleNamespace'),
  isAnyArrayBuffer: is('ArrayBuffer', 'SharedArrayBuffer'),
  isArrayBufferView: isView,
  isTypedArray: (value) => typedArrayName(value) !== undefined,
  isKeyObject: () => false,
  isCryptoKey: () => false,
};

for (const name of ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array',
  'Int32Array', 'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
  types[`is${name}`] = (value) => typedArrayName(value) === name;
}

for (const [name, value] of Object.entries(types)) {
  Object.defineProperty(value, 'name', { __proto__: null, value: name, configurable: true });
}
// Shared with ArrayBuffer, whose function keeps its own name.
types.isArrayBufferView = (value) => isView(value);

module.exports = types;
