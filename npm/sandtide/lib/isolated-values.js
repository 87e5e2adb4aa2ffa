'use strict';
// What crosses between a program and a context of `sandtide/adapters/isolated-vm`, as either has it. Must not
// know contexts, nor how they are asked.

const codec = require('./codec.js');
const { SandtideError } = require('./errors.js');
const { say } = require('./messages.js');
const options = require('./options.js');

const BUILT_IN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const TRANSFER = ['promise', 'copy', 'externalCopy', 'reference'];

function unsupported(what, instead) {
  return new SandtideError('ERR_NOT_SUPPORTED', `sandtide/adapters/isolated-vm has no ${what}: ${instead}`);
}

const primitive = (value) => value === null || !['object', 'function', 'symbol'].includes(typeof value);

function flags(given, what = 'a transfer') {
  const asked = options.object(given, what, TRANSFER);
  return Object.fromEntries(TRANSFER.map((name) => [name, !!asked[name]]));
}

/** What an error in the sandbox is here. */
function errorOf({ name, message, stack }, filename = '<isolated-vm>') {
  const Kind = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : Error;
  const error = new Kind(message);
  if (name !== error.name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  const frames = `${stack}`.split('\n').filter((line) => line.trim() && !/\bsandtide-context\b|\(native\)/.test(line));
  const named = frames.map((line) => line.replace(/<input>|<eval>/g, filename));
  error.stack = [`${name}: ${message}`, ...named, '    at (<isolated-vm boundary>)'].join('\n');
  return error;
}

/** A copy as it crosses; where it cannot it throws, as a command that does not come would end its context. */
function crossing(value) {
  const probe = new codec.Writer();
  say.replyValue(probe, 0, value, 'value');
  return value;
}

class Dereference {
  constructor(reference) {
    this.reference = reference;
  }
}

class Copy {
  constructor(value) {
    this.value = value;
  }
}

class ExternalCopy {
  #value;
  constructor(value) {
    this.#value = structuredClone(value);
  }
  copy() {
    return structuredClone(this.#value);
  }
  copyInto() {
    return new Copy(this.#value);
  }
  release() {
    this.#value = undefined;
  }
}

class Callback {
  constructor(call, given) {
    const { async, ignored } = options.object(given, 'Callback', ['sync', 'async', 'ignored']);
    if (typeof call !== 'function') throw new TypeError('Callback takes a function');
    this.call = (...args) => call(...args);
    this.mode = async ? 'async' : ignored ? 'ignored' : 'sync';
  }
}

module.exports = { Callback, Copy, Dereference, ExternalCopy, TRANSFER, crossing, errorOf, flags, primitive, unsupported };
