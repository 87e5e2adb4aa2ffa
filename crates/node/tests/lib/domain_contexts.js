'use strict';
// A domain is current in what follows the promises and callbacks of `vm` contexts; their promises do not
// show it, which would be a way out of the context.

const assert = require('assert');
const domain = require('domain');
const vm = require('vm');

const context = vm.createContext({ setTimeout });
let calls = 0;
for (let i = 0; i < 20; i++) {
  const each = domain.create();
  each.run(() => {
    const promise = vm.runInContext('async () => null', context)();
    assert.strictEqual(promise.domain, undefined);
    promise.then(() => {
      calls++;
      assert.strictEqual(process.domain, each);
    });
    assert.strictEqual(Promise.resolve().domain, each);
    assert.strictEqual(setTimeout(() => {}, 1).domain, each);
  });
  assert.notStrictEqual(process.domain, each);
}

const messages = [];
const failing = domain.create();
failing.on('error', (error) => messages.push(error.message));
failing.run(() => {
  vm.runInContext('setTimeout(() => { throw new Error("in a timer"); }, 1)', context);
  vm.runInContext('Promise.reject(new Error("rejected"))', context);
});

process.on('exit', () => {
  assert.strictEqual(calls, 20);
  assert.deepStrictEqual(messages.sort(), ['in a timer', 'rejected']);
});
