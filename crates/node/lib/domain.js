'use strict';
// `domain`: errors of whatever is begun within a domain go to its 'error' event. Loading it changes how
// emitters and what schedules callbacks work, so that these know their domain. What continues after an
// `await`, or reacts to a promise, knows it by the asynchronous frame.

const context = require('internal/async_context');
const EventEmitter = require('events');
const { setDomainHandler } = require('internal/process/exceptions');

const { apply } = Reflect;

let stack = [];
let active = null;

// What the frame keeps it under.
const kDomain = {};
context.activate();

function setActive(domain) {
  exports.active = active = domain;
  const frame = context.getFrame();
  context.changeFrame(domain ? context.withFrame(frame, kDomain, domain) : context.withoutKey(frame, kDomain));
}

// The domain that was entered, or else the one that this continues.
function current() {
  return active || (context.getFrame()?.get(kDomain) ?? active);
}

Object.defineProperty(process, 'domain', {
  enumerable: true,
  configurable: true,
  get: current,
  set: setActive,
});

function hide(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
}

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// --- the domain itself ---

class Domain extends EventEmitter {
  constructor() {
    super();
    this.members = [];
  }

  enter() {
    setActive(this);
    stack.push(this);
  }

  exit() {
    const at = stack.lastIndexOf(this);
    if (at < 0) return;
    stack.splice(at);
    setActive(stack.length === 0 ? undefined : stack.at(-1));
  }

  add(member) {
    if (member.domain === this) return;
    if (member.domain) member.domain.remove(member);
    // Domains must not contain each other.
    if (this.domain && member instanceof Domain) {
      for (let outer = this.domain; outer; outer = outer.domain) {
        if (outer === member) return;
      }
    }
    hide(member, 'domain', this);
    this.members.push(member);
  }

  remove(member) {
    member.domain = null;
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
  }

  run(fn, ...args) {
    this.enter();
    const result = apply(fn, this, args);
    this.exit();
    return result;
  }

  intercept(callback) {
    const domain = this;
    return Object.defineProperty(function runIntercepted(error, ...args) {
      if (error instanceof Error) {
        mark(error, domain, false);
        error.domainBound = callback;
        domain.emit('error', error);
        return undefined;
      }
      domain.enter();
      const result = apply(callback, this, args);
      domain.exit();
      return result;
    }, 'domain', { value: domain, writable: true, enumerable: true, configurable: true });
  }

  bind(callback) {
    return Object.defineProperty(boundTo(this, callback), 'domain', {
      value: this, writable: true, enumerable: true, configurable: true,
    });
  }

  // Gives whether the error was dealt with. What a handler throws goes to the domain around this one.
  _errorHandler(error) {
    if (isObject(error)) {
      if (!Object.hasOwn(error, 'domain')) hide(error, 'domain', this);
      error.domainThrown = true;
    }
    let isHandled = false;
    if (stack.length === 1 || this.listenerCount('error') === 0) {
      if (this.listenerCount('error') > 0) {
        setActive(undefined);
        isHandled = emitTo(this, error);
      }
    } else {
      try {
        setActive(undefined);
        isHandled = emitTo(this, error);
      } catch (second) {
        stack.pop();
        if (stack.length === 0) throw second;
        setActive(stack.at(-1));
        isHandled = active._errorHandler(second);
      }
    }
    stack = exports._stack = [];
    setActive(undefined);
    return isHandled;
  }
}

function emitTo(domain, error) {
  return apply(emit, domain, ['error', error]);
}

function mark(error, domain, isThrown) {
  hide(error, 'domain', domain);
  error.domainThrown = isThrown;
}

// Not in `finally`: where the callback throws, the domain must still be active when the error is reported.
function boundTo(domain, callback) {
  return function runBound(...args) {
    domain.enter();
    const result = apply(callback, this, args);
    domain.exit();
    return result;
  };
}

// --- emitters ---

EventEmitter.usingDomains = true;

const { init } = EventEmitter;
EventEmitter.init = function(options) {
  const domain = current();
  hide(this, 'domain', domain && !(this instanceof Domain) ? domain : null);
  return apply(init, this, [options]);
};

const { emit } = EventEmitter.prototype;
EventEmitter.prototype.emit = function domainEmit(type, ...args) {
  const { domain } = this;
  if (domain === null || domain === undefined || this === process) return apply(emit, this, [type, ...args]);
  if (type === 'error' && (this._events === undefined || this._events.error === undefined)) {
    const error = args[0] ?? new (require('internal/errors').codes.ERR_UNHANDLED_ERROR)(args[0]);
    if (isObject(error)) {
      error.domainEmitter = this;
      mark(error, domain, false);
    }
    return emitUnhandled(domain, error);
  }
  domain.enter();
  const result = apply(emit, this, [type, ...args]);
  domain.exit();
  return result;
};

// The domain's own listeners run outside of it and of what is around it.
function emitUnhandled(domain, error) {
  const [outer, before] = [stack, active];
  if (domain === active) stack = exports._stack = stack.slice(0, -1);
  setActive(stack.length === 0 ? null : stack.at(-1));
  domain.emit('error', error);
  stack = exports._stack = outer;
  setActive(before);
  return false;
}

// --- what schedules callbacks ---

function keep(callback) {
  const domain = current();
  return domain && typeof callback === 'function' ? boundTo(domain, callback) : callback;
}

function replace(target, name, wrap) {
  const original = target[name];
  const replacement = wrap(original);
  for (const key of Reflect.ownKeys(original)) {
    if (key !== 'prototype') Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key));
  }
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    value: replacement, writable: true, enumerable: descriptor.enumerable, configurable: true,
  });
}

const keepFirst = (original) => function(callback, ...args) {
  return apply(original, this, [keep(callback), ...args]);
};

replace(process, 'nextTick', keepFirst);
replace(globalThis, 'queueMicrotask', keepFirst);
const timers = require('timers');
for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
  const isGlobal = globalThis[name] === timers[name];
  replace(timers, name, keepFirst);
  if (isGlobal) globalThis[name] = timers[name];
}
setDomainHandler({
  current,
  // Where no domain listens, it is as if there were none.
  handle: (error, domain, isRejection) => {
    if (isRejection) return domain.listenerCount('error') > 0 && emitTo(domain, error);
    if (!stack.some((each) => each.listenerCount('error') > 0)) return false;
    return domain._errorHandler(error);
  },
});

// What is made within a domain says so. Promises of other contexts do not: it would be a way out of them.
require('internal/async_hooks').enableHook({
  init(id, type, trigger, resource) {
    const domain = current();
    if (!domain || (type === 'PROMISE' && !(resource instanceof Promise))) return;
    hide(resource, 'domain', domain);
  },
  followsPromises: true,
});

const create = () => new Domain();

exports.Domain = Domain;
exports.create = exports.createDomain = create;
exports._stack = stack;
exports.active = null;
