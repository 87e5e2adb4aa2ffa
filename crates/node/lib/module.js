'use strict';
// The public module `module` is the loader's class.

module.exports = require('internal/cjs/module').Module;
