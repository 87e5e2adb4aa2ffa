'use strict';
// util.format and util.formatWithOptions: every directive with every kind of value.

const assert = require('assert');
const { format, formatWithOptions } = require('util');

const table = [
  [[], ''],
  [['a', 'b', 1], 'a b 1'],
  [['%s is %d', 'x', 4.5], 'x is 4.5'],
  [['%s', undefined], 'undefined'],
  [['%s', null], 'null'],
  [['%s', -0], '-0'],
  [['%s', 1n], '1n'],
  [['%s', Symbol('q')], 'Symbol(q)'],
  [['%s', { a: { b: 1 } }], '{ a: [Object] }'],
  [['%s', [1, [2]]], '[ 1, [Array] ]'],
  [['%s', () => 1], '() => 1'],
  [['%s', { toString() { return 'own'; } }], 'own'],
  [['%s', new (class Foo { toString() { return 'foo!'; } })()], 'foo!'],
  [['%s', new (class Bar extends Map {})()], 'Bar(0) [Map] {}'],
  [['%s', { [Symbol.toPrimitive]() { return 'prim'; } }], 'prim'],
  [['%s', new Date(0)], '1970-01-01T00:00:00.000Z'],
  [['%d', '0x10'], '16'],
  [['%d', 5n], '5n'],
  [['%d', {}], 'NaN'],
  [['%d', Symbol('x')], 'NaN'],
  [['%i', 4.7], '4'],
  [['%i', '12px'], '12'],
  [['%i', 6n], '6n'],
  [['%f', '1.5abc'], '1.5'],
  [['%f', Symbol('x')], 'NaN'],
  [['%j', { a: [1] }], '{"a":[1]}'],
  [['%j', undefined], 'undefined'],
  [['%o', [1]], '[ 1, [length]: 1 ]'],
  [['%c%s', 'css', 'x'], 'x'],
  [['%%'], '%%'],
  [['%%', 1], '% 1'],
  [['%%s', 1], '%s 1'],
  [['%s'], '%s'],
  [['%s %s', 1], '1 %s'],
  [['%x', 1], '%x 1'],
  [['100%', 'x'], '100% x'],
  [['%s', 1, { a: 1 }, 'z'], '1 { a: 1 } z'],
  [[{ a: 1 }, '%s', 2], '{ a: 1 } %s 2'],
  [['a%sb%sc', 1], 'a1b%sc'],
  [[1, 2n, 'x', null], '1 2n x null'],
];
for (const [args, expected] of table) assert.strictEqual(format(...args), expected, format('%o', args));

const circle = {};
circle.circle = circle;
assert.strictEqual(format('%j', circle), '[Circular]');
assert.throws(() => format('%j', { toJSON() { throw new RangeError('mine'); } }), RangeError);
assert.strictEqual(formatWithOptions({ colors: true }, '%O', { a: 1 }), '{ a: \u001b[33m1\u001b[39m }');
assert.strictEqual(formatWithOptions({ numericSeparator: true }, '%d', 1234567.1234), '1_234_567.123_4');
assert.throws(() => formatWithOptions('x', 1), { code: 'ERR_INVALID_ARG_TYPE' });
