'use strict';
// The public module `sys`, the old name of `util`.

module.exports = require('util');
