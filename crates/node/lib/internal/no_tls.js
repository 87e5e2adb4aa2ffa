'use strict';
// What stands in for everything that needs TLS, which this runtime does not have.

const unavailable = (name) => require('internal/unavailable').unavailable(name, 'this runtime has no TLS');

module.exports = { unavailable };
