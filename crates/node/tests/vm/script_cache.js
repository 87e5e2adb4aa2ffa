// Flags: --experimental-vm-modules
'use strict';
// Texts that are compiled again: what is shared must not show.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

function placeOf(run) {
  try {
    run();
  } catch (error) {
    return /at (?:\w+ \()?((?:first|second)\.js:\d+:\d+|evalmachine\.<anonymous>:\d+:\d+)/.exec(error.stack)?.[1];
  }
}

test('errors have the name and the place of their own call', () => {
  const text = 'null.x';
  const places = [
    { filename: 'first.js' }, { filename: 'second.js' }, { filename: 'first.js', lineOffset: 10 },
    { filename: 'first.js', columnOffset: 7 }, { filename: 'first.js' },
  ].map((options) => placeOf(() => new vm.Script(text, options).runInThisContext()));
  assert.deepStrictEqual(places, ['first.js:1:6', 'second.js:1:6', 'first.js:11:6', 'first.js:1:13', 'first.js:1:6']);
});

test('syntax errors have the name of their own call', () => {
  const files = ['first.js', 'second.js', 'first.js'].map((filename) => {
    try {
      return new vm.Script('let let', { filename });
    } catch (error) {
      return error.stack.split(':')[0];
    }
  });
  assert.deepStrictEqual(files, ['first.js', 'second.js', 'first.js']);
});

test('a sourceURL does not make the name of another call', () => {
  const text = 'null.x //# sourceURL=second.js';
  const names = ['first.js', 'third.js', 'first.js'].map((filename) => placeOf(() => vm.runInThisContext(text, filename)));
  assert.deepStrictEqual(names, ['second.js:1:6', 'second.js:1:6', 'second.js:1:6']);
});

test.since('v24.0.0', 'a script tells its sourceURL', () => {
  const text = 'null.x //# sourceURL=second.js';
  assert.deepStrictEqual([0, 1].map(() => new vm.Script(text).sourceURL), ['second.js', 'second.js']);
});

test('each context has its own variables and functions', () => {
  const text = 'var count = (typeof count === "undefined" ? 0 : count) + 1; function f() { return this; } [count, f(), f]';
  const results = [0, 1, 2].map(() => vm.runInNewContext(text));
  assert.deepStrictEqual(results.map(([count]) => count), [1, 1, 1]);
  assert.notStrictEqual(results[0][1], results[1][1]);
  assert.notStrictEqual(results[0][2], results[1][2]);
  const context = vm.createContext();
  assert.strictEqual(vm.runInContext(text, context)[0], 1);
  assert.strictEqual(vm.runInContext(text, context)[0], 2);
});

test('functions that outlive their context stay its own', () => {
  const text = '(class A { static #n = 0; static next() { return ++A.#n; } })';
  const [a, b] = [0, 1].map(() => vm.runInNewContext(text));
  assert.deepStrictEqual([a.next(), a.next(), b.next()], [1, 2, 1]);
  const c = vm.runInThisContext(text);
  assert.deepStrictEqual([c.next(), a.next()], [1, 3]);
});

test('the objects of templates are those of the context', () => {
  const text = '((strings) => strings)`a`';
  const [a, b] = [0, 1].map(() => vm.runInNewContext(text));
  assert.notStrictEqual(a, b);
  assert.strictEqual(Object.getPrototypeOf(a) === Array.prototype, false);
  assert.strictEqual(Object.getPrototypeOf(vm.runInThisContext(text)), Array.prototype);
});

test('import() asks the callback of its own call', async () => {
  const module = async (value) => {
    const made = new vm.SyntheticModule(['default'], function() { this.setExport('default', value); });
    await made.link(() => {});
    await made.evaluate();
    return made;
  };
  const text = 'import("x")';
  const answers = [];
  for (const value of ['a', 'b']) {
    const script = new vm.Script(text, { importModuleDynamically: () => module(value) });
    answers.push((await script.runInThisContext()).default);
  }
  await assert.rejects(new vm.Script(text).runInThisContext(), { code: 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING' });
  assert.deepStrictEqual(answers, ['a', 'b']);
});

test('cached data is made, taken and refused as for a text that is new', () => {
  const text = '1 + 1; // a text of its own';
  const script = new vm.Script(text);
  const cachedData = script.createCachedData();
  assert.strictEqual(new vm.Script(text, { cachedData }).cachedDataRejected, false);
  assert.strictEqual(new vm.Script(text).cachedDataRejected, undefined);
  const produced = new vm.Script(text, { produceCachedData: true });
  assert.strictEqual(produced.cachedDataProduced, true);
  assert.strictEqual(new vm.Script(text).cachedDataProduced, undefined);
});

test('more texts than are kept, and long ones', () => {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 200; i++) assert.strictEqual(vm.runInThisContext(`${i} + 1`), i + 1);
    for (let i = 0; i < 5; i++) assert.strictEqual(vm.runInThisContext(`/*${'x'.repeat(300000)}*/ ${i}`), i);
    for (let i = 0; i < 8; i++) assert.strictEqual(vm.runInThisContext(`/*${'x'.repeat(200000)}*/ ${i}`), i);
  }
});

test('a text that runs is compiled and run once more', () => {
  const text = 'if (depth++ < 3) again(); depth';
  const context = vm.createContext({ depth: 0, again: () => vm.runInContext(text, context) });
  assert.strictEqual(vm.runInContext(text, context), 4);
});

test('wide and narrow texts that look alike', () => {
  assert.deepStrictEqual(['"\u00e9"', '"\u0101"', '"\u00e9"'].map((text) => vm.runInNewContext(text)), ['\u00e9', '\u0101', '\u00e9']);
});

/** Bytes that are in use after `compile` was given so many numbers. */
function growth(count, compile) {
  compile(-1);
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) compile(i);
  return process.memoryUsage().heapUsed - before;
}

test.ours('a text that was cut out of a longer one does not keep that', () => {
  const room = ' '.repeat(1e6);
  const grown = growth(30, (i) => new vm.Script((room + i + room).slice(1e6 - 2000, 1e6 + 2000)));
  assert.ok(grown < 5e6, `${grown} bytes`);
  // the names of the last 16 files are kept elsewhere, for what errors that nobody catches print
  const named = growth(40, (i) => new vm.Script('1', { filename: (room + i + room).slice(1e6 - 2000, 1e6 + 2000) }));
  assert.ok(named < 40e6, `${named} bytes`);
});

test.ours('what is kept is bounded by its code too', () => {
  const grown = growth(30, (i) => new vm.Script(`${'function f() {'.repeat(100)}${' '.repeat(5e4)}${i}${'}'.repeat(100)}`));
  assert.ok(grown < 10e6, `${grown} bytes`);
});
