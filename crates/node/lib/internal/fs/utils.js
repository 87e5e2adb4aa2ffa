'use strict';
// Checks and conversions of the arguments of `fs`, and its small classes. Calls nothing of the system.

const { codes, UVException } = require('internal/errors');
const { isUint8Array } = require('internal/util/types');
const {
  isInt32, parseFileMode, validateAbortSignal, validateFunction, validateInteger, validateObject,
} = require('internal/validators');
const constants = require('internal/fs/constants');

const {
  ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE,
} = codes;

const lazyBuffer = () => require('buffer').Buffer;

// How a failed system call is reported: `errno` is negative.
function systemError(errno, syscall, path, dest) {
  const { errorName } = require('internal/uv_errors');
  const context = { errno, code: errorName(errno), syscall };
  if (path !== undefined) context.path = showPath(path);
  if (dest !== undefined) context.dest = showPath(dest);
  return UVException(context);
}

function showPath(path) {
  if (typeof path === 'string') return path;
  return lazyBuffer().from(path.buffer, path.byteOffset, path.byteLength).toString();
}

function isUrl(value) {
  return Boolean(value?.href && value.protocol && value.auth === undefined && value.path === undefined);
}

// A path as the binding takes it: a string or a Uint8Array.
function toPath(value, name = 'path') {
  if (typeof value === 'string') {
    if (value.includes('\u0000')) throw invalidPath(name, value);
    return value;
  }
  if (isUint8Array(value)) {
    if (value.includes(0)) throw invalidPath(name, value);
    return value;
  }
  if (value !== null && typeof value === 'object' && isUrl(value)) {
    return toPath(require('url').fileURLToPath(value), name);
  }
  throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'URL'], value);
}

function invalidPath(name, value) {
  return new ERR_INVALID_ARG_VALUE(name, value, 'must be a string, Uint8Array, or URL without null bytes');
}

function toFd(value, name = 'fd') {
  if (typeof value !== 'number') throw new ERR_INVALID_ARG_TYPE(name, 'number', value);
  if (!Number.isInteger(value)) throw new ERR_OUT_OF_RANGE(name, 'an integer', value);
  if (value < 0 || value > 2147483647) throw new ERR_OUT_OF_RANGE(name, '>= 0 && <= 2147483647', value);
  return Object.is(value, -0) ? 0 : value;
}

// A path, or a descriptor.
function toTarget(value) {
  return typeof value === 'number' && isInt32(value) && value >= 0 ? value : toPath(value);
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

function flagOf(text) {
  // The letters may come in either order: `wx` is `xw`.
  const letters = [...text].sort().join('');
  switch (letters) {
    case 'r': return O_RDONLY;
    case 'rs': return O_RDONLY | O_SYNC;
    case '+r': return O_RDWR;
    case '+rs': return O_RDWR | O_SYNC;
    case 'w': return O_TRUNC | O_CREAT | O_WRONLY;
    case 'wx': return O_TRUNC | O_CREAT | O_WRONLY | O_EXCL;
    case '+w': return O_TRUNC | O_CREAT | O_RDWR;
    case '+wx': return O_TRUNC | O_CREAT | O_RDWR | O_EXCL;
    case 'a': return O_APPEND | O_CREAT | O_WRONLY;
    case 'ax': return O_APPEND | O_CREAT | O_WRONLY | O_EXCL;
    case 'as': return O_APPEND | O_CREAT | O_WRONLY | O_SYNC;
    case '+a': return O_APPEND | O_CREAT | O_RDWR;
    case '+ax': return O_APPEND | O_CREAT | O_RDWR | O_EXCL;
    case '+as': return O_APPEND | O_CREAT | O_RDWR | O_SYNC;
    default: return undefined;
  }
}

function toFlags(flags, name = 'flags') {
  if (typeof flags === 'number') {
    if (!Number.isInteger(flags)) throw new ERR_OUT_OF_RANGE(name, 'an integer', flags);
    if (!isInt32(flags)) throw new ERR_OUT_OF_RANGE(name, '>= -2147483648 && <= 2147483647', flags);
    return flags;
  }
  if (flags === null || flags === undefined) return O_RDONLY;
  const value = /^(r|rs|sr|w|wx|xw|a|ax|xa|as|sa)\+?$/.test(flags) ? flagOf(flags) : undefined;
  if (value === undefined) throw new ERR_INVALID_ARG_VALUE(name, flags);
  return value;
}

function toMode(mode, fallback, name = 'mode') {
  return mode === undefined || mode === null ? fallback : parseFileMode(mode, name);
}

function checkEncoding(encoding, value = encoding, name = 'encoding') {
  if (encoding && encoding !== 'buffer' && !lazyBuffer().isEncoding(encoding)) {
    throw new ERR_INVALID_ARG_VALUE(name, value, 'is invalid encoding');
  }
}

// The options of a function: an encoding, or an object with one.
function getOptions(options, defaults = {}) {
  if (options === null || options === undefined || typeof options === 'function') return defaults;
  if (typeof options === 'string') {
    options = { ...defaults, encoding: options };
  } else if (typeof options !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  }
  if (options.encoding !== 'utf8') checkEncoding(options.encoding);
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  return options;
}

// Seconds of a Date, a number, or digits.
function toTime(time, name = 'time') {
  if (typeof time === 'string' && +time == time) return +time; // eslint-disable-line eqeqeq
  if (Number.isFinite(time)) return time < 0 ? Date.now() / 1000 : time;
  if (Object.prototype.toString.call(time) === '[object Date]') return Date.prototype.getTime.call(time) / 1000;
  throw new ERR_INVALID_ARG_TYPE(name, ['Date', 'Time in seconds'], time);
}

// Whether the binding gives names as bytes, and what is made of them.
function nameConverter(encoding) {
  if (!encoding || /^utf-?8$/i.test(encoding)) return { raw: false, convert: undefined };
  const Buffer = lazyBuffer();
  if (encoding === 'buffer') return { raw: true, convert: (bytes) => Buffer.from(bytes) };
  return { raw: true, convert: (bytes) => Buffer.from(bytes).toString(encoding) };
}

// What is written: a string, with the encoding that makes bytes of it, or a view of bytes.
function toBytes(data, encoding) {
  if (ArrayBuffer.isView(data)) return viewOf(data);
  if (!encoding || encoding === 'utf8' || encoding === 'utf-8') return data;
  return lazyBuffer().from(data, encoding);
}

function viewOf(view) {
  return isUint8Array(view) ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function checkData(data, name = 'data') {
  if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
    throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
}

function checkRange(offset, length, byteLength, writing) {
  if (writing && offset > byteLength) throw new ERR_OUT_OF_RANGE('offset', `<= ${byteLength}`, offset);
  if (length > byteLength - offset) throw new ERR_OUT_OF_RANGE('length', `<= ${byteLength - offset}`, length);
  if (length < 0) throw new ERR_OUT_OF_RANGE('length', '>= 0', length);
}

// Where to read from; -1 is where the file stands.
function toPosition(position, length) {
  if (position === undefined || position === null) return -1;
  if (typeof position === 'bigint') {
    if (position < -1n || position > 2n ** 63n - 1n - BigInt(length)) {
      throw new ERR_OUT_OF_RANGE('position', `>= -1 && <= ${2n ** 63n - 1n - BigInt(length)}`, position);
    }
    return Number(position);
  }
  if (typeof position !== 'number') throw new ERR_INVALID_ARG_TYPE('position', ['integer', 'bigint'], position);
  validateInteger(position, 'position', -1);
  return position;
}

class StatsBase {
  _checkModeProperty(property) {
    return (Number(this.mode) & constants.S_IFMT) === property;
  }

  isDirectory() { return this._checkModeProperty(constants.S_IFDIR); }
  isFile() { return this._checkModeProperty(constants.S_IFREG); }
  isBlockDevice() { return this._checkModeProperty(constants.S_IFBLK); }
  isCharacterDevice() { return this._checkModeProperty(constants.S_IFCHR); }
  isSymbolicLink() { return this._checkModeProperty(constants.S_IFLNK); }
  isFIFO() { return this._checkModeProperty(constants.S_IFIFO); }
  isSocket() { return this._checkModeProperty(constants.S_IFSOCK); }
}

const BASE_FIELDS = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks'];
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];

// A function, as programs call it without `new`.
function Stats(dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atimeMs, mtimeMs, ctimeMs, birthtimeMs) {
  const self = new.target === undefined ? Object.create(Stats.prototype) : this;
  const values = [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks];
  for (let i = 0; i < values.length; i++) self[BASE_FIELDS[i]] = values[i];
  const times = [atimeMs, mtimeMs, ctimeMs, birthtimeMs];
  for (let i = 0; i < 4; i++) self[`${TIMES[i]}Ms`] = times[i];
  for (let i = 0; i < 4; i++) self[TIMES[i]] = new Date(Number(times[i]) + 0.5);
  return self;
}
Object.setPrototypeOf(Stats.prototype, StatsBase.prototype);
Object.setPrototypeOf(Stats, StatsBase);

class BigIntStats extends StatsBase {
  isFile() { return (this.mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFREG); }
}

function makeStats(values, bigint) {
  if (!bigint) {
    const milliseconds = (at) => values[at] * 1000 + values[at + 1] / 1e6;
    return new Stats(...values.slice(0, 10), milliseconds(10), milliseconds(12), milliseconds(14), milliseconds(16));
  }
  const stats = new BigIntStats();
  for (let i = 0; i < BASE_FIELDS.length; i++) stats[BASE_FIELDS[i]] = values[i];
  const nanoseconds = TIMES.map((time, i) => values[10 + 2 * i] * 1000000000n + values[11 + 2 * i]);
  for (let i = 0; i < 4; i++) stats[`${TIMES[i]}Ms`] = nanoseconds[i] / 1000000n;
  for (let i = 0; i < 4; i++) stats[`${TIMES[i]}Ns`] = nanoseconds[i];
  for (let i = 0; i < 4; i++) stats[TIMES[i]] = new Date(Number(nanoseconds[i] / 1000000n));
  return stats;
}

class StatFs {
  constructor(type, bsize, blocks, bfree, bavail, files, ffree) {
    this.type = type;
    this.bsize = bsize;
    this.blocks = blocks;
    this.bfree = bfree;
    this.bavail = bavail;
    this.files = files;
    this.ffree = ffree;
  }
}

const kType = Symbol('type');

class Dirent {
  constructor(name, type, parentPath) {
    this.name = name;
    this.parentPath = parentPath;
    this[kType] = type;
  }

  isDirectory() { return this[kType] === constants.UV_DIRENT_DIR; }
  isFile() { return this[kType] === constants.UV_DIRENT_FILE; }
  isBlockDevice() { return this[kType] === constants.UV_DIRENT_BLOCK; }
  isCharacterDevice() { return this[kType] === constants.UV_DIRENT_CHAR; }
  isSymbolicLink() { return this[kType] === constants.UV_DIRENT_LINK; }
  isFIFO() { return this[kType] === constants.UV_DIRENT_FIFO; }
  isSocket() { return this[kType] === constants.UV_DIRENT_SOCKET; }
}

function makeCallback(callback) {
  validateFunction(callback, 'cb');
  return callback;
}

function abortError(signal) {
  const { AbortError } = require('internal/errors');
  return new AbortError(undefined, { cause: signal.reason });
}

module.exports = {
  BigIntStats,
  Dirent,
  StatFs,
  Stats,
  abortError,
  checkData,
  checkEncoding,
  checkRange,
  getOptions,
  makeCallback,
  makeStats,
  nameConverter,
  showPath,
  systemError,
  toBytes,
  toFd,
  toFlags,
  toMode,
  toPath,
  toPosition,
  toTarget,
  toTime,
  validateObject,
  viewOf,
};
