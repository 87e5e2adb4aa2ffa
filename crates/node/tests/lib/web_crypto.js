'use strict';
// Web Cryptography: as the global and in crypto, and keys that both have.

const assert = require('assert');
const crypto = require('crypto');
const { inspect } = require('util');
const { subtle } = globalThis.crypto;

assert.strictEqual(crypto.webcrypto, globalThis.crypto);
assert.strictEqual(crypto.subtle, subtle);
assert.ok(subtle instanceof SubtleCrypto);
assert.throws(() => new CryptoKey(), { name: 'TypeError' });
assert.throws(() => Object.getOwnPropertyDescriptor(Crypto.prototype, 'subtle').get.call({}), { code: 'ERR_INVALID_THIS' });

const hex = (buffer) => Buffer.from(buffer).toString('hex');
const bytes = Buffer.from('some bytes');

async function main() {
  assert.strictEqual(hex(await subtle.digest('SHA-256', bytes)), crypto.createHash('sha256').update(bytes).digest('hex'));
  const hmac = await subtle.importKey('raw', Buffer.from('key'), { name: 'HMAC', hash: 'SHA-512' }, true, ['sign', 'verify']);
  assert.strictEqual(hex(await subtle.sign('HMAC', hmac, bytes)), crypto.createHmac('sha512', 'key').update(bytes).digest('hex'));
  assert.match(inspect(hmac), /^CryptoKey \{\n {2}type: 'secret',\n {2}extractable: true,\n {2}algorithm: \{/);
  const clone = structuredClone(hmac);
  assert.ok(clone instanceof CryptoKey && clone !== hmac);
  assert.strictEqual(await subtle.verify('HMAC', clone, await subtle.sign('HMAC', hmac, bytes), bytes), true);

  const aes = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, aes, bytes);
  assert.strictEqual(hex(await subtle.decrypt({ name: 'AES-GCM', iv }, aes, sealed)), hex(bytes));
  new Uint8Array(sealed)[0] ^= 1;
  await assert.rejects(subtle.decrypt({ name: 'AES-GCM', iv }, aes, sealed), { name: 'OperationError' });
  await assert.rejects(subtle.exportKey('raw', aes), { name: 'InvalidAccessError' });
  await assert.rejects(subtle.digest('none', bytes), { name: 'NotSupportedError' });

  const password = await subtle.importKey('raw', Buffer.from('password'), 'PBKDF2', false, ['deriveBits']);
  const derived = await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: bytes, iterations: 10 }, password, 256);
  assert.strictEqual(hex(derived), crypto.pbkdf2Sync('password', bytes, 10, 32, 'sha256').toString('hex'));

  // A key of the one is a key of the other.
  const { publicKey, privateKey } = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const signature = crypto.sign('sha256', bytes, { key: crypto.KeyObject.from(privateKey), dsaEncoding: 'ieee-p1363' });
  assert.strictEqual(await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, signature, bytes), true);
  const pem = crypto.KeyObject.from(publicKey).export({ type: 'spki', format: 'pem' });
  assert.strictEqual(hex(await subtle.exportKey('spki', publicKey)), crypto.createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('hex'));
}
main();
