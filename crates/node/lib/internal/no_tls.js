'use strict';
// What stands in for everything that needs TLS, which this runtime does not have.

// A function that says so when it is called (or constructed).
function unavailable(name) {
  return {
    [name]: function() {
      const error = new Error(`${name} is not available: this runtime has no TLS`);
      error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
      throw error;
    },
  }[name];
}

module.exports = { unavailable };
