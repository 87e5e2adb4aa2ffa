'use strict';
// `wasi`: the engine has no WebAssembly.

const { unavailable } = require('internal/unavailable');

module.exports = { WASI: unavailable('WASI', 'this runtime has no WebAssembly') };
