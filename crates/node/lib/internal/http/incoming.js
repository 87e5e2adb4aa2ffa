'use strict';
// A message that was received: a request on a server, a response on a client. Its head is kept as
// text until somebody asks for a part of it, and it becomes a stream when somebody reads it.

const { addListener } = require('events').prototype;
const { Readable } = require('stream');
const { head: flag, write } = require('internal/http/constants');
const { defineLazyState } = require('internal/http/lazy_stream');
const { addField, distinctHeaders, joinedHeaders } = require('internal/http/headers');
const binding = internalBinding('http');

const kHead = Symbol('kHead');
const kFlags = Symbol('kFlags');
const kPending = Symbol('kPending');
const kEnded = Symbol('kEnded');
const kStarted = Symbol('kStarted');
const kUnconsumed = Symbol('kUnconsumed');
const kTrailers = Symbol('kTrailers');
const kFlow = Symbol('kFlow');
const kDecoder = Symbol('kDecoder');

const IDLE = 0;
const STARTING = 1;
const FLOWING = 2;
const DONE = 3;


// The first two arguments are all there is for most requests.
function IncomingMessage(socket, head, flags) {
  this.socket = socket;
  this[kHead] = head;
  this[kFlags] = flags;
}

Object.setPrototypeOf(IncomingMessage.prototype, Readable.prototype);
Object.setPrototypeOf(IncomingMessage, Readable);

const prototype = IncomingMessage.prototype;

Object.assign(prototype, {
  aborted: false,
  upgrade: false,
  joinDuplicateHeaders: undefined,
  client: undefined,
  _consuming: false,
  _dumped: false,
});
prototype[kHead] = undefined;
prototype[kFlags] = undefined;
prototype[kPending] = undefined;
prototype[kEnded] = undefined;
prototype[kStarted] = false;
prototype[kUnconsumed] = 0;
prototype[kTrailers] = undefined;
prototype[kFlow] = IDLE;
prototype[kDecoder] = undefined;

// --- parts of the head ---

function replace(message, name, value) {
  Object.defineProperty(message, name, {
    __proto__: null, value, writable: true, enumerable: true, configurable: true,
  });
}

// `read` gives the value when it is first asked for; from then on it is an ordinary property.
function lazy(name, read, enumerable = true) {
  Object.defineProperty(prototype, name, {
    __proto__: null,
    get() {
      const value = read(this);
      if (this !== prototype) replace(this, name, value);
      return value;
    },
    set(value) {
      replace(this, name, value);
    },
    configurable: true,
    enumerable,
  });
}

const isResponse = (message) => message[kHead] !== undefined && message[kHead].startsWith('HTTP/');

function requestLine(message) {
  const head = message[kHead];
  const end = head.indexOf(' ');
  return [head.slice(0, end), head.slice(end + 1, head.indexOf(' ', end + 1))];
}

lazy('method', (message) => (message[kHead] === undefined || isResponse(message) ? null : requestLine(message)[0]));
lazy('url', (message) => (message[kHead] === undefined || isResponse(message) ? '' : requestLine(message)[1]));
lazy('statusCode', (message) => (isResponse(message) ? +message[kHead].slice(9, 12) : null));
lazy('statusMessage', (message) => {
  if (!isResponse(message)) return null;
  const head = message[kHead];
  const line = head.slice(0, head.indexOf('\n'));
  return line.slice(13).replace(/\r$/, '');
});

// The version stands at the end of a request's first line and at the start of a response's.
function versionOf(message) {
  const head = message[kHead];
  if (head === undefined) return null;
  const at = isResponse(message) ? 5 : head.indexOf('\r') - 3;
  return head.slice(at, at + 3);
}
lazy('httpVersionMajor', (message) => (message[kHead] === undefined ? null : +versionOf(message)[0]));
lazy('httpVersionMinor', (message) => (message[kHead] === undefined ? null : +versionOf(message)[2]));
lazy('httpVersion', versionOf);

lazy('rawHeaders', (message) => (message[kHead] === undefined ? [] : binding.rawHeaders(message[kHead])));
lazy('headers', (message) => {
  // Reading them off the text is quicker than off the list, which a program may have changed.
  if (message[kHead] === undefined || Object.hasOwn(message, 'rawHeaders')) {
    return joinedHeaders(message.rawHeaders, joinsAll(message));
  }
  return binding.headers(message[kHead], Boolean(joinsAll(message)));
}, false);
lazy('headersDistinct', (message) => distinctHeaders(message.rawHeaders), false);
lazy('rawTrailers', (message) => (message[kTrailers] ? binding.rawTrailers(message[kTrailers]) : []));
lazy('trailers', (message) => joinedHeaders(message.rawTrailers, joinsAll(message)), false);
lazy('trailersDistinct', (message) => distinctHeaders(message.rawTrailers), false);

function joinsAll(message) {
  return message.joinDuplicateHeaders ?? message.socket?.server?.joinDuplicateHeaders;
}

Object.defineProperty(prototype, 'complete', {
  __proto__: null,
  get() {
    return this[kHead] !== undefined && isEnded(this);
  },
  set(value) {
    replace(this, 'complete', value);
  },
  configurable: true,
  enumerable: true,
});

Object.defineProperty(prototype, 'connection', {
  __proto__: null,
  get() {
    return this.socket;
  },
  set(value) {
    this.socket = value;
  },
  configurable: true,
});

// --- the stream ---

function isEnded(message) {
  return message[kEnded] ?? (message[kFlags] & flag.BODY) === 0;
}

// Somebody wants what only a stream has. What has flowed so far is gone, what is to come goes through it.
defineLazyState(prototype, ['_readableState'], (message) => {
  message[kStarted] = true;
  const { socket } = message;
  Readable.call(message, { autoDestroy: true, highWaterMark: socket?.readableHighWaterMark });
  const state = message._readableState;
  if (message[kFlow] === DONE) {
    Object.assign(state, {
      ended: true, endEmitted: true, destroyed: true, closed: true, closeEmitted: true, readable: false, flowing: true,
    });
    return;
  }
  const decoder = message[kDecoder];
  if (decoder !== undefined) {
    state.decoder = decoder;
    state.encoding = decoder.encoding;
  }
  const pending = message[kPending];
  if (pending !== undefined) {
    message[kPending] = undefined;
    for (const chunk of pending) push(message, chunk);
  }
  if (message[kHead] !== undefined && isEnded(message)) message.push(null);
  if (message[kFlow] !== IDLE) Readable.prototype.resume.call(message);
});

function push(message, chunk) {
  message[kUnconsumed] += chunk.length;
  message.push(chunk);
}

prototype._onData = function _onData(chunk) {
  if (this._dumped) return;
  if (this[kStarted]) push(this, chunk);
  else if (this[kFlow] === FLOWING) deliver(this, chunk);
  else (this[kPending] ??= []).push(chunk);
};

prototype._onEnd = function _onEnd(trailers) {
  this[kEnded] = true;
  if (trailers !== '') this[kTrailers] = trailers;
  if (this[kStarted]) this.push(null);
  else if (this[kFlow] === FLOWING) process.nextTick(endFlow, this);
};

function consume(message) {
  const bytes = message[kUnconsumed];
  const id = message.socket?._id;
  message[kUnconsumed] = 0;
  if (bytes > 0 && id > 0) binding.consumed(id, bytes);
}

prototype._read = function _read() {
  this._consuming = true;
  consume(this);
};

// Throws the rest of the body away.
prototype._dump = function _dump() {
  if (this._dumped) return;
  this._dumped = true;
  this[kPending] = undefined;
  const id = this.socket?._id;
  if (!isEnded(this) && id > 0) binding.send(id, write.DUMP);
  if (this[kStarted]) {
    this.removeAllListeners('data');
    this.resume();
  } else if (this._eventsCount > 0) {
    startFlow(this);
  }
};

// --- flowing without a stream ---

// Most programs listen for `data` and `end` and nothing else. These get the events without all that a
// stream needs to be paused, piped or read. Anything else makes it one.

function startFlow(message) {
  if (message[kFlow] !== IDLE) return;
  message[kFlow] = STARTING;
  message._consuming = true;
  process.nextTick(flow, message);
}

function flow(message) {
  if (message[kStarted]) return;
  message[kFlow] = FLOWING;
  const pending = message[kPending];
  if (pending !== undefined) {
    message[kPending] = undefined;
    for (const chunk of pending) message._onData(chunk);
  }
  if (isEnded(message)) endFlow(message);
}

function deliver(message, chunk) {
  message[kUnconsumed] += chunk.length;
  if (message[kUnconsumed] >= 65536) consume(message);
  const decoder = message[kDecoder];
  const data = decoder === undefined ? chunk : decoder.write(chunk);
  if (data.length > 0) message.emit('data', data);
}

function endFlow(message) {
  if (message[kStarted] || message[kFlow] !== FLOWING) return;
  const rest = message[kDecoder]?.end();
  if (rest) message.emit('data', rest);
  // Whoever has just listened may have made a stream of it.
  if (message[kStarted]) return;
  message[kFlow] = DONE;
  message.emit('end');
  process.nextTick(closeFlow, message);
}

function closeFlow(message) {
  message.emit('close');
}

const canFlow = (message) => !message[kStarted] && message[kHead] !== undefined && message.on === on;

function on(type, listener) {
  if (this[kStarted] || this[kHead] === undefined) return Readable.prototype.on.call(this, type, listener);
  switch (type) {
    case 'data':
      addListener.call(this, type, listener);
      startFlow(this);
      return this;
    case 'end':
    case 'close':
    case 'error':
    case 'aborted':
      return addListener.call(this, type, listener);
    default:
      return Readable.prototype.on.call(this, type, listener);
  }
}
prototype.on = on;
prototype.addListener = on;

prototype.resume = function resume() {
  if (!canFlow(this)) return Readable.prototype.resume.call(this);
  startFlow(this);
  return this;
};

prototype.setEncoding = function setEncoding(encoding) {
  if (!canFlow(this) || this[kFlow] === FLOWING || this[kFlow] === DONE) {
    return Readable.prototype.setEncoding.call(this, encoding);
  }
  const { StringDecoder } = require('string_decoder');
  this[kDecoder] = new StringDecoder(encoding);
  return this;
};

// Whether the end was told.
prototype._isDone = function _isDone() {
  return this[kStarted] ? this.readableEnded : this[kFlow] === DONE;
};

// Whether anybody could notice what becomes of the message.
prototype._isWatched = function _isWatched() {
  return this[kStarted] || this._eventsCount > 0;
};

prototype._destroy = function _destroy(error, callback) {
  if (!this.readableEnded || !this.complete) {
    this.aborted = true;
    this.emit('aborted');
  }
  const done = () => {
    // An error that nobody listens for is no reason to end the program.
    process.nextTick(callback, this.listenerCount('error') > 0 ? error : null);
  };
  const { socket } = this;
  if (!this.aborted || !socket || socket.destroyed) {
    done();
    return;
  }
  // The connection is of no use with a message on it of which not all has come.
  if (typeof socket._id === 'number') socket.once('close', done);
  else done();
  socket.destroy();
};

prototype.setTimeout = function setTimeout(ms, callback) {
  if (callback) this.on('timeout', callback);
  this.socket.setTimeout(ms);
  return this;
};

prototype._addHeaderLine = function _addHeaderLine(field, value, target) {
  addField(target, field, value, joinsAll(this));
};

prototype._addHeaderLines = function _addHeaderLines(headers, count) {
  if (!headers?.length) return;
  const target = this.complete ? this.trailers : this.headers;
  for (let i = 0; i < count; i += 2) addField(target, headers[i], headers[i + 1], joinsAll(this));
};

module.exports = { IncomingMessage, kFlags, kHead, isEnded };
