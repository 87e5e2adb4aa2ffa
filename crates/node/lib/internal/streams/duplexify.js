'use strict';
// Duplex.from(): a duplex stream of whatever can be read, written or both.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_RETURN_VALUE },
} = require('internal/errors');
const { Duplex } = require('internal/streams/duplex');
const { Readable } = require('internal/streams/readable');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isDuplexNodeStream, isIterable, isNodeStream, isReadable, isReadableNodeStream, isWritable, isWritableNodeStream,
} = require('internal/streams/utils');

function duplexify(body, name) {
  if (isDuplexNodeStream(body)) return body;
  if (isReadableNodeStream(body)) return duplexOf({ readable: body });
  if (isWritableNodeStream(body)) return duplexOf({ writable: body });
  if (isNodeStream(body)) return duplexOf({ writable: false, readable: false });
  if (body?.getWriter || body?.getReader || body?.readable?.getReader) {
    const stream = require('internal/streams/web').nodeStreamOf(body);
    if (stream !== body) return duplexify(stream, name);
  }
  if (typeof body === 'function') return fromFunction(body, name);
  if (body?.constructor?.name === 'Blob') return duplexify(body.arrayBuffer(), name);
  if (isIterable(body)) return Readable.from.call(Duplex, body, { objectMode: true, writable: false });
  if (typeof body?.writable === 'object' || typeof body?.readable === 'object') {
    const readable = body.readable && (isReadableNodeStream(body.readable) ? body.readable : duplexify(body.readable, name));
    const writable = body.writable && (isWritableNodeStream(body.writable) ? body.writable : duplexify(body.writable, name));
    return duplexOf({ readable, writable });
  }
  if (typeof body?.then === 'function') return fromPromise(body);
  throw new ERR_INVALID_ARG_TYPE(name, [
    'Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable', 'AsyncIterable', 'Function',
    '{ readable, writable } pair', 'Promise',
  ], body);
}

function fromPromise(promise) {
  let duplex;
  promise.then((value) => {
    if (value != null) duplex.push(value);
    duplex.push(null);
  }, (error) => destroyer(duplex, error));
  return duplex = new Duplex({ objectMode: true, writable: false, read() {} });
}

function fromFunction(body, name) {
  // What is written is given to the function as an iterable.
  let wake;
  const waiting = () => new Promise((resolve) => { wake = resolve; });
  let arrival = waiting();
  const controller = new AbortController();
  const { signal } = controller;
  const value = body(async function* () {
    for (;;) {
      const { chunk, done, callback } = await arrival;
      arrival = waiting();
      process.nextTick(callback);
      if (done) return;
      if (signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
      yield chunk;
    }
  }(), { signal });
  const write = (chunk, encoding, callback) => wake({ chunk, done: false, callback });
  const final = (callback) => wake({ done: true, callback });
  const destroy = (error, callback) => {
    controller.abort();
    callback(error);
  };
  if (isIterable(value)) {
    return require('internal/streams/from').from(Duplex, value, { objectMode: true, write, final });
  }
  if (typeof value?.then === 'function') {
    let duplex;
    const settled = value.then((result) => {
      if (result != null) throw new ERR_INVALID_RETURN_VALUE('nully', 'body', result);
    });
    settled.catch((error) => destroyer(duplex, error));
    return duplex = new Duplex({
      objectMode: true,
      readable: false,
      write,
      final(callback) {
        final(async () => {
          try {
            await settled;
            process.nextTick(callback, null);
          } catch (error) {
            process.nextTick(callback, error);
          }
        });
      },
      destroy,
    });
  }
  throw new ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or AsyncFunction', name, value);
}

// One stream that reads from one and writes to another.
function duplexOf({ readable: source, writable: target }) {
  const readableStream = source && typeof source.read !== 'function' ? Readable.wrap(source) : source;
  let readable = Boolean(readableStream) && isReadable(readableStream) !== false;
  let writable = Boolean(target) && isWritable(target) !== false;
  let onDrain;
  let onFinish;
  let onReadable;
  let onClose;

  function onFinished(error) {
    const callback = onClose;
    onClose = null;
    if (callback) callback(error);
    else if (error) duplex.destroy(error);
  }

  const duplex = new Duplex({
    readableObjectMode: Boolean(readableStream?.readableObjectMode),
    writableObjectMode: Boolean(target?.writableObjectMode),
    readable,
    writable,
  });

  if (writable) {
    eos(target, (error) => {
      writable = false;
      if (error) destroyer(readableStream, error);
      onFinished(error);
    });
    duplex._write = function(chunk, encoding, callback) {
      if (target.write(chunk, encoding)) callback();
      else onDrain = callback;
    };
    duplex._final = function(callback) {
      target.end();
      onFinish = callback;
    };
    target.on('drain', () => {
      const callback = onDrain;
      onDrain = null;
      callback?.();
    });
    target.on('finish', () => {
      const callback = onFinish;
      onFinish = null;
      callback?.();
    });
  }
  if (readable) {
    eos(readableStream, (error) => {
      readable = false;
      if (error) destroyer(readableStream, error);
      onFinished(error);
    });
    readableStream.on('readable', () => {
      const callback = onReadable;
      onReadable = null;
      callback?.();
    });
    readableStream.on('end', () => duplex.push(null));
    duplex._read = function() {
      for (;;) {
        const chunk = readableStream.read();
        if (chunk === null) {
          onReadable = duplex._read;
          return;
        }
        if (!duplex.push(chunk)) return;
      }
    };
  }
  duplex._destroy = function(error, callback) {
    if (!error && onClose !== null) error = new AbortError();
    onReadable = null;
    onDrain = null;
    onFinish = null;
    if (!readable && !writable) {
      callback(error);
      return;
    }
    onClose = callback;
    destroyer(target, error);
    destroyer(readableStream, error);
  };
  return duplex;
}

module.exports = { duplexOf, duplexify };
