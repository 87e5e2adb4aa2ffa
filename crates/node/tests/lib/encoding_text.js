'use strict';
// TextEncoder and TextDecoder.
const assert = require('assert');

assert.deepStrictEqual([...new TextEncoder().encode('é\ud800')], [0xc3, 0xa9, 0xef, 0xbf, 0xbd]);
assert.deepStrictEqual(new TextEncoder().encodeInto('a€😀', new Uint8Array(5)), { read: 2, written: 4 });
const BOM = [0xef, 0xbb, 0xbf, 65];
assert.strictEqual(new TextDecoder().decode(new Uint8Array(BOM)), 'A');
assert.strictEqual(new TextDecoder('utf8', { ignoreBOM: true }).decode(new Uint8Array(BOM)), '\ufeffA');
assert.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])), {
  code: 'ERR_ENCODING_INVALID_ENCODED_DATA', name: 'TypeError',
});
assert.throws(() => new TextDecoder('bad'), { code: 'ERR_ENCODING_NOT_SUPPORTED', name: 'RangeError' });
assert.strictEqual(new TextDecoder(' UTF-16 ').encoding, 'utf-16le');
assert.strictEqual(new TextDecoder('latin1').decode(new Uint8Array([0xe9, 65])), 'éA');
{
  const decoder = new TextDecoder();
  const parts = [[0xe2, 0x82], [0xac], [0xe2]].map((part) => decoder.decode(new Uint8Array(part), { stream: true }));
  assert.deepStrictEqual([...parts, decoder.decode()], ['', '€', '', '\ufffd']);
}
{
  const decoder = new TextDecoder('utf-16le');
  const parts = [[0x3d, 0xd8, 0], [0xde]].map((part) => decoder.decode(new Uint8Array(part), { stream: true }));
  assert.deepStrictEqual(parts, ['', '😀']);
}
assert.throws(() => TextDecoder.prototype.decode.call({}), { code: 'ERR_INVALID_THIS' });
assert.throws(() => new TextEncoder().encodeInto('a', []), { code: 'ERR_INVALID_ARG_TYPE' });
