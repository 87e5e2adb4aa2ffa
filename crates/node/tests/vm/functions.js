'use strict';
// vm.runInContext(), vm.runInNewContext(), vm.runInThisContext(), vm.isContext(), and the module itself.

const assert = require('assert');
const vm = require('vm');
const { sandtide, test } = require('./harness');

test('the module: node:vm is vm, and what it exports', () => {
  assert.strictEqual(require('node:vm'), vm);
  const names = ['Script', 'createContext', 'createScript', 'runInContext', 'runInNewContext', 'runInThisContext', 'isContext', 'compileFunction', 'measureMemory', 'constants'];
  for (const name of names) assert.ok(name in vm, name);
  if (sandtide) assert.deepStrictEqual(Object.keys(vm), names);
});

test('any property in the context is a global variable, and changes are reflected (the documentation\'s example)', () => {
  const x = 1;
  const context = { x: 2 };
  vm.createContext(context);
  vm.runInContext('x += 40; var y = 17;', context);
  assert.strictEqual(context.x, 42);
  assert.strictEqual(context.y, 17);
  assert.strictEqual(x, 1);
  assert.strictEqual(typeof y, 'undefined');
});

test('runInContext(): different scripts in one context (the documentation\'s example)', () => {
  const contextObject = { globalVar: 1 };
  vm.createContext(contextObject);
  for (let i = 0; i < 10; ++i) vm.runInContext('globalVar *= 2;', contextObject);
  assert.deepStrictEqual(contextObject, { globalVar: 1024 });
});

test('runInContext() returns the result and does not see the local scope', () => {
  const local = 1;
  assert.strictEqual(vm.runInContext('typeof local', vm.createContext({})), 'undefined');
  assert.strictEqual(vm.runInContext('var q = 3; q + 1', vm.createContext({})), 4);
  assert.strictEqual(local, 1);
});

test('runInContext(): the object must have been contextified', () => {
  assert.throws(() => vm.runInContext('1', {}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => vm.runInContext('1'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('runInContext(): options as a string specify the filename', () => {
  assert.throws(() => vm.runInContext('throw new Error("x")', vm.createContext(), 'given.js'), (error) => /at given\.js:1:7/.test(error.stack));
});

test('runInContext(): filename, lineOffset and columnOffset', () => {
  const context = vm.createContext();
  const run = (options) => vm.runInContext('new Error("x").stack', context, options);
  assert.match(run({ filename: 'f.js', lineOffset: 4, columnOffset: 6 }), /at f\.js:5:7/);
  assert.match(run({}), /at evalmachine\.<anonymous>:1:1/);
  assert.match(run(undefined), /at evalmachine\.<anonymous>:1:1/);
});

test('runInContext(): cachedData is used', () => {
  const cachedData = new vm.Script('"from cache"').createCachedData();
  assert.strictEqual(vm.runInContext('"from cache"', vm.createContext(), { cachedData }), 'from cache');
  assert.strictEqual(vm.runInContext('"not from cache"', vm.createContext(), { cachedData }), 'not from cache');
});

test('a syntax error of runInContext() and runInNewContext() is of the context\'s realm, of runInThisContext() of the program\'s', () => {
  const context = vm.createContext();
  const caught = (fn) => { try { fn(); } catch (error) { return error; } };
  assert.ok(caught(() => vm.runInContext('[', context)) instanceof vm.runInContext('SyntaxError', context));
  assert.ok(!(caught(() => vm.runInNewContext('[')) instanceof SyntaxError));
  assert.strictEqual(caught(() => vm.runInNewContext('[')).name, 'SyntaxError');
  assert.ok(caught(() => vm.runInThisContext('[')) instanceof SyntaxError);
});

test('runInNewContext() (the documentation\'s example)', () => {
  const contextObject = { animal: 'cat', count: 2 };
  vm.runInNewContext('count += 1; name = "kitty"', contextObject);
  assert.deepStrictEqual(contextObject, { animal: 'cat', count: 3, name: 'kitty' });
});

test('runInNewContext() without an object, with undefined, and with options only', () => {
  assert.strictEqual(vm.runInNewContext('1 + 1'), 2);
  assert.strictEqual(vm.runInNewContext('1 + 2', undefined), 3);
  assert.match(vm.runInNewContext('new Error("x").stack', undefined, { filename: 'only.js' }), /only\.js:1:1/);
});

test('runInNewContext(): each call is a new context', () => {
  vm.runInNewContext('let once = 1; Array.prototype.mark = 1');
  assert.strictEqual(vm.runInNewContext('typeof once + typeof [].mark'), 'undefinedundefined');
});

test('runInNewContext(): options as a string specify the filename', () => {
  assert.throws(() => vm.runInNewContext('throw new Error("x")', {}, 'given.js'), (error) => /at given\.js:1:7/.test(error.stack));
});

test('runInNewContext() contextifies the object, which stays a context', () => {
  const object = {};
  vm.runInNewContext('x = 1', object);
  assert.ok(vm.isContext(object));
  assert.strictEqual(vm.runInContext('x + 1', object), 2);
});

test.since('v22.8.0', 'runInNewContext() with DONT_CONTEXTIFY gives an ordinary global that can be frozen', () => {
  const frozen = vm.runInNewContext('Object.freeze(globalThis); globalThis;', vm.constants.DONT_CONTEXTIFY);
  assert.ok(Object.isFrozen(frozen));
});

test('runInNewContext(): microtaskMode, contextName, contextOrigin, contextCodeGeneration', () => {
  const context = { log: [] };
  vm.runInNewContext('Promise.resolve().then(() => log.push(1)); log.push(0)', context, {
    microtaskMode: 'afterEvaluate', contextName: 'n', contextOrigin: 'http://o', contextCodeGeneration: { strings: true, wasm: false },
  });
  assert.deepStrictEqual(context.log, [0, 1]);
});

test('runInThisContext() does not change local variables, a direct eval does (the documentation\'s example)', () => {
  // eslint-disable-next-line prefer-const
  let localVar = 'initial value';
  const vmResult = vm.runInThisContext('localVar = "vm";');
  assert.deepStrictEqual([vmResult, localVar], ['vm', 'initial value']);
  const evalResult = eval('localVar = "eval";');
  assert.deepStrictEqual([evalResult, localVar], ['eval', 'eval']);
});

test('runInThisContext() is much like an indirect eval', () => {
  globalThis.shared = 'g';
  assert.strictEqual(vm.runInThisContext('shared'), (0, eval)('shared'));
});

test('runInThisContext(): a function of the program\'s global gets require passed (the documentation\'s server)', () => {
  const code = `((require) => {
    const { join } = require('node:path');
    return join('a', 'b');
  })`;
  assert.strictEqual(vm.runInThisContext(code)(require), require('path').join('a', 'b'));
});

test('runInThisContext(): options as a string specify the filename', () => {
  assert.throws(() => vm.runInThisContext('throw new Error("x")', 'given.js'), (error) => /at given\.js:1:7/.test(error.stack));
});

test('isContext() is true for what createContext() was given or made', () => {
  const object = {};
  assert.strictEqual(vm.isContext(object), false);
  vm.createContext(object);
  assert.strictEqual(vm.isContext(object), true);
  assert.strictEqual(vm.isContext(vm.createContext()), true);
  assert.strictEqual(vm.isContext(Object.create(object)), false);
  assert.strictEqual(vm.isContext([]), false);
  assert.strictEqual(vm.isContext(globalThis), false);
});

test('isContext() is false for the inner global and for objects of the context', () => {
  const context = vm.createContext({ o: {} });
  assert.strictEqual(vm.isContext(vm.runInContext('globalThis', context)), false);
  assert.strictEqual(vm.isContext(vm.runInContext('({})', context)), false);
});

test('isContext() wants an object', () => {
  for (const value of [undefined, null, 'text', 5, true, Symbol('s'), 1n, () => {}]) {
    assert.throws(() => vm.isContext(value), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  }
});

test('results of every kind come back', () => {
  const f = vm.runInNewContext('(a, b) => a + b');
  assert.strictEqual(f(2, 3), 5);
  assert.strictEqual(vm.runInNewContext('10n ** 20n'), 10n ** 20n);
  assert.strictEqual(typeof vm.runInNewContext('Symbol("s")'), 'symbol');
  assert.strictEqual(vm.runInNewContext('-0') === 0 && 1 / vm.runInNewContext('-0'), -Infinity);
  assert.ok(Number.isNaN(vm.runInNewContext('NaN')));
});

test('a thousand contexts, each with its own state', () => {
  const contexts = [];
  for (let i = 0; i < 1000; i++) contexts.push(vm.createContext({ i }));
  for (const context of contexts) vm.runInContext('square = i * i; function get() { return square }', context);
  assert.ok(contexts.every((context, i) => context.get() === i * i));
});

test('functions of a context that is no longer held still work', () => {
  const makers = [];
  for (let i = 0; i < 200; i++) makers.push(vm.runInNewContext('let n = start; () => n++', { start: i }));
  if (globalThis.gc) globalThis.gc();
  assert.ok(makers.every((next, i) => next() === i && next() === i + 1));
});
