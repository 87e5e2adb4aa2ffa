'use strict';
// What becomes of errors that nothing catches and of rejected promises that nothing handles.

const binding = internalBinding('process');
const { placeOfThrow } = internalBinding('util');
const { getOptionValue } = require('internal/options');
const { getFrame, runWith } = require('internal/async_context');
const { emitDestroyed, enter, kAsyncId, kTriggerAsyncId, leave, leaveAll } = require('internal/async_hooks');

let captureCallback = null;

function setUncaughtExceptionCaptureCallback(fn) {
  if (fn === null) {
    captureCallback = null;
    return;
  }
  const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET } } = require('internal/errors');
  if (typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE('fn', ['Function', 'null'], fn);
  if (domains !== null) {
    const { codes: { ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE } } = require('internal/errors');
    throw new ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE();
  }
  if (captureCallback !== null) throw new ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
  captureCallback = fn;
}

// Set once a program loads `domain`: which domain is current, and what makes one deal with an error.
let domains = null;

function setDomainHandler(handler) {
  if (captureCallback !== null) {
    const { codes: { ERR_DOMAIN_CALLBACK_NOT_AVAILABLE } } = require('internal/errors');
    throw new ERR_DOMAIN_CALLBACK_NOT_AVAILABLE();
  }
  domains = handler;
}

function hasUncaughtExceptionCaptureCallback() {
  return captureCallback !== null;
}

// Gives whether something dealt with `error`.
function dispatch(error, fromPromise, domain) {
  if (captureCallback !== null) {
    captureCallback(error);
    return true;
  }
  const responsible = fromPromise ? domain : domains?.current();
  if (responsible && domains.handle(error, responsible, fromPromise)) return true;
  const origin = fromPromise ? 'unhandledRejection' : 'uncaughtException';
  process.emit('uncaughtExceptionMonitor', error, origin);
  return process.emit('uncaughtException', error, origin);
}

// Where an error was thrown that the loader of modules caught only to throw it on.
let passedOn;

function passOn(error) {
  passedOn = { error, place: placeOf(error) };
  return error;
}

const kLoader = ['node:internal/cjs/module', 'node:internal/run_main', 'node:internal/esm/require'];

// Where `error` was thrown: the engine noted it.
function placeOf(error) {
  const last = placeOfThrow(error);
  const isLoader = last !== undefined && kLoader.includes(last[0]);
  return isLoader && passedOn !== undefined && Object.is(passedOn.error, error) ? passedOn.place : last;
}

// Called with errors that end the program, while somebody debugs.
let onUncaught;

function setOnUncaught(callback) {
  onUncaught = callback;
}

// Returns only if the program dealt with the error.
// `origin` says what had the error if nothing threw it here: 'rejection', 'main' (the promise of the main module)
// or 'microtask'. Node shows where such an error was made, and its own code where that is not known.
function reportUncaught(error, fromPromise, domain, origin = fromPromise ? 'rejection' : undefined) {
  const place = placeOf(error);
  try {
    if (dispatch(error, fromPromise, domain)) {
      leaveAll();
      return;
    }
  } catch (second) {
    // A handler that fails itself: no further events.
    print(second, placeOf(second));
    binding.reallyExit(7);
  }
  onUncaught?.(error, fromPromise);
  try {
    if (!process._exiting) {
      process._exiting = true;
      process.exitCode = 1;
      process.emit('exit', 1);
    }
  } catch {
    // The error that ends the program is shown, as in Node.
  }
  print(error, place, origin);
  if (getOptionValue('--abort-on-uncaught-exception') === true) binding.abort();
  binding.reallyExit(process.exitCode || 1);
}

function print(error, place, origin) {
  let text;
  try {
    const { describeFatal } = require('internal/process/fatal_message');
    text = describeFatal(error, place, origin);
  } catch {
    text = binding.describe(error);
  }
  binding.writeStdio(2, text);
  if (require('internal/process/fatal_message').isOutOfMemory(error)) binding.abort();
}

function _fatalException(error, fromPromise) {
  reportUncaught(error, fromPromise);
  return true;
}

// --- rejected promises ---

const unhandled = new WeakMap(); // promise -> { promise, reason, id, warned, domain, frame }
let pending = [];
let handledLate = [];
let lastId = 0;

function trackRejection(promise, reason, handled) {
  if (handled) {
    const info = unhandled.get(promise);
    if (info === undefined) return false;
    unhandled.delete(promise);
    if (!info.warned) {
      const at = pending.indexOf(info);
      if (at >= 0) pending.splice(at, 1);
      return false;
    }
    handledLate.push(info);
    return true;
  }
  const info = { promise, reason, id: ++lastId, warned: false, domain: domains?.current(), frame: getFrame() };
  unhandled.set(promise, info);
  pending.push(info);
  return true;
}

// Gives whether anything was run, so that there may be ticks to run.
function processRejections() {
  let ran = false;
  while (handledLate.length > 0) {
    const { promise, id } = handledLate.shift();
    ran = true;
    guard(() => {
      if (mode() === 'warn') {
        const warning = new Error(`Promise rejection was handled asynchronously (rejection id: ${id})`);
        warning.name = 'PromiseRejectionHandledWarning';
        warning.id = id;
        process.emitWarning(warning);
      }
      process.emit('rejectionHandled', promise);
    });
  }
  let count = pending.length;
  while (count-- > 0 && pending.length > 0) {
    const info = pending.shift();
    info.warned = true;
    ran = true;
    guard(() => runWith(info.frame, withinPromise, undefined, [info.promise, () => modes[mode()](info)]));
  }
  return ran || pending.length > 0;
}

// Where hooks follow promises, a promise's rejection is told in its scope.
function withinPromise(promise, body) {
  const id = promise[kAsyncId];
  if (id === undefined) {
    body();
    return;
  }
  enter(id, promise[kTriggerAsyncId], promise);
  try {
    body();
  } finally {
    leave(id);
  }
}

function guard(body) {
  try {
    body();
  } catch (error) {
    reportUncaught(error, false);
  }
}

function mode() {
  const value = getOptionValue('--unhandled-rejections');
  return Object.hasOwn(modes, value) ? value : 'throw';
}

function emitUnhandled({ promise, reason }) {
  return process.emit('unhandledRejection', reason, promise);
}

function isErrorLike(value) {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'stack');
}

function hide(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

// The name and the message of an error without a stack, as far as they are texts of its own or its class's.
function describeError(error) {
  const own = (name) => Object.getOwnPropertyDescriptor(error, name)?.value;
  const name = own('name') ?? require('internal/class_name').classNameOf(error);
  const message = own('message');
  return typeof message === 'string' && message !== '' ? `${name}: ${message}` : String(name);
}

// Primitives as they are, objects only by the name of their class: nothing of theirs is to run.
function describeReason(reason) {
  if (typeof reason === 'object' && reason !== null) {
    const kind = internalBinding('util').classOf(reason);
    if (kind === 'Array' || kind === 'Date' || kind === 'RegExp') return `[object ${kind}]`;
    if (kind === 'Error') return describeError(reason);
    return `#<${require('internal/class_name').classNameOf(reason)}>`;
  }
  return String(reason);
}

function asError(reason) {
  if (isErrorLike(reason)) return reason;
  const { codes: { ERR_UNHANDLED_REJECTION } } = require('internal/errors');
  const error = new ERR_UNHANDLED_REJECTION(describeReason(reason));
  const { name } = error;
  Object.defineProperty(error, 'name', { value: 'UnhandledPromiseRejection', writable: true, configurable: true });
  if (typeof error.stack === 'string') {
    hide(error, 'stack', error.stack.replace(`${name} [ERR_UNHANDLED_REJECTION]`, error.name));
  }
  return error;
}

function warnUnhandled({ reason, id }) {
  const warning = new Error('Unhandled promise rejection. This error originated either by throwing ' +
    'inside of an async function without a catch block, or by rejecting a promise which was not ' +
    'handled with .catch(). To terminate the node process on unhandled promise rejection, use the ' +
    'CLI flag `--unhandled-rejections=strict` (see ' +
    'https://nodejs.org/api/cli.html#cli_unhandled_rejections_mode). ' +
    `(rejection id: ${id})`);
  warning.name = 'UnhandledPromiseRejectionWarning';
  if (isErrorLike(reason)) {
    process.emitWarning(reason.stack, 'UnhandledPromiseRejectionWarning');
    warning.stack = reason.stack;
  } else {
    process.emitWarning(noSideEffects(reason), 'UnhandledPromiseRejectionWarning');
  }
  process.emitWarning(warning);
}

function noSideEffects(value) {
  try {
    return typeof value === 'symbol' ? value.toString() : require('internal/util/inspect').inspect(value);
  } catch {
    return '[object]';
  }
}

const modes = {
  'throw': (info) => {
    if (!emitUnhandled(info)) reportUncaught(asError(info.reason), true, info.domain);
  },
  'strict': (info) => {
    reportUncaught(asError(info.reason), true, info.domain);
    if (!emitUnhandled(info)) warnUnhandled(info);
  },
  'warn': (info) => {
    emitUnhandled(info);
    warnUnhandled(info);
  },
  'none': (info) => {
    emitUnhandled(info);
  },
  'warn-with-error-codes': (info) => {
    if (emitUnhandled(info)) return;
    warnUnhandled(info);
    process.exitCode = 1;
  },
};

// --- the end of the program ---

function emitBeforeExit() {
  emitDestroyed();
  process.emit('beforeExit', process.exitCode || 0);
}

function emitExit() {
  require('internal/esm/main').checkSettled();
  if (!process._exiting) {
    process._exiting = true;
    try {
      process.emit('exit', process.exitCode || 0);
    } catch (error) {
      reportUncaught(error, false);
    }
  }
  return Number(process.exitCode || 0) | 0;
}

module.exports = {
  setOnUncaught,
  reportUncaught,
  trackRejection,
  processRejections,
  emitBeforeExit,
  emitExit,
  setUncaughtExceptionCaptureCallback,
  hasUncaughtExceptionCaptureCallback,
  setDomainHandler,
  passOn,
  _fatalException,
};
