'use strict';
// The former name of a part of `tls`.

const { createSecureContext } = require('tls');
const { unavailable } = require('internal/no_tls');

module.exports = { SecureContext: unavailable('SecureContext'), createSecureContext };
