'use strict';
// Destroys a stream when a signal aborts; one of the Web's fails.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const { validateAbortSignal } = require('internal/validators');
const { isNodeStream } = require('internal/streams/utils');

const kControllerErrorFunction = Symbol.for('nodejs.webstream.controllerErrorFunction');

function addAbortSignal(signal, stream) {
  if (signal === undefined) throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  if (!isNodeStream(stream) && !stream?.[kControllerErrorFunction]) {
    throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return addAbortSignalNoValidate(signal, stream);
}

function addAbortSignalNoValidate(signal, stream) {
  if (typeof signal !== 'object' || !('aborted' in signal)) return stream;
  const abort = () => {
    const error = new AbortError(undefined, { cause: signal.reason });
    if (isNodeStream(stream)) stream.destroy(error);
    else stream[kControllerErrorFunction](error);
  };
  if (signal.aborted) {
    // The constructor may not have made all of the stream yet.
    if (!isNodeStream(stream) || (stream.listenerCount && stream._events)) abort();
    else process.nextTick(abort);
    return stream;
  }
  const handle = require('events').addAbortListener(signal, abort);
  const dispose = () => handle[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
  const watch = () => require('internal/streams/end_of_stream').eos(stream, dispose);
  if (stream._events || !isNodeStream(stream)) watch();
  else process.nextTick(watch);
  return stream;
}

module.exports = { addAbortSignal, addAbortSignalNoValidate };
