'use strict';
// The globals of the main context. Those of modules are getters until they are first used.

function define(target, name, value, enumerable) {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}

// `name` comes from built-in `id` when it is first read. Assigning replaces it.
function defineLazy(target, name, id, enumerable = false, key = name) {
  Object.defineProperty(target, name, {
    get() {
      const value = require(id)[key];
      define(target, name, value, enumerable);
      return value;
    },
    set(value) {
      define(target, name, value, enumerable);
    },
    configurable: true,
    enumerable,
  });
}

function setupGlobals(global) {
  define(global, 'global', global, true);
  define(global, 'process', process, false);
  const timers = require('timers');
  for (const name of ['clearImmediate', 'setImmediate', 'clearInterval', 'clearTimeout',
    'setInterval', 'setTimeout']) {
    define(global, name, timers[name], true);
  }
  define(global, 'queueMicrotask', require('internal/process/task_queues').queueMicrotask, true);
  const { hasBuiltin } = require('internal/bootstrap/loader');
  if (hasBuiltin('console')) {
    Object.defineProperty(global, 'console', {
      get() {
        const console = require('console');
        define(global, 'console', console, false);
        return console;
      },
      set(value) { define(global, 'console', value, false); },
      configurable: true,
      enumerable: false,
    });
  } else {
    define(global, 'console', {
      log: (...args) => process.stdout.write(`${args.join(' ')}\n`),
      error: (...args) => process.stderr.write(`${args.join(' ')}\n`),
    }, false);
  }
}

module.exports = { setupGlobals, defineLazy };
