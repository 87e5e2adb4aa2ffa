'use strict';
// `inspector`: there is none to speak to.

const EventEmitter = require('events');
const { codes: { ERR_INSPECTOR_NOT_AVAILABLE } } = require('internal/errors');

function unavailable() {
  throw new ERR_INSPECTOR_NOT_AVAILABLE();
}

class Session extends EventEmitter {
  constructor() {
    super();
    unavailable();
  }
}

module.exports = {
  open: unavailable,
  close() {},
  url() { return undefined; },
  waitForDebugger: unavailable,
  console: globalThis.console,
  Session,
  Network: {},
};
