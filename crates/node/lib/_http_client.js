'use strict';
// The former name of a part of `http`.

const { ClientRequest } = require('http');

module.exports = { ClientRequest };
