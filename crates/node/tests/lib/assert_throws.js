'use strict';
// assert.throws, rejects, and their opposites, with all that can be expected.

const assert = require('assert');

function thrower(error) {
  return () => { throw error; };
}

function failure(fn) {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error(`did not fail: ${fn}`);
}

class Own extends Error {}

// These hold.
assert.throws(thrower(new Error('x')));
assert.throws(thrower(new TypeError('x')), TypeError);
assert.throws(thrower(new TypeError('x')), Error);
assert.throws(thrower(new Own('x')), Own, 'message');
assert.throws(thrower(new Error('some text')), /^Error: some text$/);
assert.throws(thrower(Object.assign(new Error('text'), { code: 'E', info: { a: [1] } })), { name: 'Error', message: /^te/, code: 'E', info: { a: [1] } });
assert.throws(thrower(new Error('text')), new Error('text'));
assert.throws(thrower(new Error('x')), (error) => error instanceof Error && error.message === 'x');
assert.throws(thrower('text'), /text/);
assert.throws(thrower(null), (value) => value === null);
assert.throws(thrower(new Error('x')), (function named() { return true; }));
assert.doesNotThrow(() => {});
assert.throws(thrower(new Error('x')), undefined, 'message');

// These do not.
for (const [fn, message, operator = 'throws'] of [
  [() => assert.throws(() => {}), 'Missing expected exception.'],
  [() => assert.throws(() => {}, TypeError), 'Missing expected exception (TypeError).'],
  [() => assert.throws(() => {}, 'text'), 'Missing expected exception: text'],
  [() => assert.throws(() => {}, Error, 'text'), 'Missing expected exception (Error): text'],
  [() => assert.throws(thrower(new Error('x')), /y/), "The input did not match the regular expression /y/. Input:\n\n'Error: x'\n"],
  [() => assert.throws(thrower(new Error('x')), /y/, 'mine'), 'mine'],
  [() => assert.throws(thrower(new Error('x')), TypeError), 'The error is expected to be an instance of "TypeError". Received "Error"\n\nError message:\n\nx'],
  [() => assert.throws(thrower(5), TypeError), 'The error is expected to be an instance of "TypeError". Received "5"'],
  [() => assert.throws(thrower(new Error('x')), () => false), 'The validation function is expected to return "true". Received false\n\nCaught error:\n\nError: x'],
  [() => assert.throws(thrower(new Error('x')), function named() { return 1; }),
    'The "named" validation function is expected to return "true". Received 1\n\nCaught error:\n\nError: x'],
  [() => assert.throws(thrower(new Error('x')), { message: 'y' }),
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  Comparison {\n+   message: 'x'\n-   message: 'y'\n  }\n"],
  [() => assert.throws(thrower(new Error('foo')), new Error('bar')),
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  Comparison {\n+   message: 'foo',\n-   message: 'bar',\n    name: 'Error'\n  }\n"],
  [() => assert.throws(thrower('text'), { message: 'x' }),
    "Expected values to be strictly deep-equal:\n+ actual - expected\n\n+ 'text'\n- {\n-   message: 'x'\n- }\n"],
  [() => assert.doesNotThrow(thrower(new Error('z'))), 'Got unwanted exception.\nActual message: "z"', 'doesNotThrow'],
  [() => assert.doesNotThrow(thrower(new Error('z')), 'mine'), 'Got unwanted exception: mine\nActual message: "z"', 'doesNotThrow'],
]) {
  const error = failure(fn);
  assert.strictEqual(error.message, message);
  assert.strictEqual(error.code, 'ERR_ASSERTION');
  assert.strictEqual(error.operator, operator);
}

// Misuse.
for (const [fn, code] of [
  [() => assert.throws('x'), 'ERR_INVALID_ARG_TYPE'],
  [() => assert.throws(() => {}, 5), 'ERR_INVALID_ARG_TYPE'],
  [() => assert.throws(thrower(new Error('x')), {}), 'ERR_INVALID_ARG_VALUE'],
  [() => assert.throws(thrower(new Error('same')), 'same'), 'ERR_AMBIGUOUS_ARGUMENT'],
  [() => assert.throws(thrower('same'), 'same'), 'ERR_AMBIGUOUS_ARGUMENT'],
]) {
  assert.strictEqual(failure(fn).code, code);
}
// An error that was not meant passes through.
assert.strictEqual(failure(() => assert.doesNotThrow(thrower(new Error('z')), TypeError)).message, 'z');
assert.strictEqual(failure(() => assert.throws(thrower(new Error('x')), thrower(new RangeError('inner')))).name, 'RangeError');

let done = false;
(async () => {
  await assert.rejects(Promise.reject(new Error('x')), /x/);
  await assert.rejects(async () => { throw new TypeError('x'); }, TypeError);
  await assert.rejects({ then(_, reject) { reject(new Error('thenable')); }, catch() {} }, { message: 'thenable' });
  await assert.doesNotReject(Promise.resolve(1));
  await assert.doesNotReject(async () => {});
  const failed = async (promise) => promise.then(() => { throw new Error('did not fail'); }, (error) => error);
  assert.strictEqual((await failed(assert.rejects(Promise.resolve(1)))).message, 'Missing expected rejection.');
  assert.strictEqual((await failed(assert.rejects(async () => {}, TypeError, 'm'))).message, 'Missing expected rejection (TypeError): m');
  assert.strictEqual((await failed(assert.rejects(() => 1))).code, 'ERR_INVALID_RETURN_VALUE');
  assert.strictEqual((await failed(assert.rejects(1))).code, 'ERR_INVALID_ARG_TYPE');
  assert.strictEqual((await failed(assert.rejects(() => { throw new Error('sync'); }))).message, 'sync');
  assert.strictEqual((await failed(assert.doesNotReject(Promise.reject(new Error('x'))))).message, 'Got unwanted rejection.\nActual message: "x"');
  done = true;
})();
process.on('exit', () => assert.ok(done));
