'use strict';
// Connections and servers of plain bytes, over TCP or local sockets.

const { createConnection } = require('internal/http/connect');
const { Server } = require('internal/http/net_server');
const { Socket } = require('internal/http/socket');
const { validateBoolean, validateInt32 } = require('internal/validators');
const { isIP } = internalBinding('http');

const toIP = (text) => (typeof text === 'string' ? isIP(text) : isIP(`${text}`));

let autoSelectFamily = true;
let attemptTimeout = 250;

module.exports = {
  connect: createConnection,
  createConnection,
  createServer(options, listener) {
    return new Server(options, listener);
  },
  isIP: toIP,
  isIPv4: (text) => toIP(text) === 4,
  isIPv6: (text) => toIP(text) === 6,
  Server,
  Socket,
  Stream: Socket,
  // All addresses of a name are tried in turn, whatever is set here.
  getDefaultAutoSelectFamily: () => autoSelectFamily,
  setDefaultAutoSelectFamily(value) {
    validateBoolean(value, 'value');
    autoSelectFamily = value;
  },
  getDefaultAutoSelectFamilyAttemptTimeout: () => attemptTimeout,
  setDefaultAutoSelectFamilyAttemptTimeout(value) {
    validateInt32(value, 'value', 1);
    attemptTimeout = Math.max(value, 10);
  },
};
