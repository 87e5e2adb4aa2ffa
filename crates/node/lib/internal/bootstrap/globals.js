'use strict';
// The globals of the main context. Those of modules are getters until they are first used.

const { hasBuiltin } = require('internal/bootstrap/loader');

function define(target, name, value, enumerable) {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable });
}

// `name` comes from `read` when it is first asked for. Assigning replaces it.
function defineLazy(target, name, enumerable, read) {
  Object.defineProperty(target, name, {
    get: {
      get() {
        const value = read();
        define(target, name, value, enumerable);
        return value;
      },
    }.get,
    set: {
      set(value) {
        define(target, name, value, enumerable);
      },
    }.set,
    configurable: true,
    enumerable,
  });
}

// Built-in modules, and which globals they have.
const kLazy = {
  'buffer': ['Buffer', 'Blob', 'File'],
  'internal/url': ['URL', 'URLSearchParams'],
  'internal/encoding': ['TextEncoder', 'TextDecoder'],
  'internal/abort_controller': ['AbortController', 'AbortSignal'],
  'internal/event_target': ['Event', 'EventTarget', 'CustomEvent'],
  'internal/domexception': ['DOMException'],
  'internal/performance': ['Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure',
                           'PerformanceObserver', 'PerformanceObserverEntryList', 'PerformanceResourceTiming'],
  'internal/fetch/form_data': ['FormData'],
  'internal/fetch/headers': ['Headers'],
  'internal/fetch/request': ['Request'],
  'internal/fetch/response': ['Response'],
  'crypto': ['Crypto'],
  'internal/webcrypto': ['CryptoKey', 'SubtleCrypto'],
  'internal/url_pattern': ['URLPattern'],
  'internal/navigator': ['Navigator'],
  'internal/message_channel': ['BroadcastChannel', 'MessageChannel', 'MessagePort', 'MessageEvent'],
};

// The Web's streams: each class is made by itself.
const kStreams = [
  'ByteLengthQueuingStrategy', 'CompressionStream', 'CountQueuingStrategy', 'DecompressionStream',
  'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'TextDecoderStream', 'TextEncoderStream',
  'TransformStream', 'TransformStreamDefaultController', 'WritableStream', 'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
];

// The same, of those that `for (const name in globalThis)` finds in Node.
const kLazyEnumerable = {
  'internal/structured_clone': ['structuredClone'],
  'buffer': ['atob', 'btoa'],
  'internal/performance': ['performance'],
};

// What the engine has and Node does not, and what Node has anew: it is to stand in Node's order.
const kNotFromEngine = ['InternalError', 'queueMicrotask', 'btoa', 'atob', 'performance', 'DOMException'];

function setupGlobals(global) {
  for (const name of kNotFromEngine) delete global[name];
  define(global, 'global', global, true);
  Object.defineProperty(global, Symbol.toStringTag, { value: 'global', configurable: true });
  let current = process;
  Object.defineProperty(global, 'process', {
    get: () => current,
    set(value) {
      current = value;
    },
    configurable: true,
    enumerable: false,
  });
  const timers = require('timers');
  for (const name of ['clearImmediate', 'setImmediate', 'clearInterval', 'clearTimeout',
                      'setInterval', 'setTimeout']) {
    define(global, name, timers[name], true);
  }
  define(global, 'queueMicrotask', require('internal/process/task_queues').queueMicrotask, true);
  for (const [table, enumerable] of [[kLazy, false], [kLazyEnumerable, true]]) {
    for (const id of Object.keys(table)) {
      if (!hasBuiltin(id)) continue;
      for (const name of table[id]) defineLazy(global, name, enumerable, () => require(id)[name]);
    }
  }
  for (const name of kStreams) {
    defineLazy(global, name, false, () => require('internal/webstreams/classes').get(name));
  }
  // Without the interpreter there is the engine's namespace, which refuses.
  if (internalBinding('builtins').webAssembly) {
    defineLazy(global, 'WebAssembly', false, () => require('internal/web_assembly').WebAssembly);
  }
  define(global, 'fetch', {
    fetch(input, init = undefined) {
      return require('internal/fetch/fetch').fetch(input, init);
    },
  }.fetch, true);
  if (hasBuiltin('crypto')) defineLazy(global, 'crypto', true, () => require('crypto').webcrypto);
  defineLazy(global, 'navigator', true, () => require('internal/navigator').navigator);
  if (require('internal/options').getOptionValue('--expose-gc') === true) {
    require('internal/gc').defineGlobal(global);
  }
  if (hasBuiltin('console')) {
    defineLazy(global, 'console', false, () => require('console'));
  } else {
    define(global, 'console', {
      log: (...args) => process.stdout.write(`${args.join(' ')}\n`),
      error: (...args) => process.stderr.write(`${args.join(' ')}\n`),
    }, false);
  }
}

module.exports = { setupGlobals };
