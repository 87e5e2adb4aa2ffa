'use strict';
// vm.measureMemory().

const assert = require('assert');
const vm = require('vm');
const { sandtide, test } = require('./harness');

const warnings = [];
process.on('warning', (warning) => warnings.push(warning));

function checkPart(part) {
  assert.strictEqual(typeof part.jsMemoryEstimate, 'number');
  assert.ok(part.jsMemoryEstimate > 0);
  assert.strictEqual(part.jsMemoryRange.length, 2);
  const [low, high] = part.jsMemoryRange;
  assert.ok(low <= part.jsMemoryEstimate && part.jsMemoryEstimate <= high);
}

test('returns a promise; in summary mode only the memory of the main context is returned', async () => {
  const promise = vm.measureMemory({ mode: 'summary', execution: 'eager' });
  assert.ok(promise instanceof Promise);
  const result = await promise;
  checkPart(result.total);
  assert.ok(!('current' in result));
  assert.ok(!('other' in result));
});

test('summary is the default mode', async () => {
  const result = await vm.measureMemory({ execution: 'eager' });
  assert.deepStrictEqual(Object.keys(result).filter((key) => key !== 'WebAssembly'), ['total']);
});

test('in detailed mode the memory of all known contexts is returned', async () => {
  const contexts = [vm.createContext({ a: 1 }), vm.createContext({ b: 1 })];
  const result = await vm.measureMemory({ mode: 'detailed', execution: 'eager' });
  checkPart(result.total);
  checkPart(result.current);
  assert.ok(Array.isArray(result.other));
  assert.ok(result.other.length >= (sandtide ? 2 : 0));
  result.other.forEach(checkPart);
  assert.ok(contexts.every((context) => vm.isContext(context)));
});

test('mode and execution must be among those documented', () => {
  assert.throws(() => vm.measureMemory(null), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.measureMemory('summary'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.measureMemory({ mode: 'random' }), { code: 'ERR_INVALID_ARG_VALUE', message: "The property 'options.mode' must be one of: 'summary', 'detailed'. Received 'random'" });
  assert.throws(() => vm.measureMemory({ execution: 'random' }), { code: 'ERR_INVALID_ARG_VALUE', message: "The property 'options.execution' must be one of: 'default', 'eager'. Received 'random'" });
});

test('default execution gives a promise, which need not resolve soon', () => {
  assert.ok(vm.measureMemory() instanceof Promise);
  assert.ok(vm.measureMemory({ execution: 'default' }) instanceof Promise);
});

test('it is experimental: one warning is emitted', () => {
  assert.deepStrictEqual(warnings.map(({ name, message }) => [name, message]),
                         [['ExperimentalWarning', 'vm.measureMemory is an experimental feature and might change at any time']]);
});

test.ours('what a context holds is counted for it', async () => {
  const small = vm.createContext({});
  const before = (await vm.measureMemory({ mode: 'detailed', execution: 'eager' })).total.jsMemoryEstimate;
  vm.runInContext('held = []; for (let i = 0; i < 20000; i++) held.push({ i })', small);
  const after = (await vm.measureMemory({ mode: 'detailed', execution: 'eager' })).total.jsMemoryEstimate;
  assert.ok(after - before > 500000, `${after - before}`);
});
