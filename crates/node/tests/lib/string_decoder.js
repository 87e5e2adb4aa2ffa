'use strict';
// StringDecoder: characters that come in parts.
const assert = require('assert');
const { StringDecoder } = require('string_decoder');

{
  const decoder = new StringDecoder('utf8');
  assert.strictEqual(decoder.write(Buffer.from([0xe2, 0x82])), '');
  assert.strictEqual(decoder.lastNeed, 1);
  assert.strictEqual(decoder.lastTotal, 3);
  assert.strictEqual(decoder.write(Buffer.from([0xac])), '€');
  assert.strictEqual(decoder.end(Buffer.from([0xf0, 0x9f])), '\ufffd');
  assert.strictEqual(decoder.end(), '');
  assert.strictEqual(decoder.write(Buffer.from([0xff, 0x41, 0xc3])), '\ufffdA');
  assert.strictEqual(decoder.write(Buffer.from([0x41])), '\ufffdA');
}
for (const encoding of ['utf8', 'utf16le', 'base64', 'base64url', 'hex', 'latin1']) {
  const bytes = Buffer.from('añ€😀 some more text', 'utf16le');
  const whole = bytes.toString(encoding);
  for (const step of [1, 2, 3, 5]) {
    const decoder = new StringDecoder(encoding);
    let text = '';
    for (let i = 0; i < bytes.length; i += step) text += decoder.write(bytes.subarray(i, i + step));
    assert.strictEqual(text + decoder.end(), whole, `${encoding} by ${step}`);
  }
}
assert.strictEqual(new StringDecoder().encoding, 'utf8');
assert.strictEqual(new StringDecoder('UCS2').encoding, 'utf16le');
assert.throws(() => new StringDecoder('bad'), { code: 'ERR_UNKNOWN_ENCODING', message: 'Unknown encoding: bad' });
assert.throws(() => new StringDecoder().write(5), { code: 'ERR_INVALID_ARG_TYPE' });
