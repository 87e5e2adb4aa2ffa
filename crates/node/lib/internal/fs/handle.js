'use strict';
// `FileHandle`: what `fs.promises.open` gives.

const EventEmitter = require('events');
const { codes: { ERR_INVALID_STATE } } = require('internal/errors');
const { SymbolAsyncDispose } = require('internal/util');
const { performPromise, request } = require('internal/fs/requests');
const operations = require('internal/fs/operations');
const readWrite = require('internal/fs/read_write');
const { getOptions, systemError, toFlags } = require('internal/fs/utils');

const EBADF = -9;

class FileHandle extends EventEmitter {
  #fd;
  #closing;

  constructor(fd) {
    super();
    this.#fd = fd;
  }

  get fd() {
    return this.#fd;
  }

  #perform(syscall, makeOperation) {
    if (this.#fd === -1) return Promise.reject(Object.assign(systemError(EBADF, syscall)));
    try {
      return performPromise(makeOperation(this.#fd));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  appendFile(data, options) {
    return this.writeFile(data, options);
  }

  chmod(mode) { return this.#perform('fchmod', (fd) => operations.fchmod(fd, mode)); }
  chown(uid, gid) { return this.#perform('fchown', (fd) => operations.fchown(fd, uid, gid)); }
  datasync() { return this.#perform('fdatasync', (fd) => operations.fdatasync(fd)); }
  sync() { return this.#perform('fsync', (fd) => operations.fsync(fd)); }
  stat(options) { return this.#perform('fstat', (fd) => operations.fstat(fd, options)); }
  truncate(length) { return this.#perform('ftruncate', (fd) => operations.ftruncate(fd, length)); }
  utimes(atime, mtime) { return this.#perform('futime', (fd) => operations.futimes(fd, atime, mtime)); }

  async read(buffer, offset, length, position) {
    if (!ArrayBuffer.isView(buffer)) {
      const options = buffer ?? {};
      ({ buffer, offset, length, position } = { position: null, ...options });
      buffer ??= require('buffer').Buffer.alloc(16384);
    } else {
      [offset, length, position] = readWrite.spread(offset, length, position, buffer);
    }
    if (this.#fd === -1) throw systemError(EBADF, 'read');
    const plan = readWrite.readArguments(this.#fd, buffer, offset, length, position);
    const bytesRead = plan.length === 0 ? 0 : await performPromise(readWrite.readRequest(plan));
    return { __proto__: null, bytesRead, buffer };
  }

  async readv(buffers, position) {
    const bytesRead = await this.#perform('read', (fd) => readWrite.scatter(fd, buffers, position));
    return { __proto__: null, bytesRead, buffers };
  }

  async write(data, offset, length, position) {
    const op = (fd) => request(internalBinding('fs').write, readWrite.writeArguments(fd, data, offset, length, position), 'write');
    const bytesWritten = await this.#perform('write', op);
    return { __proto__: null, bytesWritten, buffer: data };
  }

  async writev(buffers, position) {
    const bytesWritten = await this.#perform('write', (fd) => readWrite.gather(fd, buffers, position));
    return { __proto__: null, bytesWritten, buffers };
  }

  readFile(options) {
    return this.#perform('read', (fd) => {
      options = getOptions(options, { flag: 'r' });
      return operations.readContent(fd, toFlags(options.flag), options.encoding);
    });
  }

  async writeFile(data, options) {
    const { isIterable, writeChunks } = require('internal/fs/promises');
    if (isIterable(data)) {
      await writeChunks(this, data, options);
      return undefined;
    }
    return this.#perform('write', (fd) => operations.writeFile(fd, data, options));
  }

  close() {
    if (this.#fd === -1) return Promise.resolve();
    if (this.#closing !== undefined) return this.#closing;
    const fd = this.#fd;
    this.#fd = -1;
    this.#closing = performPromise(operations.close(fd)).finally(() => { this.#closing = undefined; });
    this.emit('close');
    return this.#closing;
  }

  async [SymbolAsyncDispose]() {
    await this.close();
  }

  createReadStream(options) {
    const { ReadStream } = require('internal/fs/streams');
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options) {
    const { WriteStream } = require('internal/fs/streams');
    return new WriteStream(undefined, { ...options, fd: this });
  }

  readableWebStream() {
    if (this.#fd === -1) throw new ERR_INVALID_STATE('The FileHandle is closed');
    return require('stream').Readable.toWeb(this.createReadStream({ autoClose: false }));
  }

  readLines(options) {
    return require('readline').createInterface({ input: this.createReadStream(options), crlfDelay: Infinity });
  }
}

module.exports = { FileHandle };
