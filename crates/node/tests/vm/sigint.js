'use strict';
// breakOnSigint: SIGINT ends a run.

const assert = require('assert');
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { test } = require('./harness');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-sigint-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

// Runs a program, sends it SIGINT when it prints READY, and gives what it printed.
function interrupted(code, ...flags) {
  const file = path.join(folder, 'program.js');
  fs.writeFileSync(file, `const vm = require('vm');\nconst ready = () => require('fs').writeSync(1, 'READY\\n');\n${code}\n`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let sent = false;
    child.stdout.on('data', (data) => {
      out += data;
      if (!sent && out.includes('READY')) {
        sent = true;
        child.kill('SIGINT');
      }
    });
    child.stderr.on('data', (data) => { out += data; });
    const limit = setTimeout(() => child.kill('SIGKILL'), 90_000);
    child.on('close', (status, signal) => {
      clearTimeout(limit);
      resolve({ status, signal, out: out.replace('READY\n', '') });
    });
  });
}

const report = 'catch (error) { console.log(error.code, error.message) }';
const expected = 'ERR_SCRIPT_EXECUTION_INTERRUPTED Script execution was interrupted by `SIGINT`\n';

const calls = {
  'vm.runInThisContext': 'globalThis.ready = ready; vm.runInThisContext("ready(); for (;;);", { breakOnSigint: true })',
  'vm.runInContext': 'vm.runInContext("ready(); for (;;);", vm.createContext({ ready }), { breakOnSigint: true })',
  'vm.runInNewContext': 'vm.runInNewContext("ready(); for (;;);", { ready }, { breakOnSigint: true })',
  'script.runInThisContext': 'globalThis.ready = ready; new vm.Script("ready(); for (;;);").runInThisContext({ breakOnSigint: true })',
  'script.runInContext': 'new vm.Script("ready(); for (;;);").runInContext(vm.createContext({ ready }), { breakOnSigint: true })',
  'script.runInNewContext': 'new vm.Script("ready(); for (;;);").runInNewContext({ ready }, { breakOnSigint: true })',
};

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: receiving SIGINT terminates execution and throws an error`, async () => {
    const { status, out } = await interrupted(`try { ${call} } ${report}`);
    assert.deepStrictEqual([status, out], [0, expected]);
  });
}

test('the program goes on after it, and may be interrupted again', async () => {
  const { out } = await interrupted(`for (let i = 0; i < 2; i++) {
    try { vm.runInNewContext('if (i === 0) ready(); else kill(); for (;;);', { ready, i, kill: () => process.kill(process.pid, 'SIGINT') }, { breakOnSigint: true }) } ${report}
  }`);
  assert.strictEqual(out, expected + expected);
});

test('existing handlers are disabled during the run, but continue to work after that', async () => {
  const { out } = await interrupted(`let handled = 0;
    process.on('SIGINT', () => { handled++; if (handled === 1) { console.log('handler after'); process.exit(3) } });
    try { vm.runInNewContext('ready(); for (;;);', { ready }, { breakOnSigint: true }) } ${report}
    console.log('handled during', handled, 'listeners', process.listenerCount('SIGINT'));
    setTimeout(() => {}, 60_000);
    process.kill(process.pid, 'SIGINT');`);
  assert.strictEqual(out, `${expected}handled during 0 listeners 1\nhandler after\n`);
});

test('once-handlers are kept as such', async () => {
  const { out } = await interrupted(`const alive = setTimeout(() => {}, 60_000);
    process.once('SIGINT', () => { console.log('once'); console.log('listeners', process.listenerCount('SIGINT')); clearTimeout(alive); });
    try { vm.runInNewContext('ready(); for (;;);', { ready }, { breakOnSigint: true }) } ${report}
    process.kill(process.pid, 'SIGINT');`);
  assert.strictEqual(out, `${expected}once\nlisteners 0\n`);
});

test('without breakOnSigint, SIGINT ends the program', async () => {
  const { signal } = await interrupted('vm.runInNewContext("ready(); for (;;);", { ready })');
  assert.strictEqual(signal, 'SIGINT');
});

test('a signal that comes in a long step ends the run after it', async () => {
  const { out } = await interrupted(`const context = vm.createContext({ n: 0, kill: () => process.kill(process.pid, 'SIGINT') });
    try { vm.runInContext('kill(); for (;;) { "a".repeat(2 ** 22).split(""); n++ }', context, { breakOnSigint: true }) } ${report}
    console.log(context.n < 500);`);
  assert.strictEqual(out, `${expected}true\n`);
});

test('with a timeout too, whichever comes first', async () => {
  const { out } = await interrupted(`try { vm.runInNewContext('ready(); for (;;);', { ready }, { breakOnSigint: true, timeout: 100000 }) } ${report}
    try { vm.runInNewContext('for (;;);', {}, { breakOnSigint: true, timeout: 20 }) } ${report}`);
  assert.strictEqual(out, `${expected}ERR_SCRIPT_EXECUTION_TIMEOUT Script execution timed out after 20ms\n`);
});

test('afterEvaluate: promise jobs are included', async () => {
  const { out } = await interrupted(`try { vm.runInNewContext('Promise.resolve().then(() => { ready(); for (;;); })', { ready }, { breakOnSigint: true, microtaskMode: 'afterEvaluate' }) } ${report}`);
  assert.strictEqual(out, expected);
});

test('module.evaluate() takes it too', async () => {
  const { out } = await interrupted(`const looping = new vm.SourceTextModule('ready(); for (;;);', { context: vm.createContext({ ready }) });
    looping.link(() => {}).then(() => looping.evaluate({ breakOnSigint: true })).catch((error) => console.log(error.code, error.message));`, '--experimental-vm-modules', '--no-warnings');
  assert.strictEqual(out, expected);
});
