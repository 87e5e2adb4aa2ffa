'use strict';
// HTTP/1 servers and clients. What a client needs is loaded when it is first asked for: a server does
// without.

const { METHODS, STATUS_CODES } = require('internal/http/constants');
const { validateHeaderName, validateHeaderValue } = require('internal/http/headers');
const { IncomingMessage } = require('internal/http/incoming');
const { OutgoingMessage } = require('internal/http/outgoing');
const { ServerResponse } = require('internal/http/response');
const { Server, createServer } = require('internal/http/server');
const { validateInteger } = require('internal/validators');

module.exports = {
  METHODS,
  STATUS_CODES,
  IncomingMessage,
  OutgoingMessage,
  Server,
  ServerResponse,
  createServer,
  validateHeaderName,
  validateHeaderValue,
  get(url, options, callback) {
    return require('internal/http/client').get(url, options, callback);
  },
  request(url, options, callback) {
    return require('internal/http/client').request(url, options, callback);
  },
  // There are no parsers to keep: the native side has none of its own.
  setMaxIdleHTTPParsers(max) {
    validateInteger(max, 'max', 1);
  },
};

function defineLazy(name, id, writable) {
  Object.defineProperty(module.exports, name, {
    __proto__: null,
    get() {
      return require(id)[name];
    },
    set: writable ? (value) => { require(id)[name] = value; } : undefined,
    configurable: true,
    enumerable: true,
  });
}

defineLazy('Agent', 'internal/http/agent', false);
defineLazy('globalAgent', 'internal/http/agent', true);
defineLazy('ClientRequest', 'internal/http/client', false);
Object.defineProperty(module.exports, 'maxHeaderSize', {
  __proto__: null,
  get() {
    return require('internal/options')?.getOptionValue?.('--max-http-header-size') || 16384;
  },
  configurable: true,
  enumerable: true,
});
