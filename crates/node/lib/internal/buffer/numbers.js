'use strict';
// Reading and writing numbers in a Buffer. Plain arithmetic on the bytes: each method is called in hot loops.

const {
  codes: { ERR_BUFFER_OUT_OF_BOUNDS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { validateNumber } = require('internal/validators');

// One number in each form, and its bytes in the machine's order, which is little-endian everywhere we run.
const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);
const bigInt64 = new BigInt64Array(float64.buffer);
const bigUint64 = new BigUint64Array(float64.buffer);

function throwBounds(value, length, type) {
  if (Math.floor(value) !== value) {
    validateNumber(value, type);
    throw new ERR_OUT_OF_RANGE(type || 'offset', 'an integer', value);
  }
  if (length < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  throw new ERR_OUT_OF_RANGE(type || 'offset', `>= ${type ? 1 : 0} and <= ${length}`, value);
}

// Why reading `size` bytes at `offset` found nothing there.
function throwOffset(buffer, offset, size) {
  validateNumber(offset, 'offset');
  throwBounds(offset, buffer.length - size);
}

function throwValue(value, min, max, size) {
  const n = typeof min === 'bigint' ? 'n' : '';
  let range;
  if (size > 3) {
    const unsigned = min === 0 || min === 0n;
    range = unsigned ?
      `>= 0${n} and < 2${n} ** ${size * 8}${n}` :
      `>= -(2${n} ** ${size * 8 - 1}${n}) and < 2${n} ** ${size * 8 - 1}${n}`;
  } else {
    range = `>= ${min}${n} and <= ${max}${n}`;
  }
  throw new ERR_OUT_OF_RANGE('value', range, value);
}

function checkRange(buffer, offset, size) {
  validateNumber(offset, 'offset');
  if (buffer[offset] === undefined || buffer[offset + size - 1] === undefined) {
    throwBounds(offset, buffer.length - size);
  }
}

function checkByteLength(byteLength) {
  validateNumber(byteLength, 'byteLength');
  if (!(byteLength >= 1 && byteLength <= 6 && Number.isInteger(byteLength))) throwBounds(byteLength, 6, 'byteLength');
}

const methods = { __proto__: null };

methods.readUInt8 = function readUInt8(offset = 0) {
  const first = this[offset];
  if (typeof offset !== 'number' || first === undefined) throwOffset(this, offset, 1);
  return first;
};

methods.writeUInt8 = function writeUInt8(value, offset = 0) {
  value = +value;
  validateNumber(offset, 'offset');
  if (value > 255 || value < 0) throwValue(value, 0, 255, 1);
  if (typeof offset !== 'number' || this[offset] === undefined) throwOffset(this, offset, 1);
  this[offset] = value;
  return offset + 1;
};

methods.readUInt16LE = function readUInt16LE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 1];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 2);
  return first | (last << 8);
};

methods.writeUInt16LE = function writeUInt16LE(value, offset = 0) {
  value = +value;
  if (value > 65535 || value < 0) throwValue(value, 0, 65535, 2);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 1] === undefined) throwOffset(this, offset, 2);
  this[offset] = value;
  this[offset + 1] = value >>> 8;
  return offset + 2;
};

methods.readUInt16BE = function readUInt16BE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 1];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 2);
  return last | (first << 8);
};

methods.writeUInt16BE = function writeUInt16BE(value, offset = 0) {
  value = +value;
  if (value > 65535 || value < 0) throwValue(value, 0, 65535, 2);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 1] === undefined) throwOffset(this, offset, 2);
  this[offset] = value >>> 8;
  this[offset + 1] = value;
  return offset + 2;
};

methods.readUInt32LE = function readUInt32LE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 3];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 4);
  return (first | (this[offset + 1] << 8) | (this[offset + 2] << 16)) + last * 0x1000000;
};

methods.writeUInt32LE = function writeUInt32LE(value, offset = 0) {
  value = +value;
  if (value > 4294967295 || value < 0) throwValue(value, 0, 4294967295, 3);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 3] === undefined) throwOffset(this, offset, 4);
  this[offset] = value;
  this[offset + 1] = value >>> 8;
  this[offset + 2] = value >>> 16;
  this[offset + 3] = value >>> 24;
  return offset + 4;
};

methods.readUInt32BE = function readUInt32BE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 3];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 4);
  return (last | (this[offset + 2] << 8) | (this[offset + 1] << 16)) + first * 0x1000000;
};

methods.writeUInt32BE = function writeUInt32BE(value, offset = 0) {
  value = +value;
  if (value > 4294967295 || value < 0) throwValue(value, 0, 4294967295, 3);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 3] === undefined) throwOffset(this, offset, 4);
  this[offset] = value >>> 24;
  this[offset + 1] = value >>> 16;
  this[offset + 2] = value >>> 8;
  this[offset + 3] = value;
  return offset + 4;
};

methods.readInt8 = function readInt8(offset = 0) {
  const first = this[offset];
  if (typeof offset !== 'number' || first === undefined) throwOffset(this, offset, 1);
  return first << 24 >> 24;
};

methods.writeInt8 = function writeInt8(value, offset = 0) {
  value = +value;
  validateNumber(offset, 'offset');
  if (value > 127 || value < -128) throwValue(value, -128, 127, 1);
  if (typeof offset !== 'number' || this[offset] === undefined) throwOffset(this, offset, 1);
  this[offset] = value;
  return offset + 1;
};

methods.readInt16LE = function readInt16LE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 1];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 2);
  return (first | (last << 8)) << 16 >> 16;
};

methods.writeInt16LE = function writeInt16LE(value, offset = 0) {
  value = +value;
  if (value > 32767 || value < -32768) throwValue(value, -32768, 32767, 2);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 1] === undefined) throwOffset(this, offset, 2);
  this[offset] = value;
  this[offset + 1] = value >>> 8;
  return offset + 2;
};

methods.readInt16BE = function readInt16BE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 1];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 2);
  return (last | (first << 8)) << 16 >> 16;
};

methods.writeInt16BE = function writeInt16BE(value, offset = 0) {
  value = +value;
  if (value > 32767 || value < -32768) throwValue(value, -32768, 32767, 2);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 1] === undefined) throwOffset(this, offset, 2);
  this[offset] = value >>> 8;
  this[offset + 1] = value;
  return offset + 2;
};

methods.readInt32LE = function readInt32LE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 3];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 4);
  return first | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (last << 24);
};

methods.writeInt32LE = function writeInt32LE(value, offset = 0) {
  value = +value;
  if (value > 2147483647 || value < -2147483648) throwValue(value, -2147483648, 2147483647, 3);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 3] === undefined) throwOffset(this, offset, 4);
  this[offset] = value;
  this[offset + 1] = value >>> 8;
  this[offset + 2] = value >>> 16;
  this[offset + 3] = value >>> 24;
  return offset + 4;
};

methods.readInt32BE = function readInt32BE(offset = 0) {
  const first = this[offset];
  const last = this[offset + 3];
  if (typeof offset !== 'number' || first === undefined || last === undefined) throwOffset(this, offset, 4);
  return last | (this[offset + 2] << 8) | (this[offset + 1] << 16) | (first << 24);
};

methods.writeInt32BE = function writeInt32BE(value, offset = 0) {
  value = +value;
  if (value > 2147483647 || value < -2147483648) throwValue(value, -2147483648, 2147483647, 3);
  if (typeof offset !== 'number' || this[offset] === undefined || this[offset + 3] === undefined) throwOffset(this, offset, 4);
  this[offset] = value >>> 24;
  this[offset + 1] = value >>> 16;
  this[offset + 2] = value >>> 8;
  this[offset + 3] = value;
  return offset + 4;
};

// Integers of one to six bytes: the bytes beyond the first four are worth 2 ** 32 and more.
function readLE(buffer, offset, byteLength) {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < byteLength; i++) {
    value += buffer[offset + i] * scale;
    scale *= 0x100;
  }
  return value;
}

function readBE(buffer, offset, byteLength) {
  let value = 0;
  for (let i = 0; i < byteLength; i++) value = value * 0x100 + buffer[offset + i];
  return value;
}

function checkRead(buffer, offset, byteLength) {
  // Node looks at the length first.
  if (byteLength === undefined) validateNumber(byteLength, 'byteLength');
  checkByteLength(byteLength);
  checkRange(buffer, offset, byteLength);
}

function sign(value, byteLength) {
  const half = 2 ** (8 * byteLength - 1);
  return value >= half ? value - 2 * half : value;
}

methods.readUIntLE = function readUIntLE(offset, byteLength) {
  if (offset === undefined) validateNumber(offset, 'offset');
  checkRead(this, offset, byteLength);
  return readLE(this, offset, byteLength);
};

methods.readUIntBE = function readUIntBE(offset, byteLength) {
  if (offset === undefined) validateNumber(offset, 'offset');
  checkRead(this, offset, byteLength);
  return readBE(this, offset, byteLength);
};

methods.readIntLE = function readIntLE(offset, byteLength) {
  if (offset === undefined) validateNumber(offset, 'offset');
  checkRead(this, offset, byteLength);
  return sign(readLE(this, offset, byteLength), byteLength);
};

methods.readIntBE = function readIntBE(offset, byteLength) {
  if (offset === undefined) validateNumber(offset, 'offset');
  checkRead(this, offset, byteLength);
  return sign(readBE(this, offset, byteLength), byteLength);
};

function checkWrite(buffer, value, offset, byteLength, signed) {
  const min = signed ? -(2 ** (8 * byteLength - 1)) : 0;
  const max = 2 ** (8 * byteLength - (signed ? 1 : 0)) - 1;
  if (byteLength === 1) validateNumber(offset, 'offset');
  // Of four bytes, the limits are given as those of writeInt32 are.
  if (value > max || value < min) throwValue(value, min, max, byteLength === 4 ? 3 : byteLength);
  checkRange(buffer, offset, byteLength);
}

function writeLE(buffer, value, offset, byteLength) {
  value = Math.trunc(value);
  for (let i = 0; i < byteLength; i++) {
    buffer[offset + i] = value;
    value = Math.floor(value / 0x100);
  }
  return offset + byteLength;
}

function writeBE(buffer, value, offset, byteLength) {
  value = Math.trunc(value);
  for (let i = byteLength - 1; i >= 0; i--) {
    buffer[offset + i] = value;
    value = Math.floor(value / 0x100);
  }
  return offset + byteLength;
}

methods.writeUIntLE = function writeUIntLE(value, offset, byteLength) {
  checkByteLength(byteLength);
  value = +value;
  checkWrite(this, value, offset, byteLength, false);
  return writeLE(this, value, offset, byteLength);
};

methods.writeUIntBE = function writeUIntBE(value, offset, byteLength) {
  checkByteLength(byteLength);
  value = +value;
  checkWrite(this, value, offset, byteLength, false);
  return writeBE(this, value, offset, byteLength);
};

methods.writeIntLE = function writeIntLE(value, offset, byteLength) {
  checkByteLength(byteLength);
  value = +value;
  checkWrite(this, value, offset, byteLength, true);
  return writeLE(this, value, offset, byteLength);
};

methods.writeIntBE = function writeIntBE(value, offset, byteLength) {
  checkByteLength(byteLength);
  value = +value;
  checkWrite(this, value, offset, byteLength, true);
  return writeBE(this, value, offset, byteLength);
};

methods.readBigUInt64LE = function readBigUInt64LE(offset = 0) {
  checkRange(this, offset, 8);
  loadLE(this, offset, float64Bytes);
  return bigUint64[0];
};

methods.writeBigUInt64LE = function writeBigUInt64LE(value, offset = 0) {
  checkBig(value, 0n, 0xffffffffffffffffn);
  checkRange(this, offset, 8);
  bigUint64[0] = value;
  return storeLE(this, offset, float64Bytes);
};

methods.readBigUInt64BE = function readBigUInt64BE(offset = 0) {
  checkRange(this, offset, 8);
  loadBE(this, offset, float64Bytes);
  return bigUint64[0];
};

methods.writeBigUInt64BE = function writeBigUInt64BE(value, offset = 0) {
  checkBig(value, 0n, 0xffffffffffffffffn);
  checkRange(this, offset, 8);
  bigUint64[0] = value;
  return storeBE(this, offset, float64Bytes);
};

methods.readBigInt64LE = function readBigInt64LE(offset = 0) {
  checkRange(this, offset, 8);
  loadLE(this, offset, float64Bytes);
  return bigInt64[0];
};

methods.writeBigInt64LE = function writeBigInt64LE(value, offset = 0) {
  checkBig(value, -0x8000000000000000n, 0x7fffffffffffffffn);
  checkRange(this, offset, 8);
  bigInt64[0] = value;
  return storeLE(this, offset, float64Bytes);
};

methods.readBigInt64BE = function readBigInt64BE(offset = 0) {
  checkRange(this, offset, 8);
  loadBE(this, offset, float64Bytes);
  return bigInt64[0];
};

methods.writeBigInt64BE = function writeBigInt64BE(value, offset = 0) {
  checkBig(value, -0x8000000000000000n, 0x7fffffffffffffffn);
  checkRange(this, offset, 8);
  bigInt64[0] = value;
  return storeBE(this, offset, float64Bytes);
};

methods.readFloatLE = function readFloatForwards(offset = 0) {
  checkRange(this, offset, 4);
  loadLE(this, offset, float32Bytes);
  return float32[0];
};

methods.writeFloatLE = function writeFloatForwards(value, offset = 0) {
  value = +value;
  checkRange(this, offset, 4);
  float32[0] = value;
  return storeLE(this, offset, float32Bytes);
};

methods.readFloatBE = function readFloatBackwards(offset = 0) {
  checkRange(this, offset, 4);
  loadBE(this, offset, float32Bytes);
  return float32[0];
};

methods.writeFloatBE = function writeFloatBackwards(value, offset = 0) {
  value = +value;
  checkRange(this, offset, 4);
  float32[0] = value;
  return storeBE(this, offset, float32Bytes);
};

methods.readDoubleLE = function readDoubleForwards(offset = 0) {
  checkRange(this, offset, 8);
  loadLE(this, offset, float64Bytes);
  return float64[0];
};

methods.writeDoubleLE = function writeDoubleForwards(value, offset = 0) {
  value = +value;
  checkRange(this, offset, 8);
  float64[0] = value;
  return storeLE(this, offset, float64Bytes);
};

methods.readDoubleBE = function readDoubleBackwards(offset = 0) {
  checkRange(this, offset, 8);
  loadBE(this, offset, float64Bytes);
  return float64[0];
};

methods.writeDoubleBE = function writeDoubleBackwards(value, offset = 0) {
  value = +value;
  checkRange(this, offset, 8);
  float64[0] = value;
  return storeBE(this, offset, float64Bytes);
};

function checkBig(value, min, max) {
  if (typeof value !== 'bigint') {
    throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
  }
  if (value > max || value < min) throwValue(value, min, max, 8);
}

function loadLE(buffer, offset, scratch) {
  for (let i = 0; i < scratch.length; i++) scratch[i] = buffer[offset + i];
}

function loadBE(buffer, offset, scratch) {
  for (let i = scratch.length - 1; i >= 0; i--) scratch[i] = buffer[offset++];
}

function storeLE(buffer, offset, scratch) {
  for (let i = 0; i < scratch.length; i++) buffer[offset++] = scratch[i];
  return offset;
}

function storeBE(buffer, offset, scratch) {
  for (let i = scratch.length - 1; i >= 0; i--) buffer[offset++] = scratch[i];
  return offset;
}

function addNumberMethods(proto) {
  for (const name of Object.keys(methods)) {
    proto[name] = methods[name];
    // 'readUint8' is the same as 'readUInt8', and so for all of them.
    if (name.includes('UInt')) proto[name.replace('UInt', 'Uint')] = methods[name];
  }
}

module.exports = { addNumberMethods };
