'use strict';
// The folders that `fs.opendir` gives. Their entries are read when they are opened.

const { codes: { ERR_DIR_CLOSED, ERR_INVALID_THIS } } = require('internal/errors');
const { validateFunction } = require('internal/validators');

class Dir {
  #path;
  #entries;
  #next = 0;
  #closed = false;

  constructor(path, entries) {
    this.#path = path;
    this.#entries = entries;
  }

  get path() {
    if (!(#path in this)) throw new ERR_INVALID_THIS('Dir');
    return this.#path;
  }

  #checkOpen() {
    if (this.#closed) throw new ERR_DIR_CLOSED();
  }

  readSync() {
    this.#checkOpen();
    return this.#entries[this.#next++] ?? null;
  }

  read(callback) {
    if (callback === undefined) return new Promise((resolve) => { resolve(this.readSync()); });
    validateFunction(callback, 'callback');
    process.nextTick(callback, null, this.readSync());
    return undefined;
  }

  closeSync() {
    this.#checkOpen();
    this.#closed = true;
  }

  close(callback) {
    if (callback === undefined) return new Promise((resolve) => { resolve(this.closeSync()); });
    validateFunction(callback, 'callback');
    if (this.#closed) {
      process.nextTick(callback, new ERR_DIR_CLOSED());
      return undefined;
    }
    this.#closed = true;
    process.nextTick(callback, null);
    return undefined;
  }

  async* entries() {
    try {
      for (;;) {
        const entry = await this.read();
        if (entry === null) break;
        yield entry;
      }
    } finally {
      await this.close();
    }
  }
}

Object.defineProperty(Dir.prototype, Symbol.asyncIterator, {
  __proto__: null, value: Dir.prototype.entries, enumerable: false, writable: true, configurable: true,
});
const { SymbolAsyncDispose, SymbolDispose } = require('internal/util');
Object.defineProperty(Dir.prototype, SymbolDispose, {
  __proto__: null, value: function dispose() { try { this.closeSync(); } catch { /* closed before */ } },
  enumerable: false, writable: true, configurable: true,
});
Object.defineProperty(Dir.prototype, SymbolAsyncDispose, {
  __proto__: null, async value() { try { this.closeSync(); } catch { /* closed before */ } },
  enumerable: false, writable: true, configurable: true,
});

module.exports = { Dir };
