'use strict';
// Conversions between Node's streams and the Web's.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const { validateBoolean, validateObject, validateOneOf } = require('internal/validators');
const { Buffer } = require('buffer');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isDestroyed, isReadable, isReadableNodeStream, isWritable, isWritableEnded, isWritableNodeStream,
} = require('internal/streams/utils');
const { get, isReadableStream, isWritableStream } = require('internal/webstreams/classes');

const nop = () => {};

// How a conversion ends: a stream that was closed too early was aborted, as the Web has it.
function endOf(error) {
  if (error?.code !== 'ERR_STREAM_PREMATURE_CLOSE') return error;
  return new AbortError(undefined, { cause: error });
}

function strategyOf(objectMode, highWaterMark, { strategy } = {}) {
  if (strategy !== undefined) return strategy;
  return new (get(objectMode ? 'CountQueuingStrategy' : 'ByteLengthQueuingStrategy'))({ highWaterMark });
}

function bytesOf(chunk, objectMode) {
  if (objectMode || !Buffer.isBuffer(chunk)) return chunk;
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function readableToWeb(readable, options = {}) {
  if (!isReadableNodeStream(readable)) {
    throw new ERR_INVALID_ARG_TYPE('streamReadable', 'stream.Readable', readable);
  }
  validateObject(options, 'options');
  if (options.type !== undefined) validateOneOf(options.type, 'options.type', ['bytes', undefined]);
  const ReadableStream = get('ReadableStream');
  if (isDestroyed(readable) || !isReadable(readable)) {
    const stream = new ReadableStream(options.type === 'bytes' ? { type: 'bytes' } : {});
    stream.cancel();
    return stream;
  }
  const { readableObjectMode: objectMode, readableHighWaterMark: highWaterMark } = readable;
  const isBytes = options.type === 'bytes';
  let controller;
  let isOver = false;

  const onData = (chunk) => {
    controller.enqueue(isBytes && typeof chunk === 'string' ? Buffer.from(chunk) : bytesOf(chunk, objectMode));
    if (controller.desiredSize <= 0) readable.pause();
  };
  readable.pause();
  const cleanup = eos(readable, (error) => {
    cleanup();
    // What fails from now on is nobody's.
    readable.on('error', nop);
    if (isOver) return;
    isOver = true;
    if (error) {
      controller.error(endOf(error));
      return;
    }
    controller.close();
    controller.byobRequest?.respond(0);
  });
  readable.on('data', onData);
  const source = {
    start(given) { controller = given; },
    pull() { readable.resume(); },
    cancel(reason) {
      isOver = true;
      destroyer(readable, reason);
    },
  };
  if (isBytes) return new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: options.strategy?.highWaterMark ?? 0 });
  return new ReadableStream(source, strategyOf(objectMode, highWaterMark, options));
}

// What waits for the callback of a stream's method, whose own failures must not be lost.
function answer(callback, error) {
  try {
    callback(error);
  } catch (failed) {
    process.nextTick(() => { throw failed; });
  }
}

// The methods of a Readable that reads from a stream of the Web.
function reading(stream, self) {
  const reader = stream.getReader();
  let isClosed = false;
  reader.closed.then(() => { isClosed = true; }, (error) => {
    isClosed = true;
    destroyer(self(), error);
  });
  return {
    read() {
      const readable = self();
      reader.read().then(({ done, value }) => {
        readable.push(done ? null : value);
      }, (error) => destroyer(readable, error));
    },
    cancel(error) {
      return isClosed ? undefined : reader.cancel(error);
    },
  };
}

function checkOptions(options) {
  validateObject(options, 'options');
  const { objectMode = false, encoding } = options;
  validateBoolean(objectMode, 'options.objectMode');
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE('options.encoding', encoding);
  }
}

function readableFromWeb(stream, options = {}) {
  if (!isReadableStream(stream)) throw new ERR_INVALID_ARG_TYPE('readableStream', 'ReadableStream', stream);
  checkOptions(options);
  const { objectMode = false, highWaterMark, encoding, signal } = options;
  const { Readable } = require('internal/streams/readable');
  const source = reading(stream, () => readable);
  const readable = new Readable({
    objectMode, highWaterMark, encoding, signal,
    read: source.read,
    destroy(error, callback) {
      Promise.resolve(source.cancel(error)).then(() => answer(callback, error), (failed) => answer(callback, failed));
    },
  });
  return readable;
}

function writableToWeb(writable) {
  if (!isWritableNodeStream(writable)) {
    throw new ERR_INVALID_ARG_TYPE('streamWritable', 'stream.Writable', writable);
  }
  const WritableStream = get('WritableStream');
  if (isDestroyed(writable) || !isWritable(writable)) {
    const stream = new WritableStream();
    stream.close();
    return stream;
  }
  const { writableObjectMode: objectMode, writableHighWaterMark: highWaterMark } = writable;
  const strategy = objectMode ? strategyOf(objectMode, highWaterMark) : { highWaterMark };
  let controller;
  let drained; // who waits for room
  let closing; // who waits for the end
  let isOver = false;

  const cleanup = eos(writable, (error) => {
    error = endOf(error);
    cleanup();
    writable.on('error', nop);
    isOver = true;
    if (error != null) {
      drained?.reject(error);
      drained = undefined;
      // A close that is waited for fails by itself.
      if (closing !== undefined) closing.reject(error);
      else controller.error(error);
      closing = undefined;
      return;
    }
    if (closing !== undefined) {
      closing.resolve();
      closing = undefined;
      return;
    }
    controller.error(new AbortError());
  });
  writable.on('drain', () => {
    drained?.resolve();
    drained = undefined;
  });
  return new WritableStream({
    start(given) { controller = given; },
    write(chunk) {
      if (!writable.writableNeedDrain && writable.write(chunk)) return undefined;
      const waited = writable.writableNeedDrain && drained === undefined;
      if (!waited) writable.write(chunk);
      drained ??= Promise.withResolvers();
      return drained.promise;
    },
    abort(reason) { destroyer(writable, reason); },
    close() {
      if (isOver || (closing === undefined && isWritableEnded(writable))) return undefined;
      closing = Promise.withResolvers();
      const { promise } = closing;
      writable.end();
      return promise;
    },
  }, strategy);
}

// The methods of a Writable that writes to a stream of the Web.
function writing(stream, self) {
  const writer = stream.getWriter();
  let isClosed = false;
  writer.closed.then(() => { isClosed = true; }, (error) => {
    isClosed = true;
    destroyer(self(), error);
  });
  const write = (chunks, callback) => {
    writer.ready.then(() => Promise.all(chunks.map((chunk) => writer.write(chunk)))).then(
      () => answer(callback), (error) => {
        answer(callback, error);
        destroyer(self(), error);
      });
  };
  return {
    write: (chunk, encoding, callback) => write([chunk], callback),
    writev: (chunks, callback) => write(chunks.map(({ chunk }) => chunk), callback),
    final(callback) {
      if (isClosed) {
        process.nextTick(callback);
        return;
      }
      writer.close().then(() => answer(callback), (error) => answer(callback, error));
    },
    end(error) {
      if (isClosed) return undefined;
      return error == null ? writer.close() : writer.abort(error);
    },
  };
}

function toBytes(chunk, encoding) {
  if (typeof chunk !== 'string') return chunk;
  const { buffer, byteOffset, byteLength } = Buffer.from(chunk, encoding);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function writableFromWeb(stream, options = {}) {
  if (!isWritableStream(stream)) throw new ERR_INVALID_ARG_TYPE('writableStream', 'WritableStream', stream);
  validateObject(options, 'options');
  const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
  validateBoolean(objectMode, 'options.objectMode');
  validateBoolean(decodeStrings, 'options.decodeStrings');
  const { Writable } = require('internal/streams/writable');
  const target = writing(stream, () => writable);
  const writable = new Writable({
    highWaterMark, objectMode, decodeStrings, signal,
    write: (chunk, encoding, callback) => target.write(objectMode || !decodeStrings ? chunk : toBytes(chunk, encoding), encoding, callback),
    writev: (chunks, callback) => target.writev(chunks, callback),
    final: target.final,
    destroy(error, callback) {
      Promise.resolve(target.end(error)).then(() => answer(callback, error), () => answer(callback, error));
    },
  });
  return writable;
}

function duplexToWeb(duplex) {
  if (typeof duplex?._writableState !== 'object' || typeof duplex?._readableState !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('duplex', 'stream.Duplex', duplex);
  }
  if (isDestroyed(duplex)) {
    const writable = new (get('WritableStream'))();
    const readable = new (get('ReadableStream'))();
    writable.close();
    readable.cancel();
    return { readable, writable };
  }
  const writable = writableToWeb(duplex);
  if (!isWritable(duplex)) writable.close();
  const readable = isReadable(duplex) ? readableToWeb(duplex) : new (get('ReadableStream'))();
  if (!isReadable(duplex)) readable.cancel();
  return { writable, readable };
}

function duplexFromWeb(pair = {}, options = {}) {
  validateObject(pair, 'pair');
  const { readable, writable } = pair;
  if (!isReadableStream(readable)) throw new ERR_INVALID_ARG_TYPE('pair.readable', 'ReadableStream', readable);
  if (!isWritableStream(writable)) throw new ERR_INVALID_ARG_TYPE('pair.writable', 'WritableStream', writable);
  checkOptions(options);
  const { allowHalfOpen = false, objectMode = false, encoding, decodeStrings = true, highWaterMark, signal } = options;
  const { Duplex } = require('internal/streams/duplex');
  const source = reading(readable, () => duplex);
  const target = writing(writable, () => duplex);
  const duplex = new Duplex({
    allowHalfOpen, highWaterMark, objectMode, encoding, decodeStrings, signal,
    read: source.read,
    write: target.write,
    writev: target.writev,
    final: target.final,
    destroy(error, callback) {
      Promise.all([target.end(error), source.cancel(error)]).then(
        () => answer(callback, error), () => answer(callback, error));
    },
  });
  return duplex;
}

// What `pipeline` and `Duplex.from` are given, as a stream of Node where it is one of the Web's.
function nodeStreamOf(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.getReader === 'function' && isReadableStream(value)) return readableFromWeb(value, { objectMode: true });
  if (typeof value.getWriter === 'function' && isWritableStream(value)) return writableFromWeb(value, { objectMode: true });
  const { readable, writable } = value;
  if (typeof readable?.getReader === 'function' && typeof writable?.getWriter === 'function' &&
      isReadableStream(readable) && isWritableStream(writable)) {
    return duplexFromWeb({ readable, writable }, { objectMode: true });
  }
  return value;
}

module.exports = {
  duplexFromWeb, duplexToWeb, nodeStreamOf, readableFromWeb, readableToWeb, writableFromWeb, writableToWeb,
};
