'use strict';
// AbortController and AbortSignal.

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS },
} = require('internal/errors');
const { validateAbortSignal, validateAbortSignalArray, validateUint32 } = require('internal/validators');
const { DOMException } = require('internal/domexception');
const {
  Event,
  EventTarget,
  defineEventHandler,
  exposeMembers,
  kEvents,
  kNewListener,
  kRemoveListener,
  kTrust,
} = require('internal/event_target');
const { kMaxEventTargetListeners } = require('events');

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const kConstruct = Symbol('construct');

// A signal with a timer, or one that follows others, lives on without a reference of the program's
// as long as something listens to it.
const kept = new Set();

function inspectAs(value, shown, depth, options) {
  if (depth < 0) return value;
  const { inspect } = require('internal/util/inspect');
  return `${value.constructor.name} ${inspect(shown, {
    ...options, depth: options.depth === null || options.depth === undefined ? null : options.depth - 1,
  })}`;
}

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  // Signals made of this one by AbortSignal.any, weakly held; and for those, what they follow.
  #dependents = undefined;
  #sources = undefined;
  #lasting = false;
  // What streams do when it aborts, before any listener.
  #steps = undefined;

  constructor(token = undefined) {
    if (token !== kConstruct) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
    // Many may listen to one signal.
    this[kMaxEventTargetListeners] = 0;
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#aborted in value)) throw new ERR_INVALID_THIS('AbortSignal');
  }

  get aborted() {
    AbortSignal.#check(this);
    return this.#aborted;
  }

  get reason() {
    AbortSignal.#check(this);
    return this.#reason;
  }

  throwIfAborted() {
    AbortSignal.#check(this);
    if (this.#aborted) throw this.#reason;
  }

  [customInspect](depth, options) {
    return inspectAs(this, { aborted: this.aborted }, depth, options);
  }

  static abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
    const signal = new AbortSignal(kConstruct);
    signal.#aborted = true;
    signal.#reason = reason;
    return signal;
  }

  static timeout(delay) {
    validateUint32(delay, 'delay', false);
    const signal = new AbortSignal(kConstruct);
    signal.#lasting = true;
    const weak = new WeakRef(signal);
    const timer = require('timers').setTimeout(() => {
      const target = weak.deref();
      if (target === undefined) return;
      kept.delete(target);
      AbortSignal.#abort(target, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, delay);
    timer.unref();
    return signal;
  }

  static any(signals) {
    validateAbortSignalArray(signals, 'signals');
    const result = new AbortSignal(kConstruct);
    result.#lasting = true;
    for (const signal of signals) {
      if (signal.#aborted) {
        result.#aborted = true;
        result.#reason = signal.#reason;
        return result;
      }
    }
    result.#sources = new Set();
    const weak = new WeakRef(result);
    for (const signal of signals) {
      // Of a signal that itself follows others, follow those.
      for (const source of signal.#sources ?? [signal]) {
        if (result.#sources.has(source)) continue;
        result.#sources.add(source);
        (source.#dependents ??= new Set()).add(weak);
      }
    }
    return result;
  }

  static #abort(signal, reason) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason;
    const following = [];
    for (const weak of signal.#dependents ?? []) {
      const dependent = weak.deref();
      if (dependent === undefined || dependent.#aborted) continue;
      dependent.#aborted = true;
      dependent.#reason = reason;
      following.push(dependent);
    }
    signal.#dependents = undefined;
    AbortSignal.#fire(signal);
    for (const dependent of following) AbortSignal.#fire(dependent);
  }

  static #fire(signal) {
    kept.delete(signal);
    const steps = signal.#steps;
    signal.#steps = undefined;
    for (const step of steps ?? []) step();
    if (signal[kEvents].has('abort')) signal.dispatchEvent(new Event('abort', { [kTrust]: true }));
  }

  [kNewListener](size, type, ...rest) {
    super[kNewListener](size, type, ...rest);
    if (type === 'abort' && size === 1 && this.#lasting && !this.#aborted) kept.add(this);
  }

  [kRemoveListener](size, type, ...rest) {
    super[kRemoveListener](size, type, ...rest);
    if (type === 'abort' && size === 0 && this.#lasting) kept.delete(this);
  }

  static takeInternals() {
    delete AbortSignal.takeInternals;
    return {
      __proto__: null,
      abort: (signal, reason) => AbortSignal.#abort(signal, reason),
      isSignal: (value) => typeof value === 'object' && value !== null && #aborted in value,
      isAborted: (signal) => signal.#aborted,
      reasonOf: (signal) => signal.#reason,
      makeSignal: () => new AbortSignal(kConstruct),
      // Answers what `forgetStep` is given to take it back.
      whenAborted(signal, run) {
        if (signal.#aborted) return undefined;
        const step = () => run();
        (signal.#steps ??= new Set()).add(step);
        if (signal.#lasting) kept.add(signal);
        return step;
      },
      forgetStep(signal, step) {
        signal.#steps?.delete(step);
        if (signal.#lasting && signal.#steps?.size === 0 && !signal[kEvents].has('abort')) kept.delete(signal);
      },
    };
  }
}

const internals = AbortSignal.takeInternals();
const abortSignal = internals.abort;

exposeMembers(AbortSignal.prototype, 'AbortSignal', ['aborted']);
defineEventHandler(AbortSignal.prototype, 'abort');

class AbortController {
  #signal;

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#signal in value)) {
      throw new ERR_INVALID_THIS('AbortController');
    }
  }

  get signal() {
    AbortController.#check(this);
    this.#signal ??= new AbortSignal(kConstruct);
    return this.#signal;
  }

  abort(reason = new DOMException('This operation was aborted', 'AbortError')) {
    AbortController.#check(this);
    abortSignal(this.signal, reason);
  }

  [customInspect](depth, options) {
    return inspectAs(this, { signal: this.signal }, depth, options);
  }
}

exposeMembers(AbortController.prototype, 'AbortController', ['signal', 'abort']);

// Settles when the signal aborts; stays pending when `resource`, which it belongs to, is gone.
async function aborted(signal, resource) {
  if (signal === undefined) {
    const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  }
  validateAbortSignal(signal, 'signal');
  require('internal/validators').validateObject(resource, 'resource', 7);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

module.exports = { AbortController, AbortSignal, aborted, internals };
