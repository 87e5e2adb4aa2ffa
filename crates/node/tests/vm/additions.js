'use strict';
// What sandtide adds to vm: a limit on a context's memory, and disposing of a context. See docs/vm.md.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const megabyte = 1024 * 1024;

test.ours('memoryLimit: a context that takes more throws ERR_CONTEXT_MEMORY_LIMIT', () => {
  const context = vm.createContext({}, { memoryLimit: 4 * megabyte });
  assert.throws(() => vm.runInContext('const all = []; for (;;) all.push(new Array(100).fill(0))', context), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
});

test.ours('memoryLimit: a context within it is not touched', () => {
  const context = vm.createContext({}, { memoryLimit: 16 * megabyte });
  assert.strictEqual(vm.runInContext('let n = 0; for (let i = 0; i < 100000; i++) n += [i].length; n', context), 100000);
});

test.ours('memoryLimit: what weak references kept until the end of the job is free afterwards', async () => {
  const context = vm.createContext({}, { memoryLimit: 16 * megabyte });
  for (let i = 0; i < 100; i++) {
    vm.runInContext('new WeakRef(new ArrayBuffer(1 << 20)); 0', context);
    await new Promise(setImmediate);
  }
});

test.ours('memoryLimit: weak references of one job count, one object once', async () => {
  const context = vm.createContext({}, { memoryLimit: 4 * megabyte });
  assert.strictEqual(vm.runInContext(`
    const refs = [new WeakRef({}), new WeakRef({})];
    for (let i = 0; i < 1e6; i++) refs[i & 1].deref();
    refs.every((ref) => ref.deref() !== undefined)`, context), true);
  assert.throws(() => vm.runInContext('for (;;) new WeakRef(new Array(1000).fill(0));', context), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
  await new Promise(setImmediate);
  assert.strictEqual(vm.runInContext('new Array(1e5).fill(1).length', context), 100000);
});

test.ours('memoryLimit: the program and other contexts go on', () => {
  const greedy = vm.createContext({}, { memoryLimit: 4 * megabyte });
  const modest = vm.createContext({});
  assert.throws(() => vm.runInContext('const all = []; for (;;) all.push({})', greedy), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
  assert.strictEqual(vm.runInContext('new Array(1000).fill(1).length', modest), 1000);
});

test.ours('memoryLimit: strings, buffers and collections count', () => {
  for (const code of ['let s = "x"; for (;;) s += s', 'const all = []; for (;;) all.push(new Uint8Array(100000))', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, i)']) {
    assert.throws(() => vm.runInContext(code, vm.createContext({}, { memoryLimit: 4 * megabyte })), (error) => error.code === 'ERR_CONTEXT_MEMORY_LIMIT' || error.name === 'RangeError', code);
  }
});

test.ours('memoryLimit: the script cannot catch it and go on', () => {
  const context = vm.createContext({}, { memoryLimit: 4 * megabyte });
  assert.throws(() => vm.runInContext('const all = []; for (;;) { try { for (;;) all.push({}) } catch {} }', context), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
});

test.ours('memoryLimit: code that the engine catches errors of does not go on', () => {
  for (const code of [
    'Error.prepareStackTrace = () => { const all = []; for (;;) all.push({}); }; new Error().stack; 5',
    'new Promise(() => { const all = []; for (;;) all.push({}); }); 5',
    '(async (all = []) => { for (;;) all.push({}); })(); 5',
    'Promise.resolve({ get then() { const all = []; for (;;) all.push({}); } }); 5',
  ]) {
    assert.throws(() => vm.runInContext(code, vm.createContext({}, { memoryLimit: 4 * megabyte })), { code: 'ERR_CONTEXT_MEMORY_LIMIT' }, code);
  }
});

test.ours('timeout: a built-in that outlives it gives no value', () => {
  for (const code of ['"a".repeat(2 ** 24).split("").length', 'new Array(2 ** 22).join("ab").length', 'new Uint8Array(1 << 25).toSorted().length']) {
    assert.throws(() => vm.runInNewContext(code, {}, { timeout: 1 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' }, code);
  }
});

test.ours('memoryLimit: a vanilla context and runInNewContext take it', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { memoryLimit: 4 * megabyte });
  assert.throws(() => vm.runInContext('const all = []; for (;;) all.push({})', context), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
  assert.throws(() => vm.runInNewContext('const all = []; for (;;) all.push({})', {}, { contextMemoryLimit: 4 * megabyte }), { code: 'ERR_CONTEXT_MEMORY_LIMIT' });
});

test.ours('memoryLimit: a positive integer', () => {
  for (const memoryLimit of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => vm.createContext({}, { memoryLimit }), { code: 'ERR_OUT_OF_RANGE' });
  for (const memoryLimit of [null, '5', {}, 5n]) assert.throws(() => vm.createContext({}, { memoryLimit }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.runInNewContext('1', {}, { contextMemoryLimit: 0 }), { code: 'ERR_OUT_OF_RANGE' });
});

test.ours('disposeContext(): later runs throw ERR_CONTEXT_DISPOSED', () => {
  const context = vm.createContext({ x: 1 });
  assert.strictEqual(vm.runInContext('x', context), 1);
  assert.strictEqual(vm.disposeContext(context), undefined);
  assert.throws(() => vm.runInContext('x', context), { code: 'ERR_CONTEXT_DISPOSED' });
  assert.throws(() => new vm.Script('x').runInContext(context), { code: 'ERR_CONTEXT_DISPOSED' });
});

test.ours('disposeContext(): the sandbox keeps its properties', () => {
  const context = vm.createContext({});
  vm.runInContext('made = 1; list = [1, 2]', context);
  vm.disposeContext(context);
  assert.strictEqual(context.made, 1);
  assert.deepStrictEqual([...context.list], [1, 2]);
});

test.ours('disposeContext(): twice does nothing more', () => {
  const context = vm.createContext({});
  vm.disposeContext(context);
  vm.disposeContext(context);
});

test.ours('disposeContext(): a vanilla context', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  vm.runInContext('x = 1', context);
  vm.disposeContext(context);
  assert.throws(() => vm.runInContext('x', context), { code: 'ERR_CONTEXT_DISPOSED' });
});

test.ours('disposeContext(): other contexts are not touched', () => {
  const a = vm.createContext({});
  const b = vm.createContext({});
  vm.runInContext('let kept = 5', b);
  vm.disposeContext(a);
  assert.strictEqual(vm.runInContext('kept', b), 5);
});

test.ours('disposeContext() wants a context', () => {
  assert.throws(() => vm.disposeContext({}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.disposeContext(), { code: 'ERR_INVALID_ARG_TYPE' });
});

test.ours('disposeContext() from within the context', () => {
  const context = vm.createContext({ end: () => vm.disposeContext(context) });
  assert.doesNotThrow(() => { try { vm.runInContext('end(); 1', context); } catch (error) { assert.strictEqual(error.code, 'ERR_CONTEXT_DISPOSED'); } });
  assert.throws(() => vm.runInContext('1', context), { code: 'ERR_CONTEXT_DISPOSED' });
});

test.ours('disposeContext() is not among the enumerable names of the module', () => {
  assert.ok(!Object.keys(vm).includes('disposeContext'));
});

test.ours('contexts that are dropped are freed at once', async () => {
  const { total: { jsMemoryEstimate: before } } = await vm.measureMemory();
  for (let i = 0; i < 2000; i++) vm.runInNewContext('const all = new Array(100).fill(i)', { i });
  const { total: { jsMemoryEstimate: after } } = await vm.measureMemory();
  assert.ok(after - before < megabyte, `${after - before} bytes more`);
});
