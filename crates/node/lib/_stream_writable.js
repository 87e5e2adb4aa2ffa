'use strict';
// The former name of a part of `stream`.

module.exports = require('stream').Writable;
