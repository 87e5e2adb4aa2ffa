'use strict';
// HTTP requests: what is asked for, of whom, and what becomes of it.

const { keepFrame } = require('internal/async_context');
const { current, endScope, makeScope } = require('internal/async_hooks');
const {
  ConnResetException,
  AbortError,
  codes: {
    ERR_HTTP_HEADERS_SENT,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_HTTP_TOKEN,
    ERR_INVALID_PROTOCOL,
    ERR_UNESCAPED_CHARACTERS,
  },
} = require('internal/errors');
const { validateBoolean, validateInteger, validateFunction } = require('internal/validators');
const { head: headFlag, write: flag } = require('internal/http/constants');
const { isToken } = require('internal/http/headers');
const { addPlace } = require('internal/http/parse_error');
const { IncomingMessage } = require('internal/http/incoming');
const { OutgoingMessage, announceFinish, kErrored, kFinished, kHeaders, kNeedDrain, takeHead } = require('internal/http/outgoing');
const { createConnection } = require('internal/http/connect');
const { Socket } = require('internal/http/socket');
const agents = require('internal/http/agent');
const binding = internalBinding('http');

const WITHOUT_BODY = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);
const kQueue = Symbol('kQueue');

function validateHost(host, name) {
  if (host !== null && host !== undefined && typeof host !== 'string') {
    throw new ERR_INVALID_ARG_TYPE(`options.${name}`, ['string', 'undefined', 'null'], host);
  }
  return host;
}

// request(options[, callback]), request(url[, options][, callback])
function readArguments(input, options, callback) {
  if (typeof input === 'string') {
    const { URL, urlToHttpOptions } = require('url');
    input = urlToHttpOptions(new URL(input));
  } else if (input !== null && typeof input === 'object' && typeof input.href === 'string' &&
      typeof input.protocol === 'string' && input.searchParams !== undefined) {
    input = require('url').urlToHttpOptions(input);
  } else {
    callback = options;
    options = input;
    input = null;
  }
  if (typeof options === 'function') {
    callback = options;
    options = input || {};
  } else {
    options = Object.assign(input || {}, options);
  }
  return [options, callback];
}

function pickAgent(options, defaultAgent) {
  const { agent } = options;
  if (agent === false) return new defaultAgent.constructor();
  if (agent === null || agent === undefined) {
    return typeof options.createConnection === 'function' ? undefined : defaultAgent;
  }
  if (typeof agent.addRequest !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('options.agent', ['Agent-like Object', 'undefined', 'false'], agent);
  }
  return agent;
}

function ClientRequest(input, options, callback) {
  OutgoingMessage.call(this);
  this._frame = keepFrame('HTTPCLIENTREQUEST');
  [options, callback] = readArguments(input, options, callback);
  const defaultAgent = options._defaultAgent || agents.globalAgent;
  const agent = this.agent = pickAgent(options, defaultAgent);
  const protocol = options.protocol || defaultAgent.protocol;
  const expected = agent?.protocol ?? defaultAgent.protocol;
  if (options.path !== undefined && options.path !== null) {
    const path = String(options.path);
    if (/[^\u0021-\u00ff]/.test(path)) throw new ERR_UNESCAPED_CHARACTERS('Request path');
  }
  if (protocol !== expected) throw new ERR_INVALID_PROTOCOL(protocol, expected);
  const defaultPort = options.defaultPort || agent?.defaultPort;
  const port = options.port = options.port || defaultPort || 80;
  const host = options.host = validateHost(options.hostname, 'hostname') || validateHost(options.host, 'host') || 'localhost';
  const setHost = options.setHost !== undefined ? Boolean(options.setHost) : options.setDefaultHeaders !== false;
  this.socketPath = options.socketPath;
  if (options.timeout !== undefined) this.timeout = timerDuration(options.timeout, 'timeout');
  if (options.signal) {
    require('internal/validators').validateAbortSignal(options.signal, 'options.signal');
    listenToSignal(this, options.signal);
  }
  this.method = methodOf(options.method);
  this.path = options.path ? String(options.path) : '/';
  if (options.maxHeaderSize !== undefined) validateInteger(options.maxHeaderSize, 'maxHeaderSize', 0);
  this.maxHeaderSize = options.maxHeaderSize;
  if (options.insecureHTTPParser !== undefined) validateBoolean(options.insecureHTTPParser, 'options.insecureHTTPParser');
  this.insecureHTTPParser = options.insecureHTTPParser;
  if (options.joinDuplicateHeaders !== undefined) validateBoolean(options.joinDuplicateHeaders, 'options.joinDuplicateHeaders');
  this.joinDuplicateHeaders = options.joinDuplicateHeaders;
  if (callback) {
    validateFunction(callback, 'callback');
    this.once('response', callback);
  }
  this.useChunkedEncodingByDefault = !WITHOUT_BODY.has(this.method);
  this.res = null;
  this.host = host;
  this.protocol = protocol;
  decideKeepAlive(this);
  setHeaders(this, options, setHost, host, port, defaultPort);
  connect(this, options);
}

Object.setPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ClientRequest, OutgoingMessage);

const prototype = ClientRequest.prototype;

Object.assign(prototype, {
  aborted: false,
  reusedSocket: false,
  maxHeadersCount: null,
  timeout: undefined,
  timeoutCb: null,
  upgradeOrConnect: false,
  _ended: false,
  parser: null,
});
prototype[kQueue] = null;

function timerDuration(ms, name) {
  const { validateNumber } = require('internal/validators');
  validateNumber(ms, name);
  const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
  if (ms < 0 || !Number.isFinite(ms)) throw new ERR_OUT_OF_RANGE(name, 'a non-negative finite number', ms);
  return Math.min(Math.trunc(ms), 2 ** 31 - 1);
}

function methodOf(method) {
  if (method !== null && method !== undefined && typeof method !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.method', 'string', method);
  }
  if (!method) return 'GET';
  if (!isToken(method)) throw new ERR_INVALID_HTTP_TOKEN('Method', method);
  return method.toUpperCase();
}

function listenToSignal(req, signal) {
  const abort = () => req.destroy(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    process.nextTick(abort);
  } else {
    signal.addEventListener('abort', abort, { once: true });
    req.once('close', () => signal.removeEventListener('abort', abort));
  }
}

function decideKeepAlive(req) {
  const { agent } = req;
  if (agent && (agent.keepAlive || Number.isFinite(agent.maxSockets))) {
    req._last = false;
    req.shouldKeepAlive = true;
  } else {
    req._last = true;
    req.shouldKeepAlive = false;
  }
}

function hostHeader(host, port, defaultPort) {
  const isIPv6 = host.includes(':') && !host.startsWith('[');
  const name = isIPv6 ? `[${host}]` : host;
  return port && +port !== defaultPort ? `${name}:${port}` : name;
}

function setHeaders(req, options, setHost, host, port, defaultPort) {
  const { headers, auth } = options;
  if (Array.isArray(headers)) {
    const has = (name) => headers.some((each, at) => (Array.isArray(each) ? each[0] : at % 2 === 0 && each).toString().toLowerCase() === name);
    const all = headers.slice();
    const add = (name, value) => (Array.isArray(all[0]) ? all.push([name, value]) : all.push(name, value));
    if (setHost && !has('host')) add('Host', hostHeader(host, port, defaultPort));
    if (auth && !has('authorization')) add('Authorization', basic(auth));
    req._storeHeader(req._firstLine(), all);
    return;
  }
  if (headers) {
    for (const name of Object.keys(headers)) req.setHeader(name, headers[name]);
  }
  if (setHost && !req.hasHeader('host')) req.setHeader('Host', hostHeader(host, port, defaultPort));
  if (auth && !req.hasHeader('authorization')) req.setHeader('Authorization', basic(auth));
  if (req.hasHeader('expect')) {
    if (req._header !== null) throw new ERR_HTTP_HEADERS_SENT('render');
    req._storeHeader(req._firstLine(), req[kHeaders]);
  }
}

const basic = (auth) => `Basic ${Buffer.from(auth).toString('base64')}`;

function connect(req, options) {
  if (req.agent) {
    req.agent.addRequest(req, options.signal ? { ...options, signal: undefined } : options);
    return;
  }
  req._last = true;
  req.shouldKeepAlive = false;
  let called = false;
  const created = (error, socket) => {
    if (called) return;
    called = true;
    if (error) process.nextTick(() => emitError(req, error));
    else req.onSocket(socket);
  };
  const settings = options.socketPath ? { ...options, path: options.socketPath } : { ...options, path: undefined };
  if (typeof options.createConnection === 'function') {
    const socket = options.createConnection(settings, created);
    if (socket) created(null, socket);
  } else {
    created(null, createConnection(settings));
  }
}

// --- writing ---

prototype._firstLine = function _firstLine() {
  return `${this.method} ${this.path} HTTP/1.1\r\n`;
};

prototype._implicitHeader = function _implicitHeader() {
  if (this._header !== null) throw new ERR_HTTP_HEADERS_SENT('render');
  this._storeHeader(this._firstLine(), this[kHeaders]);
};

prototype._sink = function _sink(flags, text, body, trailers, callback) {
  flags &= ~flag.LAST | flag.CHUNK;
  const last = this.finished;
  if (last) flags |= flag.LAST;
  const { socket } = this;
  if (socket !== null && socket._id > 0 && this[kQueue] === null) {
    return socket._send(flags, text, body, trailers, callback, this);
  }
  const length = (text?.length ?? 0) + (body?.length ?? 0);
  (this[kQueue] ??= []).push([flags, text, body, trailers, callback]);
  this.outputSize += length;
  return this.outputSize < this.writableHighWaterMark;
};

// Sends what was written before there was a connection.
function flushQueue(req) {
  const queue = req[kQueue];
  req[kQueue] = null;
  req.outputSize = 0;
  if (queue !== null) {
    for (const [flags, text, body, trailers, callback] of queue) {
      req.socket._send(flags, text, body, trailers, callback, req);
    }
  }
  if (req.finished) process.nextTick(finish, req);
  else if (req[kNeedDrain]) req._onDrained();
}

prototype._onDrained = function _onDrained() {
  if (this[kNeedDrain] && !this.finished) {
    this[kNeedDrain] = false;
    this.emit('drain');
  }
};

prototype._finish = function _finish() {
  this.emit('prefinish');
  if (this[kQueue] === null) process.nextTick(finish, this);
};

function finish(req) {
  if (req[kFinished] || req.destroyed && req.res === null) return;
  req[kFinished] = true;
  announceFinish(req);
  if (req._ended) keepOrClose(req);
}

// --- the connection ---

prototype.onSocket = function onSocket(socket, error) {
  process.nextTick(attach, this, socket, error);
};

function attach(req, socket, error) {
  if (req.destroyed || error) {
    const reason = req[kErrored] || error;
    if (socket) {
      if (!error && req.agent && !socket.destroyed && socket._id > 0) {
        // A good connection, which others may want.
        socket._httpMessage = null;
        socket.destroy();
      } else {
        socket.destroy();
      }
    }
    emitGone(req, reason);
    return;
  }
  if (!(socket instanceof Socket)) {
    throw new ERR_INVALID_ARG_TYPE('socket', 'net.Socket', socket);
  }
  req.socket = socket;
  socket._httpMessage = req;
  socket._frame = req._frame;
  socket._http = true;
  socket._protocol = protocol;
  if (current.isTracked) {
    endScope(socket._messageScope);
    socket._messageScope = makeScope('HTTPCLIENTREQUEST');
  }
  socket.on('error', onSocketError);
  if (req.timeout !== undefined) listenForTimeout(req, socket);
  req.emit('socket', socket);
  if (req.destroyed) return;
  const start = () => {
    socket._started = undefined;
    if (socket._httpMessage !== req) return;
    binding.expectResponse(socket._id, req.method === 'HEAD', req.method === 'CONNECT');
    flushQueue(req);
  };
  if (socket._id > 0) start();
  else socket._started = start;
}

function onSocketError(error) {
  const req = this._httpMessage;
  if (!req) return;
  this._hadError = true;
  req._hadError = true;
  emitError(req, error);
}

function emitError(req, error) {
  if (req._errorEmitted) return;
  req._errorEmitted = true;
  req.emit('error', error);
}

function emitClose(req) {
  if (req._closed) return;
  req._closed = true;
  req.destroyed = true;
  req.emit('close');
}

// The request has no connection and gets none.
function emitGone(req, error) {
  emitError(req, error || new ConnResetException('socket hang up'));
  emitClose(req);
}

function listenForTimeout(req, socket) {
  if (req.timeoutCb !== null) return;
  const emitTimeout = req.timeoutCb = () => req.emit('timeout');
  const listen = () => {
    socket.setTimeout(req.timeout);
    socket.on('timeout', emitTimeout);
  };
  listen();
  req.once('close', () => socket.removeListener('timeout', emitTimeout));
}

const protocol = {
  data(socket, buffer) {
    socket._httpMessage?.res?._onData(Buffer.from(buffer));
  },

  end(socket, trailers) {
    socket._httpMessage?.res?._onEnd(trailers);
  },

  response: onResponse,

  bad(socket, { code, reason, parsed, packet }) {
    const error = new Error(code === 'HPE_INVALID_EOF_STATE' ? 'Parse Error' : `Parse Error: ${reason}`);
    addPlace(error, code, reason, parsed, packet);
    const req = socket._httpMessage;
    socket._hadError = true;
    if (req) emitError(req, error);
    socket.destroy();
  },

  eof(socket) {
    socket._eof = true;
    const req = socket._httpMessage;
    // A message that lasts as long as the connection has been told to be complete before this.
    if (req?.res && req.res.complete && !req.res.readableEnded) {
      req.shouldKeepAlive = false;
      return;
    }
    socket.destroy();
  },

  closed(socket) {
    const req = socket._httpMessage;
    if (!req) return;
    socket._httpMessage = null;
    const { res } = req;
    if (res) {
      if (!res.complete) res.destroy(new ConnResetException('aborted'));
      emitClose(req);
    } else {
      if (!req._hadError) emitError(req, req[kErrored] || new ConnResetException('socket hang up'));
      emitClose(req);
    }
  },
};

// --- the response ---

function onResponse(socket, head, flags) {
  const req = socket._httpMessage;
  if (!req || req.res && req.res.statusCode >= 200) {
    // Nobody has asked.
    socket.destroy();
    return;
  }
  const res = new IncomingMessage(socket, head, flags);
  const { statusCode } = res;
  if (statusCode === 101 || (req.method === 'CONNECT' && statusCode >= 200 && statusCode < 300)) {
    onUpgrade(req, socket, res);
    return;
  }
  if (statusCode < 200) {
    if (statusCode === 100) req.emit('continue');
    req.emit('information', {
      statusCode,
      statusMessage: res.statusMessage,
      httpVersion: res.httpVersion,
      httpVersionMajor: res.httpVersionMajor,
      httpVersionMinor: res.httpVersionMinor,
      headers: res.headers,
      rawHeaders: res.rawHeaders,
    });
    return;
  }
  if (req.joinDuplicateHeaders) res.joinDuplicateHeaders = true;
  if ((flags & headFlag.KEEP_ALIVE) === 0) req.shouldKeepAlive = false;
  req.res = res;
  res.req = req;
  res.upgrade = false;
  res.on('end', onResponseEnd);
  req.on('finish', () => {});
  if (req.aborted || !req.emit('response', res)) res._dump();
}

function onUpgrade(req, socket, res) {
  const name = req.method === 'CONNECT' ? 'connect' : 'upgrade';
  req.res = res;
  res.req = req;
  req.upgradeOrConnect = true;
  res.upgrade = true;
  if (req.listenerCount(name) === 0) {
    socket.destroy();
    return;
  }
  req.shouldKeepAlive = false;
  socket.removeListener('error', onSocketError);
  socket.emit('agentRemove');
  if (req.timeoutCb !== null) socket.removeListener('timeout', req.timeoutCb);
  socket._httpMessage = null;
  socket._becomeRaw();
  req.emit(name, res, socket, Buffer.alloc(0));
  process.nextTick(emitClose, req);
}

function onResponseEnd() {
  const { req } = this;
  req._ended = true;
  if (!req.shouldKeepAlive) {
    const { socket } = req;
    if (socket._id > 0) socket.destroy();
  } else if (req[kFinished]) {
    keepOrClose(req);
  }
}

// The exchange is over: gives the connection back.
function keepOrClose(req) {
  const { socket } = req;
  if (!req.shouldKeepAlive || socket === null || socket._httpMessage !== req) return;
  if (req.timeoutCb !== null) {
    socket.setTimeout(0);
    socket.removeListener('timeout', req.timeoutCb);
    req.timeoutCb = null;
  }
  socket.removeListener('error', onSocketError);
  process.nextTick((freed) => {
    if (socket._id > 0 && !socket.destroyed) socket.emit('free');
    emitClose(freed);
  }, req);
}

// --- what the program may ask for ---

prototype.abort = function abort() {
  if (this.aborted) return;
  this.aborted = true;
  process.nextTick(() => this.emit('abort'));
  this.destroy();
};

prototype.destroy = function destroy(error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  this.res?._dump();
  this[kErrored] = error;
  const { socket } = this;
  if (socket !== null) {
    socket.destroy(error);
  } else if (error) {
    this[kErrored] = error;
  }
  return this;
};

prototype.setTimeout = function setTimeout(ms, callback) {
  if (this._ended) return this;
  ms = timerDuration(ms, 'msecs');
  if (callback) {
    validateFunction(callback, 'callback');
    this.once('timeout', callback);
  }
  this.timeout = ms;
  const { socket } = this;
  if (socket === null) return this;
  if (this.timeoutCb === null) listenForTimeout(this, socket);
  else socket.setTimeout(ms);
  return this;
};

prototype.clearTimeout = function clearTimeout(callback) {
  this.setTimeout(0, callback);
};

prototype.setNoDelay = function setNoDelay(on) {
  whenSocket(this, (socket) => socket.setNoDelay(on));
};

prototype.setSocketKeepAlive = function setSocketKeepAlive(on, delay) {
  whenSocket(this, (socket) => socket.setKeepAlive(on, delay));
};

function whenSocket(req, act) {
  if (req.socket !== null) act(req.socket);
  else req.once('socket', act);
}

function request(url, options, callback) {
  return new ClientRequest(url, options, callback);
}

function get(url, options, callback) {
  const req = request(url, options, callback);
  req.end();
  return req;
}

module.exports = { ClientRequest, get, request };
