'use strict';
// Keys and signatures of crypto.

const assert = require('assert');
const crypto = require('crypto');

const bytes = Buffer.from('what is signed');
const secret = crypto.createSecretKey('abc', 'utf8');
assert.deepStrictEqual([secret.type, secret.symmetricKeySize, `${secret.export()}`], ['secret', 3, 'abc']);
assert.deepStrictEqual(secret.export({ format: 'jwk' }), { kty: 'oct', k: 'YWJj' });
assert.strictEqual(secret.equals(crypto.createSecretKey(Buffer.from('abc'))), true);
assert.strictEqual(crypto.createHmac('sha256', secret).update('x').digest('hex'), crypto.createHmac('sha256', 'abc').update('x').digest('hex'));
for (const [f, name, code] of [
  [() => crypto.createPrivateKey('x'), 'Error', 'ERR_OSSL_UNSUPPORTED'],
  [() => crypto.createPublicKey('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'), 'Error', undefined],
  [() => crypto.createSecretKey(1), 'TypeError', 'ERR_INVALID_ARG_TYPE'],
  [() => crypto.createPrivateKey(1), 'TypeError', 'ERR_INVALID_ARG_TYPE'],
  [() => new crypto.KeyObject('x'), 'TypeError', 'ERR_INVALID_ARG_VALUE'],
  [() => crypto.createSign('none'), undefined, 'ERR_CRYPTO_INVALID_DIGEST'],
  [() => crypto.createSign('sha256').sign(), 'Error', 'ERR_CRYPTO_SIGN_KEY_REQUIRED'],
  [() => crypto.generateKeyPairSync('none'), 'TypeError', 'ERR_INVALID_ARG_VALUE'],
  [() => crypto.generateKeyPairSync('ec', { namedCurve: 'none' }), 'TypeError', 'ERR_CRYPTO_INVALID_CURVE'],
  [() => crypto.verify('sha256', bytes, secret, bytes), 'TypeError', 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE'],
]) {
  assert.throws(f, { ...(name === undefined ? {} : { name }), ...(code === undefined ? {} : { code }) }, `${f}`);
}

function pairs(type, options, { privates, publics, details, ways }) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync(type, options);
  assert.deepStrictEqual(privateKey.asymmetricKeyDetails, details);
  assert.deepStrictEqual([publicKey.type, privateKey.type, publicKey.asymmetricKeyType], ['public', 'private', type]);
  assert.strictEqual(crypto.createPublicKey(privateKey).equals(publicKey), true);
  for (const format of ['pem', 'der']) {
    for (const way of privates) {
      const key = privateKey.export({ type: way, format });
      assert.strictEqual(crypto.createPrivateKey({ key, type: way, format }).equals(privateKey), true, `${way} ${format}`);
    }
    for (const way of publics) {
      const key = publicKey.export({ type: way, format });
      assert.strictEqual(crypto.createPublicKey({ key, type: way, format }).equals(publicKey), true, `${way} ${format}`);
    }
  }
  for (const key of [privateKey, publicKey]) {
    const again = crypto[key === privateKey ? 'createPrivateKey' : 'createPublicKey']({ key: key.export({ format: 'jwk' }), format: 'jwk' });
    assert.strictEqual(again.equals(key), true);
  }
  for (const [algorithm, more] of ways) {
    const signature = crypto.sign(algorithm, bytes, { key: privateKey, ...more });
    assert.strictEqual(crypto.verify(algorithm, bytes, { key: publicKey, ...more }, signature), true, `${type} ${algorithm}`);
    assert.strictEqual(crypto.verify(algorithm, Buffer.from('other'), { key: publicKey, ...more }, signature), false);
    if (algorithm === null) continue;
    const streamed = crypto.createSign(algorithm).update('what ').update('is signed').sign({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }), ...more }, 'base64');
    assert.strictEqual(crypto.createVerify(algorithm).update(bytes).verify({ key: publicKey, ...more }, streamed, 'base64'), true);
  }
  assert.throws(() => crypto.sign('sha256', bytes, publicKey), { code: 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE' });
}

const { RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = crypto.constants;
pairs('rsa', { modulusLength: 1024 }, {
  privates: ['pkcs8', 'pkcs1'], publics: ['spki', 'pkcs1'], details: { modulusLength: 1024, publicExponent: 65537n },
  ways: [['sha256', {}], ['RSA-SHA384', {}], ['sha256', { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST }],
    ['sha256', { padding: RSA_PKCS1_PSS_PADDING }]],
});
for (const [namedCurve, name] of [['P-256', 'prime256v1'], ['secp384r1', 'secp384r1'], ['P-521', 'secp521r1']]) {
  pairs('ec', { namedCurve }, {
    privates: ['pkcs8', 'sec1'], publics: ['spki'], details: { namedCurve: name },
    ways: [['sha256', {}], ['sha512', { dsaEncoding: 'ieee-p1363' }]],
  });
}
pairs('ed25519', undefined, { privates: ['pkcs8'], publics: ['spki'], details: {}, ways: [[null, {}]] });

crypto.generateKeyPair('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' } }, (error, publicKey, privateKey) => {
  assert.strictEqual(error, null);
  assert.match(publicKey, /^-----BEGIN PUBLIC KEY-----\n/);
  assert.strictEqual(privateKey.type, 'private');
});

// The first of RFC 8032's tests.
const known = crypto.createPublicKey({ format: 'jwk', key: {
  kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
} });
assert.strictEqual(crypto.verify(null, Buffer.alloc(0), known, Buffer.from(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b' +
  'd25bf5f0595bbe24655141438e7a100b', 'hex')), true);
