'use strict';
// Keys: secrets, and pairs of RSA and of curves. What a key is made of is, as in Web Cryptography, PKCS#1's
// encoding for RSA, and a point with a scalar or a seed for curves.

const {
  codes: {
    ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS, ERR_CRYPTO_INVALID_CURVE, ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE,
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
  },
} = require('internal/errors');
const { validateFunction, validateObject, validateString, validateUint32 } = require('internal/validators');
const { isAnyArrayBuffer } = require('internal/util/types');
const { Buffer } = require('buffer');
const { integer, readPem, sequence, write, writePem } = require('internal/crypto/der');
const { load, nativesOf } = require('internal/platform');

const native = nativesOf('crypto_pairs');

// Curves: the number of one for natives, its object identifier, and what Web Cryptography calls it.
const kCurves = {
  __proto__: null,
  'prime256v1': { number: 256, oid: '2a8648ce3d030107', name: 'P-256', size: 32 },
  'secp384r1': { number: 384, oid: '2b81040022', name: 'P-384', size: 48 },
  'secp521r1': { number: 521, oid: '2b81040023', name: 'P-521', size: 66 },
};
const kCurveNames = { __proto__: null, 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
const kOkp = {
  __proto__: null,
  ed25519: { number: 1, oid: '2b6570', crv: 'Ed25519' },
  x25519: { number: 2, oid: '2b656e', crv: 'X25519' },
};
const kRsaOid = '2a864886f70d010101';
const kPssOid = '2a864886f70d01010a';
const kEcOid = '2a8648ce3d0201';

const view = (bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const buffer = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// What OpenSSL says of text that is no key.
function unsupported() {
  const error = new Error('error:1E08010C:DECODER routines::unsupported');
  Object.assign(error, {
    opensslErrorStack: [], library: 'DECODER routines', reason: 'unsupported', code: 'ERR_OSSL_UNSUPPORTED',
  });
  return error;
}

function attempt(f) {
  try {
    return f();
  } catch {
    throw unsupported();
  }
}

// A key's material: { kind, isPrivate, der } of RSA; { kind, isPrivate, curve, point, secret } of others.

function rsaMaterial(der, isPrivate) {
  return { kind: 'rsa', isPrivate, der, parts: attempt(() => native.rsaParts(der, isPrivate)) };
}

function curveMaterial(kind, curve, secret, point) {
  const { number } = kind === 'ec' ? kCurves[curve] : kOkp[kind];
  return attempt(() => {
    if (secret === undefined) return { kind, curve, isPrivate: false, point: native.curveCheck(number, point) };
    return { kind, curve, isPrivate: true, secret, point: native.curvePoint(number, secret, point) };
  });
}

// Of PKCS #8 or of an X.509 SubjectPublicKeyInfo.
function fromInfo(bytes, isPrivate) {
  const parts = sequence(bytes);
  const algorithm = parts?.[isPrivate ? 1 : 0];
  if (algorithm?.tag !== 0x30) throw unsupported();
  const inner = sequence(write(0x30, algorithm.content));
  const oid = inner?.[0] === undefined ? '' : Buffer.from(inner[0].content).toString('hex');
  if (oid === kPssOid) throw unsupported();
  if (oid === kRsaOid) return rsaMaterial(attempt(() => native.rsaImport(view(bytes), isPrivate)), isPrivate);
  let kind = Object.keys(kOkp).find((name) => kOkp[name].oid === oid);
  let curve;
  if (oid === kEcOid) {
    const wanted = inner[1] === undefined ? '' : Buffer.from(inner[1].content).toString('hex');
    curve = Object.keys(kCurves).find((name) => kCurves[name].oid === wanted);
    kind = curve === undefined ? undefined : 'ec';
  }
  if (kind === undefined) throw unsupported();
  const { number } = kind === 'ec' ? kCurves[curve] : kOkp[kind];
  const { 0: secret, 1: point } = attempt(() => native.curveImport(number, view(bytes), isPrivate));
  return curveMaterial(kind, curve, isPrivate ? secret : undefined, point.length === 0 ? undefined : point);
}

const oid = (hex) => write(0x06, Buffer.from(hex, 'hex'));

// Of SEC 1's form, which is what PKCS #8 has within it.
function fromSec1(bytes) {
  const named = sequence(bytes)?.find(({ tag }) => tag === 0xa0);
  if (named === undefined) throw unsupported();
  const algorithm = write(0x30, oid(kEcOid), named.content);
  return fromInfo(write(0x30, Buffer.from([2, 1, 0]), algorithm, write(0x04, bytes)), true);
}

function infoOf(material) {
  const { kind, isPrivate, curve, point, secret, der } = material;
  if (kind === 'rsa') return buffer(native.rsaExport(der, isPrivate));
  const { number } = kind === 'ec' ? kCurves[curve] : kOkp[kind];
  return buffer(isPrivate ? native.curveExport(number, point, secret) : native.curveExport(number, point));
}

function sec1Of({ curve, point, secret }) {
  return write(0x30, Buffer.from([2, 1, 1]), write(0x04, buffer(secret)), write(0xa0, oid(kCurves[curve].oid)),
    write(0xa1, write(0x03, Buffer.from([0]), buffer(point))));
}

function publicOf(material) {
  if (!material.isPrivate) return material;
  if (material.kind === 'rsa') return rsaMaterial(native.rsaPublic(material.der), false);
  const { kind, curve, point } = material;
  return { kind, curve, isPrivate: false, point };
}

const base64url = (bytes) => buffer(bytes).toString('base64url');

function jwkOf(material) {
  const { kind, isPrivate, curve, point, secret } = material;
  if (kind === 'rsa') {
    const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
    return Object.fromEntries([['kty', 'RSA'], ...material.parts.map((part, i) => [names[i], base64url(part)])]);
  }
  const d = isPrivate ? { d: base64url(secret) } : undefined;
  if (kind !== 'ec') return { crv: kOkp[kind].crv, ...d, x: base64url(point), kty: 'OKP' };
  const { size, name } = kCurves[curve];
  return {
    kty: 'EC', x: base64url(point.subarray(1, 1 + size)), y: base64url(point.subarray(1 + size)), crv: name, ...d,
  };
}

function fromJwk(jwk, wantsPrivate) {
  validateObject(jwk, 'key.key');
  const bytes = (name) => {
    validateString(jwk[name], `key.${name}`);
    return view(Buffer.from(jwk[name], 'base64url'));
  };
  const isPrivate = wantsPrivate ?? jwk.d !== undefined;
  switch (jwk.kty) {
    case 'RSA': {
      const names = isPrivate ? ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] : ['n', 'e'];
      return rsaMaterial(attempt(() => native.rsaFromParts(...names.map(bytes))), isPrivate);
    }
    case 'EC': {
      const curve = kCurveNames[jwk.crv];
      if (curve === undefined) throw new ERR_CRYPTO_INVALID_CURVE();
      const point = attempt(() => native.curveJoin(kCurves[curve].number, bytes('x'), bytes('y')));
      return curveMaterial('ec', curve, isPrivate ? bytes('d') : undefined, point);
    }
    case 'OKP': {
      const kind = Object.keys(kOkp).find((name) => kOkp[name].crv === jwk.crv);
      if (kind === undefined) throw new ERR_CRYPTO_INVALID_CURVE();
      return curveMaterial(kind, undefined, isPrivate ? bytes('d') : undefined, bytes('x'));
    }
    default:
      throw new ERR_INVALID_ARG_VALUE('key.kty', jwk.kty);
  }
}

// The classes.

const kConstruct = Symbol('construct');

class KeyObject {
  #type;
  #material;

  constructor(type, material, token = undefined) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw new ERR_INVALID_ARG_VALUE('type', type);
    if (token !== kConstruct) throw new ERR_INVALID_ARG_TYPE('handle', 'object', material);
    this.#type = type;
    this.#material = material;
  }

  get type() { return this.#type; }

  static from(key) {
    const { CryptoKey } = require('internal/webcrypto');
    if (!(key instanceof CryptoKey)) throw new ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
    const { type, algorithm, handle } = load('crypto_key').slotsOf(key, 'key');
    if (type === 'secret') return new SecretKeyObject(buffer(handle));
    const isPrivate = type === 'private';
    if (algorithm.modulusLength !== undefined) return keyOf(rsaMaterial(handle, isPrivate));
    const curve = kCurveNames[algorithm.namedCurve];
    return keyOf(curveMaterial(curve === undefined ? algorithm.name.toLowerCase() : 'ec', curve,
      isPrivate ? handle.secret : undefined, handle.point));
  }

  equals(other) {
    if (!isKeyObject(other)) throw new ERR_INVALID_ARG_TYPE('otherKeyObject', 'KeyObject', other);
    if (this.#type !== other.#type) return false;
    if (this.#type === 'secret') return this.#material.equals(other.#material);
    return this.#material.kind === other.#material.kind && infoOf(this.#material).equals(infoOf(other.#material));
  }

  static materialOf(key) { return key.#material; }
  static isOne(value) { return typeof value === 'object' && value !== null && #material in value; }
}
const { materialOf, isOne: isKeyObject } = KeyObject;
delete KeyObject.materialOf;
delete KeyObject.isOne;
Object.defineProperties(KeyObject.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'KeyObject' },
  type: { __proto__: null, enumerable: true },
});

class SecretKeyObject extends KeyObject {
  constructor(bytes) { super('secret', bytes, kConstruct); }

  get symmetricKeySize() { return materialOf(this).length; }

  export(options = undefined) {
    if (options !== undefined) {
      validateObject(options, 'options');
      const { format } = options;
      if (format === 'jwk') return { kty: 'oct', k: base64url(materialOf(this)) };
      if (format !== undefined && format !== 'buffer') throw new ERR_INVALID_ARG_VALUE('options.format', format);
    }
    return Buffer.from(materialOf(this));
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() { return materialOf(this).kind; }

  get asymmetricKeyDetails() {
    const { kind, curve, parts } = materialOf(this);
    if (kind === 'ec') return { namedCurve: curve };
    if (kind !== 'rsa') return {};
    return {
      modulusLength: native.bitLength(parts[0]), publicExponent: BigInt(`0x${buffer(parts[1]).toString('hex')}`),
    };
  }
}

const kTypes = {
  __proto__: null,
  public: {
    __proto__: null, spki: ['PUBLIC KEY', infoOf], pkcs1: ['RSA PUBLIC KEY', ({ der }) => buffer(der), 'rsa'],
  },
  private: {
    __proto__: null, pkcs8: ['PRIVATE KEY', infoOf], pkcs1: ['RSA PRIVATE KEY', ({ der }) => buffer(der), 'rsa'],
    sec1: ['EC PRIVATE KEY', sec1Of, 'ec'],
  },
};

function exportKey(key, options, prefix = 'options') {
  validateObject(options, prefix);
  const material = materialOf(key);
  const { format, type, cipher } = options;
  if (format === 'jwk') return jwkOf(material);
  const way = kTypes[key.type][type];
  if (way === undefined) throw new ERR_INVALID_ARG_VALUE(`${prefix}.type`, type);
  if (way[2] !== undefined && way[2] !== material.kind) {
    throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(type, `can only be used for ${way[2].toUpperCase()} keys`);
  }
  if (cipher !== undefined) throw new ERR_INVALID_ARG_VALUE(`${prefix}.cipher`, cipher, 'is not there: keys are exported as they are');
  const bytes = way[1](material);
  if (format === 'der') return bytes;
  if (format !== 'pem') throw new ERR_INVALID_ARG_VALUE(`${prefix}.format`, format);
  return writePem(way[0], bytes);
}

class PublicKeyObject extends AsymmetricKeyObject {
  export(options) { return exportKey(this, options); }
}

class PrivateKeyObject extends AsymmetricKeyObject {
  export(options) { return exportKey(this, options); }
}

function keyOf(material) {
  return material.isPrivate ? new PrivateKeyObject('private', material, kConstruct)
    : new PublicKeyObject('public', material, kConstruct);
}

const kKinds = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

function bytesOf(data, name, encoding, kinds = kKinds) {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? undefined : encoding);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (isAnyArrayBuffer(data)) return Buffer.from(data);
  throw new ERR_INVALID_ARG_TYPE(name, kinds, data);
}

function createSecretKey(key, encoding = undefined) {
  if (typeof key !== 'string' && !ArrayBuffer.isView(key) && !isAnyArrayBuffer(key)) {
    throw new ERR_INVALID_ARG_TYPE('key', kKinds, key);
  }
  return new SecretKeyObject(Buffer.from(bytesOf(key, 'key', encoding)));
}

// What is behind PEM's labels.
const kLabels = {
  __proto__: null,
  'PRIVATE KEY': (bytes) => fromInfo(bytes, true),
  'RSA PRIVATE KEY': (bytes) => rsaMaterial(view(bytes), true),
  'EC PRIVATE KEY': fromSec1,
  'PUBLIC KEY': (bytes) => fromInfo(bytes, false),
  'RSA PUBLIC KEY': (bytes) => rsaMaterial(view(bytes), false),
};

// The material that a program gave; `wantsPrivate`: of a private key.
function readKey(input, wantsPrivate) {
  let { key, format = 'pem', type, encoding } = input;
  if (typeof input === 'string' || ArrayBuffer.isView(input) || isAnyArrayBuffer(input)) {
    key = input;
    format = 'pem';
    encoding = undefined;
  }
  if (format === 'jwk') return fromJwk(key, wantsPrivate ? true : undefined);
  const bytes = bytesOf(key, typeof input === 'object' && key !== input ? 'key.key' : 'key', encoding, ['string', ...kKinds, 'URL']);
  if (format === 'pem') {
    const pem = readPem(bytes.toString('latin1'));
    const read = pem === undefined || pem.body.includes('ENCRYPTED') ? undefined : kLabels[pem.label];
    if (read === undefined || (wantsPrivate && !pem.label.includes('PRIVATE'))) throw unsupported();
    return read(pem.bytes);
  }
  if (format !== 'der') throw new ERR_INVALID_ARG_VALUE('key.format', format);
  switch (type) {
    case 'pkcs1': return rsaMaterial(view(bytes), wantsPrivate);
    case 'pkcs8': return fromInfo(bytes, true);
    case 'spki': return fromInfo(bytes, false);
    case 'sec1': return fromSec1(bytes);
    default: throw new ERR_INVALID_ARG_VALUE('key.type', type);
  }
}

function checkInput(key) {
  if (typeof key !== 'string' && (typeof key !== 'object' || key === null)) {
    throw new ERR_INVALID_ARG_TYPE('key', ['string', ...kKinds, 'URL'], key);
  }
}

function createPrivateKey(key) {
  checkInput(key);
  if (isKeyObject(key)) throw new ERR_INVALID_ARG_TYPE('key', ['string', ...kKinds, 'URL'], key);
  return keyOf(readKey(key, true));
}

function createPublicKey(key) {
  checkInput(key);
  if (isKeyObject(key)) {
    if (key.type !== 'private') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(key.type, 'private');
    return keyOf(publicOf(materialOf(key)));
  }
  return keyOf(publicOf(readKey(key, false)));
}

// The key of a signature's options, or of what stands for them.
function keyFor(input, type) {
  let key = input;
  if (typeof input === 'object' && input !== null && !isKeyObject(input) && isKeyObject(input.key)) key = input.key;
  const { CryptoKey } = require('internal/webcrypto');
  if (key instanceof CryptoKey) key = KeyObject.from(key);
  if (!isKeyObject(key)) {
    checkInput(input);
    return type === 'private' ? createPrivateKey(input) : createPublicKey(input);
  }
  if (key.type === 'secret' || (type === 'private' && key.type !== 'private')) {
    throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(key.type, type === 'private' ? 'private' : 'private or public');
  }
  return type === 'public' && key.type === 'private' ? keyOf(publicOf(materialOf(key))) : key;
}

// Pairs.

function makePair(type, options) {
  validateString(type, 'type');
  if (kOkp[type] !== undefined) {
    const secret = native.curveSecret(kOkp[type].number, seed());
    return curveMaterial(type, undefined, secret);
  }
  if (type !== 'rsa' && type !== 'ec') throw new ERR_INVALID_ARG_VALUE('type', type, 'must be a supported key type');
  validateObject(options, 'options');
  if (type === 'ec') {
    validateString(options.namedCurve, 'options.namedCurve');
    const curve = kCurveNames[options.namedCurve] ?? options.namedCurve;
    if (kCurves[curve] === undefined) throw new ERR_CRYPTO_INVALID_CURVE();
    return curveMaterial('ec', curve, native.curveSecret(kCurves[curve].number, seed()));
  }
  const { modulusLength, publicExponent = 0x10001 } = options;
  validateUint32(modulusLength, 'options.modulusLength');
  validateUint32(publicExponent, 'options.publicExponent');
  const exponent = view(Buffer.from(publicExponent.toString(16).padStart(8, '0'), 'hex'));
  if (modulusLength < 1024 || modulusLength > 4096 || modulusLength % 2 !== 0) {
    throw new ERR_INVALID_ARG_VALUE('options.modulusLength', modulusLength, 'must be even, from 1024 to 4096');
  }
  if (!native.rsaExponent(exponent)) throw new ERR_INVALID_ARG_VALUE('options.publicExponent', publicExponent);
  const prime = () => {
    for (;;) {
      const found = native.rsaPrime(modulusLength / 2, exponent, seed());
      if (found !== undefined) return found;
    }
  };
  let der;
  while (der === undefined) der = native.rsaKey(prime(), prime(), exponent);
  return rsaMaterial(der, true);
}

function seed() {
  const bytes = new Uint8Array(32);
  require('crypto').randomFillSync(bytes);
  return bytes;
}

function generateKeyPairSync(type, options = undefined) {
  const made = makePair(type, options);
  const given = (key, encoding, name) => (encoding === undefined ? key : exportKey(key, encoding, `options.${name}`));
  return {
    publicKey: given(keyOf(publicOf(made)), options?.publicKeyEncoding, 'publicKeyEncoding'),
    privateKey: given(keyOf(made), options?.privateKeyEncoding, 'privateKeyEncoding'),
  };
}

function generateKeyPair(type, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  setImmediate(callback, null, publicKey, privateKey);
}
Object.defineProperty(generateKeyPair, require('internal/util').customPromisifyArgs, {
  __proto__: null, value: ['publicKey', 'privateKey'], enumerable: false,
});

module.exports = {
  KeyObject, createPrivateKey, createPublicKey, createSecretKey, curves: kCurves, generateKeyPair,
  generateKeyPairSync, integer, isKeyObject, keyFor, materialOf, native, seed,
};
