'use strict';
// vm together with what else a program uses: stores that follow code into contexts, domains, modules with
// lazy properties as sandboxes, little stack, options whose getters throw.

const { test } = require('./harness');
const assert = require('assert');
const vm = require('vm');
const { AsyncLocalStorage, AsyncResource } = require('async_hooks');

test('a store is seen by what a context awaits, and by what awaits a context', async () => {
  const storage = new AsyncLocalStorage();
  const seen = [];
  const see = (where) => seen.push(`${where} ${storage.getStore()}`);
  await storage.run('a', async () => {
    await vm.runInNewContext('(async () => { see("sync"); await null; see("after await"); })()', { see });
    see('outside');
    await vm.runInNewContext('new Promise((resolve) => later(resolve)).then(() => see("then"))', {
      see, later: (resolve) => setTimeout(resolve, 1),
    });
  });
  see('end');
  assert.deepStrictEqual(seen, ['sync a', 'after await a', 'outside a', 'then a', 'end undefined']);
});

test('two stores at once do not mix in one context', async () => {
  const storage = new AsyncLocalStorage();
  const context = vm.createContext({ read: () => storage.getStore() });
  const ask = vm.runInContext('async () => { const before = read(); await null; await null; return [before, read()].join(); }', context);
  const answers = await Promise.all([1, 2, 3].map((n) => storage.run(n, ask)));
  assert.deepStrictEqual(answers, ['1,1', '2,2', '3,3']);
});

test('a store is seen in a context with its own queue of microtasks', () => {
  const storage = new AsyncLocalStorage();
  const seen = [];
  storage.run('own', () => {
    vm.runInNewContext('Promise.resolve().then(() => see())', { see: () => seen.push(storage.getStore()) },
                       { microtaskMode: 'afterEvaluate' });
    assert.deepStrictEqual(seen, ['own']);
  });
});

test('a store is gone after a script that threw or ran out of time', () => {
  const storage = new AsyncLocalStorage();
  assert.throws(() => storage.run('a', () => vm.runInNewContext('throw new Error("x")')), /x/);
  assert.strictEqual(storage.getStore(), undefined);
  assert.throws(() => storage.run('b', () => vm.runInNewContext('for (;;);', {}, { timeout: 5 })),
                { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  assert.strictEqual(storage.getStore(), undefined);
});

test('functions of a context can be bound to a store', () => {
  const storage = new AsyncLocalStorage();
  const context = vm.createContext({ read: () => storage.getStore() });
  const read = vm.runInContext('() => read()', context);
  const bound = storage.run('bound', () => AsyncLocalStorage.bind(read));
  const resource = storage.run('resource', () => new AsyncResource('test'));
  storage.run('other', () => {
    assert.strictEqual(bound(), 'bound');
    assert.strictEqual(resource.runInAsyncScope(read), 'resource');
    assert.strictEqual(read(), 'other');
  });
});

test('an error of a context goes to the domain in which its code was started', async () => {
  const domain = require('domain').create();
  const caught = new Promise((resolve) => domain.on('error', resolve));
  domain.run(() => {
    setTimeout(() => vm.runInNewContext('throw new RangeError("of the context")'), 1);
  });
  const error = await caught;
  assert.strictEqual(error.message, 'of the context');
  assert.strictEqual(error instanceof RangeError, false);
  assert.strictEqual(error.name, 'RangeError');
});

test('a module whose properties are made when they are read can be a sandbox', () => {
  const util = require('util');
  const context = vm.createContext(util);
  assert.strictEqual(vm.runInContext('typeof inspect', context), 'function');
  assert.strictEqual(vm.runInContext('format("%d", 5)', context), '5');
});

test('scripts near the end of the stack end in an error that can be caught', () => {
  let ended = 0;
  function down() {
    try {
      vm.runInThisContext('() => 1')();
      down();
    } catch (error) {
      ended++;
      assert.ok(error instanceof RangeError, `${error}`);
    }
  }
  down();
  assert.ok(ended > 0);
  assert.strictEqual(vm.runInNewContext('1 + 1'), 2);
});

test('what getters of options throw is what the call throws', () => {
  const own = new Error('of the getter');
  const throwing = (name) => ({ get [name]() { throw own; } });
  for (const name of ['name', 'origin', 'codeGeneration', 'microtaskMode']) {
    assert.throws(() => vm.createContext({}, throwing(name)), own, name);
  }
  for (const name of ['filename', 'lineOffset', 'columnOffset', 'cachedData', 'produceCachedData', 'importModuleDynamically']) {
    assert.throws(() => new vm.Script('1', throwing(name)), own, name);
  }
  for (const name of ['timeout', 'breakOnSigint', 'displayErrors']) {
    assert.throws(() => new vm.Script('1').runInThisContext(throwing(name)), own, name);
  }
  for (const name of ['filename', 'parsingContext', 'contextExtensions']) {
    assert.throws(() => vm.compileFunction('1', [], throwing(name)), own, name);
  }
});

test('a promise of a context that is never settled keeps nothing of the program from ending', () => {
  const promise = vm.runInNewContext('new Promise(() => {})', {}, { microtaskMode: 'afterEvaluate' });
  assert.strictEqual(Object.prototype.toString.call(promise), '[object Promise]');
});

test('an event emitter of the program can call and be called by a context', () => {
  const { EventEmitter } = require('events');
  const emitter = new EventEmitter();
  const seen = [];
  const context = vm.createContext({ emitter, seen });
  vm.runInContext('emitter.on("a", function (n) { seen.push(n, this === emitter); })', context);
  emitter.emit('a', 1);
  vm.runInContext('emitter.emit("a", 2)', context);
  assert.deepStrictEqual(seen, [1, true, 2, true]);
});
