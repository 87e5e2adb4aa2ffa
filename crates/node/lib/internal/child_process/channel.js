'use strict';
// The channel between a program and one that it has forked: a line for each message, in JSON, or in base64 what
// `v8.serialize` makes of it. Handles are not passed.

const { StreamHandle } = require('internal/stream_handle');
const {
  ErrnoException,
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_HANDLE_TYPE, ERR_IPC_CHANNEL_CLOSED, ERR_IPC_DISCONNECTED, ERR_MISSING_ARGS,
  },
} = require('internal/errors');
const { validateObject } = require('internal/validators');

// Messages with this at the head of their `cmd` are not the program's.
const INTERNAL_PREFIX = 'NODE_';

class Channel {
  #handle;
  // What the program has said of it, which counts more than the listeners that there are.
  #explicit = false;

  constructor(handle) {
    this.#handle = handle;
  }

  get fd() {
    return this.#handle.fd;
  }

  ref() {
    this.#explicit = true;
    this.#handle.ref();
  }

  unref() {
    this.#explicit = true;
    this.#handle.unref();
  }

  hasRef() {
    return this.#handle.hasRef();
  }

  // As there are listeners or not.
  refCounted(on) {
    if (this.#explicit) return;
    if (on) this.#handle.ref();
    else this.#handle.unref();
  }
}

function isInternal(message) {
  return message !== null && typeof message === 'object' && typeof message.cmd === 'string' &&
    message.cmd.length > INTERNAL_PREFIX.length && message.cmd.startsWith(INTERNAL_PREFIX);
}

// Takes lines apart; a character may be split between two pieces.
class Lines {
  #decoder = new TextDecoder();
  #rest = '';

  push(bytes) {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop();
    return lines;
  }
}

const formats = {
  json: { write: (message) => JSON.stringify(message), read: (line) => JSON.parse(line) },
  advanced: {
    write: (message) => require('v8').serialize(message).toString('base64'),
    read: (line) => require('v8').deserialize(require('buffer').Buffer.from(line, 'base64')),
  },
};

function setup(target, fd, serialization, onClosed) {
  const format = formats[serialization] ?? formats.json;
  const handle = new StreamHandle(fd);
  const lines = new Lines();
  const channel = new Channel(handle);
  target.channel = channel;
  target._channel = channel;
  target.connected = true;
  let waiting = 0;
  let disconnecting = false;

  function close() {
    if (handle.closed) return;
    target.channel = null;
    target._channel = null;
    target.connected = false;
    // The child's own children may hold the same end.
    handle.shutdown(true);
    handle.close(() => {
      target.emit('disconnect');
      onClosed?.();
    });
  }

  function deliver(message) {
    target.emit(isInternal(message) ? 'internalMessage' : 'message', message, undefined);
  }

  handle.onread = (bytes, count) => {
    if (count <= 0) {
      target.connected = false;
      close();
      return;
    }
    for (const line of lines.push(bytes)) {
      // One throwing must not keep the others from being heard.
      process.nextTick(deliver, format.read(line));
    }
    handle.read();
  };
  handle.read();

  target._send = function _send(message, options, callback) {
    const text = `${format.write(message)}\n`;
    waiting++;
    const done = (errno) => {
      waiting--;
      if (callback !== undefined) {
        process.nextTick(callback, errno < 0 ? ErrnoException(errno, 'write') : null);
      } else if (errno < 0 && !options.swallowErrors) {
        process.nextTick(() => target.emit('error', ErrnoException(errno, 'write')));
      }
      if (waiting === 0 && disconnecting) process.nextTick(close);
    };
    const result = handle.write(text, done);
    if (result !== undefined) done(result);
    return result === 0;
  };

  target.send = function send(message, sendHandle, options, callback) {
    if (typeof sendHandle === 'function') [callback, sendHandle, options] = [sendHandle, undefined, undefined];
    else if (typeof options === 'function') [callback, options] = [options, undefined];
    else if (options !== undefined) validateObject(options, 'options');
    if (message === undefined) throw new ERR_MISSING_ARGS('message');
    if (!['string', 'object', 'number', 'boolean'].includes(typeof message)) {
      throw new ERR_INVALID_ARG_TYPE('message', ['string', 'object', 'number', 'boolean'], message);
    }
    if (sendHandle !== undefined && sendHandle !== null) throw new ERR_INVALID_HANDLE_TYPE();
    if (this.connected) return this._send(message, { ...options }, callback);
    const error = new ERR_IPC_CHANNEL_CLOSED();
    if (typeof callback === 'function') process.nextTick(callback, error);
    else process.nextTick(() => this.emit('error', error));
    return false;
  };

  target.disconnect = function disconnect() {
    if (!this.connected) {
      this.emit('error', new ERR_IPC_DISCONNECTED());
      return;
    }
    this.connected = false;
    // What is being written is still written.
    if (waiting > 0) disconnecting = true;
    else process.nextTick(close);
  };

  return { channel, handle };
}

// In the parent. The other end is also held by whoever the child has started.
function setupChannel(child, fd, serialization, onClosed) {
  const { handle } = setup(child, fd, serialization, onClosed);
  child.on('exit', () => { handle.shutdown(true); });
}

// In the child: the channel keeps it alive only while it listens.
function setupParentChannel(fd) {
  const serialization = process.env.NODE_CHANNEL_SERIALIZATION_MODE;
  // Not for this program's own children.
  delete process.env.NODE_CHANNEL_FD;
  delete process.env.NODE_CHANNEL_SERIALIZATION_MODE;
  const { channel } = setup(process, fd, serialization, undefined);
  channel.refCounted(false);
  let listeners = 0;
  const counts = (name) => name === 'message' || name === 'disconnect';
  process.on('newListener', (name) => {
    if (counts(name) && ++listeners === 1) channel.refCounted(true);
  });
  process.on('removeListener', (name) => {
    if (counts(name) && --listeners === 0) channel.refCounted(false);
  });
}

module.exports = { setupChannel, setupParentChannel };
