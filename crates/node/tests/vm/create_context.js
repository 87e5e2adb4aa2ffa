'use strict';
// vm.createContext(): its options, and what contextifying an object means.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

test('prepares the given object and returns a reference to it', () => {
  const object = { a: 1 };
  assert.strictEqual(vm.createContext(object), object);
  assert.ok(vm.isContext(object));
  assert.deepStrictEqual(object, { a: 1 });
});

test('if it is omitted or undefined, a new, empty contextified object is returned', () => {
  for (const context of [vm.createContext(), vm.createContext(undefined), vm.createContext(undefined, {})]) {
    assert.ok(vm.isContext(context));
    assert.deepStrictEqual(context, {});
    assert.strictEqual(Object.getPrototypeOf(context), Object.prototype);
  }
  assert.notStrictEqual(vm.createContext(), vm.createContext());
});

test('the global object retains existing properties and has the built-ins of any global object (the documentation\'s example)', () => {
  globalThis.globalVar = 3;
  const context = { globalVar: 1 };
  vm.createContext(context);
  vm.runInContext('globalVar *= 2;', context);
  assert.deepStrictEqual(context, { globalVar: 2 });
  assert.strictEqual(globalThis.globalVar, 3);
  assert.strictEqual(vm.runInContext('[Math.max(1, 2), JSON.stringify({ a: 1 }), typeof Map].join()', context), '2,{"a":1},function');
});

test('outside of scripts run by the vm module, global variables remain unchanged', () => {
  const before = Object.getOwnPropertyNames(globalThis).length;
  vm.runInContext('var a = 1; b = 2; delete globalThis.Map; Array.prototype.x = 1', vm.createContext({}));
  assert.strictEqual(Object.getOwnPropertyNames(globalThis).length, before);
  assert.strictEqual(typeof Map, 'function');
  assert.strictEqual([].x, undefined);
});

test('it is used to run many scripts in one context', () => {
  const context = vm.createContext({ log: [] });
  for (const tag of ['let state = 0', 'function step() { log.push(++state) }', 'step()', 'step(); step()']) vm.runInContext(tag, context);
  assert.deepStrictEqual(context.log, [1, 2, 3]);
});

test('an object that is a context already is returned as it is', () => {
  const context = vm.createContext({});
  vm.runInContext('let kept = 1', context);
  assert.strictEqual(vm.createContext(context), context);
  assert.strictEqual(vm.createContext(context, { name: 'other' }), context);
  assert.strictEqual(vm.runInContext('kept', context), 1);
});

test('called with new it does the same', () => {
  const object = {};
  assert.strictEqual(new vm.createContext(object), object);
  assert.ok(vm.isContext(object));
});

test('any object will do: arrays, instances, dates, frozen, without prototype', () => {
  for (const object of [[1], new Date(), new Map(), Object.freeze({}), Object.create(null), new (class A {})(), Buffer.alloc(1), new Error('e'), /x/, Promise.resolve()]) {
    assert.strictEqual(vm.createContext(object), object);
    assert.ok(vm.isContext(object));
    assert.strictEqual(vm.runInContext('1 + 1', object), 2);
  }
});

test('functions and primitive values will not do', () => {
  for (const value of [null, 'text', 5, true, Symbol('s'), 1n, () => {}]) {
    assert.throws(() => vm.createContext(value), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  }
});

test('name and origin are human-readable and must be strings', () => {
  assert.ok(vm.createContext({}, { name: 'a name', origin: 'http://example.com' }));
  assert.throws(() => vm.createContext({}, { name: 5 }), { message: 'The "options.name" property must be of type string. Received type number (5)' });
  assert.throws(() => vm.createContext({}, { origin: null }), { message: 'The "options.origin" property must be of type string. Received null' });
});

test('codeGeneration.strings: if false, calls to eval or function constructors throw an EvalError', () => {
  const context = vm.createContext({}, { codeGeneration: { strings: false } });
  for (const code of ['eval("1")', 'Function("1")', 'new (async () => {}).constructor("1")', 'new (function* () {}).constructor("1")']) {
    assert.throws(() => vm.runInContext(code, context), { name: 'EvalError' }, code);
  }
  assert.strictEqual(vm.runInContext('eval("1")', vm.createContext({}, { codeGeneration: { strings: true } })), 1);
  assert.strictEqual(vm.runInContext('eval("1")', vm.createContext({})), 1);
});

test('codeGeneration.wasm: if false, compiling a WebAssembly module throws a WebAssembly.CompileError', () => {
  const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const context = vm.createContext({ bytes }, { codeGeneration: { wasm: false } });
  assert.throws(() => vm.runInContext('new WebAssembly.Module(bytes)', context), { name: 'CompileError' });
});

test.original('codeGeneration.wasm: if not given, modules are compiled', () => {
  const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  vm.runInContext('new WebAssembly.Module(bytes)', vm.createContext({ bytes }));
});

test('codeGeneration: must be an object with booleans', () => {
  assert.throws(() => vm.createContext({}, { codeGeneration: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.createContext({}, { codeGeneration: { strings: 0 } }), { message: 'The "options.codeGeneration.strings" property must be of type boolean. Received type number (0)' });
  assert.throws(() => vm.createContext({}, { codeGeneration: { wasm: 0 } }), { message: 'The "options.codeGeneration.wasm" property must be of type boolean. Received type number (0)' });
});

test('microtaskMode must be afterEvaluate or undefined', () => {
  assert.ok(vm.createContext({}, { microtaskMode: 'afterEvaluate' }));
  assert.ok(vm.createContext({}, { microtaskMode: undefined }));
  assert.throws(() => vm.createContext({}, { microtaskMode: 'x' }), { code: 'ERR_INVALID_ARG_VALUE', message: "The property 'options.microtaskMode' must be one of: 'afterEvaluate', undefined. Received 'x'" });
});

test('the contextified global cannot be frozen and is not the contextObject (the documentation\'s example)', () => {
  const context = vm.createContext();
  assert.strictEqual(vm.runInContext('globalThis', context) === context, false);
  assert.throws(() => vm.runInContext('Object.freeze(globalThis);', context), { name: 'TypeError' });
  assert.strictEqual(vm.runInContext('globalThis.foo = 1; foo;', context), 1);
});

test.since('v24.0.0', 'freezing the contextified global: the message', () => {
  assert.throws(() => vm.runInContext('Object.freeze(globalThis);', vm.createContext()), { message: 'Cannot freeze' });
  assert.throws(() => vm.runInContext('Object.seal(globalThis);', vm.createContext()), { message: 'Cannot seal' });
  assert.throws(() => vm.runInContext('Object.preventExtensions(globalThis);', vm.createContext()),
                { message: 'Cannot prevent extensions' });
  assert.strictEqual(vm.runInContext('Reflect.preventExtensions(globalThis)', vm.createContext()), false);
});

test('code run in it has an isolated global environment', () => {
  const context = vm.createContext({});
  assert.deepStrictEqual([...vm.runInContext('[typeof process, typeof require, typeof console, typeof Buffer, typeof setTimeout]', context)].filter((type, i) => i !== 2),
                         ['undefined', 'undefined', 'undefined', 'undefined']);
});

test('two contexts do not see each other', () => {
  const a = vm.createContext({});
  const b = vm.createContext({});
  vm.runInContext('var x = 1; let y = 2; Object.prototype.z = 3', a);
  assert.strictEqual(vm.runInContext('typeof x + typeof y + typeof z', b), 'undefinedundefinedundefined');
});

test('constants is a frozen object of symbols without a prototype', () => {
  assert.strictEqual(Object.getPrototypeOf(vm.constants), null);
  assert.ok(Object.isFrozen(vm.constants));
  assert.strictEqual(typeof vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER, 'symbol');
  assert.strictEqual(Object.getOwnPropertyDescriptor(vm.constants, 'USE_MAIN_CONTEXT_DEFAULT_LOADER').enumerable, true);
});

const since = 'v22.8.0';

test.since(since, 'DONT_CONTEXTIFY: to create a context without the quirks', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  assert.ok(vm.isContext(context));
  assert.strictEqual(typeof vm.constants.DONT_CONTEXTIFY, 'symbol');
  assert.strictEqual(vm.createContext(context), context);
});

test.since(since, 'DONT_CONTEXTIFY: the global object can be frozen', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  vm.runInContext('Object.freeze(globalThis);', context);
  assert.throws(() => vm.runInContext('bar = 1; bar;', context), { name: 'ReferenceError' });
});

test.since(since, 'DONT_CONTEXTIFY: the returned object is reference equal to globalThis in the new context', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  assert.strictEqual(vm.runInContext('globalThis', context), context);
  assert.strictEqual(vm.runInContext('this', context), context);
  assert.strictEqual(vm.runInContext('(function () { return this })()', context), context);
});

test.since(since, 'DONT_CONTEXTIFY: it accesses the built-ins of the new context directly', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  assert.strictEqual(context.Array, vm.runInContext('Array', context));
  assert.notStrictEqual(context.Array, Array);
  assert.ok(vm.runInContext('[]', context) instanceof context.Array);
});

test.since(since, 'DONT_CONTEXTIFY: it is changed from outside and from inside', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  vm.runInContext('foo = 1; var v = 2; function f() { return bar }', context);
  assert.deepStrictEqual([context.foo, context.v], [1, 2]);
  context.bar = 1;
  assert.strictEqual(vm.runInContext('bar;', context), 1);
  assert.strictEqual(context.f(), 1);
  delete context.foo;
  assert.strictEqual(vm.runInContext('typeof foo', context), 'undefined');
});

test.since(since, 'DONT_CONTEXTIFY: freezing it affects the inner context', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  Object.freeze(context);
  assert.throws(() => vm.runInContext('baz = 1; baz;', context), { name: 'ReferenceError' });
  assert.throws(() => vm.runInContext('"use strict"; globalThis.baz = 1', context), { name: 'TypeError' });
});

test.since(since, 'DONT_CONTEXTIFY: the usual rules of global variables hold', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  vm.runInContext('var v = 1; implicit = 2; let l = 3', context);
  assert.strictEqual(Object.getOwnPropertyDescriptor(context, 'v').configurable, false);
  assert.strictEqual(Object.getOwnPropertyDescriptor(context, 'implicit').configurable, true);
  assert.ok(!('l' in context));
  assert.strictEqual(vm.runInContext('l', context), 3);
  assert.throws(() => vm.runInContext('"use strict"; undeclared = 1', context), { name: 'ReferenceError' });
});

test.since(since, 'DONT_CONTEXTIFY: accessors on the global', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  let stored = 1;
  Object.defineProperty(context, 'a', { get: () => stored, set(value) { stored = value; }, configurable: true });
  assert.strictEqual(vm.runInContext('a = a + 1; a', context), 2);
  assert.strictEqual(stored, 2);
});

test.since(since, 'DONT_CONTEXTIFY: the options of createContext hold', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { name: 'n', origin: 'o', codeGeneration: { strings: false }, microtaskMode: 'afterEvaluate' });
  assert.throws(() => vm.runInContext('eval("1")', context), { name: 'EvalError' });
  vm.runInContext('Promise.resolve().then(() => { ran = true })', context);
  assert.strictEqual(context.ran, true);
  assert.throws(() => vm.createContext(vm.constants.DONT_CONTEXTIFY, { name: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test.since(since, 'DONT_CONTEXTIFY: vm.Script and compileFunction work with it', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  assert.strictEqual(new vm.Script('this.q = 5; q').runInContext(context), 5);
  assert.strictEqual(vm.compileFunction('return q', [], { parsingContext: context })(), 5);
});
