'use strict';
// assert.CallTracker: counts calls of functions and reports those that were called too often or too rarely.

const { codes } = require('internal/errors');
const { validateUint32, validateFunction } = require('internal/validators');
const AssertionError = require('internal/assert/assertion_error');

class CallTracker {
  #tracked = new Map();

  calls(fn, exact = 1) {
    if (typeof fn === 'number') {
      exact = fn;
      fn = undefined;
    }
    fn ??= () => {};
    validateFunction(fn, 'fn');
    validateUint32(exact, 'exact', true);
    const state = { name: fn.name || 'calls', exact, calls: [], stack: new Error() };
    const tracked = new Proxy(fn, {
      __proto__: null,
      apply(target, thisArg, args) {
        state.calls.push(Object.freeze({ thisArg, arguments: Object.freeze([...args]) }));
        return Reflect.apply(target, thisArg, args);
      },
    });
    this.#tracked.set(tracked, state);
    return tracked;
  }

  #stateOf(tracked) {
    const state = this.#tracked.get(tracked);
    if (state === undefined) throw new codes.ERR_INVALID_ARG_VALUE('tracked', tracked, 'is not a tracked function');
    return state;
  }

  getCalls(tracked) {
    return Object.freeze([...this.#stateOf(tracked).calls]);
  }

  reset(tracked) {
    if (tracked === undefined) for (const state of this.#tracked.values()) state.calls.length = 0;
    else this.#stateOf(tracked).calls.length = 0;
  }

  report() {
    const errors = [];
    for (const { name, exact, calls, stack } of this.#tracked.values()) {
      if (calls.length === exact) continue;
      errors.push({
        message: `Expected the ${name} function to be executed ${exact} time(s) but was executed ${calls.length} time(s).`,
        actual: calls.length,
        expected: exact,
        operator: name,
        stack,
      });
    }
    return errors;
  }

  verify() {
    const errors = this.report();
    if (errors.length === 0) return;
    const message = errors.length === 1 ? errors[0].message : 'Functions were not called the expected number of times';
    throw new AssertionError({ message, details: errors });
  }
}

module.exports = CallTracker;
