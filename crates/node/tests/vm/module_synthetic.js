// Flags: --experimental-vm-modules
'use strict';
// vm.SyntheticModule.

const assert = require('assert');
const util = require('util');
const vm = require('vm');
const { test } = require('./harness');

const { SourceTextModule, SyntheticModule } = vm;
const since = 'v24.8.0';

const rejected = async (promise) => {
  try { await promise; } catch (error) { return error; }
  return assert.fail('not rejected');
};

test('a generic interface for non-JavaScript sources (the documentation\'s example)', async () => {
  const source = '{ "a": 1 }';
  const syntheticModule = new SyntheticModule(['default'], function() {
    this.setExport('default', JSON.parse(source));
  });
  await syntheticModule.link(() => {});
  await syntheticModule.evaluate();
  assert.deepStrictEqual(syntheticModule.namespace.default, { a: 1 });
});

test('its exports are imported by other modules', async () => {
  const synthetic = new SyntheticModule(['x', 'default'], () => {
    synthetic.setExport('x', 1);
    synthetic.setExport('default', 2);
  });
  const module = new SourceTextModule('import d, { x } from "s"; import * as all from "s"; export const result = [d, x, Object.keys(all).join()]');
  await module.link(() => synthetic);
  await module.evaluate();
  assert.deepStrictEqual(module.namespace.result, [2, 1, 'default,x']);
  assert.strictEqual(synthetic.status, 'evaluated');
});

test('exports that are not set are undefined', async () => {
  const synthetic = new SyntheticModule(['a', 'b'], () => { synthetic.setExport('a', 1); });
  await synthetic.link(() => {});
  await synthetic.evaluate();
  assert.deepStrictEqual({ ...synthetic.namespace }, { a: 1, b: undefined });
});

test.since(since, 'it is linked from the start, link() is redundant', async () => {
  const synthetic = new SyntheticModule(['x'], () => {});
  assert.strictEqual(synthetic.status, 'linked');
  assert.deepStrictEqual({ ...synthetic.namespace }, { x: undefined });
  assert.strictEqual(synthetic.link(), undefined);
  assert.strictEqual(synthetic.link(() => {}), undefined);
  await synthetic.evaluate();
  assert.strictEqual(synthetic.status, 'evaluated');
});

test.since(since, 'setExport() (the documentation\'s example)', async () => {
  const m = new SyntheticModule(['x'], () => { m.setExport('x', 1); });
  await m.evaluate();
  assert.strictEqual(m.namespace.x, 1);
});

test.since(since, 'setExport() before and after evaluation', async () => {
  const m = new SyntheticModule(['x'], () => {});
  m.setExport('x', 1);
  assert.strictEqual(m.namespace.x, 1);
  await m.evaluate();
  m.setExport('x', 2);
  assert.strictEqual(m.namespace.x, 2);
});

test('setExport() after evaluation is seen by importers', async () => {
  const synthetic = new SyntheticModule(['x'], () => { synthetic.setExport('x', 1); });
  const module = new SourceTextModule('import { x } from "s"; export const read = () => x');
  await module.link(() => synthetic);
  await module.evaluate();
  synthetic.setExport('x', 2);
  assert.strictEqual(module.namespace.read(), 2);
});

test('setExport(): the name must be a string and one of the exports', async () => {
  const synthetic = new SyntheticModule(['x'], () => {});
  await synthetic.link(() => {});
  for (const name of [undefined, null, 5, {}, Symbol('s')]) assert.throws(() => synthetic.setExport(name, 1), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => synthetic.setExport('y', 1), { name: 'ReferenceError', message: "Export 'y' is not defined in module" });
  assert.throws(() => SyntheticModule.prototype.setExport.call({}, 'x', 1), { name: 'TypeError' });
});

test('evaluateCallback is called when the module is evaluated, synchronously, once, without arguments', async () => {
  const calls = [];
  const synthetic = new SyntheticModule([], (...args) => { calls.push(args.length); });
  await synthetic.link(() => {});
  assert.deepStrictEqual(calls, []);
  const promise = synthetic.evaluate();
  assert.deepStrictEqual(calls, [0]);
  await promise;
  await synthetic.evaluate();
  assert.deepStrictEqual(calls, [0]);
});

test('in evaluateCallback, this can set exports', async () => {
  const synthetic = new SyntheticModule(['x'], function () { this.setExport('x', 'by this'); });
  await synthetic.link(() => {});
  await synthetic.evaluate();
  assert.strictEqual(synthetic.namespace.x, 'by this');
});

test.since(since, 'evaluate() fulfills synchronously', () => {
  assert.strictEqual(util.inspect(new SyntheticModule([], () => {}).evaluate()), 'Promise { undefined }');
});

test('an exception of evaluateCallback rejects evaluate(), and is the error', async () => {
  const synthetic = new SyntheticModule([], () => { throw new RangeError('in the callback'); });
  await synthetic.link(() => {});
  const error = await rejected(synthetic.evaluate());
  assert.strictEqual(error.message, 'in the callback');
  assert.strictEqual(synthetic.status, 'errored');
  assert.strictEqual(synthetic.error, error);
  assert.strictEqual(await rejected(synthetic.evaluate()), error);
});

test.since(since, 'the return value of evaluateCallback is discarded, an asynchronous one is not waited for', async () => {
  let finished = false;
  const synthetic = new SyntheticModule([], async () => { await null; finished = true; });
  const promise = synthetic.evaluate();
  assert.strictEqual(util.inspect(promise), 'Promise { undefined }');
  assert.strictEqual(finished, false);
  assert.strictEqual(await promise, undefined);
});

test.since(since, 'an exception of evaluateCallback fails the importer', async () => {
  const synthetic = new SyntheticModule([], () => { throw new Error('below'); });
  const module = new SourceTextModule('import "s"');
  await module.link(() => synthetic);
  assert.strictEqual((await rejected(module.evaluate())).message, 'below');
  assert.strictEqual(module.status, 'errored');
});

test('exportNames must be an array of unique strings', () => {
  for (const names of [undefined, null, 'x', {}, [1], [undefined], ['a', Symbol('s')]]) {
    assert.throws(() => new SyntheticModule(names, () => {}), (error) => error.code === 'ERR_INVALID_ARG_TYPE' && error.message.startsWith('The "exportNames" argument must be an Array of unique strings.'));
  }
  assert.throws(() => new SyntheticModule(['a', 'b', 'a'], () => {}), { code: 'ERR_INVALID_ARG_VALUE', message: "The property 'exportNames.a' is duplicated. Received 'a'" });
});

test('evaluateCallback must be a function, options an object', () => {
  for (const callback of [undefined, null, {}, 'x']) assert.throws(() => new SyntheticModule([], callback), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SyntheticModule([], () => {}, null), { message: 'The "options" argument must be of type object. Received null' });
  assert.throws(() => new SyntheticModule([], () => {}, { identifier: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SyntheticModule([], () => {}, { context: {} }), { message: 'The "options.context" property must be an vm.Context. Received an instance of Object' });
});

test('identifier and context', async () => {
  const context = vm.createContext();
  const synthetic = new SyntheticModule(['x'], function () { this.setExport('x', [1]); }, { identifier: 'syn', context });
  assert.deepStrictEqual([synthetic.identifier, synthetic.context], ['syn', context]);
  const module = new SourceTextModule('import { x } from "s"; export const mine = x instanceof Array', { context });
  await module.link(() => synthetic);
  await module.evaluate();
  assert.strictEqual(module.namespace.mine, false);
});

test('any names: not only identifiers', async () => {
  const synthetic = new SyntheticModule(['a b', '', 'default', '0'], function () { this.setExport('a b', 1); this.setExport('', 2); });
  await synthetic.link(() => {});
  await synthetic.evaluate();
  assert.deepStrictEqual([synthetic.namespace['a b'], synthetic.namespace['']], [1, 2]);
});

test('many exports', async () => {
  const names = Array.from({ length: 2000 }, (_, i) => `e${i}`);
  const synthetic = new SyntheticModule(names, function () { names.forEach((name, i) => this.setExport(name, i)); });
  await synthetic.link(() => {});
  await synthetic.evaluate();
  assert.ok(names.every((name, i) => synthetic.namespace[name] === i));
});
