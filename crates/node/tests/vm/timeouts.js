'use strict';
// timeout: what it stops, what it does not, and that everything works afterwards; with the ways of microtasks.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const stopped = (milliseconds) => ({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT', message: `Script execution timed out after ${milliseconds}ms` });

// Loops that ask for nothing, in many shapes.
const loops = {
  'for (;;)': 'for (;;);',
  'while (true)': 'while (true) {}',
  'a function that calls another': 'function f() {} for (;;) f();',
  'a loop in a function': '(function () { for (;;); })()',
  'a loop in an arrow function in a method': '({ m: () => { for (;;); } }).m()',
  'a loop in a constructor': 'new (class { constructor() { for (;;); } })()',
  'a loop in a getter': '({ get x() { for (;;); } }).x',
  'a loop in a generator': '[...(function* () { for (;;) yield* []; })()]',
  'an endless iterator': 'for (const x of { [Symbol.iterator]() { return { next: () => ({ value: 1, done: false }) } } });',
  'a loop in a callback of map': '[1].map(() => { for (;;); })',
  'a loop in a comparison function': '[2, 1].sort(() => { for (;;); })',
  'a loop in toString': '`${{ toString() { for (;;); } }}`',
  'a loop in a proxy trap': 'new Proxy({}, { get() { for (;;); } }).x',
  'a loop in JSON.stringify': 'JSON.stringify({ toJSON() { for (;;); } })',
  'a loop in a replace callback': '"a".replace(/a/, () => { for (;;); })',
  'a loop in eval': 'eval("for (;;);")',
  'a loop in a function made from a string': 'Function("for (;;);")()',
  'a loop in an async function': '(async () => { for (;;); })()',
  'a regular expression that backtracks': '/^(a+)+$/.test("a".repeat(40) + "b")',
  'a loop over a growing string': 'let s = "x"; for (;;) s = s.slice(0, 10) + "y";',
  'a loop in a promise executor': 'new Promise(() => { for (;;); }); 5',
  'loops in promise executors without end': 'for (;;) new Promise(() => { for (;;); });',
  'a loop in an asynchronous generator': '(async function* () { for (;;); })().next(); 5',
  'a loop in a getter of then': 'Promise.resolve({ get then() { for (;;); } }); 5',
  'a loop in resolve, which Promise.all calls': 'class P extends Promise { static resolve() { for (;;); } } P.all([1]); 5',
  'a loop where an iterator is closed after a throw': `
    const endless = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { for (;;); } }) };
    for (;;) try { for (const x of endless) throw 1; } catch {}`,
  'nested loops': 'for (let i = 0; ; i++) for (let j = 0; j < 1000; j++);',
};

for (const [name, code] of Object.entries(loops)) {
  test(`timeout stops ${name}`, () => {
    assert.throws(() => vm.runInNewContext(code, {}, { timeout: 30 }), stopped(30));
  });
}

test('the script cannot catch it', () => {
  assert.throws(() => vm.runInNewContext('for (;;) { try { for (;;); } catch {} }', {}, { timeout: 30 }), stopped(30));
});

test('the script cannot go on in finally', () => {
  const context = { log: [] };
  assert.throws(() => vm.runInNewContext('try { for (;;); } finally { log.push("finally"); }', context, { timeout: 30 }), stopped(30));
  assert.deepStrictEqual(context.log, []);
});

test('what was done before stays', () => {
  const context = vm.createContext({});
  assert.throws(() => vm.runInContext('var done = 1; function f() { return done } let l = 2; for (;;);', context, { timeout: 500 }), stopped(500));
  assert.strictEqual(context.done, 1);
  assert.strictEqual(vm.runInContext('f() + l', context), 3);
});

test('the context and the script can be used again', () => {
  const context = vm.createContext({ turns: 1e12 });
  const script = new vm.Script('for (let i = 0; i < turns; i++); turns');
  assert.throws(() => script.runInContext(context, { timeout: 30 }), stopped(30));
  context.turns = 10;
  assert.strictEqual(script.runInContext(context, { timeout: 100000 }), 10);
  assert.strictEqual(script.runInContext(context), 10);
});

test('runInThisContext: the program goes on', () => {
  assert.throws(() => vm.runInThisContext('for (;;);', { timeout: 30 }), stopped(30));
  assert.strictEqual(vm.runInThisContext('1 + 1', { timeout: 100000 }), 2);
});

test('many timeouts one after the other', () => {
  const script = new vm.Script('for (;;);');
  for (let i = 0; i < 10; i++) assert.throws(() => script.runInNewContext({}, { timeout: 5 }), stopped(5));
});

test('the error is caught by the caller, has a name, a stack and a code that can be listed', () => {
  try {
    vm.runInThisContext('for (;;);', { timeout: 10 });
    assert.fail('not thrown');
  } catch (error) {
    assert.strictEqual(error.name, 'Error');
    assert.ok(error instanceof Error);
    assert.deepStrictEqual(Object.keys(error), ['code']);
    assert.ok(error.stack.startsWith('Error: Script execution timed out after 10ms'));
  }
});

test('a nested run: the inner timeout is the inner run\'s', () => {
  const context = { inner() { try { vm.runInNewContext('for (;;);', {}, { timeout: 20 }); } catch (error) { return error.message; } } };
  assert.strictEqual(vm.runInNewContext('inner()', context, { timeout: 100000 }), 'Script execution timed out after 20ms');
});

test('a nested run: the outer timeout stops an inner run without one', () => {
  const context = { inner() { vm.runInNewContext('for (;;);'); } };
  assert.throws(() => vm.runInNewContext('inner()', context, { timeout: 30 }), stopped(30));
});

test('a nested run: the outer timeout stops an inner run with a longer one', () => {
  const context = { inner() { vm.runInNewContext('for (;;);', {}, { timeout: 100000 }); } };
  assert.throws(() => vm.runInNewContext('inner()', context, { timeout: 30 }), stopped(30));
});

test('a nested run: after the inner timeout the outer one still counts', () => {
  const context = { inner() { try { vm.runInNewContext('for (;;);', {}, { timeout: 20 }); } catch { /* expected */ } } };
  // Long enough for the two not to come at once, on a busy machine: the original may then lose one, and loop for ever.
  assert.throws(() => vm.runInNewContext('inner(); for (;;);', context, { timeout: 2000 }), stopped(2000));
});

test('a nested run: the inner script cannot swallow the outer timeout', () => {
  const context = { inner() { try { vm.runInNewContext('for (;;);'); } catch { /* not here */ } for (;;); } };
  assert.throws(() => vm.runInNewContext('inner()', context, { timeout: 30 }), stopped(30));
});

test('the time of the host\'s functions counts', () => {
  const busy = (milliseconds) => { const end = Date.now() + milliseconds; while (Date.now() < end); };
  assert.throws(() => vm.runInNewContext('busy(1000); done = true', { busy }, { timeout: 30 }), stopped(30));
});

test('an error of the script within the time is that error', () => {
  assert.throws(() => vm.runInNewContext('throw new RangeError("own")', {}, { timeout: 100000 }), { name: 'RangeError', message: 'own' });
});

test('a stack overflow within the time is a RangeError, and does not break the context', () => {
  const context = vm.createContext({});
  assert.throws(() => vm.runInContext('function deep() { return deep() + 1 } deep()', context, { timeout: 100000 }), { name: 'RangeError' });
  assert.strictEqual(vm.runInContext('1 + 1', context), 2);
});

test('by default, promise jobs run after all functions on the stack are done, and escape the timeout', async () => {
  const log = [];
  vm.runInNewContext('Promise.resolve().then(() => log.push("job"))', { log }, { timeout: 100000 });
  log.push('done executing');
  await null;
  await null;
  assert.deepStrictEqual(log, ['done executing', 'job']);
});

test('afterEvaluate: the job runs before runInNewContext() returns', () => {
  const log = [];
  vm.runInNewContext('Promise.resolve().then(() => log.push("job"))', { log }, { timeout: 100000, microtaskMode: 'afterEvaluate' });
  log.push('done executing');
  assert.deepStrictEqual(log, ['job', 'done executing']);
});

test('afterEvaluate: jobs are included in the timeout', () => {
  assert.throws(() => vm.runInNewContext('Promise.resolve().then(() => { for (;;); });', {}, { timeout: 30, microtaskMode: 'afterEvaluate' }), stopped(30));
  assert.throws(() => vm.runInNewContext('(async () => { await null; for (;;); })();', {}, { timeout: 30, microtaskMode: 'afterEvaluate' }), stopped(30));
});

test('afterEvaluate: an endless chain of jobs is stopped', () => {
  assert.throws(() => vm.runInNewContext('(function again() { Promise.resolve().then(again) })()', {}, { timeout: 30, microtaskMode: 'afterEvaluate' }), stopped(30));
});

test('afterEvaluate: jobs that make jobs all run', () => {
  const context = { n: 0 };
  vm.runInNewContext('(async () => { for (let i = 0; i < 100; i++) { await null; n++ } })()', context, { microtaskMode: 'afterEvaluate' });
  assert.strictEqual(context.n, 100);
});

test('afterEvaluate: jobs run after each run in the context, not before', () => {
  const context = vm.createContext({ log: [] }, { microtaskMode: 'afterEvaluate' });
  vm.runInContext('Promise.resolve().then(() => log.push(1)); log.push(0)', context);
  vm.runInContext('Promise.resolve().then(() => log.push(3)); log.push(2)', context);
  assert.deepStrictEqual([...context.log], [0, 1, 2, 3]);
});

test('afterEvaluate: if the script throws, its jobs wait for the next run', () => {
  const context = vm.createContext({ log: [] }, { microtaskMode: 'afterEvaluate' });
  assert.throws(() => vm.runInContext('Promise.resolve().then(() => log.push("job")); throw new Error("x")', context));
  const before = [...context.log];
  vm.runInContext('', context);
  assert.deepStrictEqual([before, [...context.log]], [[], ['job']]);
});

test('afterEvaluate: a function passed out runs its jobs at the next run', () => {
  const context = vm.createContext({ log: [] }, { microtaskMode: 'afterEvaluate' });
  const later = vm.runInContext('() => { Promise.resolve().then(() => log.push("late")) }', context);
  later();
  const before = [...context.log];
  vm.runInContext('', context);
  assert.deepStrictEqual([before, [...context.log]], [[], ['late']]);
});

test('afterEvaluate: awaiting a promise of the context outside goes on after the next run in it', async () => {
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
  const inner = vm.runInContext('Promise.resolve(5)', context);
  setImmediate(() => { vm.runInContext('', context); });
  assert.strictEqual(await inner, 5);
});

test('afterEvaluate: awaiting a promise of the context outside does not go on by itself', async () => {
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
  const inner = vm.runInContext('Promise.resolve()', context);
  let went = false;
  (async () => { await inner; went = true; })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const before = went;
  vm.runInContext('', context);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepStrictEqual([before, went], [false, true]);
});

test('afterEvaluate: a callback that is a function of the main context escapes into the main queue', async () => {
  const log = [];
  vm.runInNewContext('Promise.resolve().then(outer)', { outer: () => log.push('outer') }, { microtaskMode: 'afterEvaluate' });
  log.push('returned');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepStrictEqual(log, ['returned', 'outer']);
});

test('asynchronous scheduling functions given in use the global queues', async () => {
  const log = [];
  vm.runInNewContext('queueMicrotask(() => log.push("microtask")); setImmediate(() => log.push("immediate")); setTimeout(() => log.push("timeout"), 1); nextTick(() => log.push("tick"))',
                     { queueMicrotask, setImmediate, setTimeout, nextTick: process.nextTick, log }, { timeout: 100000, microtaskMode: 'afterEvaluate' });
  assert.deepStrictEqual(log, []);
  await new Promise((resolve) => setTimeout(() => setImmediate(resolve), 20));
  assert.deepStrictEqual(log.slice().sort(), ['immediate', 'microtask', 'tick', 'timeout']);
});

// The original calculates faster, and may be done before.
const long = {
  'more digits than bits of them fit in 31 bits': 'BigInt("9".repeat(8e7))',
  'a literal with as many': 'eval("9".repeat(8e7) + "n")',
  'multiplication': 'const a = (1n << 40000000n) - 1n; a * a',
  'multiplication by what is short': 'const a = (1n << 900000000n) - 1n, b = (1n << 2000n) - 1n; for (;;) a * b',
  'division': '(1n << 40000000n) / ((1n << 20000000n) - 1n)',
  'remainder': '(1n << 40000000n) % ((1n << 20000000n) - 1n)',
  'power': '3n ** 20000000n',
  'decimal text': 'String(1n << 40000000n)',
  'text of another radix': '((1n << 40000000n) - 1n).toString(7)',
  'text of bits': 'const a = (1n << 500000000n) - 1n; for (;;) a.toString(2)',
  'bits from text': 'const t = "0b" + "1".repeat(4e8); for (;;) BigInt(t)',
};
for (const [name, source] of Object.entries(long)) {
  test.ours(`a timeout ends calculations with BigInts: ${name}`, () => {
    assert.throws(() => vm.runInNewContext(source, {}, { timeout: 30 }), stopped(30));
    assert.strictEqual(vm.runInNewContext('2n ** 100n % 1000n', {}, { timeout: 100000 }), 376n);
  });
}

// Each takes as long as thousands of short steps, which would all be taken before a limit was looked at.
const steps = {
  'a built-in that makes a list': ['', '"a".repeat(2 ** 22).split("");'],
  'an evaluated text': ['const text = ";".repeat(2 ** 22);', 'eval(text);'],
  'the rest of a list': ['const list = Array(2 ** 20).fill(0);', '{ const [first, ...rest] = list; }'],
  'a spread list': ['const list = Array(2 ** 20).fill(0);', '[...list];'],
  'the names of an object': ['const many = {}; for (let i = 0; i < 2 ** 15; i++) many["k" + i] = i;', 'for (const name in many) break;'],
};
for (const [name, [before, step]] of Object.entries(steps)) {
  test(`a limit that was passed in a long step ends the run after it: ${name}`, () => {
    const context = vm.createContext({ n: 0 });
    vm.runInContext(before, context);
    assert.throws(() => vm.runInContext(`for (;;) { ${step} n++; }`, context, { timeout: 1 }), stopped(1));
    assert.ok(context.n < 500, `${context.n} steps`);
  });
}

// Node's own scopes are left as they are then, and it ends.
test.ours('a timeout within a hook or a scope of async_hooks leaves both', () => {
  const { AsyncResource, createHook, executionAsyncId } = require('async_hooks');
  const id = executionAsyncId();
  let loops = true;
  const loop = () => { while (loops); };
  const hook = createHook({ init(_, type) { if (type === 'LOOP' || type === 'PROMISE') loop(); }, before() {} }).enable();
  const resource = new AsyncResource('SCOPE');
  const sandbox = { loop, make: () => new AsyncResource('LOOP'), scope: () => resource.runInAsyncScope(loop) };
  for (const options of [{}, { microtaskMode: 'afterEvaluate' }]) {
    for (const code of ['make()', 'scope()', 'Promise.resolve()', '(async () => { scope() })()']) {
      assert.throws(() => vm.runInNewContext(code, sandbox, { ...options, timeout: 20 }), stopped(20), code);
      assert.strictEqual(executionAsyncId(), id);
    }
  }
  loops = false;
  hook.disable();
  let made = 0;
  const later = createHook({ init(_, type) { if (type === 'LATER') made++; } }).enable();
  new AsyncResource('LATER');
  later.disable();
  new AsyncResource('LATER');
  assert.strictEqual(made, 1);
});
