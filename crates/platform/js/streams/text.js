// TextEncoderStream and TextDecoderStream, of the Encoding Standard.
(function (std, native, transforms, encoding) {
  'use strict';
  const { method, apply, push, expose, toText, bytesOf, badType } = std;
  const { encode } = native;
  const slice = method('String.prototype', 'slice');
  const codeAt = method('String.prototype', 'charCodeAt');
  const { decoding } = encoding;

  class TextEncoderStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
    }

    constructor() {
      // The first half of a pair, whose second may be the next chunk's.
      let left = '';
      this.#stream = transforms.create((chunk, add) => {
        let text = left + toText(chunk);
        left = '';
        const last = text.length - 1;
        if (last >= 0) {
          const code = codeAt(text, last);
          if (code >= 0xd800 && code < 0xdc00) {
            left = text[last];
            text = slice(text, 0, last);
          }
        }
        if (text !== '') add(encode(text));
      }, (add) => {
        if (left !== '') add(encode('\ufffd'));
      }, () => {});
    }

    get encoding() {
      this.#stream;
      return 'utf-8';
    }
    get readable() { return this.#stream.readable.object; }
    get writable() { return this.#stream.writable.object; }
  }

  class TextDecoderStream {
    #decoder;
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
    }

    constructor(label = 'utf-8', options = undefined) {
      const decoder = new encoding.TextDecoder(label, options);
      this.#decoder = decoder;
      this.#stream = transforms.create((chunk, add) => {
        if (bytesOf(chunk) === undefined) {
          throw badType('TextDecoderStream: a chunk is neither an ArrayBuffer nor a view of one');
        }
        const text = apply(decoding.decode, decoder, [chunk, { __proto__: null, stream: true }]);
        if (text !== '') add(text);
      }, (add) => {
        const text = apply(decoding.decode, decoder, []);
        if (text !== '') add(text);
      }, () => {});
    }

    get encoding() { return apply(decoding.encoding, this.#decoder, []); }
    get fatal() { return apply(decoding.fatal, this.#decoder, []); }
    get ignoreBOM() { return apply(decoding.ignoreBOM, this.#decoder, []); }
    get readable() { return this.#stream.readable.object; }
    get writable() { return this.#stream.writable.object; }
  }

  expose(TextEncoderStream, 'TextEncoderStream');
  expose(TextDecoderStream, 'TextDecoderStream');
  return { __proto__: null, TextEncoderStream, TextDecoderStream };
})
