'use strict';
// What `process.binding()` gives to old libraries: those parts of Node's insides that have a counterpart here.

const { builtinIds, requireBuiltin } = require('internal/bootstrap/loader');

const bindings = {
  config: () => ({
    isDebugBuild: false, hasOpenSSL: false, fipsMode: false, hasIntl: false, hasTracing: false, hasNodeOptions: true,
    noBrowserGlobals: false, hasInspector: false, bits: 64,
  }),
  constants: () => {
    const { constants: { signals, errno, priority, dlopen, UV_UDP_REUSEADDR } } = require('os');
    return {
      os: { __proto__: null, UV_UDP_REUSEADDR, dlopen, errno, signals, priority },
      fs: { __proto__: null, ...require('fs').constants },
      crypto: { __proto__: null, ...require('crypto').constants },
      zlib: { __proto__: null, ...requireBuiltin('zlib').constants },
      trace: { __proto__: null },
    };
  },
  natives: () => {
    const { source } = internalBinding('builtins');
    const natives = {};
    for (const id of builtinIds) {
      Object.defineProperty(natives, id, { get: () => source(id), enumerable: true, configurable: true });
    }
    return natives;
  },
  util: () => {
    const { types } = require('util');
    const util = {};
    for (const name of ['isArrayBuffer', 'isAsyncFunction', 'isDate', 'isExternal', 'isMap', 'isMapIterator',
                        'isNativeError', 'isPromise', 'isRegExp', 'isSet', 'isSetIterator', 'isAnyArrayBuffer',
                        'isArrayBufferView', 'isDataView', 'isTypedArray', 'isUint8Array']) {
      util[name] = types[name] ?? ((value) => ArrayBuffer.isView(value));
    }
    return util;
  },
  uv: () => {
    const { errorMap, errorName } = require('internal/uv_errors');
    const uv = { errname: (errno) => errorName(errno) };
    for (const [errno, [name]] of errorMap()) uv[`UV_${name}`] = errno;
    return uv;
  },
};

const made = new Map();

function binding(name) {
  name = `${name}`;
  if (!Object.hasOwn(bindings, name)) throw new Error(`No such module: ${name}`);
  let found = made.get(name);
  if (found === undefined) made.set(name, found = bindings[name]());
  return found;
}

function linkedBinding(name) {
  const error = new Error(`No such binding was linked: ${name}`);
  error.code = 'ERR_INVALID_MODULE';
  throw error;
}

module.exports = { binding, linkedBinding };
