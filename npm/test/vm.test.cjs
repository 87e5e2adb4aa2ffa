// `sandtide/vm`, where it is as Node's `vm` beside it: each case is run by both.

'use strict';
const assert = require('node:assert/strict');
const node = require('node:vm');
const { test } = require('node:test');
const ours = require('sandtide/vm');

const both = { node, ours };
for (const [whose, vm] of Object.entries(both)) {
  test(`${whose}: the last expression is the value, and globals come back`, () => {
    const sandbox = { number: 10, fibonacci: (n) => (n < 2 ? n : sandbox.fibonacci(n - 1) + sandbox.fibonacci(n - 2)) };
    assert.equal(vm.runInNewContext('a = fibonacci(number); var b = a + 1; a * 2', sandbox), 110);
    assert.deepEqual([sandbox.a, sandbox.b], [55, 56]);
    assert.equal(typeof sandbox.fibonacci, 'function');
    assert.equal(vm.runInNewContext('typeof process + typeof require'), 'undefinedundefined');
  });

  test(`${whose}: scripts declare functions and classes of their own`, () => {
    const sandbox = { n: 4 };
    const code = 'function twice(n) { return n * 2 } var four = twice(2); class Box {} made = twice(n); made';
    assert.equal(vm.runInNewContext(code, sandbox), 8);
    assert.deepEqual([sandbox.four, sandbox.made], [4, 8]);
    assert.equal(new vm.Script(code).runInNewContext({ n: 5 }), 10);
  });

  test(`${whose}: a context keeps its data from run to run`, () => {
    const context = vm.createContext({ count: 1, list: [1] });
    assert.equal(vm.isContext(context), true);
    assert.equal(vm.isContext({}), false);
    for (let run = 0; run < 3; run++) vm.runInContext('count *= 2; list.push(count)', context);
    assert.equal(context.count, 8);
    assert.deepEqual([...context.list], [1, 2, 4, 8]);
    assert.throws(() => vm.runInContext('1', {}), TypeError);
  });

  test(`${whose}: scripts are compiled once, and run in many contexts`, () => {
    const script = new vm.Script('typeof f === "function" ? f(n) : n', 'many.js');
    assert.equal(script.runInNewContext({ n: 1 }), 1);
    assert.equal(script.runInNewContext({ n: 1, f: (n) => n + 1 }), 2);
    assert.equal(script.runInContext(vm.createContext({ n: 5 })), 5);
  });

  test(`${whose}: errors have their names, places and messages`, () => {
    const fail = (f) => {
      try {
        f();
      } catch (error) {
        return error;
      }
      return assert.fail('nothing was thrown');
    };
    const syntax = fail(() => new vm.Script('let a = 1;\nlet = ;', { filename: 'a.js', lineOffset: 10 }));
    assert.equal(syntax.name, 'SyntaxError');
    assert.match(syntax.stack, /a\.js:12/);
    const type = fail(() => vm.runInNewContext('\nthrow new TypeError("no")', {}, 'b.js'));
    assert.deepEqual([type.name, type.message], ['TypeError', 'no']);
    assert.match(type.stack, /b\.js:2:7/);
    const time = fail(() => vm.runInNewContext('for (;;);', {}, { timeout: 20 }));
    assert.equal(time.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT');
    const called = fail(() =>
      vm.runInNewContext('f()', {
        f() {
          throw new RangeError('of the program');
        },
      }),
    );
    assert.deepEqual([called.name, called.message], ['RangeError', 'of the program']);
    assert.equal(vm.runInNewContext('1 + 1'), 2);
  });

  test(`${whose}: a function of the sandbox may run a script itself`, () => {
    const inner = (n) => (n === 0 ? 0 : 1 + vm.runInNewContext('inner(n - 1)', { inner, n }));
    assert.equal(vm.runInNewContext('inner(5)', { inner }), 5);
  });

  test(`${whose}: dates and their zone, maps and bytes go in and come back`, () => {
    const sandbox = { date: new Date(0), map: new Map([[1, 2]]), bytes: new Uint8Array([1, 2]) };
    assert.equal(vm.runInNewContext('date.getHours()', sandbox), new Date(0).getHours());
    vm.runInNewContext('map.set(3, 4); bytes[0] = 9', sandbox);
    assert.deepEqual([...sandbox.map], [[1, 2], [3, 4]]);
    assert.deepEqual([...sandbox.bytes], [9, 2]);
  });
}

test('a run that threw has changed its sandbox, as far as it came', () => {
  const sandbox = {};
  assert.throws(() => ours.runInNewContext('a = 1; throw new Error("then")', sandbox));
  // Nothing comes back of a run without a value: that is in the table of differences.
  assert.deepEqual(sandbox, {});
});

test('what there is not is an error that says so', () => {
  const refused = [
    () => ours.runInNewContext('1', {}, { breakOnSigint: true }),
    () => ours.runInNewContext('1', {}, { importModuleDynamically: () => {} }),
    () => new ours.Script('1', { cachedData: Buffer.alloc(0) }),
    () => new ours.Script('1').runInThisContext(),
    () => ours.runInThisContext('1'),
    () => ours.compileFunction('return 1'),
  ];
  for (const f of refused) assert.throws(f, { code: 'ERR_NOT_SUPPORTED', name: 'SandtideError' });
  assert.throws(() => ours.runInNewContext('f()', { f: async () => 1 }), /answers a promise/);
  assert.throws(() => ours.runInNewContext('(() => 1)'), { code: 'ERR_NOT_CROSSABLE' });
  assert.throws(() => ours.runInNewContext('1', { nested: { f() {} } }), /nested\.f: a function cannot cross/);
  assert.throws(() => ours.runInNewContext('1', {}, { heap: '16 parsecs' }), { code: 'ERR_INVALID_OPTION' });
});

test('limits that Node does not have hold as well', () => {
  const hungry = 'const all = []; for (;;) all.push(new Array(1000).fill(0))';
  assert.throws(() => ours.runInNewContext(hungry, {}, { heap: '4MiB' }), { code: 'ERR_HEAP_LIMIT' });
  assert.equal(ours.runInNewContext('"well"'), 'well');
});

test('a run whose time ends while one lies in it fails alone, and its host goes on', () => {
  let inner;
  const outer = () =>
    ours.runInNewContext(
      'nested()',
      {
        nested() {
          // Longer than the outer run has, which reaches this on slow machines too.
          assert.throws(() => ours.runInNewContext('for (;;);', {}, { timeout: 2_000 }), {
            code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
          });
          inner = ours.runInNewContext('f() + 1', { f: () => 1 });
        },
      },
      { timeout: 400 },
    );
  assert.throws(outer, { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  assert.equal(inner, 2);
  assert.equal(ours.runInNewContext('"well"'), 'well');
});

test('whatever a function of the sandbox throws, the script is told of it', () => {
  const thrown = [
    Object.create(null),
    { toString() { throw new Error('no text'); } },
    Object.defineProperty(new Error('a'), 'message', { get() { throw new Error('no message'); } }),
    Symbol('s'),
    undefined,
  ];
  for (const what of thrown) {
    const sandbox = { f() { throw what; } };
    assert.equal(ours.runInNewContext('try { f() } catch (e) { e.name }', sandbox), 'Error');
  }
  assert.equal(ours.runInNewContext('"well"'), 'well');
});

test('a getter of what is given may run a script itself', () => {
  const sandbox = {
    data: {
      get inner() {
        return ours.runInNewContext('n + 1', { n: 1 });
      },
    },
  };
  assert.equal(ours.runInNewContext('data.inner', sandbox), 2);
  assert.equal(ours.runInNewContext('data.inner', sandbox), 2);
});

test('long values come back whole', () => {
  const long = ours.runInNewContext('"x".repeat(3e6)', {}, { output: '16MiB', heap: '64MiB' });
  assert.equal(long, 'x'.repeat(3e6));
});
