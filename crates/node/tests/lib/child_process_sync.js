'use strict';
// Programs that are waited for: spawnSync, execSync, execFileSync.
const assert = require('assert');
const { execFileSync, execSync, spawnSync } = require('child_process');

const utf8 = { encoding: 'utf8' };
const plain = ({ pid, ...rest }) => {
  assert.strictEqual(typeof pid, 'number');
  return rest;
};

assert.deepStrictEqual(plain(spawnSync('sh', ['-c', 'echo out; echo err >&2; exit 3'], utf8)),
  { status: 3, signal: null, output: [null, 'out\n', 'err\n'], stdout: 'out\n', stderr: 'err\n' });
assert.deepStrictEqual(spawnSync('echo', ['a']).stdout, Buffer.from('a\n'));
assert.deepStrictEqual(plain(spawnSync('sh', ['-c', 'kill -9 $$'], utf8)),
  { status: null, signal: 'SIGKILL', output: [null, '', ''], stdout: '', stderr: '' });
assert.deepStrictEqual(plain(spawnSync('echo', ['a'], { stdio: 'ignore' })),
  { status: 0, signal: null, output: [null, null, null], stdout: null, stderr: null });
assert.strictEqual(spawnSync('sh', ['-c', 'echo a >&3'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], ...utf8 }).output[3], 'a\n');

{
  const { error, ...rest } = spawnSync('no-such-program', ['a', 'b']);
  assert.deepStrictEqual(rest, { status: null, signal: null, output: null, pid: 0, stdout: undefined, stderr: undefined });
  assert.strictEqual(error.message, 'spawnSync no-such-program ENOENT');
  assert.deepStrictEqual({ ...error }, {
    errno: -2, code: 'ENOENT', syscall: 'spawnSync no-such-program', path: 'no-such-program', spawnargs: ['a', 'b'],
  });
}

// Options.
assert.strictEqual(spawnSync('pwd', { cwd: '/usr', ...utf8 }).stdout, '/usr\n');
assert.strictEqual(spawnSync('pwd', { cwd: new URL('file:///usr'), ...utf8 }).stdout, '/usr\n');
assert.strictEqual(spawnSync('pwd', { cwd: '/no/such/folder' }).error.code, 'ENOENT');
assert.strictEqual(spawnSync('sh', ['-c', 'echo $A-$B'], { env: { A: 'x', B: undefined }, ...utf8 }).stdout, 'x-\n');
assert.strictEqual(spawnSync('sh', ['-c', 'echo $0'], { argv0: 'zero', ...utf8 }).stdout, 'zero\n');
assert.strictEqual(spawnSync('echo $((1 + 2))', { shell: true, ...utf8 }).stdout, '3\n');
for (const input of ['text', Buffer.from('text'), new Uint8Array(Buffer.from('text'))]) {
  assert.strictEqual(spawnSync('cat', { input, ...utf8 }).stdout, 'text');
}
const large = 'x'.repeat(1 << 20);
assert.strictEqual(spawnSync('cat', { input: large, maxBuffer: Infinity, ...utf8 }).stdout, large);
assert.strictEqual(spawnSync('true', { input: large }).status, 0);

for (const [options, code] of [[{ timeout: 50 }, 'ETIMEDOUT'], [{ timeout: 50, killSignal: 'SIGKILL' }, 'ETIMEDOUT']]) {
  const { error, status, signal } = spawnSync('sleep', ['30'], options);
  assert.deepStrictEqual([error.code, status, signal], [code, null, options.killSignal ?? 'SIGTERM']);
}
{
  const { error, stdout } = spawnSync('yes', { maxBuffer: 1000 });
  assert.strictEqual(error.code, 'ENOBUFS');
  assert.ok(stdout.length >= 1000);
}

// What throws.
assert.strictEqual(execSync('echo hi').toString(), 'hi\n');
assert.strictEqual(execFileSync('echo', ['a', 'b'], utf8), 'a b\n');
assert.throws(() => execSync('echo out; echo bad >&2; exit 2', { stdio: 'pipe', ...utf8 }), (error) => {
  assert.strictEqual(error.message, 'Command failed: echo out; echo bad >&2; exit 2\nbad\n');
  assert.deepStrictEqual(Object.keys(error), ['status', 'signal', 'output', 'pid', 'stdout', 'stderr']);
  assert.deepStrictEqual([error.status, error.stdout, error.stderr], [2, 'out\n', 'bad\n']);
  return true;
});
assert.throws(() => execFileSync('false', ['a']), { message: 'Command failed: false a', status: 1 });
assert.throws(() => execFileSync('no-such-program'), { code: 'ENOENT', message: 'spawnSync no-such-program ENOENT' });
assert.throws(() => execSync('exec sleep 30', { timeout: 50 }), { code: 'ETIMEDOUT', signal: 'SIGTERM' });

// This program as a child.
const self = (...words) => plain(spawnSync(process.execPath, words, utf8));
assert.deepStrictEqual(self('-e', 'console.log(1); console.error(2); process.exitCode = 5'),
  { status: 5, signal: null, output: [null, '1\n', '2\n'], stdout: '1\n', stderr: '2\n' });
{
  const { status, stderr } = self('-e', 'throw new RangeError("thrown by the child")');
  assert.strictEqual(status, 1);
  assert.match(stderr, /RangeError: thrown by the child/);
}
assert.strictEqual(self('-e', 'process.stdout.write("x".repeat(300000), () => process.exit(0))').stdout.length, 300000);
assert.strictEqual(self('-e', 'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1e5)').signal, 'SIGTERM');
assert.strictEqual(spawnSync(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], { input: large, maxBuffer: Infinity, ...utf8 }).stdout, large);
{
  const inherited = self('-e', `
    const { spawnSync } = require('child_process');
    spawnSync('sh', ['-c', 'echo one; echo two >&2'], { stdio: 'inherit' });
    require('fs').writeSync(1, 'three');
  `);
  assert.deepStrictEqual([inherited.stdout, inherited.stderr], ['one\nthree', 'two\n']);
}
{
  const passed = spawnSync(process.execPath, ['-e', 'require("fs").writeSync(3, require("fs").readFileSync(0, "utf8") + "!")'],
    { stdio: ['pipe', 'pipe', 'inherit', 'pipe'], input: 'in', ...utf8 });
  assert.strictEqual(passed.output[3], 'in!');
}

const wrong = [
  [() => spawnSync(), 'ERR_INVALID_ARG_TYPE'],
  [() => spawnSync('a', { input: 5 }), 'ERR_INVALID_ARG_TYPE'],
  [() => spawnSync('a', { maxBuffer: -1 }), 'ERR_OUT_OF_RANGE'],
  [() => spawnSync('a', { timeout: 1.5 }), 'ERR_OUT_OF_RANGE'],
  [() => spawnSync('a', { killSignal: {} }), 'ERR_INVALID_ARG_TYPE'],
  [() => spawnSync('a', { stdio: ['ipc'] }), 'ERR_IPC_SYNC_FORK'],
  [() => spawnSync('a', { env: { x: 'a\0' } }), 'ERR_INVALID_ARG_VALUE'],
  [() => execSync(5), 'ERR_INVALID_ARG_TYPE'],
  [() => spawnSync('echo', { encoding: 'nonsense' }), 'ERR_UNKNOWN_ENCODING'],
];
for (const [fn, code] of wrong) assert.throws(fn, { code }, String(fn));
