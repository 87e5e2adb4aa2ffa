'use strict';
// The parent's end of a child's pipe, as a stream. Named as Node names it.

const { Duplex } = require('stream');
const { ErrnoException } = require('internal/errors');

class Socket extends Duplex {
  // `handle` is undefined if the child could not be started. `oneWay`: ending it closes it.
  constructor({ handle, readable, writable, oneWay }) {
    super({ readable, writable, allowHalfOpen: false, decodeStrings: false, emitClose: true, autoDestroy: true });
    this._handle = handle ?? null;
    this._oneWay = oneWay;
    this.connecting = false;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    if (handle !== undefined) handle.onread = (bytes, count) => this.#onRead(bytes, count);
  }

  #onRead(bytes, count) {
    if (count > 0) {
      this.bytesRead += count;
      this.push(require('buffer').Buffer.from(bytes));
    } else if (count === 0) {
      this.push(null);
      // Ends, and closes, even if nobody reads.
      if (this.readableLength === 0) this.read(0);
    } else {
      this.destroy(ErrnoException(count, 'read'));
    }
  }

  _read() {
    this._handle?.read();
  }

  _write(chunk, encoding, callback) {
    if (this._handle === null) {
      callback(ErrnoException(-32, 'write'));
      return;
    }
    const utf8 = typeof chunk === 'string' && (encoding === 'utf8' || encoding === 'utf-8');
    const data = typeof chunk === 'string' && !utf8 ? require('buffer').Buffer.from(chunk, encoding) : chunk;
    const done = (errno) => callback(errno < 0 ? ErrnoException(errno, 'write') : null);
    this.bytesWritten += utf8 ? require('buffer').Buffer.byteLength(data) : data.length;
    const result = this._handle.write(data, done);
    if (result !== undefined) done(result);
  }

  _final(callback) {
    if (this._handle !== null && !this._oneWay) this._handle.shutdown();
    callback();
  }

  _destroy(error, callback) {
    const handle = this._handle;
    this._handle = null;
    if (handle === null) callback(error);
    else handle.close(() => callback(error));
  }

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  get readyState() {
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get pending() {
    return this._handle === null;
  }

  get fd() {
    return this._handle === null ? -1 : this._handle.fd;
  }

  ref() {
    this._handle?.ref();
    return this;
  }

  unref() {
    this._handle?.unref();
    return this;
  }

  setTimeout() {
    return this;
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }
}

module.exports = { Socket };
