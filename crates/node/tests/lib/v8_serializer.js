'use strict';
// v8.serialize and its kin write the bytes that Node 24 writes, and read them.

// Older releases write errors in another order, and say other words.
if (+process.versions.node.split('.')[0] < 24) process.exit(0);

const v8 = require('v8'), assert = require('assert');
const o = { a: 1, b: 'x', 5: -1 }; o.self = o;
const e = new RangeError('m', { cause: { x: 1 } }); e.stack = 'st'; const e2 = new Error('ü€'); e2.stack='s2'; delete e2.message;
const m = new Map([[1, { a: o }], ['k', new Set([1, 'a', NaN])]]);
const sparse = [1, , 3]; sparse.x = 1; const arr = [1, 2]; arr.foo = 'bar';
const vals = [undefined, null, true, false, 0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 1.5, NaN, Infinity, 'abc', 'äö', '€uro', 'a€', '', 0n, 1n, -1n, 2n ** 64n, -(2n ** 100n), [], [1, 'a', [2]], sparse, arr, {}, o, new Date(5), new Date(NaN), Object(true), Object(false), Object(4), Object(3n), Object('s'), /a+b/giu, /x/dsmy, m, new Set(), new ArrayBuffer(3), new Uint8Array([1, 2, 3]), Buffer.from('hey'), new Float64Array([1.5, 2]), new DataView(new ArrayBuffer(4), 1, 2), new BigInt64Array([5n]), e, e2, [o, o, { o }], { 'long key with €': 1, 4294967295: 2, 4294967294: 3 }, 'x'.repeat(300), new Uint16Array(new Uint16Array([1, 2, 3]).buffer, 2, 1), [undefined, null], new TypeError('t', ), { get x() { return 7; } }, [[[]]], new Int8Array(0)];
vals.at(-4).stack = 'S';
const expected = [
  'ff0f5f',
  'ff0f30',
  'ff0f54',
  'ff0f46',
  'ff0f4900',
  'ff0f4e0000000000000080',
  'ff0f4902',
  'ff0f4901',
  'ff0f49feffffff0f',
  'ff0f49ffffffff0f',
  'ff0f4e000000000000e041',
  'ff0f4e000000000000f83f',
  'ff0f4e000000000000f87f',
  'ff0f4e000000000000f07f',
  'ff0f2203616263',
  'ff0f2202e4f6',
  'ff0f6308ac20750072006f00',
  'ff0f63046100ac20',
  'ff0f2200',
  'ff0f5a00',
  'ff0f5a100100000000000000',
  'ff0f5a110100000000000000',
  'ff0f5a2000000000000000000100000000000000',
  'ff0f5a2100000000000000000000000010000000',
  'ff0f4100240000',
  'ff0f4103490222016141014904240001240003',
  'ff0f610349004902490449062201784902400303',
  'ff0f4102490249042203666f6f2203626172240102',
  'ff0f6f7b00',
  'ff0f6f490a49012201614902220162220178220473656c665e007b04',
  'ff0f440000000000001440',
  'ff0f44000000000000f87f',
  'ff0f79',
  'ff0f78',
  'ff0f6e0000000000001040',
  'ff0f7a100300000000000000',
  'ff0f73220173',
  'ff0f522203612b6213',
  'ff0f52220178ac01',
  'ff0f3b49026f2201616f490a49012201614902220162220178220473656c665e027b047b0122016b2749022201614e000000000000f87f2c033a04',
  'ff0f272c00',
  'ff0f4203000000',
  'ff0f5c0103010203',
  'ff0f5c0a03686579',
  'ff0f5c0810000000000000f83f0000000000000040',
  'ff0f5c09020000',
  'ff0f5c0b080500000000000000',
  'ff0f72526d22016d7322027374636f22017849027b012e',
  'ff0f7273220273322e',
  'ff0f41036f490a49012201614902220162220178220473656c665e017b045e016f22016f5e017b01240003',
  'ff0f6f4e0000c0ffffffef414906631e6c006f006e00670020006b0065007900200077006900740068002000ac204902220a3432393439363732393549047b03',
  'ff0f22ac02787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878',
  'ff0f5c04020200',
  'ff0f41025f30240002',
  'ff0f72546d220174732201532e',
  'ff0f6f220178490e7b01',
  'ff0f410141014100240000240001240001',
  'ff0f5c0000',
  'Error: () => {} could not be cloned.',
  'Error: Symbol(x) could not be cloned.',
  'Error: #<WeakMap> could not be cloned.',
  'Error: #<Promise> could not be cloned.',
  'Error: f() {} could not be cloned.',
  'Error: #<Object> could not be cloned.',
  'ff0fac028280808010000000000000f83f09086f2201764202010256420002007b01410274075e04240002',
  'true',
  '15',
  '300',
  '1,2',
  '1.5',
  '0908',
  '{"v":{"0":1,"1":2}}',
  '5',
  'true',
  'Error: Unable to deserialize cloned data due to invalid or unsupported version.',
  'Error: Unable to deserialize cloned data due to invalid or unsupported version.',
  'Error: Unable to deserialize cloned data.',
  'Error: Unable to deserialize cloned data.',
  'Error: Unable to deserialize cloned data.',
  'Error: Unable to deserialize cloned data due to invalid or unsupported version.',
  'Error: Unable to deserialize cloned data.',
  'Error: Unable to deserialize cloned data due to invalid or unsupported version.',
  'Error: Unable to deserialize cloned data.',
  'buffer must be a TypedArray or a DataView',
  'source must be a TypedArray or a DataView',
  'Class constructor Serializer cannot be invoked without \'new\'',
];
const hex = [];
for (const v of vals) { const b = v8.serialize(v); hex.push(b.toString('hex')); const r = v8.deserialize(b); assert.deepStrictEqual(r, v); }
for (const bad of [() => {}, Symbol('x'), new WeakMap(), Promise.resolve(), { f() {} }, new Proxy({}, {})]) { try { v8.serialize(bad); hex.push('no error'); } catch (x) { hex.push(`${x.name}: ${x.message}`); } }
const s = new v8.Serializer(); s.writeHeader(); s.writeUint32(300); s.writeUint64(1, 2); s.writeDouble(1.5); s.writeRawBytes(Buffer.from([9, 8])); s.writeValue({ v: new Uint8Array([1, 2]) }); const ab = new ArrayBuffer(2); s.transferArrayBuffer(7, ab); s.writeValue([ab, ab]); const buf = s.releaseBuffer(); hex.push(buf.toString('hex'));
const d = new v8.Deserializer(buf); hex.push(String(d.readHeader()), d.getWireFormatVersion(), d.readUint32(), d.readUint64().join(), d.readDouble(), d.readRawBytes(2).toString('hex')); hex.push(JSON.stringify(d.readValue())); d.transferArrayBuffer(7, new ArrayBuffer(5)); const t = d.readValue(); hex.push(t[0].byteLength, t[0] === t[1]);
for (const b of ['', 'ff', 'ff0f', 'ff0f41', 'ff0f22ff', 'ff1049', 'ff0f5e05', '00', 'ff0f6f22'] ) { try { hex.push(String(v8.deserialize(Buffer.from(b, 'hex')))); } catch (x) { hex.push(`${x.name}: ${x.message}`); } }
try { v8.deserialize('x') } catch (x) { hex.push(x.message) } try { new v8.Serializer().writeRawBytes(1) } catch (x) { hex.push(x.message) } try { v8.Serializer() } catch (x) { hex.push(x.message) }
assert.deepStrictEqual(hex.map(String), expected);

// What Node's classes are outside, and what a program's own methods may answer.
const said = (f) => { try { return f(); } catch (error) { return `${error.code ?? error.name}: ${error.message}`; } };
class Asking extends v8.Serializer { _writeHostObject() {} _getDataCloneError(message) { return new RangeError(message); } }
const hosted = () => { const s = new Asking(); s.writeHeader(); s._setTreatArrayBufferViewsAsHostObjects(true); s.writeValue(new Uint8Array(2)); return s.releaseBuffer(); };
class Answering extends v8.Deserializer { _readHostObject() { return 5; } }
assert.deepStrictEqual([
  said(() => new Asking().writeValue(() => {})),
  said(() => v8.Deserializer()),
  said(() => { const d = new Answering(hosted()); d.readHeader(); return d.readValue(); }),
  said(() => new v8.Deserializer(Buffer.from([1])).readDouble()),
  said(() => new v8.Deserializer(Buffer.alloc(0)).readUint32()),
  said(() => v8.Serializer.prototype.writeHeader.call({})),
  said(() => v8.serialize(new Intl.NumberFormat())),
  said(() => new v8.Serializer().transferArrayBuffer(1, 5)),
], [
  'RangeError: () => {} could not be cloned.',
  "ERR_CONSTRUCT_CALL_REQUIRED: Class constructor Deserializer cannot be invoked without 'new'",
  'TypeError: readHostObject must return an object',
  'Error: ReadDouble() failed',
  'Error: ReadUint32() failed',
  'TypeError: Illegal invocation',
  'Error: #<NumberFormat> could not be cloned.',
  'ERR_INVALID_ARG_TYPE: arrayBuffer must be an ArrayBuffer',
]);

// How much is read raw is a whole number, whatever it is given as; the program's own _readRawBytes() is asked.
const reader = () => new v8.Deserializer(Buffer.from([1, 2, 3, 4]));
const count = { valueOf() { return 1; } };
assert.deepStrictEqual([2.7, '2', true, -0.5, NaN, count].map((length) => reader().readRawBytes(length).toString('hex')),
                       ['0102', '0102', '01', '', '', '01']);
assert.deepStrictEqual([undefined, null, 'x', 1.9, '3'].map((length) => {
  const of = reader();
  return [of._readRawBytes(1), of._readRawBytes(length), of._readRawBytes(0)].join();
}), ['0,1,1', '0,1,1', '0,1,1', '0,1,2', '0,1,4']);
assert.deepStrictEqual([5, -1, 2 ** 32, Infinity, Symbol('x'), 1n].map((length) => said(() => reader().readRawBytes(length))), [
  ...Array(4).fill('Error: ReadRawBytes() failed'),
  'TypeError: Cannot convert a Symbol value to a number',
  'TypeError: Cannot convert a BigInt value to a number',
]);
class Shifted extends v8.Deserializer { _readRawBytes(length) { return super._readRawBytes(length) + 2; } }
assert.strictEqual(new Shifted(Buffer.from([1, 2, 3, 4])).readRawBytes(1)[0], 3);
const asked = [];
class Watched extends v8.DefaultDeserializer {
  readRawBytes() { throw new Error('not asked'); }
  _readRawBytes(length) { asked.push(length); return super._readRawBytes(length); }
}
const watched = new Watched(v8.serialize([new Uint8Array([7]), Buffer.from('ab')]));
watched.readHeader();
assert.deepStrictEqual(watched.readValue(), [new Uint8Array([7]), Buffer.from('ab')]);
assert.deepStrictEqual(asked, [1, 2]);

// Who makes the errors is called as a function, but for views that cannot be written.
const refusing = new v8.DefaultSerializer();
const refused = (f) => { try { f(); } catch (thrown) { return thrown.isNew; } };
refusing._getDataCloneError = function() { return { isNew: new.target !== undefined }; };
assert.deepStrictEqual([refused(() => refusing.writeValue(() => {})), refused(() => refusing._writeHostObject({}))], [false, true]);

// What looks like an object of Intl is a plain one; what is one is refused though Intl is gone.
class Forged { get [Symbol.toStringTag]() { return 'Intl.Locale'; } }
Object.defineProperty(Forged.prototype, 'toString', { value: () => { throw new Error('not asked'); } });
class Tagged { resolvedOptions() { throw new Error('not asked'); } }
Object.defineProperty(Tagged.prototype, Symbol.toStringTag, { value: 'Intl.NumberFormat' });
const ofIntl = [new Intl.NumberFormat(), new Intl.Locale('de'), new (class Own extends Intl.Collator {})()];
delete globalThis.Intl;
assert.deepStrictEqual([new Forged(), new Tagged(), Object.create(ofIntl[0])].map((object) => v8.deserialize(v8.serialize(object))), [{}, {}, {}]);
for (const object of ofIntl) assert.throws(() => v8.serialize(object), / could not be cloned\.$/);
