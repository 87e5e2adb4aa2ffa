'use strict';
// The modules of `crates/platform`, which guests of `sandtide run` have as well: each is made when it is
// first asked for, of the language as it is in the engine, whatever the program made of its globals. What
// Node has a class of its own for is put in the place of theirs.

const binding = internalBinding('platform');
const { codes: { ERR_INVALID_STATE } } = require('internal/errors');

// What modules use is Node's own.
const kOwn = {
  __proto__: null,
  // Abort signals.
  events() {
    const { internals } = require('internal/abort_controller');
    const { DOMException } = require('internal/domexception');
    return {
      ...internals,
      abort: (signal, reason = new DOMException('This operation was aborted', 'AbortError')) =>
        internals.abort(signal, reason),
    };
  },
  clone() {
    const { addKind, structuredClone } = require('internal/structured_clone');
    return { __proto__: null, addKind, structuredClone };
  },
  encoding() {
    const { TextDecoder } = require('internal/encoding');
    const { prototype } = TextDecoder;
    const getter = (key) => Object.getOwnPropertyDescriptor(prototype, key).get;
    const decoding = {
      __proto__: null, decode: prototype.decode, encoding: getter('encoding'), fatal: getter('fatal'),
      ignoreBOM: getter('ignoreBOM'),
    };
    return { __proto__: null, TextDecoder, decoding };
  },
};

const kHost = {
  __proto__: null,
  use: load,
  streams: () => true,
  now: () => require('internal/performance').performance.now(),
  origin: () => require('internal/performance').performance.timeOrigin,
  random(size) {
    const bytes = new Uint8Array(size);
    require('crypto').randomFillSync(bytes);
    return bytes;
  },
};

// Gives an error one of Node's codes, as Node's own errors have it: also in the stack.
function coded(code, error) {
  const { name, stack } = error;
  if (typeof stack === 'string') {
    const value = stack.replace(name, `${name} [${code}]`);
    Object.defineProperty(error, 'stack', { __proto__: null, value, writable: true, configurable: true });
  }
  error.code = code;
  return error;
}

function makeStd() {
  const { DOMException } = require('internal/domexception');
  binding.setDomException((message, name) => new DOMException(message, name));
  const first = binding.first();
  first.DOMException = DOMException;
  first.coded = coded;
  first.invalidState = (message) => new ERR_INVALID_STATE.TypeError(message);
  return binding.makeStd(first);
}

const loaded = new Map();
let std;

function make(name) {
  std ??= makeStd();
  const { 0: module, 1: native, 2: uses, 3: host } = binding.find(name);
  for (const key of host) native[key] ??= kHost[key];
  const exports = module(std, native, ...uses.map(load));
  const streams = require('internal/webstreams/classes');
  if (streams.modules.has(name)) streams.finish(name, exports);
  return exports;
}

// The exports of the module of this name, or what Node has in its place.
function load(name) {
  let exports = loaded.get(name);
  if (exports !== undefined) return exports;
  exports = kOwn[name] === undefined ? make(name) : kOwn[name]();
  loaded.set(name, exports);
  return exports;
}

// A module that Node has something in the place of, for what that does not have.
const shared = new Map();
function loadShared(name) {
  let exports = shared.get(name);
  if (exports === undefined) {
    exports = make(name);
    shared.set(name, exports);
  }
  return exports;
}

// Why an object of one of the interfaces has no clone; undefined where it has one, as in Node all have that are
// neither streams nor said to have none.
function whyUncloneable(value) {
  if (std === undefined) return undefined;
  const { uncloneable } = std;
  for (let i = 0; i < uncloneable.length; i++) {
    if ((0, uncloneable[i])(value)) return kWhy[interfaceOf(value)];
  }
  return undefined;
}

const { kNeedsTransfer, kUnsupported } = require('internal/uncloneable');
const kWhy = {
  __proto__: null, ReadableStream: kNeedsTransfer, WritableStream: kNeedsTransfer, TransformStream: kNeedsTransfer,
  URLPattern: kUnsupported,
};

// The tag of the nearest prototype that has one.
function interfaceOf(value) {
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const tag = Object.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
    if (typeof tag === 'string') return tag;
  }
  return undefined;
}

// The natives of a module, without the module.
const nativesOf = (name) => binding.natives(name);

module.exports = { load, loadShared, nativesOf, whyUncloneable };
