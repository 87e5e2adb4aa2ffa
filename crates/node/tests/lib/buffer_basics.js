'use strict';
// Buffer: making, encodings, ranges, searching, comparing.
const assert = require('assert');
const { Buffer, isUtf8, isAscii, transcode, constants, kMaxLength } = require('buffer');

assert.strictEqual(Buffer, globalThis.Buffer);
assert(Buffer.from('x') instanceof Uint8Array);
assert.strictEqual(Object.getPrototypeOf(Buffer), Uint8Array);
assert.strictEqual(Buffer.from('x').constructor, Buffer);
assert.strictEqual(constants.MAX_LENGTH, kMaxLength);

const bytes = (buffer) => [...buffer];
function checkBytes(buffer, expected) {
  assert(Buffer.isBuffer(buffer));
  assert.deepStrictEqual(bytes(buffer), expected);
}

checkBytes(Buffer.from('a€'), [0x61, 0xe2, 0x82, 0xac]);
checkBytes(Buffer.from('\ud800x'), [0xef, 0xbf, 0xbd, 0x78]);
checkBytes(Buffer.from('😀', 'utf16le'), [0x3d, 0xd8, 0x00, 0xde]);
checkBytes(Buffer.from('ÿĀ', 'latin1'), [255, 0]);
checkBytes(Buffer.from('YW Jj\nZG-_Vm', 'base64'), [0x61, 0x62, 0x63, 0x64, 0x6f, 0xbf, 0x56]);
checkBytes(Buffer.from('YWJj=ZGVm', 'base64'), [0x61, 0x62, 0x63]);
checkBytes(Buffer.from('abcz12', 'hex'), [0xab]);
checkBytes(Buffer.from([1, 256, -1, 'x']), [1, 0, 255, 0]);
checkBytes(Buffer.from({ length: 2, 0: 7, 1: 300 }), [7, 44]);
checkBytes(Buffer.from({ type: 'Buffer', data: [1, 2] }), [1, 2]);
checkBytes(Buffer.from(new String('x')), [0x78]);
checkBytes(Buffer.from(new Uint16Array([1, 300])), [1, 44]);
checkBytes(Buffer.copyBytesFrom(new Uint16Array([1, 300]), 1), [44, 1]);
checkBytes(Buffer.alloc(3, 'ab'), [97, 98, 97]);
checkBytes(Buffer.concat([Buffer.from('a'), new Uint8Array(2)], 5), [97, 0, 0, 0, 0]);
checkBytes(Buffer.from('abc').map((x) => x + 1), [98, 99, 100]);
{
  const memory = new ArrayBuffer(8);
  const buffer = Buffer.from(memory, 2, 3);
  buffer[0] = 9;
  assert.strictEqual(new Uint8Array(memory)[2], 9);
  assert.strictEqual(buffer.subarray(1).buffer, memory);
  assert.throws(() => Buffer.from(memory, 9), { code: 'ERR_BUFFER_OUT_OF_BOUNDS', message: '"offset" is outside of buffer bounds' });
}
for (const bad of [5, undefined, null, true, {}, () => {}, Symbol('x')]) {
  assert.throws(() => Buffer.from(bad), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
}
assert.throws(() => Buffer.from('a', 'bad'), { code: 'ERR_UNKNOWN_ENCODING', message: 'Unknown encoding: bad' });
assert.throws(() => Buffer.alloc(-1), { code: 'ERR_OUT_OF_RANGE' });
assert.throws(() => Buffer.alloc('5'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => Buffer.concat([1]), { message: /"list\[0\]" argument/ });

// Round trips.
const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
for (const encoding of ['hex', 'base64', 'base64url', 'latin1', 'binary', 'utf16le', 'ucs2']) {
  assert(Buffer.from(all.toString(encoding), encoding).equals(all), encoding);
}
assert.strictEqual(Buffer.from([0xff, 0x80]).toString('ascii'), '\x7f\0');
assert.strictEqual(Buffer.from([0xe2, 0x82, 0x41, 0xf0, 0x9f, 0xff]).toString(), '\ufffdA\ufffd\ufffd');
assert.strictEqual(Buffer.from('abcd').toString('utf8', -1, 2), 'ab');
assert.strictEqual(Buffer.from('abcd').toString('utf8', 3, 1), '');
assert.strictEqual(Buffer.from('abcd').toString(undefined, 1), 'bcd');
assert.throws(() => Buffer.from('abcd').toString(null), { code: 'ERR_UNKNOWN_ENCODING' });

assert.strictEqual(Buffer.byteLength('a€'), 4);
assert.strictEqual(Buffer.byteLength('YQ==', 'base64'), 1);
assert.strictEqual(Buffer.byteLength('abc', 'hex'), 1);
assert.strictEqual(Buffer.byteLength(new Uint16Array(3)), 6);

{
  const buffer = Buffer.from('abcd');
  assert.strictEqual(buffer.write('zz', 1, 'latin1'), 2);
  assert.strictEqual(buffer.write('€', 2), 0);
  assert.strictEqual(buffer.write('xyz', 3), 1);
  assert.strictEqual(buffer.toString(), 'azzx');
  assert.throws(() => buffer.write('x', 5), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => buffer.write(5), { message: 'argument must be a string', code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(buffer.fill('\u0222').toString(), '\u0222\u0222');
  assert.strictEqual(buffer.fill('xy', 1, 3).toString('latin1'), '\xc8xy\xa2');
  assert.throws(() => buffer.fill('x', 0, 5), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => buffer.fill('zz', 'hex'), { code: 'ERR_INVALID_ARG_VALUE' });
}
{
  const buffer = Buffer.from('abcabc');
  assert.strictEqual(buffer.indexOf('c', -2), 5);
  assert.strictEqual(buffer.lastIndexOf('b'), 4);
  assert.strictEqual(buffer.lastIndexOf('b', -3), 1);
  assert.strictEqual(buffer.lastIndexOf('b', null), -1);
  assert.strictEqual(buffer.indexOf('', 30), 6);
  assert.strictEqual(buffer.indexOf(99 + 256), 2);
  assert(buffer.includes('ca'));
  assert.strictEqual(Buffer.from('abcabc', 'utf16le').indexOf('b', 0, 'utf16le'), 2);
  assert.throws(() => buffer.indexOf({}), { code: 'ERR_INVALID_ARG_TYPE' });
  const target = Buffer.alloc(4, '.');
  assert.strictEqual(buffer.copy(target, 1, 2, 4), 2);
  assert.strictEqual(target.toString(), '.ca.');
  // Overlapping.
  buffer.copy(buffer, 2);
  assert.strictEqual(buffer.toString(), 'ababca');
}
assert.strictEqual(Buffer.compare(Buffer.from('a'), Buffer.from('b')), -1);
assert.strictEqual(Buffer.from('abcd').compare(Buffer.from('bc'), 0, 2, 1, 3), 0);
assert.strictEqual(Buffer.from('abcd').swap16().toString(), 'badc');
assert.throws(() => Buffer.alloc(3).swap16(), { code: 'ERR_INVALID_BUFFER_SIZE', name: 'RangeError' });
assert.strictEqual(JSON.stringify(Buffer.from('ab')), '{"type":"Buffer","data":[97,98]}');
assert.strictEqual(Buffer.from('abc').inspect(), '<Buffer 61 62 63>');
assert.match(Buffer.alloc(60).inspect(), / \.\.\. 10 more bytes>$/);
assert.strictEqual(Buffer.from('abc').slice(-2).toString(), 'bc');
assert(isUtf8(Buffer.from('€')) && !isUtf8(Buffer.from([0xff])));
assert(isAscii(Buffer.from('a')) && !isAscii(Buffer.from('€')));
assert.strictEqual(transcode(Buffer.from('€'), 'utf8', 'latin1').toString(), '?');
assert.strictEqual(atob(' YQ= ='), 'a');
assert.strictEqual(btoa('é'), '6Q==');
assert.throws(() => btoa('€'), { name: 'InvalidCharacterError', code: 5 });
assert.throws(() => atob('*'), { name: 'InvalidCharacterError' });
