'use strict';
// `process.emitWarning` and how warnings are shown.

const { getOptionValue } = require('internal/options');

let hinted = false;
let listening = false;

function programName() {
  const { basename } = require('internal/cjs/path');
  return basename(process.argv0 || 'node');
}

function show(warning) {
  if (!(warning instanceof Error)) return;
  if (getOptionValue('--warnings') === false || process.noDeprecation && warning.name === 'DeprecationWarning') return;
  const disabled = getOptionValue('--disable-warning') ?? [];
  if (disabled.includes(warning.code) || disabled.includes(warning.name)) return;
  const isDeprecation = warning.name === 'DeprecationWarning';
  if (isDeprecation && process.noDeprecation) return;
  const trace = process.traceProcessWarnings || getOptionValue('--trace-warnings') === true ||
    (isDeprecation && (process.traceDeprecation || getOptionValue('--trace-deprecation') === true));
  let text = `(${process.release.name}:${process.pid}) `;
  if (warning.code) text += `[${warning.code}] `;
  if (trace && warning.stack) {
    text += warning.stack;
  } else {
    text += typeof warning.toString === 'function' ?
      `${warning.toString()}` : Error.prototype.toString.call(warning);
  }
  if (typeof warning.detail === 'string') text += `\n${warning.detail}`;
  if (!trace && !hinted) {
    hinted = true;
    const option = isDeprecation ? '--trace-deprecation' : '--trace-warnings';
    text += `\n(Use \`${programName()} ${option} ...\` to show where the warning was created)`;
  }
  process._rawDebug(text);
}

function emitNow(warning) {
  process.emit('warning', warning);
}

function createWarning(message, type, code, detail, constructor) {
  const limit = Error.stackTraceLimit;
  const traced = getOptionValue('--trace-warnings') === true || type === 'DeprecationWarning' ||
    process.listenerCount('warning') > 1;
  if (!traced && Object.isExtensible(Error)) Error.stackTraceLimit = 0;
  // eslint-disable-next-line no-restricted-syntax
  const warning = new Error(message);
  if (!traced && Object.isExtensible(Error)) Error.stackTraceLimit = limit;
  warning.name = String(type || 'Warning');
  if (code !== undefined) warning.code = code;
  if (detail !== undefined) warning.detail = detail;
  if (traced) Error.captureStackTrace(warning, constructor || process.emitWarning);
  return warning;
}

function emitWarning(warning, type, code, constructor) {
  const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
  const { validateString } = require('internal/validators');
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) {
    ({ ctor: constructor, code, detail, type } = type);
    if (typeof detail !== 'string') detail = undefined;
    type ||= 'Warning';
  } else if (typeof type === 'function') {
    constructor = type;
    code = undefined;
    type = 'Warning';
  }
  if (type !== undefined) validateString(type, 'type');
  if (typeof code === 'function') {
    constructor = code;
    code = undefined;
  } else if (code !== undefined) {
    validateString(code, 'code');
  }
  if (typeof warning === 'string') {
    warning = createWarning(warning, type, code, detail, constructor);
  } else if (!(warning instanceof Error)) {
    throw new ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
  }
  if (warning.name === 'DeprecationWarning') {
    if (process.noDeprecation) return;
    if (process.throwDeprecation) {
      process.nextTick(() => {
        throw warning;
      });
      return;
    }
  }
  listen();
  process.nextTick(emitNow, warning);
}

// The listener that shows warnings stands first, so that it does before those of the program run.
function listen() {
  if (listening) return;
  listening = true;
  if (getOptionValue('--warnings') !== false && process.env.NODE_NO_WARNINGS !== '1') {
    process.prependListener('warning', show);
  }
}

module.exports = { emitWarning };
