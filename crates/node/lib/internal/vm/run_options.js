'use strict';
// Options that several functions of vm share: of compiling, of running, and signals during a run.

const { current, returnTo, standing } = require('internal/async_hooks');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateBoolean, validateInt32, validateObject, validateUint32 } = require('internal/validators');

function validateOffset(value, name) {
  validateInt32(value, name);
}

function validateCachedData(cachedData) {
  if (cachedData !== undefined && !ArrayBuffer.isView(cachedData)) {
    throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
  }
}

// The bytes of any view, for the engine, which knows only Uint8Array.
function bytesOf(view) {
  if (view === undefined || view instanceof Uint8Array) return view;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

const kPlainRun = Object.freeze({ __proto__: null, timeout: -1, displayErrors: true, breakOnSigint: false });

// A run's options, checked, in the order in which the engine takes them.
function runOptions(options) {
  if (options === undefined) return kPlainRun;
  validateObject(options, 'options');
  const { timeout, displayErrors = true, breakOnSigint = false } = options;
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
  validateBoolean(displayErrors, 'options.displayErrors');
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
  return { timeout: timeout === undefined ? -1 : timeout, displayErrors, breakOnSigint };
}

// Runs `run` while the program's own SIGINT listeners are set aside.
function withoutSigintListeners(run) {
  const listeners = process.rawListeners('SIGINT');
  if (listeners.length === 0) return run();
  process.removeAllListeners('SIGINT');
  try {
    return run();
  } finally {
    for (const listener of listeners) process.addListener('SIGINT', listener);
  }
}

// What `leaveRun` gets after a run; undefined where no limit can end it within a hook or a scope.
function enterRun(timeout, breakOnSigint) {
  return timeout >= 0 || breakOnSigint || current.isTracked ? standing() : undefined;
}

function leaveRun(place) {
  if (place !== undefined) returnTo(place);
}

function asBuffer(bytes) {
  const { Buffer } = require('buffer');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

module.exports = {
  asBuffer,
  bytesOf,
  enterRun,
  leaveRun,
  runOptions,
  validateCachedData,
  validateOffset,
  withoutSigintListeners,
};
