'use strict';
// `node:sqlite`: this runtime has no SQLite.

const { unavailable } = require('internal/unavailable');

const kWhy = 'this runtime has no SQLite';

module.exports = {
  DatabaseSync: unavailable('DatabaseSync', kWhy),
  StatementSync: unavailable('StatementSync', kWhy),
  Session: unavailable('Session', kWhy),
  constants: Object.freeze({
    __proto__: null,
    SQLITE_CHANGESET_OMIT: 0,
    SQLITE_CHANGESET_REPLACE: 1,
    SQLITE_CHANGESET_ABORT: 2,
    SQLITE_CHANGESET_DATA: 1,
    SQLITE_CHANGESET_NOTFOUND: 2,
    SQLITE_CHANGESET_CONFLICT: 3,
    SQLITE_CHANGESET_CONSTRAINT: 4,
    SQLITE_CHANGESET_FOREIGN_KEY: 5,
  }),
  backup: unavailable('backup', kWhy),
};
