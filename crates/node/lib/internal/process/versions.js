'use strict';
// Which Node this acts as, and what it is made of.

const { sandtideVersion } = internalBinding('process');

// The release whose documentation is the reference; packages look at its major version.
const kVersion = 'v24.11.0';

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
  typescript: false,
});

module.exports = { kVersion, makeVersions, features };
