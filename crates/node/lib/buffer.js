'use strict';
// Buffer: bytes with the encodings of Node. What works on whole ranges of bytes is native; numbers are in
// internal/buffer/numbers, Blob and File in internal/buffer/blob.

const {
  codes: {
    ERR_BUFFER_OUT_OF_BOUNDS,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_BUFFER_SIZE,
    ERR_MISSING_ARGS,
    ERR_OUT_OF_RANGE,
    ERR_UNKNOWN_ENCODING,
  },
} = require('internal/errors');
const { validateArray, validateInteger, validateNumber, validateString } = require('internal/validators');
const {
  ASCII, BASE64, BASE64URL, HEX, LATIN1, UTF16LE, UTF8,
  checkedEncoding, encodingNumber,
} = require('internal/buffer/encodings');
const { addNumberMethods } = require('internal/buffer/numbers');

const native = internalBinding('buffer');

const kMaxLength = 2 ** 53 - 1;
const kStringMaxLength = 2 ** 29 - 24;
const customInspect = Symbol.for('nodejs.util.inspect.custom');

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const getTag = Object.getOwnPropertyDescriptor(TypedArrayPrototype, Symbol.toStringTag).get;
const typedFill = TypedArrayPrototype.fill;
const typedIndexOf = TypedArrayPrototype.indexOf;
const typedLastIndexOf = TypedArrayPrototype.lastIndexOf;
const typedSet = TypedArrayPrototype.set;

// By class, not by prototype, so that arrays of other contexts count.
const isUint8Array = (value) => typeof value === 'object' && value !== null && getTag.call(value) === 'Uint8Array';

const byteLengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const sharedLengthOf = Object.getOwnPropertyDescriptor(globalThis.SharedArrayBuffer?.prototype ?? {}, 'byteLength')?.get;

function isAnyArrayBuffer(value) {
  if (typeof value !== 'object' || value === null) return false;
  // Checked by name first: the getters throw for anything else, which is slow.
  if (value instanceof ArrayBuffer) return true;
  if (!(Symbol.toStringTag in value) || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  try {
    byteLengthOf.call(value);
    return true;
  } catch {
    try {
      sharedLengthOf.call(value);
      return true;
    } catch {
      return false;
    }
  }
}

let inspectMaxBytes = 50;

class FastBuffer extends Uint8Array {
  // Not to be given the arguments as a list, which the default constructor makes.
  constructor(source, byteOffset, length) {
    super(source, byteOffset, length);
  }
}

const BufferPrototype = FastBuffer.prototype;

let warnedOfConstructor = false;

function Buffer(arg, encodingOrOffset, length) {
  if (!warnedOfConstructor) {
    warnedOfConstructor = true;
    process.emitWarning(
      'Buffer() is deprecated due to security and usability issues. Please use the Buffer.alloc(), ' +
      'Buffer.allocUnsafe(), or Buffer.from() methods instead.', 'DeprecationWarning', 'DEP0005', Buffer);
  }
  if (typeof arg === 'number') {
    if (typeof encodingOrOffset === 'string') throw new ERR_INVALID_ARG_TYPE('string', 'string', arg);
    return Buffer.alloc(arg);
  }
  return Buffer.from(arg, encodingOrOffset, length);
}

Buffer.prototype = BufferPrototype;
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(BufferPrototype, 'constructor', {
  __proto__: null, value: Buffer, writable: true, enumerable: false, configurable: true,
});
Object.defineProperty(Buffer, Symbol.species, {
  __proto__: null, configurable: true, enumerable: false, get() { return FastBuffer; },
});

Buffer.poolSize = 8 * 1024;

function validateSize(size) {
  validateNumber(size, 'size', 0, kMaxLength);
}

function bytesOf(text, encoding) {
  return new FastBuffer(native.encode(text, encoding));
}

Buffer.from = function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') {
    if (encodingOrOffset === undefined || encodingOrOffset === 'utf8') return bytesOf(value, UTF8);
    if (typeof encodingOrOffset !== 'string' || encodingOrOffset.length === 0) return bytesOf(value, UTF8);
    return bytesOf(value, checkedEncoding(encodingOrOffset));
  }
  if (typeof value === 'object' && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = value.valueOf && value.valueOf();
    if (primitive != null && primitive !== value && (typeof primitive === 'string' || typeof primitive === 'object')) {
      return from(primitive, encodingOrOffset, length);
    }
    const bytes = fromObject(value);
    if (bytes !== undefined) return bytes;
    if (typeof value[Symbol.toPrimitive] === 'function') {
      const text = value[Symbol.toPrimitive]('string');
      if (typeof text === 'string') return from(text, encodingOrOffset);
    }
  }
  throw new ERR_INVALID_ARG_TYPE(
    'first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
};

function fromArrayBuffer(buffer, byteOffset, length) {
  if (byteOffset === undefined) {
    byteOffset = 0;
  } else {
    byteOffset = +byteOffset;
    if (Number.isNaN(byteOffset)) byteOffset = 0;
  }
  const room = buffer.byteLength - byteOffset;
  if (room < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
  if (length === undefined) return new FastBuffer(buffer, byteOffset, undefined);
  length = +length;
  if (length > 0) {
    if (length > room) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
  } else {
    length = 0;
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function fromObject(value) {
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    if (typeof value.length !== 'number') return new FastBuffer(0);
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return new FastBuffer(value);
    return new FastBuffer(Array.prototype.slice.call(value));
  }
  if (value.type === 'Buffer' && Array.isArray(value.data)) return new FastBuffer(value.data);
  return undefined;
}

Buffer.copyBytesFrom = function copyBytesFrom(view, offset, length) {
  if (getTag.call(view) === undefined) throw new ERR_INVALID_ARG_TYPE('view', ['TypedArray'], view);
  if (view.length === 0) return new FastBuffer(0);
  if (offset !== undefined) {
    validateInteger(offset, 'offset', 0);
    if (offset >= view.length) return new FastBuffer(0);
  } else {
    offset = 0;
  }
  let end;
  if (length !== undefined) {
    validateInteger(length, 'length', 0);
    end = offset + length;
  } else {
    end = view.length;
  }
  const part = view.slice(offset, end);
  return new FastBuffer(part.buffer, part.byteOffset, part.byteLength);
};

Buffer.of = function of(...items) {
  const buffer = new FastBuffer(items.length);
  for (let i = 0; i < items.length; i++) buffer[i] = items[i];
  return buffer;
};

Buffer.alloc = function alloc(size, fill, encoding) {
  validateSize(size);
  const buffer = new FastBuffer(size);
  if (fill !== undefined && fill !== 0 && size > 0) return fillBytes(buffer, fill, 0, buffer.length, encoding);
  return buffer;
};

Buffer.allocUnsafe = function allocUnsafe(size) {
  validateSize(size);
  return new FastBuffer(size);
};

Buffer.allocUnsafeSlow = function allocUnsafeSlow(size) {
  validateSize(size);
  return new FastBuffer(size);
};

function SlowBuffer(size) {
  validateSize(size);
  return new FastBuffer(size);
}
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

Buffer.isBuffer = function isBuffer(value) {
  return value instanceof Buffer;
};

function checkBytes(value, name) {
  if (!isUint8Array(value)) throw new ERR_INVALID_ARG_TYPE(name, ['Buffer', 'Uint8Array'], value);
}

Buffer.compare = function compare(buf1, buf2) {
  checkBytes(buf1, 'buf1');
  checkBytes(buf2, 'buf2');
  return buf1 === buf2 ? 0 : native.compare(buf1, buf2);
};

Buffer.isEncoding = function isEncoding(encoding) {
  return typeof encoding === 'string' && encoding.length !== 0 && encodingNumber(encoding) !== undefined;
};

Buffer.concat = function concat(list, length) {
  validateArray(list, 'list');
  if (list.length === 0) return new FastBuffer(0);
  if (length === undefined) {
    length = 0;
    for (let i = 0; i < list.length; i++) {
      if (list[i].length) length += list[i].length;
    }
  } else {
    validateInteger(length, 'length', 0, kMaxLength);
  }
  const buffer = Buffer.allocUnsafe(length);
  let position = 0;
  for (let i = 0; i < list.length; i++) {
    const part = list[i];
    checkBytes(part, `list[${i}]`);
    position += native.copy(part, buffer, position, 0, part.length);
  }
  return buffer;
};

function byteLength(value, encoding) {
  if (typeof value !== 'string') {
    if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return value.byteLength;
    throw new ERR_INVALID_ARG_TYPE('string', ['string', 'Buffer', 'ArrayBuffer'], value);
  }
  const { length } = value;
  if (length === 0) return 0;
  switch (encoding ? encodingNumber(encoding) : UTF8) {
    case UTF16LE: return length * 2;
    case LATIN1:
    case ASCII: return length;
    case HEX: return length >>> 1;
    case BASE64:
    case BASE64URL: {
      let characters = length;
      if (value.charCodeAt(characters - 1) === 0x3d) characters--;
      if (characters > 1 && value.charCodeAt(characters - 1) === 0x3d) characters--;
      return (characters * 3) >>> 2;
    }
    default: return native.byteLengthUtf8(value);
  }
}

Buffer.byteLength = byteLength;
Buffer[Symbol.for('kIsEncodingSymbol')] = Buffer.isEncoding;

addNumberMethods(BufferPrototype);

function define(name, method) {
  Object.defineProperty(method, 'name', { __proto__: null, value: name, configurable: true });
  BufferPrototype[name] = method;
}

function argumentMustBeString() {
  const error = new TypeError('argument must be a string');
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

// utf8Slice, utf8Write and so on: what other modules call when they know the encoding.
for (const [name, number] of [
  ['ascii', ASCII], ['base64', BASE64], ['base64url', BASE64URL], ['latin1', LATIN1],
  ['hex', HEX], ['ucs2', UTF16LE], ['utf8', UTF8],
]) {
  define(`${name}Slice`, {
    slice(start = 0, end = this.length) {
      if (start < 0 || end > this.length) throw new ERR_OUT_OF_RANGE('Index', 'in range', start < 0 ? start : end);
      return end <= start ? '' : native.decode(this, start, end, number);
    },
  }.slice);
  define(`${name}Write`, {
    write(string, offset = 0, length = this.length - offset) {
      if (typeof string !== 'string') throw argumentMustBeString();
      if (offset < 0 || offset > this.length) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
      if (length < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
      return native.write(this, string, offset, Math.min(offset + length, this.length), number);
    },
  }.write);
}

Object.defineProperties(BufferPrototype, {
  parent: {
    __proto__: null,
    enumerable: true,
    get() { return this instanceof Buffer ? this.buffer : undefined; },
  },
  offset: {
    __proto__: null,
    enumerable: true,
    get() { return this instanceof Buffer ? this.byteOffset : undefined; },
  },
});

// NaN and what is no number count as 0, and fractions are cut off.
function toInteger(value, fallback) {
  value = +value;
  if (Number.isNaN(value)) return fallback;
  return value < Number.MIN_SAFE_INTEGER || value > Number.MAX_SAFE_INTEGER ? fallback : Math.trunc(value);
}

BufferPrototype.copy = function copy(target, targetStart, sourceStart, sourceEnd) {
  checkBytes(target, 'target');
  if (targetStart === undefined) {
    targetStart = 0;
  } else {
    targetStart = toInteger(targetStart, 0);
    if (targetStart < 0) throw new ERR_OUT_OF_RANGE('targetStart', '>= 0', targetStart);
  }
  if (sourceStart === undefined) {
    sourceStart = 0;
  } else {
    sourceStart = toInteger(sourceStart, 0);
    if (sourceStart < 0 || sourceStart > this.length) {
      throw new ERR_OUT_OF_RANGE('sourceStart', `>= 0 && <= ${this.length}`, sourceStart);
    }
  }
  if (sourceEnd === undefined) {
    sourceEnd = this.length;
  } else {
    sourceEnd = toInteger(sourceEnd, 0);
    if (sourceEnd < 0) throw new ERR_OUT_OF_RANGE('sourceEnd', '>= 0', sourceEnd);
  }
  if (targetStart >= target.length || sourceStart >= sourceEnd) return 0;
  return native.copy(this, target, targetStart, sourceStart, sourceEnd);
};

BufferPrototype.toString = function toString(encoding, start, end) {
  if (arguments.length === 0) return native.decode(this, 0, this.length, UTF8);
  const { length } = this;
  if (start === undefined || start <= 0) start = 0;
  else if (start >= length) return '';
  else start = Math.trunc(start) || 0;
  if (end === undefined || end > length) end = length;
  else end = Math.trunc(end) || 0;
  if (end <= start) return '';
  if (encoding === undefined) return native.decode(this, start, end, UTF8);
  const number = encodingNumber(encoding);
  if (number === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  return native.decode(this, start, end, number);
};

BufferPrototype.equals = function equals(otherBuffer) {
  checkBytes(otherBuffer, 'otherBuffer');
  if (this === otherBuffer) return true;
  return this.byteLength === otherBuffer.byteLength && native.equals(this, otherBuffer);
};

function extraProperties(buffer, context) {
  const names = internalBinding('util').getOwnNonIndexProperties?.(buffer, context.showHidden ? 0 : 2) ?? [];
  if (names.length === 0) return '';
  const extras = { __proto__: null };
  for (const name of names) extras[name] = buffer[name];
  const { inspect } = require('internal/util/inspect');
  const text = inspect(extras, { ...context, breakLength: Infinity, compact: true });
  // Without the braces and the name of a null prototype.
  return text.slice(text.indexOf('{') + 2, -2);
}

BufferPrototype[customInspect] = function inspect(recurseTimes, context) {
  const { length } = this;
  const shown = Math.min(inspectMaxBytes, length);
  let text = native.decode(this, 0, shown, HEX).replace(/(.{2})/g, '$1 ').trim();
  const remaining = length - shown;
  if (remaining > 0) text += ` ... ${remaining} more byte${remaining > 1 ? 's' : ''}`;
  if (context) {
    const extras = extraProperties(this, context);
    if (extras !== '') text += `${length === 0 ? '' : ', '}${extras}`;
  }
  return `<${this.constructor?.name ?? 'Buffer'} ${text}>`;
};
BufferPrototype.inspect = BufferPrototype[customInspect];

function checkOffset(value, name, max) {
  validateInteger(value, name, 0, max);
}

BufferPrototype.compare = function compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
  checkBytes(target, 'target');
  if (arguments.length === 1) return native.compare(this, target);
  if (targetStart === undefined) targetStart = 0;
  else checkOffset(targetStart, 'targetStart', kMaxLength);
  if (targetEnd === undefined) targetEnd = target.length;
  else checkOffset(targetEnd, 'targetEnd', target.length);
  if (sourceStart === undefined) sourceStart = 0;
  else checkOffset(sourceStart, 'sourceStart', kMaxLength);
  if (sourceEnd === undefined) sourceEnd = this.length;
  else checkOffset(sourceEnd, 'sourceEnd', this.length);
  if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
  if (targetStart >= targetEnd) return 1;
  return native.compareRanges(this, target, sourceStart, sourceEnd, targetStart, targetEnd);
};

function search(buffer, value, byteOffset, encoding, forward) {
  if (typeof byteOffset === 'string') {
    encoding = byteOffset;
    byteOffset = undefined;
  }
  byteOffset = +byteOffset;
  if (Number.isNaN(byteOffset)) byteOffset = forward ? 0 : buffer.length || buffer.byteLength;
  byteOffset = Math.trunc(Math.max(-kMaxLength, Math.min(byteOffset, kMaxLength)));
  if (typeof value === 'number') {
    if (forward) return typedIndexOf.call(buffer, value & 255, byteOffset);
    return typedLastIndexOf.call(buffer, value & 255, byteOffset);
  }
  const number = encoding === undefined ? UTF8 : encodingNumber(encoding);
  if (typeof value === 'string') {
    if (number === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    value = bytesOf(value, number);
  } else if (!isUint8Array(value)) {
    throw new ERR_INVALID_ARG_TYPE('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  }
  return native.indexOf(buffer, value, byteOffset, number === UTF16LE ? 2 : 1, forward);
}

BufferPrototype.indexOf = function indexOf(value, byteOffset, encoding) {
  return search(this, value, byteOffset, encoding, true);
};

BufferPrototype.lastIndexOf = function lastIndexOf(value, byteOffset, encoding) {
  // null is 0 as a number, and nothing is before that but what is there.
  return search(this, value, byteOffset, encoding, false);
};

BufferPrototype.includes = function includes(value, byteOffset, encoding) {
  return this.indexOf(value, byteOffset, encoding) !== -1;
};

function fillBytes(buffer, value, offset, end, encoding) {
  let number = UTF8;
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = undefined;
      end = buffer.length;
    } else if (typeof end === 'string') {
      encoding = end;
      end = buffer.length;
    }
    if (encoding !== undefined && encoding !== null) validateString(encoding, 'encoding');
    number = checkedEncoding(encoding);
    if (value.length === 0) {
      value = 0;
    } else if (value.length === 1 && value.charCodeAt(0) < 128 && number !== UTF16LE && number < BASE64) {
      value = value.charCodeAt(0);
    }
  } else if (typeof value === 'boolean') {
    value = +value;
  }
  if (offset === undefined) {
    offset = 0;
    end = buffer.length;
  } else {
    validateInteger(offset, 'offset', 0, kMaxLength);
    if (end === undefined) end = buffer.length;
    else validateInteger(end, 'end', 0, buffer.length);
  }
  if (offset >= end) return buffer;
  if (typeof value === 'number' || typeof value !== 'string' && !isUint8Array(value)) {
    typedFill.call(buffer, value & 255, offset, end);
    return buffer;
  }
  const pattern = typeof value === 'string' ? bytesOf(value, number) : value;
  if (pattern.length === 0) throw new ERR_INVALID_ARG_VALUE('value', value);
  native.fill(buffer, pattern, offset, end);
  return buffer;
}

BufferPrototype.fill = function fill(value, offset, end, encoding) {
  return fillBytes(this, value, offset, end, encoding);
};

BufferPrototype.write = function write(string, offset, length, encoding) {
  if (typeof string !== 'string') throw argumentMustBeString();
  const size = this.length;
  if (offset === undefined) return native.write(this, string, 0, size, UTF8);
  if (length === undefined && typeof offset === 'string') {
    encoding = offset;
    offset = 0;
    length = size;
  } else {
    checkOffset(offset, 'offset', size);
    const room = size - offset;
    if (length === undefined) {
      length = room;
    } else if (typeof length === 'string') {
      encoding = length;
      length = room;
    } else {
      checkOffset(length, 'length', size);
      if (length > room) length = room;
    }
  }
  return native.write(this, string, offset, offset + length, encoding ? checkedEncoding(encoding) : UTF8);
};

BufferPrototype.toJSON = function toJSON() {
  return { type: 'Buffer', data: Array.prototype.slice.call(this) };
};

function clampedOffset(offset, length) {
  offset = Math.trunc(+offset);
  if (offset === 0 || Number.isNaN(offset)) return 0;
  if (offset < 0) return Math.max(offset + length, 0);
  return Math.min(offset, length);
}

BufferPrototype.subarray = function subarray(start, end) {
  const { length } = this;
  start = clampedOffset(start, length);
  end = end === undefined ? length : clampedOffset(end, length);
  return new FastBuffer(this.buffer, this.byteOffset + start, end > start ? end - start : 0);
};

BufferPrototype.slice = function slice(start, end) {
  return this.subarray(start, end);
};

function swap(buffer, bytes) {
  if (buffer.length % bytes !== 0) throw new ERR_INVALID_BUFFER_SIZE(`${bytes * 8}-bits`);
  native.swap(buffer, bytes);
  return buffer;
}

BufferPrototype.swap16 = function swap16() {
  return swap(this, 2);
};

BufferPrototype.swap32 = function swap32() {
  return swap(this, 4);
};

BufferPrototype.swap64 = function swap64() {
  return swap(this, 8);
};

BufferPrototype.toLocaleString = BufferPrototype.toString;

// Bytes of text in one encoding as the same text in another; '?' for what the other does not have.
function transcode(source, fromEncoding, toEncoding) {
  checkBytes(source, 'source');
  if (source.length === 0) return new FastBuffer(0);
  const from = encodingNumber(fromEncoding);
  const to = encodingNumber(toEncoding);
  if (!(from <= ASCII && to <= ASCII)) {
    const error = new Error('Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]');
    error.code = 'U_ILLEGAL_ARGUMENT_ERROR';
    error.errno = 1;
    throw error;
  }
  const text = native.decode(source, 0, source.length, from);
  if (to === UTF8 || to === UTF16LE) return bytesOf(text, to);
  const unknown = to === ASCII ? /[^\0-\x7f]/gu : /[^\0-\xff]/gu;
  return bytesOf(text.replace(unknown, '?'), to);
}

function checkReadable(input) {
  if (ArrayBuffer.isView(input)) {
    return isUint8Array(input) ? input : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  if (isAnyArrayBuffer(input)) return new Uint8Array(input);
  throw new ERR_INVALID_ARG_TYPE('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
}

function isUtf8(input) {
  return native.isUtf8(checkReadable(input));
}

function isAscii(input) {
  return native.isAscii(checkReadable(input));
}

function invalidCharacter() {
  return new (require('internal/domexception').DOMException)('Invalid character', 'InvalidCharacterError');
}

function btoa(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  input = `${input}`;
  if (/[^\0-\xff]/.test(input)) throw invalidCharacter();
  return bytesOf(input, LATIN1).toString('base64');
}

function atob(input) {
  if (arguments.length === 0) throw new ERR_MISSING_ARGS('input');
  input = `${input}`.replace(/[\t\n\f\r ]/g, '');
  if (input.length % 4 === 0) input = input.replace(/={1,2}$/, '');
  if (/[^A-Za-z0-9+/]/.test(input)) throw invalidCharacter();
  if (input.length % 4 === 1) {
    throw new (require('internal/domexception').DOMException)(
      'The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return bytesOf(input, BASE64).toString('latin1');
}

const constants = {};
Object.defineProperties(constants, {
  MAX_LENGTH: { __proto__: null, value: kMaxLength, writable: false, enumerable: true },
  MAX_STRING_LENGTH: { __proto__: null, value: kStringMaxLength, writable: false, enumerable: true },
});

module.exports = {
  Buffer,
  SlowBuffer,
  transcode,
  isUtf8,
  isAscii,
  kMaxLength,
  kStringMaxLength,
  btoa,
  atob,
};

Object.defineProperties(module.exports, {
  constants: { __proto__: null, value: constants, writable: false, enumerable: true, configurable: false },
  INSPECT_MAX_BYTES: {
    __proto__: null,
    get() { return inspectMaxBytes; },
    set(value) {
      validateNumber(value, 'INSPECT_MAX_BYTES', 0);
      inspectMaxBytes = value;
    },
    enumerable: true,
    configurable: true,
  },
  Blob: {
    __proto__: null,
    get() { return require('internal/buffer/blob').Blob; },
    enumerable: true,
    configurable: true,
  },
  resolveObjectURL: {
    __proto__: null,
    value: function resolveObjectURL(url) { return require('internal/buffer/blob').resolveObjectURL(url); },
    writable: true,
    enumerable: true,
    configurable: true,
  },
  File: {
    __proto__: null,
    get() { return require('internal/buffer/blob').File; },
    enumerable: true,
    configurable: true,
  },
});
