'use strict';
// The globals of the Web's Crypto interface, under their global names.

const { Crypto, webcrypto } = require('crypto');

module.exports = { Crypto, crypto: webcrypto };
