'use strict';
// `mock` of node:test: functions and methods that record how they were called, and timers that run when told.

const { codes } = require('internal/errors');
const { validateFunction, validateInteger, validateObject, validateOneOf, validateString, validateStringArray } = require('internal/validators');

class MockFunctionContext {
  #calls = [];
  #mocks = new Map();
  #implementation;
  #restore;
  #times;

  constructor(implementation, restore, times = Infinity) {
    this.#implementation = implementation;
    this.#restore = restore;
    this.#times = times;
  }

  get calls() {
    return this.#calls.slice();
  }

  callCount() {
    return this.#calls.length;
  }

  mockImplementation(implementation) {
    validateFunction(implementation, 'implementation');
    this.#implementation = implementation;
  }

  mockImplementationOnce(implementation, onCall = this.#calls.length) {
    validateFunction(implementation, 'implementation');
    validateInteger(onCall, 'onCall', this.#calls.length);
    this.#mocks.set(onCall, implementation);
  }

  resetCalls() {
    this.#calls = [];
  }

  restore() {
    this.#restore?.(this);
  }

  // For the restored function: calls go to the original from now on.
  static useOriginal(context, original) {
    context.#implementation = original;
    context.#mocks.clear();
  }

  static next(context, original) {
    const count = context.#calls.length;
    const once = context.#mocks.get(count);
    context.#mocks.delete(count);
    const implementation = once ?? (count < context.#times ? context.#implementation : original);
    if (count + 1 === context.#times) context.restore();
    return implementation;
  }

  static record(context, call) {
    context.#calls.push(call);
  }
}

function makeMock(original, implementation, restore, times) {
  const context = new MockFunctionContext(implementation, restore, times);
  const handler = {
    __proto__: null,
    get: (target, key, receiver) => (key === 'mock' ? context : Reflect.get(target, key, receiver)),
    apply(target, thisArg, args) {
      return run(args, thisArg, undefined, (fn) => Reflect.apply(fn, thisArg, args));
    },
    construct(target, args, newTarget) {
      return run(args, undefined, target, (fn) => Reflect.construct(fn, args, newTarget === proxy ? fn : newTarget));
    },
  };
  function run(args, thisArg, target, call) {
    const fn = MockFunctionContext.next(context, original);
    let result;
    let error;
    try {
      result = call(fn);
      return result;
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      MockFunctionContext.record(context, { arguments: args, error, result, stack: new Error(), target, this: target === undefined ? thisArg : result });
    }
  }
  const proxy = new Proxy(original, handler);
  return proxy;
}

// setTimeout and its kin on a clock that stands still until it is told to go.
class MockTimers {
  #enabled = false;
  #now = 0;
  #queue = [];
  #lastId = 0;
  #originals = new Map();

  enable(options = {}) {
    validateObject(options, 'options');
    if (this.#enabled) throw new codes.ERR_INVALID_STATE('MockTimers is already enabled!');
    const { apis = ['setInterval', 'setTimeout', 'setImmediate', 'Date'], now = 0 } = options;
    validateStringArray(apis, 'options.apis');
    for (const api of apis) validateOneOf(api, 'options.apis', ['setInterval', 'setTimeout', 'setImmediate', 'Date']);
    this.#enabled = true;
    this.#now = Number(now);
    const timers = require('timers');
    const mocked = {
      setTimeout: (fn, delay, ...args) => this.#add(fn, delay, args, false),
      clearTimeout: (timer) => this.#remove(timer),
      setInterval: (fn, delay, ...args) => this.#add(fn, delay, args, true),
      clearInterval: (timer) => this.#remove(timer),
      setImmediate: (fn, ...args) => this.#add(fn, 0, args, false),
      clearImmediate: (timer) => this.#remove(timer),
    };
    for (const api of apis) {
      if (api === 'Date') {
        this.#replace(globalThis, 'Date', this.#makeDate());
        continue;
      }
      for (const name of [api, api.replace('set', 'clear')]) {
        this.#replace(globalThis, name, mocked[name]);
        this.#replace(timers, name, mocked[name]);
      }
    }
  }

  #replace(target, name, value) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    this.#originals.set(`${target === globalThis}:${name}`, () => Object.defineProperty(target, name, descriptor));
    Object.defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: descriptor.enumerable, configurable: true });
  }

  #makeDate() {
    const now = () => this.#now;
    const RealDate = globalThis.Date;
    function MockDate(...args) {
      if (!new.target) return new RealDate(now()).toString();
      return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target === MockDate ? RealDate : new.target);
    }
    Object.defineProperties(MockDate, Object.getOwnPropertyDescriptors(RealDate));
    MockDate.now = now;
    return MockDate;
  }

  #add(fn, delay, args, repeat) {
    const timer = {
      id: ++this.#lastId,
      at: this.#now + Math.max(repeat ? 1 : 0, Number(delay) || 0),
      fn,
      args,
      interval: repeat ? Math.max(1, Number(delay) || 0) : undefined,
      ref() { return timer; },
      unref() { return timer; },
      hasRef() { return true; },
      [Symbol.toPrimitive]() { return timer.id; },
    };
    this.#queue.push(timer);
    return timer;
  }

  #remove(timer) {
    const index = this.#queue.findIndex((one) => one === timer || one.id === timer);
    if (index !== -1) this.#queue.splice(index, 1);
  }

  #check() {
    if (!this.#enabled) throw new codes.ERR_INVALID_STATE('You should enable MockTimers first by calling the .enable function');
  }

  #runUntil(end) {
    for (;;) {
      const due = this.#queue.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.at);
      if (due.interval === undefined) this.#remove(due);
      else due.at += due.interval;
      Reflect.apply(due.fn, undefined, due.args);
    }
    this.#now = Math.max(this.#now, end);
  }

  tick(time = 1) {
    this.#check();
    validateInteger(time, 'time', 0);
    this.#runUntil(this.#now + time);
  }

  runAll() {
    this.#check();
    if (this.#queue.length === 0) return;
    this.#runUntil(Math.max(...this.#queue.map((timer) => timer.at)));
  }

  setTime(time = 0) {
    this.#check();
    this.#now = time;
    this.#runUntil(time);
  }

  reset() {
    if (!this.#enabled) return;
    for (const restore of this.#originals.values()) restore();
    this.#originals.clear();
    this.#queue = [];
    this.#enabled = false;
  }

  [Symbol.dispose ?? Symbol('dispose')]() {
    this.reset();
  }
}

class MockTracker {
  #mocks = [];
  #timers;

  get timers() {
    this.#timers ??= new MockTimers();
    return this.#timers;
  }

  fn(original = function () {}, implementation = original, options = {}) {
    if (original !== null && typeof original === 'object') {
      options = original;
      original = function () {};
      implementation = original;
    } else if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = original;
    }
    validateFunction(original, 'original');
    validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const mock = makeMock(original, implementation, (context) => MockFunctionContext.useOriginal(context, original), options.times);
    this.#mocks.push(mock.mock);
    return mock;
  }

  method(object, name, implementation, options = {}) {
    if (object === null || (typeof object !== 'object' && typeof object !== 'function')) {
      throw new codes.ERR_INVALID_ARG_TYPE('object', 'Object', object);
    }
    if (typeof name !== 'symbol') validateString(name, 'methodName');
    if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = undefined;
    }
    validateObject(options, 'options');
    const { getter = false, setter = false, times } = options;
    let owner = object;
    let descriptor;
    while (owner !== null && descriptor === undefined) {
      descriptor = Object.getOwnPropertyDescriptor(owner, name);
      owner = Object.getPrototypeOf(owner);
    }
    const key = getter ? 'get' : setter ? 'set' : 'value';
    const original = descriptor?.[key];
    if (typeof original !== 'function') {
      throw new codes.ERR_INVALID_ARG_VALUE('methodName', original, 'must be a method');
    }
    implementation ??= original;
    validateFunction(implementation, 'implementation');
    const own = Object.getOwnPropertyDescriptor(object, name);
    const restore = (context) => {
      if (own === undefined) delete object[name];
      else Object.defineProperty(object, name, own);
      MockFunctionContext.useOriginal(context, original);
    };
    const mock = makeMock(original, implementation, restore, times);
    Object.defineProperty(object, name, { __proto__: null, ...descriptor, [key]: mock, configurable: true });
    this.#mocks.push(mock.mock);
    return mock;
  }

  getter(object, name, implementation, options = {}) {
    if (implementation !== null && typeof implementation === 'object') return this.method(object, name, { ...implementation, getter: true });
    return this.method(object, name, implementation, { ...options, getter: true });
  }

  setter(object, name, implementation, options = {}) {
    if (implementation !== null && typeof implementation === 'object') return this.method(object, name, { ...implementation, setter: true });
    return this.method(object, name, implementation, { ...options, setter: true });
  }

  reset() {
    this.restoreAll();
    this.#timers?.reset();
    this.#mocks = [];
  }

  restoreAll() {
    for (const context of this.#mocks) context.restore();
  }
}

module.exports = { MockTracker };
