'use strict';
// `node:async_hooks`: AsyncLocalStorage and AsyncResource. Hooks can be created, but there is nothing in the engine
// that would call them.

const { codes } = require('internal/errors');
const { validateBoolean, validateFunction, validateObject, validateString } = require('internal/validators');
const context = require('internal/async_context');

class AsyncLocalStorage {
  #defaultValue;
  #name;

  constructor(options = {}) {
    validateObject(options, 'options');
    this.#defaultValue = options.defaultValue;
    if (options.name !== undefined) this.#name = `${options.name}`;
    context.activate();
  }

  get name() {
    return this.#name ?? '';
  }

  static bind(fn) {
    validateFunction(fn, 'fn');
    return AsyncResource.bind(fn);
  }

  static snapshot() {
    const frame = context.getFrame();
    return function (fn, ...args) {
      return context.runWith(frame, fn, this, args);
    };
  }

  run(store, callback, ...args) {
    return context.runWith(context.withFrame(context.getFrame(), this, store), callback, null, args);
  }

  exit(callback, ...args) {
    return context.runWith(context.withoutKey(context.getFrame(), this), callback, null, args);
  }

  enterWith(store) {
    context.setFrame(context.withFrame(context.getFrame(), this, store));
  }

  disable() {
    context.setFrame(context.withoutKey(context.getFrame(), this));
  }

  getStore() {
    const frame = context.getFrame();
    return frame !== undefined && frame.has(this) ? frame.get(this) : this.#defaultValue;
  }
}

// The main script is 1.
let lastId = 1;
let executionId = 1;
let triggerId = 0;
let executionResource = {};

class AsyncResource {
  #id = ++lastId;
  #triggerId;
  #frame = context.getFrame();

  constructor(type, options = {}) {
    validateString(type, 'type');
    let trigger = options;
    if (typeof options !== 'number') {
      validateObject(options, 'options');
      trigger = options.triggerAsyncId ?? executionId;
      if (options.requireManualDestroy !== undefined) validateBoolean(options.requireManualDestroy, 'options.requireManualDestroy');
    }
    if (!Number.isSafeInteger(trigger) || trigger < -1) throw new codes.ERR_INVALID_ASYNC_ID('triggerAsyncId', trigger);
    this.#triggerId = trigger;
  }

  runInAsyncScope(fn, thisArg, ...args) {
    const before = [executionId, triggerId, executionResource];
    executionId = this.#id;
    triggerId = this.#triggerId;
    executionResource = this;
    try {
      return context.runWith(this.#frame, fn, thisArg, args);
    } finally {
      [executionId, triggerId, executionResource] = before;
    }
  }

  emitDestroy() {
    return this;
  }

  asyncId() {
    return this.#id;
  }

  triggerAsyncId() {
    return this.#triggerId;
  }

  bind(fn, thisArg) {
    validateFunction(fn, 'fn');
    const resource = this;
    const bound = thisArg === undefined ?
      function (...args) { return resource.runInAsyncScope(fn, this, ...args); } :
      (...args) => resource.runInAsyncScope(fn, thisArg, ...args);
    Object.defineProperty(bound, 'length', { __proto__: null, value: fn.length, writable: false, enumerable: false, configurable: true });
    return bound;
  }

  static bind(fn, type, thisArg) {
    validateFunction(fn, 'fn');
    return new AsyncResource(type || fn.name || 'bound-anonymous-fn').bind(fn, thisArg);
  }
}

class AsyncHook {
  enable() {
    return this;
  }

  disable() {
    return this;
  }
}

function createHook(callbacks) {
  validateObject(callbacks, 'callbacks');
  for (const name of ['init', 'before', 'after', 'destroy', 'promiseResolve']) {
    if (callbacks[name] !== undefined && typeof callbacks[name] !== 'function') {
      throw new codes.ERR_ASYNC_CALLBACK(`hook.${name}`);
    }
  }
  return new AsyncHook();
}

module.exports = {
  AsyncLocalStorage,
  createHook,
  executionAsyncId: () => executionId,
  triggerAsyncId: () => triggerId,
  executionAsyncResource: () => executionResource,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
  AsyncResource,
};
for (const name of ['executionAsyncId', 'triggerAsyncId', 'executionAsyncResource']) {
  Object.defineProperty(module.exports[name], 'name', { __proto__: null, value: name, configurable: true });
}
