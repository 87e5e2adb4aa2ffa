'use strict';
// node:test, from outside: what a file of tests writes, and how it ends.

const assert = require('assert');
const { spawnSync } = require('child_process');

if (process.argv[2] === 'child') {
  const { test, describe, it, before, after, beforeEach, afterEach } = require('node:test');
  const log = (text) => console.log(`log ${text}`);
  test('passes', () => {});
  test('fails', () => { throw new Error('the reason'); });
  test('callback', (t, done) => setTimeout(done, 1));
  test('skipped', { skip: 'why' }, () => { throw new Error('never'); });
  test('todo', { todo: true }, () => { throw new Error('later'); });
  test('sub', async (t) => {
    await t.test('one', () => {});
    await t.test('two', async () => { throw new Error('two failed'); });
  });
  describe('suite', () => {
    before(() => log('before'));
    after(() => log('after'));
    beforeEach(() => log('beforeEach'));
    afterEach(() => log('afterEach'));
    it('first', () => log('first'));
    it('second', () => log('second'));
    describe('nested', () => { it.skip('never', () => log('never')); });
  });
  test('slow', { timeout: 10 }, (t) => new Promise((resolve) => {
    const late = setTimeout(resolve, 60_000);
    t.signal.addEventListener('abort', () => clearTimeout(late));
  }));
  test('mock', (t) => {
    const fn = t.mock.fn((a) => a + 1);
    assert.strictEqual(fn(1), 2);
    assert.deepStrictEqual(fn.mock.calls[0].arguments, [1]);
    const object = { method() { return 1; } };
    t.mock.method(object, 'method', () => 2);
    assert.strictEqual(object.method(), 2);
    t.mock.restoreAll();
    assert.strictEqual(object.method(), 1);
  });
} else if (process.argv[2] === 'good') {
  require('node:test')('fine', () => {});
} else {
  const run = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, '--test-reporter=tap', __filename, ...args], { encoding: 'utf8' });
    assert.strictEqual(stderr.replace(/\(.*|.*Warning.*/g, '').trim(), '');
    return { status, lines: stdout.split('\n') };
  };
  const good = run('good');
  assert.strictEqual(good.status, 0);
  assert.ok(good.lines.includes('ok 1 - fine'));

  const { status, lines } = run('child');
  assert.strictEqual(status, 1);
  assert.strictEqual(lines[0], 'TAP version 13');
  for (const line of ['ok 1 - passes', 'not ok 2 - fails', "  error: 'the reason'", 'ok 3 - callback', 'ok 4 - skipped # SKIP why', 'not ok 5 - todo # TODO',
    '    ok 1 - one', '    not ok 2 - two', 'not ok 6 - sub', '    ok 1 - first', '        ok 1 - never # SKIP', 'ok 7 - suite', 'not ok 8 - slow', 'ok 9 - mock',
    '1..9', '# tests 13', '# suites 2', '# pass 6', '# fail 3', '# cancelled 1', '# skipped 2', '# todo 1']) {
    assert.ok(lines.includes(line), `${line} is not among\n${lines.join('\n')}`);
  }
  assert.deepStrictEqual(lines.filter((line) => line.startsWith('log ')).map((line) => line.slice(4)).slice(0, 7),
    ['before', 'beforeEach', 'first', 'afterEach', 'beforeEach', 'second', 'afterEach']);
}
