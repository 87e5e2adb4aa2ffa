'use strict';
// finished(): tells when a stream is done, in whichever way it ends.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_STREAM_PREMATURE_CLOSE },
} = require('internal/errors');
const {
  validateAbortSignal, validateBoolean, validateFunction, validateObject,
} = require('internal/validators');
const {
  isClosed, isErrored, isNodeStream, isReadable, isReadableFinished, isReadableNodeStream, isRequest,
  isServerRequest, isWritable, isWritableFinished, isWritableNodeStream, willEmitClose, kIsClosedPromise,
} = require('internal/streams/utils');

function nop() {}

function once(callback) {
  let called = false;
  return function(...args) {
    if (called) return;
    called = true;
    Reflect.apply(callback, this, args);
  };
}

function eos(stream, options, callback) {
  if (arguments.length === 2) {
    callback = options;
    options = {};
  } else if (options == null) {
    options = {};
  } else {
    validateObject(options, 'options');
  }
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');
  callback = once(callback);
  if (stream?.[kIsClosedPromise]) return eosWeb(stream, options, callback);
  if (!isNodeStream(stream)) {
    throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }

  const readable = options.readable ?? isReadableNodeStream(stream);
  const writable = options.writable ?? isWritableNodeStream(stream);
  const writableState = stream._writableState;
  const readableState = stream._readableState;

  // Streams that do not announce it by 'close' are done when both sides are.
  const closes = willEmitClose(stream) &&
    isReadableNodeStream(stream) === readable && isWritableNodeStream(stream) === writable;
  let writableFinished = isWritableFinished(stream, false);
  let readableFinished = isReadableFinished(stream, false);
  let closed = isClosed(stream);

  const onLegacyFinish = () => {
    if (!stream.writable) onFinish();
  };

  const onFinish = () => {
    writableFinished = true;
    // Destroyed by somebody: 'close' will tell how it went.
    if (stream.destroyed) return;
    if (closes && (!stream.readable || readable)) return;
    if (!readable || readableFinished) callback.call(stream);
  };

  const onEnd = () => {
    readableFinished = true;
    if (stream.destroyed) return;
    if (closes && (!stream.writable || writable)) return;
    if (!writable || writableFinished) callback.call(stream);
  };

  const onError = (error) => callback.call(stream, error);

  const onClose = () => {
    closed = true;
    const errored = isErrored(stream) && (writableState?.errored || readableState?.errored);
    if (errored && typeof errored !== 'boolean') {
      callback.call(stream, errored);
      return;
    }
    if (readable && !readableFinished && isReadableNodeStream(stream, true) && !isReadableFinished(stream, false)) {
      callback.call(stream, new ERR_STREAM_PREMATURE_CLOSE());
      return;
    }
    if (writable && !writableFinished && !isWritableFinished(stream, false)) {
      callback.call(stream, new ERR_STREAM_PREMATURE_CLOSE());
      return;
    }
    callback.call(stream);
  };

  const onClosed = () => {
    closed = true;
    const errored = isErrored(stream) && (writableState?.errored || readableState?.errored);
    if (errored && typeof errored !== 'boolean') callback.call(stream, errored);
    else callback.call(stream);
  };

  const onRequest = () => stream.req.on('finish', onFinish);

  if (isRequest(stream)) {
    stream.on('complete', onFinish);
    if (!closes) stream.on('abort', onClose);
    if (stream.req) onRequest();
    else stream.on('request', onRequest);
  } else if (writable && !writableState) {
    stream.on('end', onLegacyFinish);
    stream.on('close', onLegacyFinish);
  }
  if (!closes && typeof stream.aborted === 'boolean') stream.on('aborted', onClose);
  stream.on('end', onEnd);
  stream.on('finish', onFinish);
  if (options.error !== false) stream.on('error', onError);
  stream.on('close', onClose);

  // It may be done already: then the callback comes in the next tick.
  if (closed) {
    process.nextTick(onClose);
  } else if (writableState?.errorEmitted || readableState?.errorEmitted) {
    if (!closes) process.nextTick(onClosed);
  } else if (!readable && (!closes || isReadable(stream)) && (writableFinished || isWritable(stream) === false) &&
             (writableState == null || writableState.pendingcb === undefined || writableState.pendingcb === 0)) {
    process.nextTick(onClosed);
  } else if (!writable && (!closes || isWritable(stream)) && (readableFinished || isReadable(stream) === false)) {
    process.nextTick(onClosed);
  } else if (readableState && stream.req && stream.aborted) {
    process.nextTick(onClosed);
  }

  const cleanup = () => {
    callback = nop;
    stream.removeListener('aborted', onClose);
    stream.removeListener('complete', onFinish);
    stream.removeListener('abort', onClose);
    stream.removeListener('request', onRequest);
    if (stream.req) stream.req.removeListener('finish', onFinish);
    stream.removeListener('end', onLegacyFinish);
    stream.removeListener('close', onLegacyFinish);
    stream.removeListener('finish', onFinish);
    stream.removeListener('end', onEnd);
    stream.removeListener('error', onError);
    stream.removeListener('close', onClose);
  };

  if (options.signal && !closed) {
    const abort = () => {
      const end = callback;
      cleanup();
      end.call(stream, new AbortError(undefined, { cause: options.signal.reason }));
    };
    if (options.signal.aborted) {
      process.nextTick(abort);
    } else {
      const { addAbortListener } = require('events');
      const handle = addAbortListener(options.signal, abort);
      const original = callback;
      callback = once((...args) => {
        handle[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
        Reflect.apply(original, stream, args);
      });
    }
  }
  return cleanup;
}

function eosWeb(stream, options, callback) {
  stream[kIsClosedPromise].promise.then(() => process.nextTick(() => callback.call(stream)),
    (error) => process.nextTick(() => callback.call(stream, error)));
  return nop;
}

// The form that gives a promise.
function finished(stream, options) {
  let autoCleanup = false;
  if (options === null) options = {};
  if (options?.cleanup) {
    validateBoolean(options.cleanup, 'cleanup');
    autoCleanup = options.cleanup;
  }
  return new Promise((resolve, reject) => {
    const cleanup = eos(stream, options ?? {}, (error) => {
      if (autoCleanup) cleanup();
      if (error) reject(error);
      else resolve();
    });
  });
}

module.exports = { eos, finished, once };
