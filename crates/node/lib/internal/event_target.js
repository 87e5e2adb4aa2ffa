'use strict';
// Event, CustomEvent, EventTarget and NodeEventTarget (an EventTarget with some of EventEmitter's methods).

const {
  codes: {
    ERR_EVENT_RECURSION,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_THIS,
    ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const { validateAbortSignal, validateObject, validateString } = require('internal/validators');
const EventEmitter = require('events');

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const { kMaxEventTargetListeners, kMaxEventTargetListenersWarned } = EventEmitter;

const kIsEventTarget = Symbol.for('nodejs.event_target');
const kEvents = Symbol('kEvents');
const kHandlers = Symbol('kHandlers');
const kIsBeingDispatched = Symbol('kIsBeingDispatched');
const kTarget = Symbol('kTarget');
const kType = Symbol('type');
const kStop = Symbol('kStop');
const kTrust = Symbol('kTrustEvent');
const kNewListener = Symbol('kNewListener');
const kRemoveListener = Symbol('kRemoveListener');
const kCreateEvent = Symbol('kCreateEvent');
const kHybridDispatch = Symbol.for('nodejs.internal.kHybridDispatch');
const kResistStopPropagation = Symbol('kResistStopPropagation');

const now = () => require('perf_hooks').performance.now();

class Event {
  #cancelable = false;
  #bubbles = false;
  #composed = false;
  #defaultPrevented = false;
  #timestamp = now();
  #propagationStopped = false;
  #trusted = false;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    if (options != null) {
      validateObject(options, 'options');
      this.#bubbles = Boolean(options.bubbles);
      this.#cancelable = Boolean(options.cancelable);
      this.#composed = Boolean(options.composed);
      this.#trusted = options[kTrust] === true;
    }
    this[kType] = `${type}`;
    this[kTarget] = null;
    this[kIsBeingDispatched] = false;
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#bubbles in value)) throw new ERR_INVALID_THIS('Event');
  }

  initEvent(type, bubbles = false, cancelable = false) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    if (this[kIsBeingDispatched]) return;
    this[kType] = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
  }

  stopImmediatePropagation() {
    Event.#check(this);
    // What calls the next listener looks at this.
    this[kStop] = true;
  }

  preventDefault() {
    Event.#check(this);
    if (this.#cancelable) this.#defaultPrevented = true;
  }

  get target() {
    Event.#check(this);
    return this[kTarget];
  }

  get currentTarget() {
    Event.#check(this);
    return this[kIsBeingDispatched] ? this[kTarget] : null;
  }

  get srcElement() {
    Event.#check(this);
    return this[kTarget];
  }

  get type() {
    Event.#check(this);
    return this[kType];
  }

  get cancelable() {
    Event.#check(this);
    return this.#cancelable;
  }

  get defaultPrevented() {
    Event.#check(this);
    return this.#cancelable && this.#defaultPrevented;
  }

  get timeStamp() {
    Event.#check(this);
    return this.#timestamp;
  }

  composedPath() {
    Event.#check(this);
    return this[kIsBeingDispatched] ? [this[kTarget]] : [];
  }

  get returnValue() {
    Event.#check(this);
    return !this.#cancelable || !this.#defaultPrevented;
  }

  get bubbles() {
    Event.#check(this);
    return this.#bubbles;
  }

  get composed() {
    Event.#check(this);
    return this.#composed;
  }

  get eventPhase() {
    Event.#check(this);
    return this[kIsBeingDispatched] ? Event.AT_TARGET : Event.NONE;
  }

  get cancelBubble() {
    Event.#check(this);
    return this.#propagationStopped;
  }

  set cancelBubble(value) {
    Event.#check(this);
    if (value) this.#propagationStopped = true;
  }

  stopPropagation() {
    Event.#check(this);
    this.#propagationStopped = true;
  }

  get isTrusted() {
    return this.#trusted;
  }

  [customInspect](depth, options) {
    Event.#check(this);
    const { name } = this.constructor;
    if (depth < 0) return name;
    const { inspect } = require('internal/util/inspect');
    return `${name} ${inspect({
      type: this[kType],
      defaultPrevented: this.defaultPrevented,
      cancelable: this.#cancelable,
      timeStamp: this.#timestamp,
    }, { ...options, depth: Number.isInteger(options.depth) ? options.depth - 1 : options.depth })}`;
  }

  static NONE = 0;
  static CAPTURING_PHASE = 1;
  static AT_TARGET = 2;
  static BUBBLING_PHASE = 3;
}

const enumerable = { __proto__: null, enumerable: true };

function exposeMembers(prototype, tag, members) {
  const descriptors = { __proto__: null };
  for (const name of members) descriptors[name] = enumerable;
  descriptors[Symbol.toStringTag] = {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: tag,
  };
  Object.defineProperties(prototype, descriptors);
}

exposeMembers(Event.prototype, 'Event', [
  'initEvent', 'stopImmediatePropagation', 'preventDefault', 'target', 'currentTarget', 'srcElement', 'type',
  'cancelable', 'defaultPrevented', 'timeStamp', 'composedPath', 'returnValue', 'bubbles', 'composed',
  'eventPhase', 'cancelBubble', 'stopPropagation', 'isTrusted',
]);
// Only the getter counts, not the accessor that the class syntax makes.
Object.defineProperty(Event.prototype, customInspect, { __proto__: null, enumerable: false });

class CustomEvent extends Event {
  #detail;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() {
    if (!(#detail in this)) throw new ERR_INVALID_THIS('CustomEvent');
    return this.#detail;
  }
}

exposeMembers(CustomEvent.prototype, 'CustomEvent', ['detail']);

// One registration. Listeners are kept in order, in an array that is replaced when it changes, so that a
// running dispatch goes on with the one it started with.
class Listener {
  constructor(callback, { once, capture, passive, resistStop }) {
    this.callback = callback;
    this.once = once;
    this.capture = capture;
    this.passive = passive;
    this.resistStop = resistStop;
    this.removed = false;
  }
}

const noOptions = { once: false, capture: false, passive: false, signal: undefined, resistStop: false };

function readOptions(options) {
  if (options === undefined || options === null) return noOptions;
  if (typeof options === 'boolean') return { ...noOptions, capture: options };
  if (typeof options !== 'object' && typeof options !== 'function') return noOptions;
  return {
    once: Boolean(options.once),
    capture: Boolean(options.capture),
    passive: Boolean(options.passive),
    signal: options.signal,
    resistStop: options[kResistStopPropagation] === true,
  };
}

function checkTarget(value, name = 'EventTarget') {
  if (!isEventTarget(value)) throw new ERR_INVALID_THIS(name);
}

function isUsableListener(listener) {
  if (typeof listener === 'function' || (typeof listener === 'object' && listener !== null)) return true;
  if (listener == null) return false;
  throw new ERR_INVALID_ARG_TYPE('listener', 'EventListener', listener);
}

function initEventTarget(target) {
  target[kEvents] = new Map();
  target[kMaxEventTargetListeners] = EventEmitter.defaultMaxListeners;
  target[kMaxEventTargetListenersWarned] = false;
  target[kHandlers] = undefined;
}

const hidden = { __proto__: null, writable: true, enumerable: false, configurable: true };

function throwLater(error) {
  process.nextTick(() => { throw error; });
}

class EventTarget {
  static [kIsEventTarget] = true;

  constructor() {
    initEventTarget(this);
    for (const key of [kEvents, kMaxEventTargetListeners, kMaxEventTargetListenersWarned, kHandlers]) {
      Object.defineProperty(this, key, { ...hidden, value: this[key] });
    }
  }

  addEventListener(type, listener, options = {}) {
    checkTarget(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    const settings = readOptions(options);
    const { signal } = settings;
    if (!isUsableListener(listener)) {
      const warning = new Error(`addEventListener called with ${listener} which has no effect.`);
      warning.name = 'AddEventListenerArgumentTypeWarning';
      warning.target = this;
      warning.type = type;
      process.emitWarning(warning);
      return;
    }
    if (signal !== undefined && signal !== null) {
      validateAbortSignal(signal, 'options.signal');
      if (signal.aborted) return;
      signal.addEventListener('abort', () => this.removeEventListener(type, listener, options), {
        once: true, [kResistStopPropagation]: true,
      });
    }
    type = `${type}`;
    const list = this[kEvents].get(type);
    if (list === undefined) {
      const added = new Listener(listener, settings);
      this[kEvents].set(type, [added]);
      this[kNewListener](1, type, listener, settings.once, settings.capture, settings.passive, false);
      return;
    }
    for (const each of list) {
      if (each.callback === listener && each.capture === settings.capture) return;
    }
    this[kEvents].set(type, [...list, new Listener(listener, settings)]);
    this[kNewListener](list.length + 1, type, listener, settings.once, settings.capture, settings.passive, false);
  }

  removeEventListener(type, listener, options = {}) {
    checkTarget(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    if (!isUsableListener(listener)) return;
    type = `${type}`;
    const { capture } = readOptions(options);
    const list = this[kEvents].get(type);
    const found = list?.find((each) => each.callback === listener && each.capture === capture);
    if (found !== undefined) removeFrom(this, type, found);
  }

  dispatchEvent(event) {
    checkTarget(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('event');
    if (!(event instanceof Event)) throw new ERR_INVALID_ARG_TYPE('event', 'Event', event);
    if (event[kIsBeingDispatched]) throw new ERR_EVENT_RECURSION(event.type);
    this[kHybridDispatch](event, event.type, event);
    return event.defaultPrevented !== true;
  }

  [kNewListener](size, type) {
    const max = this[kMaxEventTargetListeners];
    if (max > 0 && size > max && !this[kMaxEventTargetListenersWarned]) {
      this[kMaxEventTargetListenersWarned] = true;
      const { inspect } = require('internal/util/inspect');
      const warning = new Error(
        `Possible EventTarget memory leak detected. ${size} ${type} listeners added to ` +
        `${inspect(this, { depth: -1 })}. MaxListeners is ${max}. Use events.setMaxListeners() to increase limit`);
      warning.name = 'MaxListenersExceededWarning';
      warning.target = this;
      warning.type = type;
      warning.count = size;
      process.emitWarning(warning);
    }
  }

  [kRemoveListener]() {}

  // `value` goes to listeners of Node's kind, an event made of it to the Web's kind.
  [kHybridDispatch](value, type, event) {
    const list = this[kEvents].get(type);
    const toEvent = () => {
      if (event === undefined) {
        event = this[kCreateEvent](value, type);
        event[kTarget] = this;
        event[kIsBeingDispatched] = true;
      }
      return event;
    };
    if (event !== undefined) {
      event[kTarget] = this;
      event[kIsBeingDispatched] = true;
    }
    if (list !== undefined) {
      for (const each of list) {
        if (each.removed || (event?.[kStop] === true && !each.resistStop)) continue;
        if (each.once) removeFrom(this, type, each);
        try {
          const { callback } = each;
          const argument = callback.isNodeStyle ? value : toEvent();
          let result;
          if (typeof callback === 'function') {
            result = callback.call(this, argument);
          } else if (typeof callback.handleEvent === 'function') {
            result = callback.handleEvent(argument);
          }
          if (result !== undefined && result !== null && typeof result.then === 'function') {
            result.then(undefined, throwLater);
          }
        } catch (error) {
          throwLater(error);
        }
      }
    }
    if (event !== undefined) event[kIsBeingDispatched] = false;
  }

  [kCreateEvent](value, type) {
    return new CustomEvent(type, { detail: value });
  }

  [customInspect](depth, options) {
    checkTarget(this);
    const { name } = this.constructor;
    if (depth < 0) return name;
    const { inspect } = require('internal/util/inspect');
    return `${name} ${inspect({}, { ...options, depth: Number.isInteger(options.depth) ? options.depth - 1 : options.depth })}`;
  }
}

function removeFrom(target, type, listener) {
  listener.removed = true;
  const rest = target[kEvents].get(type).filter((each) => each !== listener);
  if (rest.length === 0) target[kEvents].delete(type);
  else target[kEvents].set(type, rest);
  target[kRemoveListener](rest.length, type, listener.callback, listener.capture);
}

exposeMembers(EventTarget.prototype, 'EventTarget', ['addEventListener', 'removeEventListener', 'dispatchEvent']);

class NodeEventTarget extends EventTarget {
  static defaultMaxListeners = 10;

  setMaxListeners(n) {
    checkTarget(this, 'NodeEventTarget');
    EventEmitter.setMaxListeners(n, this);
  }

  getMaxListeners() {
    checkTarget(this, 'NodeEventTarget');
    return this[kMaxEventTargetListeners];
  }

  eventNames() {
    checkTarget(this, 'NodeEventTarget');
    return [...this[kEvents].keys()];
  }

  listenerCount(type) {
    checkTarget(this, 'NodeEventTarget');
    return this[kEvents].get(`${type}`)?.length ?? 0;
  }

  off(type, listener, options) {
    this.removeEventListener(type, listener, options);
    return this;
  }

  removeListener(type, listener, options) {
    this.removeEventListener(type, listener, options);
    return this;
  }

  on(type, listener) {
    this.addEventListener(type, listener);
    return this;
  }

  addListener(type, listener) {
    this.addEventListener(type, listener);
    return this;
  }

  emit(type, arg) {
    checkTarget(this, 'NodeEventTarget');
    validateString(type, 'type');
    const had = this.listenerCount(type) > 0;
    this[kHybridDispatch](arg, type);
    return had;
  }

  once(type, listener) {
    this.addEventListener(type, listener, { once: true });
    return this;
  }

  removeAllListeners(type) {
    checkTarget(this, 'NodeEventTarget');
    if (type === undefined) this[kEvents].clear();
    else this[kEvents].delete(`${type}`);
    return this;
  }
}

for (const name of ['setMaxListeners', 'getMaxListeners', 'eventNames', 'listenerCount', 'off', 'removeListener',
  'on', 'addListener', 'once', 'emit', 'removeAllListeners']) {
  Object.defineProperty(NodeEventTarget.prototype, name, enumerable);
}

// `target.onNAME = f` is a listener that holds its place while it is replaced.
function defineEventHandler(prototype, name, event = name) {
  const property = `on${name}`;
  function get() {
    return this[kHandlers]?.get(event)?.handler ?? null;
  }
  Object.defineProperty(get, 'name', { __proto__: null, value: `get ${property}` });
  function set(value) {
    const usable = typeof value === 'function' || (typeof value === 'object' && value !== null);
    let wrapper = this[kHandlers]?.get(event);
    if (wrapper !== undefined) {
      if (usable) {
        wrapper.handler = value;
      } else {
        this[kHandlers].delete(event);
        this.removeEventListener(event, wrapper);
      }
      return;
    }
    if (!usable) return;
    wrapper = function(argument) {
      return typeof wrapper.handler === 'function' ? wrapper.handler.call(this, argument) : undefined;
    };
    wrapper.handler = value;
    this[kHandlers] ??= new Map();
    this[kHandlers].set(event, wrapper);
    this.addEventListener(event, wrapper);
  }
  Object.defineProperty(set, 'name', { __proto__: null, value: `set ${property}` });
  Object.defineProperty(prototype, property, { __proto__: null, get, set, enumerable: true, configurable: true });
}

function isEventTarget(value) {
  return Boolean(value?.constructor?.[kIsEventTarget]);
}

function listenersOfTarget(target, type) {
  const list = target[kEvents].get(`${type}`);
  return list === undefined ? [] : list.map((each) => each.callback.handler ?? each.callback);
}

module.exports = {
  CustomEvent,
  Event,
  EventTarget,
  NodeEventTarget,
  defineEventHandler,
  exposeMembers,
  initEventTarget,
  isEventTarget,
  kCreateEvent,
  kEvents,
  kHybridDispatch,
  kNewListener,
  kRemoveListener,
  kResistStopPropagation,
  kTarget,
  kTrust,
  listenersOfTarget,
};
