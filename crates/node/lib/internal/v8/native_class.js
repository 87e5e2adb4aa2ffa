'use strict';
// Gives a class the outside that Node's classes of C++ have: how it is called, and who its methods can be
// called on. Knows nothing of what it is for.

function calledWithoutNew(name) {
  const error = new TypeError(`Class constructor ${name} cannot be invoked without 'new'`);
  error.code = 'ERR_CONSTRUCT_CALL_REQUIRED';
  return error;
}

// `isOne(object)` says whether an object was made by `Class`.
function asNativeClass(Class, isOne) {
  const { length, name, prototype } = Class;
  const outside = {
    [name]: function(...args) {
      if (new.target === undefined) throw calledWithoutNew(name);
      return Reflect.construct(Class, args, new.target);
    },
  }[name];
  Object.defineProperty(outside, 'length', { __proto__: null, value: length, configurable: true });
  Object.defineProperty(outside, 'prototype', { __proto__: null, value: prototype, writable: false });
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[key];
    const value = key === 'constructor' ? outside : {
      [key](...args) {
        if (!isOne(this)) throw new TypeError('Illegal invocation');
        return Reflect.apply(method, this, args);
      },
    }[key];
    const enumerable = key !== 'constructor';
    Object.defineProperty(prototype, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
  }
  return outside;
}

module.exports = { asNativeClass };
