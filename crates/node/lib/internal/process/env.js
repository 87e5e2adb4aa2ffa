'use strict';
// `process.env`: the environment at the start, whose values are always strings.

const binding = internalBinding('process');

function text(value) {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return `${value}`;
}

const handler = {
  set(target, key, value) {
    target[text(key)] = text(value);
    return true;
  },
  defineProperty(target, key, descriptor) {
    const { codes: { ERR_INVALID_OBJECT_DEFINE_PROPERTY } } = require('internal/errors');
    if ('value' in descriptor) {
      if (descriptor.configurable && descriptor.writable && descriptor.enumerable) {
        target[text(key)] = text(descriptor.value);
        return true;
      }
      throw new ERR_INVALID_OBJECT_DEFINE_PROPERTY('\'process.env\' only accepts a configurable, ' +
        'writable, and enumerable data descriptor');
    }
    if ('get' in descriptor || 'set' in descriptor) {
      throw new ERR_INVALID_OBJECT_DEFINE_PROPERTY('\'process.env\' does not accept an accessor' +
        '(getter/setter) descriptor');
    }
    throw new ERR_INVALID_OBJECT_DEFINE_PROPERTY('\'process.env\' only accepts a configurable, ' +
      'writable, and enumerable data descriptor');
  },
};

function makeEnv() {
  const target = {};
  for (const [key, value] of binding.env()) target[key] = value;
  return new Proxy(target, handler);
}

module.exports = { makeEnv };
