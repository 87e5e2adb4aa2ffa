'use strict';
// `process.stdin`, `stdout`, `stderr`. Writing is synchronous, to files, pipes and terminals alike, as
// in Node on POSIX systems: nothing is lost when the program exits.

const { makeScope, runInScope } = require('internal/async_hooks');
const binding = internalBinding('process');
const kindOf = binding.stdioKind; // 'tty' | 'pipe' | 'fs'

function makeStdio(fd) {
  return fd === 0 ? makeStdin() : makeOutput(fd);
}

function write(fd, chunk) {
  const errno = binding.writeStdio(fd, chunk);
  if (errno === 0) return undefined;
  const { ErrnoException } = require('internal/errors');
  return new ErrnoException(-errno, 'write');
}

function makeOutput(fd) {
  const { Writable } = require('stream');

  class WriteStream extends Writable {
    constructor() {
      super({ decodeStrings: false, emitClose: false, autoDestroy: true });
      this.fd = fd;
      this._type = kindOf(fd);
      this._isStdio = true;
      this.destroySoon = this.destroy;
      if (this._type === 'tty') makeTerminal(this, fd);
    }

    // The way through the stream's own queue is only needed for what is not a plain write.
    write(chunk, encoding, callback) {
      const isText = typeof chunk === 'string';
      if (!(isText ? isUtf8(encoding) : chunk instanceof Uint8Array) || isEnded(this)) {
        return super.write(chunk, encoding, callback);
      }
      if (typeof encoding === 'function') callback = encoding;
      const error = chunk.length === 0 ? undefined : write(fd, chunk);
      if (error === undefined) {
        if (typeof callback === 'function') process.nextTick(callback, null);
        return true;
      }
      this.destroy(error);
      if (typeof callback === 'function') process.nextTick(callback, error);
      return false;
    }

    _write(chunk, encoding, callback) {
      if (typeof chunk === 'string' && !isUtf8(encoding)) chunk = Buffer.from(chunk, encoding);
      callback(write(fd, chunk) ?? null);
    }

    _destroy(error, callback) {
      callback(error);
    }
  }

  return new WriteStream();
}

function isUtf8(encoding) {
  return encoding === undefined || encoding === null || typeof encoding === 'function' ||
    encoding === 'utf8' || encoding === 'utf-8';
}

function isEnded(stream) {
  return stream.writableEnded || stream.destroyed || stream.writableCorked > 0;
}

function makeTerminal(stream, fd) {
  stream.isTTY = true;
  const size = binding.windowSize(fd);
  [stream.columns, stream.rows] = size ?? [80, 24];
  stream.getWindowSize = () => [stream.columns, stream.rows];
  stream.getColorDepth = (env = process.env) => colorDepth(env);
  stream.hasColors = (count, env) => {
    if (env === undefined && typeof count === 'object') {
      env = count;
      count = 16;
    }
    return (count ?? 16) <= 2 ** colorDepth(env ?? process.env);
  };
  stream.clearLine = (direction, callback) =>
    stream.write(direction < 0 ? '\x1b[1K' : direction > 0 ? '\x1b[0K' : '\x1b[2K', callback);
  stream.clearScreenDown = (callback) => stream.write('\x1b[0J', callback);
  stream.cursorTo = (x, y, callback) => {
    if (typeof y === 'function') {
      callback = y;
      y = undefined;
    }
    return stream.write(y === undefined ? `\x1b[${x + 1}G` : `\x1b[${y + 1};${x + 1}H`, callback);
  };
  stream.moveCursor = (dx, dy, callback) => {
    let text = '';
    if (dx < 0) text += `\x1b[${-dx}D`;
    else if (dx > 0) text += `\x1b[${dx}C`;
    if (dy < 0) text += `\x1b[${-dy}A`;
    else if (dy > 0) text += `\x1b[${dy}B`;
    return stream.write(text, callback);
  };
}

function colorDepth(env) {
  if (env.FORCE_COLOR !== undefined) {
    return { '': 4, '1': 4, 'true': 4, '2': 8, '3': 24 }[env.FORCE_COLOR] ?? 1;
  }
  if (env.NODE_DISABLE_COLORS || env.NO_COLOR || env.TERM === 'dumb') return 1;
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return 24;
  if (/-256(color)?$/i.test(env.TERM ?? '')) return 8;
  return env.TERM ? 4 : 1;
}

const kHeld = Symbol('held');

function hold(stream, on) {
  stream[kHeld] = on;
  binding.refStdin(on);
}

function makeStdin() {
  const { Readable } = require('stream');
  let scope;
  let reading = false;

  class ReadStream extends Readable {
    constructor() {
      super({ highWaterMark: 65536, autoDestroy: true });
      // Whether waiting for input keeps the program alive.
      Object.defineProperty(this, kHeld, { value: true, writable: true });
      this.fd = 0;
      this._type = kindOf(0);
      if (this._type === 'tty') {
        this.isTTY = true;
        this.isRaw = false;
        this.setRawMode = (on) => {
          if (binding.setRawMode(Boolean(on))) this.isRaw = Boolean(on);
          return this;
        };
      }
    }

    _read() {
      if (reading) return;
      reading = true;
      scope ??= makeScope(this._type === 'tty' ? 'TTYWRAP' : 'PIPEWRAP');
      binding.readStdin((chunk) => runInScope(scope, () => {
        reading = false;
        if (typeof chunk === 'number') {
          const { ErrnoException } = require('internal/errors');
          this.destroy(new ErrnoException(-chunk, 'read'));
        } else {
          this.push(chunk === null ? null : Buffer.from(chunk));
        }
      }, undefined, []));
      binding.refStdin(this[kHeld]);
    }

    pause() {
      hold(this, false);
      return super.pause();
    }

    resume() {
      hold(this, true);
      return super.resume();
    }

    ref() {
      hold(this, true);
      return this;
    }

    unref() {
      hold(this, false);
      return this;
    }

    _destroy(error, callback) {
      binding.refStdin(false);
      callback(error);
    }
  }

  return new ReadStream();
}

const plain = new Map();

// What the console writes to while the program has not asked for the stream itself: loading streams
// takes longer than all else that a small program does. None for terminals, whose streams do more.
function plainOutput(fd) {
  if (!require('internal/process/setup').isUntouched(fd)) return undefined;
  let output = plain.get(fd);
  if (output === undefined) {
    output = kindOf(fd) === 'tty' ? null : {
      write(text) {
        write(fd, text);
        return true;
      },
    };
    plain.set(fd, output);
  }
  return output ?? undefined;
}

module.exports = { makeStdio, plainOutput };
