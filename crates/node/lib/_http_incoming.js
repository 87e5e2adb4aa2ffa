'use strict';
// The former name of a part of `http`.

const { IncomingMessage } = require('http');

module.exports = { IncomingMessage };
