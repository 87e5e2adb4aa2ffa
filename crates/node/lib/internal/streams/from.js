'use strict';
// Readable.from(): a stream of the items of an iterable.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_STREAM_NULL_VALUES },
} = require('internal/errors');
const { Buffer } = require('buffer');

function from(Readable, iterable, options) {
  // One chunk, not its characters or bytes.
  if (typeof iterable === 'string' || iterable instanceof Buffer) {
    return new Readable({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  let iterator;
  let isAsync;
  if (iterable?.[Symbol.asyncIterator]) {
    isAsync = true;
    iterator = iterable[Symbol.asyncIterator]();
  } else if (iterable?.[Symbol.iterator]) {
    isAsync = false;
    iterator = iterable[Symbol.iterator]();
  } else {
    throw new ERR_INVALID_ARG_TYPE('iterable', ['Iterable'], iterable);
  }
  const readable = new Readable({ objectMode: true, highWaterMark: 1, ...options });
  let reading = false;
  let waitsForAsync = false;

  readable._read = function() {
    if (reading) return;
    reading = true;
    if (isAsync) nextAsync();
    else nextSync();
  };

  readable._destroy = function(error, callback) {
    closeIterator(error).then(
      () => process.nextTick(callback, error),
      (failed) => process.nextTick(callback, failed || error));
  };

  async function closeIterator(error) {
    const failed = error !== undefined && error !== null;
    if (failed && typeof iterator.throw === 'function') {
      const { value, done } = await iterator.throw(error);
      await value;
      if (done) return;
    }
    if (typeof iterator.return === 'function') {
      const { value } = await iterator.return();
      await value;
    }
  }

  // Gives items as they are, as long as they are no promises and there is room.
  function nextSync() {
    for (;;) {
      try {
        const { value, done } = iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        if (value && typeof value.then === 'function') {
          waitsForAsync = true;
          settle(value);
          return;
        }
        if (value === null) throw new ERR_STREAM_NULL_VALUES();
        if (readable.push(value)) continue;
        reading = false;
      } catch (error) {
        readable.destroy(error);
      }
      return;
    }
  }

  async function settle(promise) {
    try {
      const value = await promise;
      waitsForAsync = false;
      if (value === null) throw new ERR_STREAM_NULL_VALUES();
      if (readable.push(value)) nextSync();
      else reading = false;
    } catch (error) {
      if (waitsForAsync) waitsForAsync = false;
      readable.destroy(error);
    }
  }

  async function nextAsync() {
    for (;;) {
      try {
        const { value, done } = await iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        if (value === null) throw new ERR_STREAM_NULL_VALUES();
        if (readable.push(value)) continue;
        reading = false;
      } catch (error) {
        readable.destroy(error);
      }
      return;
    }
  }
  return readable;
}

module.exports = { from };
