'use strict';
// Conversions of arguments as Web IDL defines them, and the errors of the classes of fetch. Must stay free of
// the classes themselves.

const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
const { customInspectSymbol } = require('internal/util');

function illegalInvocation() {
  const error = new ERR_INVALID_THIS('');
  error.message = 'Illegal invocation';
  return error;
}

function requireArguments(count, needed, prefix) {
  if (count >= needed) return;
  throw new TypeError(`${prefix}: ${needed} argument${needed === 1 ? '' : 's'} required, ` +
    `but${count > 0 ? ' only' : ''} ${count} found.`);
}

function domString(value, prefix, name) {
  if (typeof value === 'symbol') {
    throw new TypeError(`${prefix}: ${name} is a symbol, which cannot be converted to a DOMString.`);
  }
  return String(value);
}

const usvString = (value, prefix, name) => domString(value, prefix, name).toWellFormed();

function byteString(value, prefix, name) {
  if (typeof value === 'symbol') {
    throw new TypeError(`${prefix}: ${name} is a symbol, which cannot be converted to a ByteString.`);
  }
  const text = String(value);
  const at = text.search(/[^\0-\xff]/);
  if (at >= 0) {
    throw new TypeError('Cannot convert argument to a ByteString because the character at index ' +
      `${at} has a value of ${text.charCodeAt(at)} which is greater than 255.`);
  }
  return text;
}

// One of the values of an enumeration.
function enumValue(value, values, prefix, name) {
  const text = domString(value, prefix, name);
  if (!values.includes(text)) {
    throw new TypeError(`${prefix}: ${text} is not an accepted type. Expected one of ${values.join(', ')}.`);
  }
  return text;
}

function dictionary(value, prefix, name) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') {
    const { inspect } = require('internal/util/inspect');
    throw new TypeError(`${prefix}: Expected ${name} ("${inspect(value)}") to be one of: Null, Undefined, Object.`);
  }
  return value;
}

function notInstance(value, prefix, name, type) {
  const { inspect } = require('internal/util/inspect');
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 });
  return new TypeError(`${prefix}: Expected ${name} ("${shown}") to be an instance of ${type}.`);
}

function parseUrl(input) {
  try {
    return new URL(input);
  } catch (cause) {
    throw new TypeError(`Failed to parse URL from ${input}`, { cause });
  }
}

const ArrayIterator = Object.getPrototypeOf([][Symbol.iterator]());
const IteratorPrototype = Object.getPrototypeOf(ArrayIterator);

// Gives a class its iteration over pairs: `pairs(object)` are those that there are now.
function defineIteration(Class, tag, pairs) {
  const source = Symbol('source');
  const prototype = Object.create(IteratorPrototype, {
    next: {
      value: function next() {
        const state = this?.[source];
        if (state === undefined) throw illegalInvocation();
        const list = pairs(state.object);
        if (state.at >= list.length) return { value: undefined, done: true };
        const pair = list[state.at++];
        return { value: state.kind === 2 ? [pair[0], pair[1]] : pair[state.kind], done: false };
      },
      writable: true,
      enumerable: true,
      configurable: true,
    },
    [Symbol.toStringTag]: { value: `${tag} Iterator`, configurable: true },
  });
  const make = (object, kind) => {
    pairs(object);
    return Object.create(prototype, { [source]: { value: { object, kind, at: 0 } } });
  };
  const methods = {
    keys() { return make(this, 0); },
    values() { return make(this, 1); },
    entries() { return make(this, 2); },
    forEach(callback, thisArg = undefined) {
      pairs(this);
      requireArguments(arguments.length, 1, `${tag}.forEach`);
      if (typeof callback !== 'function') {
        throw new TypeError(`Failed to execute 'forEach' on '${tag}': parameter 1 is not of type 'Function'.`);
      }
      for (const [name, value] of this) Reflect.apply(callback, thisArg, [value, name, this]);
    },
  };
  for (const name of Object.keys(methods)) {
    Object.defineProperty(Class.prototype, name, { value: methods[name], writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(Class.prototype, Symbol.iterator, {
    value: methods.entries, writable: true, enumerable: false, configurable: true,
  });
}

// Shows objects of a class as `Name { ... }`.
function defineInspect(Class, name, show) {
  Object.defineProperty(Class.prototype, customInspectSymbol, {
    value: {
      inspect(depth, options) {
        const { inspect } = require('internal/util/inspect');
        return `${name} ${inspect(show(this), { ...options, depth: options.depth ?? 2 })}`;
      },
    }.inspect,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

module.exports = {
  byteString,
  defineInspect,
  defineIteration,
  dictionary,
  domString,
  enumValue,
  illegalInvocation,
  notInstance,
  parseUrl,
  requireArguments,
  usvString,
};
