'use strict';
// Node's own use of V8's format: views of buffers are written with the class that they are of.

const { inspect } = require('internal/util/inspect');
const { Serializer, viewName } = require('internal/v8/serializer');
const { Deserializer } = require('internal/v8/deserializer');

const BUFFER = 10;
const TYPES = [
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array',
  'Float64Array', 'DataView', 'Buffer', 'BigInt64Array', 'BigUint64Array', 'Float16Array',
];

class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view) {
    const of = ArrayBuffer.isView(view) ? TYPES.indexOf(viewName(view)) : -1;
    const type = view.constructor === Buffer ? BUFFER : of;
    if (type === -1) throw new this._getDataCloneError(`Unserializable host object: ${inspect(view)}`);
    this.writeUint32(type);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}

class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const type = this.readUint32();
    const size = this.readUint32();
    const offset = this.buffer.byteOffset + this._readRawBytes(size);
    const bytes = Buffer.from(this.buffer.buffer, offset, size);
    if (type === BUFFER) return bytes;
    const View = globalThis[TYPES[type]];
    if (View === undefined) throw new Error('Unable to deserialize cloned data.');
    const each = View.BYTES_PER_ELEMENT ?? 1;
    if (offset % each === 0) return new View(bytes.buffer, offset, size / each);
    const copy = new Uint8Array(bytes);
    return new View(copy.buffer, 0, size / each);
  }
}

function serialize(value) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

function deserialize(buffer) {
  const deserializer = new DefaultDeserializer(buffer);
  deserializer.readHeader();
  return deserializer.readValue();
}

module.exports = { DefaultDeserializer, DefaultSerializer, deserialize, serialize };
