// Scripts and their runs, by the installed package.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool, SandtideError, Script, configure, run as runOnce } from 'sandtide';

// Nothing here depends on how fast the machine is.
const patient = { timeout: 60_000 };
const run = (source, options) => runOnce(source, { ...patient, ...options });
const compile = (source, options) => Script.compile(source, { ...patient, ...options });
const pool = new Pool({ workers: 2, heap: '16MiB', ...patient });

/** A run that computes until it is ended: what comes after it finds its worker taken. */
async function endless(pool, options) {
  let running;
  const runs = new Promise((resolve) => {
    running = resolve;
  });
  const body = { form: 'body', timeout: 3_600_000, host: { running: () => running() } };
  const done = failure(pool.run('await running(); for (;;);', { ...body, ...options }));
  // A run that ended instead says how.
  await Promise.race([runs, done.then((error) => Promise.reject(error))]);
  return { done };
}

/** The error of what must fail. */
async function failure(promise) {
  const settled = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  assert.ok(settled.error instanceof SandtideError, `no SandtideError: ${JSON.stringify(settled)}`);
  assert.equal(settled.error.name, 'SandtideError');
  return settled.error;
}

test('the body of a function is run once, and answers value, logs and usage', async () => {
  const done = await run('console.warn("sum", a); return a + b', { globals: { a: 1, b: 2 } });
  assert.equal(done.value, 3);
  assert.deepEqual(done.logs, [{ level: 'warn', text: 'sum 1' }]);
  assert.ok(done.usage.cpu > 0 && done.usage.peakHeap > 1000, JSON.stringify(done.usage));
  assert.equal('globals' in done, false);
});

test('a body may await, and has its lines', async () => {
  assert.equal((await run('const a = await 4;\nreturn a')).value, 4);
  const thrown = await failure(run('let a = 1;\n\n  throw new TypeError("no " + a)', { file: 'rule.js' }));
  assert.deepEqual(
    [thrown.code, thrown.file, thrown.line, thrown.column],
    ['ERR_EXCEPTION', 'rule.js', 3, 9],
  );
  assert.equal(thrown.message, 'TypeError: no 1 (rule.js:3:9)');
  assert.deepEqual([thrown.thrown.name, thrown.thrown.message], ['TypeError', 'no 1']);
  assert.equal(thrown.thrown.stack, '    at <anonymous> (rule.js:3:9)');
  const first = await failure(run('  null.x'));
  assert.deepEqual([first.line, first.column], [1, 8]);
  assert.equal(first.thrown.stack, '    at <anonymous> (script.js:1:8)');
  assert.equal((await failure(run('throw 1'))).thrown.name, '');
  const syntax = await failure(run('\nlet = ;', { file: 'a.js', line: 10 }));
  assert.deepEqual([syntax.code, syntax.file, syntax.line], ['ERR_SYNTAX', 'a.js', 11]);
});

test('a run starts from what the set-up left, and leaves nothing', async () => {
  const script = await compile('seen.push(n); seen.length', {
    setup: ['globalThis.seen = []', { source: 'seen.push(0)', file: 'more.js' }],
  });
  assert.equal(script.form, 'script');
  assert.match(script.version, /^[0-9a-f]{64}$/);
  for (let n = 0; n < 5; n++) assert.equal((await pool.run(script, { globals: { n } })).value, 2);
});

test('the deepest values cross both ways, also by functions of the program and for many runs at a time', async () => {
  const deepest = (wrap) => Array.from({ length: 256 }).reduce(wrap, 'innermost');
  const wraps = [(inner) => [inner], (inner) => ({ inner }), (inner) => new Map([[inner, null]])];
  const script = await compile('export default async (input) => echo(input)', {
    file: 'deep.mjs',
    host: { echo: async (given) => given },
  });
  const wide = new Pool({ workers: 16, heap: '16MiB', ...patient });
  for (const wrap of wraps) {
    const input = deepest(wrap);
    const runs = Array.from({ length: 16 }, () => wide.run(script, { input }));
    runs.push(...Array.from({ length: 16 }, () => wide.run('given', { globals: { given: input } })));
    for (const { value } of await Promise.all(runs)) assert.deepEqual(value, input);
  }
  wide.close();
});

test('modules are called with the input, and import what they were given', async () => {
  const source = `
    import { greet } from './greet.js';
    export default async (input) => greet(input.name);`;
  const script = await compile(source, {
    file: 'main.js',
    modules: { './greet.js': 'export const greet = (name) => `Hello, ${name}`' },
  });
  assert.equal(script.form, 'function');
  assert.equal((await pool.run(script, { input: { name: 'Ada' } })).value, 'Hello, Ada');
  const missing = await failure(compile("import './no.js'; export default () => 1"));
  assert.equal(missing.code, 'ERR_MODULE_NOT_FOUND');
});

test('values cross both ways without loss', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const value = {
    none: undefined,
    nothing: null,
    numbers: [0, -0, 1.5, -1e300, NaN, Infinity, -Infinity, 2 ** 53],
    big: [0n, -1n, 2n ** 200n, -(2n ** 64n)],
    text: ['', 'ünï \u{1f600} \ufffd \0', 'x'.repeat(100_000)],
    truth: [true, false],
    bytes,
    buffer: bytes.buffer.slice(3, 9),
    date: new Date(1e12),
    map: new Map([[1n, new Set([undefined, [NaN]])], [{ key: 1 }, new Map()]]),
    'a b': { '': 1, 0: 2, constructor: 3 },
    holes: [, 1],
  };
  const own = JSON.parse('{"__proto__": {"polluted": true}}');
  const script = await compile('export default (input) => input');
  const { value: back } = await pool.run(script, { input: value });
  assert.deepStrictEqual(back, { ...value, holes: [undefined, 1] });
  assert.ok(Object.is(back.numbers[1], -0));
  const noDate = (await pool.run(script, { input: new Date(NaN) })).value;
  assert.ok(noDate instanceof Date && Number.isNaN(noDate.getTime()));
  const proto = (await pool.run(script, { input: own })).value;
  assert.deepEqual(Object.keys(proto), ['__proto__']);
  assert.equal(proto.polluted, undefined);
  // Memory of its own, which may be transferred.
  assert.equal(back.bytes.byteOffset, 0);
  assert.equal(back.bytes.buffer.byteLength, 256);
  assert.ok(Buffer.isBuffer(Buffer.from('x')));
  assert.deepEqual((await pool.run(script, { input: Buffer.from('x') })).value, new Uint8Array([120]));
});

test('large values cross in pieces', async () => {
  const input = { list: Array.from({ length: 20_000 }, (_, id) => ({ id, name: `name ${id}` })) };
  const script = await compile('export default (input) => input');
  const { value } = await pool.run(script, { input, output: '16MiB', heap: '64MiB', timeout: 60_000 });
  assert.deepEqual(value, input);
});

test('what cannot cross is refused with its path, on the way in and out', async () => {
  const script = await compile('export default (input) => input');
  const cycle = { list: [] };
  cycle.list.push(cycle);
  let deep = 1;
  for (let level = 0; level < 300; level++) deep = [deep];
  const cases = [
    [{ items: [{ callback() {} }] }, /^input\.items\[0\]\.callback: a function cannot cross$/],
    [{ 'a b': Symbol('x') }, /^input\["a b"\]: a symbol/],
    [cycle, /^input\.list\[0\]: a cycle/],
    [new Map([[1, /x/]]), /^input<value 0>: a regular expression/],
    [new Set([Promise.resolve()]), /^input<item 0>: a promise/],
    ['\ud800', /^input: a string with a lone surrogate/],
    [deep, /nesting deeper than 256 levels/],
    [new Float64Array(1), /^input: a typed array/],
  ];
  for (const [input, message] of cases) {
    const refused = await failure(pool.run(script, { input }));
    assert.equal(refused.code, 'ERR_NOT_CROSSABLE');
    assert.match(refused.message, message);
  }
  const out = await failure(run('return { a: [() => 1] }'));
  assert.equal(out.code, 'ERR_NOT_CROSSABLE');
  assert.match(out.message, /a\[0\]: a function/);
  // What was refused left no half of a frame.
  assert.equal((await run('return 1')).value, 1);
});

test('limits end runs, each with its code, and the next run is well', async () => {
  const cases = [
    ['for (;;);', { timeout: 30 }, 'ERR_WALL_TIME_LIMIT'],
    ['const all = []; for (;;) all.push(new Array(1000).fill(0))', { timeout: 60_000, heap: '4MiB' }, 'ERR_HEAP_LIMIT'],
    ['(function f() { f() })()', { timeout: 60_000 }, 'ERR_STACK_LIMIT'],
    ['return "x".repeat(5e6)', {}, 'ERR_OUTPUT_LIMIT'],
    ['for (;;) console.log("x")', { timeout: 60_000, logs: '1KiB' }, 'ERR_LOG_LIMIT'],
    ['for (;;) await 0', { timeout: 60_000, jobs: 100 }, 'ERR_JOB_LIMIT'],
    ['await new Promise(() => {})', {}, 'ERR_NEVER_SETTLED'],
  ];
  for (const [source, options, code] of cases) {
    const error = await failure(run(source, options));
    assert.equal(error.code, code, error.message);
    assert.ok(error.usage.wall >= 0);
  }
  const logged = await failure(run('console.log("before"); throw 1'));
  assert.deepEqual(logged.logs, [{ level: 'log', text: 'before' }]);
  assert.equal((await run('return "well"')).value, 'well');
});

test('globals that a script made or changed come back where they are asked for', async () => {
  const script = await compile('a = 2; var b = new Map([[1, a]]); kept');
  const globals = { a: 1, kept: 3 };
  const all = await pool.run(script, { globals, globalsBack: 'changed' });
  assert.deepEqual(all.globals, { a: 2, b: new Map([[1, 2]]) });
  const one = await pool.run(script, { globals, globalsBack: ['kept', 'nowhere'] });
  assert.deepEqual(one.globals, { kept: 3 });
  assert.equal(globals.a, 1, 'the object that was given is not changed');
});

test('a frozen run is the same again, and a time zone is that of its dates', async () => {
  const script = await compile('export default () => [Math.random(), Date.now(), new Date().getHours()]');
  const frozen = { seed: 2n ** 64n - 1n, now: new Date(1_767_225_600_000) };
  const first = await pool.run(script, { frozen, timeZone: 'Asia/Tokyo' });
  const again = await pool.run(script, { frozen, timeZone: 'Asia/Tokyo' });
  assert.deepEqual(first.value, again.value);
  assert.deepEqual(first.value.slice(1), [1_767_225_600_000, 9]);
  const other = await pool.run(script, { frozen: { ...frozen, seed: 1 } });
  assert.notEqual(other.value[0], first.value[0]);
});

test('functions of the program are called by name, with promises and without', async () => {
  const seen = [];
  const script = await compile(
    'export default async (input) => [await lookup(input.id), twice(4), await lookup("no").catch(String)]',
    {
      host: {
        async lookup(id) {
          seen.push(id);
          if (id === 'no') throw new RangeError('not there');
          return new Map([['id', id]]);
        },
      },
      hostSync: { twice: async (n) => (await n) * 2 },
    },
  );
  const { value } = await pool.run(script, { input: { id: 7n } });
  assert.deepEqual(value, [new Map([['id', 7n]]), 8, 'RangeError: not there']);
  assert.deepEqual(seen, [7n, 'no']);
  const once = await run('return add(1, 2)', { host: { add: (a, b) => a + b } });
  assert.equal(once.value, 3);
  const bad = await failure(run('return await give()', { host: { give: () => () => 1 } }));
  assert.match(bad.message, /give: a function cannot cross/);
});

test('many runs are on at the same time, each with its own answer', async () => {
  const script = await compile('n * 2');
  const runs = Array.from({ length: 500 }, (_, n) =>
    pool.run(script, { globals: { n }, tenant: `t${n % 3}`, timeout: 60_000 }),
  );
  const values = (await Promise.all(runs)).map((done) => done.value);
  assert.deepEqual(values, Array.from({ length: 500 }, (_, n) => n * 2));
});

test('endless loops keep neither the event loop nor other tenants from going on', async (t) => {
  const pool = new Pool({ workers: 2, ...patient });
  t.after(() => pool.close());
  const controller = new AbortController();
  const loop = (options) => failure(pool.run('for (;;);', { tenant: 'loops', timeout: 3_600_000, ...options }));
  // One of them waits for the other: a processor is left to other tenants.
  const loops = [loop(), loop({ signal: controller.signal })];
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  t.after(() => clearInterval(timer));
  const other = await pool.run('1 + 1', { tenant: 'other', timeout: 60_000 });
  assert.equal(other.value, 2);
  while (turns < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(new Error('enough'));
  const cancelled = await loops[1];
  assert.equal(cancelled.code, 'ERR_CANCELLED');
  assert.equal(cancelled.cause.message, 'enough');
  // The other one is ended with its pool.
  pool.close();
  assert.equal((await loops[0]).code, 'ERR_CANCELLED');
});

test('a pool that is closed ends what runs and what waits in it, and takes no more', async (t) => {
  const closing = new Pool({ workers: 1, ...patient });
  t.after(() => closing.close());
  const running = await endless(closing);
  const waiting = failure(closing.run('1', { timeout: 3_600_000 }));
  closing.close();
  assert.equal((await running.done).code, 'ERR_CANCELLED');
  assert.equal((await waiting).code, 'ERR_CANCELLED');
  assert.equal((await failure(closing.run('1'))).code, 'ERR_POOL_CLOSED');
});

test('a run that waits for a worker ends when its time is over', async (t) => {
  const busy = new Pool({ workers: 1, ...patient });
  t.after(() => busy.close());
  const controller = new AbortController();
  const loop = await endless(busy, { signal: controller.signal });
  const late = await failure(busy.run('1', { timeout: 20, tenant: 'other' }));
  assert.equal(late.code, 'ERR_WALL_TIME_LIMIT');
  const before = new AbortController();
  const left = failure(busy.run('1', { timeout: 3_600_000, signal: before.signal }));
  before.abort();
  assert.equal((await left).code, 'ERR_CANCELLED');
  assert.equal((await failure(busy.run('1', { signal: before.signal }))).code, 'ERR_CANCELLED');
  controller.abort();
  assert.equal((await loop.done).code, 'ERR_CANCELLED');
});

test('one signal ends all runs that it was given to, without a warning', async () => {
  const warned = [];
  const warn = (warning) => warned.push(warning);
  process.on('warning', warn);
  const many = new Pool({ workers: 1, ...patient });
  const { signal, abort } = (() => {
    const controller = new AbortController();
    return { signal: controller.signal, abort: () => controller.abort() };
  })();
  const runs = Array.from({ length: 50 }, () => failure(many.run('for (;;);', { timeout: 3_600_000, signal })));
  abort();
  for (const run of runs) assert.equal((await run).code, 'ERR_CANCELLED');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warn);
  assert.deepEqual(warned, []);
  many.close();
});

test('a signal ends a run whose set-up is still evaluated', async () => {
  const setup = 'for (;;);';
  const controller = new AbortController();
  const reason = new Error('enough');
  // The build itself goes on until its time is over, and keeps the program until then.
  const first = failure(run('return 1', { setup, signal: controller.signal, timeout: 5_000 }));
  setImmediate(() => controller.abort(reason));
  const error = await first;
  assert.deepEqual([error.code, error.cause], ['ERR_CANCELLED', reason]);
  const late = await failure(run('return 1', { setup, signal: controller.signal }));
  assert.equal(late.code, 'ERR_CANCELLED');
});

test('sources are in the language that the endings of their files tell', async () => {
  const source = 'enum Size { Big = 7 }\nexport default (n: number): number => n + Size.Big';
  const script = await compile(source, { file: 'rule.ts' });
  const own = new Pool(patient);
  assert.equal((await own.run(script, { input: 1 })).value, 8);
  assert.equal((await own.run('const a = 1 as number; a + 1', { file: 'own.mts' })).value, 2);
  assert.equal((await own.run('/** @jsx h */ const h = (...all) => all.length; <p>1</p>', { file: 'a.jsx' })).value, 3);
  assert.equal((await failure(compile(source, { file: 'rule.js' }))).code, 'ERR_SYNTAX');
  own.close();
});

test('a getter of the input may start runs, and may throw', async () => {
  const pool = new Pool(patient);
  const runs = [];
  const input = {
    get a() {
      runs.push(pool.run('export default (n) => n + 1', { input: 1 }));
      return 5;
    },
  };
  assert.equal((await pool.run('export default ({ a }) => a', { input })).value, 5);
  const throws = {
    a: 1,
    get b() {
      runs.push(pool.run('export default (n) => n + 1', { input: 2 }));
      throw new RangeError('not now');
    },
  };
  await assert.rejects(pool.run('export default 1', { input: throws }), { name: 'RangeError' });
  assert.deepEqual((await Promise.all(runs)).map(({ value }) => value), [2, 3]);
  pool.close();
});

test('an error that is given to a script does not name the files of the program', async () => {
  const { value } = await run('return [e.name, e.message, e.code, typeof e.stack]', {
    globals: { e: Object.assign(new RangeError('of the program'), { code: 7 }) },
  });
  assert.deepEqual(value, ['RangeError', 'of the program', 7, 'undefined']);
});

test('pools are closed at the end of a block', async () => {
  const block = new Pool(patient);
  assert.equal((await block.run('1')).value, 1);
  block[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
  assert.equal((await failure(block.run('1'))).code, 'ERR_POOL_CLOSED');
});

test('options that there are not, or that are not what they may be, are refused', async () => {
  const refused = [
    () => new Pool({ isolation: 'thread' }),
    () => new Pool({ isolaton: 'process' }),
    () => new Pool({ workers: 0 }),
    () => new Pool({ heap: '16 parsecs' }),
    () => new Script(),
    () => configure({ heap: '1GiB' }),
  ];
  for (const make of refused) {
    assert.throws(make, (error) => error.code === 'ERR_INVALID_OPTION' && error instanceof SandtideError);
  }
  assert.throws(() => new Pool({ isolation: 'thread' }), /not there yet/);
  const asked = [
    run('1', { timeot: 5 }),
    run('1', { timeout: -1 }),
    run('1', { tenant: 5 }),
    run('1', { frozen: { seed: -1 } }),
    run(5),
    compile('1', { host: { f: 1 } }),
    compile('1', { form: 'typescript' }),
    run('1', { signal: {} }),
  ];
  for (const promise of asked) assert.equal((await failure(promise)).code, 'ERR_INVALID_OPTION');
  for (const limits of [{ timeout: 1e9 }, { heap: '2GiB' }, { heap: 1 }, { stack: '1GiB' }, { output: '1GiB' }]) {
    assert.equal((await failure(run('1', limits))).code, 'ERR_INVALID_LIMIT', JSON.stringify(limits));
    assert.equal((await failure(compile('1', limits))).code, 'ERR_INVALID_LIMIT');
  }
  assert.match((await failure(run('1', { heap: '2GiB' }))).message, /configure\(\{ heap/);
  assert.equal((await failure(run('1', { timeZone: 'Mars/Olympus' }))).code, 'ERR_INVALID_TIME_ZONE');
});
