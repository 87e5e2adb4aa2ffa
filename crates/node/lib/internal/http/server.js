'use strict';
// HTTP servers: requests that come in become `request` events, and everything else that can happen on
// a connection has its consequences.

const { ConnResetException, codes: { ERR_HTTP_REQUEST_TIMEOUT, ERR_OUT_OF_RANGE } } = require('internal/errors');
const EventEmitter = require('events');
const { validateBoolean, validateInteger, validateObject } = require('internal/validators');
const { STATUS_CODES, head: flag, write } = require('internal/http/constants');
const { IncomingMessage, isEnded, kFlags } = require('internal/http/incoming');
const { addPlace } = require('internal/http/parse_error');
const { kEndCallbacks, kFinished } = require('internal/http/outgoing');
const { ServerResponse, USUAL, finish, finishQuietly, setCurrent } = require('internal/http/response');
const { setFrame } = require('internal/async_context');
const { current, endScope, makeScope, runInScope } = require('internal/async_hooks');
const { setRequestHandler, sockets } = require('internal/http/io');
const { Server: NetServer } = require('internal/http/net_server');
const { Socket } = require('internal/http/socket');
const binding = internalBinding('http');

const kIncoming = Symbol('kIncoming');
const kRequests = Symbol('kRequests');
const kTimes = Symbol('kTimes');
const kCaptures = Symbol('kCaptures');
const kIncomingMessage = Symbol('IncomingMessage');
const kServerResponse = Symbol('ServerResponse');

const { emit } = EventEmitter.prototype;

Socket.prototype[kIncoming] = null;
Socket.prototype[kRequests] = 0;

function Server(options, listener) {
  if (!(this instanceof Server)) return new Server(options, listener);
  if (typeof options === 'function') {
    listener = options;
    options = {};
  } else if (options === undefined || options === null) {
    options = {};
  } else {
    validateObject(options, 'options');
  }
  NetServer.call(this, { ...options, allowHalfOpen: true });
  this[kCaptures] = options.captureRejections ?? EventEmitter.captureRejections;
  storeOptions(this, options);
  if (listener) this.on('request', listener);
}

Object.setPrototypeOf(Server.prototype, NetServer.prototype);
Object.setPrototypeOf(Server, NetServer);

const prototype = Server.prototype;

// What the native side watches: setting one of these tells it.
const TIMES = {
  keepAliveTimeout: ['keepAlive', 5000],
  headersTimeout: ['headers', 60_000],
  requestTimeout: ['request', 300_000],
  timeout: ['idle', 0],
};

for (const name of Object.keys(TIMES)) {
  Object.defineProperty(prototype, name, {
    __proto__: null,
    get() { return this[kTimes]?.[name] ?? TIMES[name][1]; },
    set(value) {
      this[kTimes][name] = value;
      this._tell(name);
    },
    configurable: true,
    enumerable: true,
  });
}

prototype._tell = function _tell(name) {
  if (name === 'keepAliveTimeout') {
    const ms = +this.keepAliveTimeout;
    this._keepAliveText = ms ?
      `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(ms / 1000)}\r\n` : 'Connection: keep-alive\r\n';
    this._keepAliveFlags = ms ? (Math.min(Math.max(Math.floor(ms / 1000), 0), 0x7ffe) + 1) << write.SECONDS_SHIFT : 0;
  }
  if (this._serverId > 0) binding.setOption(this._serverId, TIMES[name][0], milliseconds(this[name]));
};

const milliseconds = (value) => Math.min(Math.max(Math.trunc(+value) || 0, 0), 2 ** 31 - 1);

function storeOptions(server, options) {
  server[kIncomingMessage] = options.IncomingMessage || IncomingMessage;
  server[kServerResponse] = options.ServerResponse || ServerResponse;
  server[kTimes] = {};
  const { maxHeaderSize, insecureHTTPParser, requireHostHeader, joinDuplicateHeaders } = options;
  if (maxHeaderSize !== undefined) validateInteger(maxHeaderSize, 'maxHeaderSize', 0);
  server.maxHeaderSize = maxHeaderSize;
  if (insecureHTTPParser !== undefined) validateBoolean(insecureHTTPParser, 'options.insecureHTTPParser');
  server.insecureHTTPParser = insecureHTTPParser;
  for (const name of ['requestTimeout', 'headersTimeout', 'keepAliveTimeout', 'connectionsCheckingInterval']) {
    if (options[name] !== undefined) validateInteger(options[name], name, 0);
  }
  const { requestTimeout = 300_000 } = options;
  const { headersTimeout = Math.min(60_000, requestTimeout || 60_000) } = options;
  if (requestTimeout > 0 && headersTimeout > 0 && headersTimeout > requestTimeout) {
    throw new ERR_OUT_OF_RANGE('headersTimeout', '<= requestTimeout', headersTimeout);
  }
  server.requestTimeout = requestTimeout;
  server.headersTimeout = headersTimeout;
  server.keepAliveTimeout = options.keepAliveTimeout ?? 5000;
  server.connectionsCheckingInterval = options.connectionsCheckingInterval ?? 30_000;
  if (requireHostHeader !== undefined) validateBoolean(requireHostHeader, 'options.requireHostHeader');
  server.requireHostHeader = requireHostHeader ?? true;
  if (joinDuplicateHeaders !== undefined) validateBoolean(joinDuplicateHeaders, 'options.joinDuplicateHeaders');
  server.joinDuplicateHeaders = joinDuplicateHeaders;
  server.rejectNonStandardBodyWrites = options.rejectNonStandardBodyWrites ?? false;
  server.highWaterMark = options.highWaterMark;
  server.httpAllowHalfOpen = false;
  server.maxHeadersCount = null;
  server.maxRequestsPerSocket = 0;
  server.noDelay = options.noDelay ?? true;
  server.keepAlive = Boolean(options.keepAlive);
  server._responseOptions = server.rejectNonStandardBodyWrites || options.highWaterMark !== undefined ?
    { highWaterMark: options.highWaterMark, rejectNonStandardBodyWrites: server.rejectNonStandardBodyWrites } :
    undefined;
}

prototype._onListening = function _onListening() {
  for (const name of Object.keys(TIMES)) this._tell(name);
  binding.setOption(this._serverId, 'maxHead', this.maxHeaderSize ?? 0);
  binding.setOption(this._serverId, 'noDelay', this.noDelay ? 1 : 0);
};

prototype.setTimeout = function setTimeout(ms, callback) {
  this.timeout = ms;
  if (callback) this.on('timeout', callback);
  return this;
};

// --- connections ---

const protocol = {
  data(socket, buffer) {
    const req = socket[kIncoming];
    if (req !== null) req._onData(Buffer.from(buffer));
  },

  end(socket, trailers) {
    const req = socket[kIncoming];
    if (req !== null) req._onEnd(trailers);
  },

  response() {},

  bad(socket, { code, reason, parsed, packet }) {
    const error = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? new ERR_HTTP_REQUEST_TIMEOUT() : new Error(code === 'HPE_INVALID_EOF_STATE' ? 'Parse Error' : `Parse Error: ${reason}`);
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') error.code = code;
    else addPlace(error, code, reason, parsed, packet);
    onClientError(socket, error);
  },

  failed(socket, error) {
    if (socket.server.listenerCount('clientError') > 0) socket.server.emit('clientError', error, socket);
    // The peer's going away is none of the program's errors, unless it asks.
    if (socket.listenerCount('error') > 0) socket.emit('error', error);
    socket.destroy();
  },

  eof(socket) {
    socket._eof = true;
    const { server, _httpMessage: response } = socket;
    if (response === null) {
      binding.close(socket._id, true);
    } else if (!server.httpAllowHalfOpen) {
      abortIncoming(socket);
      if (socket._id > 0 && !socket.destroyed) binding.close(socket._id, true);
    } else {
      response._last = true;
    }
  },

  closed(socket) {
    abortIncoming(socket);
    const response = socket._httpMessage;
    if (response === null || response[kFinished]) return;
    response.destroyed = true;
    response._closed = true;
    response.emit('close');
  },
};

function abortIncoming(socket) {
  const req = socket[kIncoming];
  if (req === null) return;
  socket[kIncoming] = null;
  const response = socket._httpMessage;
  if (isEnded(req) && (response === null || response.req !== req)) return;
  req.destroy(new ConnResetException('aborted'));
}

// A request that was being read is aborted when the connection is closed: its answer goes first.
function onClientError(socket, error) {
  const { server } = socket;
  // Nor is the peer's fault.
  if (socket.listenerCount('error') === 0) socket.on('error', () => {});
  if (server.listenerCount('clientError') > 0) {
    server.emit('clientError', error, socket);
    // Nothing is written behind what the program ended it with.
    if (socket.writableEnded) socket._isOver = true;
    return;
  }
  const response = socket._httpMessage;
  if (response === null || !response._headerSent) {
    let status = 400;
    if (error.code === 'HPE_HEADER_OVERFLOW') status = 431;
    else if (error.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') status = 413;
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') status = 408;
    binding.send(socket._id, 0, `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  }
  binding.close(socket._id, true);
}

prototype._raw = false;

prototype._makeSocket = function _makeSocket(id, ends) {
  const socket = new Socket({ id, ends, server: this, allowHalfOpen: true, protocol });
  socket.timeout = this.timeout;
  socket._onTimeout = onSocketTimeout;
  return socket;
};

function onSocketTimeout() {
  const { server, _httpMessage: response } = this;
  const req = this[kIncoming];
  const heard = [
    req !== null && !isEnded(req) && req.emit('timeout', this),
    response !== null && response.emit('timeout', this),
    server.emit('timeout', this),
    this.emit('timeout'),
  ];
  if (!heard.includes(true)) this.destroy();
}

// --- requests ---

function onRequest(id, head, flags) {
  const socket = sockets.get(id);
  if (socket === undefined) return;
  setFrame(socket._frame);
  if (!current.isTracked) {
    answer(socket, head, flags);
    return;
  }
  endScope(socket._messageScope);
  socket._messageScope = makeScope('HTTPINCOMINGMESSAGE', socket._scope?.id);
  runInScope(socket._messageScope, answer, undefined, [socket, head, flags]);
}

function answer(socket, head, flags) {
  const { server } = socket;
  const req = new server[kIncomingMessage](socket, head, flags);
  // A class of the program may not pass on what it does not know of.
  if (req[kFlags] === undefined) setHead(req, head, flags);
  const res = new server[kServerResponse](req, server._responseOptions);
  res.socket = socket;
  socket._httpMessage = res;
  socket[kIncoming] = req;
  setCurrent(res);
  try {
    if (flags !== USUAL || server.maxRequestsPerSocket > 0) {
      onSpecialRequest(server, socket, req, res, flags);
    } else {
      const listener = server._events.request;
      // What emit() would do, which nothing of this server's has to know.
      if (typeof listener === 'function' && server.emit === emit && !server[kCaptures]) listener.call(server, req, res);
      else server.emit('request', req, res);
    }
  } finally {
    setCurrent(null);
    if (res.finished && !res[kFinished]) {
      if (res._eventsCount === 0 && res[kEndCallbacks] === undefined && !req._isWatched() && isEnded(req)) finishQuietly(res);
      else process.nextTick(finish, res);
    }
  }
}

function setHead(req, head, flags) {
  const plain = new IncomingMessage(req.socket, head, flags);
  for (const key of Object.getOwnPropertySymbols(plain)) req[key] = plain[key];
}

function onSpecialRequest(server, socket, req, res, flags) {
  if ((flags & (flag.UPGRADE | flag.CONNECT)) !== 0) {
    const name = (flags & flag.CONNECT) !== 0 ? 'connect' : 'upgrade';
    req.upgrade = true;
    if (server.listenerCount(name) > 0) {
      socket._httpMessage = null;
      socket[kIncoming] = null;
      res.socket = null;
      socket._becomeRaw();
      server.emit(name, req, socket, Buffer.alloc(0));
      return;
    }
    if (name === 'connect') {
      socket.destroy();
      return;
    }
    req.upgrade = false;
  }
  if (server.maxRequestsPerSocket > 0) {
    const count = ++socket[kRequests];
    if (count > server.maxRequestsPerSocket) {
      if (!server.emit('dropRequest', req, socket)) {
        res.writeHead(503);
        res.end();
      }
      return;
    }
    if (count === server.maxRequestsPerSocket) res.maxRequestsOnConnectionReached = true;
  }
  if ((flags & flag.NO_HOST) !== 0 && (flags & flag.HTTP_1_0) === 0 && server.requireHostHeader) {
    res.writeHead(400, ['Connection', 'close']);
    res.end();
    return;
  }
  if ((flags & flag.EXPECT) !== 0 && (flags & flag.HTTP_1_0) === 0) {
    if (/^100-continue$/i.test(req.headers.expect)) {
      res._expect_continue = true;
      if (server.listenerCount('checkContinue') > 0) {
        server.emit('checkContinue', req, res);
      } else {
        res.writeContinue();
        server.emit('request', req, res);
      }
    } else if (server.listenerCount('checkExpectation') > 0) {
      server.emit('checkExpectation', req, res);
    } else {
      res.writeHead(417);
      res.end();
    }
    return;
  }
  server.emit('request', req, res);
}

setRequestHandler(onRequest);

// --- closing ---

prototype.close = function close(callback) {
  NetServer.prototype.close.call(this, callback);
  this.closeIdleConnections();
  return this;
};

prototype.closeAllConnections = function closeAllConnections() {
  for (const socket of [...this._sockets]) socket.destroy();
};

prototype.closeIdleConnections = function closeIdleConnections() {
  for (const socket of [...this._sockets]) {
    const req = socket[kIncoming];
    if (socket._httpMessage === null && (req === null || isEnded(req)) && socket._protocol === protocol) {
      // What was answered must have gone out.
      binding.close(socket._id, true);
    }
  }
};

function createServer(options, listener) {
  return new Server(options, listener);
}

module.exports = { Server, createServer };
