'use strict';
// Compression: gzip and deflate. There is no Brotli and no Zstandard; programs can be loaded that
// would use them if they were asked to.

const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { codes, constants } = require('internal/zlib/constants');
const { ZlibBase, bytesOf, crc32, runSync } = require('internal/zlib/streams');

// A class that can be called without `new`, as those of Node.
function makeClass(name, format) {
  function Class(options) {
    if (!new.target) return new Class(options);
    return Reflect.construct(ZlibBase, [options, format], new.target);
  }
  Object.defineProperty(Class, 'name', { value: name, configurable: true });
  Object.setPrototypeOf(Class, ZlibBase);
  Object.setPrototypeOf(Class.prototype, ZlibBase.prototype);
  return Class;
}

function withCallback(Class) {
  return (buffer, options, callback) => {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    validateFunction(callback, 'callback');
    const bytes = bytesOf(buffer);
    const engine = new Class(options);
    setImmediate(() => {
      let result;
      try {
        result = runSync(engine, bytes);
      } catch (error) {
        callback(error);
        return;
      }
      callback(null, result);
    });
  };
}

const formats = {
  Deflate: constants.DEFLATE,
  Inflate: constants.INFLATE,
  Gzip: constants.GZIP,
  Gunzip: constants.GUNZIP,
  DeflateRaw: constants.DEFLATERAW,
  InflateRaw: constants.INFLATERAW,
  Unzip: constants.UNZIP,
};

const named = (name, value) => Object.defineProperty(value, 'name', { value: name, configurable: true });

module.exports = { crc32 };

for (const [name, format] of Object.entries(formats)) {
  const Class = makeClass(name, format);
  const lower = name[0].toLowerCase() + name.slice(1);
  module.exports[name] = Class;
  module.exports[lower] = named(lower, withCallback(Class));
  module.exports[`${lower}Sync`] = named(`${lower}Sync`, (buffer, options) => runSync(new Class(options), buffer));
  module.exports[`create${name}`] = named(`create${name}`, (options) => new Class(options));
}

for (const name of ['BrotliCompress', 'BrotliDecompress']) {
  const lower = name[0].toLowerCase() + name.slice(1);
  for (const key of [name, lower, `${lower}Sync`, `create${name}`]) {
    module.exports[key] = named(key, function() {
      throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(key);
    });
  }
}

Object.defineProperty(module.exports, 'constants', { enumerable: true, value: constants });
Object.defineProperty(module.exports, 'codes', { enumerable: true, value: codes });
