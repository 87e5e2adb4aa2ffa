'use strict';
// AsyncLocalStorage and AsyncResource, as far as callbacks carry them.

const assert = require('assert');
const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = require('async_hooks');

const storage = new AsyncLocalStorage();
const seen = [];
const note = (what) => seen.push(`${what} ${storage.getStore()}`);

assert.strictEqual(storage.getStore(), undefined);
let resource;
let bound;
let snapshot;
const returned = storage.run(1, (a, b) => {
  note('sync');
  setTimeout(() => note('timeout'), 1);
  setImmediate((x) => note(`immediate ${x}`), 7);
  process.nextTick(() => note('tick'));
  queueMicrotask(() => note('microtask'));
  Promise.resolve().then(() => note('then'));
  storage.run(2, () => note('inner'));
  storage.exit(() => note('exit'));
  note('again');
  resource = new AsyncResource('Test');
  bound = AsyncLocalStorage.bind ? AsyncLocalStorage.bind(() => storage.getStore()) : () => 1;
  snapshot = AsyncLocalStorage.snapshot ? AsyncLocalStorage.snapshot() : (fn) => storage.run(1, fn);
  return a + b;
}, 3, 4);
assert.strictEqual(returned, 7);
note('outside');
assert.strictEqual(resource.runInAsyncScope(function (x) { return `${this.y}${x}${storage.getStore()}`; }, { y: 'y' }, 'x'), 'yx1');
assert.strictEqual(bound(), 1);
assert.strictEqual(snapshot(() => storage.getStore()), 1);
assert.throws(() => storage.run(5, () => { throw new Error('through'); }), /through/);
note('after throw');
const entered = new AsyncLocalStorage();
entered.enterWith(9);
assert.strictEqual(entered.getStore(), 9);
entered.disable();
assert.strictEqual(entered.getStore(), undefined);

assert.throws(() => new AsyncResource(5), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => createHook({ init: 1 }), { code: 'ERR_ASYNC_CALLBACK', message: 'hook.init must be a function' });
createHook({ init() {} }).enable().disable();
assert.strictEqual(typeof executionAsyncId(), 'number');
assert.notStrictEqual(resource.asyncId(), new AsyncResource('Other').asyncId());

process.on('exit', () => {
  assert.deepStrictEqual(seen.slice(0, 6), ['sync 1', 'inner 2', 'exit undefined', 'again 1', 'outside undefined', 'after throw undefined']);
  assert.deepStrictEqual(seen.slice(6).sort(), ['immediate 7 1', 'microtask 1', 'then 1', 'tick 1', 'timeout 1']);
});
