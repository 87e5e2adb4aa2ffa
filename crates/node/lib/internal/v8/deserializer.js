'use strict';
// Reads what the serializer beside this file writes, or V8.

const { classOf } = internalBinding('util');
const { asNativeClass } = require('internal/v8/native_class');
const { ERROR_TAGS, invalidArgument, notAView, REGEXP_FLAGS, VERSION, VIEW_TAGS } = require('internal/v8/serializer');

const viewOfTag = new Map(Object.entries(VIEW_TAGS).map(([name, tag]) => [tag, name]));
const errorOfTag = new Map(Object.entries(ERROR_TAGS).map(([name, tag]) => [tag, name]));

// The errors that tell of bytes that cannot be read; all others are not the bytes' fault.
const ofBytes = new WeakSet();

function unreadable() {
  const error = new Error('Unable to deserialize cloned data.');
  ofBytes.add(error);
  return error;
}

function define(target, key, value, enumerable = true) {
  Object.defineProperty(target, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
}

class Deserializer {
  #bytes;
  #at = 0;
  #version = 0;
  #objects = [];
  #transferred = new Map();

  constructor(buffer) {
    if (!ArrayBuffer.isView(buffer)) throw notAView('buffer');
    this.#bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.buffer = buffer;
  }

  #take(count) {
    if (!(count <= this.#bytes.length - this.#at)) throw unreadable();
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #varint() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#take(1)];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #peek() {
    while (this.#bytes[this.#at] === 0) this.#at++;
    if (this.#at >= this.#bytes.length) throw unreadable();
    return String.fromCharCode(this.#bytes[this.#at]);
  }

  #tag() {
    const tag = this.#peek();
    this.#at++;
    return tag;
  }

  readHeader() {
    if (this.#bytes[this.#at] === 0xff && this.#at + 1 < this.#bytes.length) {
      this.#at++;
      this.#version = this.#varint();
      if (this.#version <= VERSION) return true;
    }
    throw new Error('Unable to deserialize cloned data due to invalid or unsupported version.');
  }

  getWireFormatVersion() {
    return this.#version;
  }

  readValue() {
    return this.#value();
  }

  #string(tag = this.#tag()) {
    const size = this.#varint();
    const at = this.#take(size);
    switch (tag) {
      case '"': return this.#bytes.latin1Slice(at, at + size);
      case 'c': return this.#bytes.ucs2Slice(at, at + size);
      case 'S': return this.#bytes.utf8Slice(at, at + size);
      default: throw unreadable();
    }
  }

  #bigint() {
    const field = this.#varint();
    const size = Math.floor(field / 2);
    const at = this.#take(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = value << 8n | BigInt(this.#bytes[at + i]);
    return field % 2 === 1 ? -value : value;
  }

  // The object gets its number before what it holds.
  #add(object) {
    this.#objects.push(object);
    return object;
  }

  #value() {
    const tag = this.#tag();
    switch (tag) {
      case '_': return undefined;
      case '0': return null;
      case 'T': return true;
      case 'F': return false;
      case 'I': {
        const number = this.#varint();
        return (number >>> 1) ^ -(number & 1);
      }
      case 'U': return this.#varint();
      case 'N': return this.#double();
      case 'Z': return this.#bigint();
      case '"': case 'c': case 'S': return this.#string(tag);
      case '^': return this.#reference();
      case 'o': return this.#plain();
      case 'A': return this.#dense();
      case 'a': return this.#sparse();
      case 'D': return this.#add(new Date(this.#double()));
      case 'y': return this.#add(Object(true));
      case 'x': return this.#add(Object(false));
      case 'n': return this.#add(Object(this.#double()));
      case 'z': return this.#add(Object(this.#bigint()));
      case 's': return this.#add(Object(this.#string()));
      case 'R': return this.#regexp();
      case ';': return this.#map();
      case "'": return this.#set();
      case 'B': case '~': return this.#buffer(tag === '~');
      case 't': return this.#viewAfter(this.#transferredBuffer());
      case 'u': return this.#viewAfter(this.#transferredBuffer());
      case 'r': return this.#error();
      case '\\': {
        const place = this.#objects.length;
        this.#objects.push(undefined);
        if (typeof this._readHostObject !== 'function') throw unreadable();
        const object = this._readHostObject();
        if (Object(object) !== object) throw new TypeError('readHostObject must return an object');
        this.#objects[place] = object;
        return object;
      }
      default: throw unreadable();
    }
  }

  #reference() {
    const id = this.#varint();
    if (id >= this.#objects.length) throw unreadable();
    return this.#viewAfter(this.#objects[id], false);
  }

  #properties(target, end) {
    let count = 0;
    while (this.#peek() !== end) {
      const key = this.#value();
      if (typeof key !== 'string' && typeof key !== 'number') throw unreadable();
      define(target, key, this.#value());
      count++;
    }
    this.#at++;
    if (this.#varint() !== count) throw unreadable();
    return target;
  }

  #plain() {
    return this.#properties(this.#add({}), '{');
  }

  #dense() {
    const length = this.#varint();
    if (length > this.#bytes.length - this.#at) throw unreadable();
    const array = this.#add(new Array(length));
    for (let i = 0; i < length; i++) {
      if (this.#peek() === '-') this.#at++;
      else array[i] = this.#value();
    }
    this.#properties(array, '$');
    if (this.#varint() !== length) throw unreadable();
    return array;
  }

  #sparse() {
    const length = this.#varint();
    const array = this.#add([]);
    array.length = length;
    this.#properties(array, '@');
    if (this.#varint() !== length) throw unreadable();
    return array;
  }

  #regexp() {
    const source = this.#string();
    const bits = this.#varint();
    const flags = Object.keys(REGEXP_FLAGS).filter((flag) => (bits & REGEXP_FLAGS[flag]) !== 0);
    return this.#add(new RegExp(source, flags.join('')));
  }

  #map() {
    const map = this.#add(new Map());
    let count = 0;
    while (this.#peek() !== ':') {
      const key = this.#value();
      map.set(key, this.#value());
      count += 2;
    }
    this.#at++;
    if (this.#varint() !== count) throw unreadable();
    return map;
  }

  #set() {
    const set = this.#add(new Set());
    let count = 0;
    while (this.#peek() !== ',') {
      set.add(this.#value());
      count++;
    }
    this.#at++;
    if (this.#varint() !== count) throw unreadable();
    return set;
  }

  #buffer(isResizable) {
    const size = this.#varint();
    const most = isResizable ? this.#varint() : undefined;
    const at = this.#take(size);
    const buffer = isResizable ? new ArrayBuffer(size, { maxByteLength: most }) : new ArrayBuffer(size);
    new Uint8Array(buffer).set(this.#bytes.subarray(at, at + size));
    return this.#viewAfter(this.#add(buffer));
  }

  #transferredBuffer() {
    const id = this.#varint();
    if (!this.#transferred.has(id)) throw unreadable();
    return this.#add(this.#transferred.get(id));
  }

  // A view stands right behind its buffer.
  #viewAfter(buffer) {
    const isBuffer = buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer;
    if (!isBuffer || this.#bytes[this.#at] !== 0x56) return buffer;
    this.#at++;
    const name = viewOfTag.get(this.#tag());
    const offset = this.#varint();
    const size = this.#varint();
    if (this.#version >= 14) this.#varint();
    if (name === undefined) throw unreadable();
    const View = globalThis[name];
    return this.#add(new View(buffer, offset, size / (View.BYTES_PER_ELEMENT ?? 1)));
  }

  #error() {
    const place = this.#objects.length;
    this.#objects.push(undefined);
    let kind = Error;
    let error;
    const parts = {};
    const make = () => {
      error ??= this.#objects[place] = new kind();
      return error;
    };
    for (;;) {
      const tag = this.#tag();
      if (tag === '.') break;
      if (tag === 'm') parts.message = this.#string();
      else if (tag === 's') parts.stack = this.#string();
      else if (tag === 'c') {
        make();
        parts.cause = this.#value();
      } else if (errorOfTag.has(tag)) kind = globalThis[errorOfTag.get(tag)];
      else throw unreadable();
    }
    make();
    define(error, 'stack', parts.stack, false);
    for (const key of ['message', 'cause']) if (Object.hasOwn(parts, key)) define(error, key, parts[key], false);
    return error;
  }

  transferArrayBuffer(id, buffer) {
    const kind = classOf(buffer);
    if (kind !== 'ArrayBuffer' && kind !== 'SharedArrayBuffer') {
      throw invalidArgument('arrayBuffer must be an ArrayBuffer or SharedArrayBuffer');
    }
    this.#transferred.set(id >>> 0, buffer);
  }

  // What ends before it is read is told of by the name of the method.
  #outermost(name, read) {
    try {
      return Reflect.apply(read, this, []);
    } catch (error) {
      throw ofBytes.has(error) ? new Error(`${name}() failed`) : error;
    }
  }

  readUint32() {
    return this.#outermost('ReadUint32', this.#varint) >>> 0;
  }

  readUint64() {
    return this.#outermost('ReadUint64', this.#uint64);
  }

  #uint64() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#take(1)];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return [Number(value >> 32n), Number(value & 0xffffffffn)];
    }
  }

  readDouble() {
    return this.#outermost('ReadDouble', this.#double);
  }

  #double() {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  // Where in the buffer they lie.
  _readRawBytes(length) {
    const count = Math.trunc(+length) || 0;
    if (!(count >= 0 && count <= this.#bytes.length - this.#at)) throw new Error('ReadRawBytes() failed');
    return this.#take(count);
  }

  static isOne(object) {
    return #objects in object;
  }
}
const NativeDeserializer = asNativeClass(Deserializer, (object) => Object(object) === object && Deserializer.isOne(object));

// Not one of the class's own in Node either: it asks a method that a program may have put its own in the place of.
NativeDeserializer.prototype.readRawBytes = function readRawBytes(length) {
  const offset = this._readRawBytes(length);
  return Buffer.from(this.buffer.buffer, this.buffer.byteOffset + offset, length);
};

module.exports = { Deserializer: NativeDeserializer };
