'use strict';
// pipeline(): connects streams, iterables and functions, and ends them all together.

const {
  AbortError,
  aggregateTwoErrors,
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_RETURN_VALUE, ERR_MISSING_ARGS, ERR_STREAM_DESTROYED, ERR_STREAM_PREMATURE_CLOSE,
  },
} = require('internal/errors');
const { validateAbortSignal, validateFunction } = require('internal/validators');
const { destroyer } = require('internal/streams/destroy');
const { eos, once } = require('internal/streams/end_of_stream');
const {
  isIterable, isNodeStream, isReadable, isReadableFinished, isReadableNodeStream,
} = require('internal/streams/utils');

const isOfTheWeb = (stream) => typeof stream === 'object' && stream !== null && !isNodeStream(stream) &&
  Boolean(stream.getReader || stream.getWriter || stream.readable?.getReader);

function isLastOptions(value) {
  return value && typeof value === 'object' && !isNodeStream(value) && !isIterable(value) &&
    !isOfTheWeb(value);
}

function watch(stream, reading, writing) {
  let finished = false;
  stream.on('close', () => { finished = true; });
  const cleanup = eos(stream, { readable: reading, writable: writing }, (error) => { finished = !error; });
  return {
    destroy(error) {
      if (finished) return;
      finished = true;
      destroyer(stream, error || new ERR_STREAM_DESTROYED('pipe'));
    },
    cleanup,
  };
}

function toAsyncIterable(value) {
  if (isIterable(value)) return value;
  // Streams of older kinds.
  if (isReadableNodeStream(value)) {
    return { async* [Symbol.asyncIterator]() { yield* require('internal/streams/readable').Readable.prototype[Symbol.asyncIterator].call(value); } };
  }
  throw new ERR_INVALID_ARG_TYPE('val', ['Readable', 'Iterable', 'AsyncIterable'], value);
}

async function pumpToNode(iterable, writable, finish, { end }) {
  let error;
  let wake = null;
  const resume = (failed) => {
    if (failed) error = failed;
    if (wake) {
      const callback = wake;
      wake = null;
      callback();
    }
  };
  const wait = () => new Promise((resolve, reject) => {
    if (error) {
      reject(error);
    } else {
      wake = () => (error ? reject(error) : resolve());
    }
  });
  writable.on('drain', resume);
  const cleanup = eos(writable, { readable: false }, resume);
  try {
    if (writable.writableNeedDrain) await wait();
    for await (const chunk of iterable) {
      if (!writable.write(chunk)) await wait();
    }
    if (end) {
      writable.end();
      await wait();
    }
    finish();
  } catch (failed) {
    finish(error !== failed ? aggregateTwoErrors(error, failed) : failed);
  } finally {
    cleanup();
    writable.off('drain', resume);
  }
}

function pipe(source, target, finish, { end }) {
  let ended = false;
  target.on('close', () => {
    if (!ended) finish(new ERR_STREAM_PREMATURE_CLOSE());
  });
  source.pipe(target, { end: false });
  if (end) {
    const endTarget = () => {
      ended = true;
      target.end();
    };
    if (isReadableFinished(source)) process.nextTick(endTarget);
    else source.once('end', endTarget);
  } else {
    finish();
  }
  eos(source, { readable: true, writable: false }, (error) => {
    const state = source._readableState;
    if (error && error.code === 'ERR_STREAM_PREMATURE_CLOSE' && state?.ended && !state.errored && !state.errorEmitted) {
      // All has been read; what follows is only closing.
      source.once('end', finish).once('error', finish);
    } else {
      finish(error);
    }
  });
  return eos(target, { readable: false, writable: true }, finish);
}

function pipeline(...streams) {
  validateFunction(streams.at(-1), 'streams[stream.length - 1]');
  return run(streams, once(streams.pop()));
}

function run(streams, callback, options) {
  if (streams.length === 1 && Array.isArray(streams[0])) streams = streams[0];
  if (streams.length < 2) throw new ERR_MISSING_ARGS('streams');
  if (streams.some(isOfTheWeb)) streams = streams.map(require('internal/streams/web').nodeStreamOf);
  const controller = new AbortController();
  const { signal } = controller;
  const outer = options?.signal;
  // Functions at the end decide themselves when they are done.
  const destroys = [];
  const cleanups = [];
  validateAbortSignal(outer, 'options.signal');
  let error;
  let value;
  let pending = 0;
  const dispose = outer ? require('events').addAbortListener(outer, () => finishAll(new AbortError(undefined, { cause: outer.reason }), true)) : undefined;

  function finish(failed) {
    finishAll(failed, --pending === 0);
  }

  function finishAll(failed, final) {
    if (failed && (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) error = failed;
    if (!error && !final) return;
    while (destroys.length > 0) destroys.shift()(error);
    dispose?.[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    controller.abort();
    if (final) {
      if (!error) cleanups.forEach((cleanup) => cleanup());
      process.nextTick(callback, error, value);
    }
  }

  let result;
  for (let i = 0; i < streams.length; i++) {
    const stream = streams[i];
    const reading = i < streams.length - 1;
    const writing = i > 0;
    const end = reading || options?.end !== false;
    const isLast = i === streams.length - 1;
    if (isNodeStream(stream)) {
      if (end) {
        const { destroy, cleanup } = watch(stream, reading, writing);
        destroys.push(destroy);
        if (isReadable(stream) && isLast) cleanups.push(cleanup);
      }
      // Errors of streams that nobody else watches must not be uncaught.
      stream.on('error', onStreamError);
      if (isReadable(stream) && isLast) cleanups.push(() => stream.removeListener('error', onStreamError));
    }
    if (i === 0) {
      if (typeof stream === 'function') {
        result = stream({ signal });
        if (!isIterable(result)) throw new ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or Stream', 'source', result);
      } else if (isIterable(stream) || isReadableNodeStream(stream)) {
        result = stream;
      } else {
        result = require('internal/streams/duplex').Duplex.from(stream);
      }
    } else if (typeof stream === 'function') {
      result = stream(toAsyncIterable(result), { signal });
      if (reading) {
        if (!isIterable(result, true)) throw new ERR_INVALID_RETURN_VALUE('AsyncIterable', `transform[${i - 1}]`, result);
      } else {
        // The pipeline gives a stream, whatever its last function gives.
        const { PassThrough } = require('internal/streams/transform');
        const through = new PassThrough({ objectMode: true });
        const then = result?.then;
        if (typeof then === 'function') {
          pending++;
          then.call(result, (settled) => {
            value = settled;
            if (settled != null) through.write(settled);
            if (end) through.end();
            process.nextTick(finish);
          }, (failed) => {
            through.destroy(failed);
            process.nextTick(finish, failed);
          });
        } else if (isIterable(result, true)) {
          pending++;
          pumpToNode(result, through, finish, { end });
        } else {
          throw new ERR_INVALID_RETURN_VALUE('AsyncIterable or Promise', 'destination', result);
        }
        result = through;
        const { destroy, cleanup } = watch(result, false, true);
        destroys.push(destroy);
        if (isLast) cleanups.push(cleanup);
      }
    } else if (isNodeStream(stream)) {
      if (isReadableNodeStream(result)) {
        pending += 2;
        const cleanup = pipe(result, stream, finish, { end });
        if (isReadable(stream) && isLast) cleanups.push(cleanup);
      } else if (isIterable(result)) {
        pending++;
        pumpToNode(result, stream, finish, { end });
      } else {
        throw new ERR_INVALID_ARG_TYPE('val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], result);
      }
      result = stream;
    } else {
      result = require('internal/streams/duplex').Duplex.from(stream);
    }
  }

  function onStreamError(failed) {
    if (failed && failed.name !== 'AbortError' && failed.code !== 'ERR_STREAM_PREMATURE_CLOSE') finishOnly(failed);
  }

  function finishOnly(failed) {
    finishAll(failed, false);
  }

  if (outer?.aborted) process.nextTick(() => finishAll(new AbortError(undefined, { cause: outer.reason }), false));
  return result;
}

// The form that gives a promise; the last argument may be options.
function pipelinePromise(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    if (isLastOptions(streams.at(-1))) ({ signal, end } = streams.pop());
    run(streams, once((error, value) => (error ? reject(error) : resolve(value))), { signal, end });
  });
}

module.exports = { isLastOptions, pipeline, pipelinePromise, run };
