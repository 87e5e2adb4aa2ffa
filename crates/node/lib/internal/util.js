'use strict';
// Small helpers that the builtin modules share, and the parts of `util` that they need themselves. Must stay
// light: nearly everything loads it.

const { codes, isStackOverflowError, lazyDOMException } = require('internal/errors');
const { isNativeError } = require('internal/util/types');

const customInspectSymbol = Symbol.for('nodejs.util.inspect.custom');
const kCustomPromisify = Symbol.for('nodejs.util.promisify.custom');
const kCustomPromisifyArgs = Symbol('customPromisifyArgs');

const kEmptyObject = Object.freeze({ __proto__: null });
const kEnumerableProperty = Object.freeze({ __proto__: null, enumerable: true });

function isError(value) {
  return isNativeError(value) || value instanceof Error;
}

// Encodings go by several names: undefined for what is none, 'utf8' for what is absent.
const encodings = new Map([
  ['utf8', 'utf8'], ['utf-8', 'utf8'], ['ucs2', 'utf16le'], ['ucs-2', 'utf16le'], ['utf16le', 'utf16le'],
  ['utf-16le', 'utf16le'], ['latin1', 'latin1'], ['binary', 'latin1'], ['base64', 'base64'],
  ['base64url', 'base64url'], ['hex', 'hex'], ['ascii', 'ascii'],
]);

function normalizeEncoding(encoding) {
  if (encoding === undefined || encoding === null || encoding === '' || encoding === 'utf8') return 'utf8';
  return encodings.get(`${encoding}`) ?? encodings.get(`${encoding}`.toLowerCase());
}

function once(callback, { preserveReturnValue = false } = kEmptyObject) {
  let called = false;
  let returned;
  return function (...args) {
    if (called) return returned;
    called = true;
    const result = Reflect.apply(callback, this, args);
    if (preserveReturnValue) returned = result;
    return result;
  };
}

// Removes one element and moves the rest down; cheaper than splice() for short lists.
function spliceOne(list, index) {
  for (; index + 1 < list.length; index++) list[index] = list[index + 1];
  list.pop();
}

function createDeferredPromise() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function getLazy(initializer) {
  let value;
  let done = false;
  return () => {
    if (!done) {
      value = initializer();
      done = true;
    }
    return value;
  };
}

// Properties of `target` that load their module when first read.
function defineLazyProperties(target, id, keys, enumerable = true) {
  for (const key of keys) {
    const define = (value) => Object.defineProperty(target, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
    Object.defineProperty(target, key, {
      __proto__: null,
      enumerable,
      configurable: true,
      get() {
        const value = require(id)[key];
        define(value);
        return value;
      },
      set: define,
    });
  }
}

function assignFunctionName(name, fn, descriptor = kEmptyObject) {
  const text = typeof name === 'symbol' ? (name.description === undefined ? '' : `[${name.description}]`) : name;
  return Object.defineProperty(fn, 'name', { __proto__: null, writable: false, enumerable: false, configurable: true, ...descriptor, value: text });
}

function setOwnProperty(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function filterDuplicateStrings(items, low) {
  const seen = new Map();
  for (const item of items) {
    const key = item.toLowerCase();
    if (!seen.has(key) || low) seen.set(key, low ? key : item);
  }
  return [...seen.values()].sort();
}

// Codes of deprecations that have been warned of: each is told once.
const warnedCodes = new Set();

function deprecate(fn, message, code, options = kEmptyObject) {
  const { validateString } = require('internal/validators');
  if (code !== undefined) validateString(code, 'code');
  if (process.noDeprecation === true) return fn;
  let warned = false;
  function warn(above) {
    if (warned) return;
    warned = true;
    if (code === undefined) {
      process.emitWarning(message, 'DeprecationWarning', above);
    } else if (!warnedCodes.has(code)) {
      warnedCodes.add(code);
      process.emitWarning(message, 'DeprecationWarning', code, above);
    }
  }
  function deprecated(...args) {
    warn(deprecated);
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
  }
  if (options.modifyPrototype === false) {
    assignFunctionName(fn.name, deprecated);
    Object.defineProperty(deprecated, 'length', { ...Object.getOwnPropertyDescriptor(fn, 'length') });
  } else {
    Object.setPrototypeOf(deprecated, fn);
    // Keeps `instanceof` and static members working for classes.
    if (fn.prototype) deprecated.prototype = fn.prototype;
    Object.defineProperty(deprecated, 'length', { __proto__: null, ...Object.getOwnPropertyDescriptor(fn, 'length') });
  }
  return deprecated;
}

const experimental = new Set();

function emitExperimentalWarning(feature, messagePrefix) {
  if (experimental.has(feature)) return;
  experimental.add(feature);
  const message = `${messagePrefix ?? ''}${feature} is an experimental feature and might change at any time`;
  process.emitWarning(message, 'ExperimentalWarning');
}

function promisify(original) {
  const { validateFunction } = require('internal/validators');
  validateFunction(original, 'original');
  const custom = original[kCustomPromisify];
  if (custom) {
    validateFunction(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, kCustomPromisify, { __proto__: null, value: custom, enumerable: false, writable: false, configurable: true });
  }
  // Functions whose callbacks get several values name them: the promise is for an object of those names.
  const names = original[kCustomPromisifyArgs];
  function fn(...args) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error, ...values) => {
        if (error) {
          reject(error);
        } else if (names !== undefined && values.length > 1) {
          const result = {};
          for (let i = 0; i < names.length; i++) result[names[i]] = values[i];
          resolve(result);
        } else {
          resolve(values[0]);
        }
      }]);
    });
  }
  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, kCustomPromisify, { __proto__: null, value: fn, enumerable: false, writable: false, configurable: true });
  const descriptors = Object.getOwnPropertyDescriptors(original);
  for (const descriptor of Object.values(descriptors)) Object.setPrototypeOf(descriptor, null);
  try {
    return Object.defineProperties(fn, descriptors);
  } catch {
    // A property that cannot be defined anew (a class's prototype) stays as it is.
    return fn;
  }
}
promisify.custom = kCustomPromisify;

function getSystemErrorName(number) {
  return require('internal/uv_errors').errorName(number);
}

function getSystemErrorMap() {
  return new Map(require('internal/uv_errors').errorMap());
}

function getSystemErrorMessage(number) {
  return require('internal/uv_errors').errorMessage(number);
}

let signalNames;

function convertToValidSignal(signal) {
  const { signals } = require('os').constants;
  if (typeof signal === 'number') {
    signalNames ??= new Set(Object.values(signals));
    if (signalNames.has(signal)) return signal;
  }
  if (typeof signal === 'string') {
    const number = signals[signal.toUpperCase()];
    if (number) return number;
  }
  throw new codes.ERR_UNKNOWN_SIGNAL(signal);
}

function getConstructorOf(object) {
  while (object) {
    const descriptor = Object.getOwnPropertyDescriptor(object, 'constructor');
    if (descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '') {
      return descriptor.value;
    }
    object = Object.getPrototypeOf(object);
  }
  return undefined;
}

function removeColors(text) {
  return require('internal/util/inspect').stripVTControlCharacters(text);
}

module.exports = {
  SymbolAsyncDispose: Symbol.asyncDispose ?? Symbol('Symbol.asyncDispose'),
  SymbolDispose: Symbol.dispose ?? Symbol('Symbol.dispose'),
  assignFunctionName,
  convertToValidSignal,
  createDeferredPromise,
  customInspectSymbol,
  customPromisifyArgs: kCustomPromisifyArgs,
  defineLazyProperties,
  deprecate,
  emitExperimentalWarning,
  filterDuplicateStrings,
  getConstructorOf,
  getLazy,
  getSystemErrorMap,
  getSystemErrorMessage,
  getSystemErrorName,
  isError,
  isStackOverflowError,
  kEmptyObject,
  kEnumerableProperty,
  lazyDOMException,
  normalizeEncoding,
  once,
  promisify,
  removeColors,
  setOwnProperty,
  spliceOne,
};
