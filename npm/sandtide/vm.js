'use strict';

module.exports = require('./lib/vm.js');
