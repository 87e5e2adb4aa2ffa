'use strict';
// Signatures by keys of RSA and of curves.

const {
  codes: {
    ERR_CRYPTO_INVALID_DIGEST, ERR_CRYPTO_SIGN_KEY_REQUIRED, ERR_CRYPTO_UNSUPPORTED_OPERATION, ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
  },
} = require('internal/errors');
const { validateFunction, validateString } = require('internal/validators');
const { isAnyArrayBuffer } = require('internal/util/types');
const { Buffer } = require('buffer');
const { Writable } = require('stream');
const { sequence, unsigned, write, integer } = require('internal/crypto/der');
const { curves, keyFor, materialOf, native, seed } = require('internal/crypto/keys');

const kSizes = { __proto__: null, 1: 20, 256: 32, 384: 48, 512: 64 };
const RSA_PKCS1_PADDING = 1;
const RSA_PKCS1_PSS_PADDING = 6;
const RSA_PSS_SALTLEN_DIGEST = -1;

// The number of a hash for natives.
function hashOf(algorithm) {
  const name = algorithm.toLowerCase().replace(/^rsa-/, '').replace('-', '');
  const found = { __proto__: null, sha1: 1, sha256: 256, sha384: 384, sha512: 512 }[name];
  if (found === undefined) throw new ERR_CRYPTO_INVALID_DIGEST(algorithm);
  return found;
}

// ECDSA's two numbers one behind the other, in the form that is asked for.
function toDer(signature) {
  const half = signature.length / 2;
  return write(0x30, integer(signature.subarray(0, half)), integer(signature.subarray(half)));
}

function fromDer(bytes, size) {
  const parts = sequence(bytes);
  if (parts?.length !== 2 || parts[0].tag !== 2 || parts[1].tag !== 2) return undefined;
  const halves = parts.map(({ content }) => unsigned(content, size));
  return halves.includes(undefined) ? undefined : Buffer.concat(halves);
}

function encodingOf(options) {
  const encoding = options?.dsaEncoding ?? 'der';
  if (encoding !== 'der' && encoding !== 'ieee-p1363') throw new ERR_INVALID_ARG_VALUE('options.dsaEncoding', encoding);
  return encoding;
}

function paddingOf(options) {
  const padding = options?.padding ?? RSA_PKCS1_PADDING;
  if (padding !== RSA_PKCS1_PADDING && padding !== RSA_PKCS1_PSS_PADDING) {
    throw new ERR_INVALID_ARG_VALUE('options.padding', padding);
  }
  return padding;
}

const largestSalt = (parts, hash) => Math.ceil((native.bitLength(parts[0]) - 1) / 8) - kSizes[hash] - 2;

const plain = (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function signWith(hash, data, options) {
  const { kind, secret, curve, der, parts } = materialOf(keyFor(options, 'private'));
  data = plain(data);
  switch (kind) {
    case 'rsa': {
      let salt = -1;
      if (paddingOf(options) === RSA_PKCS1_PSS_PADDING) {
        const { saltLength } = options;
        salt = saltLength === RSA_PSS_SALTLEN_DIGEST ? kSizes[hash]
          : saltLength === undefined || saltLength < 0 ? largestSalt(parts, hash) : saltLength;
      }
      return Buffer.from(native.rsaSign(salt, hash, der, data, seed()).buffer);
    }
    case 'ec': {
      const signature = Buffer.from(native.ecdsaSign(curves[curve].number, hash, secret, data).buffer);
      return encodingOf(options) === 'der' ? toDer(signature) : signature;
    }
    case 'ed25519': return Buffer.from(native.ed25519Sign(secret, data).buffer);
    default: throw new ERR_CRYPTO_UNSUPPORTED_OPERATION();
  }
}

function verifyWith(hash, data, options, signature) {
  const { kind, curve, point, der, parts } = materialOf(keyFor(options, 'public'));
  data = plain(data);
  switch (kind) {
    case 'rsa': {
      const check = (salt) => native.rsaVerify(salt, hash, der, plain(signature), data);
      if (paddingOf(options) !== RSA_PKCS1_PSS_PADDING) return check(-1);
      const { saltLength } = options;
      if (saltLength === RSA_PSS_SALTLEN_DIGEST) return check(kSizes[hash]);
      if (saltLength >= 0) return check(saltLength);
      // How long the salt is, is in the signature: these are the usual lengths, then all others.
      const most = largestSalt(parts, hash);
      if (check(kSizes[hash]) || check(most)) return true;
      for (let salt = 0; salt < most; salt++) {
        if (check(salt)) return true;
      }
      return false;
    }
    case 'ec': {
      const { number, size } = curves[curve];
      const raw = encodingOf(options) === 'der' ? fromDer(signature, size) : signature;
      return raw !== undefined && raw.length === 2 * size &&
        native.ecdsaVerify(number, hash, point, plain(raw), data);
    }
    case 'ed25519': return native.ed25519Verify(point, plain(signature), data);
    default: throw new ERR_CRYPTO_UNSUPPORTED_OPERATION();
  }
}

function bytesOf(data, name, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? undefined : encoding);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (isAnyArrayBuffer(data)) return Buffer.from(data);
  throw new ERR_INVALID_ARG_TYPE(name, ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], data);
}

// What is signed is kept until it is: curves and paddings need all of it, hashed.
class Signing extends Writable {
  #hash;
  #chunks = [];

  constructor(algorithm, options) {
    super(options);
    validateString(algorithm, 'algorithm');
    this.#hash = hashOf(algorithm);
  }

  _write(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }

  update(data, encoding) {
    this.#chunks.push(Buffer.from(bytesOf(data, 'data', encoding)));
    return this;
  }

  static take(signing) {
    const { length, 0: first } = signing.#chunks;
    const data = length === 1 ? first : Buffer.concat(signing.#chunks);
    return { hash: signing.#hash, data };
  }
}
const { take } = Signing;
delete Signing.take;

class Sign extends Signing {
  sign(options, encoding = undefined) {
    if (!options) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
    const { hash, data } = take(this);
    const signature = signWith(hash, data, options);
    return encoding && encoding !== 'buffer' ? signature.toString(encoding) : signature;
  }
}

class Verify extends Signing {
  verify(options, signature, encoding = undefined) {
    const { hash, data } = take(this);
    return verifyWith(hash, data, options, bytesOf(signature, 'signature', encoding));
  }
}

// In one go. Ed25519 has no hash of its own to choose.
const hashOrNone = (algorithm) => {
  if (algorithm === null || algorithm === undefined) return 256;
  validateString(algorithm, 'algorithm');
  return hashOf(algorithm);
};

function answer(callback, make) {
  if (callback === undefined) return make();
  validateFunction(callback, 'callback');
  let error = null;
  let result;
  try {
    result = make();
  } catch (failed) {
    error = failed;
  }
  setImmediate(callback, error, result);
  return undefined;
}

function sign(algorithm, data, key, callback) {
  const hash = hashOrNone(algorithm);
  const bytes = bytesOf(data, 'data');
  if (!key) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  return answer(callback, () => signWith(hash, bytes, key));
}

function verify(algorithm, data, key, signature, callback) {
  const hash = hashOrNone(algorithm);
  const bytes = bytesOf(data, 'data');
  const given = bytesOf(signature, 'signature');
  return answer(callback, () => verifyWith(hash, bytes, key, given));
}

// Functions too, as in Node: `new` is not needed.
function callable(Class) {
  return new Proxy(Class, { apply: (target, self, args) => new Class(...args) });
}

module.exports = { Sign: callable(Sign), Verify: callable(Verify), sign, verify };
