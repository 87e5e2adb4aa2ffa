'use strict';
// `inspector`: sessions within the program, and the port for those from outside.

const EventEmitter = require('events');
const { codes } = require('internal/errors');
const { validateFunction, validateInt32, validateObject, validateString } = require('internal/validators');

const binding = internalBinding('inspector');

// Has the program's values be shown from now on.
function setUp() {
  binding.attach();
  return require('internal/inspector/setup');
}

class Session extends EventEmitter {
  #session = 0;
  #lastId = 0;
  #callbacks = new Map();

  connect() {
    if (this.#session !== 0) throw new codes.ERR_INSPECTOR_ALREADY_CONNECTED('The inspector session');
    setUp();
    this.#session = binding.connect((text) => this.#onMessage(text));
  }

  connectToMainThread() {
    throw new codes.ERR_INSPECTOR_NOT_WORKER();
  }

  #onMessage(text) {
    const parsed = JSON.parse(text);
    try {
      if (parsed.id === undefined) {
        this.emit(parsed.method, parsed);
        this.emit('inspectorNotification', parsed);
        return;
      }
      const callback = this.#callbacks.get(parsed.id);
      this.#callbacks.delete(parsed.id);
      if (callback === undefined) return;
      if (parsed.error) {
        const { code, message } = parsed.error;
        callback(new codes.ERR_INSPECTOR_COMMAND(code, message));
      } else {
        callback(null, parsed.result);
      }
    } catch (error) {
      process.emitWarning(error);
    }
  }

  post(method, params, callback) {
    validateString(method, 'method');
    if (callback === undefined && typeof params === 'function') {
      callback = params;
      params = null;
    }
    if (params) validateObject(params, 'params');
    if (callback) validateFunction(callback, 'callback');
    if (this.#session === 0) throw new codes.ERR_INSPECTOR_NOT_CONNECTED();
    const id = ++this.#lastId;
    const message = { id, method };
    if (params) message.params = params;
    if (callback) this.#callbacks.set(id, callback);
    binding.dispatch(this.#session, JSON.stringify(message));
  }

  disconnect() {
    if (this.#session === 0) return;
    binding.disconnect(this.#session);
    this.#session = 0;
    for (const callback of this.#callbacks.values()) {
      process.nextTick(callback, new codes.ERR_INSPECTOR_CLOSED());
    }
    this.#callbacks.clear();
    this.#lastId = 0;
  }
}

function isLoopback(host) {
  return /^(?:127(?:\.\d+){3}|localhost|::1|\[::1\])$/i.test(host);
}

function open(port, host, wait) {
  if (binding.url() !== undefined) throw new codes.ERR_INSPECTOR_ALREADY_ACTIVATED();
  if (port !== undefined) validateInt32(port, 'port', 0, 65535);
  if (host !== undefined) {
    validateString(host, 'host');
    if (!isLoopback(host)) {
      process.emitWarning(
        'Binding the inspector to a public IP with an open port is insecure, as it allows external hosts to connect to ' +
        'the inspector and perform a remote code execution attack.', 'SecurityWarning');
    }
  }
  setUp();
  binding.open(host ?? binding.host, port ?? binding.port);
  if (wait) binding.waitForDebugger();
  return { __proto__: null, [Symbol.dispose]: close };
}

function close() {
  binding.close();
}

function waitForDebugger() {
  if (binding.url() === undefined) throw new codes.ERR_INSPECTOR_NOT_ACTIVE();
  binding.waitForDebugger();
}

// A console whose messages go to inspectors only, while there may be any.
function makeConsole() {
  const console = {};
  for (const name of [
    'debug', 'error', 'info', 'log', 'warn', 'dir', 'dirxml', 'table', 'trace', 'group', 'groupCollapsed', 'groupEnd',
    'clear', 'count', 'countReset', 'assert', 'time', 'timeLog', 'timeEnd',
  ]) {
    console[name] = { [name](...args) {
      if (binding.isActive()) setUp().silent[name](...args);
    } }[name];
  }
  return console;
}

module.exports = {
  open,
  close,
  url: () => binding.url(),
  waitForDebugger,
  console: makeConsole(),
  Session,
};
