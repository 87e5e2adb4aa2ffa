// The algorithms of Web Cryptography whose keys are secrets: AES, HMAC, HKDF, PBKDF2; and the digests.
//
// An algorithm is an object with its operations, and in `params`, by the operations' names, what reads
// their parameters: an operation without such a reader is one that it does not have.
(function (std, native, keys) {
  'use strict';
  const { builtin, first } = std;
  const { TypeError, Uint8Array } = first;
  const {
    fail, cut, lengthOf, setBytes, randomBytes, allow, names, makeKey, buffer, optionalBuffer, whole, optionalWhole,
    checkJwk, decoded, encoded, startJwk, member,
  } = keys;
  const min = builtin('Math', 'min');
  const ceil = builtin('Math', 'ceil');
  // Rounds of PBKDF2 that one call of its native does: a run's limits are looked at in between.
  const ROUNDS = 4096;

  const HASHES = { __proto__: null, 'SHA-1': 1, 'SHA-256': 256, 'SHA-384': 384, 'SHA-512': 512 };
  const SIZES = { __proto__: null, 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
  const blockBits = (hash) => (hash === 'SHA-1' || hash === 'SHA-256' ? 512 : 1024);
  // The numbers in the `alg` of JSON Web Keys.
  const JWA = { __proto__: null, 'SHA-1': '1', 'SHA-256': '256', 'SHA-384': '384', 'SHA-512': '512' };
  const plain = () => {};
  const all = { __proto__: null };
  const inner = { __proto__: null };
  const add = (name, algorithm) => {
    algorithm.name = name;
    all[name] = algorithm;
  };
  // A member that names a digest.
  const readHash = (made, params) => { made.hash = inner.digest(member(params, 'hash')); };
  const noFormat = () => fail('NotSupportedError', 'The algorithm has no such format of keys');
  const isSize = (bits) => bits === 128 || bits === 192 || bits === 256;

  const addDigest = (name) => add(name, {
    __proto__: null,
    params: { __proto__: null, digest: plain },
    digest: (data) => native.digest(HASHES[name], data),
  });
  addDigest('SHA-1');
  addDigest('SHA-256');
  addDigest('SHA-384');
  addDigest('SHA-512');

  // AES: `letters` is what its JSON Web Keys are called by, `crypt` does both directions.
  const addAes = (name, letters, usages, params, crypt) => {
    const readLength = (made, given) => { made.length = whole(given, 'length', 16); };
    const keyOf = (bytes, extractable, wanted) => {
      const length = lengthOf(bytes) * 8;
      if (!isSize(length)) fail('DataError', 'A key of AES has 128, 192 or 256 bits');
      return makeKey('secret', { __proto__: null, name, length }, bytes, extractable, wanted);
    };
    const lengthIn = (made) => {
      if (!isSize(made.length)) fail('OperationError', 'A key of AES has 128, 192 or 256 bits');
      return made.length;
    };
    params.generateKey = readLength;
    params.getKeyLength = readLength;
    params.importKey = plain;
    params.exportKey = plain;
    add(name, {
      __proto__: null,
      params,
      generateKey(made, extractable, wanted) {
        allow(wanted, usages);
        return keyOf(randomBytes(lengthIn(made) / 8), extractable, wanted);
      },
      importKey(format, data, made, extractable, wanted) {
        allow(wanted, usages);
        if (format === 'raw') return keyOf(data, extractable, wanted);
        if (format !== 'jwk') noFormat();
        checkJwk(data, 'oct', 'enc', extractable, wanted);
        const bytes = decoded(data, 'k');
        const key = keyOf(bytes, extractable, wanted);
        if (data.alg !== undefined && data.alg !== 'A' + lengthOf(bytes) * 8 + letters) {
          fail('DataError', "The JSON Web Key's alg is of another algorithm");
        }
        return key;
      },
      exportKey(format, key) {
        if (format === 'raw') return keys.copy(key.handle);
        if (format !== 'jwk') noFormat();
        const jwk = startJwk(key, 'oct');
        jwk.k = encoded(key.handle);
        jwk.alg = 'A' + key.algorithm.length + letters;
        return jwk;
      },
      getKeyLength: lengthIn,
      encrypt: (made, key, data) => crypt(true, made, key.handle, data),
      decrypt: (made, key, data) => crypt(false, made, key.handle, data),
      wrapKey: (made, key, data) => crypt(true, made, key.handle, data),
      unwrapKey: (made, key, data) => crypt(false, made, key.handle, data),
    });
  };
  const CRYPT = names('encrypt', 'decrypt', 'wrapKey', 'unwrapKey');
  const readIv = (made, params) => { made.iv = buffer(params, 'iv'); };
  addAes('AES-CBC', 'CBC', CRYPT, { __proto__: null, encrypt: readIv, decrypt: readIv }, (forth, made, key, data) => {
    if (lengthOf(made.iv) !== 16) fail('OperationError', 'The iv has not 16 bytes');
    return native.aesCbc(forth, key, made.iv, data);
  });
  const readCounter = (made, params) => {
    made.counter = buffer(params, 'counter');
    made.length = whole(params, 'length', 8);
  };
  addAes('AES-CTR', 'CTR', CRYPT, { __proto__: null, encrypt: readCounter, decrypt: readCounter }, (_, made, key, data) => {
    if (lengthOf(made.counter) !== 16) fail('OperationError', 'The counter has not 16 bytes');
    if (made.length === 0 || made.length > 128) fail('OperationError', 'The length is not between 1 and 128');
    return native.aesCtr(key, made.counter, made.length, data);
  });
  const readGcm = (made, params) => {
    made.additionalData = optionalBuffer(params, 'additionalData');
    made.iv = buffer(params, 'iv');
    made.tagLength = optionalWhole(params, 'tagLength', 8);
  };
  const isTag = (bits) => bits === 32 || bits === 64 || (bits >= 96 && bits <= 128 && bits % 8 === 0);
  addAes('AES-GCM', 'GCM', CRYPT, { __proto__: null, encrypt: readGcm, decrypt: readGcm }, (forth, made, key, data) => {
    const bits = made.tagLength === undefined ? 128 : made.tagLength;
    if (!isTag(bits)) fail('OperationError', 'There is no tag of this length');
    if (lengthOf(made.iv) === 0) fail('OperationError', 'The iv is empty');
    return native.aesGcm(forth, key, made.iv, made.additionalData, bits / 8, data);
  });
  addAes('AES-KW', 'KW', names('wrapKey', 'unwrapKey'), { __proto__: null, wrapKey: plain, unwrapKey: plain },
    (forth, made, key, data) => native.aesKw(forth, key, data));

  // HMAC. A length that is no whole number of bytes leaves the last bits unused.
  const SIGN = names('sign', 'verify');
  const readHmac = (made, params) => {
    readHash(made, params);
    made.length = optionalWhole(params, 'length', 32);
  };
  const hmacKey = (bytes, length, hash, extractable, usages) => {
    const unused = lengthOf(bytes) * 8 - length;
    if (unused > 0) bytes[lengthOf(bytes) - 1] &= 255 << unused;
    return makeKey('secret', { __proto__: null, name: 'HMAC', hash, length }, bytes, extractable, usages);
  };
  add('HMAC', {
    __proto__: null,
    params: {
      __proto__: null, generateKey: readHmac, importKey: readHmac, getKeyLength: readHmac, exportKey: plain,
      sign: plain, verify: plain,
    },
    generateKey(made, extractable, usages) {
      allow(usages, SIGN);
      const length = made.length === undefined ? blockBits(made.hash) : made.length;
      if (length === 0) fail('OperationError', 'A key has one bit at least');
      return hmacKey(randomBytes(ceil(length / 8)), length, made.hash, extractable, usages);
    },
    importKey(format, data, made, extractable, usages) {
      allow(usages, SIGN);
      let bytes = data;
      if (format === 'jwk') {
        checkJwk(data, 'oct', 'sig', extractable, usages);
        bytes = decoded(data, 'k');
        if (data.alg !== undefined && data.alg !== 'HS' + JWA[made.hash]) {
          fail('DataError', "The JSON Web Key's alg is of another hash");
        }
      } else if (format !== 'raw') noFormat();
      const bits = lengthOf(bytes) * 8;
      if (bits === 0) fail('DataError', 'The key is empty');
      const length = made.length === undefined ? bits : made.length;
      if (length > bits || length <= bits - 8) fail('DataError', 'The key has not the length that is asked for');
      return hmacKey(bytes, length, made.hash, extractable, usages);
    },
    exportKey(format, key) {
      if (format === 'raw') return keys.copy(key.handle);
      if (format !== 'jwk') noFormat();
      const jwk = startJwk(key, 'oct');
      jwk.k = encoded(key.handle);
      jwk.alg = 'HS' + JWA[key.algorithm.hash];
      return jwk;
    },
    getKeyLength(made) {
      if (made.length === undefined) return blockBits(made.hash);
      if (made.length === 0) throw new TypeError('A key has one bit at least');
      return made.length;
    },
    sign: (made, key, data) => native.hmac(HASHES[key.algorithm.hash], key.handle, data),
    verify: (made, key, signature, data) =>
      native.hmacVerify(HASHES[key.algorithm.hash], key.handle, data, signature),
  });

  // What only derives: its keys are text or bytes that nobody is given back.
  const addDerivation = (name, read, derive) => {
    const usable = names('deriveKey', 'deriveBits');
    add(name, {
      __proto__: null,
      params: { __proto__: null, importKey: plain, getKeyLength: plain, deriveBits: read },
      importKey(format, data, made, extractable, usages) {
        if (format !== 'raw') noFormat();
        allow(usages, usable);
        if (extractable) fail('SyntaxError', 'Keys of this algorithm are never extractable');
        return makeKey('secret', { __proto__: null, name }, data, false, usages);
      },
      getKeyLength: () => null,
      deriveBits(made, key, length) {
        if (length === null || length % 8 !== 0) {
          fail('OperationError', 'The length is not a number of whole bytes');
        }
        return derive(made, key.handle, length / 8);
      },
    });
  };
  addDerivation('HKDF', (made, params) => {
    readHash(made, params);
    made.info = buffer(params, 'info');
    made.salt = buffer(params, 'salt');
  }, (made, secret, length) => {
    if (length > 255 * SIZES[made.hash]) fail('OperationError', 'HKDF derives 255 blocks of its hash at most');
    return native.hkdf(HASHES[made.hash], secret, made.salt, made.info, length);
  });
  addDerivation('PBKDF2', (made, params) => {
    readHash(made, params);
    made.iterations = whole(params, 'iterations', 32);
    made.salt = buffer(params, 'salt');
  }, (made, secret, length) => {
    if (made.iterations === 0) fail('OperationError', 'PBKDF2 has one iteration at least');
    const hash = HASHES[made.hash];
    const size = SIZES[made.hash];
    const derived = new Uint8Array(length);
    // HMAC does the same with what is longer than its block, each time anew.
    const password = lengthOf(secret) * 8 > blockBits(made.hash) ? native.digest(hash, secret) : secret;
    for (let at = 0, block = 1; at < length; at += size, block++) {
      let state = native.pbkdf2First(hash, password, made.salt, block);
      for (let left = made.iterations - 1; left > 0; left -= ROUNDS) {
        state = native.pbkdf2More(hash, password, state, min(left, ROUNDS));
      }
      setBytes(derived, cut(state, size, size + min(size, length - at)), at);
    }
    return derived;
  });

  return {
    __proto__: null, all, HASHES, JWA, plain, noFormat, readHash,
    // What normalises the name of a digest comes from the module that knows all algorithms.
    setDigest(f) { inner.digest = f; },
  };
})
