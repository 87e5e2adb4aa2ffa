// Event, EventTarget, CustomEvent, ErrorEvent, AbortController, AbortSignal.
(function (std, native, timers) {
  'use strict';
  const {
    first, apply, list, push, need, isObject, toText, dictionary, expose, constant, defineProperty,
    enforceRange,
  } = std;
  const { TypeError, DOMException, iterator } = first;
  const { now, report } = native;
  const inner = { __proto__: null };

  const NONE = 0, CAPTURING_PHASE = 1, AT_TARGET = 2, BUBBLING_PHASE = 3;

  class Event {
    #type;
    #bubbles = false;
    #cancelable = false;
    #composed = false;
    #target = null;
    #current = null;
    #phase = NONE;
    #canceled = false;
    #stop = false;
    #stopNow = false;
    #passive = false;
    #dispatching = false;
    #trusted = false;
    #initialized = true;
    #time = now();

    constructor(type, eventInitDict = undefined) {
      need(arguments.length, 1, 'Event');
      this.#type = toText(type);
      const init = dictionary(eventInitDict, 'Event');
      this.#bubbles = !!init.bubbles;
      this.#cancelable = !!init.cancelable;
      this.#composed = !!init.composed;
      defineProperty(this, 'isTrusted', {
        __proto__: null, get: inner.isTrusted, set: undefined, enumerable: true, configurable: false,
      });
    }

    static {
      // One function for all events: the property is each object's own.
      const holder = { get isTrusted() { return this.#trusted; } };
      inner.isTrusted = std.getOwnPropertyDescriptor(holder, 'isTrusted').get;
      inner.trust = (event) => { event.#trusted = true; };
      push(std.uncloneable, (value) => #type in value);
      inner.isEvent = (value) => isObject(value) && #type in value;
      inner.busy = (event) => event.#dispatching || !event.#initialized;
      inner.begin = (event, target) => {
        event.#dispatching = true;
        event.#target = target;
        event.#current = target;
        event.#phase = AT_TARGET;
      };
      inner.end = (event) => {
        event.#dispatching = false;
        event.#phase = NONE;
        event.#current = null;
        event.#stop = false;
        event.#stopNow = false;
        return !event.#canceled;
      };
      inner.untrust = (event) => { event.#trusted = false; };
      inner.passive = (event, passive) => { event.#passive = passive; };
      inner.stopped = (event) => event.#stopNow;
      inner.halted = (event) => event.#stop;
    }

    get type() { return this.#type; }
    get target() { return this.#target; }
    get srcElement() { return this.#target; }
    get currentTarget() { return this.#current; }
    composedPath() { return this.#current === null ? [] : [this.#current]; }
    get eventPhase() { return this.#phase; }
    stopPropagation() { this.#stop = true; }
    get cancelBubble() { return this.#stop; }
    set cancelBubble(value) { this.#stop ||= !!value; }
    stopImmediatePropagation() { this.#stop = true; this.#stopNow = true; }
    get bubbles() { return this.#bubbles; }
    get cancelable() { return this.#cancelable; }
    get returnValue() { return !this.#canceled; }
    set returnValue(value) { this.#canceled; if (!value) this.#cancel(); }
    preventDefault() { this.#cancel(); }
    get defaultPrevented() { return this.#canceled; }
    get composed() { return this.#composed; }
    get timeStamp() { return this.#time; }
    initEvent(type, bubbles = false, cancelable = false) {
      this.#type;
      need(arguments.length, 1, 'Event.initEvent');
      type = toText(type);
      if (this.#dispatching) return;
      this.#initialized = true;
      this.#type = type;
      this.#bubbles = !!bubbles;
      this.#cancelable = !!cancelable;
      this.#stop = false;
      this.#stopNow = false;
      this.#canceled = false;
      this.#trusted = false;
      this.#target = null;
    }
    #cancel() {
      if (this.#cancelable && !this.#passive) this.#canceled = true;
    }
  }

  class CustomEvent extends Event {
    #detail = null;

    constructor(type, eventInitDict = undefined) {
      need(arguments.length, 1, 'CustomEvent');
      super(type, eventInitDict);
      if (eventInitDict !== undefined && eventInitDict !== null) {
        const { detail } = eventInitDict;
        if (detail !== undefined) this.#detail = detail;
      }
    }

    get detail() { return this.#detail; }
    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      this.#detail;
      need(arguments.length, 1, 'CustomEvent.initCustomEvent');
      if (inner.busy(this)) return;
      apply(initEvent, this, [type, bubbles, cancelable]);
      this.#detail = detail;
    }
  }
  const initEvent = Event.prototype.initEvent;

  class ErrorEvent extends Event {
    #message = '';
    #filename = '';
    #lineno = 0;
    #colno = 0;
    #error = undefined;

    constructor(type, eventInitDict = undefined) {
      need(arguments.length, 1, 'ErrorEvent');
      super(type, eventInitDict);
      if (eventInitDict === undefined || eventInitDict === null) return;
      const { colno, error, filename, lineno, message } = eventInitDict;
      if (colno !== undefined) this.#colno = std.toUint(colno, 32);
      this.#error = error;
      if (filename !== undefined) this.#filename = std.toScalars(filename);
      if (lineno !== undefined) this.#lineno = std.toUint(lineno, 32);
      if (message !== undefined) this.#message = toText(message);
    }

    get message() { return this.#message; }
    get filename() { return this.#filename; }
    get lineno() { return this.#lineno; }
    get colno() { return this.#colno; }
    get error() { return this.#error; }
  }

  class EventTarget {
    #listeners = list();

    addEventListener(type, callback, options = undefined) {
      this.#listeners;
      need(arguments.length, 2, 'EventTarget.addEventListener');
      type = toText(type);
      callback = inner.callback(callback, 'EventTarget.addEventListener');
      let capture = false, once = false, passive = false, signal;
      if (isObject(options)) {
        capture = !!options.capture;
        once = !!options.once;
        passive = !!options.passive;
        signal = options.signal;
        if (signal !== undefined && !inner.isSignal(signal)) {
          throw new TypeError('EventTarget.addEventListener: the signal is no AbortSignal');
        }
      } else {
        capture = !!options;
      }
      if (signal !== undefined && inner.isAborted(signal)) return;
      if (callback === null) return;
      this.#add({
        __proto__: null, type, callback, capture, once, passive, removed: false, handler: undefined,
      }, signal);
    }

    #add(listener, signal) {
      const all = this.#listeners;
      for (let i = 0; i < all.length; i++) {
        const other = all[i];
        if (other.type === listener.type && other.callback === listener.callback &&
            other.capture === listener.capture) return;
      }
      push(all, listener);
      if (signal !== undefined) inner.whenAborted(signal, () => this.#remove(listener));
    }

    #remove(listener) {
      listener.removed = true;
      const kept = list();
      const all = this.#listeners;
      for (let i = 0; i < all.length; i++) {
        if (all[i] !== listener) push(kept, all[i]);
      }
      this.#listeners = kept;
    }

    removeEventListener(type, callback, options = undefined) {
      this.#listeners;
      need(arguments.length, 2, 'EventTarget.removeEventListener');
      type = toText(type);
      callback = inner.callback(callback, 'EventTarget.removeEventListener');
      const capture = isObject(options) ? !!options.capture : !!options;
      const all = this.#listeners;
      for (let i = 0; i < all.length; i++) {
        const listener = all[i];
        if (listener.type === type && listener.callback === callback && listener.capture === capture) {
          this.#remove(listener);
          return;
        }
      }
    }

    dispatchEvent(event) {
      this.#listeners;
      need(arguments.length, 1, 'EventTarget.dispatchEvent');
      if (!inner.isEvent(event)) throw new TypeError('EventTarget.dispatchEvent: not an Event');
      if (inner.busy(event)) {
        throw new DOMException('The event is already being dispatched', 'InvalidStateError');
      }
      inner.untrust(event);
      return this.#dispatch(event);
    }

    #dispatch(event) {
      inner.begin(event, this);
      if (!inner.halted(event)) {
        this.#call(event, true);
        if (!inner.halted(event)) this.#call(event, false);
      }
      return inner.end(event);
    }

    #call(event, capture) {
      const all = this.#listeners;
      // Those that are added from now on are not called.
      const count = all.length;
      const type = inner.typeOf(event);
      for (let i = 0; i < count; i++) {
        const listener = all[i];
        if (listener.removed || listener.type !== type || listener.capture !== capture) continue;
        if (listener.once) this.#remove(listener);
        inner.passive(event, listener.passive);
        try {
          if (listener.handler !== undefined) {
            const handler = listener.handler();
            if (handler !== null && apply(handler, this, [event]) === false) {
              apply(preventDefault, event, []);
            }
          } else if (typeof listener.callback === 'function') {
            apply(listener.callback, this, [event]);
          } else {
            const { handleEvent } = listener.callback;
            if (typeof handleEvent !== 'function') {
              throw new TypeError('the listener has no function handleEvent');
            }
            apply(handleEvent, listener.callback, [event]);
          }
        } catch (error) {
          report(error);
        }
        inner.passive(event, false);
        if (inner.stopped(event)) break;
      }
    }

    static {
      push(std.uncloneable, (value) => #listeners in value);
      inner.callback = (value, what) => {
        if (value === undefined || value === null) return null;
        if (!isObject(value)) throw new TypeError(what + ': the listener is not an object');
        return value;
      };
      // An event that the platform itself sends.
      inner.send = (target, type) => inner.sendEvent(target, new Event(type));
      inner.sendEvent = (target, event) => {
        inner.trust(event);
        target.#dispatch(event);
      };
      inner.handle = (target, type, handler) => {
        target.#add({
          __proto__: null, type, callback: handler, capture: false, once: false, passive: false,
          removed: false, handler,
        }, undefined);
      };
    }
  }
  const preventDefault = Event.prototype.preventDefault;
  const typeGetter = std.getOwnPropertyDescriptor(Event.prototype, 'type').get;
  inner.typeOf = (event) => apply(typeGetter, event, []);

  // An attribute like `onabort`: its listener stands where it was first set.
  inner.attribute = (type) => {
    let current = null;
    let listening = false;
    return {
      __proto__: null,
      get: () => current,
      set: (target, value) => {
        current = isObject(value) ? value : null;
        if (current !== null && !listening) {
          listening = true;
          inner.handle(target, type, () => (typeof current === 'function' ? current : null));
        }
      },
    };
  };

  let making = false;

  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    // What is done when it is aborted: records that are linked both ways, so that each can be forgotten
    // without a look at the others.
    #firstStep = undefined;
    #lastStep = undefined;
    #sources = null;
    #dependents = list();
    #onabort = undefined;

    constructor() {
      if (!making) throw new TypeError('Illegal constructor');
      making = false;
      super();
    }

    static {
      inner.signal = () => {
        making = true;
        try {
          return new AbortSignal();
        } finally {
          // It may have failed before it looked, for want of stack.
          making = false;
        }
      };
      inner.isSignal = (value) => isObject(value) && #aborted in value;
      inner.isAborted = (signal) => signal.#aborted;
      inner.reason = (signal) => signal.#reason;
      // Answers what `forgetStep` is told.
      inner.whenAborted = (signal, run) => {
        if (signal.#aborted) return undefined;
        const before = signal.#lastStep;
        const step = { __proto__: null, run, before, after: undefined };
        signal.#lastStep = step;
        if (before === undefined) signal.#firstStep = step;
        else before.after = step;
        return step;
      };
      inner.forgetStep = (signal, step) => {
        if (signal.#aborted) return;
        const { before, after } = step;
        if (before === undefined) signal.#firstStep = after;
        else before.after = after;
        if (after === undefined) signal.#lastStep = before;
        else after.before = before;
        step.before = undefined;
        step.after = undefined;
      };
      inner.abort = (signal, reason) => {
        if (signal.#aborted) return;
        reason = reason === undefined ? inner.abortError() : reason;
        const all = list();
        push(all, signal);
        signal.#aborted = true;
        signal.#reason = reason;
        for (let i = 0; i < signal.#dependents.length; i++) {
          const dependent = signal.#dependents[i];
          if (dependent.#aborted) continue;
          dependent.#aborted = true;
          dependent.#reason = reason;
          push(all, dependent);
        }
        for (let i = 0; i < all.length; i++) {
          const aborted = all[i];
          let step = aborted.#firstStep;
          aborted.#firstStep = undefined;
          aborted.#lastStep = undefined;
          for (; step !== undefined; step = step.after) step.run();
          inner.send(aborted, 'abort');
        }
      };
      inner.abortError = () => new DOMException('This operation was aborted', 'AbortError');
      inner.depend = (signal, source) => {
        if (source.#sources === null) {
          push(signal.#sources, source);
          push(source.#dependents, signal);
        } else {
          for (let i = 0; i < source.#sources.length; i++) {
            push(signal.#sources, source.#sources[i]);
            push(source.#sources[i].#dependents, signal);
          }
        }
      };
      inner.dependent = (signal) => { signal.#sources = list(); };
      // A new signal that is aborted with this one.
      inner.follow = (source) => {
        const signal = inner.signal();
        if (source.#aborted) {
          signal.#aborted = true;
          signal.#reason = source.#reason;
        } else {
          inner.dependent(signal);
          inner.depend(signal, source);
        }
        return signal;
      };
    }

    static abort(reason = undefined) {
      const signal = inner.signal();
      signal.#aborted = true;
      signal.#reason = reason === undefined ? inner.abortError() : reason;
      return signal;
    }

    static timeout(milliseconds) {
      need(arguments.length, 1, 'AbortSignal.timeout');
      const delay = enforceRange(milliseconds, 0, 2 ** 53 - 1, 'AbortSignal.timeout');
      const signal = inner.signal();
      timers.after(delay, () => inner.abort(
        signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
      return signal;
    }

    static any(signals) {
      need(arguments.length, 1, 'AbortSignal.any');
      const given = list();
      const getIterator = isObject(signals) ? signals[iterator] : undefined;
      if (typeof getIterator !== 'function') throw new TypeError('AbortSignal.any: not iterable');
      std.iterate(signals, getIterator, (signal) => {
        if (!inner.isSignal(signal)) throw new TypeError('AbortSignal.any: an item is no AbortSignal');
        push(given, signal);
      });
      const result = inner.signal();
      for (let i = 0; i < given.length; i++) {
        if (given[i].#aborted) {
          result.#aborted = true;
          result.#reason = given[i].#reason;
          return result;
        }
      }
      inner.dependent(result);
      for (let i = 0; i < given.length; i++) inner.depend(result, given[i]);
      return result;
    }

    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    get onabort() { return this.#aborted, this.#onabort === undefined ? null : this.#onabort.get(); }
    set onabort(value) {
      this.#aborted;
      this.#onabort ??= inner.attribute('abort');
      this.#onabort.set(this, value);
    }
  }

  class AbortController {
    #signal = inner.signal();

    static {
      push(std.uncloneable, (value) => #signal in value);
    }

    get signal() { return this.#signal; }
    abort(reason = undefined) { inner.abort(this.#signal, reason); }
  }

  const functions = {
    reportError(e) {
      need(arguments.length, 1, 'reportError');
      report(e);
    },
  };

  expose(Event, 'Event');
  expose(CustomEvent, 'CustomEvent');
  expose(ErrorEvent, 'ErrorEvent');
  expose(EventTarget, 'EventTarget');
  expose(AbortSignal, 'AbortSignal');
  expose(AbortController, 'AbortController');
  const phases = (object) => {
    constant(object, 'NONE', NONE);
    constant(object, 'CAPTURING_PHASE', CAPTURING_PHASE);
    constant(object, 'AT_TARGET', AT_TARGET);
    constant(object, 'BUBBLING_PHASE', BUBBLING_PHASE);
  };
  phases(Event);
  phases(Event.prototype);
  return {
    __proto__: null, Event, CustomEvent, ErrorEvent, EventTarget, AbortSignal, AbortController,
    reportError: functions.reportError,
    isSignal: inner.isSignal, isAborted: inner.isAborted, whenAborted: inner.whenAborted,
    reasonOf: inner.reason, send: inner.send, sendEvent: inner.sendEvent, attribute: inner.attribute, makeSignal: inner.signal,
    abort: inner.abort, forgetStep: inner.forgetStep, follow: inner.follow,
  };
})
