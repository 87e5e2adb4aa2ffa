'use strict';
// `node:util`. Gathers what lies in internal/util/ and adds what only programs use.

const { ErrnoException, ExceptionWithHostPort, codes } = require('internal/errors');
const {
  defineLazyProperties, deprecate, getSystemErrorMap, getSystemErrorMessage, getSystemErrorName, promisify,
} = require('internal/util');
const { inspect, stripVTControlCharacters: strip } = require('internal/util/inspect');
const { format, formatWithOptions } = require('internal/util/format');
const {
  validateAbortSignal, validateBoolean, validateFunction, validateInteger, validateNumber, validateObject, validateOneOf, validateString,
} = require('internal/validators');
const types = require('internal/util/types');

function callbackify(original) {
  validateFunction(original, 'original');
  function callbackified(...args) {
    const callback = args.pop();
    if (typeof callback !== 'function') throw new codes.ERR_INVALID_ARG_TYPE('last argument', 'Function', callback);
    const call = callback.bind(this);
    Reflect.apply(original, this, args).then(
      (value) => process.nextTick(call, null, value),
      (reason) => process.nextTick(call, reason || new codes.ERR_FALSY_VALUE_REJECTION(reason)));
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  delete descriptors.prototype;
  delete descriptors.arguments;
  delete descriptors.caller;
  return Object.defineProperties(callbackified, descriptors);
}

function inherits(constructor, superConstructor) {
  if (constructor === undefined || constructor === null) throw new codes.ERR_INVALID_ARG_TYPE('ctor', 'Function', constructor);
  if (superConstructor === undefined || superConstructor === null) {
    throw new codes.ERR_INVALID_ARG_TYPE('superCtor', 'Function', superConstructor);
  }
  if (superConstructor.prototype === undefined) {
    throw new codes.ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', superConstructor.prototype);
  }
  Object.defineProperty(constructor, 'super_', { __proto__: null, value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

function extend(target, source) {
  if (source === null || typeof source !== 'object') return target;
  return Object.assign(target, source);
}

function stripVTControlCharacters(str) {
  validateString(str, 'str');
  return strip(str);
}

function toUSVString(input) {
  return `${input}`.toWellFormed();
}

function systemErrorName(err) {
  validateNumber(err, 'err');
  if (err >= 0 || !Number.isSafeInteger(err)) throw new codes.ERR_OUT_OF_RANGE('err', 'a negative integer', err);
  return getSystemErrorName(err);
}

function systemErrorMessage(err) {
  validateNumber(err, 'err');
  if (err >= 0 || !Number.isSafeInteger(err)) throw new codes.ERR_OUT_OF_RANGE('err', 'a negative integer', err);
  return getSystemErrorMessage(err);
}

function isStream(value) {
  return value !== null && typeof value === 'object' &&
    (typeof value.write === 'function' || typeof value.pipe === 'function' || typeof value.getReader === 'function' ||
      typeof value.getWriter === 'function');
}

function showsColors(stream) {
  if (process.env.FORCE_COLOR !== undefined) {
    const forced = process.env.FORCE_COLOR;
    return !(forced === '0' || forced === 'false');
  }
  if (process.env.NO_COLOR || process.env.NODE_DISABLE_COLORS) return false;
  return Boolean(stream?.isTTY) && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2);
}

function styleText(format, text, options = {}) {
  validateString(text, 'text');
  validateObject(options, 'options');
  const { validateStream = true, stream = process.stdout } = options;
  validateBoolean(validateStream, 'options.validateStream');
  let skip = false;
  if (validateStream) {
    if (!isStream(stream)) throw new codes.ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
    skip = !showsColors(stream);
  }
  let left = '';
  let right = '';
  for (const key of Array.isArray(format) ? format : [format]) {
    if (key === 'none') continue;
    const pair = typeof key === 'string' ? inspect.colors[key] : undefined;
    if (pair === undefined) validateOneOf(key, 'format', Object.keys(inspect.colors));
    left += `\u001b[${pair[0]}m`;
    right = `\u001b[${pair[1]}m${right}`;
  }
  return skip ? text : `${left}${text}${right}`;
}

function getCallSites(frameCount = 10, options = {}) {
  if (typeof frameCount === 'object' && frameCount !== null) {
    options = frameCount;
    frameCount = 10;
  }
  validateObject(options, 'options');
  if (options.sourceMap !== undefined) validateBoolean(options.sourceMap, 'options.sourceMap');
  validateNumber(frameCount, 'frameCount', 1, 200);
  // This function's own frame is left out.
  return require('internal/util/call_sites').getCallSites(Math.trunc(frameCount) + 1).slice(1);
}

function aborted(signal, resource) {
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  if (resource === null || (typeof resource !== 'object' && typeof resource !== 'function')) {
    throw new codes.ERR_INVALID_ARG_TYPE('resource', 'Object', resource);
  }
  if (signal.aborted) return Promise.resolve();
  // The resource is not held. It is not asked whether it still lives either: here objects go as soon as nothing
  // refers to them, and programs count on the promise of a resource that they do not keep.
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function parseEnv(content) {
  validateString(content, 'content');
  const result = {};
  const line = /^[^\S\n]*(?:export[^\S\n]+)?([^\s=#]+)[^\S\n]*=[^\S\n]*("(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|[^#\n]*)[^\n]*$/gm;
  for (const [, key, raw] of content.replaceAll('\r\n', '\n').matchAll(line)) {
    let value = raw.trim();
    const mark = value[0];
    if (value.length > 1 && (mark === '"' || mark === "'" || mark === '`') && value.endsWith(mark)) {
      value = value.slice(1, -1);
      if (mark === '"') value = value.replaceAll('\\n', '\n');
    }
    result[key] = value;
  }
  return result;
}

function diff(actual, expected) {
  if (actual === expected) return [];
  const asList = (value, name) => {
    if (typeof value === 'string') return value.split('');
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) validateString(value[i], `${name}[${i}]`);
      return value;
    }
    throw new codes.ERR_INVALID_ARG_TYPE(name, ['string', 'Array'], value);
  };
  return require('internal/assert/diff').diffList(asList(actual, 'actual'), asList(expected, 'expected'));
}

function setTraceSigInt(enable) {
  validateBoolean(enable, 'enable');
}

function transferableAbortController() {
  return new AbortController();
}

function transferableAbortSignal(signal) {
  validateAbortSignal(signal, 'signal');
  if (signal === undefined) throw new codes.ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  return signal;
}

function isDeepStrictEqual(a, b, options) {
  // Of old a third argument was ignored, whatever it was.
  const skipPrototype = options !== null && typeof options === 'object' && options.skipPrototype === true;
  return require('internal/util/comparisons').isDeepStrictEqual(a, b, { skipPrototype });
}

function debuglog(section, onReady) {
  return require('internal/util/debuglog').debuglog(section, onReady);
}

function parseArgs(config) {
  return require('internal/util/parse_args').parseArgs(config);
}

module.exports = {
  _errnoException: (...args) => {
    const [err] = args;
    validateInteger(err, 'err', undefined, -1);
    return new ErrnoException(...args);
  },
  _exceptionWithHostPort: (...args) => new ExceptionWithHostPort(...args),
  _extend: deprecate(extend, 'The `util._extend` API is deprecated. Please use Object.assign() instead.', 'DEP0060'),
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate,
  diff,
  format,
  styleText,
  formatWithOptions,
  getCallSites,
  getSystemErrorMap,
  getSystemErrorName: systemErrorName,
  getSystemErrorMessage: systemErrorMessage,
  inherits,
  inspect,
  isArray: deprecate(Array.isArray, 'The `util.isArray` API is deprecated. Please use `Array.isArray()` instead.', 'DEP0044'),
  isDeepStrictEqual,
  promisify,
  setTraceSigInt,
  stripVTControlCharacters,
  toUSVString,
  transferableAbortController,
  transferableAbortSignal,
  aborted,
  types,
  parseEnv,
  parseArgs,
};
defineLazyProperties(module.exports, 'internal/encoding', ['TextDecoder', 'TextEncoder']);
defineLazyProperties(module.exports, 'internal/mime', ['MIMEType', 'MIMEParams']);
