'use strict';
// The former name of a part of `http`: what libraries check header fields with.

const { METHODS } = require('http');
const { isToken } = require('internal/http/headers');

module.exports = {
  _checkInvalidHeaderChar: (value) => /[^\t\x20-\x7e\x80-\xff]/.test(value),
  _checkIsHttpToken: (value) => isToken(`${value}`),
  CRLF: '\r\n',
  chunkExpression: /(?:^|\W)chunked(?:$|\W)/i,
  continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
  methods: METHODS,
};
