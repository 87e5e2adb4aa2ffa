'use strict';
// There is no TLS here. Libraries can be loaded that would use it if they were asked to.

const { unavailable } = require('internal/no_tls');

module.exports = {
  TLSSocket: unavailable('TLSSocket'),
  Server: unavailable('Server'),
  connect: unavailable('connect'),
  createServer: unavailable('createServer'),
  createSecureContext: unavailable('createSecureContext'),
  checkServerIdentity: unavailable('checkServerIdentity'),
  getCiphers: () => [],
  rootCertificates: [],
};
