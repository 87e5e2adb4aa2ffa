'use strict';
// Takes what the native side tells and hands it to the socket or server that it is about. Knows
// nothing of what they make of it.

const { setFrame } = require('internal/async_context');
const { endScope, runInScope } = require('internal/async_hooks');
const binding = internalBinding('http');
const { kind } = require('internal/http/constants');

const sockets = new Map();
const servers = new Map();
let started = false;
let handleRequest = (id) => binding.close(id, false);

function onEvent(what, id, a, b) {
  if (what === kind.ACCEPTED) {
    const server = servers.get(a);
    if (server === undefined) {
      binding.close(id, false);
      return;
    }
    setFrame(server._frame);
    runInScope(server._scope, server._accept, server, [id, b]);
    return;
  }
  const socket = sockets.get(id);
  if (socket === undefined) return;
  setFrame(socket._frame);
  const isMessage = what === kind.DATA || what === kind.END || what === kind.RESPONSE;
  const scope = (isMessage ? socket._messageScope : undefined) ?? socket._scope;
  if (scope === undefined) tell(socket, what, id, a, b);
  else runInScope(scope, tell, undefined, [socket, what, id, a, b]);
}

function tell(socket, what, id, a, b) {
  switch (what) {
    case kind.DATA: socket._protocol.data(socket, a); break;
    case kind.END: socket._protocol.end(socket, a); break;
    case kind.RESPONSE: socket._protocol.response(socket, a, b); break;
    case kind.FLUSHED: socket._onFlushed(); break;
    case kind.CONNECTED: socket._onConnected(a); break;
    case kind.TIMEOUT: socket._onTimeout(); break;
    case kind.BAD: socket._protocol.bad(socket, a); break;
    case kind.EOF: socket._protocol.eof(socket); break;
    case kind.CLOSED:
      sockets.delete(id);
      endScope(socket._messageScope);
      endScope(socket._scope);
      socket._scope = socket._messageScope = undefined;
      socket._onClosed(a);
      break;
  }
}

// To be called before anything listens or connects.
function start() {
  if (started) return;
  started = true;
  binding.setup(handleRequest, onEvent);
}

// What is called with each request that a server's connection has: it does not go through onEvent,
// because it is what happens most.
function setRequestHandler(handler) {
  handleRequest = handler;
  if (started) binding.setRequestHandler(handler);
}

module.exports = { servers, setRequestHandler, sockets, start };
