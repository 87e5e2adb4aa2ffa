'use strict';
// The arguments of `spawn` and its kin: checks, and what the shell and the environment make of them.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { isInt32, validateBoolean, validateObject, validateString } = require('internal/validators');
const { convertToValidSignal } = require('internal/util');

function checkNul(text, name) {
  if (typeof text === 'string' && text.includes('\u0000')) {
    throw new ERR_INVALID_ARG_VALUE(name, text, 'must be a string without null bytes');
  }
}

function checkNuls(args, name) {
  for (let i = 0; i < args.length; i++) checkNul(args[i], `${name}[${i}]`);
}

function present(value) {
  return value !== undefined && value !== null;
}

// file, args and options, of which the last two may be left out.
function splitArguments(file, args, options) {
  validateString(file, 'file');
  checkNul(file, 'file');
  if (file.length === 0) throw new ERR_INVALID_ARG_VALUE('file', file, 'cannot be empty');
  if (Array.isArray(args)) {
    args = args.slice();
  } else if (!present(args)) {
    args = [];
  } else if (typeof args !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('args', 'object', args);
  } else {
    options = args;
    args = [];
  }
  checkNuls(args, 'args');
  if (options === undefined) options = {};
  else validateObject(options, 'options');
  return { args, options };
}

function checkId(value, name) {
  if (present(value) && !isInt32(value)) throw new ERR_INVALID_ARG_TYPE(name, 'int32', value);
}

function checkOptions(options) {
  checkId(options.uid, 'options.uid');
  checkId(options.gid, 'options.gid');
  if (present(options.detached)) validateBoolean(options.detached, 'options.detached');
  if (present(options.shell) && typeof options.shell !== 'boolean' && typeof options.shell !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.shell', ['boolean', 'string'], options.shell);
  }
  if (present(options.argv0)) {
    validateString(options.argv0, 'options.argv0');
    checkNul(options.argv0, 'options.argv0');
  }
  if (present(options.windowsHide)) validateBoolean(options.windowsHide, 'options.windowsHide');
  if (present(options.windowsVerbatimArguments)) {
    validateBoolean(options.windowsVerbatimArguments, 'options.windowsVerbatimArguments');
  }
}

function environment(env) {
  const pairs = [];
  // With what is inherited, as the prototype of an environment may be another.
  for (const key in env) { // eslint-disable-line guard-for-in
    const value = env[key];
    if (value === undefined) continue;
    checkNul(key, `options.env['${key}']`);
    checkNul(value, `options.env['${key}']`);
    pairs.push(`${key}=${value}`);
  }
  return pairs;
}

function normalizeSpawnArguments(file, args, options) {
  ({ args, options } = splitArguments(file, args, options));
  let { cwd } = options;
  if (present(cwd)) cwd = require('internal/fs/utils').toPath(cwd, 'options.cwd');
  checkOptions(options);
  if (options.shell) {
    checkNul(options.shell, 'options.shell');
    const command = [file, ...args].join(' ');
    file = typeof options.shell === 'string' ? options.shell : '/bin/sh';
    args = ['-c', command];
  }
  args = [typeof options.argv0 === 'string' ? options.argv0 : file, ...args].map(String);
  return {
    // Options of a program may be inherited ones.
    __proto__: null,
    ...options,
    args,
    cwd: cwd ?? undefined,
    detached: Boolean(options.detached),
    envPairs: environment(options.env || process.env),
    file,
  };
}

function checkTimeout(timeout) {
  if (present(timeout) && !(Number.isInteger(timeout) && timeout >= 0)) {
    throw new ERR_OUT_OF_RANGE('timeout', 'an unsigned integer', timeout);
  }
}

function checkMaxBuffer(maxBuffer) {
  if (present(maxBuffer) && !(typeof maxBuffer === 'number' && maxBuffer >= 0)) {
    throw new ERR_OUT_OF_RANGE('options.maxBuffer', 'a positive number', maxBuffer);
  }
}

// The number of a signal, if there is one.
function sanitizeKillSignal(killSignal) {
  if (typeof killSignal === 'string' || typeof killSignal === 'number') return convertToValidSignal(killSignal);
  if (present(killSignal)) throw new ERR_INVALID_ARG_TYPE('options.killSignal', ['string', 'number'], killSignal);
  return undefined;
}

let names;

function signalName(number) {
  if (number === 0) return null;
  if (names === undefined) {
    names = new Map();
    // Of several names the first is the usual one.
    for (const [name, value] of Object.entries(require('internal/os_constants').signals)) {
      if (!names.has(value)) names.set(value, name);
    }
  }
  return names.get(number) ?? null;
}

module.exports = {
  checkMaxBuffer, checkNul, checkNuls, checkTimeout, normalizeSpawnArguments, present, sanitizeKillSignal, signalName,
};
