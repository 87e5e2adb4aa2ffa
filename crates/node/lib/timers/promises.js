'use strict';
// The public module `timers/promises`.

const { Timeout, Immediate, clearTimeout, clearImmediate } = require('internal/timers');
const { AbortError, codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const {
  validateAbortSignal,
  validateBoolean,
  validateNumber,
  validateObject,
} = require('internal/validators');

function checkOptions(options) {
  validateObject(options, 'options');
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  if (options.ref !== undefined) validateBoolean(options.ref, 'options.ref');
}

// A promise for `value` when the timer that `start` makes has run, or an AbortError.
function wait(options, start, stop) {
  const { signal, ref = true } = options;
  if (signal?.aborted) return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
  let onAbort;
  const promise = new Promise((resolve, reject) => {
    const timer = start(resolve);
    if (!ref) timer.unref();
    if (signal) {
      onAbort = () => {
        stop(timer);
        reject(new AbortError(undefined, { cause: signal.reason }));
      };
      signal.addEventListener('abort', onAbort, { once: true });
    }
  });
  return onAbort === undefined ? promise :
    promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function setTimeout(after, value, options = {}) {
  try {
    if (after !== undefined) validateNumber(after, 'delay');
    checkOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  return wait(options, (resolve) => new Timeout(() => resolve(value), after, undefined, false), clearTimeout);
}

function setImmediate(value, options = {}) {
  try {
    checkOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  return wait(options, (resolve) => new Immediate(() => resolve(value), undefined), clearImmediate);
}

async function* setInterval(after, value, options = {}) {
  checkOptions(options);
  if (after !== undefined) validateNumber(after, 'delay');
  const { signal, ref = true } = options;
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  let due = 0;
  let wake;
  const timer = new Timeout(() => {
    due++;
    wake?.();
    wake = undefined;
  }, after, undefined, true);
  if (!ref) timer.unref();
  const onAbort = () => {
    clearTimeout(timer);
    wake?.();
    wake = undefined;
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal?.aborted) {
      if (due === 0) await new Promise((resolve) => { wake = resolve; });
      for (; due > 0; due--) yield value;
    }
    throw new AbortError(undefined, { cause: signal.reason });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

const kMake = Symbol('make');

class Scheduler {
  constructor(key) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  yield() {
    if (this !== scheduler) throw new ERR_INVALID_THIS('Scheduler');
    return setImmediate();
  }

  wait(delay, options) {
    if (this !== scheduler) throw new ERR_INVALID_THIS('Scheduler');
    return setTimeout(delay, undefined, options);
  }
}

const scheduler = new Scheduler(kMake);

module.exports = { setTimeout, setImmediate, setInterval, scheduler };
