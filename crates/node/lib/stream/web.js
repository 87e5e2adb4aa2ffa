'use strict';
// The Web's streams.

const { get, names } = require('internal/webstreams/classes');

for (const name of names) exports[name] = get(name);
