// The algorithms of Web Cryptography with pairs of keys: RSA, ECDSA and ECDH, Ed25519 and X25519. As in
// the module of secrets, an algorithm is an object with operations, and readers of their parameters.
//
// What a key's slot holds: of RSA, PKCS#1's encoding; of curves, a point and, where it is private, a
// scalar or a seed.
(function (std, native, keys, secrets) {
  'use strict';
  const { first, define } = std;
  const { TypeError } = first;
  const {
    fail, cut, lengthOf, randomBytes, intersect, allow, allowEither, names, makeKey, optionalBuffer, whole, toBytes,
    checkJwk, decoded, encoded, startJwk, member, slotsOf,
  } = keys;
  const { all, HASHES, JWA, plain, noFormat, readHash } = secrets;
  // Bytes of randomness that a native's own generator starts from.
  const SEED = 32;
  const NONE = names('none');
  NONE.length = 0;
  const add = (name, algorithm) => {
    algorithm.name = name;
    algorithm.pairs = true;
    all[name] = algorithm;
  };
  const pairOf = (publicKey, privateKey) => {
    const pair = {};
    define(pair, 'privateKey', privateKey, true);
    define(pair, 'publicKey', publicKey, true);
    return pair;
  };
  const needs = (key, type) => {
    if (key.type !== type) fail('InvalidAccessError', 'The key is not ' + type);
  };
  const noUsages = () => fail('SyntaxError', 'A private key without usages is of no use');
  const allowed = (usages, isPrivate, ofPrivate, ofPublic) => allow(usages, isPrivate ? ofPrivate : ofPublic);

  // RSA.
  const SMALLEST = 1024, LARGEST = 4096;
  const readRsa = (made, params) => {
    made.modulusLength = whole(params, 'modulusLength', 32);
    const exponent = member(params, 'publicExponent');
    if (std.viewTag(exponent) !== 'Uint8Array') throw new TypeError('publicExponent: not a Uint8Array');
    made.publicExponent = toBytes(exponent, 'publicExponent');
    readHash(made, params);
  };
  // A prime is looked for in many calls, so that a run's limits hold in between.
  const prime = (bits, exponent) => {
    for (;;) {
      const found = native.rsaPrime(bits, exponent, randomBytes(SEED));
      if (found !== undefined) return found;
    }
  };
  const addRsa = (name, alg, use, ofPrivate, ofPublic, operations) => {
    const keyOf = (isPrivate, der, hash, extractable, usages) => {
      const parts = native.rsaParts(der, isPrivate);
      const n = parts[0];
      const algorithm = {
        __proto__: null, name, hash, modulusLength: native.bitLength(n), publicExponent: parts[1],
      };
      return makeKey(isPrivate ? 'private' : 'public', algorithm, der, extractable, usages);
    };
    const { params } = operations;
    params.generateKey = readRsa;
    params.importKey = readHash;
    params.exportKey = plain;
    operations.generateKey = (made, extractable, usages) => {
      allowEither(usages, ofPrivate, ofPublic);
      const bits = made.modulusLength;
      if (bits < SMALLEST || bits > LARGEST || bits % 2 !== 0) {
        fail('OperationError', 'Keys of RSA are made with an even number of bits, from 1024 to 4096');
      }
      if (!native.rsaExponent(made.publicExponent)) {
        fail('OperationError', 'The public exponent is even, smaller than 3, or has more than 32 bits');
      }
      const own = intersect(usages, ofPrivate);
      if (own.length === 0) noUsages();
      let der;
      while (der === undefined) {
        const p = prime(bits / 2, made.publicExponent);
        der = native.rsaKey(p, prime(bits / 2, made.publicExponent), made.publicExponent);
      }
      const publicDer = native.rsaPublic(der);
      return pairOf(keyOf(false, publicDer, made.hash, true, intersect(usages, ofPublic)),
        keyOf(true, der, made.hash, extractable, own));
    };
    operations.importKey = (format, data, made, extractable, usages) => {
      let isPrivate = format === 'pkcs8';
      let der;
      if (format === 'jwk') {
        isPrivate = data.d !== undefined;
        allowed(usages, isPrivate, ofPrivate, ofPublic);
        checkJwk(data, 'RSA', use, extractable, usages);
        if (data.alg !== undefined && data.alg !== alg(made.hash)) {
          fail('DataError', "The JSON Web Key's alg is of another algorithm");
        }
        if (data.oth !== undefined) fail('NotSupportedError', 'Keys of more than two primes are not supported');
        const n = decoded(data, 'n');
        const e = decoded(data, 'e');
        der = isPrivate
          ? native.rsaFromParts(n, e, decoded(data, 'd'), decoded(data, 'p'), decoded(data, 'q'), decoded(data, 'dp'),
            decoded(data, 'dq'), decoded(data, 'qi'))
          : native.rsaFromParts(n, e);
      } else {
        if (format !== 'spki' && format !== 'pkcs8') noFormat();
        allowed(usages, isPrivate, ofPrivate, ofPublic);
        der = native.rsaImport(data, isPrivate);
      }
      return keyOf(isPrivate, der, made.hash, extractable, usages);
    };
    operations.exportKey = (format, key) => {
      const isPrivate = key.type === 'private';
      if (format === 'spki' || format === 'pkcs8') {
        needs(key, format === 'spki' ? 'public' : 'private');
        return native.rsaExport(key.handle, isPrivate);
      }
      if (format !== 'jwk') noFormat();
      const jwk = startJwk(key, 'RSA');
      jwk.alg = alg(key.algorithm.hash);
      const parts = native.rsaParts(key.handle, isPrivate);
      jwk.n = encoded(parts[0]);
      jwk.e = encoded(parts[1]);
      if (!isPrivate) return jwk;
      jwk.d = encoded(parts[2]);
      jwk.p = encoded(parts[3]);
      jwk.q = encoded(parts[4]);
      jwk.dp = encoded(parts[5]);
      jwk.dq = encoded(parts[6]);
      jwk.qi = encoded(parts[7]);
      return jwk;
    };
    add(name, operations);
  };
  // `padding` tells the natives which scheme, and of PSS how long its salt is.
  const signature = (params, padding) => ({
    __proto__: null,
    params,
    sign(made, key, data) {
      needs(key, 'private');
      return native.rsaSign(padding(made), HASHES[key.algorithm.hash], key.handle, data, randomBytes(SEED));
    },
    verify(made, key, given, data) {
      needs(key, 'public');
      return native.rsaVerify(padding(made), HASHES[key.algorithm.hash], key.handle, given, data);
    },
  });
  const SIGN = names('sign'), VERIFY = names('verify');
  addRsa('RSASSA-PKCS1-v1_5', (hash) => 'RS' + JWA[hash], 'sig', SIGN, VERIFY,
    signature({ __proto__: null, sign: plain, verify: plain }, () => -1));
  const readSalt = (made, params) => { made.saltLength = whole(params, 'saltLength', 32); };
  addRsa('RSA-PSS', (hash) => 'PS' + JWA[hash], 'sig', SIGN, VERIFY,
    signature({ __proto__: null, sign: readSalt, verify: readSalt }, (made) => made.saltLength));
  const readLabel = (made, params) => { made.label = optionalBuffer(params, 'label'); };
  addRsa('RSA-OAEP', (hash) => (hash === 'SHA-1' ? 'RSA-OAEP' : 'RSA-OAEP-' + JWA[hash]), 'enc',
    names('decrypt', 'unwrapKey'), names('encrypt', 'wrapKey'), {
      __proto__: null,
      params: { __proto__: null, encrypt: readLabel, decrypt: readLabel },
      encrypt(made, key, data) {
        needs(key, 'public');
        return native.rsaEncrypt(HASHES[key.algorithm.hash], key.handle, made.label, data, randomBytes(SEED));
      },
      decrypt(made, key, data) {
        needs(key, 'private');
        return native.rsaDecrypt(HASHES[key.algorithm.hash], key.handle, made.label, data, randomBytes(SEED));
      },
    });

  // Curves. `kind` has what differs between those of the two families of JSON Web Keys: `numberOf` tells
  // the natives which curve an algorithm names.
  const addCurve = (name, kind, use, ofPrivate, ofPublic, operations) => {
    const { numberOf } = kind;
    const keyOf = (isPrivate, handle, made, extractable, usages) => {
      const algorithm = { __proto__: null, name, namedCurve: made.namedCurve };
      return makeKey(isPrivate ? 'private' : 'public', algorithm, handle, extractable, usages);
    };
    const withSecret = (curve, secret, expected) => {
      const point = native.curvePoint(curve, secret, expected);
      return { __proto__: null, point, secret };
    };
    const { params } = operations;
    params.generateKey = kind.read;
    params.importKey = kind.read;
    params.exportKey = plain;
    operations.generateKey = (made, extractable, usages) => {
      allowEither(usages, ofPrivate, ofPublic);
      const curve = numberOf(made);
      const own = intersect(usages, ofPrivate);
      if (own.length === 0) noUsages();
      const handle = withSecret(curve, native.curveSecret(curve, randomBytes(SEED)));
      return pairOf(keyOf(false, { __proto__: null, point: handle.point }, made, true, intersect(usages, ofPublic)),
        keyOf(true, handle, made, extractable, own));
    };
    operations.importKey = (format, data, made, extractable, usages) => {
      const isPrivate = format === 'pkcs8' || (format === 'jwk' && data.d !== undefined);
      if (format !== 'raw' && format !== 'spki' && format !== 'pkcs8' && format !== 'jwk') noFormat();
      // Of raw keys the curve is the first thing that the standard asks for.
      if (format === 'raw') kind.known(made);
      allowed(usages, isPrivate, ofPrivate, ofPublic);
      kind.known(made);
      const curve = numberOf(made);
      let handle;
      if (format === 'jwk') {
        checkJwk(data, kind.kty, use, extractable, usages);
        kind.check(data, name, made);
        const point = kind.pointIn(data, curve);
        handle = isPrivate ? withSecret(curve, decoded(data, 'd'), point)
          : { __proto__: null, point: native.curveCheck(curve, point) };
      } else if (format === 'raw') {
        handle = { __proto__: null, point: native.curveCheck(curve, data) };
      } else if (isPrivate) {
        const parts = native.curveImport(curve, data, true);
        handle = withSecret(curve, parts[0], lengthOf(parts[1]) === 0 ? undefined : parts[1]);
      } else {
        handle = { __proto__: null, point: native.curveImport(curve, data, false)[1] };
      }
      return keyOf(isPrivate, handle, made, extractable, usages);
    };
    operations.exportKey = (format, key) => {
      const curve = numberOf(key.algorithm);
      const { point, secret } = key.handle;
      if (format === 'raw' || format === 'spki') {
        needs(key, 'public');
        return format === 'raw' ? keys.copy(point) : native.curveExport(curve, point);
      }
      if (format === 'pkcs8') {
        needs(key, 'private');
        return native.curveExport(curve, point, secret);
      }
      if (format !== 'jwk') noFormat();
      const jwk = startJwk(key, kind.kty);
      kind.describe(jwk, key.algorithm, point);
      if (key.type === 'private') jwk.d = encoded(secret);
      return jwk;
    };
    add(name, operations);
  };

  const CURVES = { __proto__: null, 'P-256': 256, 'P-384': 384, 'P-521': 521 };
  const ES = { __proto__: null, 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
  const WEIERSTRASS = {
    __proto__: null,
    kty: 'EC',
    read(made, params) { made.namedCurve = std.toText(member(params, 'namedCurve')); },
    numberOf(made) {
      const curve = CURVES[made.namedCurve];
      if (curve === undefined) fail('NotSupportedError', "There is no curve '" + made.namedCurve + "'");
      return curve;
    },
    known(made) {
      if (CURVES[made.namedCurve] === undefined) fail('DataError', "There is no curve '" + made.namedCurve + "'");
    },
    check(jwk, name, made) {
      if (jwk.crv !== made.namedCurve) fail('DataError', "The JSON Web Key's crv is another curve");
      if (name === 'ECDSA' && jwk.alg !== undefined && jwk.alg !== ES[jwk.crv]) {
        fail('DataError', "The JSON Web Key's alg is of another curve");
      }
    },
    pointIn: (jwk, curve) => native.curveJoin(curve, decoded(jwk, 'x'), decoded(jwk, 'y')),
    describe(jwk, algorithm, point) {
      jwk.crv = algorithm.namedCurve;
      const size = (lengthOf(point) - 1) / 2;
      jwk.x = encoded(cut(point, 1, 1 + size));
      jwk.y = encoded(cut(point, 1 + size, 1 + 2 * size));
    },
  };
  const okp = (number) => ({
    __proto__: null,
    kty: 'OKP',
    read: plain,
    numberOf: () => number,
    known: plain,
    check(jwk, name) {
      if (jwk.crv !== name) fail('DataError', "The JSON Web Key's crv is another curve");
      if (name === 'Ed25519' && jwk.alg !== undefined && jwk.alg !== 'EdDSA' && jwk.alg !== 'Ed25519') {
        fail('DataError', "The JSON Web Key's alg is of another algorithm");
      }
    },
    pointIn: (jwk) => decoded(jwk, 'x'),
    describe(jwk, algorithm, point) {
      jwk.crv = algorithm.name;
      if (algorithm.name === 'Ed25519') jwk.alg = 'Ed25519';
      jwk.x = encoded(point);
    },
  });

  addCurve('ECDSA', WEIERSTRASS, 'sig', SIGN, VERIFY, {
    __proto__: null,
    params: { __proto__: null, sign: readHash, verify: readHash },
    sign(made, key, data) {
      needs(key, 'private');
      return native.ecdsaSign(CURVES[key.algorithm.namedCurve], HASHES[made.hash], key.handle.secret, data);
    },
    verify(made, key, given, data) {
      needs(key, 'public');
      return native.ecdsaVerify(CURVES[key.algorithm.namedCurve], HASHES[made.hash], key.handle.point, given, data);
    },
  });
  addCurve('Ed25519', okp(1), 'sig', SIGN, VERIFY, {
    __proto__: null,
    params: { __proto__: null, sign: plain, verify: plain },
    sign(made, key, data) {
      needs(key, 'private');
      return native.ed25519Sign(key.handle.secret, data);
    },
    verify(made, key, given, data) {
      needs(key, 'public');
      return native.ed25519Verify(key.handle.point, given, data);
    },
  });

  const readPublic = (made, params) => { made.public = slotsOf(member(params, 'public'), 'public'); };
  const DERIVE = names('deriveKey', 'deriveBits');
  const addAgreement = (name, kind) => addCurve(name, kind, 'enc', DERIVE, NONE, {
    __proto__: null,
    params: { __proto__: null, deriveBits: readPublic },
    deriveBits(made, key, length) {
      needs(key, 'private');
      const other = made.public;
      needs(other, 'public');
      if (other.algorithm.name !== name || other.algorithm.namedCurve !== key.algorithm.namedCurve) {
        fail('InvalidAccessError', 'The public key is of another algorithm or curve');
      }
      const secret = native.agree(kind.numberOf(key.algorithm), key.handle.secret, other.handle.point);
      if (length === null) return secret;
      const bits = lengthOf(secret) * 8;
      if (length > bits) fail('OperationError', 'The curve gives ' + bits + ' bits only');
      const bytes = (length + 7 - (length + 7) % 8) / 8;
      const cutOff = cut(secret, 0, bytes);
      if (length % 8 !== 0) cutOff[bytes - 1] &= 255 << (8 - length % 8);
      return cutOff;
    },
  });
  addAgreement('ECDH', WEIERSTRASS);
  addAgreement('X25519', okp(2));

  return { __proto__: null };
})
