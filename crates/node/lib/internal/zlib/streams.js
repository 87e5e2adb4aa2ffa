'use strict';
// The classes of zlib: transform streams over the engine's, and running all input through one at once.

const { Buffer, kMaxLength } = require('buffer');
const { codes: { ERR_BUFFER_TOO_LARGE, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE } } = require('internal/errors');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { checkRangesOrGetDefault, validateFiniteNumber, validateUint32 } = require('internal/validators');
const { codes, constants } = require('internal/zlib/constants');
const { Transform, finished } = require('stream');

const native = internalBinding('zlib');

const {
  DEFLATE, DEFLATERAW, GZIP, Z_BLOCK, Z_BUF_ERROR, Z_FINISH, Z_FULL_FLUSH, Z_NO_FLUSH, Z_OK, Z_STREAM_END,
} = constants;

const kFlushFlag = Symbol('kFlushFlag');
const kNothing = Buffer.alloc(0);

const compresses = (format) => format === DEFLATE || format === GZIP || format === DEFLATERAW;

function zlibError(status, message) {
  const error = new Error(message);
  error.errno = status;
  error.code = codes[status];
  return error;
}

function dictionaryOf(dictionary) {
  if (dictionary === undefined || isArrayBufferView(dictionary)) return dictionary;
  if (isAnyArrayBuffer(dictionary)) return Buffer.from(dictionary);
  throw new ERR_INVALID_ARG_TYPE('options.dictionary', ['Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], dictionary);
}

// memLevel and strategy are checked, and are hints that this implementation has no use for.
class ZlibBase extends Transform {
  constructor(options, format) {
    const chunkSize = checkLowest(options?.chunkSize, 'options.chunkSize', constants.Z_MIN_CHUNK, constants.Z_DEFAULT_CHUNK);
    const flush = checkRangesOrGetDefault(options?.flush, 'options.flush', Z_NO_FLUSH, Z_BLOCK, Z_NO_FLUSH);
    const finishFlush = checkRangesOrGetDefault(options?.finishFlush, 'options.finishFlush', Z_NO_FLUSH, Z_BLOCK, Z_FINISH);
    const maxOutputLength = checkRangesOrGetDefault(
      options?.maxOutputLength, 'options.maxOutputLength', 1, kMaxLength, kMaxLength);
    super({ autoDestroy: true, ...options });

    // Decompressors may be told to take the size from the data.
    let windowBits = options?.windowBits;
    if ((windowBits == null || windowBits === 0) && !compresses(format)) windowBits = constants.Z_DEFAULT_WINDOWBITS;
    windowBits = checkRangesOrGetDefault(
      windowBits, 'options.windowBits', format === GZIP ? 9 : constants.Z_MIN_WINDOWBITS, constants.Z_MAX_WINDOWBITS, constants.Z_DEFAULT_WINDOWBITS);
    const level = checkRangesOrGetDefault(
      options?.level, 'options.level', constants.Z_MIN_LEVEL, constants.Z_MAX_LEVEL, constants.Z_DEFAULT_LEVEL);
    checkRangesOrGetDefault(
      options?.memLevel, 'options.memLevel', constants.Z_MIN_MEMLEVEL, constants.Z_MAX_MEMLEVEL, constants.Z_DEFAULT_MEMLEVEL);
    checkRangesOrGetDefault(
      options?.strategy, 'options.strategy', constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_DEFAULT_STRATEGY);
    const dictionary = dictionaryOf(options?.dictionary);

    this.bytesWritten = 0;
    this._format = format;
    this._level = level;
    this._windowBits = Math.max(windowBits, 9);
    this._dictionary = dictionary;
    this._chunkSize = chunkSize;
    this._defaultFlushFlag = flush;
    this._finishFlushFlag = finishFlush;
    this._maxOutputLength = maxOutputLength;
    this._info = Boolean(options?.info);
    this._ended = false;
    this.reset();
  }

  get _closed() {
    return this._handle === null;
  }

  get bytesRead() {
    return this.bytesWritten;
  }

  // Ready for new input, as if nothing had been written.
  reset() {
    const level = this._level === -1 ? 6 : this._level;
    this._ended = false;
    this._handle = native.createStream(this._format, level, this._windowBits, this._dictionary);
  }

  flush(kind, callback) {
    if (typeof kind === 'function' || (kind === undefined && !callback)) {
      callback = kind;
      kind = Z_FULL_FLUSH;
    }
    if (this.writableFinished) {
      if (callback) process.nextTick(callback);
    } else if (this.writableEnded) {
      if (callback) this.once('end', callback);
    } else {
      const marker = Buffer.alloc(0);
      marker[kFlushFlag] = kind;
      this.write(marker, '', callback);
    }
  }

  close(callback) {
    if (callback) finished(this, callback);
    this.destroy();
  }

  _destroy(error, callback) {
    this._handle = null;
    callback(error);
  }

  _transform(chunk, encoding, callback) {
    let flag = this._defaultFlushFlag;
    if (typeof chunk[kFlushFlag] === 'number') flag = chunk[kFlushFlag];
    else if (this.writableEnded && this.writableLength === chunk.byteLength) flag = Math.max(flag, this._finishFlushFlag);
    let failed;
    try {
      failed = this._run(chunk, flag, (bytes) => this.push(bytes));
    } catch (error) {
      failed = error;
    }
    callback(failed);
  }

  _flush(callback) {
    this._transform(kNothing, '', callback);
  }

  // Gives what `chunk` becomes to `take`, in pieces. Answers with an error, or undefined.
  _run(chunk, flag, take, limit = this._chunkSize) {
    let rest = chunk;
    for (;;) {
      if (this._handle === null) return undefined;
      const [output, consumed, status, message] = this._handle(rest, flag, limit);
      this.bytesWritten += consumed;
      for (let from = 0; from < output.byteLength; from += this._chunkSize) {
        take(Buffer.from(output, from, Math.min(this._chunkSize, output.byteLength - from)));
      }
      if (status === Z_STREAM_END) {
        // Bytes after the end of what was compressed are nobody's.
        this._ended = true;
        return undefined;
      }
      if (status !== Z_OK) return zlibError(status, message ?? 'Zlib error');
      if (output.byteLength <= limit) break;
      rest = rest.subarray(consumed);
    }
    if (flag === Z_FINISH && !compresses(this._format) && !this._ended) {
      return zlibError(Z_BUF_ERROR, 'unexpected end of file');
    }
    return undefined;
  }
}

function checkLowest(value, name, lowest, fallback) {
  if (!validateFiniteNumber(value, name)) return fallback;
  if (value < lowest) throw new ERR_OUT_OF_RANGE(name, `>= ${lowest}`, value);
  return value;
}

// Everything at once. The stream is at its end afterwards.
function runSync(engine, buffer) {
  buffer = bytesOf(buffer);
  const { _maxOutputLength: most, _finishFlushFlag: flag } = engine;
  const [output, consumed, status, message] = engine._handle(buffer, flag, most);
  engine.bytesWritten += consumed;
  engine._handle = null;
  if (status !== Z_OK && status !== Z_STREAM_END) throw zlibError(status, message ?? 'Zlib error');
  if (output.byteLength > most) throw new ERR_BUFFER_TOO_LARGE(most);
  if (flag === Z_FINISH && status !== Z_STREAM_END) throw zlibError(Z_BUF_ERROR, 'unexpected end of file');
  const bytes = Buffer.from(output);
  return engine._info ? { buffer: bytes, engine } : bytes;
}

function bytesOf(buffer) {
  if (typeof buffer === 'string') return Buffer.from(buffer);
  if (isArrayBufferView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (isAnyArrayBuffer(buffer)) return new Uint8Array(buffer);
  throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], buffer);
}

function crc32(data, value = 0) {
  if (typeof data !== 'string' && !isArrayBufferView(data)) {
    throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
  validateUint32(value, 'value');
  return native.crc32(bytesOf(data), value);
}

module.exports = { ZlibBase, bytesOf, crc32, runSync };
