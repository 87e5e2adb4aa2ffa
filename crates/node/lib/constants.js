'use strict';
// The constants of fs, os and crypto in one object, as they once were.

const { constants: { dlopen, errno, priority, signals } } = require('os');

module.exports = Object.freeze({
  ...dlopen,
  ...errno,
  ...priority,
  ...signals,
  ...require('fs').constants,
});
