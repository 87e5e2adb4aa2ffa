'use strict';
// The response of a server: its first line, and the short way for the response that most requests of
// a busy server get (no header fields of its own), which is one native call.

const {
  codes: { ERR_HTTP_HEADERS_SENT, ERR_HTTP_INVALID_STATUS_CODE, ERR_HTTP_SOCKET_ASSIGNED, ERR_INVALID_CHAR, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const { STATUS_CODES, head, write: flag } = require('internal/http/constants');
const { hasInvalidChar, validateHeaderName, validateHeaderValue } = require('internal/http/headers');
const { isEnded, kFlags } = require('internal/http/incoming');
const {
  OutgoingMessage,
  announceFinish,
  kEndCallbacks,
  kFinished,
  kHeaders,
  kNeedDrain,
} = require('internal/http/outgoing');
const binding = internalBinding('http');

// Flags of a request that asks for nothing special: HTTP/1.1, kept alive, without a body.
const USUAL = head.KEEP_ALIVE;

const PLAIN = flag.LAST | flag.DATE | flag.LENGTH | flag.KEEP_ALIVE;
const PLAIN_HEAD = 'HTTP/1.1 200 OK\r\n';
const end = OutgoingMessage.prototype.end;

const kPlain = Symbol('kPlain');

// The response to the request that a server is being told of right now. What follows from its end is
// looked at when the listeners have returned.
let current = null;

function setCurrent(response) {
  current = response;
}

function ServerResponse(req, options) {
  if (options !== undefined) OutgoingMessage.call(this, options);
  this.req = req;
  const flags = req[kFlags];
  if (flags === USUAL) return;
  this[kPlain] = false;
  if (flags === undefined) {
    if (req.method === 'HEAD') this._hasBody = false;
    if (req.httpVersionMajor < 1 || req.httpVersionMinor < 1) limitToOld(this, req);
    return;
  }
  if ((flags & head.HEAD) !== 0) this._hasBody = false;
  if ((flags & head.HTTP_1_0) !== 0) limitToOld(this, req);
  if ((flags & head.KEEP_ALIVE) === 0) this.shouldKeepAlive = false;
}

// A peer that speaks HTTP/1.0 may not know chunks.
function limitToOld(response, req) {
  response.useChunkedEncodingByDefault = /(?:^|\W)chunked(?:$|\W)/i.test(req.headers.te);
  response.shouldKeepAlive = false;
}

Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

const prototype = ServerResponse.prototype;

prototype.statusCode = 200;
prototype.statusMessage = undefined;
prototype.sendDate = true;
prototype._sent100 = false;
prototype._expect_continue = false;
prototype[kPlain] = true;

prototype._keepAliveLines = function _keepAliveLines() {
  const server = this.socket?.server;
  if (!server?._keepAliveText) return 'Connection: keep-alive\r\n';
  if (server.maxRequestsPerSocket > 0) {
    return server._keepAliveText.replace(/\r\n$/, `, max=${server.maxRequestsPerSocket}\r\n`);
  }
  return server._keepAliveText;
};

prototype.end = function(chunk, encoding, callback) {
  if (this._header !== null || encoding !== undefined || callback !== undefined || !this[kPlain] ||
      this.statusCode !== 200 || this[kHeaders] !== null || this.statusMessage !== undefined ||
      !this.sendDate || !this.shouldKeepAlive || this._removedConnection || this._removedContLen ||
      this.maxRequestsOnConnectionReached || this.writeHead !== writeHead ||
      !(chunk === undefined || typeof chunk === 'string' || chunk instanceof Uint8Array)) {
    return end.call(this, chunk, encoding, callback);
  }
  const { socket } = this;
  const { server } = socket;
  if (socket._id === 0 || socket._isOver || this.finished || server === null || server.maxRequestsPerSocket > 0 ||
      this._eventsCount > 0) {
    return end.call(this, chunk);
  }
  this._header = PLAIN_HEAD;
  this.finished = true;
  binding.respond(socket._id, PLAIN | server._keepAliveFlags, chunk);
  if (current !== this) process.nextTick(finish, this);
  return this;
};
Object.defineProperty(prototype.end, 'name', { __proto__: null, value: 'end', configurable: true });

// --- the head ---

prototype._implicitHeader = function _implicitHeader() {
  this.writeHead(this.statusCode);
};

// With the reasons that are usual.
const firstLines = { __proto__: null };

function writeHead(statusCode, reason, obj) {
  if (this._header !== null) throw new ERR_HTTP_HEADERS_SENT('write');
  const originalStatusCode = statusCode;
  statusCode |= 0;
  if (statusCode < 100 || statusCode > 999) throw new ERR_HTTP_INVALID_STATUS_CODE(originalStatusCode);
  let line;
  if (typeof reason === 'string') {
    this.statusMessage = reason;
  } else {
    if (!this.statusMessage) {
      this.statusMessage = STATUS_CODES[statusCode] || 'unknown';
      line = firstLines[statusCode] ??= `HTTP/1.1 ${statusCode} ${this.statusMessage}\r\n`;
    }
    obj ??= reason;
  }
  if (this.statusCode !== statusCode) this.statusCode = statusCode;
  let headers = obj;
  if (this[kHeaders] !== null) {
    // What is given here goes over what was set.
    mergeHeaders(this, obj);
    headers = this[kHeaders];
  }
  if (line === undefined) {
    if (hasInvalidChar(this.statusMessage)) throw new ERR_INVALID_CHAR('statusMessage');
    line = `HTTP/1.1 ${statusCode} ${this.statusMessage}\r\n`;
  }
  if (statusCode === 204 || statusCode === 304 || (statusCode >= 100 && statusCode <= 199)) this._hasBody = false;
  // A client that waits to be told to send its body may send it or not: nothing tells which.
  if (this._expect_continue && !this._sent100) this.shouldKeepAlive = false;
  this._storeHeader(line, headers);
  return this;
}
prototype.writeHead = writeHead;
prototype.writeHeader = writeHead;

function mergeHeaders(response, obj) {
  if (obj === undefined || obj === null) return;
  if (Array.isArray(obj)) {
    const entries = Array.isArray(obj[0]) ? obj : pairs(obj);
    // A name may be there several times, all of which replace what was set.
    for (const [name] of entries) response.removeHeader(name);
    for (const [name, value] of entries) {
      if (name) response.appendHeader(name, value);
    }
    return;
  }
  for (const name in obj) {
    if (Object.hasOwn(obj, name)) response.setHeader(name, obj[name]);
  }
}

function pairs(flat) {
  if (flat.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', flat);
  const entries = [];
  for (let i = 0; i < flat.length; i += 2) entries.push([flat[i], flat[i + 1]]);
  return entries;
}

prototype.writeContinue = function writeContinue(callback) {
  this._writeRaw('HTTP/1.1 100 Continue\r\n\r\n', 'latin1', callback);
  this._sent100 = true;
};

prototype.writeProcessing = function writeProcessing(callback) {
  this._writeRaw('HTTP/1.1 102 Processing\r\n\r\n', 'latin1', callback);
};

prototype.writeEarlyHints = function writeEarlyHints(hints, callback) {
  const { validateLinkHeaderValue, validateObject } = require('internal/validators');
  validateObject(hints, 'hints');
  if (hints.link === null || hints.link === undefined) return;
  const link = validateLinkHeaderValue(hints.link);
  if (link.length === 0) return;
  let text = `HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n`;
  for (const key of Object.keys(hints)) {
    const name = key.toLowerCase();
    if (name === 'link') continue;
    validateHeaderName(key);
    validateHeaderValue(key, hints[key]);
    text += `${key}: ${hints[key]}\r\n`;
  }
  this._writeRaw(`${text}\r\n`, 'latin1', callback);
};

// --- where it goes ---

prototype._sink = function _sink(flags, text, body, trailers, callback) {
  const { socket } = this;
  if (socket === null || !(socket._id > 0)) return this._sinkWithoutSocket(flags, text, body, trailers, callback);
  if (socket._isOver) {
    if (callback) process.nextTick(callback);
    return false;
  }
  if ((flags & flag.LAST) !== 0 && this._last) flags |= flag.CLOSE;
  return socket._send(flags, text, body, trailers, callback, this);
};

// A response that no server made: it is written to whatever stream assignSocket() gives it.
prototype._sinkWithoutSocket = function _sinkWithoutSocket(flags, text, body, trailers, callback) {
  const { socket } = this;
  if (socket !== null && socket._id === 0) {
    if (callback) process.nextTick(callback);
    return false;
  }
  const parts = [];
  if (text !== undefined) parts.push(Buffer.from(text, 'latin1'));
  if (body !== undefined) {
    const bytes = Buffer.from(body);
    if ((flags & flag.CHUNK) !== 0) {
      parts.push(Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n'));
    } else {
      parts.push(bytes);
    }
  }
  if ((flags & flag.CHUNK) !== 0 && (flags & flag.LAST) !== 0) parts.push(Buffer.from(`0\r\n${trailers ?? '\r\n'}`, 'latin1'));
  const bytes = Buffer.concat(parts);
  if (socket !== null) return socket.write(bytes, callback);
  (this.outputData ??= []).push({ data: bytes, callback });
  this.outputSize += bytes.length;
  return this.outputSize < this.writableHighWaterMark;
};

prototype.assignSocket = function assignSocket(socket) {
  if (socket._httpMessage) throw new ERR_HTTP_SOCKET_ASSIGNED();
  socket._httpMessage = this;
  this.socket = socket;
  this.emit('socket', socket);
  const { outputData } = this;
  if (outputData !== undefined) {
    this.outputData = undefined;
    this.outputSize = 0;
    for (const { data, callback } of outputData) socket.write(data, callback);
  }
};

prototype.detachSocket = function detachSocket(socket) {
  socket._httpMessage = null;
  this.socket = null;
};

prototype._onDrained = function _onDrained() {
  if (this[kNeedDrain] && !this.finished) {
    this[kNeedDrain] = false;
    this.emit('drain');
  }
};

// --- the end ---

prototype._finish = function _finish() {
  if (this._eventsCount > 0) this.emit('prefinish');
  if (current !== this) process.nextTick(finish, this);
};

// Called when the response was handed over in whole, and whoever could listen has had the chance to.
function finish(response) {
  if (response[kFinished] || response.destroyed) return;
  const { req, socket } = response;
  if (response._eventsCount === 0 && response[kEndCallbacks] === undefined && socket !== null && req[kFlags] !== undefined && !req._isWatched() && isEnded(req)) {
    finishQuietly(response);
    return;
  }
  response[kFinished] = true;
  if (socket !== null && socket._httpMessage === response) response.detachSocket(socket);
  if (req[kFlags] !== undefined) {
    if (!req._consuming) req._dump();
    else if (req.complete && !req._isDone()) req.resume();
  }
  announceFinish(response);
  process.nextTick(close, response);
}

function close(response) {
  response.destroyed = true;
  response._closed = true;
  if (response._eventsCount > 0) response.emit('close');
}

// The same for a response and a request that nobody can have a listener on.
function finishQuietly(response) {
  response[kFinished] = true;
  if (response.socket._httpMessage === response) response.socket._httpMessage = null;
}

module.exports = { ServerResponse, USUAL, finish, finishQuietly, setCurrent };
