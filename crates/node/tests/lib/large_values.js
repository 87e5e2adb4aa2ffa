'use strict';
// Values that are large but not too large: argument lists, groups of regular expressions, BigInts, nested JSON,
// strings that grow by concat(). What is beyond is a RangeError.

const assert = require('assert');

const list = (length) => Array.from({ length }, (_, i) => i);
const tooMany = list(500000);
const count = function() { return arguments.length; };

for (const n of [65534, 65536, 120000]) {
  const values = list(n);
  assert.strictEqual(Math.max(...values), n - 1);
  assert.strictEqual(Math.max.apply(null, values), n - 1);
  assert.strictEqual(Reflect.apply(Math.min, null, values), 0);
  assert.strictEqual([].push(...values), n);
  assert.strictEqual(String.fromCharCode.apply(null, new Uint8Array(n)).length, n);
  assert.strictEqual(count(...values), n);
  assert.strictEqual(((first, ...rest) => rest.length)(...values), n - 1);
  assert.strictEqual(count.bind(null, 1, 2).apply(null, values), n + 2);
  assert.strictEqual([0].concat(...values).length, n + 1);
}
for (const call of [() => count(...tooMany), () => count.apply(null, tooMany), () => Math.max.apply(null, { length: 1e8 })]) {
  assert.throws(call, RangeError);
}

const groups = (n) => new RegExp('(a)'.repeat(n));
for (const n of [254, 255, 256, 300, 2000]) {
  const found = groups(n).exec('a'.repeat(n));
  assert.strictEqual(found.length, n + 1);
  assert.strictEqual(found[n], 'a');
}
assert.strictEqual(new RegExp(`${'(a)'.repeat(299)}(b)\\300`).test(`${'a'.repeat(299)}bb`), true);
assert.strictEqual(new RegExp(`${'(a)'.repeat(299)}(b)\\300`).test(`${'a'.repeat(299)}ba`), false);
assert.strictEqual(new RegExp(`(?:${'(a)?'.repeat(300)}b)+`).exec(`${'a'.repeat(300)}b${'a'.repeat(2)}b`)[300], undefined);
assert.strictEqual(new RegExp(`(?<=${'(a)'.repeat(300)})b`).exec(`${'a'.repeat(300)}b`)[300], 'a');
const named = Array.from({ length: 400 }, (_, i) => `(?<n${i}>.)`).join('');
const { groups: { n0, n399 } } = new RegExp(`${named}\\k<n399>`).exec(`${'x'.repeat(399)}yy`);
assert.deepStrictEqual([n0, n399], ['x', 'y']);
assert.strictEqual('a'.repeat(300).replace(groups(300), '[$1$99]'), '[aa]');
assert.throws(() => groups(70000), SyntaxError);

for (const bits of [1000000n, 1048576n, 4000000n]) {
  const value = 1n << bits;
  assert.strictEqual(value.toString(16).length, Number(bits / 4n) + 1);
  assert.strictEqual(value >> bits, 1n);
}
assert.strictEqual(((1n << 600000n) + 1n) ** 2n % 1000n, ((1n << 1200000n) + (1n << 600001n) + 1n) % 1000n);
assert.strictEqual(BigInt.asUintN(2000000, -1n), (1n << 2000000n) - 1n);
for (const make of [() => 1n << (1n << 30n), () => 1n << (1n << 40n), () => 2n ** (2n ** 40n)]) {
  assert.throws(make, { name: 'RangeError', message: 'Maximum BigInt size exceeded' });
}

const depth = 100000;
for (const [text, next] of [
  ['['.repeat(depth) + ']'.repeat(depth), (value) => value[0]],
  ['{"a":'.repeat(depth) + '[1, {"b": null}, "c", true]' + '}'.repeat(depth), (value) => value.a],
]) {
  let value = JSON.parse(text);
  for (let i = 1; i < depth; i++) value = next(value);
  assert.notStrictEqual(value, undefined);
}
for (const [end, message] of [
  ['', 'Unexpected end of JSON input'],
  ['1 2', /^Expected ',' or '\]' after array element in JSON at position 100002/],
  ['{"a":1,}', /^Expected double-quoted property name in JSON at position 100007/],
]) {
  assert.throws(() => JSON.parse('['.repeat(depth) + end), { name: 'SyntaxError', message });
}

let text = '';
for (let i = 0; i < 100000; i++) text = text.concat('ab');
assert.strictEqual(text.length, 200000);
assert.strictEqual(text.concat(1, null, 'x').slice(-6), '1nullx');
assert.strictEqual('a'.repeat(10000).concat('b', '\u0101').length, 10002);
