'use strict';
// The namespace WebAssembly: all of it is in each context, and says in all but the main one that there is none.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const members = ['compile', 'validate', 'instantiate', 'Module', 'Instance', 'Table', 'Memory', 'Global', 'Tag', 'JSTag',
                 'Exception', 'CompileError', 'LinkError', 'RuntimeError', 'compileStreaming', 'instantiateStreaming'];
const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

test.since('v24.0.0', 'the members, in the main context and in others', () => {
  for (const namespace of [WebAssembly, vm.runInNewContext('WebAssembly')]) {
    for (const name of members) assert.ok(name in namespace, name);
    assert.strictEqual(Object.prototype.toString.call(namespace), '[object WebAssembly]');
  }
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly');
  assert.deepStrictEqual([writable, enumerable, configurable], [true, false, true]);
});

test('errors are errors of their context', () => {
  const context = vm.createContext();
  for (const name of ['CompileError', 'LinkError', 'RuntimeError']) {
    const error = vm.runInContext(`new WebAssembly.${name}('why')`, context);
    assert.strictEqual(vm.runInContext('(error) => error instanceof Error', context)(error), true);
    assert.strictEqual(String(error), `${name}: why`);
    assert.strictEqual(error instanceof Error, false);
  }
});

test('a context that is to compile no WebAssembly compiles none', () => {
  const options = { contextCodeGeneration: { wasm: false } };
  assert.throws(() => vm.runInNewContext('new WebAssembly.Module(bytes)', { bytes }, options), { name: 'CompileError' });
});

test('what is no source of bytes is refused', async () => {
  assert.throws(() => WebAssembly.validate(1), TypeError);
  assert.throws(() => new WebAssembly.Module('text'), TypeError);
  assert.throws(() => new WebAssembly.Instance({}), TypeError);
  await assert.rejects(WebAssembly.compile(), TypeError);
});

// (module
//   (import "m" "f" (func))
//   (memory (export "mem") 1)
//   (global (export "count") (mut i32) (i32.const 0))
//   (func (export "go") (loop
//     (global.set 0 (i32.add (global.get 0) (i32.const 1)))
//     (i32.store (i32.const 0) (global.get 0)) (call 0) (br 0)))
//   (func (export "peek") (result i32) (i32.load (i32.const 0))))
const counting = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 2, 96, 0, 0, 96, 0, 1, 127, 2, 7, 1, 1, 109, 1, 102, 0, 0, 3, 3, 2, 0, 1, 5,
  3, 1, 0, 1, 6, 6, 1, 127, 1, 65, 0, 11, 7, 27, 4, 3, 109, 101, 109, 2, 0, 2, 103, 111, 0, 1, 4, 112, 101, 101,
  107, 0, 2, 5, 99, 111, 117, 110, 116, 3, 0, 10, 33, 2, 23, 0, 3, 64, 35, 0, 65, 1, 106, 36, 0, 65, 0, 35, 0,
  54, 2, 0, 16, 0, 12, 0, 11, 11, 7, 0, 65, 0, 40, 2, 0, 11,
]);

test('what WebAssembly wrote before a timeout stays', () => {
  let calls = 0;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(counting), {
    // The limit is looked at now and then: each time elsewhere.
    m: { f() { calls++; for (let k = calls % 3; k > 0; k--); } },
  });
  const context = vm.createContext({ go: exports.go });
  const view = new Int32Array(exports.mem.buffer);
  for (let i = 0; i < 40; i++) {
    assert.throws(() => vm.runInContext('go()', context, { timeout: 5 + i % 7 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
    assert.strictEqual(exports.peek(), exports.count.value);
    assert.strictEqual(new Int32Array(exports.mem.buffer)[0], exports.count.value);
    assert.strictEqual(view[0], exports.count.value);
  }
});

// (module (func) (func return_call 0))
const tail = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 3, 2, 0, 0, 10, 9, 2, 2, 0, 11, 4, 0, 18, 0, 11,
]);

test.ours('there are no tail calls, and no memories of 4 GiB', () => {
  assert.strictEqual(WebAssembly.validate(tail), false);
  assert.throws(() => new WebAssembly.Memory({ initial: 65536 }), RangeError);
});

test.ours('compiling in a context rejects with a clear error', async () => {
  const why = { name: 'CompileError', message: /this runtime has no WebAssembly/ };
  const inner = vm.runInNewContext('WebAssembly');
  await assert.rejects(inner.compile(bytes), why);
  await assert.rejects(inner.instantiate(bytes.buffer), why);
  assert.strictEqual(inner.validate(bytes), false);
  for (const make of [() => new inner.Module(bytes), () => new inner.Memory({ initial: 1 }),
                      () => new inner.Table({ initial: 1, element: 'anyfunc' }), () => new inner.Global({ value: 'i32' })]) {
    assert.throws(make, why);
  }
});

test.ours('it is made without asking what the program has changed', () => {
  const context = vm.createContext({ Error: 1, TypeError: 2, Object: 3, Promise: 4 }, { codeGeneration: { strings: false } });
  assert.strictEqual(vm.runInContext('typeof WebAssembly.Module', context), 'function');
});

test('it is made without a look at what a program may have changed', () => {
  for (const run of [vm.runInNewContext, (source) => new vm.Script(source).runInThisContext()]) {
    const found = run(`(() => {
      const old = Object.getOwnPropertyDescriptor(TypeError.prototype, 'constructor');
      let looked = 0;
      Object.defineProperty(TypeError.prototype, 'constructor', {
        get() {
          looked++;
          for (let i = 0; i < 1000; i++) globalThis['more' + i] = i;
          return old.value;
        },
        configurable: true,
      });
      const compiles = typeof WebAssembly.compile;
      let refused;
      try { WebAssembly.validate(1); } catch (error) { refused = error instanceof TypeError && error.name; }
      Object.defineProperty(TypeError.prototype, 'constructor', old);
      return [looked, compiles, refused].join();
    })()`);
    assert.strictEqual(found, '0,function,TypeError');
  }
});

test.since('v22.0.0', 'what runs while a property is made finds the object as it is, and may change it', () => {
  // Errors within it ask for the text of their stack: here, that there is no stack left.
  const found = vm.runInNewContext(`
    let asked = 0;
    const Iterators = globalThis.Iterator || Object;
    Error.prepareStackTrace = () => {
      asked++;
      for (const object of [globalThis, Array, Iterators]) for (let i = 0; i < 40; i++) object['more' + asked + '_' + i] = i;
      return 'a text';
    };
    const look = () => [typeof WebAssembly.compile, typeof Array.fromAsync, typeof Iterators.zip, typeof Iterators.zipKeyed];
    let tries = 0;
    function deep() {
      try { deep(); } catch {}
      if (tries++ < 400) try { look(); } catch {}
    }
    deep();
    Error.prepareStackTrace = undefined;
    look()[0] + look()[1]`);
  assert.strictEqual(found, 'functionfunction');
});
