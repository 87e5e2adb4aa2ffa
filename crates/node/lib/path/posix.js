'use strict';
// The POSIX functions of path.

module.exports = require('path').posix;
