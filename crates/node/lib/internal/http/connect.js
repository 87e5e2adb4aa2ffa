'use strict';
// Making a connection: who is meant by the options, what addresses that is, and trying them one after
// the other.

const {
  DNSException,
  ExceptionWithHostPort,
  NodeAggregateError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_IP_ADDRESS, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateFunction, validatePort, validateString } = require('internal/validators');
const { onceCalled } = require('internal/async_hooks');
const { start } = require('internal/http/io');
const { Socket } = require('internal/http/socket');
const binding = internalBinding('http');

// connect(options[, callback]), connect(path[, callback]), connect(port[, host][, callback])
function readArguments(args) {
  args = args.slice();
  let callback;
  if (typeof args[args.length - 1] === 'function') callback = args.pop();
  const [first, second] = args;
  if (first === undefined || first === null) throw new ERR_MISSING_ARGS(['options', 'port', 'path']);
  if (typeof first === 'object') return [first, callback];
  if (typeof first === 'string' && !/^\s*\d+\s*$/.test(first)) return [{ path: first }, callback];
  return [{ port: first, host: second }, callback];
}

function addressError(errno, { address, port }) {
  return new ExceptionWithHostPort(errno, 'connect', address, port);
}

// Tries the addresses that are left.
function tryNext(socket) {
  const attempt = socket._connect;
  for (;;) {
    const address = attempt.addresses.shift();
    if (address === undefined) {
      const { errors } = attempt;
      socket.connecting = false;
      socket.destroy(errors.length === 1 ? errors[0] : new NodeAggregateError(errors, ''));
      return;
    }
    attempt.address = address;
    const raw = socket._http === undefined;
    const id = attempt.path !== undefined ?
      binding.connectPath(attempt.path, raw) : binding.connect(address, attempt.port, raw);
    if (id > 0) {
      socket._attach(id);
      socket._started?.();
      const waiting = socket._waiting;
      for (const act of waiting ?? []) act();
      return;
    }
    attempt.errors.push(addressError(id, attempt));
  }
}

Socket.prototype._onConnectFailed = function _onConnectFailed(errno) {
  const attempt = this._connect;
  if (attempt === undefined) return false;
  attempt.errors.push(addressError(-errno, attempt));
  tryNext(this);
  return true;
};

function lookUp(socket, options, port) {
  const host = options.host || 'localhost';
  const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : +options.family || 0;
  const found = (addresses) => {
    if (socket.destroyed) return;
    socket._connect = { addresses, port, errors: [] };
    tryNext(socket);
  };
  if (binding.isIP(host) !== 0) {
    process.nextTick(found, [host]);
    return;
  }
  const failed = (error) => {
    socket.emit('lookup', error, undefined, undefined, host);
    socket.destroy(error);
  };
  if (options.lookup) {
    validateFunction(options.lookup, 'options.lookup');
    options.lookup(host, { family, hints: options.hints || 0, all: true }, (error, address, addressFamily) => {
      if (error) {
        failed(error);
        return;
      }
      const list = Array.isArray(address) ? address.map((each) => each.address) : [address];
      for (const each of list) {
        if (binding.isIP(each) === 0) {
          failed(new ERR_INVALID_IP_ADDRESS(each));
          return;
        }
        socket.emit('lookup', null, each, addressFamily ?? binding.isIP(each), host);
      }
      found(list);
    });
    return;
  }
  binding.lookup(host, family, onceCalled('GETADDRINFOREQWRAP', (answer) => {
    if (typeof answer === 'string') {
      failed(new DNSException(answer === 'ENOTFOUND' ? -3008 : -3001, 'getaddrinfo', host));
      return;
    }
    for (const each of answer) socket.emit('lookup', null, each, binding.isIP(each), host);
    found(answer);
  }));
}

// Has `socket`, which is not connected, connect.
function connectSocket(socket, options, callback) {
  start();
  if (callback !== undefined) socket.once('connect', callback);
  socket.connecting = true;
  socket._connect = { addresses: [], errors: [], port: undefined };
  if (options.timeout) socket.setTimeout(options.timeout);
  if (options.path) {
    validateString(options.path, 'options.path');
    socket._connect = { addresses: [options.path], path: options.path, errors: [], port: undefined };
    process.nextTick(() => {
      if (!socket.destroyed) tryNext(socket);
    });
    return socket;
  }
  if (options.port === undefined) throw new ERR_MISSING_ARGS(['options', 'port', 'path']);
  if (typeof options.port !== 'number' && typeof options.port !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], options.port);
  }
  validatePort(options.port);
  lookUp(socket, options, +options.port);
  return socket;
}

Socket.prototype.connect = function connect(...args) {
  const [options, callback] = readArguments(args);
  return connectSocket(this, options, callback);
};

function createConnection(...args) {
  const [options, callback] = readArguments(args);
  const socket = new Socket(options);
  connectSocket(socket, options, callback);
  const { signal } = options;
  if (signal !== undefined) require('stream').addAbortSignal(signal, socket);
  return socket;
}

module.exports = { createConnection };
