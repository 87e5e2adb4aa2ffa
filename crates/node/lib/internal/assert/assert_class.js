'use strict';
// The class assert.Assert: the functions of `assert` with options of their own.

const { validateBoolean, validateObject, validateOneOf } = require('internal/validators');

const strictNames = { equal: 'strictEqual', deepEqual: 'deepStrictEqual', notEqual: 'notStrictEqual', notDeepEqual: 'notDeepStrictEqual' };

class Assert {
  constructor(options = {}) {
    validateObject(options, 'options');
    const { diff = 'simple', strict = true, skipPrototype = false } = options;
    validateOneOf(diff, 'options.diff', ['simple', 'full']);
    validateBoolean(strict, 'options.strict');
    validateBoolean(skipPrototype, 'options.skipPrototype');
    const assert = require('assert');
    const { isDeepStrictEqual } = require('internal/util/comparisons');
    for (const name of Object.keys(assert)) {
      if (name === 'strict' || name === 'Assert' || name === 'CallTracker') continue;
      this[name] = assert[name];
    }
    if (skipPrototype) {
      const withoutPrototypes = { skipPrototype: true };
      const { AssertionError } = assert;
      this.deepStrictEqual = function deepStrictEqual(actual, expected, message) {
        if (isDeepStrictEqual(actual, expected, withoutPrototypes)) return;
        if (message instanceof Error) throw message;
        throw new AssertionError({ actual, expected, message, operator: 'deepStrictEqual', stackStartFn: deepStrictEqual, diff });
      };
      this.notDeepStrictEqual = function notDeepStrictEqual(actual, expected, message) {
        if (!isDeepStrictEqual(actual, expected, withoutPrototypes)) return;
        if (message instanceof Error) throw message;
        throw new AssertionError({ actual, expected, message, operator: 'notDeepStrictEqual', stackStartFn: notDeepStrictEqual, diff });
      };
    }
    if (strict) for (const [loose, name] of Object.entries(strictNames)) this[loose] = this[name];
  }
}

module.exports = Assert;
