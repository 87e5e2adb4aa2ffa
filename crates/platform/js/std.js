// What all modules are given: the language as it was before any guest, and Web IDL's conversions.
//
// A guest may have changed any built-in before this runs. So nothing here, nor in any other module,
// looks up a property of a prototype, iterates by `for ... of`, spreads, destructures arrays, or has a
// template with values in it, which the engine makes by String.prototype.concat; arrays of our own
// (`list()`) have no prototype, and descriptors neither.
(function (builtin, method, first) {
  'use strict';
  const { TypeError, toStringTag } = first;
  const apply = builtin('Reflect', 'apply');
  const construct = builtin('Reflect', 'construct');
  const ownKeys = builtin('Reflect', 'ownKeys');
  const defineProperty = builtin('Reflect', 'defineProperty');
  const getPrototypeOf = builtin('Reflect', 'getPrototypeOf');
  const setPrototypeOf = builtin('Reflect', 'setPrototypeOf');
  const getOwnPropertyDescriptor = builtin('Reflect', 'getOwnPropertyDescriptor');
  const freeze = builtin('Object', 'freeze');
  const push = method('Array.prototype', 'push');
  const toWellFormed = method('String.prototype', 'toWellFormed');
  const mathFloor = builtin('Math', 'floor');
  const mathTrunc = builtin('Math', 'trunc');

  // An array whose holes and new items nobody can hook.
  const list = () => {
    const made = [];
    setPrototypeOf(made, null);
    return made;
  };
  // A plain array for a guest.
  const toArray = (from) => {
    const made = [];
    for (let i = 0; i < from.length; i++) {
      defineProperty(made, i, {
        __proto__: null, value: from[i], writable: true, enumerable: true, configurable: true,
      });
    }
    return made;
  };
  const define = (object, key, value, enumerable = false) => defineProperty(object, key, {
    __proto__: null, value, writable: true, enumerable, configurable: true,
  });
  const constant = (object, key, value) => defineProperty(object, key, {
    __proto__: null, value, writable: false, enumerable: true, configurable: false,
  });

  const enumerate = (object, hidden) => {
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key !== 'string' || key === 'constructor') continue;
      if (hidden && (key === 'length' || key === 'name' || key === 'prototype')) continue;
      const descriptor = getOwnPropertyDescriptor(object, key);
      setPrototypeOf(descriptor, null);
      descriptor.enumerable = true;
      defineProperty(object, key, descriptor);
    }
  };
  const tag = (prototype, name) => defineProperty(prototype, toStringTag, {
    __proto__: null, value: name, writable: false, enumerable: false, configurable: true,
  });
  // Makes a class one of Web IDL's interfaces.
  const expose = (constructor, name) => {
    enumerate(constructor, true);
    enumerate(constructor.prototype, false);
    tag(constructor.prototype, name);
    return constructor;
  };
  // The prototype of an interface's iterators, from a class with `next`.
  const exposeIterator = (constructor, name) => {
    const { prototype } = constructor;
    delete prototype.constructor;
    setPrototypeOf(prototype, builtin('Iterator'));
    enumerate(prototype, false);
    tag(prototype, name + ' Iterator');
    return constructor;
  };

  // Errors that a host may know by a code, as Node does; `invalidState` is one of what something is in no
  // state for.
  const invalidState = first.invalidState ?? ((message) => new TypeError(message));
  const coded = first.coded ?? ((code, error) => error);
  const badType = (message) => coded('ERR_INVALID_ARG_TYPE', new TypeError(message));
  const badValue = (error) => coded('ERR_INVALID_ARG_VALUE', error);

  const need = (given, wanted, what) => {
    if (given < wanted) {
      throw coded('ERR_MISSING_ARGS', new TypeError(
        what + ': ' + wanted + (wanted === 1 ? ' argument' : ' arguments') + ' required, but only ' + given +
        ' present'));
    }
  };
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const concat = method('String.prototype', 'concat');
  const toText = (value) => (typeof value === 'string' ? value : concat('', value));
  const toScalars = (value) => toWellFormed(toText(value));
  const toUint = (value, bits) => {
    const number = mathTrunc(+value);
    if (number !== number || number === Infinity || number === -Infinity) return 0;
    const range = 2 ** bits;
    const rest = number % range;
    return (rest < 0 ? rest + range : rest) + 0;
  };
  const enforceRange = (value, low, high, what) => {
    const number = +value;
    if (number !== number || number === Infinity || number === -Infinity) {
      throw new TypeError(what + ': not a finite number');
    }
    const whole = mathTrunc(number);
    if (whole < low || whole > high) throw new TypeError(what + ': out of range');
    return whole + 0;
  };
  // A dictionary: undefined and null are an empty one.
  const dictionary = (value, what) => {
    if (value === undefined || value === null) return { __proto__: null };
    if (!isObject(value)) throw badType(what + ': not an object');
    return value;
  };

  // Calls `each` with every item of what a guest's own iterator answers.
  const iterate = (iterable, getIterator, each) => {
    const iterator = apply(getIterator, iterable, []);
    if (!isObject(iterator)) throw new TypeError('the iterator is not an object');
    const { next } = iterator;
    for (;;) {
      const result = apply(next, iterator, []);
      if (!isObject(result)) throw new TypeError('the iterator answered no object');
      if (result.done) return;
      each(result.value);
    }
  };

  // The bytes of a buffer or of a view of one, as a Uint8Array; undefined for anything else.
  const { Uint8Array } = first;
  const isView = Uint8Array && builtin('ArrayBuffer', 'isView');
  const typedTag = Uint8Array && method('TypedArray.prototype', '[Symbol.toStringTag]');
  const getters = (table) => Uint8Array && {
    __proto__: null, buffer: method(table, 'buffer'), offset: method(table, 'byteOffset'),
    length: method(table, 'byteLength'),
  };
  const typed = getters('TypedArray.prototype');
  const dataView = getters('DataView.prototype');
  const bufferLength = Uint8Array && method('ArrayBuffer.prototype', 'byteLength');
  const bytesOf = (value) => {
    if (!isObject(value)) return undefined;
    try {
      if (isView(value)) {
        const of = typedTag(value) === undefined ? dataView : typed;
        return new Uint8Array(of.buffer(value), of.offset(value), of.length(value));
      }
    } catch {
      // A view whose buffer is gone, or too short by now.
      return new Uint8Array(0);
    }
    try {
      bufferLength(value);
    } catch {
      return undefined;
    }
    try {
      return new Uint8Array(value);
    } catch {
      return new Uint8Array(0);
    }
  };

  // Random bytes as a UUID of version 4.
  const HEX = '0123456789abcdef';
  const uuid = (bytes) => {
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    let text = '';
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
      text += HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
    }
    return text;
  };

  // The name of a view's kind; undefined for what is no view.
  const viewTag = (value) => {
    if (!isObject(value) || !isView(value)) return undefined;
    const name = typedTag(value);
    return name === undefined ? 'DataView' : name;
  };
  // Tells objects of interfaces that have no clones from others: each such interface adds what knows its
  // own.
  const uncloneable = list();
  const reject = builtin('Promise', 'reject');
  const rejected = (error) => apply(reject, first.Promise, [error]);

  // Makes an interface iterable over pairs: `pairsOf` answers names and values in turn, and throws for what
  // is none of its objects.
  const exposePairs = (constructor, name, pairsOf) => {
    class Iterator {
      #of;
      #kind;
      #at = 0;

      constructor(of, kind) {
        pairsOf(of);
        this.#of = of;
        this.#kind = kind;
      }

      next() {
        const pairs = pairsOf(this.#of);
        if (this.#at >= pairs.length) return { value: undefined, done: true };
        const key = pairs[this.#at];
        const value = pairs[this.#at + 1];
        this.#at += 2;
        const kind = this.#kind;
        return { value: kind === 'keys' ? key : kind === 'values' ? value : [key, value], done: false };
      }
    }
    exposeIterator(Iterator, name);
    const { prototype } = constructor;
    const functions = {
      entries() { return new Iterator(this, 'entries'); },
      keys() { return new Iterator(this, 'keys'); },
      values() { return new Iterator(this, 'values'); },
      forEach(callback, thisArg = undefined) {
        let pairs = pairsOf(this);
        need(arguments.length, 1, name + '.forEach');
        if (typeof callback !== 'function') throw new TypeError(name + '.forEach: not a function');
        for (let i = 0; i < pairs.length; i += 2) {
          apply(callback, thisArg, [pairs[i + 1], pairs[i], this]);
          pairs = pairsOf(this);
        }
      },
    };
    define(prototype, 'entries', functions.entries);
    define(prototype, 'keys', functions.keys);
    define(prototype, 'values', functions.values);
    define(prototype, 'forEach', functions.forEach);
    define(prototype, first.iterator, functions.entries);
  };

  return {
    __proto__: null, invalidState, coded, badType, badValue, exposePairs, uncloneable, uuid, viewTag, rejected, bytesOf, builtin, method, first, apply, construct, ownKeys, defineProperty, getPrototypeOf,
    setPrototypeOf, getOwnPropertyDescriptor, freeze, push, list, toArray, define, constant, expose,
    exposeIterator, tag, enumerate, need, isObject, toText, toScalars, toWellFormed, toUint,
    enforceRange, dictionary, iterate, mathFloor, mathTrunc,
  };
})
