'use strict';
// What a server's response and a client's request have in common: header fields, and writing a head
// and a body. Where the bytes go is up to the two: `_sink` of each.

const {
  codes: {
    ERR_HTTP_BODY_NOT_ALLOWED,
    ERR_HTTP_CONTENT_LENGTH_MISMATCH,
    ERR_HTTP_HEADERS_SENT,
    ERR_HTTP_INVALID_HEADER_VALUE,
    ERR_HTTP_TRAILER_INVALID,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_CHAR,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_STREAM_ALREADY_FINISHED,
    ERR_STREAM_CANNOT_PIPE,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_NULL_VALUES,
    ERR_STREAM_WRITE_AFTER_END,
  },
} = require('internal/errors');
const { Stream } = require('stream');
const { write: flag } = require('internal/http/constants');
const {
  hasInvalidChar,
  lowerCaseOf,
  validateHeaderName,
  validateHeaderValue,
} = require('internal/http/headers');
const binding = internalBinding('http');

const kHeaders = Symbol('kOutHeaders');
const kBytesWritten = Symbol('kBytesWritten');
const kErrored = Symbol('kErrored');
const kFinished = Symbol('kFinished');
const kEndCallbacks = Symbol('kEndCallbacks');
const kNeedDrain = Symbol('kNeedDrain');
const kUniqueHeaders = Symbol('kUniqueHeaders');

const HIGH_WATER_MARK = 64 * 1024;

// What a message is until something else is said stands in the prototype: making one for each
// request must cost little.
function OutgoingMessage(options) {
  if (options?.highWaterMark !== undefined) this[kHighWaterMark] = options.highWaterMark;
  if (options?.rejectNonStandardBodyWrites) this[kRejectBody] = true;
}
const kHighWaterMark = Symbol('kHighWaterMark');
const kRejectBody = Symbol('kRejectBody');

Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

const prototype = OutgoingMessage.prototype;

Object.assign(prototype, {
  socket: null,
  writable: true,
  destroyed: false,
  finished: false,
  chunkedEncoding: false,
  shouldKeepAlive: true,
  maxRequestsOnConnectionReached: false,
  useChunkedEncodingByDefault: true,
  sendDate: false,
  strictContentLength: false,
  outputSize: 0,
  _contentLength: null,
  _defaultKeepAlive: true,
  _hasBody: true,
  _header: null,
  _headerSent: false,
  _last: false,
  _closed: false,
  _removedConnection: false,
  _removedContLen: false,
  _removedTE: false,
  _trailer: '',
});
prototype[kHeaders] = null;
prototype[kBytesWritten] = 0;
prototype[kErrored] = null;
prototype[kFinished] = false;
prototype[kEndCallbacks] = undefined;
prototype[kNeedDrain] = false;
prototype[kHighWaterMark] = HIGH_WATER_MARK;
prototype[kRejectBody] = false;

function defineGetters(target, getters) {
  for (const name of Object.keys(getters)) {
    Object.defineProperty(target, name, {
      __proto__: null,
      get: getters[name],
      set: name === 'connection' ? function(value) { this.socket = value; } : undefined,
      configurable: true,
      enumerable: false,
    });
  }
}

defineGetters(prototype, {
  errored() { return this[kErrored]; },
  closed() { return this._closed; },
  writableEnded() { return this.finished; },
  writableFinished() { return this[kFinished]; },
  writableObjectMode() { return false; },
  writableLength() { return this.outputSize + (this.socket?.writableLength ?? 0); },
  writableHighWaterMark() { return this[kHighWaterMark]; },
  writableCorked() { return 0; },
  writableNeedDrain() { return !this.destroyed && !this.finished && this[kNeedDrain]; },
  headersSent() { return this._header !== null; },
  connection() { return this.socket; },
});

// --- header fields ---

function mustNotBeSent(message, verb) {
  if (message._header !== null) throw new ERR_HTTP_HEADERS_SENT(verb);
}

function validateValue(name, value) {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  if (typeof value === 'object' && Array.isArray(value)) {
    for (const one of value) validateHeaderValue(name, one);
  } else if (hasInvalidChar(value)) {
    throw new ERR_INVALID_CHAR('header content', name);
  }
}

prototype.setHeader = function setHeader(name, value) {
  if (this._header !== null) throw new ERR_HTTP_HEADERS_SENT('set');
  const key = lowerCaseOf(name);
  validateValue(name, value);
  this[kHeaders] ??= { __proto__: null };
  this[kHeaders][key] = [name, value];
  noteSpecial(this, key);
  return this;
};

function noteSpecial(message, key) {
  switch (key) {
    case 'connection': message._removedConnection = false; break;
    case 'content-length': message._removedContLen = false; break;
    case 'transfer-encoding': message._removedTE = false; break;
    case 'date': message.sendDate = true; break;
  }
}

prototype.setHeaders = function setHeaders(headers) {
  mustNotBeSent(this, 'set');
  if (!headers || Array.isArray(headers) || typeof headers.keys !== 'function' || typeof headers.get !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('headers', ['Headers', 'Map'], headers);
  }
  // Headers gives cookies one by one, which setHeader would not put together.
  const cookies = [];
  for (const { 0: key, 1: value } of headers) {
    if (key === 'set-cookie') {
      if (Array.isArray(value)) cookies.push(...value);
      else cookies.push(value);
    } else {
      this.setHeader(key, value);
    }
  }
  if (cookies.length > 0) this.setHeader('set-cookie', cookies);
  return this;
};

prototype.appendHeader = function appendHeader(name, value) {
  mustNotBeSent(this, 'append');
  const key = lowerCaseOf(name);
  validateValue(name, value);
  const headers = this[kHeaders] ??= { __proto__: null };
  const existing = headers[key];
  if (existing === undefined) {
    headers[key] = [name, value];
  } else {
    if (!Array.isArray(existing[1])) existing[1] = [existing[1]];
    else existing[1] = existing[1].slice();
    if (Array.isArray(value)) existing[1].push(...value);
    else existing[1].push(value);
  }
  noteSpecial(this, key);
  return this;
};

function keyOf(name) {
  if (typeof name !== 'string') throw new ERR_INVALID_ARG_TYPE('name', 'string', name);
  return name.toLowerCase();
}

prototype.getHeader = function getHeader(name) {
  const key = keyOf(name);
  return this[kHeaders]?.[key]?.[1];
};

prototype.getHeaderNames = function getHeaderNames() {
  return this[kHeaders] === null ? [] : Object.keys(this[kHeaders]);
};

prototype.getRawHeaderNames = function getRawHeaderNames() {
  return this[kHeaders] === null ? [] : Object.values(this[kHeaders]).map((entry) => entry[0]);
};

prototype.getHeaders = function getHeaders() {
  const copy = { __proto__: null };
  const headers = this[kHeaders];
  for (const key in headers) copy[key] = headers[key][1];
  return copy;
};

prototype.hasHeader = function hasHeader(name) {
  const key = keyOf(name);
  return this[kHeaders] !== null && this[kHeaders][key] !== undefined;
};

prototype.removeHeader = function removeHeader(name) {
  const key = keyOf(name);
  mustNotBeSent(this, 'remove');
  switch (key) {
    case 'connection': this._removedConnection = true; break;
    case 'content-length': this._removedContLen = true; break;
    case 'transfer-encoding': this._removedTE = true; break;
    case 'date': this.sendDate = false; break;
  }
  if (this[kHeaders] !== null) delete this[kHeaders][key];
};

prototype._renderHeaders = function _renderHeaders() {
  mustNotBeSent(this, 'render');
  const headers = {};
  for (const key in this[kHeaders]) headers[this[kHeaders][key][0]] = this[kHeaders][key][1];
  return headers;
};

for (const [name, get, set] of [
  ['_headers', function() { return this.getHeaders(); }, function(headers) {
    this[kHeaders] = null;
    for (const key of Object.keys(headers ?? {})) this.setHeader(key, headers[key]);
  }],
  ['_headerNames', function() {
    const names = { __proto__: null };
    for (const key in this[kHeaders]) names[key] = this[kHeaders][key][0];
    return names;
  }, function() {}],
]) {
  Object.defineProperty(prototype, name, { __proto__: null, get, set, configurable: true, enumerable: false });
}

// --- the head ---

// Fields that say something of how the message goes on.
const SPECIAL = {
  '__proto__': null,
  'connection': 1,
  'content-length': 2,
  'transfer-encoding': 4,
  'date': 8,
  'trailer': 16,
  'expect': 32,
  'keep-alive': 64,
};

// What such a field means for the message.
function noteField(message, key, value) {
  switch (key) {
    case 'connection':
      message._removedConnection = false;
      if (/(?:^|\W)close(?:$|\W)/i.test(value)) message._last = true;
      else message.shouldKeepAlive = true;
      break;
    case 'content-length':
      message._contentLength = +value;
      message._removedContLen = false;
      break;
    case 'transfer-encoding':
      message._removedTE = false;
      if (/(?:^|\W)chunked(?:$|\W)/i.test(value)) message.chunkedEncoding = true;
      break;
    case 'keep-alive':
      message._defaultKeepAlive = false;
      break;
  }
}

function lineOf(message, key, name, value) {
  if (typeof value === 'object' && Array.isArray(value)) return linesOf(message, key, name, value);
  if (SPECIAL[key] !== undefined) noteField(message, key, value);
  return `${name}: ${value}\r\n`;
}

// The lines of a field whose value is a list.
function linesOf(message, key, name, values) {
  if (values.length > 1 && (key === 'cookie' || message[kUniqueHeaders]?.has(key))) {
    values = [values.join('; ')];
  }
  let text = '';
  for (let i = 0; i < values.length; i++) {
    text += `${name}: ${values[i]}\r\n`;
    if (SPECIAL[key] !== undefined) noteField(message, key, values[i]);
  }
  return text;
}

// Fields as [name, value, ...] or [[name, value], ...], as an array of the latter.
function pairsOf(headers) {
  if (headers.length > 0 && Array.isArray(headers[0])) return headers;
  if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
  const pairs = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i], headers[i + 1]]);
  return pairs;
}

let dateText = '';
let dateUntil = 0;

function dateLine() {
  const now = Date.now();
  if (now >= dateUntil || now < dateUntil - 1000) {
    dateUntil = now - now % 1000 + 1000;
    dateText = `Date: ${binding.date()}\r\n`;
  }
  return dateText;
}

prototype._storeHeader = function _storeHeader(firstLine, headers) {
  let text = firstLine;
  let seen = 0;
  if (headers === this[kHeaders]) {
    for (const key in headers) {
      const entry = headers[key];
      seen |= SPECIAL[key];
      text += lineOf(this, key, entry[0], entry[1]);
    }
  } else if (Array.isArray(headers)) {
    for (const [name, value] of pairsOf(headers)) {
      const key = lowerCaseOf(name);
      validateValue(name, value);
      seen |= SPECIAL[key];
      text += lineOf(this, key, name, value);
    }
  } else if (headers) {
    for (const name in headers) {
      if (!Object.hasOwn(headers, name)) continue;
      const value = headers[name];
      const key = lowerCaseOf(name);
      validateValue(name, value);
      seen |= SPECIAL[key];
      text += lineOf(this, key, name, value);
    }
  }
  if (this.sendDate && (seen & SPECIAL.date) === 0) text += dateLine();
  if (this.chunkedEncoding && (this.statusCode === 204 || this.statusCode === 304)) {
    this.chunkedEncoding = false;
    this.shouldKeepAlive = false;
  }
  if ((seen & SPECIAL.connection) === 0) text += connectionLines(this, seen);
  if ((seen & (SPECIAL['content-length'] | SPECIAL['transfer-encoding'])) === 0) text += lengthLine(this, seen);
  if ((seen & SPECIAL.trailer) !== 0 && !this.chunkedEncoding) throw new ERR_HTTP_TRAILER_INVALID();
  this._header = `${text}\r\n`;
  if ((seen & SPECIAL.expect) !== 0) this._send('');
};

function connectionLines(message, seen) {
  if (message._removedConnection) {
    message._last = !message.shouldKeepAlive;
    return '';
  }
  const keep = message.shouldKeepAlive && !message.maxRequestsOnConnectionReached &&
    ((seen & SPECIAL['content-length']) !== 0 || message.useChunkedEncodingByDefault || message.agent);
  if (keep) return message._defaultKeepAlive ? message._keepAliveLines() : 'Connection: keep-alive\r\n';
  message._last = true;
  return 'Connection: close\r\n';
}

prototype._keepAliveLines = function _keepAliveLines() {
  return 'Connection: keep-alive\r\n';
};

function lengthLine(message, seen) {
  if (!message._hasBody) {
    message.chunkedEncoding = false;
  } else if (!message.useChunkedEncodingByDefault) {
    message._last = true;
  } else if ((seen & SPECIAL.trailer) === 0 && !message._removedContLen && typeof message._contentLength === 'number') {
    return `Content-Length: ${message._contentLength}\r\n`;
  } else if (!message._removedTE) {
    message.chunkedEncoding = true;
    return 'Transfer-Encoding: chunked\r\n';
  } else {
    // Nothing says where the body ends but the end of the connection.
    message._last = true;
  }
  return '';
}

prototype._implicitHeader = function _implicitHeader() {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_implicitHeader()');
};

// --- the body ---

// The head, if it was not sent yet.
function takeHead(message) {
  if (message._headerSent) return undefined;
  message._headerSent = true;
  return message._header;
}

prototype._send = function _send(data, encoding, callback) {
  if (encoding && encoding !== 'utf8' && typeof data === 'string') data = Buffer.from(data, encoding);
  return this._sink(0, takeHead(this), data === '' ? undefined : data, undefined, callback);
};

// Sends text as it is, outside of the message.
prototype._writeRaw = function _writeRaw(data, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  if (typeof data === 'string') data = Buffer.from(data, encoding || 'latin1');
  return this._sink(0, undefined, data, undefined, callback);
};

prototype._sink = function _sink() {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_sink()');
};

function isUtf8(encoding) {
  return encoding === undefined || encoding === null || encoding === 'utf8' || encoding === 'utf-8' || encoding === 'buffer';
}

// A string in UTF-8 or bytes.
function toChunk(chunk, encoding) {
  if (chunk === null) throw new ERR_STREAM_NULL_VALUES();
  if (typeof chunk === 'string') return isUtf8(encoding) ? chunk : Buffer.from(chunk, encoding);
  if (!(chunk instanceof Uint8Array) && !require('internal/util/types').isUint8Array(chunk)) {
    throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
  }
  return chunk;
}

function byteLength(chunk) {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
}

function emitErrorNT(message, error, callback) {
  callback?.(error);
  if (typeof message.emit === 'function' && !message.destroyed) message.emit('error', error);
}

function refuse(message, error, callback) {
  process.nextTick(emitErrorNT, message, error, callback);
}

function checkLength(message, length, last) {
  if (!message.strictContentLength || message._contentLength === null || !message._hasBody) return;
  const total = message[kBytesWritten] + length;
  if (last ? total !== message._contentLength : total > message._contentLength) {
    throw new ERR_HTTP_CONTENT_LENGTH_MISMATCH(total, message._contentLength);
  }
}

prototype.write = function write(chunk, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  chunk = toChunk(chunk, encoding);
  if (this.finished) {
    refuse(this, new ERR_STREAM_WRITE_AFTER_END(), callback);
    return true;
  }
  if (this.destroyed) {
    const error = new ERR_STREAM_DESTROYED('write');
    if (callback) process.nextTick(callback, error);
    return false;
  }
  if (this._header === null) this._implicitHeader();
  if (!this._hasBody) {
    if (this[kRejectBody]) throw new ERR_HTTP_BODY_NOT_ALLOWED();
    if (callback) process.nextTick(callback);
    return true;
  }
  if (this.strictContentLength) {
    // What was refused counts as well.
    this[kBytesWritten] += byteLength(chunk);
    checkLength(this, 0, false);
  }
  const empty = chunk.length === 0;
  if (empty && this._headerSent) {
    if (callback) process.nextTick(callback);
    return true;
  }
  const ok = this._sink(
    flag.NOTIFY | (this.chunkedEncoding && !empty ? flag.CHUNK : 0),
    takeHead(this), empty ? undefined : chunk, undefined, callback);
  if (!ok) this[kNeedDrain] = true;
  return ok;
};

prototype.addTrailers = function addTrailers(headers) {
  this._trailer = '';
  const isArray = Array.isArray(headers);
  for (const key of Object.keys(headers)) {
    const [name, value] = isArray ? headers[key] : [key, headers[key]];
    validateHeaderName(name, 'Trailer name');
    for (const one of Array.isArray(value) ? value : [value]) {
      if (hasInvalidChar(one)) throw new ERR_INVALID_CHAR('trailer content', name);
      this._trailer += `${name}: ${one}\r\n`;
    }
  }
};

prototype.end = function end(chunk, encoding, callback) {
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = undefined;
    encoding = undefined;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = undefined;
  }
  const hasChunk = chunk !== undefined && chunk !== null && chunk !== '';
  if (hasChunk) chunk = toChunk(chunk, encoding);
  if (this.finished) {
    endAgain(this, hasChunk, callback);
    return this;
  }
  const length = hasChunk && (this._header === null || this.strictContentLength) ? byteLength(chunk) : 0;
  if (this._header === null) {
    this._contentLength = length;
    this._implicitHeader();
  }
  if (hasChunk && !this._hasBody && this[kRejectBody]) throw new ERR_HTTP_BODY_NOT_ALLOWED();
  checkLength(this, length, true);
  if (typeof callback === 'function') onEnd(this, callback);
  const body = hasChunk && this._hasBody ? chunk : undefined;
  let flags = flag.LAST;
  let trailers;
  if (this.chunkedEncoding && this._hasBody) {
    flags |= flag.CHUNK;
    if (this._trailer !== '') trailers = `${this._trailer}\r\n`;
  }
  this.finished = true;
  this._sink(flags, takeHead(this), body, trailers, undefined);
  this._finish();
  return this;
};

// What end() was given hears of the end before who listens to `finish`.
function onEnd(message, callback) {
  (message[kEndCallbacks] ??= []).push(callback);
}

function announceFinish(message) {
  const callbacks = message[kEndCallbacks];
  if (callbacks !== undefined) {
    message[kEndCallbacks] = undefined;
    for (let i = 0; i < callbacks.length; i++) callbacks[i](null);
  }
  if (message._eventsCount > 0) message.emit('finish');
}

function endAgain(message, hasChunk, callback) {
  if (hasChunk) {
    refuse(message, new ERR_STREAM_WRITE_AFTER_END(), callback);
  } else if (typeof callback === 'function') {
    if (message[kFinished]) process.nextTick(callback, new ERR_STREAM_ALREADY_FINISHED('end'));
    else onEnd(message, callback);
  }
}

prototype._finish = function _finish() {
  if (this._eventsCount > 0) this.emit('prefinish');
};

prototype.flushHeaders = function flushHeaders() {
  if (this._header === null) this._implicitHeader();
  if (!this._headerSent) this._send('');
};

prototype.cork = function cork() {};
prototype.uncork = function uncork() {};

prototype.setTimeout = function setTimeout(ms, callback) {
  if (callback) this.on('timeout', callback);
  if (this.socket === null) this.once('socket', (socket) => socket.setTimeout(ms));
  else this.socket.setTimeout(ms);
  return this;
};

prototype.destroy = function destroy(error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  this[kErrored] = error;
  if (this.socket === null) this.once('socket', (socket) => socket.destroy(error));
  else this.socket.destroy(error);
  return this;
};

prototype.pipe = function pipe() {
  this.emit('error', new ERR_STREAM_CANNOT_PIPE());
};

prototype[Symbol.for('nodejs.rejection')] = function(error) {
  this.destroy(error);
};

module.exports = {
  HIGH_WATER_MARK,
  OutgoingMessage,
  defineGetters,
  kErrored,
  kFinished,
  kEndCallbacks,
  announceFinish,
  kHeaders,
  kHighWaterMark,
  kNeedDrain,
  kRejectBody,
  kUniqueHeaders,
  takeHead,
};
