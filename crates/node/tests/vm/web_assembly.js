'use strict';
// The namespace WebAssembly: all of it is there, and says that there is none.

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

test('what is no source of bytes is refused', async () => {
  assert.throws(() => WebAssembly.validate(1), TypeError);
  assert.throws(() => new WebAssembly.Module('text'), TypeError);
  assert.throws(() => new WebAssembly.Instance({}), TypeError);
  await assert.rejects(WebAssembly.compile(), TypeError);
});

test.ours('compiling rejects with a clear error', async () => {
  const why = { name: 'CompileError', message: /this runtime has no WebAssembly/ };
  await assert.rejects(WebAssembly.compile(bytes), why);
  await assert.rejects(WebAssembly.instantiate(bytes.buffer), why);
  assert.strictEqual(WebAssembly.validate(bytes), false);
  for (const make of [() => new WebAssembly.Module(bytes), () => new WebAssembly.Memory({ initial: 1 }),
                      () => new WebAssembly.Table({ initial: 1, element: 'anyfunc' }), () => new WebAssembly.Global({ value: 'i32' })]) {
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
