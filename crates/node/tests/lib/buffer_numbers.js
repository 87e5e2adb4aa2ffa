'use strict';
// Numbers in a Buffer: every width, sign and order, and the errors.
const assert = require('assert');

const values = {
  Int8: [-128, 127, -1, 0], UInt8: [0, 255, 128], Int16: [-32768, 32767, -2], UInt16: [0, 65535, 4660],
  Int32: [-2147483648, 2147483647, -3], UInt32: [0, 4294967295, 305419896],
  BigInt64: [-(2n ** 63n), 2n ** 63n - 1n, -1n], BigUInt64: [0n, 2n ** 64n - 1n, 0x123456789abcdefn],
  Float: [0, -1.5, Infinity], Double: [0.1, -1e300, -Infinity],
};
for (const [kind, list] of Object.entries(values)) {
  const size = kind.endsWith('8') ? 1 : kind.includes('64') || kind === 'Double' ? 8 : kind.endsWith('16') ? 2 : 4;
  for (const order of size === 1 ? [''] : ['LE', 'BE']) {
    const buffer = Buffer.alloc(size + 3);
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    const viewKind = kind.replace('UInt', 'Uint').replace('Float', 'Float32').replace('Double', 'Float64');
    for (const value of list) {
      for (const offset of [0, 1, 3]) {
        assert.strictEqual(buffer[`write${kind}${order}`](value, offset), offset + size);
        assert.strictEqual(view[`get${viewKind}`](offset, order === 'LE'), value);
        assert.strictEqual(buffer[`read${kind}${order}`](offset), value);
      }
    }
    assert.throws(() => buffer[`read${kind}${order}`](4), {
      code: 'ERR_OUT_OF_RANGE', message: 'The value of "offset" is out of range. It must be >= 0 and <= 3. Received 4',
    });
    assert.throws(() => buffer[`read${kind}${order}`]('0'), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => buffer[`read${kind}${order}`](1.5), { message: /It must be an integer/ });
    assert.throws(() => Buffer.alloc(0)[`read${kind}${order}`](), { code: 'ERR_BUFFER_OUT_OF_BOUNDS' });
  }
}
for (let size = 1; size <= 6; size++) {
  for (const order of ['LE', 'BE']) {
    const buffer = Buffer.alloc(8);
    const max = 2 ** (8 * size) - 1;
    for (const value of [0, 1, max, Math.floor(max / 3)]) {
      buffer[`writeUInt${order}`](value, 1, size);
      assert.strictEqual(buffer[`readUInt${order}`](1, size), value);
    }
    for (const value of [-(2 ** (8 * size - 1)), -1, 2 ** (8 * size - 1) - 1, -3]) {
      buffer[`writeInt${order}`](value, 1, size);
      assert.strictEqual(buffer[`readInt${order}`](1, size), value);
    }
    assert.throws(() => buffer[`writeUInt${order}`](max + 1, 0, size), { code: 'ERR_OUT_OF_RANGE' });
  }
}
assert.strictEqual(Buffer.prototype.readUint32LE, Buffer.prototype.readUInt32LE);
assert.throws(() => Buffer.alloc(8).readUIntBE(0, 7), { message: 'The value of "byteLength" is out of range. It must be >= 1 and <= 6. Received 7' });
assert.throws(() => Buffer.alloc(8).readUIntBE(0), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => Buffer.alloc(8).writeUInt8(256), { message: 'The value of "value" is out of range. It must be >= 0 and <= 255. Received 256' });
assert.throws(() => Buffer.alloc(8).writeUIntBE(2 ** 40, 0, 5), { message: /It must be >= 0 and < 2 \*\* 40\. Received 1_099_511_627_776/ });
assert.throws(() => Buffer.alloc(8).writeInt32LE(2 ** 31), { message: /It must be >= -2147483648 and <= 2147483647\./ });
assert.throws(() => Buffer.alloc(8).writeBigInt64LE(2n ** 63n), { message: /It must be >= -\(2n \*\* 63n\) and < 2n \*\* 63n\./ });
assert.throws(() => Buffer.alloc(8).writeBigInt64LE(1), TypeError);
assert.strictEqual(Buffer.alloc(8).writeInt8('5'), 1);
