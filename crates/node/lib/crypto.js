'use strict';
// Hashes, message authentication, keys and signatures, keys from passwords and random bytes. There are no
// ciphers but those of Web Cryptography, and no certificates.

const {
  codes: {
    ERR_CRYPTO_HASH_FINALIZED,
    ERR_CRYPTO_INVALID_DIGEST,
    ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_THIS,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const {
  validateBoolean, validateFunction, validateInteger, validateNumber, validateObject, validateString,
} = require('internal/validators');
const { onceCalled } = require('internal/async_hooks');
const { Buffer } = require('buffer');

const native = internalBinding('crypto');

const maxRandom = 2 ** 31 - 1;

// OpenSSL's other names for the same hashes.
function hashName(algorithm) {
  const name = algorithm.toLowerCase().replace(/^rsa-/, '').replace(/^ssl3-/, '').replace('/', '-');
  return name.replace(/^sha2?-(1|224|256|384|512)(?=$|-)/, 'sha$1');
}

function viewOf(data, name, expected, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? undefined : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new ERR_INVALID_ARG_TYPE(name, expected, data);
}

const dataKinds = ['string', 'Buffer', 'TypedArray', 'DataView'];

function encoded(bytes, encoding) {
  const buffer = Buffer.from(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

const kHandle = Symbol('kHandle');
const kFinalized = Symbol('kFinalized');

function defineHidden(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

// Hashes are transform streams, but few are used as such: the stream is made when something asks for its state.
function makeStreamsLazy(Class) {
  const { Transform } = require('stream');
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  for (const key of ['_readableState', '_writableState', '_events', '_eventsCount']) {
    Object.defineProperty(Class.prototype, key, {
      __proto__: null,
      configurable: true,
      get() {
        start(this);
        return this[key];
      },
      set(value) {
        defineHidden(this, key, value);
      },
    });
  }
  function start(hash) {
    for (const key of ['_readableState', '_writableState', '_events', '_eventsCount']) defineHidden(hash, key, undefined);
    Transform.call(hash, hash[kOptions]);
  }
  Class.prototype._transform = function(chunk, encoding, callback) {
    this[kHandle].update(viewOf(chunk, 'chunk', dataKinds, encoding));
    callback();
  };
  Class.prototype._flush = function(callback) {
    this.push(Buffer.from(this[kHandle].digest()));
    callback();
  };
}

const kOptions = Symbol('kOptions');

function Hash(algorithm, options, handle) {
  if (!new.target) return new Hash(algorithm, options, handle);
  if (handle === undefined) {
    validateString(algorithm, 'algorithm');
    handle = native.createHash(hashName(algorithm));
    if (handle === undefined) throw new Error('Digest method not supported');
  }
  defineHidden(this, kHandle, handle);
  defineHidden(this, kFinalized, false);
  defineHidden(this, kOptions, options);
}
makeStreamsLazy(Hash);

Hash.prototype.copy = function copy(options) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  return new Hash(undefined, options, this[kHandle].copy());
};

Hash.prototype.update = function update(data, encoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  this[kHandle].update(viewOf(data, 'data', dataKinds, encoding));
  return this;
};

Hash.prototype.digest = function digest(outputEncoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  this[kFinalized] = true;
  return encoded(this[kHandle].digest(), outputEncoding);
};

// The bytes of a secret key's object; any other value is for others to refuse.
function secretOf(key) {
  const { KeyObject, isKeyObject, materialOf } = require('internal/crypto/keys');
  if (isCryptoKey(key)) key = KeyObject.from(key);
  if (!isKeyObject(key)) return key;
  if (key.type !== 'secret') {
    const { codes: { ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE } } = require('internal/errors');
    throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(key.type, 'secret');
  }
  return materialOf(key);
}

const isCryptoKey = (value) => value instanceof require('internal/webcrypto').CryptoKey;

function Hmac(algorithm, key, options) {
  if (!new.target) return new Hmac(algorithm, key, options);
  validateString(algorithm, 'hmac');
  const keyKinds = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'KeyObject', 'CryptoKey'];
  if (require('internal/util/types').isAnyArrayBuffer(key)) key = new Uint8Array(key);
  if (typeof key === 'object' && key !== null && !ArrayBuffer.isView(key)) key = secretOf(key);
  const handle = native.createHmac(hashName(algorithm), viewOf(key, 'key', keyKinds, options?.encoding));
  if (handle === undefined) throw new ERR_CRYPTO_INVALID_DIGEST(algorithm);
  defineHidden(this, kHandle, handle);
  defineHidden(this, kFinalized, false);
  defineHidden(this, kOptions, options);
}
makeStreamsLazy(Hmac);

Hmac.prototype.update = Hash.prototype.update;

Hmac.prototype.digest = function digest(outputEncoding) {
  // Unlike a hash, it gives nothing when asked again.
  if (this[kFinalized]) return encoded(new Uint8Array(0), outputEncoding);
  this[kFinalized] = true;
  return encoded(this[kHandle].digest(), outputEncoding);
};

function hash(algorithm, input, outputEncoding = 'hex') {
  validateString(algorithm, 'algorithm');
  if (typeof input !== 'string' && !ArrayBuffer.isView(input)) {
    throw new ERR_INVALID_ARG_TYPE('input', ['Buffer', 'TypedArray', 'DataView', 'string'], input);
  }
  return new Hash(algorithm).update(input).digest(outputEncoding);
}

function randomBytes(size, callback) {
  validateNumber(size, 'size', 0, maxRandom);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const bytes = Buffer.from(native.randomBytes(size));
  if (callback === undefined) return bytes;
  setImmediate(onceCalled('RANDOMBYTESREQUEST', callback), null, bytes);
  return undefined;
}

const passwordKinds = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

function checkDerivation(password, salt, iterations, keylen, digest) {
  validateString(digest, 'digest');
  const [secret, salted] = [[password, 'password'], [salt, 'salt']].map(([value, name]) =>
    (isAnyArrayBuffer(value) ? new Uint8Array(value) : viewOf(value, name, passwordKinds)));
  validateInteger(iterations, 'iterations', 1, maxRandom);
  validateInteger(keylen, 'keylen', 0, maxRandom);
  return { digest, secret, salted, iterations, keylen };
}

// Gives the key, or its buffer to `callback` later.
function derive({ digest, secret, salted, iterations, keylen }, ...callback) {
  const name = hashName(digest);
  if (!native.hashes().includes(name)) throw new ERR_CRYPTO_INVALID_DIGEST(digest);
  // OpenSSL makes no empty keys either; there is null where memory is missing.
  const key = keylen === 0 ? null : native.pbkdf2(name, secret, salted, iterations, keylen, ...callback);
  if (key === null) throw new Error('Deriving bits failed');
  return key;
}

function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') {
    callback = digest;
    digest = undefined;
  }
  const checked = checkDerivation(password, salt, iterations, keylen, digest);
  validateFunction(callback, 'callback');
  const done = onceCalled('PBKDF2REQUEST', callback);
  try {
    derive(checked, (key) => done(null, Buffer.from(key)));
  } catch (error) {
    if (error instanceof TypeError) throw error;
    setImmediate(done, error);
  }
}

function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  return Buffer.from(derive(checkDerivation(password, salt, iterations, keylen, digest)));
}

function isAnyArrayBuffer(value) {
  return require('internal/util/types').isAnyArrayBuffer(value);
}

// The part of a buffer to fill. Offsets count elements.
function fillTarget(buf, offset, size) {
  if (!isAnyArrayBuffer(buf) && !ArrayBuffer.isView(buf)) {
    throw new ERR_INVALID_ARG_TYPE('buf', ['ArrayBuffer', 'ArrayBufferView'], buf);
  }
  const elementSize = buf.BYTES_PER_ELEMENT || 1;
  const length = buf.length ?? buf.byteLength;
  validateNumber(offset, 'offset');
  if (!(offset >= 0 && offset <= length)) throw new ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${length}`, offset);
  if (size === undefined) {
    size = length - offset;
  } else {
    validateNumber(size, 'size');
    if (!(size >= 0 && size <= maxRandom)) throw new ERR_OUT_OF_RANGE('size', `>= 0 && <= ${maxRandom}`, size);
    if (size + offset > length) throw new ERR_OUT_OF_RANGE('size + offset', `<= ${length}`, size + offset);
  }
  const memory = isAnyArrayBuffer(buf) ? buf : buf.buffer;
  return new Uint8Array(memory, (buf.byteOffset ?? 0) + offset * elementSize, size * elementSize);
}

function randomFillSync(buf, offset = 0, size = undefined) {
  const target = fillTarget(buf, offset, size);
  target.set(new Uint8Array(native.randomBytes(target.length)));
  return buf;
}

function randomFill(buf, offset, size, callback) {
  if (typeof offset === 'function') {
    callback = offset;
    offset = 0;
    size = undefined;
  } else if (typeof size === 'function') {
    callback = size;
    size = undefined;
  }
  validateFunction(callback, 'callback');
  randomFillSync(buf, offset, size);
  setImmediate(callback, null, buf);
}

const maxRange = 2 ** 48 - 1;

function randomInt(min, max, callback) {
  const minNotGiven = max === undefined || typeof max === 'function';
  if (minNotGiven) {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (!Number.isSafeInteger(min)) throw new ERR_INVALID_ARG_TYPE('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw new ERR_INVALID_ARG_TYPE('max', 'a safe integer', max);
  if (max <= min) throw new ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= maxRange)) throw new ERR_OUT_OF_RANGE(minNotGiven ? 'max' : 'max - min', `<= ${maxRange}`, range);
  // Values past the last whole multiple of the range would favour the small numbers.
  const limit = 2 ** 48 - ((2 ** 48) % range);
  let value;
  do {
    value = Buffer.from(native.randomBytes(6)).readUIntBE(0, 6);
  } while (value >= limit);
  const result = (value % range) + min;
  if (callback === undefined) return result;
  process.nextTick(callback, undefined, result);
  return undefined;
}

function randomUUID(options) {
  if (options !== undefined) validateObject(options, 'options');
  if (options?.disableEntropyCache !== undefined) validateBoolean(options.disableEntropyCache, 'options.disableEntropyCache');
  const bytes = Buffer.from(native.randomBytes(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.hexSlice();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function timingSafeEqual(buf1, buf2) {
  const kinds = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];
  const [first, second] = [[buf1, 'buf1'], [buf2, 'buf2']].map(([value, name]) => {
    if (isAnyArrayBuffer(value)) return new Uint8Array(value);
    if (typeof value === 'string') throw new ERR_INVALID_ARG_TYPE(name, kinds, value);
    return viewOf(value, name, kinds);
  });
  if (first.length !== second.length) throw new ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  return native.timingSafeEqual(first, second);
}

const integerArrays = new Set(['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
  'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array']);

function getRandomValues(data) {
  const { DOMException } = require('internal/domexception');
  if (!ArrayBuffer.isView(data) || !integerArrays.has(data[Symbol.toStringTag])) {
    throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
  }
  if (data.byteLength > 65536) {
    throw new DOMException(
      `The requested length exceeds 65,536 bytes`, 'QuotaExceededError');
  }
  randomFillSync(data, 0);
  return data;
}

class Crypto {
  get subtle() {
    if (this !== webcrypto) throw new ERR_INVALID_THIS('Crypto');
    return require('internal/webcrypto').subtle;
  }

  getRandomValues(array) {
    return getRandomValues(array);
  }

  randomUUID(options) {
    return randomUUID(options);
  }
}
Object.defineProperties(Crypto.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Crypto' },
  subtle: { __proto__: null, enumerable: true },
  getRandomValues: { __proto__: null, enumerable: true },
  randomUUID: { __proto__: null, enumerable: true },
});

const webcrypto = new Crypto();

// Those of signatures.
const kConstants = {
  RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_PKCS1_PSS_PADDING: 6,
  RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2,
};

module.exports = {
  createHash: (algorithm, options) => new Hash(algorithm, options),
  createHmac: (hmac, key, options) => new Hmac(hmac, key, options),
  createSign: (algorithm, options) => new (require('internal/crypto/sign').Sign)(algorithm, options),
  createVerify: (algorithm, options) => new (require('internal/crypto/sign').Verify)(algorithm, options),
  getHashes: () => native.hashes(),
  getCiphers: () => [],
  getCurves: () => ['prime256v1', 'secp384r1', 'secp521r1'],
  hash,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  pseudoRandomBytes: randomBytes,
  prng: randomBytes,
  rng: randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  timingSafeEqual,
  Hash,
  Hmac,
  getRandomValues,
  webcrypto,
  constants: { ...kConstants },
};

// Made when it is first read.
function defineLazy(name, read) {
  Object.defineProperty(module.exports, name, { __proto__: null, get: read, enumerable: true, configurable: true });
}

defineLazy('subtle', () => webcrypto.subtle);
for (const name of ['KeyObject', 'createPrivateKey', 'createPublicKey', 'createSecretKey', 'generateKeyPair',
                    'generateKeyPairSync']) {
  defineLazy(name, () => require('internal/crypto/keys')[name]);
}
for (const name of ['Sign', 'Verify', 'sign', 'verify']) defineLazy(name, () => require('internal/crypto/sign')[name]);

// Only the global is public.
Object.defineProperty(module.exports, 'Crypto', { __proto__: null, value: Crypto, enumerable: false });
