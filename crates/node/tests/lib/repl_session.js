'use strict';
// A session of the REPL over streams.

const assert = require('assert');
const repl = require('repl');
const { PassThrough } = require('stream');

function session(options, lines, check) {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (data) => { shown += data; });
  const server = repl.start({ prompt: '> ', input, output, ...options });
  // Older versions have another mark before lines that go on.
  server.on('exit', () => check(shown.replaceAll('... ', '| '), server));
  for (const line of lines) input.write(`${line}\n`);
  return server;
}

let ended = 0;
const server = session({}, ['1+1', 'x = {a:1}', 'function f(){', 'return x.a', '}', 'f()', '{a:1}', 'throw new Error("boo")',
                            '`a', 'b`', 'throw 5', '_error', 'class A {', '}', '.nope', 'path === require("path")', '.exit'], (shown) => {
  ended++;
  assert.strictEqual(shown, "> 2\n> { a: 1 }\n> | | undefined\n> 1\n> { a: 1 }\n> Uncaught Error: boo\n" +
    "> | 'a\\nb'\n> Uncaught 5\n> 5\n> | undefined\n> Invalid REPL keyword\n> true\n> ");
});
assert.ok(server instanceof repl.REPLServer);
assert.notStrictEqual(server.context, globalThis);

session({ useGlobal: true, ignoreUndefined: true }, ['undefined', 'globalThis.fromRepl = 3', '.exit'], (shown) => {
  ended++;
  assert.strictEqual(shown, '> > 3\n> ');
  assert.strictEqual(globalThis.fromRepl, 3);
});

session({
  eval(code, context, file, callback) { callback(null, code.trim().toUpperCase()); },
  writer: (value) => `<${value}>`,
}, ['abc', '.exit'], (shown) => {
  ended++;
  assert.strictEqual(shown, '> <ABC>\n> ');
});

process.on('exit', () => assert.strictEqual(ended, 3));
