'use strict';
// A connection as the program sees it. While it speaks HTTP, its bytes go past it and it is only who
// answers for it; otherwise it is a stream of bytes. `_protocol` says which.

const { Duplex } = require('stream');
const { ConnResetException, ErrnoException } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { write: flag } = require('internal/http/constants');
const { defineLazyState } = require('internal/http/lazy_stream');
const { keepFrame } = require('internal/async_context');
const { current, makeScope } = require('internal/async_hooks');
const { sockets } = require('internal/http/io');
const binding = internalBinding('http');

const kStarted = Symbol('kStarted');
const kUnconsumed = Symbol('kUnconsumed');
const kFlushes = Symbol('kFlushes');
const kPendingBytes = Symbol('kPendingBytes');
const kOnClosed = Symbol('kOnClosed');
const kEnds = Symbol('kEnds');
const kRefed = Symbol('kRefed');
const kGone = Symbol('kGone');

const rawProtocol = {
  data(socket, buffer) {
    socket.bytesRead += buffer.byteLength;
    socket[kUnconsumed] += buffer.byteLength;
    socket.push(Buffer.from(buffer));
  },
  end() {},
  response() {},
  bad(socket) { socket.destroy(); },
  eof(socket) {
    socket.push(null);
    // The stream ends, and its other half with it, only when somebody reads.
    socket.read(0);
  },
  closed() {},
};

function Socket(options) {
  if (!(this instanceof Socket)) return new Socket(options);
  this._id = options?.id ?? 0;
  this.server = options?.server ?? null;
  this.allowHalfOpen = Boolean(options?.allowHalfOpen);
  this[kEnds] = options?.ends;
  this._protocol = options?.protocol ?? rawProtocol;
  const frame = keepFrame('TCPWRAP');
  if (frame !== undefined) this._frame = frame;
  if (this._id > 0) {
    sockets.set(this._id, this);
    if (current.isTracked) this._scope = makeScope('TCPWRAP', this.server?._scope?.id);
  }
}

Object.setPrototypeOf(Socket.prototype, Duplex.prototype);
Object.setPrototypeOf(Socket, Duplex);

const prototype = Socket.prototype;

Object.assign(prototype, {
  connecting: false,
  bytesRead: 0,
  timeout: 0,
  parser: null,
  _httpMessage: null,
  _hadError: false,
  // In which its events are told: for `async_context` and `async_hooks`, for these also those of the
  // message that is being read.
  _frame: undefined,
  _scope: undefined,
  _messageScope: undefined,
});
prototype[kStarted] = false;
prototype[kUnconsumed] = 0;
prototype[kFlushes] = undefined;
prototype[kPendingBytes] = 0;
prototype[kOnClosed] = undefined;
prototype[kRefed] = true;
prototype[kGone] = false;

defineLazyState(prototype, ['_readableState', '_writableState'], (socket) => {
  socket[kStarted] = true;
  const { allowHalfOpen } = socket;
  Duplex.call(socket, { allowHalfOpen, emitClose: false, autoDestroy: true, decodeStrings: true });
  if (socket[kGone]) {
    for (const state of [socket._readableState, socket._writableState]) {
      Object.assign(state, { destroyed: true, closed: true, closeEmitted: true });
    }
  }
});

const { get: isDestroyed, set: setDestroyed } = Object.getOwnPropertyDescriptor(Duplex.prototype, 'destroyed');
Object.defineProperty(prototype, 'destroyed', {
  __proto__: null,
  get() {
    return this[kStarted] ? isDestroyed.call(this) : this[kGone];
  },
  set(value) {
    setDestroyed.call(this, value);
  },
  configurable: true,
});

for (const [name, at] of [['localAddress', 0], ['localPort', 1], ['localFamily', 2],
  ['remoteAddress', 3], ['remotePort', 4], ['remoteFamily', 5]]) {
  Object.defineProperty(prototype, name, {
    __proto__: null,
    get() {
      const value = this[kEnds]?.[at];
      return at % 3 === 2 && value !== undefined ? `IPv${value}` : value;
    },
    configurable: true,
    enumerable: true,
  });
}

for (const [name, get] of [
  ['pending', function() { return this._id === 0 || this.connecting; }],
  ['readyState', function() {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }],
  ['bytesWritten', function() { return this._bytesWritten; }],
  ['bufferSize', function() { return this._id > 0 ? this.writableLength : undefined; }],
  ['_handle', function() { return this._id > 0 ? { fd: -1 } : null; }],
  ['_connecting', function() { return this.connecting; }],
]) {
  Object.defineProperty(prototype, name, { __proto__: null, get, configurable: true, enumerable: false });
}
prototype._bytesWritten = 0;

prototype.address = function address() {
  return this.localAddress === undefined ? {} :
    { address: this.localAddress, family: this.localFamily, port: this.localPort };
};

// --- connecting ---

// Called with the ids of a connection that is being made.
prototype._attach = function _attach(id) {
  this._id = id;
  this.connecting = true;
  sockets.set(id, this);
  this._scope = makeScope('TCPWRAP');
  if (this.timeout > 0) binding.setTimeout(id, this.timeout);
  if (!this[kRefed]) binding.setRef(id, false);
};

prototype._onConnected = function _onConnected(ends) {
  this.connecting = false;
  this[kEnds] = ends;
  this._waiting = undefined;
  this.emit('connect');
  this.emit('ready');
};

// --- bytes ---

prototype._read = function _read() {
  const bytes = this[kUnconsumed];
  if (bytes > 0 && this._id > 0) {
    this[kUnconsumed] = 0;
    binding.consumed(this._id, bytes);
  }
};

function whenConnected(socket, act, callback) {
  if (socket._id > 0) {
    // The native side keeps what is written until the connection is there.
    act();
  } else if (socket._connect === undefined) {
    callback(new ErrnoException(-32, 'write'));
  } else {
    (socket._waiting ??= []).push(act);
  }
}

// Whether responses are not written any more.
prototype._isOver = false;

prototype._write = function _write(chunk, encoding, callback) {
  const data = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
  whenConnected(this, () => this._send(flag.NOTIFY, undefined, data, undefined, callback), callback);
};

prototype._final = function _final(callback) {
  whenConnected(this, () => {
    binding.shutdown(this._id);
    callback();
  }, () => callback());
};

// Hands bytes to the native side. With the flag NOTIFY, `callback` is called when they are written and
// the result tells whether to go on; `message` hears of it then.
prototype._send = function _send(flags, head, body, trailers, callback, message) {
  if (callback !== undefined) flags |= flag.NOTIFY;
  const length = binding.send(this._id, flags, head, body, trailers);
  this._bytesWritten += length;
  if ((flags & flag.NOTIFY) === 0) return true;
  (this[kFlushes] ??= []).push({ length, callback, message });
  this[kPendingBytes] += length;
  return this[kPendingBytes] < 65536;
};

Object.defineProperty(prototype, '_pendingBytes', {
  __proto__: null,
  get() { return this[kPendingBytes]; },
  configurable: true,
});

prototype._onFlushed = function _onFlushed() {
  if (this[kFlushes] === undefined) return;
  const { length, callback, message } = this[kFlushes].shift();
  this[kPendingBytes] -= length;
  callback?.();
  if (message !== undefined && this[kPendingBytes] === 0) message._onDrained();
};

// --- the end ---

prototype._destroy = function _destroy(error, callback) {
  this.connecting = false;
  this._hadError = Boolean(error);
  const flushes = this[kFlushes];
  this[kFlushes] = undefined;
  callback(error);
  if (flushes !== undefined) {
    for (const each of flushes) each.callback?.(error ?? new ErrnoException(-125, 'write'));
  }
  const closed = () => {
    this._protocol.closed(this, error);
    this.server?._onSocketClosed?.(this);
    this.emit('close', Boolean(error));
  };
  // Never in the turn in which the error is told.
  if (this._id > 0) {
    this[kOnClosed] = closed;
    binding.close(this._id, false);
  } else {
    setImmediate(closed);
  }
};

prototype._onClosed = function _onClosed(errno) {
  this._id = 0;
  const finish = this[kOnClosed];
  if (finish !== undefined) {
    this[kOnClosed] = undefined;
    finish();
    return;
  }
  if (this.connecting && errno !== 0 && this._onConnectFailed?.(errno)) return;
  if (errno === 0 && !this[kStarted]) {
    // Nobody has made a stream of it, and nobody needs one to be told of its end.
    this[kGone] = true;
    this.connecting = false;
    const flushes = this[kFlushes];
    this[kFlushes] = undefined;
    for (const each of flushes ?? []) each.callback?.(new ErrnoException(-125, 'write'));
    this._protocol.closed(this, null);
    this.server?._onSocketClosed?.(this);
    if (this._eventsCount > 0) this.emit('close', false);
    return;
  }
  const error = errno === 0 ? null : this._errorOf(errno);
  if (error !== null && this._protocol.failed !== undefined) this._protocol.failed(this, error);
  else this.destroy(error);
};

prototype._errorOf = function _errorOf(errno) {
  return new ErrnoException(-errno, errno === 32 ? 'write' : 'read');
};

prototype.destroySoon = function destroySoon() {
  if (this.writable) this.end();
  if (this.writableFinished) this.destroy();
  else this.once('finish', this.destroy);
};

prototype.resetAndDestroy = function resetAndDestroy() {
  if (this.connecting) return this.destroy(new ConnResetException('socket hang up'));
  if (this._id > 0) binding.reset(this._id);
  return this.destroy();
};

// --- options ---

prototype.setTimeout = function setTimeout(ms, callback) {
  this.timeout = Math.min(Math.max(Math.trunc(+ms) || 0, 0), 2 ** 31 - 1);
  if (callback !== undefined) {
    validateFunction(callback, 'callback');
    if (this.timeout > 0) this.once('timeout', callback);
    else this.removeListener('timeout', callback);
  }
  if (this._id > 0) binding.setTimeout(this._id, this.timeout);
  return this;
};

prototype._onTimeout = function _onTimeout() {
  this.emit('timeout');
};

prototype.setNoDelay = function setNoDelay(on = true) {
  if (this._id > 0) binding.setNoDelay(this._id, Boolean(on));
  return this;
};

prototype.setKeepAlive = function setKeepAlive() {
  return this;
};

prototype.ref = function ref() {
  this[kRefed] = true;
  if (this._id > 0) binding.setRef(this._id, true);
  return this;
};

prototype.unref = function unref() {
  this[kRefed] = false;
  if (this._id > 0) binding.setRef(this._id, false);
  return this;
};

// From here on the bytes are the program's.
prototype._becomeRaw = function _becomeRaw() {
  this._protocol = rawProtocol;
  binding.makeRaw(this._id);
};

module.exports = { Socket, rawProtocol };
