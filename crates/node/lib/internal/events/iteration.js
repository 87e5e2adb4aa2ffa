'use strict';
// Waiting for events: one (once), a stream of them (on), or an abort (addAbortListener).

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const {
  validateAbortSignal,
  validateFunction,
  validateInteger,
  validateObject,
} = require('internal/validators');

const kWatermarkData = Symbol.for('nodejs.watermarkData');
const kFirstEventParam = Symbol('nodejs.kFirstEventParam');

function addAbortListener(signal, listener) {
  if (signal === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateFunction(listener, 'listener');
  let remove;
  if (signal.aborted) {
    queueMicrotask(() => listener());
  } else {
    // What stops the event for others must not keep this listener from it.
    const { kResistStopPropagation } = require('internal/event_target');
    signal.addEventListener('abort', listener, { __proto__: null, once: true, [kResistStopPropagation]: true });
    remove = () => signal.removeEventListener('abort', listener);
  }
  const disposable = { __proto__: null };
  Object.defineProperty(disposable, Symbol.dispose ?? Symbol.for('nodejs.dispose'), {
    __proto__: null,
    value() { remove?.(); },
    writable: true,
    enumerable: true,
    configurable: true,
  });
  return disposable;
}

function listen(emitter, name, listener, flags) {
  if (typeof emitter.on === 'function') {
    if (flags?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (typeof emitter.addEventListener === 'function') {
    emitter.addEventListener(name, listener, flags);
  } else {
    throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
  }
}

function unlisten(emitter, name, listener, flags) {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(name, listener);
  else if (typeof emitter.removeEventListener === 'function') emitter.removeEventListener(name, listener, flags);
  else throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
}

function once(emitter, name, options = {}) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    let abortListener;
    const settle = () => {
      if (abortListener !== undefined) signal.removeEventListener('abort', abortListener);
    };
    const onError = (error) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener(name, onEvent);
      settle();
      reject(error);
    };
    const onEvent = (...args) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      settle();
      resolve(args);
    };
    listen(emitter, name, onEvent, { once: true });
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (signal !== undefined) {
      abortListener = () => {
        unlisten(emitter, name, onEvent);
        if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
        reject(new AbortError(undefined, { cause: signal.reason }));
      };
      listen(signal, 'abort', abortListener, { once: true });
    }
  });
}

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

const done = (value, isDone) => ({ value, done: isDone });

function on(emitter, event, options = {}) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  // `highWatermark` is the spelling of earlier versions.
  const high = options.highWaterMark ?? options.highWatermark ?? Number.MAX_SAFE_INTEGER;
  const low = options.lowWaterMark ?? options.lowWatermark ?? 1;
  validateInteger(high, 'options.highWaterMark', 1);
  validateInteger(low, 'options.lowWaterMark', 1);

  const buffered = [];
  const waiting = [];
  const listeners = [];
  let paused = false;
  let error = null;
  let finished = false;

  const track = (target, name, listener, flags) => {
    listen(target, name, listener, flags);
    listeners.push([target, name, listener, flags]);
  };

  const close = () => {
    for (const [target, name, listener, flags] of listeners.splice(0)) unlisten(target, name, listener, flags);
    abortHandle?.[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    finished = true;
    while (waiting.length > 0) waiting.shift().resolve(done(undefined, true));
    return Promise.resolve(done(undefined, true));
  };

  const fail = (reason) => {
    if (waiting.length === 0) error = reason;
    else waiting.shift().reject(reason);
    close();
  };

  const onEvent = (...args) => {
    const value = options[kFirstEventParam] ? args[0] : args;
    if (waiting.length > 0) {
      waiting.shift().resolve(done(value, false));
      return;
    }
    buffered.push(value);
    if (!paused && buffered.length > high) {
      paused = true;
      emitter.pause?.();
    }
  };

  const iterator = Object.setPrototypeOf({
    next() {
      if (buffered.length > 0) {
        const value = buffered.shift();
        if (paused && buffered.length < low) {
          paused = false;
          emitter.resume?.();
        }
        return Promise.resolve(done(value, false));
      }
      if (error) {
        const rejected = Promise.reject(error);
        error = null;
        return rejected;
      }
      if (finished) return close();
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      return close();
    },
    throw(reason) {
      if (!reason || !(reason instanceof Error)) {
        throw new ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', reason);
      }
      fail(reason);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [kWatermarkData]: {
      get size() { return buffered.length; },
      get low() { return low; },
      get high() { return high; },
      get isPaused() { return paused; },
    },
  }, AsyncIteratorPrototype);

  let abortHandle;
  track(emitter, event, onEvent);
  if (event !== 'error' && typeof emitter.on === 'function') track(emitter, 'error', fail);
  for (const name of options.close ?? []) track(emitter, name, close);
  if (signal !== undefined) {
    abortHandle = addAbortListener(signal, () => fail(new AbortError(undefined, { cause: signal.reason })));
  }
  return iterator;
}

module.exports = { addAbortListener, kFirstEventParam, on, once };
