'use strict';
// Listening: where a server's address comes from, and when it is closed. What its connections speak is
// up to who inherits from it.

const EventEmitter = require('events');
const {
  codes: { ERR_INVALID_ARG_VALUE, ERR_SERVER_ALREADY_LISTEN, ERR_SERVER_NOT_RUNNING },
  UVExceptionWithHostPort,
} = require('internal/errors');
const { validatePort, validateString } = require('internal/validators');
const { keepFrame } = require('internal/async_context');
const { endScope, makeScope, onceCalled } = require('internal/async_hooks');
const { servers, start } = require('internal/http/io');
const binding = internalBinding('http');

function NetServer(options) {
  EventEmitter.call(this, options?.captureRejections === undefined ? undefined : { captureRejections: options.captureRejections });
  this._connections = 0;
  this._serverId = 0;
  this._sockets = new Set();
  this._path = undefined;
  this._address = null;
  this._unref = false;
  this._frame = undefined; // in which its connections are told of: for `async_context`
  this._scope = undefined; // for `async_hooks`
  this.allowHalfOpen = Boolean(options?.allowHalfOpen);
  this.pauseOnConnect = Boolean(options?.pauseOnConnect);
}

Object.setPrototypeOf(NetServer.prototype, EventEmitter.prototype);
Object.setPrototypeOf(NetServer, EventEmitter);

const prototype = NetServer.prototype;

// Of HTTP servers, false.
prototype._raw = true;
prototype._closing = false;
prototype._onListening = function _onListening() {};

// Sorts out the many ways to call listen().
function readArguments(args) {
  let callback;
  if (typeof args[args.length - 1] === 'function') callback = args.pop();
  const [first, second, third] = args;
  if (first === undefined || first === null) return [{ port: 0, backlog: second }, callback];
  if (typeof first === 'object') return [first, callback];
  if (typeof first === 'string' && !/^\s*\d+\s*$/.test(first)) {
    return [{ path: first, backlog: second }, callback];
  }
  const options = { port: first };
  if (typeof second === 'string' || second === undefined || second === null) {
    options.host = second ?? undefined;
    options.backlog = third;
  } else {
    options.backlog = second;
  }
  return [options, callback];
}

prototype.listen = function listen(...args) {
  const [options, callback] = readArguments(args);
  if (this._serverId !== 0 || this._looking) throw new ERR_SERVER_ALREADY_LISTEN();
  if (callback !== undefined) this.once('listening', callback);
  start();
  this._closing = false;
  const { signal } = options;
  if (signal !== undefined) {
    require('internal/validators').validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) process.nextTick(() => this.close());
    else EventEmitter.addAbortListener(signal, () => this.close());
  }
  if (options.port !== undefined || ('port' in options && options.path === undefined)) {
    const port = options.port === undefined || options.port === null ? 0 : options.port;
    validatePort(port, 'options.port');
    listenAtPort(this, { ...options, port: +port });
  } else if (options.path !== undefined) {
    validateString(options.path, 'options.path');
    listenAtPath(this, options.path);
  } else {
    throw new ERR_INVALID_ARG_VALUE('options', options, 'must have the property "port" or "path"');
  }
  return this;
};

function listenAtPort(server, options) {
  const { host } = options;
  if (host === undefined || host === null || host === '') {
    // All addresses there are; of a machine without IPv6 those of IPv4.
    const made = bind(server, '::', options);
    if (typeof made === 'number') finishListen(server, bind(server, '0.0.0.0', options), '0.0.0.0', options.port, '::', made);
    else finishListen(server, made);
    return;
  }
  // Also an address counts as a name that is looked up: it takes a turn.
  server._looking = true;
  if (binding.isIP(host) !== 0) {
    process.nextTick(() => {
      if (!server._looking) return;
      server._looking = false;
      finishListen(server, bind(server, host, options), host, options.port);
    });
    return;
  }
  binding.lookup(host, 0, onceCalled('GETADDRINFOREQWRAP', (found) => {
    if (!server._looking) return;
    server._looking = false;
    if (typeof found === 'string') {
      const { DNSException } = require('internal/errors');
      server.emit('error', new DNSException(found, 'getaddrinfo', host));
      return;
    }
    const address = found.find((each) => binding.isIP(each) === 4) ?? found[0];
    finishListen(server, bind(server, address, options), address, options.port);
  }));
}

function bind(server, address, { port, backlog, ipv6Only, reusePort }) {
  return binding.listen(address, port, +backlog || 511, Boolean(ipv6Only), Boolean(reusePort), server._raw);
}

// `made` is what the native side gave: the number of an error, or an id and an address. Only if the
// first address is of no use at all is the second one's error told.
function finishListen(server, made, address, port, first, firstError) {
  if (typeof made === 'number') {
    const EADDRINUSE = 98;
    const [errno, where] = firstError === EADDRINUSE ? [firstError, first] : [made, address];
    const error = new UVExceptionWithHostPort(-errno, 'listen', where, port);
    process.nextTick(() => server.emit('error', error));
    return;
  }
  [server._serverId] = made;
  servers.set(server._serverId, server);
  server._frame = keepFrame('TCPSERVERWRAP');
  server._scope = makeScope('TCPSERVERWRAP');
  if (made.length > 1) server._address = { address: made[1], family: `IPv${made[3]}`, port: made[2] };
  if (server._unref) binding.setRef(server._serverId, false);
  server._onListening();
  process.nextTick(() => {
    if (server._serverId !== 0) server.emit('listening');
  });
}

function listenAtPath(server, path) {
  const made = binding.listenPath(path, server._raw);
  server._path = path;
  finishListen(server, made, path);
}

Object.defineProperty(prototype, 'listening', {
  __proto__: null,
  get() {
    return this._serverId !== 0;
  },
  configurable: true,
  enumerable: true,
});

Object.defineProperty(prototype, '_handle', {
  __proto__: null,
  get() {
    return this._serverId === 0 ? null : { fd: -1 };
  },
  configurable: true,
});

prototype.address = function address() {
  if (this._serverId === 0) return null;
  return this._path ?? { ...this._address };
};

prototype.getConnections = function getConnections(callback) {
  process.nextTick(callback, null, this._connections);
  return this;
};

prototype.close = function close(callback) {
  if (typeof callback === 'function') {
    if (this._serverId === 0 && !this._looking) {
      this.once('close', () => callback(new ERR_SERVER_NOT_RUNNING()));
    } else {
      this.once('close', callback);
    }
  }
  this._looking = false;
  this._closing = true;
  if (this._serverId !== 0) {
    const id = this._serverId;
    this._serverId = 0;
    servers.delete(id);
    binding.unlisten(id);
    endScope(this._scope);
    this._frame = this._scope = undefined;
    if (this._path !== undefined) {
      try {
        require('fs').unlinkSync(this._path);
      } catch {
        // Somebody else has removed it.
      }
      this._path = undefined;
    }
  }
  this._emitCloseIfDrained();
  return this;
};

prototype._emitCloseIfDrained = function _emitCloseIfDrained() {
  if (this._serverId !== 0 || this._connections > 0 || !this._closing) return;
  this._closing = false;
  process.nextTick(() => this.emit('close'));
};

prototype.ref = function ref() {
  this._unref = false;
  if (this._serverId !== 0) binding.setRef(this._serverId, true);
  return this;
};

prototype.unref = function unref() {
  this._unref = true;
  if (this._serverId !== 0) binding.setRef(this._serverId, false);
  return this;
};

module.exports = { NetServer };
