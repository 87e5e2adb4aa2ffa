'use strict';
// Blob and File: bytes that do not change, with a type.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateObject, validateOneOf } = require('internal/validators');
const { exposeMembers } = require('internal/event_target');
const { addKind } = require('internal/structured_clone');
const { Buffer } = require('buffer');

const customInspect = Symbol.for('nodejs.util.inspect.custom');

const isAnyArrayBuffer = (value) => require('internal/util/types').isAnyArrayBuffer(value);

function bytesOf(part, endings) {
  if (part instanceof Blob) return blobBytes(part);
  // A copy: what the program changes later must not show.
  if (isAnyArrayBuffer(part)) return new Uint8Array(new Uint8Array(part));
  if (ArrayBuffer.isView(part)) return new Uint8Array(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  let text = `${part}`;
  if (endings === 'native') text = text.replace(/\r\n?/g, '\n');
  return Buffer.from(text);
}

// Bytes of one chunk of a blob's stream.
const kPiece = 65536;

const normalizeType = (type) => /[^\x20-\x7e]/.test(type) ? '' : type.toLowerCase();

class Blob {
  #bytes;
  #type;

  constructor(sources = [], options = undefined) {
    if (sources === null || typeof sources !== 'object' || typeof sources[Symbol.iterator] !== 'function') {
      throw new ERR_INVALID_ARG_TYPE('sources', 'a sequence', sources);
    }
    if (options != null) validateObject(options, 'options', 7);
    const type = options?.type === undefined ? '' : `${options.type}`;
    const endings = options?.endings === undefined ? 'transparent' : `${options.endings}`;
    validateOneOf(endings, 'options.endings', ['transparent', 'native']);
    this.#bytes = Buffer.concat(Array.from(sources, (part) => bytesOf(part, endings)));
    this.#type = normalizeType(type);
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#bytes in value)) throw new ERR_INVALID_THIS('Blob');
  }

  static bytesOf(blob) {
    return blob.#bytes;
  }

  // What a clone has: bytes that do not change may be shared.
  static fill(clone, blob) {
    clone.#bytes = blob.#bytes;
    clone.#type = blob.#type;
    return clone;
  }

  static isBlob(value) {
    return #bytes in value;
  }

  get type() {
    Blob.#check(this);
    return this.#type;
  }

  get size() {
    Blob.#check(this);
    return this.#bytes.length;
  }

  slice(start = 0, end = this.size, contentType = '') {
    Blob.#check(this);
    const part = new Blob();
    part.#bytes = this.#bytes.subarray(start, end);
    part.#type = normalizeType(`${contentType}`);
    return part;
  }

  async arrayBuffer() {
    Blob.#check(this);
    return new Uint8Array(this.#bytes).buffer;
  }

  async bytes() {
    Blob.#check(this);
    return new Uint8Array(this.#bytes);
  }

  async text() {
    Blob.#check(this);
    return new (require('internal/encoding').TextDecoder)().decode(this.#bytes);
  }

  stream() {
    Blob.#check(this);
    const { ReadableStream } = require('stream/web');
    const bytes = this.#bytes;
    let at = 0;
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        if (bytes.length === 0) controller.close();
      },
      pull(controller) {
        const to = Math.min(at + kPiece, bytes.length);
        controller.enqueue(new Uint8Array(bytes.subarray(at, to)));
        at = to;
        if (at === bytes.length) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  textStream() {
    const { TextDecoderStream } = require('stream/web');
    return this.stream().pipeThrough(new TextDecoderStream());
  }

  [customInspect](depth, options) {
    if (depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    return `Blob ${inspect({ size: this.size, type: this.type }, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }
}

const blobBytes = Blob.bytesOf;
delete Blob.bytesOf;
exposeMembers(Blob.prototype, 'Blob', ['size', 'type', 'slice', 'text', 'arrayBuffer', 'bytes', 'stream', 'textStream']);

class File extends Blob {
  #name;
  #lastModified;

  constructor(fileBits, fileName, options = undefined) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('fileBits', 'fileName');
    super(fileBits, options);
    this.#name = `${fileName}`.toWellFormed();
    this.#lastModified = options?.lastModified === undefined ? Date.now() : Math.trunc(+options.lastModified) || 0;
  }

  static {
    const { fill, isBlob } = Blob;
    delete Blob.fill;
    delete Blob.isBlob;
    addKind((value) => {
      if (!isBlob(value)) return undefined;
      if (!(#name in value)) return fill(new Blob(), value);
      return fill(new File([], value.#name, { lastModified: value.#lastModified }), value);
    });
  }

  get name() {
    if (!(#name in this)) throw new ERR_INVALID_THIS('File');
    return this.#name;
  }

  get lastModified() {
    if (!(#name in this)) throw new ERR_INVALID_THIS('File');
    return this.#lastModified;
  }

  [customInspect](depth, options) {
    if (depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    const { size, type, name, lastModified } = this;
    return `File ${inspect({ size, type, name, lastModified }, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }
}

exposeMembers(File.prototype, 'File', ['name', 'lastModified']);

const objects = new Map();

// The Blob behind 'blob:nodedata:...', if it has been registered.
function resolveObjectURL(url) {
  return objects.get(`${url}`);
}

function createObjectURL(blob) {
  if (!(blob instanceof Blob)) throw new ERR_INVALID_ARG_TYPE('obj', 'Blob', blob);
  const url = `blob:nodedata:${require('crypto').randomUUID()}`;
  objects.set(url, blob);
  return url;
}

function revokeObjectURL(url) {
  objects.delete(`${url}`);
}

module.exports = { Blob, File, blobBytes, createObjectURL, resolveObjectURL, revokeObjectURL };
