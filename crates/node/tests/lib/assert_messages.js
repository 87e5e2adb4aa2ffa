'use strict';
// The messages of assertions, and what their errors carry.

const assert = require('assert');

function failure(fn) {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error(`did not fail: ${fn}`);
}

function says(fn, message) {
  const error = failure(fn);
  if (error.message !== message) {
    console.error(`${fn}\n--- expected\n${message}\n--- actual\n${error.message}`);
    process.exit(1);
  }
  return error;
}

const equal = 'Expected values to be strictly equal:';
const deep = 'Expected values to be strictly deep-equal:';
const error = says(() => assert.strictEqual(1, 2), `${equal}\n\n1 !== 2\n`);
assert.ok(error instanceof assert.AssertionError && error instanceof Error);
assert.strictEqual(error.name, 'AssertionError');
assert.strictEqual(error.code, 'ERR_ASSERTION');
assert.strictEqual(error.actual, 1);
assert.strictEqual(error.expected, 2);
assert.strictEqual(error.operator, 'strictEqual');
assert.strictEqual(error.generatedMessage, true);
assert.strictEqual(`${error}`, `AssertionError [ERR_ASSERTION]: ${error.message}`);
assert.strictEqual(error.stack.split('\n')[0], `AssertionError [ERR_ASSERTION]: ${equal}`);
assert.match(error.stack, /assert_messages\.js:\d+:\d+/);

says(() => assert.strictEqual('abc', 'abd'), `${equal}\n\n'abc' !== 'abd'\n`);
says(() => assert.strictEqual('hello world', 'hello there'), `${equal}\n+ actual - expected\n\n+ 'hello world'\n- 'hello there'\n         ^\n`);
says(() => assert.strictEqual(0, -0), `${equal}\n+ actual - expected\n\n+ 0\n- -0\n`);
says(() => assert.strictEqual(null, undefined), `${equal}\n+ actual - expected\n\n+ null\n- undefined\n`);
says(() => assert.strictEqual({ a: 1 }, { a: 1 }), 'Values have same structure but are not reference-equal:\n\n{\n  a: 1\n}\n');
says(() => assert.strictEqual({ a: 1 }, { a: 2 }),
  'Expected "actual" to be reference-equal to "expected":\n+ actual - expected\n\n  {\n+   a: 1\n-   a: 2\n  }\n');
says(() => assert.strictEqual(1, { a: 1 }), `${equal}\n+ actual - expected\n\n+ 1\n- {\n-   a: 1\n- }\n`);
says(() => assert.deepStrictEqual({ a: 1, b: 2 }, { a: 1, b: 3 }), `${deep}\n+ actual - expected\n\n  {\n    a: 1,\n+   b: 2\n-   b: 3\n  }\n`);
says(() => assert.deepStrictEqual([1, 2, 3], [1, 2, 3, 4]), `${deep}\n+ actual - expected\n\n  [\n    1,\n    2,\n    3,\n-   4\n  ]\n`);
says(() => assert.deepStrictEqual([1], ['1']), `${deep}\n+ actual - expected\n\n  [\n+   1\n-   '1'\n  ]\n`);
says(() => assert.deepStrictEqual(new Map([[1, 2]]), new Map([[1, 3]])), `${deep}\n+ actual - expected\n\n  Map(1) {\n+   1 => 2\n-   1 => 3\n  }\n`);
says(() => assert.deepStrictEqual({}, Object.create(null)), `${deep}\n+ actual - expected\n\n+ {}\n- [Object: null prototype] {}\n`);
says(() => assert.deepStrictEqual(new Date(0), new Date(1)),
  `${deep}\n+ actual - expected\n\n+ 1970-01-01T00:00:00.000Z\n- 1970-01-01T00:00:00.001Z\n`);
says(() => assert.deepEqual({ a: 1 }, { a: 2 }), 'Expected values to be loosely deep-equal:\n\n{\n  a: 1\n}\n\nshould loosely deep-equal\n\n{\n  a: 2\n}');
says(() => assert.equal(1, 2), '1 == 2');
says(() => assert.notEqual(1, 1), '1 != 1');
says(() => assert.notStrictEqual(1, 1), 'Expected "actual" to be strictly unequal to: 1');
says(() => assert.notDeepEqual({ a: 1 }, { a: 1 }), 'Expected "actual" not to be loosely deep-equal to:\n\n{\n  a: 1\n}');
says(() => assert.notDeepStrictEqual({ a: 1 }, { a: 1 }), 'Expected "actual" not to be strictly deep-equal to:\n\n{\n  a: 1\n}\n');
says(() => assert.fail(), 'Failed');
says(() => assert.fail('boom'), 'boom');
assert.strictEqual(failure(() => assert.fail(new TypeError('own'))).name, 'TypeError');
assert.strictEqual(failure(() => assert.strictEqual(1, 2, new RangeError('own'))).name, 'RangeError');
says(() => assert.equal(1, 2, 'mine'), 'mine');
assert.strictEqual(failure(() => assert.equal(1, 2, 'mine')).generatedMessage, false);
says(() => assert.match('abc', /x/), "The input did not match the regular expression /x/. Input:\n\n'abc'\n");
says(() => assert.match(1, /x/), 'The "string" argument must be of type string. Received type number (1)');
says(() => assert.doesNotMatch('abc', /b/), "The input was expected to not match the regular expression /b/. Input:\n\n'abc'\n");
says(() => assert.ifError(new Error('inner')), 'ifError got unwanted exception: inner');
says(() => assert.ifError('text'), "ifError got unwanted exception: 'text'");
assert.ifError(null);
assert.ifError(undefined);

// The source of the call is the message.
const falsy = (code) => `The expression evaluated to a falsy value:\n\n  ${code}\n`;
const { ok } = assert;
says(() => assert.ok(0), falsy('assert.ok(0)'));
says(() => assert(false), falsy('assert(false)'));
says(() => assert.ok(typeof 123 === 'string'), falsy("assert.ok(typeof 123 === 'string')"));
says(() => assert.ok(['a)b', `c${1})`].includes(')')), falsy("assert.ok(['a)b', `c${1})`].includes(')'))"));
says(() => require('assert').ok(/\)/.test('x')), falsy("ok(/\\)/.test('x'))"));
says(() => ok(null, undefined), falsy('ok(null, undefined)'));
says(() => assert.ok(), 'No value argument passed to `assert.ok()`');
says(() => assert.ok(0, 'mine'), 'mine');
assert.strictEqual(failure(() => assert.ok(0)).operator, '==');

for (const name of ['equal', 'notEqual', 'deepEqual', 'deepStrictEqual', 'strictEqual', 'notStrictEqual']) {
  assert.throws(() => assert[name](1), { code: 'ERR_MISSING_ARGS', message: 'The "actual" and "expected" arguments must be specified' });
}
assert.throws(() => new assert.AssertionError('x'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.strictEqual(new assert.AssertionError({ actual: 1, expected: 2, operator: 'foo' }).message, '1 foo 2');

// strict
assert.strictEqual(require('assert/strict'), assert.strict);
assert.strictEqual(assert.strict.equal, assert.strictEqual);
assert.strictEqual(assert.strict.deepEqual, assert.deepStrictEqual);
assert.strictEqual(assert.strict.strict, assert.strict);
