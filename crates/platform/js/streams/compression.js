// CompressionStream and DecompressionStream, of the Compression Standard. The natives keep nothing: what
// they go on with are bytes that lie here, in the guest's heap.
(function (std, native, transforms) {
  'use strict';
  const { method, first, push, need, expose, toText, bytesOf, badType, badValue } = std;
  const { TypeError, Uint8Array } = first;
  const { deflate, inflate, crc32, adler32 } = native;
  const setBytes = method('TypedArray.prototype', 'set');
  const lengthOf = method('TypedArray.prototype', 'length');
  const bufferOf = method('TypedArray.prototype', 'buffer');
  const offsetOf = method('TypedArray.prototype', 'byteOffset');
  // Bytes that are handed over at a time, and how far back matches reach.
  const PIECE = 64 * 1024;
  const WINDOW = 32 * 1024;
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
  const copied = (bytes) => {
    const copy = new Uint8Array(lengthOf(bytes));
    setBytes(copy, bytes);
    return copy;
  };
  const formatOf = (value, given, what) => {
    need(given, 1, what);
    const format = toText(value);
    if (format !== 'gzip' && format !== 'deflate' && format !== 'deflate-raw') {
      throw badValue(new TypeError(what + ": the format is none of 'gzip', 'deflate' and 'deflate-raw'"));
    }
    return format;
  };
  const bytesIn = (chunk, what) => {
    const bytes = bytesOf(chunk);
    if (bytes === undefined) throw badType(what + ': a chunk is neither an ArrayBuffer nor a view of one');
    return bytes;
  };

  // A number's four bytes.
  const little = (to, at, number) => {
    for (let i = 0; i < 4; i++) to[at + i] = number >>> (8 * i);
  };
  const big = (to, at, number) => {
    for (let i = 0; i < 4; i++) to[at + i] = number >>> (24 - 8 * i);
  };

  const compressor = (format) => {
    // Whole pieces come with the bytes before them in one buffer.
    const buffer = new Uint8Array(WINDOW + PIECE);
    let before = 0, end = 0, total = 0, began = false;
    let check = format === 'deflate' ? 1 : 0;

    const begin = (add) => {
      if (began) return;
      began = true;
      if (format === 'deflate-raw') return;
      const head = new Uint8Array(format === 'gzip' ? 10 : 2);
      if (format === 'gzip') {
        head[0] = 0x1f;
        head[1] = 0x8b;
        head[2] = 8;
        // Written on no system that is known.
        head[9] = 255;
      } else {
        head[0] = 0x78;
        head[1] = 0x9c;
      }
      add(head);
    };
    const flush = (add, last) => {
      const piece = part(buffer, before, end);
      begin(add);
      if (format === 'gzip') check = crc32(check, piece);
      else if (format === 'deflate') check = adler32(check, piece);
      total = (total + end - before) % 2 ** 32;
      const made = deflate(part(buffer, 0, before), piece, last);
      if (lengthOf(made) > 0) add(made);
      // The last bytes are what the next piece may refer to.
      const kept = end < WINDOW ? end : WINDOW;
      setBytes(buffer, copied(part(buffer, end - kept, end)));
      before = kept;
      end = kept;
    };
    const change = (chunk, add) => {
      const bytes = bytesIn(chunk, 'CompressionStream');
      const length = lengthOf(bytes);
      let at = 0;
      while (at < length) {
        const room = before + PIECE - end;
        const count = length - at < room ? length - at : room;
        setBytes(buffer, part(bytes, at, at + count), end);
        end += count;
        at += count;
        if (end === before + PIECE) flush(add, false);
      }
    };
    const finish = (add) => {
      flush(add, true);
      if (format === 'deflate-raw') return;
      const tail = new Uint8Array(format === 'gzip' ? 8 : 4);
      if (format === 'gzip') {
        little(tail, 0, check);
        little(tail, 4, total);
      } else {
        big(tail, 0, check);
      }
      add(tail);
    };
    return transforms.create(change, finish, () => {});
  };

  const decompressor = (format) => {
    let state = NOTHING, left = NOTHING, ended = false;
    const change = (chunk, add) => {
      const bytes = join(left, bytesIn(chunk, 'DecompressionStream'));
      const length = lengthOf(bytes);
      let at = 0;
      while (at < length && !ended) {
        const to = length - at < PIECE ? length : at + PIECE;
        const result = inflate(format, state, part(bytes, at, to));
        state = result[0];
        if (lengthOf(result[1]) > 0) add(result[1]);
        at += result[2];
        ended = result[4];
        if (!result[3] && to === length) break;
      }
      if (ended && at < length) throw new TypeError('DecompressionStream: there is more behind the end');
      left = copied(part(bytes, at, length));
    };
    const finish = () => {
      if (!ended) throw new TypeError('DecompressionStream: the data is cut short');
    };
    return transforms.create(change, finish, () => {});
  };

  class CompressionStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
    }

    constructor(format) { this.#stream = compressor(formatOf(format, arguments.length, 'CompressionStream')); }

    get readable() { return this.#stream.readable.object; }
    get writable() { return this.#stream.writable.object; }
  }

  class DecompressionStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
    }

    constructor(format) { this.#stream = decompressor(formatOf(format, arguments.length, 'DecompressionStream')); }

    get readable() { return this.#stream.readable.object; }
    get writable() { return this.#stream.writable.object; }
  }

  expose(CompressionStream, 'CompressionStream');
  expose(DecompressionStream, 'DecompressionStream');
  return { __proto__: null, CompressionStream, DecompressionStream };
})
