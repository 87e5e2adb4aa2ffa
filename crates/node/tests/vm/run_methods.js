'use strict';
// script.runInContext(), runInNewContext(), runInThisContext(), and their options.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

test('runInContext() returns the result of the very last statement executed', () => {
  const context = vm.createContext({ n: 3 });
  assert.strictEqual(new vm.Script('n; n * 2').runInContext(context), 6);
  assert.strictEqual(new vm.Script('if (n > 1) "big"; else "small"').runInContext(context), 'big');
  assert.strictEqual(new vm.Script('').runInContext(context), undefined);
});

test('runInContext(): running code does not have access to local scope', () => {
  const local = 'local';
  assert.strictEqual(new vm.Script('typeof local').runInContext(vm.createContext({})), 'undefined');
  assert.strictEqual(local, 'local');
});

test('runInContext(): globals are contained in the context object (the documentation\'s example)', () => {
  const context = { animal: 'cat', count: 2 };
  const script = new vm.Script('count += 1; name = "kitty";');
  vm.createContext(context);
  for (let i = 0; i < 10; ++i) script.runInContext(context);
  assert.deepStrictEqual(context, { animal: 'cat', count: 12, name: 'kitty' });
});

test('runInContext() wants a contextified object', () => {
  const script = new vm.Script('1');
  assert.throws(() => script.runInContext({}), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  assert.throws(() => script.runInContext(), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
  assert.throws(() => script.runInContext('x'), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
});

test('runInNewContext() contextifies the given object (the documentation\'s example)', () => {
  const script = new vm.Script('globalVar = "set"');
  const contexts = [{}, {}, {}];
  contexts.forEach((context) => script.runInNewContext(context));
  assert.deepStrictEqual(contexts, [{ globalVar: 'set' }, { globalVar: 'set' }, { globalVar: 'set' }]);
  assert.ok(contexts.every((context) => vm.isContext(context)));
});

test('runInNewContext() without an object makes one', () => {
  assert.strictEqual(new vm.Script('made = 5; globalThis.made').runInNewContext(), 5);
  assert.strictEqual(new vm.Script('6').runInNewContext(undefined), 6);
  assert.strictEqual(new vm.Script('7').runInNewContext(undefined, {}), 7);
});

test('runInNewContext() of an object that is a context already runs in that context', () => {
  const context = vm.createContext({ x: 1 });
  vm.runInContext('let kept = 9', context);
  assert.strictEqual(new vm.Script('kept').runInNewContext(context), 9);
});

test.since('v22.8.0', 'runInNewContext(): with DONT_CONTEXTIFY the global object is ordinary and can be frozen', () => {
  const script = new vm.Script('Object.freeze(globalThis); globalThis;');
  const frozen = script.runInNewContext(vm.constants.DONT_CONTEXTIFY);
  assert.ok(Object.isFrozen(frozen));
  assert.ok(vm.isContext(frozen));
});

test('runInNewContext(): contextName and contextOrigin are taken', () => {
  assert.strictEqual(new vm.Script('1').runInNewContext({}, { contextName: 'name', contextOrigin: 'http://example.com' }), 1);
});

test('runInNewContext(): contextCodeGeneration.strings: false makes eval and Function throw an EvalError', () => {
  for (const code of ['eval("1")', 'new Function("1")', 'new (function* () {}).constructor("1")']) {
    assert.throws(() => new vm.Script(code).runInNewContext({}, { contextCodeGeneration: { strings: false } }), { name: 'EvalError' });
    new vm.Script(code).runInNewContext({}, { contextCodeGeneration: { strings: true } });
    new vm.Script(code).runInNewContext({}, { contextCodeGeneration: {} });
  }
});

test('runInNewContext(): microtaskMode afterEvaluate runs the microtasks right after the script', () => {
  const context = { log: [] };
  new vm.Script('Promise.resolve().then(() => log.push("micro")); log.push("sync")').runInNewContext(context, { microtaskMode: 'afterEvaluate' });
  assert.deepStrictEqual(context.log, ['sync', 'micro']);
});

test('runInThisContext() has access to the global object, not to local scope', () => {
  globalThis.globalVar = 1;
  const globalVar = 'local';
  assert.strictEqual(new vm.Script('globalVar').runInThisContext(), 1);
  assert.strictEqual(globalVar, 'local');
});

test('runInThisContext() many times (the documentation\'s example)', () => {
  globalThis.globalVar = 0;
  const script = new vm.Script('globalVar += 1', { filename: 'myfile.vm' });
  for (let i = 0; i < 1000; ++i) script.runInThisContext();
  assert.strictEqual(globalThis.globalVar, 1000);
});

test('runInThisContext(): this is the global object', () => {
  assert.strictEqual(new vm.Script('this').runInThisContext(), globalThis);
  assert.strictEqual(new vm.Script('globalThis').runInThisContext(), globalThis);
  assert.ok(new vm.Script('[]').runInThisContext() instanceof Array);
});

test('runInThisContext(): require and module are not there, the globals of the program are', () => {
  assert.deepStrictEqual(new vm.Script('[typeof require, typeof module, typeof exports, typeof process, typeof setTimeout, typeof Buffer, typeof console]').runInThisContext(),
                         ['undefined', 'undefined', 'undefined', 'object', 'function', 'function', 'object']);
});

const runs = [
  ['runInContext', (code, options) => new vm.Script(code, 'run.js').runInContext(vm.createContext({}), options)],
  ['runInNewContext', (code, options) => new vm.Script(code, 'run.js').runInNewContext({}, options)],
  ['runInThisContext', (code, options) => new vm.Script(code, 'run.js').runInThisContext(options)],
];

for (const [name, run] of runs) {
  test(`${name}: displayErrors is true by default: the line that threw is attached to the stack`, () => {
    assert.throws(() => run('\n  throw new Error("shown")'), (error) => {
      assert.ok(error.stack.startsWith('run.js:2\n  throw new Error("shown")\n  ^\n\nError: shown\n    at run.js:2:9'), error.stack);
      return true;
    });
  });

  test(`${name}: displayErrors: false leaves the stack alone`, () => {
    assert.throws(() => run('\n  throw new Error("hidden")', { displayErrors: false }), (error) => {
      assert.ok(error.stack.startsWith('Error: hidden\n    at run.js:2:9'), error.stack);
      return true;
    });
  });

  test(`${name}: the line is attached once when runs are nested`, () => {
    globalThis.nested = () => run('\n\nthrow new Error("deep")');
    assert.throws(() => new vm.Script('nested()', 'outer.js').runInThisContext(), (error) => {
      assert.ok(error.stack.startsWith('run.js:3\nthrow new Error("deep")\n^\n\nError: deep'), error.stack);
      assert.strictEqual(error.stack.split('\n^\n').length, 2);
      return true;
    });
  });

  test(`${name}: what is no error is thrown as it is`, () => {
    for (const value of ['5', '"text"', 'null', 'undefined', '({ a: 1 })']) {
      let thrown;
      try { run(`throw ${value}`); thrown = 'nothing'; } catch (error) { thrown = error; }
      assert.strictEqual(JSON.stringify(thrown), JSON.stringify(new vm.Script(value).runInThisContext()));
    }
  });

  test(`${name}: timeout terminates execution with an Error`, () => {
    assert.throws(() => run('for (;;);', { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT', message: 'Script execution timed out after 20ms' });
  });

  test(`${name}: a run that ends within the timeout is not touched`, () => {
    assert.strictEqual(run('40 + 2', { timeout: 100000 }), 42);
  });

  test(`${name}: timeout must be a strictly positive integer`, () => {
    for (const timeout of [0, -1, 1.5, NaN, Infinity, 2 ** 32]) assert.throws(() => run('1', { timeout }), { code: 'ERR_OUT_OF_RANGE' });
    for (const timeout of [null, '5', true, {}, 5n]) assert.throws(() => run('1', { timeout }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.strictEqual(run('1', { timeout: undefined }), 1);
  });

  test(`${name}: breakOnSigint: true runs as usual when no signal comes`, () => {
    assert.strictEqual(run('5', { breakOnSigint: true }), 5);
    assert.throws(() => run('throw new RangeError()', { breakOnSigint: true }), { name: 'RangeError' });
  });
}
