'use strict';
// Deep equality, loose, strict and partial, of all pairs of a list of values and their twins.

const assert = require('assert');
const { isDeepStrictEqual } = require('util');
const vm = require('vm');

// Equal values share a group: [strict group, loose group, source].
const values = [
  ['u', 'nu', 'undefined'], ['n', 'nu', 'null'], ['0', '0', '0'], ['-0', '0', '-0'], ['1', '1', '1'], ["'1'", '1', "'1'"], ['1n', '1', '1n'],
  ['NaN', 'NaN', 'NaN'], ['a', 'a', "'a'"],
  ['[]', '[]', '[]'], ['[1]', '[1]', '[1]'], ["['1']", '[1]', "['1']"], ['[1,2]', '[1,2]', '[1, 2]'], ['[,1]', '[,1]', '[, 1]'], ['[u1]', '[u1]', '[undefined, 1]'],
  ['[1]x', '[1]x', 'Object.assign([1], { x: 1 })'],
  ['{}', '{}', '{}'], ['n{}', '{}', 'Object.create(null)'], ['{a}', '{a}', '{ a: 1 }'], ["{a'}", '{a}', "{ a: '1' }"], ['{ab}', '{ab}', '{ a: 1, b: 2 }'],
  ['{ab}', '{ab}', '{ b: 2, a: 1 }'], ['{au}', '{au}', '{ a: undefined }'], ['{s}', '{}', '{ [Symbol.iterator]: 1 }'],
  ['d0', 'd0', 'new Date(0)'], ['d1', 'd1', 'new Date(1)'], ['/a/', '/a/', '/a/'], ['/a/g', '/a/g', '/a/g'],
  ['e', 'e', "new Error('x')"], ['te', 'te', "new TypeError('x')"], ['ey', 'ey', "new Error('y')"],
  ['m0', 'm0', 'new Map()'], ['m', 'm', 'new Map([[1, 2]])'], ["m'", 'm', "new Map([['1', 2]])"], ['mo', 'mo', 'new Map([[{ a: 1 }, { b: 1 }]])'],
  ['s0', 's0', 'new Set()'], ['s', 's', 'new Set([1, 2])'], ['s', 's', 'new Set([2, 1])'], ["s'", 's', "new Set(['1', 2])"],
  ['so', 'so', 'new Set([{ a: 1 }, { a: 2 }])'], ['so', 'so', 'new Set([{ a: 2 }, { a: 1 }])'],
  ['u8', 'u8', 'new Uint8Array([1, 2])'], ['i8', 'i8', 'new Int8Array([1, 2])'], ['f0', 'f0', 'new Float32Array([0])'], ['f-0', 'f0', 'new Float32Array([-0])'],
  ['ab', 'ab', 'new ArrayBuffer(2)'], ['sab', 'sab', 'new SharedArrayBuffer(2)'],
  ['N1', 'N1', 'Object(1)'], ['N2', 'N2', 'Object(2)'], ['S1', 'S1', "Object('1')"], ['B', 'B', 'Object(true)'],
  ['deep', 'deep', '{ a: { b: [1, { c: new Map([[1, new Set([2])]]) }] } }'],
  ['args', 'args', '(function () { return arguments })(1)'],
  ['circle', 'circle', '(() => { const c = {}; c.c = c; return c })()'],
];
// These compare loosely with ==, which is not transitive.
const skip = new Set(['0', '-0', '1', "'1'", '1n', 'a', 'N1', 'N2', 'S1', 'B', '[]', '[1]', "['1']"]);

function passes(fn, ...args) {
  try {
    fn(...args);
    return true;
  } catch (error) {
    if (error.code !== 'ERR_ASSERTION') throw error;
    return false;
  }
}

const make = (source) => (0, eval)(`(${source})`);
for (const [strict, loose, source] of values) {
  for (const [otherStrict, otherLoose, otherSource] of values) {
    const a = make(source);
    const b = make(otherSource);
    const same = strict === otherStrict;
    const what = `${source} and ${otherSource}`;
    assert.strictEqual(isDeepStrictEqual(a, b), same, `strict: ${what}`);
    assert.strictEqual(passes(assert.deepStrictEqual, a, b), same, `deepStrictEqual: ${what}`);
    assert.strictEqual(passes(assert.notDeepStrictEqual, a, b), !same, `notDeepStrictEqual: ${what}`);
    if (skip.has(strict) || skip.has(otherStrict)) continue;
    assert.strictEqual(passes(assert.deepEqual, a, b), loose === otherLoose, `deepEqual: ${what}`);
    assert.strictEqual(passes(assert.notDeepEqual, a, b), loose !== otherLoose, `notDeepEqual: ${what}`);
  }
}

// Objects of another realm are loosely equal to ours; strictly, their prototypes differ.
for (const source of ['{ a: [1] }', 'new Map([[1, { a: 1 }]])', 'new Set([[1]])', 'new Date(0)', '/x/g', "new Error('x')", 'new Uint8Array([1])', 'Object(1)']) {
  const foreign = vm.runInNewContext(`(${source})`);
  assert.deepEqual(make(source), foreign);
  assert.notDeepStrictEqual(make(source), foreign);
  assert.deepStrictEqual(foreign, foreign);
}

// A circle on one side needs one on the other, at the same place.
const one = {};
one.c = one;
const same = {};
same.c = same;
assert.deepStrictEqual(one, same);
const two = { c: {} };
two.c.c = two;
assert.notDeepStrictEqual(one, two);
assert.notDeepEqual(two, one);
const four = { c: { c: {} } };
four.c.c.c = four.c;
const three = { c: { c: {} } };
three.c.c.c = three;
assert.deepStrictEqual(four, three);

if (assert.partialDeepStrictEqual) {
  const part = assert.partialDeepStrictEqual;
  part({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } });
  part(new Map([[1, 2], [3, 4]]), new Map([[3, 4]]));
  part(new Set([1, 2, 3]), new Set([3, 1]));
  part([1, 2, 3], [1, 3]);
  for (const [a, b] of [[{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 1, b: 2 }], [[1, 2], [2, 1]], [new Set([1]), new Set([2])], [new Map([[1, 2]]), new Map([[1, 3]])], [1, 2], [[], {}]]) {
    assert.throws(() => part(a, b), { code: 'ERR_ASSERTION', operator: 'partialDeepStrictEqual' });
  }
}
