'use strict';
// `node:async_hooks`: AsyncLocalStorage, AsyncResource, and hooks as programs set them.

const { codes } = require('internal/errors');
const { validateBoolean, validateFunction, validateObject, validateString } = require('internal/validators');
const context = require('internal/async_context');
const hooks = require('internal/async_hooks');

const { kAsyncId, kTriggerAsyncId } = hooks;
hooks.track();

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
    context.changeFrame(context.withFrame(context.getFrame(), this, store));
  }

  disable() {
    context.changeFrame(context.withoutKey(context.getFrame(), this));
  }

  getStore() {
    const frame = context.getFrame();
    return frame !== undefined && frame.has(this) ? frame.get(this) : this.#defaultValue;
  }
}

class AsyncResource {
  [kAsyncId];
  [kTriggerAsyncId];
  #frame;
  #state;

  constructor(type, options = {}) {
    validateString(type, 'type');
    this.#frame = context.keepFrame(type);
    let trigger = options;
    let requireManualDestroy = false;
    if (typeof options !== 'number') {
      validateObject(options, 'options');
      trigger = options.triggerAsyncId ?? hooks.current.id;
      requireManualDestroy = Boolean(options.requireManualDestroy);
    }
    if (!Number.isSafeInteger(trigger) || trigger < -1) throw new codes.ERR_INVALID_ASYNC_ID('triggerAsyncId', trigger);
    const id = hooks.newAsyncId();
    this[kAsyncId] = id;
    this[kTriggerAsyncId] = trigger;
    if (hooks.counts.init > 0) {
      if (type === '') throw new codes.ERR_ASYNC_TYPE(type);
      hooks.emitInit(id, type, trigger, this);
    }
    if (!requireManualDestroy && hooks.counts.destroy > 0) {
      this.#state = { destroyed: false };
      hooks.emitDestroyWhenCollected(this, id, this.#state);
    }
  }

  runInAsyncScope(fn, thisArg, ...args) {
    const id = this[kAsyncId];
    hooks.enter(id, this[kTriggerAsyncId], this);
    try {
      return context.runWith(this.#frame, fn, thisArg, args);
    } finally {
      hooks.leave(id);
    }
  }

  emitDestroy() {
    if (this.#state !== undefined) this.#state.destroyed = true;
    hooks.emitDestroy(this[kAsyncId]);
    return this;
  }

  asyncId() {
    return this[kAsyncId];
  }

  triggerAsyncId() {
    return this[kTriggerAsyncId];
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

const kinds = ['init', 'before', 'after', 'destroy', 'promiseResolve'];
const symbols = Object.fromEntries(kinds.map((kind) => [kind, Symbol(kind)]));
const kNoPromiseHook = Symbol('kNoPromiseHook');

class AsyncHook {
  #hook;

  constructor(callbacks, trackPromises) {
    for (const kind of kinds) this[symbols[kind]] = callbacks[kind];
    this[kNoPromiseHook] = !trackPromises;
    this.#hook = { ...callbacks, followsPromises: trackPromises, self: this };
  }

  enable() {
    hooks.enableHook(this.#hook);
    return this;
  }

  disable() {
    hooks.disableHook(this.#hook);
    return this;
  }
}

function createHook({ init, before, after, destroy, promiseResolve, trackPromises }) {
  const callbacks = { init, before, after, destroy, promiseResolve };
  for (const kind of kinds) {
    if (callbacks[kind] !== undefined && typeof callbacks[kind] !== 'function') {
      throw new codes.ERR_ASYNC_CALLBACK(`hook.${kind}`);
    }
  }
  if (trackPromises !== undefined) {
    validateBoolean(trackPromises, 'trackPromises');
    if (!trackPromises && promiseResolve !== undefined) {
      throw new codes.ERR_INVALID_ARG_VALUE('trackPromises', trackPromises, 'must not be false when promiseResolve is enabled');
    }
  }
  return new AsyncHook(callbacks, trackPromises !== false);
}

const executionAsyncId = () => hooks.current.id;
const triggerAsyncId = () => hooks.current.trigger;
const executionAsyncResource = () => hooks.current.resource;

// The types of resources of native code, in Node's order.
const asyncWrapProviders = Object.freeze(Object.assign(Object.create(null), Object.fromEntries([
  'NONE', 'DIRHANDLE', 'DNSCHANNEL', 'ELDHISTOGRAM', 'FILEHANDLE', 'FILEHANDLECLOSEREQ', 'BLOBREADER', 'FSEVENTWRAP',
  'FSREQCALLBACK', 'FSREQPROMISE', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'HEAPSNAPSHOT', 'HTTP2SESSION',
  'HTTP2STREAM', 'HTTP2PING', 'HTTP2SETTINGS', 'HTTPINCOMINGMESSAGE', 'HTTPCLIENTREQUEST', 'LOCKS', 'JSSTREAM',
  'JSUDPWRAP', 'MESSAGEPORT', 'PIPECONNECTWRAP', 'PIPESERVERWRAP', 'PIPEWRAP', 'PROCESSWRAP', 'PROMISE', 'QUERYWRAP',
  'QUIC_ENDPOINT', 'QUIC_LOGSTREAM', 'QUIC_SESSION', 'QUIC_STREAM', 'QUIC_UDP', 'SHUTDOWNWRAP', 'SIGNALWRAP',
  'STATWATCHER', 'STREAMPIPE', 'TCPCONNECTWRAP', 'TCPSERVERWRAP', 'TCPWRAP', 'TTYWRAP', 'UDPSENDWRAP', 'UDPWRAP',
  'SIGINTWATCHDOG', 'WORKER', 'WORKERCPUPROFILE', 'WORKERCPUUSAGE', 'WORKERHEAPPROFILE', 'WORKERHEAPSNAPSHOT',
  'WORKERHEAPSTATISTICS', 'WRITEWRAP', 'ZLIB', 'CHECKPRIMEREQUEST', 'PBKDF2REQUEST', 'KEYPAIRGENREQUEST',
  'KEYGENREQUEST', 'KEYEXPORTREQUEST', 'ARGON2REQUEST', 'CIPHERREQUEST', 'DERIVEBITSREQUEST', 'HASHREQUEST',
  'RANDOMBYTESREQUEST', 'RANDOMPRIMEREQUEST', 'SCRYPTREQUEST', 'SIGNREQUEST', 'TLSWRAP', 'VERIFYREQUEST',
].map((name, at) => [name, at]))));

module.exports = {
  AsyncLocalStorage,
  createHook,
  executionAsyncId,
  triggerAsyncId,
  executionAsyncResource,
  asyncWrapProviders,
  AsyncResource,
};
