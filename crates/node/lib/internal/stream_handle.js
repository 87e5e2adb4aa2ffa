'use strict';
// One end of a pipe or a local socket, as streams are made on it. Knows nothing of streams.

const { keepFrame, setFrame } = require('internal/async_context');
const { endScope, makeScope, runInScope } = require('internal/async_hooks');
const binding = internalBinding('stream');

class StreamHandle {
  #id;
  #writes = [];
  #closed = false;
  #referenced = true;
  // What happens is told in the frame in which the stream was made.
  #frame = keepFrame('PIPEWRAP');
  #scope = makeScope('PIPEWRAP');
  // Called with bytes (an ArrayBuffer), or with undefined and 0 at the end or a negative error number.
  onread = undefined;

  // Takes the descriptor over.
  constructor(fd) {
    this.fd = fd;
    const id = binding.open(fd, (event, value) => this.#handle(event, value));
    if (id < 0) {
      const { ErrnoException } = require('internal/errors');
      throw new ErrnoException(id, 'open');
    }
    this.#id = id;
  }

  #handle(event, value) {
    setFrame(this.#frame);
    runInScope(this.#scope, this.#tell, this, [event, value]);
  }

  #tell(event, value) {
    switch (event) {
      case 'data':
        this.onread?.(value, value.byteLength);
        break;
      case 'end':
        this.onread?.(undefined, 0);
        break;
      case 'written':
        this.#writes.shift()(value);
        break;
      default:
        this.onread?.(undefined, value);
    }
  }

  // Asks for one call of `onread`.
  read() {
    if (!this.#closed) binding.read(this.#id);
  }

  // Writes a string as UTF-8, or bytes. Returns 0 if all is written, a negative error number, or undefined if
  // `callback(errno)` will tell.
  write(data, callback) {
    if (this.#closed) return -9;
    const result = binding.write(this.#id, data);
    if (result <= 0) return result;
    this.#writes.push(callback);
    return undefined;
  }

  shutdown(both = false) {
    return this.#closed ? -9 : binding.shutdown(this.#id, both);
  }

  ref() {
    this.#referenced = true;
    if (!this.#closed) binding.setRef(this.#id, true);
  }

  unref() {
    this.#referenced = false;
    if (!this.#closed) binding.setRef(this.#id, false);
  }

  hasRef() {
    return this.#referenced && !this.#closed;
  }

  // Nothing is called any more, but `callback`.
  close(callback) {
    if (!this.#closed) {
      this.#closed = true;
      this.fd = -1;
      binding.close(this.#id);
      endScope(this.#scope);
    }
    if (callback !== undefined) process.nextTick(callback);
  }

  get closed() {
    return this.#closed;
  }
}

module.exports = { StreamHandle };
