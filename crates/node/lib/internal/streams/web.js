'use strict';
// Conversions to and from the Web's streams, which are not there yet.

const {
  codes: { ERR_METHOD_NOT_IMPLEMENTED },
} = require('internal/errors');

for (const name of ['duplexFromWeb', 'duplexToWeb', 'readableFromWeb', 'readableToWeb', 'writableFromWeb', 'writableToWeb']) {
  module.exports[name] = () => {
    throw new ERR_METHOD_NOT_IMPLEMENTED(name);
  };
}
