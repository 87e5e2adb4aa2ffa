'use strict';
// Decodes bytes that come in parts, keeping back what is not a whole character yet.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_UNKNOWN_ENCODING },
} = require('internal/errors');
const { Buffer } = require('buffer');
const {
  BASE64, BASE64URL, UTF16LE, UTF8, encodingNumber, normalizeEncoding,
} = require('internal/buffer/encodings');

const native = internalBinding('buffer');

const kNumber = Symbol('kEncodingNumber');
const kRest = Symbol('kRest');

function checkedName(encoding) {
  const name = normalizeEncoding(encoding);
  if (name === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  return name;
}

function StringDecoder(encoding) {
  this.encoding = checkedName(encoding);
  Object.defineProperty(this, kNumber, { __proto__: null, value: encodingNumber(this.encoding), writable: true });
  Object.defineProperty(this, kRest, { __proto__: null, value: undefined, writable: true });
}

// How many bytes at the end of `bytes` have to wait for more.
function incomplete(bytes, number) {
  const { length } = bytes;
  switch (number) {
    case UTF8:
      return native.incompleteUtf8(bytes, 0, length);
    case UTF16LE: {
      const odd = length % 2;
      const last = length - odd - 1;
      // The first half of a surrogate pair.
      return last >= 1 && (bytes[last] & 0xfc) === 0xd8 ? 2 + odd : odd;
    }
    case BASE64:
    case BASE64URL:
      return length % 3;
    default:
      return 0;
  }
}

StringDecoder.prototype.write = function write(buf) {
  if (typeof buf === 'string') return buf;
  if (!ArrayBuffer.isView(buf)) {
    throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], buf);
  }
  if (this[kNumber] === undefined) throw new TypeError('Invalid StringDecoder object');
  let bytes = buf instanceof Uint8Array ? buf : new Uint8Array(buf.buffer, buf.byteOffset, buf.byteLength);
  if (this[kRest] !== undefined) {
    bytes = Buffer.concat([this[kRest], bytes]);
    this[kRest] = undefined;
  }
  const waiting = incomplete(bytes, this[kNumber]);
  const end = bytes.length - waiting;
  if (waiting > 0) this[kRest] = Buffer.from(bytes.subarray(end));
  return end === 0 ? '' : native.decode(bytes, 0, end, this[kNumber]);
};

StringDecoder.prototype.end = function end(buf) {
  let text = buf === undefined ? '' : this.write(buf);
  const rest = this[kRest];
  if (rest !== undefined) {
    this[kRest] = undefined;
    text += native.decode(rest, 0, rest.length, this[kNumber]);
  }
  return text;
};

StringDecoder.prototype.text = function text(buf, offset) {
  this[kRest] = undefined;
  return this.write(buf.slice(offset));
};

// What the implementations before wrote into fields of these names.
Object.defineProperties(StringDecoder.prototype, {
  lastChar: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      const last = Buffer.alloc(4);
      this[kRest]?.copy(last);
      return last;
    },
  },
  lastNeed: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      const rest = this[kRest];
      if (rest === undefined) return 0;
      if (this[kNumber] === UTF8) return (rest[0] >= 0xf0 ? 4 : rest[0] >= 0xe0 ? 3 : 2) - rest.length;
      return this[kNumber] === UTF16LE ? (rest.length > 1 ? 4 : 2) - rest.length : 3 - rest.length;
    },
  },
  lastTotal: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      return this[kRest] === undefined ? 0 : this[kRest].length + this.lastNeed;
    },
  },
});

module.exports = { StringDecoder };
