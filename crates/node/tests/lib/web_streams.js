'use strict';
// The Web's streams: as globals, in stream/web, and what Node has of them beside the standard.

const assert = require('assert');
const { inspect } = require('util');
const stream = require('stream');
const web = require('stream/web');

for (const name of Object.keys(web)) {
  if (globalThis[name] === undefined) continue;
  assert.strictEqual(globalThis[name], web[name], name);
  const { enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
  assert.deepStrictEqual([enumerable, writable, configurable], [false, true, true], name);
  assert.match(`${web[name]}`, /^class /);
}
assert.ok(!Object.keys(globalThis).includes('ReadableStream'));

// How they are shown.
const shown = 'ReadableStream { locked: false, state: \'readable\', supportsBYOB: false }';
assert.strictEqual(inspect(new ReadableStream()), shown);
assert.strictEqual(inspect(new ReadableStream({ type: 'bytes' })), shown.replace('BYOB: false', 'BYOB: true'));
assert.strictEqual(inspect(new WritableStream()), 'WritableStream { locked: false, state: \'writable\' }');
assert.strictEqual(inspect(new TransformStream()), `TransformStream {
  readable: ${shown},
  writable: WritableStream { locked: false, state: 'writable' },
  backpressure: true
}`);
assert.strictEqual(inspect(new CountQueuingStrategy({ highWaterMark: 2 })), 'CountQueuingStrategy { highWaterMark: 2 }');
assert.strictEqual(inspect(new WritableStream().getWriter()), `WritableStreamDefaultWriter {
  stream: WritableStream { locked: true, state: 'writable' },
  close: Promise { <pending> },
  ready: Promise { undefined },
  desiredSize: 1
}`);

// Errors have Node's codes.
const throwing = (f, name, code, message) => assert.throws(f, { name, code, ...(message === undefined ? {} : { message }) });
const locked = new ReadableStream();
locked.getReader();
throwing(() => locked.getReader(), 'TypeError', 'ERR_INVALID_STATE', 'Invalid state: ReadableStream is locked');
throwing(() => new ReadableStream({ type: 'x' }), 'TypeError', 'ERR_INVALID_ARG_VALUE');
throwing(() => new ReadableStream(1), 'TypeError', 'ERR_INVALID_ARG_TYPE');
throwing(() => new WritableStream({ type: 'x' }), 'RangeError', 'ERR_INVALID_ARG_VALUE');
throwing(() => new ReadableStreamDefaultController(), 'TypeError', 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
throwing(() => new CompressionStream('x'), 'TypeError', 'ERR_INVALID_ARG_VALUE');
throwing(() => ReadableStream.from(1), 'TypeError', 'ERR_ARG_NOT_ITERABLE');
throwing(() => new TextDecoderStream('x'), 'RangeError', 'ERR_ENCODING_NOT_SUPPORTED');
let controller;
new ReadableStream({ start(given) { controller = given; } });
controller.close();
throwing(() => controller.enqueue(1), 'TypeError', 'ERR_INVALID_STATE', 'Invalid state: Controller is already closed');
assert.throws(() => structuredClone(new ReadableStream()), { name: 'DataCloneError' });

async function main() {
  // Text, compression, iteration.
  const text = new Blob(['some text '.repeat(100)]).stream()
    .pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))
    .pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream());
  const consumers = require('stream/consumers');
  assert.strictEqual(await consumers.text(text), 'some text '.repeat(100));
  assert.deepStrictEqual(await consumers.json(ReadableStream.from(['{"a":', '1}'])), { a: 1 });
  assert.deepStrictEqual(new Uint8Array(await consumers.arrayBuffer(new Blob(['ab']).stream())), new Uint8Array([97, 98]));
  assert.deepStrictEqual(await Array.fromAsync(ReadableStream.from([1, 2])), [1, 2]);
  const reader = new Blob(['abc']).stream().getReader({ mode: 'byob' });
  assert.deepStrictEqual(await reader.read(new Uint8Array(2)), { value: new Uint8Array([97, 98]), done: false });

  // Signals are Node's.
  const abort = new AbortController();
  const piped = new ReadableStream().pipeTo(new WritableStream(), { signal: abort.signal });
  abort.abort(new Error('stop'));
  await assert.rejects(piped, { message: 'stop' });
  assert.strictEqual(new WritableStream().abort() instanceof Promise, true);
  let signal;
  const writable = new WritableStream({ start(given) { signal = given.signal; } });
  await writable.abort('why');
  assert.ok(signal instanceof AbortSignal);
  assert.strictEqual(signal.reason, 'why');

  // What `stream` tells of them.
  const read = ReadableStream.from(['x']);
  assert.strictEqual(stream.isDisturbed(read), false);
  await read.getReader().read();
  assert.strictEqual(stream.isDisturbed(read), true);
  await stream.promises.finished(new ReadableStream({ start(given) { given.close(); } }));
  await assert.rejects(stream.promises.finished(new ReadableStream({ start(given) { given.error(new Error('bad')); } })), { message: 'bad' });
  const stopping = new AbortController();
  for (const web of [new ReadableStream(), new ReadableStream({ type: 'bytes' }), new WritableStream()]) {
    assert.strictEqual(stream.addAbortSignal(stopping.signal, web), web);
  }
  const stopped = stream.addAbortSignal(stopping.signal, new ReadableStream()).getReader();
  stopping.abort();
  await assert.rejects(stopped.read(), { name: 'AbortError', code: 'ABORT_ERR' });
  const sink = new WritableStream();
  const done = stream.promises.finished(sink);
  await sink.close();
  await done;
}
main();
