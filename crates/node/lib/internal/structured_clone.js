'use strict';
// `structuredClone`: copies of values with their references to each other, without prototypes of
// user classes. The classes are told apart natively, so that values of vm contexts are copied too.

const { classOf } = internalBinding('util');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS }, hideStackFrames } = require('internal/errors');
const { describe, whyUncloneable } = require('internal/uncloneable');

const call = Function.prototype.call.bind(Function.prototype.call);
const getter = (proto, key) => Object.getOwnPropertyDescriptor(proto, key).get;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const bufferOf = getter(TypedArray.prototype, 'buffer');
const offsetOf = getter(TypedArray.prototype, 'byteOffset');
const lengthOf = getter(TypedArray.prototype, 'length');
const viewBuffer = getter(DataView.prototype, 'buffer');
const viewOffset = getter(DataView.prototype, 'byteOffset');
const viewLength = getter(DataView.prototype, 'byteLength');
const isDetached = getter(ArrayBuffer.prototype, 'detached');
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const bufferSlice = ArrayBuffer.prototype.slice;
const bufferTransfer = ArrayBuffer.prototype.transfer;
const regExpSource = getter(RegExp.prototype, 'source');

const kTyped = {
  __proto__: null,
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array,
  ...(typeof Float16Array === 'function' ? { Float16Array } : undefined),
};

const kErrors = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// Interfaces that have clones: each function answers one, or undefined for what is none of its objects.
const kinds = [];

function addKind(clone) {
  kinds.push(clone);
}

function cloneError(text) {
  const { DOMException } = require('internal/domexception');
  return new DOMException(text, 'DataCloneError');
}

function refuse(value) {
  return cloneError(`${describe(value)} could not be cloned.`);
}

// One call of structuredClone: what was copied, and what is given over.
class Copier {
  constructor(transferred) {
    this.copies = new Map();
    this.transferred = transferred;
  }

  copy(value) {
    if (typeof value === 'function' || typeof value === 'symbol') throw refuse(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.copies.get(value);
    if (known !== undefined) return known;
    const kind = classOf(value);
    const view = kTyped[kind];
    if (view !== undefined) {
      const buffer = this.copy(call(bufferOf, value));
      return this.keep(value, new view(buffer, call(offsetOf, value), call(lengthOf, value)));
    }
    switch (kind) {
      case 'Array': {
        const array = this.keep(value, []);
        array.length = value.length;
        return this.properties(value, array);
      }
      case 'Object': return this.object(value);
      case 'Date': return this.keep(value, new Date(Date.prototype.getTime.call(value)));
      case 'RegExp': return this.keep(value, new RegExp(call(regExpSource, value), value.flags));
      case 'Boolean': return this.keep(value, Object(Boolean.prototype.valueOf.call(value)));
      case 'Number': return this.keep(value, Object(Number.prototype.valueOf.call(value)));
      case 'String': return this.keep(value, Object(String.prototype.valueOf.call(value)));
      case 'BigInt': return this.keep(value, Object(BigInt.prototype.valueOf.call(value)));
      case 'Map': {
        const map = this.keep(value, new Map());
        const entries = [...Map.prototype.entries.call(value)];
        for (const [key, item] of entries) map.set(this.copy(key), this.copy(item));
        return map;
      }
      case 'Set': {
        const set = this.keep(value, new Set());
        const items = [...Set.prototype.values.call(value)];
        for (const item of items) set.add(this.copy(item));
        return set;
      }
      case 'Error': return this.error(value);
      case 'ArrayBuffer': return this.keep(value, this.buffer(value));
      case 'SharedArrayBuffer': return this.keep(value, value);
      case 'DataView':
        return this.keep(value, new DataView(this.copy(call(viewBuffer, value)), call(viewOffset, value),
                                             call(viewLength, value)));
      default:
        throw refuse(value);
    }
  }

  keep(value, copy) {
    this.copies.set(value, copy);
    return copy;
  }

  object(value) {
    for (const clone of kinds) {
      const made = clone(value);
      if (made !== undefined) return this.keep(value, made);
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) {
      const why = whyUncloneable(value) ?? require('internal/platform').whyUncloneable(value);
      if (why !== undefined) throw cloneError(why);
    } else if (value === globalThis) {
      throw refuse(value);
    }
    return this.properties(value, this.keep(value, {}));
  }

  properties(from, to) {
    for (const key of Object.keys(from)) {
      // A getter may have taken a later one away.
      if (!Object.hasOwn(from, key)) continue;
      Object.defineProperty(to, key, {
        value: this.copy(from[key]), writable: true, enumerable: true, configurable: true,
      });
    }
    return to;
  }

  error(value) {
    const { DOMException, isDOMException } = require('internal/domexception');
    if (isDOMException(value)) {
      const made = this.keep(value, new DOMException(value.message, value.name));
      if (typeof value.stack === 'string') hidden(made, 'stack', value.stack);
      return made;
    }
    const type = kErrors[value.name] ?? Error;
    const message = Object.getOwnPropertyDescriptor(value, 'message');
    const made = this.keep(value, new type());
    if (message !== undefined && 'value' in message) hidden(made, 'message', `${message.value}`);
    hidden(made, 'stack', typeof value.stack === 'string' ? value.stack : '');
    if (Object.hasOwn(value, 'cause')) hidden(made, 'cause', this.copy(value.cause));
    return made;
  }

  buffer(value) {
    if (call(isDetached, value)) throw cloneError('An ArrayBuffer is detached and could not be cloned.');
    if (this.transferred.has(value)) return call(bufferTransfer, value);
    if (call(isResizable, value)) {
      const copy = new ArrayBuffer(value.byteLength, { maxByteLength: value.maxByteLength });
      new Uint8Array(copy).set(new Uint8Array(value));
      return copy;
    }
    return call(bufferSlice, value, 0);
  }
}

function hidden(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

function transferList(options) {
  const { transfer } = options;
  if (transfer === undefined || transfer === null) return [];
  if (typeof transfer !== 'object' || typeof transfer[Symbol.iterator] !== 'function') {
    const error = new ERR_INVALID_ARG_TYPE('transferList', 'iterable', transfer);
    hidden(error, 'message', "Failed to execute 'structuredClone': transfer in Options cannot be converted to sequence.");
    throw error;
  }
  return [...transfer];
}

function missingValue() {
  const error = new ERR_MISSING_ARGS('value');
  hidden(error, 'message', 'The value argument must be specified');
  return error;
}

const structuredClone = hideStackFrames(function (value, options) {
  if (arguments.length === 0) throw missingValue();
  if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
    const error = new ERR_INVALID_ARG_TYPE('options', 'Object', options);
    hidden(error, 'message', "Failed to execute 'structuredClone': Options cannot be converted to a dictionary");
    throw error;
  }
  const list = options === undefined || options === null ? [] : transferList(options);
  for (const item of list) {
    if (typeof item !== 'object' || item === null || classOf(item) !== 'ArrayBuffer') {
      throw cloneError('Found invalid value in transferList.');
    }
    if (call(isDetached, item)) throw cloneError('An ArrayBuffer is detached and could not be cloned.');
  }
  if (new Set(list).size !== list.length) throw cloneError('Transfer list contains duplicate ArrayBuffer');
  const transferred = new Set(list);
  const copy = new Copier(transferred).copy(value);
  // What nothing refers to is given over all the same.
  for (const item of transferred) {
    if (!call(isDetached, item)) call(bufferTransfer, item);
  }
  return copy;
});

Object.defineProperty(structuredClone, 'name', { value: 'structuredClone', configurable: true });
Object.defineProperty(structuredClone, 'length', { value: 2, configurable: true });

module.exports = { addKind, structuredClone };
