// Flags: --experimental-vm-modules
'use strict';
// Modules of contexts whose jobs run only after each evaluation.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function evaluated(source, sandbox = {}, options = {}) {
  const context = vm.createContext({ log: [], ...sandbox }, { microtaskMode: 'afterEvaluate' });
  const module = new vm.SourceTextModule(source, { context });
  await module.link(() => {});
  const end = module.evaluate(options).then(() => 'done', (error) => error.code ?? error.message);
  return [await Promise.race([end, wait(100).then(() => 'waits')]), module.status, context.log.join()];
}

const cases = [
  ['nothing', '', ['done', 'evaluated', '']],
  ['a declaration', 'export const x = 1', ['done', 'evaluated', '']],
  ['an await', 'log.push(1); await null; log.push(2)', ['done', 'evaluated', '1,2']],
  ['jobs', 'Promise.resolve().then(() => log.push(2)).then(() => log.push(3)); log.push(1)', ['done', 'evaluated', '1,2,3']],
  ['a throw', 'throw new Error("b")', ['b', 'errored', '']],
  ['a throw after an await', 'await null; throw new Error("c")', ['c', 'errored', '']],
  ['a promise that never settles', 'await new Promise(() => {})', ['waits', 'evaluated', '']],
];

for (const [name, source, expected] of cases) {
  test.since('v24.0.0', `a module with ${name}`, async () => {
    assert.deepStrictEqual(await evaluated(source), expected);
  });
}

test.since('v24.0.0', 'a promise of the host does not go on by itself', async () => {
  const [end, , log] = await evaluated('await promise; log.push(1)', { promise: wait(5) });
  assert.deepStrictEqual([end, log], ['waits', '']);
});

const endless = [
  ['a loop', 'for (;;);'],
  ['a loop in a job', 'Promise.resolve().then(() => { for (;;); })'],
  ['a loop after an await', 'await null; for (;;);'],
  ['jobs without an end that call the host', 'const next = () => { Promise.resolve().then(() => { host(); next(); }); }; next()'],
  ['awaits without an end of what the host gives', 'async function f() { for (;;) await host(); } f()'],
];

for (const [name, source] of endless) {
  test.since('v24.0.0', `a timeout ends ${name}`, async () => {
    const [end] = await evaluated(source, { host: () => 1 }, { timeout: 20 });
    assert.strictEqual(end, 'ERR_SCRIPT_EXECUTION_TIMEOUT');
  });
}

test.since('v24.0.0', 'a module of the main queue that a timeout ended is in error', async () => {
  const module = new vm.SourceTextModule('for (;;);', { context: vm.createContext() });
  await module.link(() => {});
  await assert.rejects(module.evaluate({ timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  assert.strictEqual(module.status, 'errored');
});

test.since('v24.0.0', 'jobs that a function queues later wait for the next script', async () => {
  const context = vm.createContext({ log: [] }, { microtaskMode: 'afterEvaluate' });
  const queue = vm.runInContext('() => { Promise.resolve().then(() => log.push(1)); }', context);
  queue();
  await wait(5);
  assert.strictEqual(context.log.length, 0);
  vm.runInContext('0', context);
  assert.strictEqual(context.log.length, 1);
});

test.ours('a context with jobs that wait can be disposed of', async () => {
  const context = vm.createContext({ log: [] }, { microtaskMode: 'afterEvaluate' });
  vm.runInContext('() => { Promise.resolve().then(() => log.push(1)); }', context)();
  vm.disposeContext(context);
  await wait(5);
  assert.strictEqual(context.log.length, 0);
  assert.throws(() => vm.runInContext('0', context));
});
