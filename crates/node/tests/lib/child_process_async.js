'use strict';
// Programs that run beside this one: events, pipes, signals, exec, forking with messages.
const assert = require('assert');
const { exec, execFile, fork, spawn, ChildProcess } = require('child_process');
const fs = require('fs');
const { promisify } = require('util');

if (process.argv[2] === 'forked') {
  process.on('message', (message) => {
    // What was not written yet is lost when the channel is closed.
    process.send({ back: message }, () => { if (message === 'last') process.disconnect(); });
  });
  process.send({ args: process.argv.slice(3), connected: process.connected });
  return;
}

const closed = (child) => new Promise((resolve) => child.on('close', (code, signal) => resolve([code, signal])));
const text = (stream) => {
  const held = { text: '' };
  stream.setEncoding('utf8');
  stream.on('data', (data) => { held.text += data; });
  return held;
};

async function output() {
  const child = spawn('sh', ['-c', 'echo out; echo err >&2; exit 3']);
  assert.ok(child instanceof ChildProcess);
  assert.deepStrictEqual(child.spawnargs, ['sh', '-c', 'echo out; echo err >&2; exit 3']);
  assert.strictEqual(child.spawnfile, 'sh');
  assert.strictEqual(typeof child.pid, 'number');
  assert.deepStrictEqual([child.exitCode, child.signalCode, child.killed, child.connected], [null, null, false, false]);
  assert.deepStrictEqual(child.stdio, [child.stdin, child.stdout, child.stderr]);
  const events = [];
  for (const name of ['spawn', 'exit', 'close']) child.on(name, (...args) => events.push([name, ...args]));
  const [out, err] = [text(child.stdout), text(child.stderr)];
  assert.deepStrictEqual(await closed(child), [3, null]);
  assert.deepStrictEqual(events, [['spawn'], ['exit', 3, null], ['close', 3, null]]);
  assert.deepStrictEqual([out.text, err.text], ['out\n', 'err\n']);
  assert.strictEqual(child.exitCode, 3);
  assert.strictEqual(child.kill(), false);

  // Much of it, from several at a time, and nothing is lost.
  await Promise.all([1, 2, 3, 4, 5].map(async (n) => {
    const many = spawn('sh', ['-c', `head -c ${n * 77777} /dev/zero; exit ${n}`]);
    let length = 0;
    many.stdout.on('data', (data) => { length += data.length; });
    assert.deepStrictEqual(await closed(many), [n, null]);
    assert.strictEqual(length, n * 77777);
  }));

  // Nobody reads: it is closed all the same.
  assert.deepStrictEqual(await closed(spawn('sh', ['-c', 'echo unread'])), [0, null]);

  // Whoever holds the pipe still writes after the end.
  const late = spawn('sh', ['-c', 'echo early; (sleep 0.1; echo late) &']);
  const lateText = text(late.stdout);
  await closed(late);
  assert.strictEqual(lateText.text, 'early\nlate\n');

  let iterated = '';
  for await (const chunk of spawn('echo', ['iterated']).stdout) iterated += chunk;
  assert.strictEqual(iterated, 'iterated\n');
}

async function input() {
  const child = spawn('cat');
  const out = text(child.stdout);
  child.stdin.write('h\u00e9');
  child.stdin.write('6c6c6f', 'hex');
  child.stdin.end(Buffer.from('!'));
  assert.deepStrictEqual(await closed(child), [0, null]);
  assert.strictEqual(out.text, 'h\u00e9llo!');

  const large = 'x'.repeat(1 << 20);
  const counting = spawn('wc', ['-c']);
  const count = text(counting.stdout);
  counting.stdin.end(large);
  await closed(counting);
  assert.strictEqual(Number(count.text), large.length);

  const deaf = spawn('true');
  deaf.stdin.on('error', (error) => assert.strictEqual(error.code, 'EPIPE'));
  deaf.on('exit', () => {});
  deaf.stdin.write(large);
  await closed(deaf);
}

async function options() {
  const shown = spawn('sh', ['-c', 'echo "$FOO $0 $(pwd)"'], { env: { PATH: process.env.PATH, FOO: 'bar' }, argv0: 'zero', cwd: '/' });
  const out = text(shown.stdout);
  await closed(shown);
  assert.strictEqual(out.text, 'bar zero /\n');

  const shell = spawn('echo "a  b"', { shell: true });
  const shellOut = text(shell.stdout);
  await closed(shell);
  assert.strictEqual(shellOut.text, 'a  b\n');
  assert.deepStrictEqual(shell.spawnargs, ['/bin/sh', '-c', 'echo "a  b"']);

  const silent = spawn('echo', ['x'], { stdio: 'ignore' });
  assert.deepStrictEqual(silent.stdio, [null, null, null]);
  await closed(silent);

  const fourth = spawn('sh', ['-c', 'cat <&3 >&4'], { stdio: ['ignore', 'inherit', 2, 'pipe', 'pipe'] });
  const fourthOut = text(fourth.stdio[4]);
  fourth.stdio[3].end('through');
  await closed(fourth);
  assert.strictEqual(fourthOut.text, 'through');

  const file = fs.openSync(__filename, 'r');
  const fromFile = spawn('head', ['-n', '1'], { stdio: [file, 'pipe', 'inherit'] });
  const firstLine = text(fromFile.stdout);
  await closed(fromFile);
  fs.closeSync(file);
  assert.strictEqual(firstLine.text, "'use strict';\n");
}

async function signals() {
  const sleeper = () => spawn('sleep', ['30']);
  const child = sleeper();
  assert.strictEqual(child.kill(0), true);
  assert.strictEqual(child.kill(), true);
  assert.strictEqual(child.killed, true);
  assert.deepStrictEqual(await closed(child), [null, 'SIGTERM']);
  assert.strictEqual(child.signalCode, 'SIGTERM');
  for (const [signal, name] of [['SIGKILL', 'SIGKILL'], [2, 'SIGINT'], ['sigusr1', 'SIGUSR1']]) {
    const other = sleeper();
    assert.strictEqual(other.kill(signal), true);
    assert.deepStrictEqual(await closed(other), [null, name]);
  }
  assert.throws(() => child.kill('SIGNONE'), { code: 'ERR_UNKNOWN_SIGNAL' });
  assert.deepStrictEqual(await closed(spawn('sleep', ['30'], { timeout: 50, killSignal: 'SIGKILL' })), [null, 'SIGKILL']);
  const aborting = new AbortController();
  const aborted = spawn('sleep', ['30'], { signal: aborting.signal });
  const failed = new Promise((resolve) => aborted.on('error', resolve));
  aborting.abort();
  assert.strictEqual((await failed).code, 'ABORT_ERR');
  assert.deepStrictEqual(await closed(aborted), [null, 'SIGTERM']);
  // Does not keep this program running.
  spawn('sleep', ['30'], { stdio: 'ignore', detached: true }).unref();
}

async function failing() {
  const child = spawn('no-such-program', ['x']);
  assert.strictEqual(child.pid, undefined);
  const error = await new Promise((resolve) => child.on('error', resolve));
  assert.strictEqual(error.message, 'spawn no-such-program ENOENT');
  assert.deepStrictEqual([error.code, error.errno, error.syscall, error.path, error.spawnargs],
    ['ENOENT', -2, 'spawn no-such-program', 'no-such-program', ['x']]);
  assert.deepStrictEqual(await closed(spawn('no-such-program').on('error', () => {})), [-2, null]);
  const wrong = [
    [[], 'ERR_INVALID_ARG_TYPE'], [[''], 'ERR_INVALID_ARG_VALUE'], [['a\0'], 'ERR_INVALID_ARG_VALUE'],
    [['a', 5], 'ERR_INVALID_ARG_TYPE'], [['a', [], 5], 'ERR_INVALID_ARG_TYPE'], [['a', { cwd: 5 }], 'ERR_INVALID_ARG_TYPE'],
    [['a', { stdio: 'x' }], 'ERR_INVALID_ARG_VALUE'], [['a', { timeout: -1 }], 'ERR_OUT_OF_RANGE'],
    [['a', { killSignal: 'x' }], 'ERR_UNKNOWN_SIGNAL'], [['a', { detached: 1 }], 'ERR_INVALID_ARG_TYPE'],
    [['a', { stdio: ['ipc', 'ipc'] }], 'ERR_IPC_ONE_PIPE'],
  ];
  for (const [args, code] of wrong) assert.throws(() => spawn(...args), { code }, JSON.stringify(args));
}

async function executing() {
  const run = (fn, ...args) => new Promise((resolve) => fn(...args, (...results) => resolve(results)));
  assert.deepStrictEqual(await run(exec, 'echo out; echo err >&2'), [null, 'out\n', 'err\n']);
  assert.deepStrictEqual(await run(execFile, 'echo', ['a'], { encoding: 'buffer' }), [null, Buffer.from('a\n'), Buffer.alloc(0)]);
  const [error, out, err] = await run(exec, 'echo out; echo err >&2; exit 4');
  assert.strictEqual(error.message, 'Command failed: echo out; echo err >&2; exit 4\nerr\n');
  assert.deepStrictEqual([error.code, error.killed, error.signal, error.cmd, out, err],
    [4, false, null, 'echo out; echo err >&2; exit 4', 'out\n', 'err\n']);
  const [late] = await run(exec, 'exec sleep 30', { timeout: 50 });
  assert.deepStrictEqual([late.killed, late.signal, late.code], [true, 'SIGTERM', null]);
  const [much, some] = await run(exec, 'yes', { maxBuffer: 10 });
  assert.deepStrictEqual([much.code, much.message, some],
    ['ERR_CHILD_PROCESS_STDIO_MAXBUFFER', 'stdout maxBuffer length exceeded', 'y\n'.repeat(5)]);
  assert.strictEqual((await run(execFile, 'no-such-program'))[0].code, 'ENOENT');
  assert.deepStrictEqual(await promisify(exec)('echo a; echo b >&2'), { stdout: 'a\n', stderr: 'b\n' });
  assert.deepStrictEqual(await promisify(execFile)('echo', ['a']), { stdout: 'a\n', stderr: '' });
  await assert.rejects(promisify(exec)('echo a; exit 2'), { code: 2, stdout: 'a\n', stderr: '' });
  assert.ok(promisify(exec)('true').child instanceof ChildProcess);
}

async function forking() {
  const child = fork(__filename, ['forked', 'x']);
  assert.strictEqual(child.connected, true);
  const messages = [];
  child.on('message', (message) => {
    messages.push(message);
    if (!message.args) return;
    child.send('first');
    child.send({ list: [1, '\u00e9'.repeat(100000)] });
    child.send('last', (error) => assert.strictEqual(error, null));
  });
  let disconnected = false;
  child.on('disconnect', () => { disconnected = true; });
  assert.deepStrictEqual(await closed(child), [0, null]);
  assert.deepStrictEqual(messages, [
    { args: ['x'], connected: true }, { back: 'first' }, { back: { list: [1, '\u00e9'.repeat(100000)] } }, { back: 'last' },
  ]);
  assert.ok(disconnected && !child.connected);
  const error = await new Promise((resolve) => child.send('too late', resolve));
  assert.strictEqual(error.code, 'ERR_IPC_CHANNEL_CLOSED');
  assert.throws(() => fork(__filename, [], { stdio: ['pipe', 'pipe', 'pipe'] }), { code: 'ERR_CHILD_PROCESS_IPC_REQUIRED' });
}

let done = false;
process.on('exit', () => assert.ok(done, 'ended too early'));
(async () => {
  for (const part of [output, input, options, signals, failing, executing, forking]) await part();
  done = true;
})();
