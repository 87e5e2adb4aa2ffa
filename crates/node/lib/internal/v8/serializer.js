'use strict';
// Values as bytes in the format that V8 writes and reads (version 15): a tag for each value, and the
// objects by the order in which they were met.

const { classOf, isGlobal } = internalBinding('util');
const { describe, isOfIntl } = require('internal/uncloneable');
const { asNativeClass } = require('internal/v8/native_class');

const VERSION = 15;
const ERROR_TAGS = {
  __proto__: null, EvalError: 'E', RangeError: 'R', ReferenceError: 'F', SyntaxError: 'S', TypeError: 'T', URIError: 'U',
};
const REGEXP_FLAGS = { __proto__: null, g: 1, i: 2, m: 4, y: 8, u: 16, s: 32, d: 128, v: 256 };
const VIEW_TAGS = {
  __proto__: null, Int8Array: 'b', Uint8Array: 'B', Uint8ClampedArray: 'C', Int16Array: 'w', Uint16Array: 'W', Int32Array: 'd',
  Uint32Array: 'D', Float16Array: 'h', Float32Array: 'f', Float64Array: 'F', BigInt64Array: 'q', BigUint64Array: 'Q', DataView: '?',
};

const typedArrayName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const viewName = (view) => Reflect.apply(typedArrayName, view, []) ?? 'DataView';

// An index is written as the number that it is.
function keyOf(key) {
  const index = key >>> 0;
  return `${index}` === key && index !== 0xffffffff ? index : key;
}

function hasHoles(array) {
  for (let i = 0; i < array.length; i++) if (!Object.hasOwn(array, i)) return true;
  return false;
}

function invalidArgument(message) {
  const error = new TypeError(message);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

function notAView(name) {
  return invalidArgument(`${name} must be a TypedArray or a DataView`);
}

// What nobody asked the program about.
function notCloned(what) {
  return new Error(`${what} could not be cloned.`);
}

class Serializer {
  #bytes = Buffer.alloc(64);
  #length = 0;
  #ids = new Map();
  #transferred = new Map();
  #viewsAreHostObjects = false;

  #room(count) {
    if (this.#length + count > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#length + count, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    const at = this.#length;
    this.#length += count;
    return at;
  }

  #tag(letter) {
    const at = this.#room(1);
    this.#bytes[at] = letter.charCodeAt(0);
  }

  #varint(number) {
    while (number >= 128) {
      const at = this.#room(1);
      this.#bytes[at] = number % 128 | 128;
      number = Math.floor(number / 128);
    }
    const at = this.#room(1);
    this.#bytes[at] = number;
  }

  #string(text) {
    if (!/[^\0-\xff]/.test(text)) {
      this.#tag('"');
      this.#varint(text.length);
      const at = this.#room(text.length);
      this.#bytes.latin1Write(text, at, text.length);
      return;
    }
    // The units lie at even places.
    const size = text.length * 2;
    let sizeLength = 1;
    for (let left = size; left >= 128; left = Math.floor(left / 128)) sizeLength++;
    if ((this.#length + 1 + sizeLength) % 2 === 1) this.#tag('\0');
    this.#tag('c');
    this.#varint(size);
    const at = this.#room(size);
    this.#bytes.ucs2Write(text, at, size);
  }

  #bigint(value) {
    let digits = value < 0n ? -value : value;
    const words = [];
    while (digits > 0n) {
      words.push(BigInt.asUintN(64, digits));
      digits >>= 64n;
    }
    this.#varint(words.length * 16 + (value < 0n ? 1 : 0));
    for (const word of words) {
      const at = this.#room(8);
      this.#bytes.writeBigUInt64LE(word, at);
    }
  }

  writeHeader() {
    const at = this.#room(2);
    this.#bytes[at] = 0xff;
    this.#bytes[at + 1] = VERSION;
  }

  writeValue(value) {
    this.#value(value);
    return true;
  }

  #value(value) {
    switch (typeof value) {
      case 'undefined': return this.#tag('_');
      case 'boolean': return this.#tag(value ? 'T' : 'F');
      case 'string': return this.#string(value);
      case 'bigint':
        this.#tag('Z');
        return this.#bigint(value);
      case 'number':
        if ((value | 0) === value && !Object.is(value, -0)) {
          this.#tag('I');
          return this.#varint(((value << 1) ^ (value >> 31)) >>> 0);
        }
        this.#tag('N');
        return this.#double(value);
      case 'symbol':
      case 'function': return this.#refuse(describe(value));
    }
    if (value === null) return this.#tag('0');
    return this.#object(value);
  }

  #refuse(what) {
    throw this._getDataCloneError(`${what} could not be cloned.`);
  }

  #object(object) {
    if (ArrayBuffer.isView(object) && !this.#viewsAreHostObjects && !this.#ids.has(object)) this.#object(object.buffer);
    const known = this.#ids.get(object);
    if (known !== undefined) {
      this.#tag('^');
      return this.#varint(known);
    }
    this.#ids.set(object, this.#ids.size);
    if (ArrayBuffer.isView(object)) {
      if (!this.#viewsAreHostObjects) return this.#view(object);
      this.#tag('\\');
      if (typeof this._writeHostObject !== 'function') throw notCloned(`#<${viewName(object)}>`);
      return this._writeHostObject(object);
    }
    const kind = classOf(object);
    switch (kind) {
      case 'Array': return this.#array(object);
      case 'Object':
        if (isGlobal(object) || isOfIntl(object)) return this.#refuse(describe(object));
        return this.#plain(object);
      case 'Date':
        this.#tag('D');
        return this.#double(Date.prototype.getTime.call(object));
      case 'Boolean': return this.#tag(Boolean.prototype.valueOf.call(object) ? 'y' : 'x');
      case 'Number':
        this.#tag('n');
        return this.#double(Number.prototype.valueOf.call(object));
      case 'BigInt':
        this.#tag('z');
        return this.#bigint(BigInt.prototype.valueOf.call(object));
      case 'String':
        this.#tag('s');
        return this.#string(String.prototype.valueOf.call(object));
      case 'RegExp': {
        this.#tag('R');
        this.#string(object.source);
        let flags = 0;
        for (const flag of object.flags) flags |= REGEXP_FLAGS[flag];
        return this.#varint(flags);
      }
      case 'Map': {
        this.#tag(';');
        const entries = [...Map.prototype.entries.call(object)];
        for (const [key, value] of entries) {
          this.#value(key);
          this.#value(value);
        }
        this.#tag(':');
        return this.#varint(entries.length * 2);
      }
      case 'Set': {
        this.#tag("'");
        const values = [...Set.prototype.values.call(object)];
        for (const value of values) this.#value(value);
        this.#tag(',');
        return this.#varint(values.length);
      }
      case 'ArrayBuffer': return this.#buffer(object);
      case 'SharedArrayBuffer':
        this.#tag('u');
        if (typeof this._getSharedArrayBufferId !== 'function') throw notCloned('#<SharedArrayBuffer>');
        return this.#varint(this._getSharedArrayBufferId(object));
      case 'Error': return this.#error(object);
      default: return this.#refuse(describe(object));
    }
  }

  #properties(object, keys) {
    let count = 0;
    for (const key of keys) {
      // What was read before may have taken it away.
      if (!Object.prototype.propertyIsEnumerable.call(object, key)) continue;
      this.#value(keyOf(key));
      this.#value(object[key]);
      count++;
    }
    return count;
  }

  #plain(object) {
    this.#tag('o');
    const count = this.#properties(object, Object.keys(object));
    this.#tag('{');
    this.#varint(count);
  }

  #array(array) {
    const { length } = array;
    const isDense = !hasHoles(array);
    this.#tag(isDense ? 'A' : 'a');
    this.#varint(length);
    if (isDense) {
      for (let i = 0; i < length; i++) {
        if (Object.hasOwn(array, i)) this.#value(array[i]);
        else this.#tag('-');
      }
    }
    const keys = Object.keys(array).filter((key) => !isDense || !(keyOf(key) < length));
    const count = this.#properties(array, keys);
    this.#tag(isDense ? '$' : '@');
    this.#varint(count);
    this.#varint(length);
  }

  #buffer(buffer) {
    const id = this.#transferred.get(buffer);
    if (id !== undefined) {
      this.#tag('t');
      return this.#varint(id);
    }
    if (buffer.detached) this.#refuse('#<ArrayBuffer>');
    this.#tag(buffer.resizable ? '~' : 'B');
    this.#varint(buffer.byteLength);
    if (buffer.resizable) this.#varint(buffer.maxByteLength);
    return this.writeRawBytes(new Uint8Array(buffer));
  }

  #view(view) {
    this.#tag('V');
    this.#tag(VIEW_TAGS[viewName(view)]);
    this.#varint(view.byteOffset);
    this.#varint(view.byteLength);
    this.#varint(0);
  }

  #error(error) {
    this.#tag('r');
    const tag = ERROR_TAGS[`${error.name}`];
    if (tag !== undefined) this.#tag(tag);
    const message = Object.getOwnPropertyDescriptor(error, 'message');
    if (message !== undefined && 'value' in message) {
      this.#tag('m');
      this.#string(`${message.value}`);
    }
    const { stack } = error;
    if (typeof stack === 'string') {
      this.#tag('s');
      this.#string(stack);
    }
    const cause = Object.getOwnPropertyDescriptor(error, 'cause');
    if (cause !== undefined && 'value' in cause) {
      this.#tag('c');
      this.#value(cause.value);
    }
    this.#tag('.');
  }

  releaseBuffer() {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(64);
    this.#length = 0;
    return bytes;
  }

  transferArrayBuffer(id, buffer) {
    if (classOf(buffer) !== 'ArrayBuffer') throw invalidArgument('arrayBuffer must be an ArrayBuffer');
    this.#transferred.set(buffer, id >>> 0);
  }

  writeUint32(value) {
    this.#varint(value >>> 0);
  }

  writeUint64(high, low) {
    let value = BigInt(high >>> 0) << 32n | BigInt(low >>> 0);
    while (value >= 128n) {
      const at = this.#room(1);
      this.#bytes[at] = Number(value & 127n) | 128;
      value >>= 7n;
    }
    this.#varint(Number(value));
  }

  writeDouble(value) {
    this.#double(+value);
  }

  #double(value) {
    const at = this.#room(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  writeRawBytes(source) {
    if (!ArrayBuffer.isView(source)) throw notAView('source');
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  _setTreatArrayBufferViewsAsHostObjects(on) {
    this.#viewsAreHostObjects = Boolean(on);
  }

  static isOne(object) {
    return #ids in object;
  }
}
const NativeSerializer = asNativeClass(Serializer, (object) => Object(object) === object && Serializer.isOne(object));
NativeSerializer.prototype._getDataCloneError = Error;

module.exports = { ERROR_TAGS, invalidArgument, notAView, REGEXP_FLAGS, Serializer: NativeSerializer, VERSION, VIEW_TAGS, viewName };
