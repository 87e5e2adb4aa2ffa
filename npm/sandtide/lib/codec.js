'use strict';
// Values and messages as bytes: the other half of `crates/wire`, whose HOST.md is the reference.
// Everything that is read is checked. Must not know processes or who asks.

const { isUtf8 } = require('node:buffer');
const { types } = require('node:util');
const { SandtideError } = require('./errors.js');

const PROTOCOL = 1;
const MAX_DEPTH = 256;
const MAX_FRAME = 2 ** 30;
const CHUNK = 64 * 1024;

/** Writes frames one behind the other, into memory that is never used again. */
class Writer {
  constructor() {
    this.bytes = Buffer.allocUnsafeSlow(CHUNK);
    /** Where the frames begin that nobody has taken. */
    this.start = 0;
    this.at = 0;
    this.frame = 0;
    /** Whether a frame is being written. */
    this.open = false;
    /** Frames that were said by getters of what is being written: they come behind it. */
    this.behind = [];
  }

  room(more) {
    if (this.bytes.length - this.at >= more) return;
    const used = this.at - this.start;
    const bytes = Buffer.allocUnsafeSlow(Math.max(CHUNK, 2 * (used + more)));
    this.bytes.copy(bytes, 0, this.start, this.at);
    this.frame -= this.start;
    this.at = used;
    this.start = 0;
    this.bytes = bytes;
  }

  begin(tag) {
    this.room(5);
    this.frame = this.at;
    this.at += 4;
    this.bytes[this.at++] = tag;
  }

  end() {
    const length = this.at - this.frame - 4;
    if (length > MAX_FRAME) {
      this.at = this.frame;
      const message = `what is given to a run takes ${length} bytes, of at most ${MAX_FRAME}`;
      throw new SandtideError('ERR_TOO_LARGE', message);
    }
    this.bytes.writeUInt32LE(length, this.frame);
  }

  /** Writes a frame; where that throws, nothing of it is left. */
  message(tag, write) {
    if (this.open) return this.within(() => this.message(tag, write));
    this.open = true;
    try {
      this.begin(tag);
      try {
        write(this);
      } catch (error) {
        this.at = this.frame;
        throw error;
      }
      this.end();
    } finally {
      this.open = false;
      for (const bytes of this.behind.splice(0)) {
        this.room(bytes.length);
        this.bytes.set(bytes, this.at);
        this.at += bytes.length;
      }
    }
  }

  /** Writes while a frame is being written, into memory of its own. */
  within(write) {
    const { bytes, start, at, frame, behind } = this;
    Object.assign(this, { bytes: Buffer.allocUnsafeSlow(CHUNK), start: 0, at: 0, frame: 0, open: false, behind: [] });
    let taken = null;
    try {
      write();
    } finally {
      taken = this.take();
      Object.assign(this, { bytes, start, at, frame, open: true, behind });
    }
    if (taken) this.behind.push(taken);
  }

  /** The frames that were written since the last time, or null. */
  take() {
    if (this.open) return this.behind.length ? Buffer.concat(this.behind.splice(0)) : null;
    if (this.at === this.start) return null;
    const taken = this.bytes.subarray(this.start, this.at);
    if (this.bytes.length - this.at < 1024) {
      this.bytes = Buffer.allocUnsafeSlow(CHUNK);
      this.start = this.at = 0;
    } else {
      this.start = this.at;
    }
    return taken;
  }

  byte(value) {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  u32(value) {
    this.room(4);
    const { bytes, at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }

  /** A whole number below 2^53. */
  u64(value) {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / 2 ** 32));
  }

  big64(value) {
    this.room(8);
    this.bytes.writeBigUInt64LE(value, this.at);
    this.at += 8;
  }

  f64(value) {
    this.room(8);
    this.bytes.writeDoubleLE(value, this.at);
    this.at += 8;
  }

  bool(value) {
    this.byte(value ? 1 : 0);
  }

  option(value, write) {
    if (value === undefined || value === null) return this.byte(0);
    this.byte(1);
    write(value);
  }

  list(items, write) {
    this.u32(items.length);
    for (const item of items) write(item);
  }

  string(text) {
    const { length } = text;
    if (length < 64) {
      this.room(4 + length);
      const { bytes } = this;
      let at = this.at + 4;
      let index = 0;
      for (; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit >= 0x80) break;
        bytes[at++] = unit;
      }
      if (index === length) {
        this.u32(length);
        this.at = at;
        return;
      }
    }
    if (!text.isWellFormed()) throw new Refused('a string with a lone surrogate (use toWellFormed())');
    const size = Buffer.byteLength(text);
    this.room(4 + size);
    this.u32(size);
    this.at += this.bytes.write(text, this.at, size, 'utf8');
  }

  buffer(from) {
    this.room(4 + from.byteLength);
    this.u32(from.byteLength);
    this.bytes.set(from, this.at);
    this.at += from.byteLength;
  }
}

/** What has no form on the other side; `path` grows as it is passed outwards. */
class Refused extends Error {
  constructor(what) {
    super(what);
    this.path = '';
  }

  /** As the error that users see. */
  at(root) {
    const message = `${root}${this.path}: ${this.message} cannot cross`;
    return new SandtideError('ERR_NOT_CROSSABLE', message);
  }
}

const PLAIN_NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

function step(name) {
  return PLAIN_NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function within(error, path) {
  if (error instanceof Refused) error.path = path + error.path;
  return error;
}

/** Writes a value; `depth` counts the values that it lies in, which `ancestors` holds. */
function writeValue(to, value, ancestors) {
  switch (typeof value) {
    case 'undefined':
      return to.byte(0);
    case 'boolean':
      return to.byte(value ? 3 : 2);
    case 'number':
      to.byte(4);
      return to.f64(value);
    case 'bigint':
      to.byte(5);
      return to.string(value.toString());
    case 'string':
      to.byte(6);
      return to.string(value);
    case 'function':
      throw new Refused('a function');
    case 'symbol':
      throw new Refused('a symbol');
  }
  if (value === null) return to.byte(1);
  writeObject(to, value, ancestors);
}

function writeObject(to, value, ancestors) {
  if (ancestors.includes(value)) throw new Refused('a cycle');
  if (types.isDate(value)) {
    to.byte(11);
    return to.f64(Date.prototype.getTime.call(value));
  }
  if (ArrayBuffer.isView(value)) {
    if (!types.isUint8Array(value)) {
      throw new Refused(
        types.isDataView(value) ? 'a DataView' : 'a typed array other than Uint8Array',
      );
    }
    to.byte(9);
    return to.buffer(value);
  }
  if (types.isAnyArrayBuffer(value)) {
    if (types.isSharedArrayBuffer(value)) throw new Refused('a SharedArrayBuffer');
    to.byte(10);
    return to.buffer(new Uint8Array(value));
  }
  if (ancestors.length >= MAX_DEPTH) throw new Refused('nesting deeper than 256 levels');
  ancestors.push(value);
  if (Array.isArray(value)) {
    to.byte(7);
    const { length } = value;
    to.u32(length);
    for (let index = 0; index < length; index++) {
      try {
        writeValue(to, value[index], ancestors);
      } catch (error) {
        throw within(error, `[${index}]`);
      }
    }
  } else if (types.isMap(value)) {
    to.byte(12);
    const entries = [...Map.prototype.entries.call(value)];
    to.u32(entries.length);
    entries.forEach(([key, item], index) => {
      for (const [part, what] of [[key, 'key'], [item, 'value']]) {
        try {
          writeValue(to, part, ancestors);
        } catch (error) {
          throw within(error, `<${what} ${index}>`);
        }
      }
    });
  } else if (types.isSet(value)) {
    to.byte(13);
    const items = [...Set.prototype.values.call(value)];
    to.u32(items.length);
    items.forEach((item, index) => {
      try {
        writeValue(to, item, ancestors);
      } catch (error) {
        throw within(error, `<item ${index}>`);
      }
    });
  } else {
    writePlain(to, value, ancestors);
  }
  ancestors.pop();
}

function writePlain(to, value, ancestors) {
  const what =
    (types.isPromise(value) && 'a promise') ||
    (types.isRegExp(value) && 'a regular expression') ||
    (types.isWeakMap(value) && 'a WeakMap') ||
    (types.isWeakSet(value) && 'a WeakSet') ||
    (types.isProxy(value) && typeof value === 'function' && 'a function') ||
    (value instanceof WeakRef && 'a WeakRef');
  if (what) throw new Refused(what);
  let names = Object.keys(value);
  if (types.isNativeError(value)) {
    // Not `stack`, which names the program's files.
    const telling = ['name', 'message'].filter((name) => typeof value[name] === 'string');
    names = telling.concat(names.filter((name) => name !== 'stack' && !telling.includes(name)));
  }
  to.byte(8);
  to.u32(names.length);
  for (const name of names) {
    try {
      to.string(name);
      writeValue(to, value[name], ancestors);
    } catch (error) {
      throw within(error, step(name));
    }
  }
}

/** Writes a value that errors call `root`. */
function value(to, given, root) {
  try {
    writeValue(to, given, []);
  } catch (error) {
    throw error instanceof Refused ? error.at(root) : error;
  }
}

/** Writes a text that errors call `root`. */
function text(to, given, root) {
  try {
    to.string(given);
  } catch (error) {
    throw error instanceof Refused ? error.at(root) : error;
  }
}

/** The host said what is no message, which is a fault of it. */
function malformed(what) {
  return new SandtideError('ERR_PROTOCOL', `the host said what is no message: ${what}`);
}

/** Reads one frame. */
class Reader {
  constructor(bytes, start, end) {
    this.bytes = bytes;
    this.at = start;
    this.last = end;
    this.depth = 0;
  }

  need(more) {
    const { at } = this;
    if (more > this.last - at) throw malformed('it ends before what it announces');
    this.at = at + more;
    return at;
  }

  finish() {
    if (this.at !== this.last) throw malformed('bytes follow its end');
  }

  byte() {
    return this.bytes[this.need(1)];
  }

  u32() {
    const at = this.need(4);
    const { bytes } = this;
    return (
      (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
    );
  }

  u64() {
    const low = this.u32();
    const number = this.u32() * 2 ** 32 + low;
    if (number > Number.MAX_SAFE_INTEGER) throw malformed('a number is too large');
    return number;
  }

  f64() {
    return this.bytes.readDoubleLE(this.need(8));
  }

  bool() {
    const byte = this.byte();
    if (byte > 1) throw malformed(`${byte} stands for no truth value`);
    return byte === 1;
  }

  /** A number of things of which each takes a byte at least. */
  count() {
    const count = this.u32();
    if (count > this.last - this.at) throw malformed('it ends before what it announces');
    return count;
  }

  string() {
    const length = this.count();
    const { bytes } = this;
    const at = this.need(length);
    const end = at + length;
    if (length < 24) {
      let text = '';
      let index = at;
      for (; index < end; index++) {
        const unit = bytes[index];
        if (unit >= 0x80) break;
        text += String.fromCharCode(unit);
      }
      if (index === end) return text;
    }
    const text = bytes.toString('utf8', at, end);
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(at, end))) {
      throw malformed('a text is not UTF-8');
    }
    return text;
  }

  /** A copy: the frame's memory is shared with others. */
  copy() {
    const length = this.count();
    const at = this.need(length);
    return new Uint8Array(this.bytes.subarray(at, at + length));
  }

  list(read) {
    const count = this.count();
    const items = [];
    for (let index = 0; index < count; index++) items.push(read());
    return items;
  }

  option(read) {
    return this.bool() ? read() : undefined;
  }

  deeper(read) {
    if (++this.depth > MAX_DEPTH + 1) throw malformed('a value nests too deep');
    const made = read();
    this.depth--;
    return made;
  }

  value() {
    const tag = this.byte();
    switch (tag) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return false;
      case 3:
        return true;
      case 4:
        return this.f64();
      case 5: {
        const digits = this.string();
        if (!/^-?\d+$/.test(digits)) throw malformed('a BigInt is no number');
        return BigInt(digits);
      }
      case 6:
        return this.string();
      case 7:
        return this.deeper(() => this.list(() => this.value()));
      case 8:
        return this.deeper(() => this.object());
      case 9:
        return this.copy();
      case 10:
        return this.copy().buffer;
      case 11:
        return new Date(this.f64());
      case 12:
        return this.deeper(() => new Map(this.list(() => [this.value(), this.value()])));
      case 13:
        return this.deeper(() => new Set(this.list(() => this.value())));
      default:
        throw malformed(`${tag} stands for no value`);
    }
  }

  /** Properties as an object's own, whatever they are called. */
  object() {
    const count = this.count();
    const object = {};
    for (let index = 0; index < count; index++) {
      const name = this.string();
      const value = this.value();
      if (name === '__proto__') {
        const own = { value, writable: true, enumerable: true, configurable: true };
        Object.defineProperty(object, name, own);
      } else {
        object[name] = value;
      }
    }
    return object;
  }
}

module.exports = { MAX_FRAME, PROTOCOL, Reader, Writer, malformed, text, value };
