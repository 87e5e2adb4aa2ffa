'use strict';
// There is no TLS here: whatever would need it says so.

const { Agent: HttpAgent } = require('http');
const { unavailable } = require('internal/no_tls');

// An agent can be made, as libraries do when they are loaded; it connects to nothing.
function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  HttpAgent.call(this, options);
  this.defaultPort = 443;
  this.protocol = 'https:';
}
Object.setPrototypeOf(Agent.prototype, HttpAgent.prototype);
Object.setPrototypeOf(Agent, HttpAgent);
Agent.prototype.createConnection = unavailable('https.Agent');

module.exports = {
  Agent,
  globalAgent: new Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 }),
  Server: unavailable('https.Server'),
  createServer: unavailable('https.createServer'),
  get: unavailable('https.get'),
  request: unavailable('https.request'),
};
