// Flags: --experimental-vm-modules
'use strict';
// vm.Module and vm.SourceTextModule: making, linking, instantiating, evaluating.

const assert = require('assert');
const util = require('util');
const vm = require('vm');
const { test } = require('./harness');

const { SourceTextModule, SyntheticModule } = vm;
const noLinker = () => assert.fail('the linker was called');

async function linked(code, options, linker = noLinker) {
  const module = new SourceTextModule(code, options);
  await module.link(linker);
  return module;
}

const rejected = async (promise) => {
  try { await promise; } catch (error) { return error; }
  return assert.fail('not rejected');
};

test('the three steps: creation, linking, evaluation (the documentation\'s older example)', async () => {
  const printed = [];
  const contextifiedObject = vm.createContext({ secret: 42, print: (value) => printed.push(value) });
  const bar = new SourceTextModule('import s from "foo"; s; print(s);', { context: contextifiedObject });
  await bar.link(async (specifier, referencingModule) => {
    assert.strictEqual(specifier, 'foo');
    return new SourceTextModule('export default secret;', { context: referencingModule.context });
  });
  await bar.evaluate();
  assert.deepStrictEqual(printed, [42]);
});

test.since('v24.8.0', 'the three steps, synchronously: linkRequests(), instantiate() (the documentation\'s example)', async () => {
  const printed = [];
  const contextifiedObject = vm.createContext({ secret: 42, print: (value) => printed.push(value) });
  const rootModule = new SourceTextModule('import s from "foo"; s; print(s);', { context: contextifiedObject });
  const moduleMap = new Map([['root', rootModule]]);
  function resolveAndLinkDependencies(module) {
    module.linkRequests(module.moduleRequests.map(({ specifier }) => {
      let requested = moduleMap.get(specifier);
      if (requested === undefined) {
        requested = new SourceTextModule('export default secret;', { context: module.context });
        moduleMap.set(specifier, requested);
        resolveAndLinkDependencies(requested);
      }
      return requested;
    }));
  }
  resolveAndLinkDependencies(rootModule);
  rootModule.instantiate();
  await rootModule.evaluate();
  assert.deepStrictEqual(printed, [42]);
});

test('vm.Module cannot be made by itself; SourceTextModule and SyntheticModule extend it', () => {
  assert.throws(() => new vm.Module(), TypeError);
  assert.ok(new SourceTextModule('') instanceof vm.Module);
  assert.ok(new SyntheticModule([], () => {}) instanceof vm.Module);
  assert.throws(() => SourceTextModule(''), TypeError);
});

test('creation parses the source text, throwing a SyntaxError if anything goes wrong', () => {
  assert.throws(() => new SourceTextModule('let x = ;'), SyntaxError);
  assert.throws(() => new SourceTextModule('export { nope }'), SyntaxError);
  assert.throws(() => new SourceTextModule('with ({}) {}'), SyntaxError);
  assert.throws(() => new SourceTextModule('export default 1; export default 2'), SyntaxError);
});

test('a syntax error is of the module\'s context and names the identifier', () => {
  const context = vm.createContext();
  let caught;
  try { new SourceTextModule('let x = ;', { context }); } catch (error) { caught = error; }
  assert.ok(caught instanceof vm.runInContext('SyntaxError', context));
});

test('by default a module is created in the top context', async () => {
  const module = await linked('export const array = [], self = globalThis;');
  await module.evaluate();
  assert.ok(module.namespace.array instanceof Array);
  assert.strictEqual(module.namespace.self, globalThis);
  assert.strictEqual(module.context, undefined);
});

test('context: the contextified object to compile and evaluate the module in', async () => {
  const context = vm.createContext({ secret: 42 });
  const module = await linked('export default secret; secret = 43; globalThis.made = typeof process; export const self = this, array = [];', { context });
  await module.evaluate();
  assert.strictEqual(module.namespace.default, 42);
  assert.strictEqual(context.secret, 43);
  assert.strictEqual(context.made, 'undefined');
  assert.strictEqual(module.namespace.self, undefined);
  assert.ok(!(module.namespace.array instanceof Array));
  assert.strictEqual(module.context, context);
});

test('a module is strict, and its declarations are its own', async () => {
  const context = vm.createContext({});
  const module = await linked('var v = 1; let l = 2; function f() {} export const t = (function () { return this })();', { context });
  await module.evaluate();
  assert.deepStrictEqual(Object.keys(context), []);
  assert.strictEqual(module.namespace.t, undefined);
  const bad = await linked('undeclared = 1', { context });
  assert.strictEqual((await rejected(bad.evaluate())).name, 'ReferenceError');
});

test('modules see the let and const of scripts of their context', async () => {
  const context = vm.createContext({});
  vm.runInContext('let fromScript = 5', context);
  const module = await linked('export default fromScript', { context });
  await module.evaluate();
  assert.strictEqual(module.namespace.default, 5);
});

test('identifier is used in stack traces, and read back', async () => {
  const module = await linked('\nthrow new Error("x")', { identifier: 'my-module.mjs' });
  assert.strictEqual(module.identifier, 'my-module.mjs');
  const error = await rejected(module.evaluate());
  assert.match(error.stack, /my-module\.mjs:2:7/);
});

test('identifier is vm:module(i) by default, i ascending in each context', () => {
  const a = vm.createContext();
  const b = vm.createContext();
  const identifiers = [a, a, b, a].map((context) => new SourceTextModule('', { context }).identifier);
  assert.deepStrictEqual(identifiers, ['vm:module(0)', 'vm:module(1)', 'vm:module(0)', 'vm:module(2)']);
  assert.strictEqual(new SyntheticModule([], () => {}, { context: b }).identifier, 'vm:module(1)');
  assert.match(new SourceTextModule('').identifier, /^vm:module\(\d+\)$/);
  assert.strictEqual(new SourceTextModule('', { identifier: '' }).identifier, '');
});

test('lineOffset and columnOffset are displayed in stack traces', async () => {
  const module = await linked('throw new Error("x")', { identifier: 'off.mjs', lineOffset: 10, columnOffset: 20 });
  assert.match((await rejected(module.evaluate())).stack, /off\.mjs:11:27/);
});

test('status goes from unlinked over linking and linked to evaluated', async () => {
  const module = new SourceTextModule('globalThis.statusInside = look()', { context: vm.createContext({ look: () => module.status }) });
  const seen = [module.status];
  const linking = module.link(noLinker);
  seen.push(module.status);
  await linking;
  seen.push(module.status);
  await module.evaluate();
  seen.push(module.context.statusInside, module.status);
  assert.deepStrictEqual(seen, ['unlinked', 'linking', 'linked', 'evaluating', 'evaluated']);
});

test('status is errored when an exception was thrown, and error is that exception', async () => {
  const module = await linked('throw new RangeError("thrown")');
  assert.throws(() => module.error, { code: 'ERR_VM_MODULE_STATUS', message: 'Module status must be errored' });
  const error = await rejected(module.evaluate());
  assert.strictEqual(module.status, 'errored');
  assert.strictEqual(module.error, error);
  assert.strictEqual(error.message, 'thrown');
});

test('error may be undefined for throw undefined', async () => {
  const module = await linked('throw undefined');
  assert.strictEqual(await rejected(module.evaluate()), undefined);
  assert.strictEqual(module.status, 'errored');
  assert.strictEqual(module.error, undefined);
});

test('evaluate() fulfills with undefined', async () => {
  const module = await linked('5');
  assert.strictEqual(await module.evaluate(), undefined);
});

test('evaluate() before linking gives a rejected promise', async () => {
  const error = await rejected(new SourceTextModule('import "x"').evaluate());
  assert.strictEqual(error.code, 'ERR_VM_MODULE_STATUS');
  assert.strictEqual(error.message, 'Module status must be one of linked, evaluated, or errored');
});

test.since('v24.8.0', 'evaluate() without top-level await settles synchronously', async () => {
  const good = await linked('1');
  assert.strictEqual(util.inspect(good.evaluate()), 'Promise { undefined }');
  const bad = await linked('throw 7');
  const promise = bad.evaluate();
  promise.catch(() => {});
  assert.strictEqual(util.inspect(promise), 'Promise { <rejected> 7 }');
});

test('evaluate() with top-level await settles asynchronously', async () => {
  const good = await linked('export const before = 1; await null; export const after = 2');
  const promise = good.evaluate();
  assert.strictEqual(util.inspect(promise), 'Promise { <pending> }');
  assert.strictEqual(await promise, undefined);
  assert.strictEqual(good.namespace.after, 2);
  assert.strictEqual(good.status, 'evaluated');
  const bad = await linked('await null; throw 8');
  assert.strictEqual(await rejected(bad.evaluate()), 8);
  assert.strictEqual(bad.status, 'errored');
  assert.strictEqual(bad.error, 8);
});

test('evaluate() again after success does nothing and resolves', async () => {
  globalThis.evaluatedTimes = 0;
  const module = await linked('evaluatedTimes++');
  await module.evaluate();
  assert.strictEqual(await module.evaluate(), undefined);
  assert.strictEqual(globalThis.evaluatedTimes, 1);
});

test('evaluate() again after an exception re-rejects with it', async () => {
  globalThis.thrownTimes = 0;
  const module = await linked('throw ++thrownTimes');
  assert.strictEqual(await rejected(module.evaluate()), 1);
  assert.strictEqual(await rejected(module.evaluate()), 1);
});

test('evaluate() cannot be called while the module is being evaluated', async () => {
  let inner;
  const module = new SourceTextModule('again()', { context: vm.createContext({ again() { inner = module.evaluate(); } }) });
  await module.link(noLinker);
  await module.evaluate();
  assert.strictEqual((await rejected(inner)).code, 'ERR_VM_MODULE_STATUS');
});

test('evaluate(): timeout terminates with an error', async () => {
  const module = await linked('for (;;);');
  const error = await rejected(module.evaluate({ timeout: 20 }));
  assert.strictEqual(error.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT');
  assert.strictEqual(error.message, 'Script execution timed out after 20ms');
});

test('evaluate(): its options are checked, in a rejected promise', async () => {
  const module = await linked('');
  assert.strictEqual((await rejected(module.evaluate(5))).code, 'ERR_INVALID_ARG_TYPE');
  assert.strictEqual((await rejected(module.evaluate({ timeout: 0 }))).code, 'ERR_OUT_OF_RANGE');
  assert.strictEqual((await rejected(module.evaluate({ breakOnSigint: 1 }))).code, 'ERR_INVALID_ARG_TYPE');
  await module.evaluate({ breakOnSigint: true, timeout: 100000 });
});

test('evaluating a module evaluates its dependencies first, each once', async () => {
  const order = [];
  const context = vm.createContext({ order });
  const modules = {};
  const get = (specifier) => (modules[specifier] ??= new SourceTextModule({
    a: 'import "c"; order.push("a")', b: 'import "c"; order.push("b")', c: 'order.push("c")',
  }[specifier], { context, identifier: specifier }));
  const root = await linked('import "a"; import "b"; order.push("root")', { context }, get);
  await root.evaluate();
  assert.deepStrictEqual(order, ['c', 'a', 'b', 'root']);
});

test('an exception in a dependency is the error of both', async () => {
  const dependency = new SourceTextModule('throw new Error("below")');
  const module = await linked('import "x"; globalThis.neverRun = 1', {}, () => dependency);
  const error = await rejected(module.evaluate());
  assert.deepStrictEqual([module.status, dependency.status], ['errored', 'errored']);
  assert.ok(module.error === error && dependency.error === error);
  assert.strictEqual(globalThis.neverRun, undefined);
});

test('bindings are live', async () => {
  const dependency = new SourceTextModule('export let n = 1; export const inc = () => { n++ }');
  const module = await linked('import { n, inc } from "x"; export const read = () => n; export { inc }', {}, () => dependency);
  await module.evaluate();
  const { read, inc } = module.namespace;
  const first = read();
  inc();
  assert.deepStrictEqual([first, read(), dependency.namespace.n], [1, 2, 2]);
  assert.throws(() => { dependency.namespace.n = 5; }, TypeError);
});

test('cyclic imports', async () => {
  const a = new SourceTextModule('import { b } from "b"; export const a = () => "a" + b()');
  const b = new SourceTextModule('import { a } from "a"; export const b = () => "b"; export const both = () => a()');
  await a.link((specifier) => (specifier === 'a' ? a : b));
  await a.evaluate();
  assert.strictEqual(b.namespace.both(), 'ab');
  assert.deepStrictEqual([a.status, b.status], ['evaluated', 'evaluated']);
});

test('a module imports itself', async () => {
  const module = new SourceTextModule('import * as me from "me"; export const x = 1; export const y = () => me.x');
  await module.link(() => module);
  await module.evaluate();
  assert.strictEqual(module.namespace.y(), 1);
});

test('all kinds of exports and imports', async () => {
  const context = vm.createContext({});
  const dependency = () => new SourceTextModule('export default class D {}; export const c = 1; export let l = 2; export var v = 3; export function f() { return 4 } export { c as renamed, c as "string name" }', { context });
  const module = await linked('export * from "x"; export * as ns from "x"; export { default, l as viaList } from "x"; import D, { c, renamed as r, "string name" as s } from "x"; import * as all from "x"; export const result = [typeof D, c, r, s, all.f(), Object.keys(all).join()];', { context }, (() => { const one = dependency(); return () => one; })());
  await module.evaluate();
  assert.deepStrictEqual([...module.namespace.result], ['function', 1, 1, 1, 4, 'c,default,f,l,renamed,string name,v']);
  assert.deepStrictEqual(Object.keys(module.namespace).sort(), ['c', 'default', 'f', 'l', 'ns', 'renamed', 'result', 'string name', 'v', 'viaList']);
});

test('namespace is available after linking', async () => {
  const module = new SourceTextModule('export const x = 1');
  assert.throws(() => module.namespace, { code: 'ERR_VM_MODULE_STATUS', message: 'Module status must not be unlinked or linking' });
  await module.link(noLinker);
  assert.throws(() => module.namespace.x, ReferenceError);
  await module.evaluate();
  assert.strictEqual(module.namespace.x, 1);
  assert.strictEqual(module.namespace, module.namespace);
});

test('the namespace object: keys sorted, sealed, tagged, without prototype', async () => {
  const module = await linked('export const b = 1, a = 2; export default 3');
  await module.evaluate();
  const { namespace } = module;
  assert.deepStrictEqual(Reflect.ownKeys(namespace), ['a', 'b', 'default', Symbol.toStringTag]);
  assert.strictEqual(Object.prototype.toString.call(namespace), '[object Module]');
  assert.strictEqual(Object.getPrototypeOf(namespace), null);
  assert.ok(!Object.isExtensible(namespace));
  assert.ok(util.types.isModuleNamespaceObject(namespace));
  assert.deepStrictEqual(Object.getOwnPropertyDescriptor(namespace, 'a'), { value: 2, writable: true, enumerable: true, configurable: false });
});

test('a missing export makes linking fail with a SyntaxError, and the module stays unlinked', async () => {
  const module = new SourceTextModule('import { missing } from "x"');
  const error = await rejected(module.link(() => new SourceTextModule('export const present = 1')));
  assert.strictEqual(error.name, 'SyntaxError');
  assert.match(error.message, /'?missing'?/);
  assert.strictEqual(module.status, 'unlinked');
});

test('initializeImportMeta is called with meta and the module', async () => {
  let args;
  const module = await linked('export default import.meta; export const again = import.meta', { initializeImportMeta(...given) { args = given; given[0].prop = 5; } });
  assert.strictEqual(args, undefined);
  await module.evaluate();
  assert.strictEqual(args.length, 2);
  assert.strictEqual(args[1], module);
  assert.strictEqual(module.namespace.default, args[0]);
  assert.strictEqual(module.namespace.again, args[0]);
  assert.deepStrictEqual({ ...module.namespace.default }, { prop: 5 });
  assert.strictEqual(Object.getPrototypeOf(module.namespace.default), null);
});

test('import.meta is empty by default', async () => {
  const module = await linked('export default import.meta');
  await module.evaluate();
  assert.deepStrictEqual(Reflect.ownKeys(module.namespace.default), []);
});

test('objects put on import.meta are of the realm that made them (the documentation\'s example)', async () => {
  const contextifiedObject = vm.createContext({ secret: 42 });
  const module = await linked('Object.getPrototypeOf(import.meta.prop).secret = secret;', {
    context: contextifiedObject, initializeImportMeta(meta) { meta.prop = {}; },
  });
  await module.evaluate();
  assert.strictEqual({}.secret, 42);
  delete Object.prototype.secret;
});

test('an exception of initializeImportMeta is the module\'s', async () => {
  const module = await linked('import.meta', { initializeImportMeta() { throw new RangeError('meta'); } });
  assert.strictEqual((await rejected(module.evaluate())).message, 'meta');
});

test('createCachedData() gives a Buffer that the constructor takes for the same code', async () => {
  const code = 'export const a = 1; export function f() { return a + 1 }';
  const module = new SourceTextModule(code);
  const cachedData = module.createCachedData();
  assert.ok(Buffer.isBuffer(cachedData));
  const again = new SourceTextModule(code, { cachedData });
  await again.link(noLinker);
  await again.evaluate();
  assert.strictEqual(again.namespace.f(), 2);
});

test('createCachedData() may be called any number of times before evaluation, not after', async () => {
  const module = new SourceTextModule('1');
  module.createCachedData();
  await module.link(noLinker);
  module.createCachedData();
  await module.evaluate();
  assert.throws(() => module.createCachedData(), { code: 'ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA', message: 'Cached data cannot be created for a module which has been evaluated' });
});

test('cachedData that does not fit is an error', () => {
  assert.throws(() => new SourceTextModule('1 + 23', { cachedData: Buffer.from('junk') }), { code: 'ERR_VM_MODULE_CACHED_DATA_REJECTED', message: 'cachedData buffer was rejected' });
});

test('cachedData of a module with imports', async () => {
  const code = 'import { x } from "x"; export const y = x * 2';
  const cachedData = new SourceTextModule(code).createCachedData();
  const module = new SourceTextModule(code, { cachedData });
  assert.deepStrictEqual([...module.dependencySpecifiers], ['x']);
  await module.link(() => new SourceTextModule('export const x = 21'));
  await module.evaluate();
  assert.strictEqual(module.namespace.y, 42);
});

test.since('v24.0.0', 'dependencySpecifiers: the specifiers of all dependencies, frozen', () => {
  const module = new SourceTextModule('import a from "a"; export * from "b"; import "c"; export { x } from "a"');
  assert.deepStrictEqual([...module.dependencySpecifiers], ['a', 'b', 'c']);
  assert.ok(Object.isFrozen(module.dependencySpecifiers));
  assert.strictEqual(module.dependencySpecifiers, module.dependencySpecifiers);
});

test.since('v24.4.0', 'moduleRequests: specifier, attributes and phase of each dependency, frozen', () => {
  const module = new SourceTextModule('import foo from "foo"; import fooAlias from "foo"; import bar from "./bar.js"; import withAttrs from "../with-attrs.ts" with { arbitraryAttr: "attr-val" };');
  assert.deepStrictEqual(JSON.parse(JSON.stringify(module.moduleRequests)), [
    { specifier: 'foo', attributes: {}, phase: 'evaluation' },
    { specifier: './bar.js', attributes: {}, phase: 'evaluation' },
    { specifier: '../with-attrs.ts', attributes: { arbitraryAttr: 'attr-val' }, phase: 'evaluation' },
  ]);
  assert.ok(Object.isFrozen(module.moduleRequests));
  assert.ok(Object.isFrozen(module.moduleRequests[0]));
  assert.strictEqual(Object.getPrototypeOf(module.moduleRequests[0]), null);
  assert.strictEqual(Object.getPrototypeOf(module.moduleRequests[0].attributes), null);
  assert.strictEqual(module.moduleRequests, module.moduleRequests);
});

test.since('v24.8.0', 'moduleRequests: one specifier with other attributes is another request', () => {
  const module = new SourceTextModule('import "a"; import "a" with { type: "json" }; import "a"');
  assert.deepStrictEqual(module.moduleRequests.map(({ specifier, attributes }) => [specifier, { ...attributes }]), [['a', {}], ['a', { type: 'json' }]]);
});

test.original('moduleRequests: imports in the source phase', () => {
  if (!('linkRequests' in SourceTextModule.prototype)) return;
  const module = new SourceTextModule('import source Module from "wasm-mod.wasm"');
  assert.strictEqual(module.moduleRequests[0].phase, 'source');
});

test.since('v24.9.0', 'hasTopLevelAwait() tells whether the module itself contains top-level await', () => {
  assert.strictEqual(new SourceTextModule('await 1').hasTopLevelAwait(), true);
  assert.strictEqual(new SourceTextModule('for await (const x of []);').hasTopLevelAwait(), true);
  assert.strictEqual(new SourceTextModule('async () => { await 1 }').hasTopLevelAwait(), false);
  assert.strictEqual(new SourceTextModule('import "x"').hasTopLevelAwait(), false);
});

test.since('v24.9.0', 'hasAsyncGraph() tells whether any module of the graph contains top-level await', async () => {
  const leaf = new SourceTextModule('await 1');
  const middle = new SourceTextModule('import "leaf"');
  const root = await linked('import "middle"; import "synthetic"', {}, (specifier) => ({ leaf, middle, synthetic: new SyntheticModule([], () => {}) })[specifier]);
  assert.deepStrictEqual([root, middle, leaf].map((module) => [module.hasTopLevelAwait(), module.hasAsyncGraph()]), [[false, true], [false, true], [true, true]]);
  assert.strictEqual((await linked('1')).hasAsyncGraph(), false);
  assert.throws(() => new SourceTextModule('await 1').hasAsyncGraph(), { code: 'ERR_VM_MODULE_STATUS', message: 'Module status must be instantiated' });
});

test('util.inspect() shows status, identifier and context', () => {
  const context = vm.createContext({ a: 1 });
  const module = new SourceTextModule('1', { identifier: 'shown.mjs', context });
  assert.strictEqual(util.inspect(module), "SourceTextModule {\n  status: 'unlinked',\n  identifier: 'shown.mjs',\n  context: { a: 1 }\n}");
  assert.strictEqual(util.inspect(new SyntheticModule([], () => {}, { identifier: 'x' })).split(' ')[0], 'SyntheticModule');
  assert.strictEqual(util.inspect({ a: { b: { module } } }), '{ a: { b: { module: [SourceTextModule] } } }');
});

test('the accessors called on what is no module', () => {
  for (const name of ['identifier', 'context', 'namespace', 'status', 'error']) {
    const { get, set, enumerable } = Object.getOwnPropertyDescriptor(vm.Module.prototype, name);
    assert.strictEqual(set, undefined);
    assert.strictEqual(enumerable, false);
    assert.throws(() => get.call({}), { name: 'TypeError' });
  }
});

test('the constructor checks its arguments', () => {
  assert.throws(() => new SourceTextModule(5), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SourceTextModule('', null), { message: 'The "options" argument must be of type object. Received null' });
  assert.throws(() => new SourceTextModule('', { identifier: 5 }), { message: 'The "options.identifier" property must be of type string. Received type number (5)' });
  assert.throws(() => new SourceTextModule('', { context: {} }), { message: 'The "options.context" property must be an vm.Context. Received an instance of Object' });
  assert.throws(() => new SourceTextModule('', { context: null }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SourceTextModule('', { lineOffset: 1.5 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => new SourceTextModule('', { columnOffset: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SourceTextModule('', { initializeImportMeta: {} }), { message: 'The "options.initializeImportMeta" property must be of type function. Received an instance of Object' });
  assert.throws(() => new SourceTextModule('', { importModuleDynamically: {} }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new SourceTextModule('', { cachedData: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('one warning says that modules are experimental', async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning.message);
  process.on('warning', listen);
  new SourceTextModule('');
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('warning', listen);
  assert.deepStrictEqual(warnings.filter((message) => message.startsWith('VM Modules')).length <= 1, true);
});
