'use strict';
// `node:test`.

const { addSuite, addTest, hook } = require('internal/test/runner');
const { unavailable } = require('internal/unavailable');

function withVariants(add, name) {
  const main = { [name](title, options, fn) { return add(title, options, fn); } }[name];
  for (const variant of ['skip', 'todo', 'only']) {
    main[variant] = (title, options, fn) => add(title, options, fn, { [variant]: true });
  }
  return main;
}

const test = withVariants(addTest, 'test');
module.exports = test;
Object.assign(test, {
  after: hook('after'),
  afterEach: hook('afterEach'),
  before: hook('before'),
  beforeEach: hook('beforeEach'),
  describe: withVariants(addSuite, 'describe'),
  it: withVariants(addTest, 'it'),
  run: unavailable('run', 'files with tests are run by `sandtide node --test`'),
  suite: withVariants(addSuite, 'suite'),
  test,
});

let mock;
Object.defineProperty(test, 'mock', {
  __proto__: null,
  get() {
    mock ??= new (require('internal/test/mock').MockTracker)();
    return mock;
  },
  enumerable: true,
  configurable: true,
});
