'use strict';
// What console writes, and where.

const assert = require('assert');
const { inspect } = require('util');

let out = '';
let err = '';
const quiet = { once() {}, removeListener() {}, listenerCount() { return 0; } };
const stdout = { ...quiet, write(text) { out += text; } };
const stderr = { ...quiet, write(text) { err += text; } };
const { Console } = console;
const made = new Console({ stdout, stderr });

function writes(fn, expectedOut, expectedErr = '') {
  out = '';
  err = '';
  fn(made);
  assert.strictEqual(out, expectedOut);
  assert.strictEqual(err, expectedErr);
}

writes((c) => c.log(), '\n');
writes((c) => c.log('a', 1, { b: [2] }), 'a 1 { b: [ 2 ] }\n');
writes((c) => c.info('%s-%d', 'x', 5), 'x-5\n');
writes((c) => c.debug('x'), 'x\n');
writes((c) => c.error('x'), '', 'x\n');
writes((c) => c.warn('%j', {}), '', '{}\n');
writes((c) => c.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), '{ a: [Object] }\n');
writes((c) => c.dir({ [Symbol.for('nodejs.util.inspect.custom')]: 1 }),
  inspect({ [Symbol('nodejs.util.inspect.custom')]: 1 }) + '\n');
writes((c) => c.dirxml({ a: 1 }, [2]), '{ a: 1 } [ 2 ]\n');
writes((c) => { c.assert(true, 'no'); c.assert(false); c.assert(0, 'is %s', 'x'); }, '', 'Assertion failed\nAssertion failed: is x\n');
writes((c) => { c.count(); c.count('x'); c.count(); c.countReset(); c.count(); }, 'default: 1\nx: 1\ndefault: 2\ndefault: 1\n');
writes((c) => { c.group('G'); c.log('in\nmore'); c.group(); c.warn('deep'); c.groupEnd(); c.groupEnd(); c.groupEnd(); c.log('out'); }, 'G\n  in\n  more\nout\n', '    deep\n');
writes((c) => { c.groupCollapsed('a', 'b'); c.log({ a: 1, b: 'x'.repeat(80) }); c.groupEnd(); }, `a b\n  {\n    a: 1,\n    b: '${'x'.repeat(80)}'\n  }\n`);
writes((c) => { const { log } = c; log('unbound'); }, 'unbound\n');
writes((c) => c.table([{ a: 1, b: 'x' }, { a: 2, c: true }]), `\
┌─────────┬───┬─────┬──────┐
│ (index) │ a │ b   │ c    │
├─────────┼───┼─────┼──────┤
│ 0       │ 1 │ 'x' │      │
│ 1       │ 2 │     │ true │
└─────────┴───┴─────┴──────┘
`);
writes((c) => c.table(new Map([['a', 1], ['b', { c: 1 }]])), `\
┌───────────────────┬─────┬──────────┐
│ (iteration index) │ Key │ Values   │
├───────────────────┼─────┼──────────┤
│ 0                 │ 'a' │ 1        │
│ 1                 │ 'b' │ { c: 1 } │
└───────────────────┴─────┴──────────┘
`);
writes((c) => c.table([1, 'two', { three: 3 }]), `\
┌─────────┬───────┬────────┐
│ (index) │ three │ Values │
├─────────┼───────┼────────┤
│ 0       │       │ 1      │
│ 1       │       │ 'two'  │
│ 2       │ 3     │        │
└─────────┴───────┴────────┘
`);
writes((c) => c.table([{ a: 1, b: 2 }], ['b']), `\
┌─────────┬───┐
│ (index) │ b │
├─────────┼───┤
│ 0       │ 2 │
└─────────┴───┘
`);
writes((c) => c.table([{ a: '中文', b: 1 }]), `\
┌─────────┬────────┬───┐
│ (index) │ a      │ b │
├─────────┼────────┼───┤
│ 0       │ '中文' │ 1 │
└─────────┴────────┴───┘
`);
writes((c) => { c.table('x'); c.table(null); c.table(undefined); }, 'x\nnull\nundefined\n');
assert.throws(() => made.table([1], 5), { code: 'ERR_INVALID_ARG_TYPE' });

err = '';
made.trace('here %s', 1);
assert.match(err, /^Trace: here 1\n {4}at [^]*console_output\.js/);
err = '';
made.error(new Error('shown'));
assert.match(err, /^Error: shown\n {4}at [^]*console_output\.js/);

out = '';
made.time('t');
made.timeLog('t', 'more', 1);
made.timeEnd('t');
assert.match(out, /^t: [\d.]+ms more 1\nt: [\d.]+ms\n$/);
const warnings = [];
process.on('warning', (warning) => warnings.push(warning.message));
made.timeEnd('t');
made.time('u');
made.time('u');
made.countReset('never');
setTimeout(() => assert.deepStrictEqual(warnings, ["No such label 't' for console.timeEnd()", "Label 'u' already exists for console.time()", "Count for 'never' does not exist"]), 5);

// One stream takes both, colors and indentation can be chosen.
out = '';
const single = new Console(stdout);
single.error('e');
Console(stdout).log('l');
new Console({ stdout, colorMode: true }).log({ a: 1 });
new Console({ stdout, inspectOptions: { depth: 0 } }).log({ a: { b: 1 } });
const wide = new Console({ stdout, groupIndentation: 4 });
wide.group();
wide.log('x');
assert.strictEqual(out, 'e\nl\n{ a: \u001b[33m1\u001b[39m }\n{ a: [Object] }\n    x\n');
assert.throws(() => new Console({}), { code: 'ERR_CONSOLE_WRITABLE_STREAM' });
assert.throws(() => new Console({ stdout, colorMode: 5 }), { code: 'ERR_INVALID_ARG_VALUE' });
assert.throws(() => new Console({ stdout, colorMode: true, inspectOptions: { colors: true } }), { code: 'ERR_INCOMPATIBLE_OPTION_PAIR' });
assert.throws(() => new Console({ stdout, groupIndentation: -1 }), { code: 'ERR_OUT_OF_RANGE' });
assert.ok(made instanceof Console && console instanceof Console);
class Mine extends Console { hello() { this.log('hello'); } }
out = '';
new Mine(stdout).hello();
assert.strictEqual(out, 'hello\n');
assert.strictEqual(require('console'), console);
assert.strictEqual(Object.prototype.toString.call(console), '[object console]');
