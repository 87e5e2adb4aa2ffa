'use strict';
// The former name of a part of `http`.

const { STATUS_CODES, Server, ServerResponse } = require('http');

module.exports = { STATUS_CODES, Server, ServerResponse };
