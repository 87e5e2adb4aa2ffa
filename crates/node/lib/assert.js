'use strict';
// `node:assert`: functions that throw an AssertionError unless something holds.

const { codes, determineSpecificType } = require('internal/errors');
const { isError } = require('internal/util');
const { isRegExp } = require('internal/util/types');
const { inspect } = require('internal/util/inspect');
const { isDeepEqual, isDeepStrictEqual, isPartialStrictEqual } = require('internal/util/comparisons');
const AssertionError = require('internal/assert/assertion_error');
const { expectError, expectNoError, rejectionOf, thrownBy } = require('internal/assert/throws');

function fail(options) {
  if (isError(options.message)) throw options.message;
  throw new AssertionError(options);
}

function needTwo(count) {
  if (count < 2) throw new codes.ERR_MISSING_ARGS('actual', 'expected');
}

// `depth` counts the frames from here up to the call that failed.
function checkTruthy(fn, args, depth) {
  const [value, message] = args;
  if (value) return;
  if (args.length === 0) {
    const error = new AssertionError({
      actual: value,
      expected: true,
      message: 'No value argument passed to `assert.ok()`',
      operator: '==',
      stackStartFn: fn,
    });
    error.generatedMessage = true;
    throw error;
  }
  let text = message;
  let generated = false;
  if (message === undefined || message === null) {
    generated = true;
    const { callSource } = require('internal/assert/call_source');
    const code = callSource(depth);
    text = code === undefined ? undefined : `The expression evaluated to a falsy value:\n\n  ${code}\n`;
  } else if (isError(message)) {
    throw message;
  }
  const error = new AssertionError({ actual: value, expected: true, message: text, operator: '==', stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}

// The function itself, and `assert.ok`, share name and behaviour.
function makeOk() {
  return function ok(...args) {
    checkTruthy(ok, args, 2);
  };
}

const assert = module.exports = makeOk();
assert.AssertionError = AssertionError;

let warnedOfFail = false;

assert.fail = function fail(actual, expected, message, operator, stackStartFn) {
  const count = arguments.length;
  let generated = false;
  if ((actual === undefined || actual === null) && count <= 1) {
    generated = true;
    message = 'Failed';
  } else if (count === 1) {
    message = actual;
    actual = undefined;
  } else {
    if (!warnedOfFail) {
      warnedOfFail = true;
      process.emitWarning('assert.fail() with more than one argument is deprecated. Please use assert.strictEqual() ' +
        'instead or only pass a message.', 'DeprecationWarning', 'DEP0094');
    }
    if (count === 2) operator = '!=';
  }
  if (isError(message)) throw message;
  const options = { actual, expected, operator: operator === undefined ? 'fail' : operator, stackStartFn: stackStartFn || fail };
  if (message !== undefined) options.message = message;
  const error = new AssertionError(options);
  if (generated) error.generatedMessage = true;
  throw error;
};

assert.ok = makeOk();

assert.equal = function equal(actual, expected, message) {
  needTwo(arguments.length);
  // Loose on purpose: this is what the function is for.
  if (actual != expected && (actual === actual || expected === expected)) {
    fail({ actual, expected, message, operator: '==', stackStartFn: equal });
  }
};

assert.notEqual = function notEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (actual == expected || (actual !== actual && expected !== expected)) {
    fail({ actual, expected, message, operator: '!=', stackStartFn: notEqual });
  }
};

assert.deepEqual = function deepEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (!isDeepEqual(actual, expected)) fail({ actual, expected, message, operator: 'deepEqual', stackStartFn: deepEqual });
};

assert.notDeepEqual = function notDeepEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (isDeepEqual(actual, expected)) fail({ actual, expected, message, operator: 'notDeepEqual', stackStartFn: notDeepEqual });
};

assert.deepStrictEqual = function deepStrictEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (!isDeepStrictEqual(actual, expected)) {
    fail({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: deepStrictEqual });
  }
};

assert.notDeepStrictEqual = function notDeepStrictEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (isDeepStrictEqual(actual, expected)) {
    fail({ actual, expected, message, operator: 'notDeepStrictEqual', stackStartFn: notDeepStrictEqual });
  }
};

assert.strictEqual = function strictEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (!Object.is(actual, expected)) fail({ actual, expected, message, operator: 'strictEqual', stackStartFn: strictEqual });
};

assert.notStrictEqual = function notStrictEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (Object.is(actual, expected)) fail({ actual, expected, message, operator: 'notStrictEqual', stackStartFn: notStrictEqual });
};

assert.partialDeepStrictEqual = function partialDeepStrictEqual(actual, expected, message) {
  needTwo(arguments.length);
  if (!isPartialStrictEqual(actual, expected)) {
    fail({ actual, expected, message, operator: 'partialDeepStrictEqual', stackStartFn: partialDeepStrictEqual });
  }
};

assert.throws = function throws(fn, ...args) {
  expectError(throws, thrownBy(fn), args[0], args[1], args.length < 2);
};

assert.rejects = async function rejects(promiseFn, ...args) {
  expectError(rejects, await rejectionOf(promiseFn), args[0], args[1], args.length < 2);
};

assert.doesNotThrow = function doesNotThrow(fn, ...args) {
  expectNoError(doesNotThrow, thrownBy(fn), ...args);
};

assert.doesNotReject = async function doesNotReject(promiseFn, ...args) {
  expectNoError(doesNotReject, await rejectionOf(promiseFn), ...args);
};

assert.ifError = function ifError(error) {
  if (error === null || error === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof error === 'object' && typeof error.message === 'string') {
    message += error.message.length === 0 && error.constructor ? error.constructor.name : error.message;
  } else {
    message += inspect(error);
  }
  const failure = new AssertionError({ actual: error, expected: null, operator: 'ifError', message, stackStartFn: ifError });
  failure.generatedMessage = !message;
  joinStacks(failure, error);
  throw failure;
};

// Where the unwanted error came from matters more than where it was noticed: its own frames are kept.
function joinStacks(failure, error) {
  const original = error?.stack;
  if (typeof original !== 'string' || typeof failure.stack !== 'string') return;
  const start = original.indexOf('\n    at');
  if (start === -1) return;
  const frames = original.slice(start + 1).split('\n');
  let own = failure.stack.split('\n');
  for (const frame of frames) {
    const index = own.indexOf(frame);
    if (index !== -1) {
      own = own.slice(0, index);
      break;
    }
  }
  failure.stack = `${own.join('\n')}\n${frames.join('\n')}`;
}

function checkMatch(string, regexp, message, fn) {
  if (!isRegExp(regexp)) throw new codes.ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp);
  const wanted = fn.name === 'match';
  if (typeof string === 'string' && (regexp.exec(string) !== null) === wanted) return;
  if (isError(message)) throw message;
  const generated = !message;
  message ||= typeof string !== 'string' ?
    `The "string" argument must be of type string. Received ${determineSpecificType(string)}` :
    `${wanted ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression '}${
      inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
  const error = new AssertionError({ actual: string, expected: regexp, message, operator: fn.name, stackStartFn: fn });
  error.generatedMessage = generated;
  throw error;
}

assert.match = function match(string, regexp, message) {
  checkMatch(string, regexp, message, match);
};

assert.doesNotMatch = function doesNotMatch(string, regexp, message) {
  checkMatch(string, regexp, message, doesNotMatch);
};

for (const [name, id] of [['CallTracker', 'internal/assert/call_tracker'], ['Assert', 'internal/assert/assert_class']]) {
  Object.defineProperty(assert, name, {
    __proto__: null,
    get: () => require(id),
    enumerable: false,
    configurable: true,
  });
}

function strict(...args) {
  checkTruthy(strict, args, 2);
}

assert.strict = Object.assign(strict, assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
  notDeepEqual: assert.notDeepStrictEqual,
});
assert.strict.strict = assert.strict;
