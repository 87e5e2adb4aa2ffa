'use strict';
// What is printed of an error that ends the program: where it was thrown, and where an 'error' event came from.

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fatal-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));

function run(source) {
  const file = path.join(folder, 'main.js');
  fs.writeFileSync(file, source);
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  return { status, file, lines: stderr.split('\n') };
}

// What is no error is shown below the statement that threw it.
{
  const { file, lines, status } = run('function f() {\n\t if (1) { throw 5; }\n}\nf();\n');
  assert.strictEqual(status, 1);
  assert.deepStrictEqual(lines.slice(0, 5), ['', `${file}:2`, '\t if (1) { throw 5; }', '\t          ^', '5']);
  assert.match(lines[5], /^\(Use `.+ --trace-uncaught \.\.\.` to show where the exception was thrown\)$/);
}
for (const [thrown, shown] of [['undefined', 'undefined'], ['null', 'null'], ["'text'", 'text']]) {
  const { lines } = run(`setTimeout(() => { throw ${thrown}; }, 1);`);
  assert.strictEqual(lines[3], '                   ^');
  assert.strictEqual(lines[4], shown);
}
{
  const { file, lines } = run('throw { a: 1 };');
  assert.deepStrictEqual(lines.slice(0, 5), ['', `${file}:1`, 'throw { a: 1 };', '^', '{ a: 1 }']);
}
{
  const { lines } = run("const c = require('vm').createContext({});\n" +
    "require('vm').runInContext('function g() {\\n  throw 7; }', c, 'in.js'); setTimeout(() => c.g(), 1);");
  assert.deepStrictEqual(lines.slice(0, 5), ['', 'in.js:2', '  throw 7; }', '  ^', '7']);
}

// The name that texts without one are shown with may be a script's own.
{
  const { lines } = run("require('vm').runInThisContext('\\n  null.x', '<anonymous>');");
  assert.deepStrictEqual(lines.slice(0, 2), ['<anonymous>:2', '  null.x']);
}

// An error is shown below the statement that threw it, not where it was made.
{
  const { file, lines } = run('const e = new Error("made");\nfunction f() {\n  throw e;\n}\nf();\n');
  assert.deepStrictEqual(lines.slice(0, 5), [`${file}:3`, '  throw e;', '  ^', '', 'Error: made']);
}

// 'error' events that nobody listens for.
{
  const { lines, file } = run("const E = require('events');\nclass My extends E {}\nconst e = new Error('boom');\n" +
    "setTimeout(() => { new My().emit('error', e); }, 1);");
  assert.match(lines[0], /^node:events:\d+$/);
  assert.match(lines[1], /^\s+throw er; \/\/ Unhandled 'error' event$/);
  assert.strictEqual(lines[4], 'Error: boom');
  const at = lines.indexOf("Emitted 'error' event on My instance at:");
  assert.ok(at > 4);
  assert.ok(lines[at + 1].includes(`${file}:4:`));
}
{
  const { lines } = run("new (require('events'))().emit('error', new Error('x'));");
  assert.ok(lines.includes("Emitted 'error' event at:"));
}
{
  const { lines } = run("new (require('events'))().emit('error', { a: 1 });");
  assert.match(lines[1], /throw err?; \/\/ Unhandled 'error' event/);
  assert.match(lines[4], /^Error \[ERR_UNHANDLED_ERROR\]: Unhandled error\. \(\{ a: 1 \}\)$/);
}
{
  const { lines } = run("const e = new Error('ends in :1\\n'); e.stack = 'Error: at 127.0.0.1:1\\n    at x (/none.js:1:1)';\n" +
    "process.nextTick(() => require('events').prototype.emit.call({}, 'error', e));");
  assert.match(lines[0], /^node:events:\d+$/);
}
