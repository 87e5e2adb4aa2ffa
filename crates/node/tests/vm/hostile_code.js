// Flags: --experimental-vm-modules --expose-gc
'use strict';
// Traps, getters and iterators that drop or change what vm is at work with: what was begun with is what counts.

const assert = require('assert');
const vm = require('vm');
const { check, test } = require('./harness');

const since = 'v24.8.0';
const spray = () => { globalThis.sprayed = Array.from({ length: 200 }, (_, a) => new Proxy({ x: 'another' }, { a })); };

check('a prototype dropped by the getter of its trap is still read', () => {
  const sandbox = vm.createContext({});
  Object.setPrototypeOf(sandbox, new Proxy({ x: 1 }, { get get() { Object.setPrototypeOf(sandbox, null); spray(); return undefined; } }));
  return vm.runInContext('x', sandbox);
}, 1);

check('a prototype of the global dropped by its trap is still read', () => {
  const context = vm.createContext({ spray });
  return vm.runInContext(`
    Object.setPrototypeOf(globalThis, new Proxy({}, {
      has(t, k) { if (k === 'nope') { Object.setPrototypeOf(globalThis, null); spray(); return true; } return k in t; },
      get: () => 'got',
    }));
    nope`, context);
}, 'got');

check('a prototype dropped while an assignment looks at it', () => {
  const sandbox = vm.createContext({});
  Object.setPrototypeOf(sandbox, new Proxy({ x: 1 }, { getOwnPropertyDescriptor() { Object.setPrototypeOf(sandbox, null); spray(); } }));
  return vm.runInContext('x = 5; typeof x', sandbox);
}, 'number');

test.since(since, 'a list of modules is read once', async () => {
  const module = (text) => new vm.SourceTextModule(text);
  const [one, two, to] = [module('export let x = 1'), module('export let x = 2'), module('import { x } from "x"; export { x }')];
  let asked = 0;
  const list = [one];
  list[Symbol.iterator] = function* () { yield asked++ === 0 ? one : two; };
  one.linkRequests([]);
  two.linkRequests([]);
  to.linkRequests(list);
  to.instantiate();
  await to.evaluate();
  assert.strictEqual(to.namespace.x, 1);
});

test.ours('an object that a getter of the options contextifies is the same context', () => {
  const object = {};
  let inner;
  const outer = vm.createContext(object, { get name() { inner = vm.createContext(object); return 'x'; } });
  assert.strictEqual(outer, object);
  assert.strictEqual(inner, object);
  assert.strictEqual(vm.runInContext('globalThis.a = 1; a', object), 1);
});

test.ours('a context disposed of while parameters are read compiles nothing', () => {
  const parsingContext = vm.createContext({});
  let reads = 0;
  const params = new Proxy(['a'], { get(t, k, r) {
    if (k === '0' && ++reads === 2) vm.disposeContext(parsingContext);
    return Reflect.get(t, k, r);
  } });
  assert.throws(() => vm.compileFunction('return a', params, { parsingContext }), { code: 'ERR_CONTEXT_DISPOSED' });
});

test.since(since, 'a module of a context with a queue of its own settles where it can', async () => {
  const later = () => new Promise((resolve) => { setTimeout(resolve, 50, 'never settles'); });
  const told = [];
  for (const text of ['', 'export const x = 1', 'await null', 'throw new Error("b")', 'await null; throw new Error("b")', 'await host']) {
    const context = vm.createContext({ host: new Promise((resolve) => { setTimeout(resolve, 5); }) }, { microtaskMode: 'afterEvaluate' });
    const module = new vm.SourceTextModule(text, { context });
    await module.link(() => {});
    const answer = await Promise.race([module.evaluate().then(() => 'done', (error) => `failed ${error.message}`), later()]);
    told.push(`${answer} ${module.status}`);
  }
  assert.deepStrictEqual(told, [
    'done evaluated', 'done evaluated', 'done evaluated', 'failed b errored', 'failed b errored', 'never settles evaluated',
  ]);
});

test('an importer waits for a module, and goes on where it belongs', async () => {
  let go;
  const context = vm.createContext({ p: new Promise((resolve) => { go = resolve; }), mine: 'mine', out: [] });
  const options = { context };
  const dep = new vm.SourceTextModule('export let x = 1; await p; x = 2', options);
  const to = new vm.SourceTextModule('import { x } from "x"; out.push(x, mine, Object.getPrototypeOf([]) === Array.prototype)', options);
  await to.link(() => dep);
  const done = to.evaluate();
  await null;
  globalThis.gc();
  go();
  await done;
  const late = new vm.SourceTextModule('import { x } from "x"; out.push(x)', options);
  await late.link(() => dep);
  await late.evaluate();
  assert.deepStrictEqual([...context.out], [2, 'mine', true, 2]);
});
