'use strict';
// Streams of files: `fs.createReadStream`, `fs.createWriteStream`. They open their file themselves, and may be given
// functions in place of those of `fs`.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE } } = require('internal/errors');
const { validateAbortSignal, validateFunction, validateInteger } = require('internal/validators');
const { getOptions, toFd, toPath } = require('internal/fs/utils');
const { kEmptyObject } = require('internal/util');
const { Readable, Writable, finished, addAbortSignal } = require('stream');

const kFs = Symbol('kFs');
const kHandle = Symbol('kHandle');
const kIsPerformingIO = Symbol('kIsPerformingIO');
const kIoDone = Symbol('kIoDone');

function copyOptions(options) {
  const copy = {};
  // With properties that are inherited.
  for (const key in options) copy[key] = options[key]; // eslint-disable-line guard-for-in
  return copy;
}

function takeFunctions(stream, options, names) {
  const given = options.fs;
  if (given !== undefined && given !== null && typeof given !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options.fs', 'Object', given);
  }
  stream[kFs] = given || require('fs');
  for (const name of names) {
    if (stream[kFs][name] !== undefined || name !== 'writev') validateFunction(stream[kFs][name], `options.fs.${name}`);
  }
}

// `options.fd` may be a FileHandle, whose functions are used then.
function takeFd(stream, options, writing) {
  if (options.fd === undefined || options.fd === null) {
    stream.fd = null;
    stream.flags = options.flags === undefined ? (writing ? 'w' : 'r') : options.flags;
    stream.mode = options.mode === undefined ? 0o666 : options.mode;
    return;
  }
  if (typeof options.fd === 'number') {
    stream.fd = toFd(options.fd);
    return;
  }
  if (typeof options.fd === 'object' && typeof options.fd.fd === 'number') {
    const handle = options.fd;
    stream[kHandle] = handle;
    stream.fd = handle.fd;
    stream[kFs] = { ...require('fs'), close: (fd, callback) => handle.close().then(() => callback(null), callback) };
    handle.on('close', () => stream.destroy());
    return;
  }
  throw new ERR_INVALID_ARG_TYPE('options.fd', ['number', 'FileHandle'], options.fd);
}

function openFile(stream) {
  stream[kFs].open(stream.path, stream.flags, stream.mode, (error, fd) => {
    if (error) {
      stream._constructed?.(error);
      return;
    }
    stream.fd = fd;
    stream._constructed?.(null);
    stream.emit('open', fd);
    stream.emit('ready');
  });
}

function construct(callback) {
  if (typeof this.fd === 'number') {
    callback();
    return;
  }
  if (this.open !== openNothing) {
    // A program's own way of opening, from when that was how it was done.
    const emit = this.emit;
    this.emit = function (...args) {
      if (args[0] === 'open') {
        this.emit = emit;
        callback();
        Reflect.apply(emit, this, args);
      } else if (args[0] === 'error') {
        this.emit = emit;
        callback(args[1]);
      } else {
        Reflect.apply(emit, this, args);
      }
    };
    this.open();
    return;
  }
  this._constructed = (error) => {
    delete this._constructed;
    callback(error);
  };
  openFile(this);
}

function openNothing() {}

function closeFile(stream, error, callback) {
  const fd = stream.fd;
  stream.fd = null;
  if (fd === null || fd === undefined) {
    callback(error);
    return;
  }
  stream[kFs].close(fd, (closing) => callback(closing || error));
}

// What is being read or written must be done with before its descriptor is closed.
function destroyFile(error, callback) {
  if (this[kIsPerformingIO]) this.once(kIoDone, (other) => closeFile(this, error || other, callback));
  else closeFile(this, error, callback);
}

function checkBounds(start, end) {
  if (start !== undefined) validateInteger(start, 'start', 0);
  if (end !== undefined && end !== Infinity) validateInteger(end, 'end', 0);
  if (start !== undefined && end !== undefined && end !== Infinity && start > end) {
    throw new ERR_OUT_OF_RANGE('start', `<= "end" (here: ${end})`, start);
  }
}

function ReadStream(path, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  options = copyOptions(getOptions(options, kEmptyObject));
  if (options.highWaterMark === undefined) options.highWaterMark = 64 * 1024;
  if (options.autoDestroy === undefined) options.autoDestroy = true;
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  takeFunctions(this, options, ['open', 'read', 'close'].slice(options.fd === undefined || options.fd === null ? 0 : 1));
  takeFd(this, options, false);
  if (this.fd === null) this.path = toPath(path);
  else if (path !== undefined && path !== null) this.path = toPath(path);
  options.autoDestroy = options.autoClose === undefined ? true : options.autoClose;
  checkBounds(options.start, options.end);
  this.start = options.start;
  this.end = options.end ?? Infinity;
  this.pos = options.start;
  this.bytesRead = 0;
  this[kIsPerformingIO] = false;
  const { signal } = options;
  delete options.signal;
  delete options.fs;
  Reflect.apply(Readable, this, [options]);
  if (signal !== undefined) addAbortSignal(signal, this);
  if (options.encoding) this.setEncoding(options.encoding);
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);

ReadStream.prototype.open = openNothing;
ReadStream.prototype._construct = construct;

ReadStream.prototype._read = function (size) {
  size = this.pos !== undefined ? Math.min(this.end - this.pos + 1, size) : Math.min(this.end - this.bytesRead + 1, size);
  if (size <= 0) {
    this.push(null);
    return;
  }
  const buffer = require('buffer').Buffer.allocUnsafeSlow(size);
  this[kIsPerformingIO] = true;
  this[kFs].read(this.fd, buffer, 0, size, this.pos, (error, bytesRead, target) => {
    this[kIsPerformingIO] = false;
    // Whoever destroyed it meanwhile waits for this.
    if (this.destroyed) {
      this.emit(kIoDone, error);
      return;
    }
    if (error) {
      this.destroy(error);
    } else if (bytesRead > 0) {
      if (this.pos !== undefined) this.pos += bytesRead;
      this.bytesRead += bytesRead;
      if (bytesRead !== target.length) {
        // The rest of a large buffer is not kept for a few bytes.
        const small = require('buffer').Buffer.allocUnsafeSlow(bytesRead);
        target.copy(small, 0, 0, bytesRead);
        target = small;
      }
      this.push(target);
    } else {
      this.push(null);
    }
  });
};

ReadStream.prototype._destroy = destroyFile;

ReadStream.prototype.close = function close(callback) {
  if (typeof callback === 'function') finished(this, callback);
  this.destroy();
};

function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  options = copyOptions(getOptions(options, kEmptyObject));
  options.decodeStrings = true;
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  takeFunctions(this, options, ['open', 'write', 'close', 'writev'].slice(options.fd === undefined || options.fd === null ? 0 : 1));
  takeFd(this, options, true);
  if (this.fd === null) this.path = toPath(path);
  else if (path !== undefined && path !== null) this.path = toPath(path);
  options.autoDestroy = options.autoClose === undefined ? true : options.autoClose;
  if (options.start !== undefined) validateInteger(options.start, 'start', 0);
  this.start = options.start;
  this.pos = options.start;
  this.bytesWritten = 0;
  this.flush = options.flush ?? false;
  this[kIsPerformingIO] = false;
  if (!this[kFs].writev) this._writev = null;
  const { signal } = options;
  delete options.signal;
  delete options.fs;
  Reflect.apply(Writable, this, [options]);
  if (signal !== undefined) addAbortSignal(signal, this);
  if (options.encoding) this.setDefaultEncoding(options.encoding);
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);

WriteStream.prototype.open = openNothing;
WriteStream.prototype._construct = construct;

// Writes all of it: the system may take less at a time.
function writeAll(stream, data, position, callback) {
  stream[kFs].write(stream.fd, data, 0, data.length, position, (error, written) => {
    if (error?.code === 'EAGAIN') {
      setImmediate(writeAll, stream, data, position, callback);
      return;
    }
    if (error) {
      callback(error);
      return;
    }
    stream.bytesWritten += written;
    if (written < data.length) {
      const next = position === undefined || position === null ? position : position + written;
      writeAll(stream, data.subarray(written), next, callback);
    } else {
      callback(null);
    }
  });
}

function writeChunk(stream, data, callback) {
  stream[kIsPerformingIO] = true;
  const position = stream.pos;
  if (stream.pos !== undefined) stream.pos += data.length;
  writeAll(stream, data, position, (error) => {
    stream[kIsPerformingIO] = false;
    if (stream.destroyed) {
      callback(error);
      stream.emit(kIoDone, error);
      return;
    }
    callback(error);
  });
}

WriteStream.prototype._write = function (data, encoding, callback) {
  writeChunk(this, data, callback);
};

WriteStream.prototype._writev = function (chunks, callback) {
  writeChunk(this, require('buffer').Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
};

WriteStream.prototype._final = function (callback) {
  if (this.flush && typeof this.fd === 'number') this[kFs].fsync(this.fd, callback);
  else callback();
};

WriteStream.prototype._destroy = destroyFile;

WriteStream.prototype.close = function close(callback) {
  if (callback) {
    if (this.closed) {
      process.nextTick(callback);
      return;
    }
    this.on('close', callback);
  }
  // Without autoClose, ending does not destroy it.
  if (!this._writableState.autoDestroy) this.on('finish', this.destroy);
  this.end();
};

WriteStream.prototype.destroySoon = WriteStream.prototype.end;

for (const Stream of [ReadStream, WriteStream]) {
  Object.defineProperty(Stream.prototype, 'autoClose', {
    __proto__: null,
    get() { return (this._readableState ?? this._writableState).autoDestroy; },
    set(value) { (this._readableState ?? this._writableState).autoDestroy = value; },
    configurable: true,
  });
  Object.defineProperty(Stream.prototype, 'pending', {
    __proto__: null,
    get() { return this.fd === null; },
    configurable: true,
  });
}

module.exports = { ReadStream, WriteStream };
