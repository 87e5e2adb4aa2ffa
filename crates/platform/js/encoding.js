// TextEncoder and TextDecoder.
(function (std, native) {
  'use strict';
  const { first, expose, toScalars, toText, need, dictionary, bytesOf, method, define, push } = std;
  const { TypeError, RangeError, Uint8Array } = first;
  const { nameOf, encode, encodeInto, decode } = native;
  const setBytes = method('TypedArray.prototype', 'set');
  const lengthOf = method('TypedArray.prototype', 'length');
  const tagOf = method('TypedArray.prototype', '[Symbol.toStringTag]');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const offsetOf = method('TypedArray.prototype', 'byteOffset');
  const slice = method('String.prototype', 'slice');

  class TextEncoder {
    #brand = true;

    static {
      push(std.uncloneable, (value) => #brand in value);
    }

    get encoding() {
      this.#brand;
      return 'utf-8';
    }

    encode(input = '') {
      this.#brand;
      return encode(toScalars(input));
    }

    encodeInto(source, destination) {
      this.#brand;
      need(arguments.length, 2, 'TextEncoder.encodeInto');
      const text = toText(source);
      if (!isBytes(destination)) throw new TypeError('TextEncoder.encodeInto: not a Uint8Array');
      const room = lengthOf(destination);
      // No code unit takes less than a byte.
      const result = encodeInto(text.length > room ? slice(text, 0, room + 1) : text, room);
      const bytes = result[1];
      setBytes(destination, bytes);
      return { read: result[0], written: lengthOf(bytes) };
    }
  }

  const isBytes = (value) => {
    try {
      return tagOf(value) === 'Uint8Array';
    } catch {
      return false;
    }
  };

  // Bytes that are decoded at a time: a run's limits are looked at in between.
  const PIECE = 256 * 1024;
  const NOTHING = new Uint8Array(0);
  // The language's own `subarray` asks a guest's prototype what to make.
  const part = (bytes, from, to) => new Uint8Array(bufferOf(bytes), offsetOf(bytes) + from, to - from);
  const join = (left, bytes) => {
    const before = lengthOf(left);
    if (before === 0) return bytes;
    const joined = new Uint8Array(before + lengthOf(bytes));
    setBytes(joined, left);
    setBytes(joined, bytes, before);
    return joined;
  };

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #left = NOTHING;
    #mode = NOTHING;
    #started = false;
    #more = false;

    static {
      push(std.uncloneable, (value) => #fatal in value);
    }

    constructor(label = 'utf-8', options = undefined) {
      const text = toText(label);
      options = dictionary(options, 'TextDecoder');
      const fatal = !!options.fatal;
      const ignoreBOM = !!options.ignoreBOM;
      const name = nameOf(text);
      if (name === undefined) {
        const error = new RangeError("The encoding label provided ('" + text + "') is invalid");
        define(error, 'code', 'ERR_ENCODING_NOT_SUPPORTED', true);
        throw error;
      }
      this.#encoding = name;
      this.#fatal = fatal;
      this.#ignoreBOM = ignoreBOM;
    }

    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }

    decode(input = undefined, options = undefined) {
      this.#encoding;
      let bytes = NOTHING;
      if (input !== undefined) {
        bytes = bytesOf(input);
        if (bytes === undefined) {
          throw new TypeError('TextDecoder.decode: the input is neither an ArrayBuffer nor a view of one');
        }
      }
      options = dictionary(options, 'TextDecoder.decode');
      const more = !!options.stream;
      if (!this.#more) {
        this.#left = NOTHING;
        this.#mode = NOTHING;
        this.#started = false;
      }
      this.#more = more;
      let text = '';
      const length = lengthOf(bytes);
      let at = 0;
      do {
        const end = at + PIECE < length ? at + PIECE : length;
        const last = end === length;
        const piece = at === 0 && last ? bytes : part(bytes, at, end);
        let result;
        try {
          result = decode(
            this.#encoding, join(this.#left, piece), this.#fatal, more || !last, this.#mode);
        } catch (error) {
          this.#more = false;
          throw error;
        }
        this.#left = result[1];
        this.#mode = result[2];
        let decoded = result[0];
        if (!this.#started && decoded.length > 0) {
          this.#started = true;
          if (!this.#ignoreBOM && decoded[0] === '\ufeff' && this.#hasMark()) decoded = slice(decoded, 1);
        }
        text += decoded;
        at = end;
      } while (at < length);
      return text;
    }

    #hasMark() {
      const name = this.#encoding;
      return name === 'utf-8' || name === 'utf-16le' || name === 'utf-16be';
    }
  }

  expose(TextEncoder, 'TextEncoder');
  expose(TextDecoder, 'TextDecoder');
  const { prototype } = TextDecoder;
  const getter = (name) => std.getOwnPropertyDescriptor(prototype, name).get;
  return {
    __proto__: null, TextEncoder, TextDecoder,
    // For other modules, whatever a guest makes of the prototype later.
    decoding: {
      __proto__: null, decode: prototype.decode, encoding: getter('encoding'), fatal: getter('fatal'),
      ignoreBOM: getter('ignoreBOM'),
    },
  };
})
