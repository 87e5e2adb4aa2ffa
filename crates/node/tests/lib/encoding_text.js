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

// Encodings of the standard beside UTF-8, UTF-16LE and Latin-1.
for (const [label, name, bytes, text] of [
  ['shift_jis', 'shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
  ['euc-jp', 'euc-jp', [0xc6, 0xfc, 0xcb, 0xdc], '日本'],
  ['gb2312', 'gbk', [0xc4, 0xe3, 0xba, 0xc3], '你好'],
  ['big5', 'big5', [0xa7, 0x41, 0xa6, 0x6e], '你好'],
  ['euc-kr', 'euc-kr', [0xb0, 0xa1], '가'],
  ['koi8-r', 'koi8-r', [0xd0, 0xd2], 'пр'],
  ['windows-1251', 'windows-1251', [0xcf, 0xf0], 'Пр'],
  ['utf-16be', 'utf-16be', [0, 0x61, 0x20, 0xac], 'a€'],
  ['iso-8859-2', 'iso-8859-2', [0xb1], 'ą'],
]) {
  const decoder = new TextDecoder(label);
  assert.strictEqual(decoder.encoding, name);
  assert.strictEqual(decoder.decode(new Uint8Array(bytes)), text, label);
  let streamed = '';
  for (const byte of bytes) streamed += decoder.decode(new Uint8Array([byte]), { stream: true });
  assert.strictEqual(streamed + decoder.decode(), text, `${label}, byte by byte`);
}
assert.throws(() => new TextDecoder('euc-jp', { fatal: true }).decode(new Uint8Array([0xff])), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
assert.throws(() => new TextDecoder('none'), { name: 'RangeError', code: 'ERR_ENCODING_NOT_SUPPORTED' });
