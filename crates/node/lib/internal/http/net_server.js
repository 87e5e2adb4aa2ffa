'use strict';
// Servers whose connections are plain bytes.

const { runWith } = require('internal/async_context');
const { validateObject, validateNumber } = require('internal/validators');
const { NetServer } = require('internal/http/listener');
const { Socket } = require('internal/http/socket');
const binding = internalBinding('http');

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
  NetServer.call(this, options);
  if (options.highWaterMark !== undefined) validateNumber(options.highWaterMark, 'options.highWaterMark');
  this.noDelay = Boolean(options.noDelay);
  if (listener) this.on('connection', listener);
}

// The other servers inherit from what this one inherits from, and are instances of it as well.
Server.prototype = NetServer.prototype;
Object.defineProperty(Server.prototype, 'constructor', { __proto__: null, value: Server, writable: true, configurable: true });

const prototype = Server.prototype;

prototype._onListening = function _onListening() {
  binding.setOption(this._serverId, 'noDelay', this.noDelay ? 1 : 0);
};

prototype._accept = function _accept(id, ends) {
  if (this.maxConnections !== undefined && this._connections >= this.maxConnections) {
    binding.close(id, false);
    this.emit('drop', {
      localAddress: ends[0], localPort: ends[1], localFamily: ends[2] && `IPv${ends[2]}`,
      remoteAddress: ends[3], remotePort: ends[4], remoteFamily: ends[5] && `IPv${ends[5]}`,
    });
    return;
  }
  const socket = this._makeSocket(id, ends);
  this._connections++;
  this._sockets.add(socket);
  this.emit('connection', socket);
  if (this.pauseOnConnect) socket.pause();
};

prototype._makeSocket = function _makeSocket(id, ends) {
  // What a connection itself tells of is told in no frame, as in Node.
  const make = () => new Socket({ id, ends, server: this, allowHalfOpen: this.allowHalfOpen });
  return runWith(undefined, make, undefined, []);
};

prototype._onSocketClosed = function _onSocketClosed(socket) {
  if (!this._sockets.delete(socket)) return;
  this._connections--;
  this._emitCloseIfDrained();
};

prototype[Symbol.asyncDispose] = function() {
  return new Promise((resolve, reject) => {
    this.close((error) => (error ? reject(error) : resolve()));
  });
};

module.exports = { Server };
