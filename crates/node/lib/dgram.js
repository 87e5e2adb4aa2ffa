'use strict';
// `dgram`: sockets can be made, as libraries do when they are loaded; there is no UDP for them to use.

const EventEmitter = require('events');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_SOCKET_BAD_TYPE, ERR_SOCKET_DGRAM_NOT_RUNNING } } = require('internal/errors');
const { unavailable } = require('internal/unavailable');

const kWhy = 'this runtime has no UDP';

function Socket(type, listener) {
  if (!(this instanceof Socket)) return new Socket(type, listener);
  EventEmitter.call(this);
  const name = typeof type === 'object' && type !== null ? type.type : type;
  if (name !== 'udp4' && name !== 'udp6') throw new ERR_SOCKET_BAD_TYPE();
  if (listener !== undefined && listener !== null && typeof listener !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('listener', 'Function', listener);
  }
  this.type = name;
  this._isClosed = false;
  if (typeof listener === 'function') this.on('message', listener);
  const signal = type?.signal;
  if (signal !== undefined) {
    require('internal/validators').validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) process.nextTick(() => this.close());
    else signal.addEventListener('abort', () => this.close(), { once: true });
  }
}
Object.setPrototypeOf(Socket.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Socket, EventEmitter);

for (const name of ['bind', 'connect', 'send', 'disconnect', 'address', 'remoteAddress', 'addMembership',
                    'addSourceSpecificMembership', 'dropMembership', 'dropSourceSpecificMembership', 'setBroadcast',
                    'setMulticastInterface', 'setMulticastLoopback', 'setMulticastTTL', 'setTTL', 'setRecvBufferSize',
                    'setSendBufferSize', 'getRecvBufferSize', 'getSendBufferSize', 'getSendQueueCount',
                    'getSendQueueSize']) {
  Socket.prototype[name] = unavailable(name, kWhy);
}

Socket.prototype.close = function close(callback) {
  if (typeof callback === 'function') this.on('close', callback);
  if (this._isClosed) throw new ERR_SOCKET_DGRAM_NOT_RUNNING();
  this._isClosed = true;
  process.nextTick(() => this.emit('close'));
  return this;
};

Socket.prototype.ref = function ref() {
  return this;
};

Socket.prototype.unref = function unref() {
  return this;
};

Socket.prototype[Symbol.asyncDispose] = async function() {
  if (this._isClosed) return;
  await new Promise((resolve) => { this.close(resolve); });
};

function createSocket(type, listener) {
  return new Socket(type, listener);
}

module.exports = { createSocket, Socket };
