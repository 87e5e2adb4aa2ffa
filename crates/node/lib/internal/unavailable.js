'use strict';
// What stands for parts of Node that this runtime does not have: modules that use them can be loaded,
// and learn of it when they use them.

// A function that says so when it is called or constructed.
function unavailable(name, why) {
  return {
    [name]: function() {
      const error = new Error(`${name} is not available: ${why}`);
      error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
      throw error;
    },
  }[name];
}

module.exports = { unavailable };
