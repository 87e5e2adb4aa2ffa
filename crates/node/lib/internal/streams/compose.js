'use strict';
// compose(): several streams as one, which writes to the first and reads from the last.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { Duplex } = require('internal/streams/duplex');
const { destroyer } = require('internal/streams/destroy');
const { duplexify } = require('internal/streams/duplexify');
const { pipeline } = require('internal/streams/pipeline');
const { isNodeStream, isReadable, isWritable } = require('internal/streams/utils');

function compose(...streams) {
  if (streams.length === 0) throw new ERR_MISSING_ARGS('streams');
  if (streams.length === 1) return duplexify(streams[0], 'streams[0]');
  const originals = [...streams];
  if (typeof streams[0] === 'function') streams[0] = duplexify(streams[0], 'streams[0]');
  if (typeof streams.at(-1) === 'function') {
    streams[streams.length - 1] = duplexify(streams.at(-1), `streams[${streams.length - 1}]`);
  }
  for (let i = 0; i < streams.length; i++) {
    if (!isNodeStream(streams[i])) continue;
    if (i < streams.length - 1 && !isReadable(streams[i])) {
      throw new ERR_INVALID_ARG_VALUE(`streams[${i}]`, originals[i], 'must be readable');
    }
    if (i > 0 && !isWritable(streams[i])) {
      throw new ERR_INVALID_ARG_VALUE(`streams[${i}]`, originals[i], 'must be writable');
    }
  }
  let onDrain;
  let onFinish;
  let onReadable;
  let onClose;

  const [head] = streams;
  const tail = pipeline(...streams, (error) => {
    const callback = onClose;
    onClose = null;
    if (callback) callback(error);
    else if (error) composed.destroy(error);
    else if (!readable && !writable) composed.destroy();
  });
  const writable = Boolean(isWritable(head));
  const readable = Boolean(isReadable(tail));
  const composed = new Duplex({
    writableObjectMode: Boolean(head?.writableObjectMode),
    readableObjectMode: Boolean(tail?.readableObjectMode),
    writable,
    readable,
  });
  if (writable) {
    composed._write = function(chunk, encoding, callback) {
      if (head.write(chunk, encoding)) callback();
      else onDrain = callback;
    };
    composed._final = function(callback) {
      head.end();
      onFinish = callback;
    };
    head.on('drain', () => {
      const callback = onDrain;
      onDrain = null;
      callback?.();
    });
    tail.on('finish', () => {
      const callback = onFinish;
      onFinish = null;
      callback?.();
    });
  }
  if (readable) {
    tail.on('readable', () => {
      const callback = onReadable;
      onReadable = null;
      callback?.();
    });
    tail.on('end', () => composed.push(null));
    composed._read = function() {
      for (;;) {
        const chunk = tail.read();
        if (chunk === null) {
          onReadable = composed._read;
          return;
        }
        if (!composed.push(chunk)) return;
      }
    };
  }
  composed._destroy = function(error, callback) {
    if (!error && onClose !== null) error = new AbortError();
    onReadable = null;
    onDrain = null;
    onFinish = null;
    if (onClose === null) {
      callback(error);
    } else {
      onClose = callback;
      destroyer(tail, error);
    }
  };
  return composed;
}

module.exports = { compose };
