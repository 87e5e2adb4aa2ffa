'use strict';
// `inspector/promises`: as `inspector`, there is none to speak to.

module.exports = { ...require('inspector') };
