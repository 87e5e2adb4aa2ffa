'use strict';
// URLPattern: that of `crates/platform`.

module.exports = { URLPattern: require('internal/platform').load('url_pattern').URLPattern };
