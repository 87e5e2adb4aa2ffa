'use strict';
// Each context has its own Intl, and its own methods that write for a locale; nothing of the Web's.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

test('a context has Intl of its own and none of the interfaces of the Web', () => {
  const look = 'typeof Intl + typeof URL + typeof ReadableStream + typeof URLPattern + typeof crypto + typeof Blob';
  assert.strictEqual(vm.runInNewContext(look), 'objectundefinedundefinedundefinedundefinedundefined');
  const context = vm.createContext({});
  const inner = vm.runInContext('Intl', context);
  assert.notStrictEqual(inner, Intl);
  assert.strictEqual(vm.runInContext('Intl', context), inner);
  assert.strictEqual(vm.runInContext('Object.getPrototypeOf(Intl) === Object.prototype', context), true);
  assert.strictEqual(vm.runInContext('new Intl.NumberFormat() instanceof Intl.NumberFormat', context), true);
  assert.strictEqual(vm.runInContext('new Intl.NumberFormat() instanceof Object', context), true);
  const { enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(vm.runInContext('globalThis', context), 'Intl');
  assert.deepStrictEqual([enumerable, writable, configurable], [false, true, true]);
});

test('numbers, dates and texts are written for a locale, in the main realm and in contexts', () => {
  const lines = `[
    (1234.5).toLocaleString('de-DE', { style: 'currency', currency: 'EUR' }),
    (12345678901234567890n).toLocaleString('en'),
    new Date(0).toLocaleString('de-DE', { timeZone: 'Europe/Berlin' }),
    new Date(0).toLocaleDateString('en-US', { dateStyle: 'full', timeZone: 'UTC' }),
    new Date(0).toLocaleTimeString('fr', { timeStyle: 'short', timeZone: 'Asia/Tokyo' }),
    [1.5, 2].toLocaleString('de'), new Float64Array([0.5]).toLocaleString('de'),
    'ä'.localeCompare('z', 'de'), 'ä'.localeCompare('z', 'sv'), 'a10'.localeCompare('a9', 'en', { numeric: true }),
    'i'.toLocaleUpperCase('tr'), 'I'.toLocaleLowerCase('tr'),
    new Intl.PluralRules('en', { type: 'ordinal' }).select(22), new Intl.ListFormat('en').format(['a', 'b', 'c']),
    new Intl.RelativeTimeFormat('de', { numeric: 'auto' }).format(-1, 'day'),
    [...new Intl.Segmenter('en', { granularity: 'word' }).segment('two words')].length,
    new Intl.DisplayNames('en', { type: 'region' }).of('DE'), Intl.getCanonicalLocales('EN-us')[0],
  ].join('|')`;
  const expected = '1.234,50\u00a0€|12,345,678,901,234,567,890|1.1.1970, 01:00:00|Thursday, January 1, 1970|09:00|' +
    '1,5,2|0,5|-1|1|1|İ|ı|two|a, b, and c|gestern|3|Germany|en-US';
  assert.strictEqual(eval(lines), expected);
  assert.strictEqual(vm.runInNewContext(lines), expected);
  assert.strictEqual(vm.runInContext(lines, vm.createContext(vm.constants.DONT_CONTEXTIFY)), expected);
});

test('errors are those of the realm', () => {
  const f = "(f => { try { f() } catch (error) { return error instanceof RangeError } })";
  assert.strictEqual(vm.runInNewContext(`${f}(() => new Intl.NumberFormat('x_y'))`), true);
  assert.strictEqual(vm.runInNewContext(`${f}(() => (1).toLocaleString('en', { style: 'currency', currency: 'x' }))`), true);
});

test('what a sandbox and its scripts make of names does not matter', () => {
  for (const code of [
    "Object = Array = RangeError = undefined; (1.5).toLocaleString('de')",
    "delete globalThis.Map; Object.prototype.get = 1; (1.5).toLocaleString('de')",
    "Object.freeze(Number.prototype); (1.5).toLocaleString('de')",
    "[].__proto__.push = null; new Intl.NumberFormat('de').format(1.5)",
  ]) {
    assert.strictEqual(vm.runInNewContext(code, { Array: 1, String: 2 }), '1,5', code);
  }
  assert.strictEqual(vm.runInNewContext('Intl', { Intl: 'own' }), 'own');
  assert.strictEqual(vm.runInNewContext('Intl = 3; Intl'), 3);
  assert.strictEqual(vm.runInNewContext("Number.prototype.toLocaleString = () => 'own'; typeof Intl; (1).toLocaleString()"), 'own');
  assert.strictEqual(vm.runInNewContext('delete globalThis.Intl; typeof Intl'), 'undefined');
  // A context that forbids code from strings has it, too.
  const context = vm.createContext({}, { codeGeneration: { strings: false } });
  assert.strictEqual(vm.runInContext("(1.5).toLocaleString('de')", context), '1,5');
});

test('making Intl moves no method of a prototype', () => {
  const names = 'Object.getOwnPropertyNames(Number.prototype).join()';
  assert.strictEqual(vm.runInNewContext(`typeof Intl; ${names}`), vm.runInNewContext(names));
});
