'use strict';
// Keys derived from passwords.
const assert = require('assert');
const { AsyncLocalStorage } = require('async_hooks');
const { pbkdf2, pbkdf2Sync } = require('crypto');

// RFC 6070, RFC 7914 (11), and the length of more than one block of the hash.
const vectors = [
  ['password', 'salt', 1, 20, 'sha1', '0c60c80f961f0e71f3a9b524af6012062fe037a6'],
  ['password', 'salt', 4096, 20, 'SHA1', '4b007901b765489abead49d926f721d065a429c1'],
  ['passwordPASSWORDpassword', 'saltSALTsaltSALTsaltSALTsaltSALTsalt', 4096, 25, 'RSA-SHA1',
    '3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038'],
  ['pass\0word', 'sa\0lt', 4096, 16, 'sha1', '56fa6aa75548099dcc37d7f03425e0c3'],
  ['passwd', 'salt', 1, 64, 'sha256', '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
    '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783'],
];
for (const [password, salt, iterations, length, digest, hex] of vectors) {
  const key = pbkdf2Sync(password, salt, iterations, length, digest);
  assert(key instanceof Buffer);
  assert.strictEqual(key.toString('hex'), hex);
}
const [password, salt] = ['é', '\u{1f600}'];
const key = pbkdf2Sync(password, salt, 2, 70, 'sha512');
const bytes = (text) => new Uint8Array(Buffer.from(text));
assert.deepStrictEqual(pbkdf2Sync(bytes(password), new DataView(bytes(salt).buffer), 2, 70, 'sha512'), key);
assert.deepStrictEqual(pbkdf2Sync(bytes(password).buffer, Buffer.from(salt), 2, 70, 'sha512'), key);
for (const digest of ['md5', 'sha224', 'sha384', 'sha512-256']) {
  assert.strictEqual(pbkdf2Sync('p', 's', 1, 100, digest).length, 100);
}

for (const [args, code, message] of [
  [['p', 's', 0, 1, 'sha1'], 'ERR_OUT_OF_RANGE', /"iterations".*>= 1 && <= 2147483647\. Received 0/],
  [['p', 's', '1', 1, 'sha1'], 'ERR_INVALID_ARG_TYPE', /"iterations" argument must be of type number/],
  [['p', 's', 1, 2 ** 31, 'sha1'], 'ERR_OUT_OF_RANGE', /"keylen".*>= 0 && <= 2147483647/],
  [['p', 's', 1, 1.5, 'sha1'], 'ERR_OUT_OF_RANGE', /"keylen".*must be an integer/],
  [['p', 's', 1, 1, 'zzz'], 'ERR_CRYPTO_INVALID_DIGEST', /^Invalid digest: zzz$/],
  [['p', 's', 1, 1], 'ERR_INVALID_ARG_TYPE', /"digest" argument must be of type string/],
  [[1, 's', 1, 1, 'sha1'], 'ERR_INVALID_ARG_TYPE',
    /"password" argument must be of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView\./],
  [['p', {}, 1, 1, 'sha1'], 'ERR_INVALID_ARG_TYPE', /"salt" argument must be/],
]) {
  assert.throws(() => pbkdf2Sync(...args), { code, message });
  assert.throws(() => pbkdf2(...args, () => assert.fail('called')), { code, message });
}
assert.throws(() => pbkdf2('p', 's', 1, 1, 'zzz'), { code: 'ERR_INVALID_ARG_TYPE', message: /"callback"/ });

// The callback comes later, with the store of who asked, and the bytes as they were.
const called = [];
const storage = new AsyncLocalStorage();
const secret = bytes('password');
storage.run('store', () => {
  pbkdf2(secret, 'salt', 4096, 20, 'sha1', (error, derived) => {
    called.push([error, derived.toString('hex'), storage.getStore()]);
  });
});
secret.fill(0);
assert.deepStrictEqual(called, []);
process.on('exit', () => assert.deepStrictEqual(called, [[null, '4b007901b765489abead49d926f721d065a429c1', 'store']]));
