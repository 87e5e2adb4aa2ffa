'use strict';
// Hooks learn of timers, ticks, microtasks, files and what else calls back: each is made, entered, left
// and destroyed.

const assert = require('assert');
const fs = require('fs');
const {
  AsyncResource, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId,
} = require('async_hooks');

const resources = new Map(); // id -> { type, trigger, events }
const main = executionAsyncId();
assert.strictEqual(main, 1);
assert.strictEqual(triggerAsyncId(), 0);

const hook = createHook({
  init(id, type, trigger, resource) {
    assert.strictEqual(this, hook);
    resources.set(id, { type, trigger, resource, events: [] });
  },
  before(id) {
    assert.strictEqual(executionAsyncId(), id);
    resources.get(id)?.events.push('before');
  },
  after(id) {
    assert.strictEqual(executionAsyncId(), id);
    resources.get(id)?.events.push('after');
  },
  destroy(id) { resources.get(id)?.events.push('destroy'); },
});
assert.strictEqual(hook.enable(), hook);
assert.strictEqual(hook.enable(), hook);

// The resource of the code that calls it, which must be of this type and of whoever made it.
function within(type, trigger) {
  const resource = resources.get(executionAsyncId());
  assert.strictEqual(resource?.type, type);
  assert.strictEqual(resource.trigger, trigger);
  assert.strictEqual(triggerAsyncId(), trigger);
  assert.strictEqual(executionAsyncResource(), resource.resource);
  return executionAsyncId();
}

let calls = 0;
setTimeout(() => { calls++; within('Timeout', main); }, 1);
setImmediate(() => {
  calls++;
  const id = within('Immediate', main);
  process.nextTick(() => { calls++; within('TickObject', id); });
});
queueMicrotask(() => { calls++; within('Microtask', main); });
fs.stat('.', () => { calls++; within('FSREQCALLBACK', main); });
require('dns').lookup('localhost', () => { calls++; within('GETADDRINFOREQWRAP', main); });
require('crypto').randomBytes(4, () => { calls++; within('RANDOMBYTESREQUEST', main); });
require('crypto').pbkdf2('p', 's', 1, 4, 'sha1', () => { calls++; within('PBKDF2REQUEST', main); });
const cleared = setTimeout(() => {}, 1000);
clearTimeout(cleared);

class Mine extends AsyncResource {}
const mine = new Mine('Mine');
assert.strictEqual(resources.get(mine.asyncId()).type, 'Mine');
assert.strictEqual(mine.triggerAsyncId(), main);
mine.runInAsyncScope(() => { calls++; within('Mine', main); });
assert.throws(() => mine.runInAsyncScope(() => { throw new Error('through'); }), /through/);
assert.strictEqual(executionAsyncId(), main);
mine.emitDestroy();
assert.throws(() => new AsyncResource(''), { code: 'ERR_ASYNC_TYPE' });

process.once('uncaughtException', (error) => {
  assert.strictEqual(error.message, 'thrown in a timer');
  within('Timeout', main);
  calls++;
});
setTimeout(() => { throw new Error('thrown in a timer'); }, 1);

setTimeout(() => {
  assert.strictEqual(calls, 10);
  for (const [id, { type, events }] of resources) {
    if (id === executionAsyncId() || !/^(?:Timeout|Immediate|TickObject|Microtask|FSREQCALLBACK)$/.test(type)) continue;
    // The one that was cleared never ran.
    const expected = events.length === 1 ? ['destroy'] : ['before', 'after', 'destroy'];
    assert.deepStrictEqual(events, expected, type);
  }
  assert.deepStrictEqual(resources.get(mine.asyncId()).events, ['before', 'after', 'before', 'after', 'destroy']);
  assert.strictEqual(hook.disable(), hook);
  const count = resources.size;
  setImmediate(() => assert.strictEqual(resources.size, count));
}, 100);

// Hooks see what hooks do, and those that are enabled or disabled meanwhile count from the next event on.
const order = [];
const second = createHook({ init() { order.push('second'); } });
const first = createHook({
  init() {
    order.push('first');
    if (order.length === 1) second.disable();
  },
}).enable();
second.enable();
setImmediate(() => {});
setImmediate(() => {});
first.disable();
assert.deepStrictEqual(order, ['first', 'second', 'first']);

for (const kind of ['init', 'before', 'after', 'destroy', 'promiseResolve']) {
  assert.throws(() => createHook({ [kind]: 1 }), { code: 'ERR_ASYNC_CALLBACK', message: `hook.${kind} must be a function` });
}
