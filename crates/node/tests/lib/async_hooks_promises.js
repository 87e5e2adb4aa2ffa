'use strict';
// Hooks learn of each promise: what it comes from, what runs for it and when it is settled; of those of
// `vm` contexts too.

const assert = require('assert');
const vm = require('vm');
const { createHook, executionAsyncId, executionAsyncResource, triggerAsyncId } = require('async_hooks');

let names;
let log;

// Ids are named in the order in which they come.
function name(id) {
  if (!names.has(id)) names.set(id, names.size === 0 ? 'outside' : `p${names.size}`);
  return names.get(id);
}

function note(what) {
  log.push(`${what} in ${name(executionAsyncId())}`);
}

const hook = createHook({
  init(id, type, trigger, resource) {
    if (type !== 'PROMISE') return;
    assert.strictEqual(Object.prototype.toString.call(resource), '[object Promise]');
    const parent = name(trigger);
    log.push(`init ${name(id)} of ${parent}`);
  },
  before(id) {
    if (names.has(id)) log.push(`before ${name(id)}`);
  },
  after(id) {
    if (!names.has(id) || name(id) === 'outside') return;
    assert.strictEqual(executionAsyncId(), id);
    log.push(`after ${name(id)}`);
  },
  promiseResolve(id) { log.push(`settled ${name(id)}`); },
});

const cases = [];
const check = (body, expected) => cases.push([body, expected]);

function next() {
  if (cases.length === 0) return;
  const [body, expected] = cases.shift();
  names = new Map();
  log = [];
  name(executionAsyncId());
  hook.enable();
  body();
  setImmediate(() => {
    hook.disable();
    assert.deepStrictEqual(log, expected, body.toString());
    // Not in a scope of the hooks that were enabled.
    setTimeout(next, 1);
  });
}

check(() => {
  const promise = new Promise((resolve) => { note('executor'); resolve(1); });
  promise.then(() => { note('first'); }).then(() => { note('second'); });
  note('end');
}, [
  'init p1 of outside', 'executor in outside', 'settled p1', 'init p2 of p1', 'init p3 of p2', 'end in outside',
  'before p2', 'first in p2', 'settled p2', 'after p2', 'before p3', 'second in p3', 'settled p3', 'after p3',
]);

check(() => {
  (async () => {
    await 1;
    note('one');
    await Promise.resolve(2);
    note('two');
  })();
}, [
  'init p1 of outside', 'init p2 of p1', 'settled p2', 'init p3 of p2', 'before p3', 'one in p3',
  'init p4 of p3', 'settled p4', 'init p5 of p4', 'settled p3', 'after p3',
  'before p5', 'two in p5', 'settled p1', 'settled p5', 'after p5',
]);

check(() => {
  new Promise((resolve) => resolve({ then(done) { note('thenable'); done(); } })).then(() => note('then'));
}, [
  'init p1 of outside', 'init p2 of p1', 'before p1', 'thenable in p1', 'settled p1', 'after p1',
  'before p2', 'then in p2', 'settled p2', 'after p2',
]);

check(() => {
  Promise.reject(new Error('no')).catch(() => note('caught'));
}, [
  'init p1 of outside', 'settled p1', 'init p2 of p1', 'before p2', 'caught in p2', 'settled p2', 'after p2',
]);

check(() => {
  async function* steps() { yield 1; }
  (async () => { for await (const step of steps()) note(`step ${step}`); })();
}, [
  'init p1 of outside', 'init p2 of outside', 'init p3 of p2', 'settled p3', 'init p4 of p3', 'init p5 of p2',
  'before p4', 'settled p2', 'settled p4', 'after p4',
  'before p5', 'step 1 in p5', 'init p6 of p5', 'settled p6', 'init p7 of p6', 'settled p5', 'after p5',
  'before p7', 'settled p1', 'settled p7', 'after p7',
]);

// A class of its own makes its promises as anybody does: without a parent.
check(() => {
  class Own extends Promise {}
  new Own((resolve) => resolve()).then(() => note('own'));
}, [
  'init p1 of outside', 'settled p1', 'init p2 of outside', 'before p2', 'own in p2', 'settled p2', 'after p2',
]);

// What a hook makes has no part in what it learns of.
check(() => {
  const context = vm.createContext({ note });
  vm.runInContext('(async () => { await 0; note("inside"); })()', context);
}, [
  'init p1 of outside', 'init p2 of p1', 'settled p2', 'init p3 of p2', 'before p3', 'inside in p3',
  'settled p1', 'settled p3', 'after p3',
]);

check(() => {
  const context = vm.createContext({ note }, { microtaskMode: 'afterEvaluate' });
  vm.runInContext('Promise.resolve().then(() => note("inside"))', context);
  note('end');
}, [
  'init p1 of outside', 'settled p1', 'init p2 of p1', 'before p2', 'inside in p2', 'settled p2', 'after p2',
  'end in outside',
]);

// The promise of an async function is of the function's context, and is what runs for it.
const late = vm.runInNewContext('(async () => {})')();
assert.strictEqual(late instanceof Promise, false);

process.on('exit', () => assert.strictEqual(cases.length, 0));

// A promise from before the hooks gets its id when it is first met.
const early = Promise.resolve();
const seen = [];
const late_hook = createHook({ init(id, type, trigger) { seen.push([id, trigger]); } }).enable();
const derived = early.then(() => {
  assert.strictEqual(executionAsyncId(), seen[0][0]);
  assert.strictEqual(triggerAsyncId(), seen[0][1]);
  assert.strictEqual(executionAsyncResource(), derived);
  late_hook.disable();
});
setTimeout(() => {
  assert.strictEqual(seen.length, 2); // the promise and this timer
  next();
}, 1);
