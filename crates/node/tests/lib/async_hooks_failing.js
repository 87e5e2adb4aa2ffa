'use strict';
// A hook that throws ends the program, whoever listens for uncaught errors.

const assert = require('assert');
const { spawnSync } = require('child_process');

const program = `
  process.on('exit', (code) => require('fs').writeSync(1, 'exit ' + code + '\\n'));
  process.on('uncaughtException', () => require('fs').writeSync(1, 'caught'));
  require('async_hooks').createHook({ init() { throw new Error('in a hook'); } }).enable();
  setTimeout(() => require('fs').writeSync(1, 'never'), 1);
`;
const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, '-e', program], { encoding: 'utf8' });
assert.strictEqual(stdout, 'exit 1\n');
assert.strictEqual(status, 1);
assert.match(stderr, /^Error: in a hook\n {4}at /);
