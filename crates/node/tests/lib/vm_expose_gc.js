'use strict';
// With --expose-gc every context has a `gc`, and the objects that contexts are made of do not.

const assert = require('assert');
const { spawnSync } = require('child_process');

if (typeof gc !== 'function') {
  const { status, stderr } = spawnSync(process.execPath, ['--expose-gc', __filename]);
  assert.strictEqual(status, 0, `${stderr}`);
  return;
}

const vm = require('vm');
const sandbox = {};
const context = vm.createContext(sandbox);
assert.strictEqual(vm.runInContext('typeof gc', context), 'function');
assert.strictEqual(vm.runInContext('gc instanceof Function', context), true);
assert.strictEqual(vm.runInContext('gc()', context), undefined);
assert.strictEqual('gc' in sandbox, false);
assert.deepStrictEqual(Object.keys(sandbox), []);
assert.strictEqual(vm.runInNewContext('typeof gc'), 'function');
assert.strictEqual(vm.runInNewContext('var gc = 1; gc'), 1);
assert.strictEqual(vm.runInNewContext('gc', { gc: 5 }), 5);
assert.strictEqual(vm.runInNewContext('gc = 6; gc'), 6);
assert.strictEqual(vm.runInNewContext('typeof gc', Object.freeze({})), 'function');
if (vm.constants?.DONT_CONTEXTIFY) {
  assert.strictEqual(typeof vm.createContext(vm.constants.DONT_CONTEXTIFY).gc, 'function');
}
assert.strictEqual(Object.getOwnPropertyDescriptor(globalThis, 'gc').enumerable, true);
require('v8').setFlagsFromString('--no-expose-gc');
assert.strictEqual(vm.runInNewContext('typeof gc'), 'undefined');
require('v8').setFlagsFromString('--expose_gc');
assert.strictEqual(vm.runInNewContext('typeof gc'), 'function');
