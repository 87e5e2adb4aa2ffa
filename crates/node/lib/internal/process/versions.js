'use strict';
// Which Node this acts as, and what it is made of.

const { sandtideVersion, version: kVersion } = internalBinding('process');

function makeVersions() {
  return Object.freeze({
    __proto__: null,
    node: kVersion.slice(1),
    quickjs: '0.16.2',
    sandtide: sandtideVersion,
    modules: '137',
  });
}

const features = Object.freeze({
  inspector: false,
  debug: false,
  uv: false,
  ipv6: true,
  tls_alpn: false,
  tls_sni: false,
  tls_ocsp: false,
  tls: false,
  cached_builtins: true,
  require_module: true,
  typescript: require('internal/typescript').isSupported && 'strip',
});

module.exports = { kVersion, makeVersions, features };
