'use strict';
// WebAssembly in the main context.

const assert = require('assert');

// (module
//   (import "m" "f" (func (param i32) (result i32)))
//   (memory (export "mem") 1)
//   (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
//   (func (export "call") (param i32) (result i32) local.get 0 call 0)
//   (func (export "store") (param i32) i32.const 0 local.get 0 i32.store8))
const bytes = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x10, 3, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 0,
  2, 7, 1, 1, 0x6d, 1, 0x66, 0, 0, 3, 4, 3, 1, 0, 2, 5, 3, 1, 0, 1,
  7, 0x1c, 4, 3, 0x6d, 0x65, 0x6d, 2, 0, 3, 0x61, 0x64, 0x64, 0, 1, 4, 0x63, 0x61, 0x6c, 0x6c, 0, 2,
  5, 0x73, 0x74, 0x6f, 0x72, 0x65, 0, 3,
  0x0a, 0x1a, 3, 7, 0, 0x20, 0, 0x20, 1, 0x6a, 0x0b, 6, 0, 0x20, 0, 0x10, 0, 0x0b, 9, 0, 0x41, 0, 0x20, 0, 0x3a, 0, 0, 0x0b,
]);
// (module (table (export "t") 2 funcref) (elem (i32.const 0) $f)
//   (func $f (result i32) i32.const 42)
//   (func (export "at") (param i32) (result i32) local.get 0 call_indirect (result i32))
//   (func (export "trap") unreachable)
//   (func (export "wide") (param i64) (result i64) local.get 0 i64.const 1 i64.add)
//   (global (export "g") (mut f64) f64.const 1.5))
const second = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x12, 4, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0, 0x60, 1, 0x7e, 1, 0x7e,
  3, 5, 4, 0, 1, 2, 3, 4, 4, 1, 0x70, 0, 2, 6, 0x0d, 1, 0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x0b,
  7, 0x1c, 5, 1, 0x74, 1, 0, 2, 0x61, 0x74, 0, 1, 4, 0x74, 0x72, 0x61, 0x70, 0, 2, 4, 0x77, 0x69, 0x64, 0x65, 0, 3, 1, 0x67, 3, 0,
  9, 7, 1, 0, 0x41, 0, 0x0b, 1, 0,
  0x0a, 0x1a, 4, 4, 0, 0x41, 0x2a, 0x0b, 7, 0, 0x20, 0, 0x11, 0, 0, 0x0b, 3, 0, 0, 0x0b, 7, 0, 0x20, 0, 0x42, 1, 0x7c, 0x0b,
]);

// (module
//   (import "m" "f" (func (param f32) (result i32)))
//   (table (export "t") 1 funcref)
//   (export "g" (func 0))
//   (elem (i32.const 0) 0))
const again = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 125, 1, 127, 2, 7, 1, 1, 109, 1, 102, 0, 0, 4, 4, 1, 112, 0, 1, 7,
  9, 2, 1, 103, 0, 0, 1, 116, 1, 0, 9, 7, 1, 0, 65, 0, 11, 1, 0,
]);

async function main() {
  assert.strictEqual(WebAssembly.validate(bytes), true);
  assert.strictEqual(WebAssembly.validate(new Uint8Array([1, 2])), false);
  let inside;
  const imports = { m: { f(x) {
    if (x < 0) throw new Error('from JavaScript');
    if (x === 0) return inside.add(20, 2);
    return x * 2;
  } } };
  const { module, instance } = await WebAssembly.instantiate(bytes, imports);
  const { exports } = instance;
  inside = exports;
  assert.ok(Object.isFrozen(exports));
  assert.deepStrictEqual(Object.keys(exports), ['mem', 'add', 'call', 'store']);
  assert.deepStrictEqual([exports.add(2, 3), exports.add('4', 2 ** 32), exports.call(21), exports.call(0)], [5, 4, 42, 22]);
  assert.deepStrictEqual([exports.add.name, exports.add.length], ['1', 2]);
  assert.throws(() => exports.call(-1), { message: 'from JavaScript' });
  assert.strictEqual(exports.call(1), 2);
  assert.deepStrictEqual(WebAssembly.Module.imports(module), [{ module: 'm', name: 'f', kind: 'function' }]);
  assert.deepStrictEqual(WebAssembly.Module.exports(module)[0], { name: 'mem', kind: 'memory' });
  assert.deepStrictEqual(WebAssembly.Module.customSections(module, 'x'), []);

  // Memory is the same on both sides, until it grows.
  const view = new Uint8Array(exports.mem.buffer);
  assert.strictEqual(view.length, 65536);
  exports.store(7);
  assert.strictEqual(view[0], 7);
  view[1] = 9;
  exports.store(8);
  assert.deepStrictEqual([view[0], view[1]], [8, 9]);
  assert.strictEqual(exports.mem.buffer, exports.mem.buffer);
  assert.strictEqual(exports.mem.grow(1), 1);
  assert.strictEqual(view.length, 0);
  assert.deepStrictEqual([...new Uint8Array(exports.mem.buffer).subarray(0, 2), exports.mem.buffer.byteLength], [8, 9, 131072]);
  assert.throws(() => exports.mem.grow(65536), RangeError);

  const other = new WebAssembly.Instance(new WebAssembly.Module(second)).exports;
  assert.strictEqual(other.at(0), 42);
  assert.strictEqual(other.t.length, 2);
  assert.strictEqual(other.t.get(0)(), 42);
  assert.strictEqual(other.t.get(0), other.t.get(0));
  assert.strictEqual(other.t.get(1), null);
  other.t.set(1, other.t.get(0));
  assert.strictEqual(other.at(1), 42);
  assert.strictEqual(other.t.grow(1), 2);
  assert.throws(() => other.t.get(9), RangeError);
  assert.throws(() => other.at(2), WebAssembly.RuntimeError);
  assert.throws(() => other.at(99), { name: 'RuntimeError', message: 'table index is out of bounds' });
  assert.throws(() => other.trap(), { name: 'RuntimeError', message: 'unreachable' });
  assert.deepStrictEqual([other.wide(1n), other.wide(2n ** 63n - 1n)], [2n, -(2n ** 63n)]);
  assert.throws(() => other.wide(1), TypeError);
  other.g.value = 2.5;
  assert.strictEqual(other.g.value, 2.5);

  // An import that is exported again, or lies in a table, is a function as any other.
  const given = [];
  const direct = new WebAssembly.Instance(new WebAssembly.Module(again), { m: { f(x) { given.push(x); return '7.9'; } } }).exports;
  assert.deepStrictEqual([direct.g('1.1'), direct.t.get(0)(2), direct.t.get(0) === direct.g], [7, 7, true]);
  assert.deepStrictEqual(given, [Math.fround(1.1), 2]);
  assert.throws(() => new WebAssembly.Table({ element: 'anyfunc', initial: 1 }).grow(10_000_000), RangeError);

  // What makes the array of arguments may be the program's, and may come back in.
  const { constructor } = Array.prototype;
  let nested = 0;
  Array.prototype.constructor = { get [Symbol.species]() {
    if (nested++ === 0) assert.strictEqual(exports.add(1, 1), 2);
    return Array;
  } };
  assert.strictEqual(exports.add(2, 3), 5);
  Array.prototype.constructor = constructor;

  const global = new WebAssembly.Global({ value: 'i64', mutable: true }, 5n);
  global.value = 7n;
  assert.strictEqual(global.value, 7n);
  assert.throws(() => { new WebAssembly.Global({ value: 'i32' }, 1).value = 2; }, TypeError);
  const values = new WebAssembly.Table({ element: 'externref', initial: 2 }, global);
  values.set(1, 'text');
  assert.deepStrictEqual([values.get(0) === global, values.get(1), values.length], [true, 'text', 2]);
  assert.strictEqual(new WebAssembly.Table({ element: 'externref', initial: 1 }).get(0), undefined);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  assert.strictEqual(memory.buffer.byteLength, 65536);
  assert.throws(() => memory.grow(2), RangeError);

  await assert.rejects(WebAssembly.compile(new Uint8Array([1])), { name: 'CompileError' });
  await assert.rejects(WebAssembly.compile(1), TypeError);
  assert.throws(() => new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d])), WebAssembly.CompileError);
  assert.throws(() => new WebAssembly.Instance(module), TypeError);
  assert.throws(() => new WebAssembly.Instance(module, {}), { name: 'TypeError', message: 'WebAssembly.Instance(): Import #0 "m": module is not an object or function' });
  assert.throws(() => new WebAssembly.Instance(module, { m: {} }), { name: 'LinkError', message: 'WebAssembly.Instance(): Import #0 "m" "f": function import requires a callable' });
  assert.throws(() => WebAssembly.Memory.prototype.grow.call({}, 1), TypeError);
  assert.strictEqual(Object.prototype.toString.call(memory), '[object WebAssembly.Memory]');
  assert.strictEqual(`${new WebAssembly.LinkError('why')}`, 'LinkError: why');

  const response = new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
  assert.strictEqual((await WebAssembly.instantiateStreaming(response, imports)).instance.exports.add(1, 1), 2);
  await assert.rejects(WebAssembly.compileStreaming(new Response(bytes)), { code: 'ERR_WEBASSEMBLY_RESPONSE' });
}
main();
