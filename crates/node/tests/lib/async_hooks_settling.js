'use strict';
// Hooks that use a promise while it is told of.
const assert = require('assert');
const { createHook } = require('async_hooks');

// A hook that learns of a promise's end before it is settled: what it asks of it comes last.
const order = [];
const promises = new Map();
let watched;
const watching = createHook({
  init(id, type, trigger, resource) { promises.set(id, resource); },
  promiseResolve(id) {
    const promise = promises.get(id);
    if (promise !== watched) return;
    watched = undefined;
    const note = () => order.push('hook');
    promise.then(note, note);
  },
}).enable();
for (const name of ['resolve', 'reject']) {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  const note = () => order.push(name);
  promise.then(note, note);
  watched = promise;
  settle[name]();
}
watching.disable();
process.on('exit', () => assert.deepStrictEqual(order, ['resolve', 'hook', 'reject', 'hook']));
