'use strict';
// TextEncoder and TextDecoder. Decodes UTF-8, UTF-16LE and Latin-1 (which the standard takes as windows-1252)
// by itself, and all other encodings by the decoder that guests have.

const {
  codes: {
    ERR_ENCODING_INVALID_ENCODED_DATA,
    ERR_ENCODING_NOT_SUPPORTED,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_THIS,
  },
} = require('internal/errors');
const { validateObject, validateString } = require('internal/validators');
const { LATIN1, UTF16LE, UTF8 } = require('internal/buffer/encodings');

const native = internalBinding('buffer');
const customInspect = Symbol.for('nodejs.util.inspect.custom');

// The standard's labels of the encodings that we have.
const labels = new Map();
for (const [name, ...others] of [
  ['utf-8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'utf8', 'x-unicode20utf8'],
  ['utf-16le', 'csunicode', 'iso-10646-ucs-2', 'ucs-2', 'unicode', 'unicodefeff', 'utf-16'],
  ['windows-1252', 'ansi_x3.4-1968', 'ascii', 'cp1252', 'cp819', 'csisolatin1', 'ibm819', 'iso-8859-1', 'iso-ir-100',
    'iso8859-1', 'iso88591', 'iso_8859-1', 'iso_8859-1:1987', 'l1', 'latin1', 'us-ascii', 'x-cp1252'],
]) {
  labels.set(name, name);
  for (const other of others) labels.set(other, name);
}

function encodingOf(label) {
  return labels.get(label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase());
}

// Where windows-1252 differs from Latin-1.
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function inspectAs(value, shown, depth, options) {
  if (typeof depth === 'number' && depth < 0) return value;
  const { inspect } = require('internal/util/inspect');
  return `${value.constructor.name} ${inspect(shown, options)}`.replace(/^(\w+) \w+ \{/, '$1 {');
}

class TextEncoder {
  #brand;

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#brand in value)) throw new ERR_INVALID_THIS('TextEncoder');
  }

  get encoding() {
    TextEncoder.#check(this);
    return 'utf-8';
  }

  encode(input = '') {
    TextEncoder.#check(this);
    return new Uint8Array(native.encode(`${input}`, UTF8));
  }

  encodeInto(src, dest) {
    TextEncoder.#check(this);
    validateString(src, 'src');
    if (!require('internal/util/types').isUint8Array(dest)) {
      throw new ERR_INVALID_ARG_TYPE('dest', 'Uint8Array', dest);
    }
    const [read, written] = native.encodeInto(src, dest);
    return { read, written };
  }

  [customInspect](depth, options) {
    TextEncoder.#check(this);
    return inspectAs(this, { encoding: this.encoding }, depth, options);
  }
}

const enumerable = { __proto__: null, enumerable: true };

Object.defineProperties(TextEncoder.prototype, {
  encode: enumerable,
  encodeInto: enumerable,
  encoding: enumerable,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextEncoder' },
});

function viewOf(input) {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (require('internal/util/types').isAnyArrayBuffer(input)) return new Uint8Array(input);
  throw new ERR_INVALID_ARG_TYPE('list', ['ArrayBuffer', 'ArrayBufferView'], input);
}

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  // What a streamed decode left for the next one, and whether the text has begun.
  #rest = undefined;
  #started = false;
  // The guests' decoder, for an encoding that we do not have.
  #other = undefined;

  constructor(label = 'utf-8', options = undefined) {
    label = `${label}`;
    if (options != null) validateObject(options, 'options', 7);
    let encoding = encodingOf(label);
    if (encoding === undefined) {
      try {
        this.#other = new (require('internal/platform').loadShared('encoding').TextDecoder)(label, options);
      } catch {
        throw new ERR_ENCODING_NOT_SUPPORTED(label);
      }
      encoding = this.#other.encoding;
    }
    this.#encoding = encoding;
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#encoding in value)) throw new ERR_INVALID_THIS('TextDecoder');
  }

  get encoding() {
    TextDecoder.#check(this);
    return this.#encoding;
  }

  get fatal() {
    TextDecoder.#check(this);
    return this.#fatal;
  }

  get ignoreBOM() {
    TextDecoder.#check(this);
    return this.#ignoreBOM;
  }

  #invalid() {
    this.#rest = undefined;
    this.#started = false;
    return new ERR_ENCODING_INVALID_ENCODED_DATA(this.#encoding, undefined);
  }

  decode(input = new Uint8Array(0), options = undefined) {
    TextDecoder.#check(this);
    let bytes = viewOf(input);
    if (options != null) validateObject(options, 'options', 7);
    const stream = Boolean(options?.stream);
    if (this.#other !== undefined) {
      try {
        return this.#other.decode(bytes, { stream });
      } catch {
        throw this.#invalid();
      }
    }
    if (this.#rest !== undefined) {
      const joined = new Uint8Array(this.#rest.length + bytes.length);
      joined.set(this.#rest);
      joined.set(bytes, this.#rest.length);
      bytes = joined;
      this.#rest = undefined;
    }
    let text;
    let end = bytes.length;
    if (this.#encoding === 'utf-8') {
      if (stream) end -= native.incompleteUtf8(bytes, 0, end);
      text = native.decodeUtf8(bytes, 0, end, this.#fatal);
      if (text === undefined) throw this.#invalid();
    } else if (this.#encoding === 'utf-16le') {
      if (stream) {
        end -= end % 2;
        // Half of a surrogate pair waits for the other half.
        if (end >= 2 && (bytes[end - 1] & 0xfc) === 0xd8) end -= 2;
      }
      text = native.decode(bytes, 0, end, UTF16LE);
      const cut = end % 2 === 1;
      if (this.#fatal && (cut || !text.isWellFormed())) throw this.#invalid();
      text = text.toWellFormed();
      if (cut) text += '\ufffd';
    } else {
      text = native.decode(bytes, 0, end, LATIN1).replace(/[\x80-\x9f]/g, (c) => windows1252[c.charCodeAt(0) - 0x80]);
    }
    if (end < bytes.length) this.#rest = bytes.slice(end);
    if (!this.#started && text.length > 0) {
      if (!this.#ignoreBOM && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
      this.#started = true;
    }
    if (!stream) this.#started = false;
    return text;
  }

  [customInspect](depth, options) {
    TextDecoder.#check(this);
    const { encoding, fatal, ignoreBOM } = this;
    return inspectAs(this, { encoding, fatal, ignoreBOM }, depth, options);
  }
}

Object.defineProperties(TextDecoder.prototype, {
  decode: enumerable,
  encoding: enumerable,
  fatal: enumerable,
  ignoreBOM: enumerable,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'TextDecoder' },
});

module.exports = { TextDecoder, TextEncoder, encodingOf };
