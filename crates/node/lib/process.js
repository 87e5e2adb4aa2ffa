'use strict';
// The public module `process` is the global.

module.exports = process;
