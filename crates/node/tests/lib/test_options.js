'use strict';
// `--test` and its options, from outside: which tests of which files are run, and what is told of them.

const assert = require('assert');
const { spawnSync } = require('child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('fs');
const { tmpdir } = require('os');
const { join } = require('path');

const folder = mkdtempSync(join(tmpdir(), 'test-options-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const head = "const { test, describe, it } = require('node:test');\n";
const file = (name, text) => writeFileSync(join(folder, name), `${head}${text}`);

file('names.test.js', "test('one', () => {}); test('two', () => {}); describe('suite', () => { it('one more', () => {}); });");
file('only.test.js', `
test('before', () => {});
test.only('t', async (t) => { await t.test('x', () => {}); await t.test('y', { only: true }, () => {}); });
describe.only('s', () => { it('a', () => {}); describe('in', () => { it('b', () => {}); }); });
describe('s2', () => { it.only('a', () => {}); it('b', () => {}); });
describe.only('s3', () => { it.only('a', () => {}); it('b', () => {}); });
test.only('r', async (t) => { t.runOnly(true); await t.test('x', () => {}); await t.test('y', { only: true }, () => {}); });`);
file('none.test.js', "test('t', async (t) => { await t.test('x', () => {}); await t.test('y', { only: true }, () => {}); });");
file('slow.test.js', `
const never = (t) => new Promise((resolve) => { t.signal.addEventListener('abort', resolve); setTimeout(resolve, 60_000).unref(); });
const alive = setInterval(() => {}, 1000);
test('ends', () => {});
test('does not', never);
test('has more time', { timeout: 3_600_000 }, async (t) => { await t.test('than this', never); });
test('last', () => clearInterval(alive));`);

// The lines about tests, one text, and whether all passed.
function run(...words) {
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, ...words], { cwd: folder, encoding: 'utf8', env });
  const told = stdout.split('\n').filter((line) => /^ *(?:not )?ok |^ *# '|^# (?:pass|fail|cancelled) [1-9]|failureType/.test(line));
  return [status, ...told.map((line) => line.replace(/^( *)(?:ok|# (?='))/, '$1+').replace("+'only' and 'runOnly' require the --test-only command-line option.", '+told'))].join('\n') +
    stderr.replace(/^\(.*Warning.*\n/gm, '').replace(/^(?:[^]*\n)?(TypeError.*)\n[^]*$/, '\n$1');
}

const cases = [
  // What is said to the program alone does not go to the files, however it is written.
  ['--test', '--test-reporter', 'tap', '--test-concurrency', '2', 'names.test.js'],
  ['--test', '--test_reporter=tap', '--test-concurrency=0', 'names.test.js'],
  ['--test', '--test-reporter=tap', '--test-name-pattern', 'one', 'names.test.js'],
  ['--test', '--test-reporter=tap', '--test-name-pattern=/ONE$/i', '--test-name-pattern=more', 'names.test.js'],
  ['--test', '--test-reporter=tap', '--test-skip-pattern=one', 'names.test.js'],
  ['--test', '--test-name-pattern=(', 'names.test.js'],
  ['--test-reporter=tap', 'only.test.js'],
  ['--test-reporter=tap', '--test-only', 'only.test.js'],
  ['--test', '--test-reporter=tap', 'only.test.js'],
  ['--test', '--test-reporter=tap', '--test-only', 'only.test.js'],
  ['--test-reporter=tap', 'none.test.js'],
  ['--test', '--test-reporter=tap', 'none.test.js'],
  ['--test', '--test-reporter=tap', '--test-timeout=300', 'slow.test.js'],
  ['--test-reporter=tap', '--test-timeout', '300', 'slow.test.js'],
];
const answers = require('./support/test_options.json');
if (process.env.HARNESS_RECORD) console.log(JSON.stringify(cases.map((words) => run(...words)), null, 2));
else for (const [index, words] of cases.entries()) assert.strictEqual(run(...words), answers[index], words.join(' '));
