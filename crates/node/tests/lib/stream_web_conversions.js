'use strict';
// Streams of Node from those of the Web, and the other way round.

const assert = require('assert');
const { Duplex, PassThrough, Readable, Transform, Writable, pipeline } = require('stream');
const { pipeline: piped } = require('stream/promises');

const collect = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
};

async function readables() {
  const bytes = await collect(Readable.toWeb(Readable.from([Buffer.from('a'), Buffer.from('b')], { objectMode: false })));
  assert.deepStrictEqual(bytes, [new Uint8Array([97]), new Uint8Array([98])]);
  assert.deepStrictEqual(await collect(Readable.toWeb(Readable.from([1, { a: 2 }]))), [1, { a: 2 }]);
  assert.deepStrictEqual(await collect(Readable.fromWeb(ReadableStream.from([1, 2]), { objectMode: true })), [1, 2]);
  assert.strictEqual(Buffer.concat(await collect(Readable.fromWeb(new Blob(['text']).stream()))).toString(), 'text');
  assert.throws(() => Readable.fromWeb({}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => Readable.toWeb({}), { code: 'ERR_INVALID_ARG_TYPE' });

  const failing = Readable.toWeb(new Readable({ read() { this.destroy(new Error('read')); } }));
  await assert.rejects(collect(failing), { message: 'read' });
  await assert.rejects(collect(Readable.fromWeb(new ReadableStream({ pull() { throw new Error('pull'); } }))), { message: 'pull' });

  // Cancelling one destroys the other.
  const source = new Readable({ read() {} });
  const closed = new Promise((resolve) => source.on('close', resolve));
  source.on('error', () => {});
  await Readable.toWeb(source).cancel(new Error('enough'));
  await closed;
  assert.strictEqual(source.destroyed, true);
  let cancelled;
  const readable = Readable.fromWeb(new ReadableStream({ cancel(reason) { cancelled = reason; } }));
  readable.on('error', () => {});
  readable.destroy(new Error('away'));
  await new Promise((resolve) => readable.on('close', resolve));
  assert.strictEqual(cancelled.message, 'away');

  // No more is read than asked for.
  let pulled = 0;
  const endless = Readable.toWeb(new Readable({ highWaterMark: 10, read(size) { pulled += size; this.push(Buffer.alloc(size)); } }));
  await endless.getReader().read();
  await new Promise(setImmediate);
  assert.ok(pulled < 1000, `${pulled}`);
}

async function writables() {
  const got = [];
  const writer = Writable.toWeb(new Writable({
    write(chunk, encoding, callback) { got.push(`${chunk}`); setImmediate(callback); }, highWaterMark: 2,
  })).getWriter();
  await writer.write('ab');
  await writer.write('cd');
  await writer.close();
  assert.deepStrictEqual(got, ['ab', 'cd']);

  const sunk = [];
  let isClosed = false;
  const writable = Writable.fromWeb(new WritableStream({ write(chunk) { sunk.push(chunk); }, close() { isClosed = true; } }));
  writable.write('x');
  writable.end(Buffer.from('y'));
  await new Promise((resolve) => writable.on('finish', resolve));
  assert.deepStrictEqual(sunk.map((chunk) => Buffer.from(chunk).toString()), ['x', 'y']);
  assert.strictEqual(isClosed, true);

  const failing = Writable.fromWeb(new WritableStream({ write() { throw new Error('full'); } }));
  const failed = new Promise((resolve) => failing.on('error', resolve));
  failing.write('x');
  assert.strictEqual((await failed).message, 'full');
  assert.throws(() => Writable.fromWeb({}), { code: 'ERR_INVALID_ARG_TYPE' });

  const broken = Writable.toWeb(new Writable({ write(chunk, encoding, callback) { callback(new Error('disk')); } }));
  const brokenWriter = broken.getWriter();
  brokenWriter.closed.catch(() => {});
  await brokenWriter.write('x').catch(() => {});
  await assert.rejects(brokenWriter.closed, { message: 'disk' });
}

async function duplexes() {
  const upper = () => new TransformStream({ transform(chunk, controller) { controller.enqueue(`${Buffer.from(chunk)}`.toUpperCase()); } });
  const duplex = Duplex.fromWeb(upper(), { encoding: 'utf8' });
  duplex.end('abc');
  assert.strictEqual((await collect(duplex)).join(''), 'ABC');
  const { readable, writable } = Duplex.toWeb(new PassThrough());
  const writer = writable.getWriter();
  writer.write(new Uint8Array([1]));
  writer.close();
  assert.deepStrictEqual(await collect(readable), [new Uint8Array([1])]);

  // Streams of both kinds in one pipeline.
  const got = [];
  await piped(ReadableStream.from(['a', 'b']), new Transform({
    objectMode: true, transform(chunk, encoding, callback) { callback(null, `${chunk}!`); },
  }), new WritableStream({ write(chunk) { got.push(`${chunk}`); } }));
  assert.deepStrictEqual(got.map((chunk) => `${chunk}`), ['a!', 'b!']);
  const more = [];
  await new Promise((resolve, reject) => pipeline(Readable.from(['x']), upper(), async function* (source) {
    for await (const chunk of source) more.push(chunk);
    yield 1;
  }, new PassThrough({ objectMode: true }).resume(), (error) => (error ? reject(error) : resolve())));
  assert.deepStrictEqual(more, ['X']);
}

// Requests and responses of http are such streams, too.
async function messages() {
  const http = require('http');
  const server = http.createServer((req, res) => Readable.toWeb(req).pipeTo(Writable.toWeb(res)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const data = Buffer.alloc(300000, 'some bytes');
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`, {
    method: 'POST', body: new Blob([data]).stream(), duplex: 'half',
  });
  assert.strictEqual(Buffer.from(await answer.arrayBuffer()).equals(data), true);
  server.close();
  server.closeAllConnections();
}

async function main() {
  await readables();
  await writables();
  await duplexes();
  await messages();
}
main();
