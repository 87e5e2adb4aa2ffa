// structuredClone: HTML's StructuredSerializeWithTransfer and its inverse as one walk, for copies stay in
// this realm. Types are told by the engine's classes, not by what a guest made of their prototypes.
(function (std, native) {
  'use strict';
  const {
    method, first, list, push, need, isObject, dictionary, define, ownKeys, getOwnPropertyDescriptor,
    setPrototypeOf, defineProperty,
  } = std;
  const {
    TypeError, DOMException, Map, Set, Date, RegExp, ArrayBuffer, DataView, iterator,
  } = first;
  const { kind } = native;

  const mapGet = method('Map.prototype', 'get');
  const mapHas = method('Map.prototype', 'has');
  const mapSet = method('Map.prototype', 'set');
  const mapForEach = method('Map.prototype', 'forEach');
  const setAdd = method('Set.prototype', 'add');
  const setForEach = method('Set.prototype', 'forEach');
  const timeOf = method('Date.prototype', 'getTime');
  const sourceOf = method('RegExp.prototype', 'source');
  const flagsOf = (regexp) => {
    let flags = '';
    for (let i = 0; i < FLAGS.length; i++) if (FLAGS[i].get(regexp)) flags += FLAGS[i].letter;
    return flags;
  };
  const FLAGS = list();
  const flag = (letter, name) => push(FLAGS, { __proto__: null, letter, get: method('RegExp.prototype', name) });
  flag('d', 'hasIndices');
  flag('g', 'global');
  flag('i', 'ignoreCase');
  flag('m', 'multiline');
  flag('s', 'dotAll');
  flag('u', 'unicode');
  flag('v', 'unicodeSets');
  flag('y', 'sticky');
  const primitives = {
    __proto__: null,
    Boolean: method('Boolean.prototype', 'valueOf'), Number: method('Number.prototype', 'valueOf'),
    String: method('String.prototype', 'valueOf'), BigInt: method('BigInt.prototype', 'valueOf'),
  };
  const bufferLength = method('ArrayBuffer.prototype', 'byteLength');
  const bufferMost = method('ArrayBuffer.prototype', 'maxByteLength');
  const bufferResizable = method('ArrayBuffer.prototype', 'resizable');
  const bufferDetached = method('ArrayBuffer.prototype', 'detached');
  const bufferTransfer = method('ArrayBuffer.prototype', 'transfer');
  const typed = {
    __proto__: null, buffer: method('TypedArray.prototype', 'buffer'),
    offset: method('TypedArray.prototype', 'byteOffset'), length: method('TypedArray.prototype', 'length'),
  };
  const view = {
    __proto__: null, buffer: method('DataView.prototype', 'buffer'),
    offset: method('DataView.prototype', 'byteOffset'), length: method('DataView.prototype', 'byteLength'),
  };
  const typedKeys = method('TypedArray.prototype', 'keys');
  const bufferResize = method('ArrayBuffer.prototype', 'resize');
  const setBytes = method('TypedArray.prototype', 'set');
  const domName = method('DOMException.prototype', 'name');
  const domMessage = method('DOMException.prototype', 'message');

  const errors = {
    __proto__: null, Error: first.Error, EvalError: first.EvalError, RangeError: first.RangeError,
    ReferenceError: first.ReferenceError, SyntaxError: first.SyntaxError, TypeError: first.TypeError,
    URIError: first.URIError,
  };
  const arrays = {
    __proto__: null, Int8Array: 1, Uint8Array: 1, Uint8ClampedArray: 1, Int16Array: 1, Uint16Array: 1,
    Int32Array: 1, Uint32Array: 1, Float16Array: 1, Float32Array: 1, Float64Array: 1, BigInt64Array: 1,
    BigUint64Array: 1,
  };

  const fail = (message) => { throw new DOMException(message, 'DataCloneError'); };
  const refuse = (what) => fail(what + ' could not be cloned.');
  // The object that has what another one inherits, and its value, without running any of the guest's code.
  const holderOf = (object, key) => {
    let at = object;
    while (at !== null && kind(at) !== 'Proxy' && getOwnPropertyDescriptor(at, key) === undefined) {
      at = std.getPrototypeOf(at);
    }
    return at === null || kind(at) === 'Proxy' ? undefined : at;
  };
  const dataOf = (object, key) => {
    const holder = holderOf(object, key);
    return holder === undefined ? undefined : setNull(getOwnPropertyDescriptor(holder, key)).value;
  };
  const sourceText = method('Function.prototype', 'toString');
  const symbolText = method('Symbol.prototype', 'toString');
  const plain = std.builtin('Object');
  // A value as V8 names it in errors: by its constructor where Object.prototype.toString would say what it
  // is, else by its tag.
  const describe = (value) => {
    if (typeof value === 'symbol') return symbolText(value);
    if (typeof value === 'function') return sourceText(value);
    if (kind(value) === 'Proxy') return '#<Object>';
    if (holderOf(value, 'toString') === plain) {
      const constructor = dataOf(value, 'constructor');
      const name = typeof constructor === 'function' ? dataOf(constructor, 'name') : undefined;
      if (typeof name === 'string' && name !== '') return '#<' + name + '>';
    }
    const tag = dataOf(value, first.toStringTag);
    return '[object ' + (typeof tag === 'string' ? tag : 'Object') + ']';
  };
  const put = (object, key, value) => defineProperty(object, key, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });

  const copyBuffer = (buffer) => {
    if (bufferDetached(buffer)) refuse('An ArrayBuffer is detached and');
    const length = bufferLength(buffer);
    const made = bufferResizable(buffer)
      ? new ArrayBuffer(length, { __proto__: null, maxByteLength: bufferMost(buffer) })
      : new ArrayBuffer(length);
    if (length > 0) setBytes(new first.Uint8Array(made), new first.Uint8Array(buffer));
    return made;
  };

  // The getters of a view beyond its buffer answer 0, as those of one that is empty; its methods throw.
  const isOutOfBounds = (value, type) => {
    try {
      if (type === 'DataView') view.length(value);
      else typedKeys(value);
      return false;
    } catch {
      return true;
    }
  };
  // Whether a view's length follows its buffer's, which no property tells: shown by another length of the
  // buffer, which nobody sees. Where it cannot grow, its last bytes are put back.
  const tracksLength = (value, type, of, buffer) => {
    const size = bufferLength(buffer);
    const before = of.length(value);
    if (bufferMost(buffer) - size >= 8) {
      bufferResize(buffer, size + 8);
      const changed = of.length(value) !== before;
      bufferResize(buffer, size);
      return changed;
    }
    const room = size - of.offset(value);
    const shorter = size - (room < 8 ? room : 8);
    const kept = new first.Uint8Array(size - shorter);
    setBytes(kept, new first.Uint8Array(buffer, shorter));
    bufferResize(buffer, shorter);
    const changed = !isOutOfBounds(value, type) && of.length(value) !== before;
    bufferResize(buffer, size);
    setBytes(new first.Uint8Array(buffer, shorter), kept);
    return changed;
  };

  // A copy of a view onto the copy of its buffer.
  const copyView = (value, type, memory, clone) => {
    const of = type === 'DataView' ? view : typed;
    let offset, length, buffer;
    try {
      buffer = of.buffer(value);
      offset = of.offset(value);
      length = of.length(value);
    } catch {
      refuse('A view of a detached ArrayBuffer');
    }
    if (bufferDetached(buffer)) refuse('A view of a detached ArrayBuffer');
    if (isOutOfBounds(value, type)) refuse('A view beyond its buffer');
    const tracks = bufferResizable(buffer) && tracksLength(value, type, of, buffer);
    const copy = clone(buffer);
    const constructor = type === 'DataView' ? DataView : first[type];
    const made = tracks ? new constructor(copy, offset) : new constructor(copy, offset, length);
    mapSet(memory, value, made);
    return made;
  };

  const copyError = (value, memory, todo) => {
    const { name } = value;
    const chosen = name === undefined ? 'Error' : std.toText(name);
    const constructor = errors[chosen] ?? errors.Error;
    const own = getOwnPropertyDescriptor(value, 'message');
    const hasMessage = own !== undefined && 'value' in setNull(own);
    const message = hasMessage ? std.toText(own.value) : undefined;
    const made = hasMessage ? new constructor(message) : new constructor();
    mapSet(memory, value, made);
    copyStack(value, made);
    const cause = getOwnPropertyDescriptor(value, 'cause');
    if (cause !== undefined && 'value' in setNull(cause)) {
      push(todo, () => define(made, 'cause', todo.clone(cause.value)));
    }
    return made;
  };
  // An error's stack is its own property, or the engine's, which it reads by a getter.
  const copyStack = (from, to) => {
    const own = getOwnPropertyDescriptor(from, 'stack');
    const stack = own === undefined ? engineStack(from) : setNull(own).value;
    if (typeof stack === 'string') define(to, 'stack', stack);
  };
  const engineStack = method('Error.prototype', 'stack');
  const setNull = (descriptor) => {
    setPrototypeOf(descriptor, null);
    return descriptor;
  };

  // What is deep is walked through a list, not the stack: `todo` holds what is left to fill.
  const cloneInto = (memory, todo, value) => {
    if (!isObject(value)) {
      if (typeof value === 'symbol') refuse(describe(value));
      return value;
    }
    if (mapHas(memory, value)) return mapGet(memory, value);
    if (typeof value === 'function') refuse(describe(value));
    const type = kind(value);
    let made;
    switch (type) {
      case 'Boolean': case 'Number': case 'String': case 'BigInt':
        made = first.Object(primitives[type](value));
        break;
      case 'Date':
        made = new Date(timeOf(value));
        break;
      case 'RegExp':
        made = new RegExp(sourceOf(value), flagsOf(value));
        break;
      case 'ArrayBuffer':
        made = copyBuffer(value);
        break;
      case 'DataView':
        return copyView(value, type, memory, todo.clone);
      case 'Error':
        return copyError(value, memory, todo);
      case 'DOMException': {
        made = new DOMException(domMessage(value), domName(value));
        copyStack(value, made);
        break;
      }
      case 'Map': {
        made = new Map();
        mapSet(memory, value, made);
        const entries = list();
        mapForEach(value, (item, key) => { push(entries, key, item); });
        push(todo, () => {
          for (let i = 0; i < entries.length; i += 2) {
            const key = todo.clone(entries[i]);
            mapSet(made, key, todo.clone(entries[i + 1]));
          }
        });
        return made;
      }
      case 'Set': {
        made = new Set();
        mapSet(memory, value, made);
        const items = list();
        setForEach(value, (item) => { push(items, item); });
        push(todo, () => {
          for (let i = 0; i < items.length; i++) setAdd(made, todo.clone(items[i]));
        });
        return made;
      }
      case 'Array':
        made = [];
        made.length = value.length;
        break;
      case 'Object':
        made = cloneable(value);
        if (made === undefined) refuseInterfaces(value);
        if (made !== undefined) {
          mapSet(memory, value, made);
          return made;
        }
        made = {};
        break;
      default:
        if (arrays[type] === 1) return copyView(value, type, memory, todo.clone);
        refuse(describe(value));
    }
    mapSet(memory, value, made);
    if (type === 'Array' || type === 'Object') push(todo, () => copyOwn(value, made, todo));
    return made;
  };

  const copyOwn = (from, to, todo) => {
    const keys = ownKeys(from);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key !== 'string') continue;
      const descriptor = getOwnPropertyDescriptor(from, key);
      if (descriptor === undefined || !setNull(descriptor).enumerable) continue;
      put(to, key, todo.clone(from[key]));
    }
  };

  const unsupported = 'Cannot clone object of unsupported type.';
  const needsTransfer = 'Object that needs transfer was found in message but not listed in transferList';
  // What Node says of interfaces by another sentence.
  const reasons = {
    __proto__: null, URL: unsupported, URLSearchParams: unsupported, Headers: unsupported, Request: unsupported,
    Response: unsupported, FormData: unsupported, URLPattern: unsupported, ReadableStream: needsTransfer,
    WritableStream: needsTransfer, TransformStream: needsTransfer,
  };
  const refuseInterfaces = (value) => {
    if (std.getPrototypeOf(value) === plain) return;
    for (let i = 0; i < std.uncloneable.length; i++) {
      if (!(0, std.uncloneable[i])(value)) continue;
      const tag = dataOf(value, first.toStringTag);
      const reason = typeof tag === 'string' ? reasons[tag] : undefined;
      if (reason !== undefined) fail(reason);
      refuse(describe(value));
    }
  };

  // Interfaces of the platform's own say here how they are cloned.
  const known = list();
  const cloneable = (value) => {
    for (let i = 0; i < known.length; i++) {
      const made = known[i](value);
      if (made !== undefined) return made;
    }
    return undefined;
  };

  const functions = {
    structuredClone(value, options = undefined) {
      need(arguments.length, 1, 'structuredClone');
      options = dictionary(options, 'structuredClone');
      const { transfer } = options;
      const memory = new Map();
      const given = list();
      if (transfer !== undefined) {
        const getIterator = isObject(transfer) ? transfer[iterator] : undefined;
        if (typeof getIterator !== 'function') throw new TypeError('structuredClone: transfer is not iterable');
        std.iterate(transfer, getIterator, (item) => {
          if (!isObject(item)) throw new TypeError('structuredClone: an item of transfer is not an object');
          push(given, item);
        });
        const seen = new Map();
        for (let i = 0; i < given.length; i++) {
          if (kind(given[i]) !== 'ArrayBuffer') {
            throw new DOMException('A value of transfer cannot be transferred.', 'DataCloneError');
          }
          if (mapHas(seen, given[i])) {
            throw new DOMException('An ArrayBuffer is transferred twice.', 'DataCloneError');
          }
          mapSet(seen, given[i], true);
        }
      }
      // A transferred buffer stands for itself until all else went well, which may still throw.
      for (let i = 0; i < given.length; i++) {
        if (bufferDetached(given[i])) {
          throw new DOMException('A detached ArrayBuffer cannot be transferred.', 'DataCloneError');
        }
        mapSet(memory, given[i], copyBuffer(given[i]));
      }
      const todo = list();
      todo.clone = (item) => cloneInto(memory, todo, item);
      const made = todo.clone(value);
      for (let at = 0; at < todo.length; at++) {
        todo[at]();
        todo[at] = undefined;
      }
      for (let i = 0; i < given.length; i++) {
        if (bufferDetached(given[i])) {
          throw new DOMException('A detached ArrayBuffer cannot be transferred.', 'DataCloneError');
        }
        bufferTransfer(given[i]);
      }
      return made;
    },
  };

  return {
    __proto__: null, structuredClone: functions.structuredClone, addKind(clone) { push(known, clone); },
  };
})
