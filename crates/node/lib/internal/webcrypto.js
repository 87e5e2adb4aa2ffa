'use strict';
// The Web's Crypto interface under its global names: what Node has of its own of it (`crypto`), and the keys
// and algorithms of `crates/platform`. Made when one of these is first used.

const { load } = require('internal/platform');
const { Crypto, webcrypto } = require('crypto');

const { CryptoKey, SubtleCrypto, subtle } = load('subtle');
const customInspect = Symbol.for('nodejs.util.inspect.custom');

Object.defineProperty(CryptoKey.prototype, customInspect, {
  __proto__: null,
  value: {
    [customInspect](depth, options) {
      if (depth < 0) return this;
      const { inspect } = require('internal/util/inspect');
      const { type, extractable, algorithm, usages } = this;
      return `CryptoKey ${inspect({ type, extractable, algorithm, usages }, {
        ...options, depth: options.depth == null ? null : options.depth - 1,
      })}`;
    },
  }[customInspect],
  writable: true,
  enumerable: false,
  configurable: true,
});

module.exports = { Crypto, CryptoKey, SubtleCrypto, crypto: webcrypto, subtle };
