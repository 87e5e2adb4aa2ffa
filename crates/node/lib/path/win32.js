'use strict';
// The Windows functions of path.

module.exports = require('path').win32;
