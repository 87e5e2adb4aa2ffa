'use strict';
// Bodies of requests and responses. A body is bytes, a stream of Node, or a stream of the Web; the latter is
// made of the others only where a program asks for it.

const { Buffer } = require('buffer');
const { hasBuiltin } = require('internal/bootstrap/loader');
const { isAnyArrayBuffer } = require('internal/util/types');

class Body {
  bytes = null; // all of it
  readable = null; // a stream of Node
  stream = null; // a stream of the Web
  isUsed = false;
  // What reading from `readable` fails with becomes an error of fetch.
  explain = (error) => error;

  get isDisturbed() {
    return this.isUsed || (this.stream !== null && require('stream').isDisturbed(this.stream));
  }

  get isUnusable() {
    return this.isDisturbed || (this.stream?.locked ?? false);
  }

  // The stream of the Web. What is read by other ways is locked for those who come later.
  getStream() {
    if (this.stream === null) {
      this.stream = makeStream(this);
      if (this.isUsed) this.stream.getReader();
    }
    return this.stream;
  }

  static ofBytes(bytes) {
    const body = new Body();
    body.bytes = bytes;
    return body;
  }

  static ofReadable(readable, explain) {
    const body = new Body();
    body.readable = readable;
    if (explain !== undefined) body.explain = explain;
    return body;
  }

  static ofStream(stream) {
    const body = new Body();
    body.stream = stream;
    return body;
  }

  // Another body of the same content; both can be read.
  clone() {
    if (this.bytes !== null && this.stream === null) return Body.ofBytes(this.bytes);
    const [one, two] = this.getStream().tee();
    this.readable = null;
    this.bytes = null;
    this.stream = one;
    return Body.ofStream(two);
  }

  // All of the body, once.
  async readAll() {
    if (this.isUnusable) throw new TypeError('Body is unusable: Body has already been read');
    this.isUsed = true;
    if (this.stream === null) return this.bytes ?? collect(this.readable, this.explain);
    const chunks = [];
    const reader = this.stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks);
      if (!ArrayBuffer.isView(value)) throw new TypeError('Received non-Uint8Array chunk');
      chunks.push(value);
    }
  }
}

function collect(readable, explain) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const fail = (error) => reject(explain(error));
    if (readable.destroyed && !readable.readableEnded) {
      fail(readable.errored ?? new Error('aborted'));
      return;
    }
    readable.on('data', (chunk) => chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    readable.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    readable.on('error', fail);
    readable.on('close', () => {
      if (!readable.readableEnded) fail(readable.errored ?? new Error('aborted'));
    });
  });
}

function makeStream({ bytes, readable, explain, isUsed }) {
  const { ReadableStream } = require('stream/web');
  if (bytes !== null || isUsed) {
    const rest = isUsed ? 0 : bytes.length;
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        if (rest === 0) controller.close();
      },
      pull(controller) {
        controller.enqueue(new Uint8Array(bytes));
        controller.close();
      },
    }, { highWaterMark: 0 });
  }
  let chunks;
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      chunks ??= readable[Symbol.asyncIterator]();
      try {
        let next;
        do {
          next = await chunks.next();
        } while (!next.done && next.value.length === 0);
        if (next.done) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          controller.enqueue(new Uint8Array(typeof next.value === 'string' ? Buffer.from(next.value) : next.value));
        }
      } catch (error) {
        controller.error(explain(error));
      }
    },
    cancel(reason) {
      readable.destroy(reason instanceof Error ? reason : undefined);
    },
  }, { highWaterMark: 0 });
}

function isWebStream(value) {
  return typeof value.getReader === 'function' && hasBuiltin('stream/web') &&
    value instanceof require('stream/web').ReadableStream;
}

// What a program gives as a body: { body, type } with the content type that goes with it, or null.
function extractBody(value, prefix) {
  const bytesWith = (bytes, type) => ({ body: Body.ofBytes(bytes), type });
  if (typeof value === 'object' || typeof value === 'function') {
    if (isWebStream(value)) {
      if (value.locked || require('stream').isDisturbed(value)) {
        throw new TypeError('Response body object should not be disturbed or locked');
      }
      return { body: Body.ofStream(value), type: null };
    }
    if (isAnyArrayBuffer(value)) return bytesWith(Buffer.from(value.slice(0)), null);
    if (ArrayBuffer.isView(value)) {
      return bytesWith(Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), null);
    }
    if (value instanceof URLSearchParams) {
      return bytesWith(Buffer.from(value.toString()), 'application/x-www-form-urlencoded;charset=UTF-8');
    }
    const { Blob, blobBytes } = require('internal/buffer/blob');
    if (value instanceof Blob) return bytesWith(blobBytes(value), value.type || null);
    const forms = require('internal/fetch/form_data');
    if (forms.isFormData(value)) {
      const { bytes, type } = forms.encodeMultipart(value);
      return bytesWith(bytes, type);
    }
    if (typeof value[Symbol.asyncIterator] === 'function') {
      const { Readable } = require('stream');
      return { body: Body.ofReadable(value instanceof Readable ? value : Readable.from(value, { objectMode: false })), type: null };
    }
  }
  const { usvString } = require('internal/fetch/convert');
  return bytesWith(Buffer.from(usvString(value, prefix, 'body')), 'text/plain;charset=UTF-8');
}

const kNoBytes = Buffer.alloc(0);

function decodeText(bytes) {
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function mimeType(headers) {
  const value = headers.get('content-type');
  if (value === null) return undefined;
  try {
    return new (require('internal/mime').MIMEType)(value);
  } catch {
    return undefined;
  }
}

function toForm(bytes, headers) {
  const { decodeMultipart, decodeUrlEncoded } = require('internal/fetch/form_data');
  const type = mimeType(headers);
  if (type?.essence === 'multipart/form-data') {
    const boundary = type.params.get('boundary');
    if (boundary === null) throw new TypeError('Failed to parse body as FormData.');
    return decodeMultipart(bytes, boundary);
  }
  if (type?.essence === 'application/x-www-form-urlencoded') return decodeUrlEncoded(bytes);
  throw new TypeError('Content-Type was not one of "multipart/form-data" or "application/x-www-form-urlencoded".');
}

// Gives `Class` what requests and responses have in common. `bodyOf(object)` checks that it is one of its objects
// and gives its body or null.
function defineBodyMembers(Class, bodyOf) {
  const read = async (object, convert) => {
    const body = bodyOf(object);
    const bytes = body === null ? kNoBytes : await body.readAll();
    return convert(bytes, object.headers);
  };
  const members = {
    get body() {
      const body = bodyOf(this);
      return body === null || !hasBuiltin('stream/web') ? null : body.getStream();
    },
    get bodyUsed() { return bodyOf(this)?.isDisturbed ?? false; },
    blob() {
      return read(this, (bytes, headers) => new Blob([bytes], { type: String(mimeType(headers) ?? '') }));
    },
    arrayBuffer() {
      return read(this, (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
    text() { return read(this, decodeText); },
    json() { return read(this, (bytes) => JSON.parse(decodeText(bytes))); },
    formData() { return read(this, toForm); },
    bytes() { return read(this, (bytes) => new Uint8Array(bytes)); },
  };
  Object.defineProperties(Class.prototype, Object.getOwnPropertyDescriptors(members));
}

module.exports = { Body, defineBodyMembers, extractBody };
