'use strict';
// MessageChannel, MessagePort, BroadcastChannel. All ends are in this one thread: a message is a
// structured clone that arrives in a later turn of the event loop.

const {
  codes: { ERR_CONSTRUCT_CALL_INVALID, ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { Event, EventTarget } = require('internal/event_target');
const { structuredClone } = require('internal/structured_clone');
const { setupEmitter } = require('internal/message_emitter');
const { kNeedsTransfer, kUnsupported, refuseClones } = require('internal/uncloneable');

const { drain } = internalBinding('task_queue');

const kMake = Symbol('make');

class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports;

  constructor(type, init = undefined) {
    super(type, init ?? undefined);
    this.#data = init?.data === undefined ? null : init.data;
    this.#origin = init?.origin === undefined ? '' : `${init.origin}`;
    this.#lastEventId = init?.lastEventId === undefined ? '' : `${init.lastEventId}`;
    this.#source = init?.source ?? null;
    this.#ports = Object.freeze([...(init?.ports ?? [])]);
  }

  get data() { return this.#data; }
  get origin() { return this.#origin; }
  get lastEventId() { return this.#lastEventId; }
  get source() { return this.#source; }
  get ports() { return this.#ports; }
}

const kState = Symbol('state');

refuseClones((value) => Object.hasOwn(value, kState) && !value[kState].closed, kNeedsTransfer);
refuseClones((value) => Object.hasOwn(value, kState), kUnsupported);

class MessagePort extends EventTarget {
  constructor(key) {
    if (key !== kMake) throw new ERR_CONSTRUCT_CALL_INVALID();
    super();
    Object.defineProperty(this, kState, {
      value: { other: undefined, queue: [], started: false, closed: false, refed: false, alive: undefined, busy: false },
    });
    setupEmitter(this, {
      onFirst: (name) => {
        if (name === 'message') {
          this.ref();
          this.start();
        }
      },
      onLast: (name) => {
        if (name === 'message') this.unref();
      },
    });
  }

  postMessage(message, transfer) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('message');
    const list = Array.isArray(transfer) ? transfer : transfer?.transfer ?? [];
    if (transfer !== undefined && transfer !== null && typeof transfer !== 'object') {
      throw new ERR_INVALID_ARG_TYPE('transferList', 'iterable', transfer);
    }
    const ports = [...list].filter((item) => item instanceof MessagePort);
    const rest = [...list].filter((item) => !(item instanceof MessagePort));
    const data = cloneWithPorts(message, ports, rest);
    const { other, closed } = this[kState];
    if (closed || other === undefined) return;
    if (ports.includes(other)) {
      process.emitWarning('The target port was posted to itself, and the communication channel was lost');
      this.close();
      return;
    }
    const state = other[kState];
    state.queue.push({ data, ports });
    if (state.started) schedule(other);
  }

  start() {
    const state = this[kState];
    if (state.started || state.closed) return;
    state.started = true;
    if (state.queue.length > 0) schedule(this);
  }

  close(callback) {
    const state = this[kState];
    if (typeof callback === 'function') this.once('close', callback);
    if (state.closed) return;
    state.closed = true;
    this.unref();
    const { other } = state;
    setImmediate(() => {
      this.dispatchEvent(new Event('close'));
      other?.close();
    });
  }

  ref() {
    const state = this[kState];
    if (state.closed || state.refed) return;
    state.refed = true;
    // A port that is listened to keeps the program alive.
    state.alive = setInterval(() => {}, 2 ** 31 - 1);
  }

  unref() {
    const state = this[kState];
    if (!state.refed) return;
    state.refed = false;
    clearInterval(state.alive);
  }

  hasRef() {
    return this[kState].refed;
  }

  get onmessage() {
    return this[kHandlers]?.message ?? null;
  }

  set onmessage(handler) {
    setHandler(this, 'message', handler);
    if (typeof handler === 'function') {
      this.ref();
      this.start();
    } else {
      this.unref();
    }
  }

  get onmessageerror() {
    return this[kHandlers]?.messageerror ?? null;
  }

  set onmessageerror(handler) {
    setHandler(this, 'messageerror', handler);
  }
}

const kHandlers = Symbol('handlers');

function setHandler(target, type, handler) {
  if (target[kHandlers] === undefined) Object.defineProperty(target, kHandlers, { value: {} });
  const handlers = target[kHandlers];
  const wrapped = `${type} listener`;
  if (handlers[wrapped] !== undefined) target.removeEventListener(type, handlers[wrapped]);
  handlers[type] = typeof handler === 'function' ? handler : null;
  handlers[wrapped] = typeof handler === 'function' ? (event) => handler.call(target, event) : undefined;
  if (handlers[wrapped] !== undefined) target.addEventListener(type, handlers[wrapped]);
}

// Ports travel as they are; what else there is, is copied around them.
function cloneWithPorts(message, ports, transfer) {
  if (ports.length === 0) return structuredClone(message, { transfer });
  if (ports.includes(message)) return message;
  if (typeof message !== 'object' || message === null) return structuredClone(message, { transfer });
  const copy = Array.isArray(message) ? [] : {};
  for (const key of Object.keys(message)) {
    copy[key] = ports.includes(message[key]) ? message[key] : structuredClone(message[key], { transfer });
  }
  return copy;
}

// All that has come is delivered in one turn; ticks and microtasks run between two messages.
function schedule(port) {
  const state = port[kState];
  if (state.busy) return;
  state.busy = true;
  setImmediate(() => {
    state.busy = false;
    for (let left = state.queue.length; left > 0 && state.queue.length > 0 && !state.closed; left--) {
      port.dispatchEvent(new MessageEvent('message', state.queue.shift()));
      drain();
    }
    if (state.queue.length > 0 && !state.closed) schedule(port);
  });
}

class MessageChannel {
  constructor() {
    this.port1 = new MessagePort(kMake);
    this.port2 = new MessagePort(kMake);
    this.port1[kState].other = this.port2;
    this.port2[kState].other = this.port1;
  }
}

function receiveMessageOnPort(port) {
  if (!(port instanceof MessagePort)) throw new ERR_INVALID_ARG_TYPE('port', 'MessagePort', port);
  const item = port[kState].queue.shift();
  return item === undefined ? undefined : { message: item.data };
}

const channels = new Map(); // name -> set of open channels

class BroadcastChannel extends EventTarget {
  #name;
  #closed = false;

  constructor(name) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    super();
    this.#name = `${name}`;
    if (!channels.has(this.#name)) channels.set(this.#name, new Set());
    channels.get(this.#name).add(this);
  }

  get name() {
    return this.#name;
  }

  postMessage(message) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('message');
    if (this.#closed) {
      const { DOMException } = require('internal/domexception');
      throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError');
    }
    for (const channel of channels.get(this.#name)) {
      if (channel === this) continue;
      const data = structuredClone(message);
      setImmediate(() => {
        if (!channel.#closed) channel.dispatchEvent(new MessageEvent('message', { data }));
      });
    }
  }

  close() {
    this.#closed = true;
    channels.get(this.#name).delete(this);
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  get onmessage() {
    return this[kHandlers]?.message ?? null;
  }

  set onmessage(handler) {
    setHandler(this, 'message', handler);
  }

  get onmessageerror() {
    return this[kHandlers]?.messageerror ?? null;
  }

  set onmessageerror(handler) {
    setHandler(this, 'messageerror', handler);
  }
}

module.exports = { BroadcastChannel, MessageChannel, MessageEvent, MessagePort, receiveMessageOnPort };
