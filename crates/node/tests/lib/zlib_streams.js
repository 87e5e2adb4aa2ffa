'use strict';
// zlib: gzip and deflate, at once, by callback and as streams; its errors.
const assert = require('assert');
const zlib = require('zlib');
const { Readable } = require('stream');
const { pipeline } = require('stream/promises');
const { promisify } = require('util');

const big = Buffer.from(Array.from({ length: 200000 }, (_, i) => (i * i) % 251));
const pairs = [['deflate', 'inflate'], ['gzip', 'gunzip'], ['deflateRaw', 'inflateRaw'], ['gzip', 'unzip'], ['deflate', 'unzip']];

const unexpectedEnd = { message: 'unexpected end of file', code: 'Z_BUF_ERROR', errno: -5 };
for (const [to, from] of pairs) {
  for (const level of [undefined, 0, 1, 9]) {
    const compressed = zlib[`${to}Sync`](big, { level });
    assert.ok(zlib[`${from}Sync`](compressed).equals(big));
    assert.strictEqual(compressed.length < big.length, level !== 0);
  }
  const hello = zlib[`${to}Sync`]('hello');
  assert.throws(() => zlib[`${from}Sync`](hello.subarray(0, 4)), unexpectedEnd);
  assert.throws(() => zlib[`${from}Sync`](''), unexpectedEnd);
  const { Z_SYNC_FLUSH } = zlib.constants;
  assert.strictEqual(zlib[`${from}Sync`](hello.subarray(0, -1), { finishFlush: Z_SYNC_FLUSH }).toString(), 'hello');
  assert.throws(() => zlib[`${from}Sync`](zlib[`${to}Sync`](Buffer.alloc(1e6)), { maxOutputLength: 1000 }),
                { code: 'ERR_BUFFER_TOO_LARGE', message: 'Cannot create a Buffer larger than 1000 bytes' });
}
assert.throws(() => zlib.gunzipSync('garbage'), { message: 'incorrect header check', code: 'Z_DATA_ERROR', errno: -3 });
assert.throws(() => zlib.inflateRawSync('garbage'), { code: 'Z_DATA_ERROR' });

// Members after each other are one; zeros after them are nothing; all else is an error.
const a = zlib.gzipSync('a');
assert.strictEqual(zlib.gunzipSync(Buffer.concat([a, a, Buffer.alloc(3)])).toString(), 'aa');
assert.throws(() => zlib.gunzipSync(Buffer.concat([a, Buffer.from('more')])), { code: 'Z_DATA_ERROR' });
assert.throws(() => zlib.gunzipSync(Buffer.concat([a, a.subarray(0, 5)])), unexpectedEnd);

// Dictionaries.
const dictionary = Buffer.from('hello there');
for (const [to, from] of [['deflate', 'inflate'], ['deflateRaw', 'inflateRaw']]) {
  const compressed = zlib[`${to}Sync`]('hello there!', { dictionary });
  assert.strictEqual(zlib[`${from}Sync`](compressed, { dictionary }).toString(), 'hello there!');
}
const needs = zlib.deflateSync('hello there!', { dictionary });
assert.throws(() => zlib.inflateSync(needs), { message: 'Missing dictionary', code: 'Z_NEED_DICT', errno: 2 });
assert.throws(() => zlib.inflateSync(needs, { dictionary: Buffer.from('other') }), { message: 'Bad dictionary' });

// Arguments.
for (const options of [{ level: 10 }, { windowBits: 3 }, { memLevel: 0 }, { strategy: 9 }, { chunkSize: 1 }, { flush: 10 }, { finishFlush: -1 }, { maxOutputLength: 0 }]) {
  assert.throws(() => zlib.gzipSync('a', options), { code: 'ERR_OUT_OF_RANGE' });
}
assert.throws(() => zlib.gzipSync('a', { dictionary: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => zlib.gzipSync(5), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => zlib.gzip('a'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.ok(zlib.Gzip() instanceof zlib.Gzip);
assert.strictEqual(zlib.gzipSync('x', { info: true }).engine.bytesWritten, 1);
for (const kind of [new Uint16Array([1, 2]), new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)]) {
  assert.strictEqual(zlib.inflateSync(zlib.deflateSync(kind)).length, 4);
}

if (zlib.crc32 !== undefined) {
  assert.strictEqual(zlib.crc32('hello'), 907060870);
  assert.strictEqual(zlib.crc32('lo', zlib.crc32('hel')), 907060870);
  assert.throws(() => zlib.crc32(5), { code: 'ERR_INVALID_ARG_TYPE' });
}

async function collect(source) {
  const parts = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

async function streams() {
  for (const [to, from] of [['Deflate', 'Inflate'], ['Gzip', 'Gunzip'], ['DeflateRaw', 'InflateRaw'], ['Gzip', 'Unzip']]) {
    const pieces = [big.subarray(0, 100), big.subarray(100, 150000), big.subarray(150000)];
    const whole = await pipeline(Readable.from(pieces), zlib[`create${to}`](), zlib[`create${from}`](), collect);
    assert.ok(whole.equals(big));
    for (const bytes of ['no such data', zlib[`${to[0].toLowerCase()}${to.slice(1)}Sync`](big).subarray(0, 500)]) {
      await assert.rejects(pipeline(Readable.from([Buffer.from(bytes)]), zlib[`create${from}`](), collect), /Error: /);
    }
  }

  const gunzip = zlib.createGunzip();
  const text = collect(gunzip);
  for (const byte of zlib.gzipSync('byte by byte')) gunzip.write(Buffer.from([byte]));
  gunzip.end();
  assert.strictEqual((await text).toString(), 'byte by byte');

  // What was flushed can be read before the end.
  const gzip = zlib.createGzip();
  const got = [];
  gzip.on('data', (bytes) => got.push(bytes));
  gzip.write('part one');
  await new Promise((resolve) => gzip.flush(resolve));
  assert.strictEqual(zlib.gunzipSync(Buffer.concat(got), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString(), 'part one');
  assert.strictEqual(gzip.bytesWritten, 8);
  gzip.end(' two');
  await new Promise((resolve) => gzip.on('end', resolve));
  assert.strictEqual(zlib.gunzipSync(Buffer.concat(got)).toString(), 'part one two');

  const closed = zlib.createGzip();
  await new Promise((resolve) => closed.close(resolve));
  assert.strictEqual(closed.destroyed, true);

  assert.strictEqual((await promisify(zlib.unzip)(await promisify(zlib.gzip)('later'))).toString(), 'later');
  await assert.rejects(promisify(zlib.gunzip)('garbage'), { code: 'Z_DATA_ERROR' });
}

let passed = false;
streams().then(() => { passed = true; });
process.on('exit', () => assert.ok(passed));
