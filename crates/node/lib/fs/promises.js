'use strict';
// `fs/promises`: the forms of `fs` that give promises.

module.exports = require('internal/fs/promises').promises;
