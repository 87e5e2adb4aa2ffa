'use strict';
// Connections that a client keeps, to be used again, and how many there may be.

const EventEmitter = require('events');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateNumber, validateOneOf } = require('internal/validators');
const { createConnection } = require('internal/http/connect');

const kRequestOptions = Symbol('kRequestOptions');

function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  EventEmitter.call(this);
  this.defaultPort = 80;
  this.protocol = 'http:';
  this.options = { __proto__: null, ...options };
  if (this.options.noDelay === undefined) this.options.noDelay = true;
  // What is asked for is a connection to a host, not to a local socket.
  this.options.path = null;
  this.requests = { __proto__: null };
  this.sockets = { __proto__: null };
  this.freeSockets = { __proto__: null };
  this.keepAliveMsecs = this.options.keepAliveMsecs || 1000;
  this.keepAlive = this.options.keepAlive || false;
  this.maxSockets = this.options.maxSockets || Agent.defaultMaxSockets;
  this.maxFreeSockets = this.options.maxFreeSockets || 256;
  this.scheduling = this.options.scheduling || 'lifo';
  this.maxTotalSockets = this.options.maxTotalSockets;
  this.totalSocketCount = 0;
  validateOneOf(this.scheduling, 'scheduling', ['fifo', 'lifo']);
  if (this.maxTotalSockets !== undefined) validateNumber(this.maxTotalSockets, 'maxTotalSockets', 1);
  else this.maxTotalSockets = Infinity;
  this.on('free', onFree);
}

Object.setPrototypeOf(Agent.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Agent, EventEmitter);

Agent.defaultMaxSockets = Infinity;

const prototype = Agent.prototype;

prototype.createConnection = createConnection;

prototype.getName = function getName(options = {}) {
  let name = `${options.host || 'localhost'}:${options.port || ''}:${options.localAddress || ''}`;
  if (options.family === 4 || options.family === 6) name += `:${options.family}`;
  if (options.socketPath) name += `:${options.socketPath}`;
  return name;
};

function take(table, name, socket) {
  const list = table[name];
  const at = list === undefined ? -1 : list.indexOf(socket);
  if (at < 0) return false;
  list.splice(at, 1);
  if (list.length === 0) delete table[name];
  return true;
}

// A connection has nothing to do any more: the next request gets it, or it is kept, or closed.
function onFree(socket, options) {
  const name = this.getName(options);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const waiting = this.requests[name];
  if (waiting !== undefined) {
    const req = waiting.shift();
    if (waiting.length === 0) delete this.requests[name];
    assign(this, req, socket);
    return;
  }
  const req = socket._httpMessage;
  if (!req || !req.shouldKeepAlive || !this.keepAlive) {
    socket.destroy();
    return;
  }
  const free = this.freeSockets[name] ?? [];
  const count = free.length + (this.sockets[name]?.length ?? 0);
  if (count > this.maxSockets || this.totalSocketCount > this.maxTotalSockets ||
      free.length >= this.maxFreeSockets || !this.keepSocketAlive(socket)) {
    socket.destroy();
    return;
  }
  this.freeSockets[name] = free;
  socket._httpMessage = null;
  this.removeSocket(socket, options, true);
  socket.once('error', onFreeError);
  free.push(socket);
}

function onFreeError() {
  this.destroy();
}

prototype.addRequest = function addRequest(req, options, port, localAddress) {
  if (typeof options === 'string') options = { __proto__: null, host: options, port, localAddress };
  options = { __proto__: null, ...options, ...this.options };
  if (options.socketPath) options.path = options.socketPath;
  const name = this.getName(options);
  this.sockets[name] ??= [];
  const free = this.freeSockets[name];
  let socket;
  while (free !== undefined && free.length > 0 && socket === undefined) {
    const kept = this.scheduling === 'fifo' ? free.shift() : free.pop();
    if (!kept.destroyed && kept._id > 0 && !kept._eof) socket = kept;
  }
  if (free !== undefined && free.length === 0) delete this.freeSockets[name];
  const count = this.sockets[name].length + (free?.length ?? 0);
  req[kRequestOptions] = options;
  if (socket !== undefined) {
    this.reuseSocket(socket, req);
    this.sockets[name].push(socket);
    assign(this, req, socket);
  } else if (count < this.maxSockets && this.totalSocketCount < this.maxTotalSockets) {
    open(this, req, options);
  } else {
    if (this.sockets[name].length === 0) delete this.sockets[name];
    (this.requests[name] ??= []).push(req);
  }
};

function open(agent, req, options) {
  agent.createSocket(req, options, (error, socket) => {
    if (error) req.onSocket(socket, error);
    else assign(agent, req, socket);
  });
}

prototype.createSocket = function createSocket(req, options, callback) {
  options = { __proto__: null, ...options, ...this.options };
  if (options.socketPath) options.path = options.socketPath;
  const name = this.getName(options);
  options._agentKey = name;
  options.encoding = null;
  let called = false;
  const created = (error, socket) => {
    if (called) return;
    called = true;
    if (error) {
      callback(error);
      return;
    }
    (this.sockets[name] ??= []).push(socket);
    this.totalSocketCount++;
    install(this, socket, options);
    callback(null, socket);
  };
  const socket = this.createConnection(options, created);
  if (socket) created(null, socket);
};

function install(agent, socket, options) {
  const onSocketFree = () => agent.emit('free', socket, options);
  const onClose = () => {
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
  };
  const onTimeout = () => {
    // Only if nobody uses it: else the request says what a timeout means.
    if (agent.freeSockets[agent.getName(options)]?.includes(socket)) socket.destroy();
  };
  const onRemove = () => {
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
    for (const [name, listener] of [['free', onSocketFree], ['close', onClose], ['timeout', onTimeout], ['agentRemove', onRemove]]) {
      socket.removeListener(name, listener);
    }
  };
  socket.on('free', onSocketFree);
  socket.on('close', onClose);
  socket.on('timeout', onTimeout);
  socket.on('agentRemove', onRemove);
  if (agent.options.timeout) socket.setTimeout(agent.options.timeout);
}

prototype.removeSocket = function removeSocket(socket, options, kept = false) {
  const name = this.getName(options);
  if (!kept) take(this.freeSockets, name, socket);
  take(this.sockets, name, socket);
  const waiting = this.requests[name];
  if (waiting === undefined || kept) return;
  // A connection less: a request that waits may have one of its own.
  const count = (this.sockets[name]?.length ?? 0) + (this.freeSockets[name]?.length ?? 0);
  if (count >= this.maxSockets || this.totalSocketCount >= this.maxTotalSockets) return;
  const req = waiting.shift();
  if (waiting.length === 0) delete this.requests[name];
  open(this, req, req[kRequestOptions]);
};

prototype.keepSocketAlive = function keepSocketAlive(socket) {
  socket.setKeepAlive(true, this.keepAliveMsecs);
  socket.unref();
  let timeout = this.options.timeout || 0;
  const hint = socket._httpMessage?.res?.headers['keep-alive'];
  const match = hint ? /\btimeout=(\d+)/i.exec(hint) : null;
  if (match !== null) {
    // A second less: the server must not close it just when the next request is on its way.
    const announced = Number(match[1]) * 1000 - 1000;
    if (announced <= 0) return false;
    if (timeout === 0 || announced < timeout) timeout = announced;
  }
  if (socket.timeout !== timeout) socket.setTimeout(timeout);
  return true;
};

prototype.reuseSocket = function reuseSocket(socket, req) {
  socket.removeListener('error', onFreeError);
  req.reusedSocket = true;
  socket.ref();
};

prototype.destroy = function destroy() {
  for (const table of [this.freeSockets, this.sockets]) {
    for (const name of Object.keys(table)) {
      for (const socket of table[name].slice()) socket.destroy();
    }
  }
};

function assign(agent, req, socket) {
  req.onSocket(socket);
  const timeout = agent.options.timeout || 0;
  if (req.timeout === undefined || req.timeout === timeout) return;
  socket.setTimeout(req.timeout);
}

let globalAgent;

module.exports = {
  Agent,
  get globalAgent() {
    return globalAgent ??= new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });
  },
  set globalAgent(agent) {
    if (agent === undefined || agent === null || typeof agent.addRequest !== 'function') {
      throw new ERR_INVALID_ARG_TYPE('agent', 'Agent-like Object', agent);
    }
    globalAgent = agent;
  },
};
