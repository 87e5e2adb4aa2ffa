'use strict';
// The former name of a part of `http`.

const { Agent, globalAgent } = require('http');

module.exports = { Agent, globalAgent };
