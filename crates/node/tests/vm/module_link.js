// Flags: --experimental-vm-modules
'use strict';
// module.link(), linkRequests(), instantiate(): what they ask and what they refuse.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const { SourceTextModule, SyntheticModule } = vm;
const since = 'v24.8.0';
const unlinked = () => new SourceTextModule('import "x"');
const empty = () => new SyntheticModule([], () => {});

const rejected = async (promise) => {
  try { await promise; } catch (error) { return error; }
  return assert.fail('not rejected');
};

test('link() returns a promise that resolves with undefined', async () => {
  const promise = new SourceTextModule('').link(() => {});
  assert.ok(promise instanceof Promise);
  assert.strictEqual(await promise, undefined);
});

test('the linker gets the specifier, the referencing module and extra with attributes', async () => {
  const calls = [];
  const module = new SourceTextModule('import "a"; import b from "b" with { type: "json" }');
  await module.link((...args) => {
    calls.push(args);
    return new SyntheticModule(['default'], () => {});
  });
  assert.deepStrictEqual(calls.map(([specifier]) => specifier), ['a', 'b']);
  assert.ok(calls.every((args) => args.length === 3 && args[1] === module));
  assert.deepStrictEqual(calls.map(([, , extra]) => ({ ...extra.attributes })), [{}, { type: 'json' }]);
  assert.deepStrictEqual({ ...calls[1][2].assert }, { type: 'json' });
});

test('the linker may return a module or a promise for one', async () => {
  const module = new SourceTextModule('import { a } from "now"; import { b } from "later"; export const sum = a + b');
  await module.link((specifier) => (specifier === 'now' ?
    new SourceTextModule('export const a = 1') :
    new Promise((resolve) => setTimeout(resolve, 5, new SourceTextModule('export const b = 2')))));
  await module.evaluate();
  assert.strictEqual(module.namespace.sum, 3);
});

test('the linker is called on the returned modules too, if they are unlinked', async () => {
  const asked = [];
  const root = new SourceTextModule('import "a"', { identifier: 'root' });
  await root.link((specifier, { identifier }) => {
    asked.push(`${identifier} > ${specifier}`);
    return new SourceTextModule(specifier === 'a' ? 'import "b"; import "c"' : '', { identifier: specifier });
  });
  assert.deepStrictEqual(asked, ['root > a', 'a > b', 'a > c']);
});

test('a module that is linked or evaluated already is taken as it is', async () => {
  const dependency = new SourceTextModule('export const x = 1');
  await dependency.link(() => {});
  await dependency.evaluate();
  const module = new SourceTextModule('import { x } from "x"; export { x }');
  await module.link(() => dependency);
  await module.evaluate();
  assert.strictEqual(module.namespace.x, 1);
});

test('link() can only be called once', async () => {
  const module = new SourceTextModule('');
  await module.link(() => {});
  assert.strictEqual((await rejected(module.link(() => {}))).code, 'ERR_VM_MODULE_ALREADY_LINKED');
  const during = unlinked();
  const first = during.link(() => empty());
  const error = await rejected(during.link(() => empty()));
  assert.deepStrictEqual([error.code, error.message], ['ERR_VM_MODULE_STATUS', 'Module status must be unlinked']);
  await first;
});

test('the linker must be a function', async () => {
  for (const linker of [undefined, null, {}, 'text', 5]) {
    assert.strictEqual((await rejected(unlinked().link(linker))).code, 'ERR_INVALID_ARG_TYPE');
  }
});

test('the returned value must be a module', async () => {
  for (const value of [undefined, null, {}, 'text', 5, () => {}, Promise.resolve({})]) {
    const error = await rejected(unlinked().link(() => value));
    assert.deepStrictEqual([error.code, error.message], ['ERR_VM_MODULE_NOT_MODULE', 'Provided module is not an instance of Module']);
  }
});

test('the returned module must belong to the same context', async () => {
  const other = vm.createContext();
  const error = await rejected(unlinked().link(() => new SourceTextModule('', { context: other })));
  assert.deepStrictEqual([error.code, error.message], ['ERR_VM_MODULE_DIFFERENT_CONTEXT', 'Linked modules must use the same context']);
});

test('the returned module must not be errored', async () => {
  const errored = new SourceTextModule('throw new Error("below")');
  await errored.link(() => {});
  const cause = await rejected(errored.evaluate());
  const module = unlinked();
  const error = await rejected(module.link(() => errored));
  assert.deepStrictEqual([error.code, error.message], ['ERR_VM_MODULE_LINK_FAILURE', "request for 'x' resolved to an errored module"]);
  assert.strictEqual(error.cause, cause);
  assert.strictEqual(module.status, 'errored');
  assert.strictEqual(module.error, error);
});

test('link() is rejected with what the linker throws or rejects with', async () => {
  assert.strictEqual(await rejected(unlinked().link(() => { throw 5; })), 5);
  const module = unlinked();
  assert.strictEqual(await rejected(module.link(async () => { throw 6; })), 6);
  assert.deepStrictEqual([module.status, module.error], ['errored', 6]);
});

test('a failed link cannot be evaluated', async () => {
  const module = unlinked();
  await rejected(module.link(() => 5));
  assert.strictEqual((await rejected(module.evaluate())).code, 'ERR_VM_MODULE_STATUS');
  assert.throws(() => module.namespace, { code: 'ERR_VM_MODULE_STATUS' });
});

test('a diamond is linked and evaluated once', async () => {
  globalThis.diamond = [];
  const modules = {};
  const sources = { b: 'import "d"; diamond.push("b")', c: 'import "d"; diamond.push("c")', d: 'diamond.push("d")' };
  const root = new SourceTextModule('import "b"; import "c"; diamond.push("a")');
  await root.link((specifier) => (modules[specifier] ??= new SourceTextModule(sources[specifier])));
  await root.evaluate();
  assert.deepStrictEqual(globalThis.diamond, ['d', 'b', 'c', 'a']);
});

test('an ambiguous star export makes linking fail', async () => {
  const root = new SourceTextModule('import { a } from "both"');
  const error = await rejected(root.link((specifier) => new SourceTextModule(specifier === 'both' ? 'export * from "p"; export * from "q"' : 'export const a = 1')));
  assert.strictEqual(error.name, 'SyntaxError');
});

test.since(since, 'linkRequests() takes the modules in the order of moduleRequests', async () => {
  const module = new SourceTextModule('import { a } from "a"; import { b } from "b"; export const text = a + b');
  assert.strictEqual(module.linkRequests([new SourceTextModule('export const a = "a"'), new SourceTextModule('export const b = "b"')]), undefined);
  assert.strictEqual(module.status, 'unlinked');
  module.moduleRequests.forEach(() => {});
  assert.strictEqual(module.instantiate(), undefined);
  assert.strictEqual(module.status, 'linked');
  await module.evaluate();
  assert.strictEqual(module.namespace.text, 'ab');
});

test.since(since, 'linkRequests(): the array can be empty if there are no dependencies', async () => {
  const module = new SourceTextModule('export default 1');
  module.linkRequests([]);
  module.instantiate();
  await module.evaluate();
  assert.strictEqual(module.namespace.default, 1);
});

test.since(since, 'linkRequests(): the number of modules must fit', () => {
  assert.throws(() => unlinked().linkRequests([]), { code: 'ERR_MODULE_LINK_MISMATCH', message: 'Expected 1 modules, got 0' });
  assert.throws(() => unlinked().linkRequests([empty(), empty()]), { code: 'ERR_MODULE_LINK_MISMATCH', message: 'Expected 1 modules, got 2' });
});

test.since(since, 'linkRequests() checks what it is given', () => {
  for (const value of [undefined, null, {}, 'x']) assert.throws(() => unlinked().linkRequests(value), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => unlinked().linkRequests([{}]), { code: 'ERR_VM_MODULE_NOT_MODULE' });
  assert.throws(() => unlinked().linkRequests([new SyntheticModule([], () => {}, { context: vm.createContext() })]), { code: 'ERR_VM_MODULE_DIFFERENT_CONTEXT' });
  assert.throws(() => SourceTextModule.prototype.linkRequests.call({}, []), { code: 'ERR_INVALID_THIS' });
});

test.since(since, 'linkRequests() must be called before the module is linked', async () => {
  const module = new SourceTextModule('');
  await module.link(() => {});
  assert.throws(() => module.linkRequests([]), { code: 'ERR_VM_MODULE_STATUS', message: 'Module status must be unlinked' });
});

test.since(since, 'instantiate() needs linkRequests()', () => {
  assert.throws(() => new SourceTextModule('').instantiate(), { code: 'ERR_VM_MODULE_LINK_FAILURE', message: 'module is not linked' });
});

test.since(since, 'instantiate() needs the dependencies to be linked', () => {
  const module = unlinked();
  module.linkRequests([new SourceTextModule('import "y"', { identifier: 'below' })]);
  assert.throws(() => module.instantiate(), { code: 'ERR_VM_MODULE_LINK_FAILURE', message: "request for 'y' can not be resolved on module 'below' that is not linked" });
});

test.since(since, 'instantiate(): a dependency without requests needs no linking', () => {
  const module = unlinked();
  module.linkRequests([new SourceTextModule('')]);
  module.instantiate();
  assert.strictEqual(module.status, 'linked');
});

test.since(since, 'instantiate() throws synchronously when bindings cannot be resolved', () => {
  const module = new SourceTextModule('import { missing } from "x"');
  module.linkRequests([empty()]);
  assert.throws(() => module.instantiate(), { name: 'SyntaxError' });
  module.linkRequests([new SyntheticModule(['missing'], () => {})]);
  module.instantiate();
  assert.strictEqual(module.status, 'linked');
});

test.since(since, 'instantiate() only once', () => {
  const module = new SourceTextModule('');
  module.linkRequests([]);
  module.instantiate();
  assert.throws(() => module.instantiate(), { code: 'ERR_VM_MODULE_STATUS', message: 'Module status must be unlinked' });
});

test.since(since, 'cyclic dependencies: linkRequests() on all modules of the cycle, then instantiate()', async () => {
  const a = new SourceTextModule('import { b } from "b"; export const a = () => b');
  const b = new SourceTextModule('import { a } from "a"; export const b = "b"; export const viaA = () => a()');
  a.linkRequests([b]);
  assert.throws(() => a.instantiate(), { code: 'ERR_VM_MODULE_LINK_FAILURE' });
  b.linkRequests([a]);
  a.instantiate();
  assert.deepStrictEqual([a.status, b.status], ['linked', 'linked']);
  await a.evaluate();
  assert.strictEqual(b.namespace.viaA(), 'b');
});

test.since(since, 'evaluating after instantiate() with an errored dependency rejects with its error', async () => {
  const errored = new SourceTextModule('throw new Error("below")');
  errored.linkRequests([]);
  errored.instantiate();
  const error = await rejected(errored.evaluate());
  const module = unlinked();
  module.linkRequests([errored]);
  module.instantiate();
  assert.strictEqual(await rejected(module.evaluate()), error);
});
