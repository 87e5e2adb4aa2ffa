'use strict';
// For programs that are run with --expose-internals: the native bindings.

module.exports = { internalBinding };
