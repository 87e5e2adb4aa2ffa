'use strict';
// crypto: hashes, HMAC, random values.
const assert = require('assert');
const crypto = require('crypto');
const { Transform } = require('stream');

for (const [name, hex] of [
  ['md5', '900150983cd24fb0d6963f7d28e17f72'],
  ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['SHA256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['RSA-SHA512', 'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f'],
]) {
  assert.strictEqual(crypto.createHash(name).update('a').update(Buffer.from('bc')).digest('hex'), hex);
}
assert.strictEqual(crypto.createHash('sha1').update('é', 'latin1').digest('base64'), 'FZnp+kHsaMgCMEkZAnhr7oifW8s=');
assert.throws(() => crypto.createHash('zzz'), { message: 'Digest method not supported' });
assert.throws(() => crypto.createHash('md5').update(), { code: 'ERR_INVALID_ARG_TYPE' });
{
  const hash = crypto.createHash('sha1').update('a');
  const copy = hash.copy();
  assert.deepStrictEqual(hash.digest(), copy.digest());
  for (const use of [() => hash.update('x'), () => hash.digest(), () => hash.copy()]) {
    assert.throws(use, { code: 'ERR_CRYPTO_HASH_FINALIZED', message: 'Digest already called' });
  }
}
assert.strictEqual(crypto.createHmac('sha256', 'key').update('x').digest('hex'),
  '4fc3b7eaf34d7e594a6f51d9517ba543abf41067b27587ffd82ba3584e4d3cdd');
assert.throws(() => crypto.createHmac('zzz', 'key'), { code: 'ERR_CRYPTO_INVALID_DIGEST' });
assert.throws(() => crypto.createHmac('sha256'), { code: 'ERR_INVALID_ARG_TYPE' });

assert.strictEqual(crypto.randomBytes(4).length, 4);
assert.throws(() => crypto.randomBytes(-1), { code: 'ERR_OUT_OF_RANGE' });
assert.match(crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
assert.notStrictEqual(crypto.randomUUID(), crypto.randomUUID());
assert(crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ab')));
assert(!crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ac')));
assert.throws(() => crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('abc')), { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' });
assert.strictEqual(crypto.randomInt(3, 4), 3);
for (let i = 0; i < 100; i++) assert(crypto.randomInt(10) < 10);
assert.throws(() => crypto.randomInt(5, 5), { code: 'ERR_OUT_OF_RANGE' });
{
  const bytes = crypto.randomFillSync(Buffer.alloc(64), 32);
  assert(bytes.subarray(0, 32).every((byte) => byte === 0));
  assert(bytes.subarray(32).some((byte) => byte !== 0));
  assert(crypto.getRandomValues(new Uint32Array(8)).some((value) => value !== 0));
}
const hash = crypto.createHash('sha1');
assert(hash instanceof Transform);
let streamed;
hash.on('readable', () => {
  const data = hash.read();
  if (data !== null) streamed = data.toString('hex');
});
hash.write('some');
hash.end(' data');
let random;
crypto.randomBytes(3, (error, bytes) => { random = bytes; });
process.on('exit', () => {
  assert.strictEqual(streamed, 'baf34551fecb48acc3da868eb85e1b6dac9de356');
  assert.strictEqual(random.length, 3);
});
