'use strict';
// There is no TLS here: whatever would need it says so.

const { Agent: HttpAgent } = require('http');

function unavailable(name) {
  const error = new Error(`https.${name} is not available: this runtime has no TLS`);
  error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
  return error;
}

function request() {
  throw unavailable('request');
}

function get() {
  throw unavailable('get');
}

function createServer() {
  throw unavailable('createServer');
}

function Server() {
  throw unavailable('Server');
}

// An agent can be made, as libraries do when they are loaded; it connects to nothing.
function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  HttpAgent.call(this, options);
  this.defaultPort = 443;
  this.protocol = 'https:';
}
Object.setPrototypeOf(Agent.prototype, HttpAgent.prototype);
Object.setPrototypeOf(Agent, HttpAgent);
Agent.prototype.createConnection = function createConnection() {
  throw unavailable('Agent');
};

module.exports = { Agent, Server, createServer, get, globalAgent: new Agent({ keepAlive: true }), request };
