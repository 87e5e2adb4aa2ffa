'use strict';
// How errors of vm are shown: in stacks, and on standard error when nobody catches them.

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const vm = require('vm');
const { test } = require('./harness');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vm-errors-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

function uncaught(code, ...flags) {
  const file = path.join(folder, 'program.js');
  fs.writeFileSync(file, `const vm = require('vm');\n${code}\n`);
  const { status, stderr, stdout } = spawnSync(process.execPath, [...flags, file], { encoding: 'utf8' });
  return { status, stderr, stdout };
}

function stackOf(fn) {
  try { fn(); } catch (error) { return error.stack; }
  return assert.fail('nothing was thrown');
}

const head = (fn) => stackOf(fn).split('\n    at ')[0];

test('a compile error: file, line, source line, carets, blank line, then the stack', () => {
  assert.match(head(() => new vm.Script('let a = 1;\nlet b = ;', { filename: 'foo.js' })), /^foo\.js:2\nlet b = ;\n {8}\^\n\nSyntaxError: /);
  assert.match(head(() => vm.runInNewContext('let b = ;', {}, { filename: 'foo.js' })), /^foo\.js:1\nlet b = ;\n {8}\^\n\nSyntaxError: /);
  assert.match(head(() => vm.compileFunction('let b = ;', [], { filename: 'foo.js' })), /^foo\.js:1\nlet b = ;\n {8}\^\n\nSyntaxError: /);
});

test('a compile error: displayErrors: false does not take the line away', () => {
  assert.match(head(() => vm.runInThisContext('let b = ;', { filename: 'foo.js', displayErrors: false })), /^foo\.js:1\nlet b = ;\n {8}\^\n\nSyntaxError: /);
});

test('a compile error: lineOffset moves the shown line, columnOffset not the caret', () => {
  assert.match(head(() => new vm.Script('let b = ;', { filename: 'foo.js', lineOffset: 10, columnOffset: 5 })), /^foo\.js:11\nlet b = ;\n {8}\^\n\nSyntaxError: /);
});

test('a compile error: tabs stay in the line of the caret', () => {
  assert.match(head(() => new vm.Script('\tlet b = ;', { filename: 'foo.js' })), /^foo\.js:1\n\tlet b = ;\n\t {8}\^\n\nSyntaxError: /);
});

test('a compile error: the carets cover the token', () => {
  assert.match(head(() => new vm.Script('var a; if else', { filename: 'foo.js' })), /^foo\.js:1\nvar a; if else\n {10}\^{4}\n\nSyntaxError: /);
});

test('a redeclaration is shown where it is', () => {
  const context = vm.createContext();
  vm.runInContext('let a', context);
  assert.match(head(() => vm.runInContext('let a', context, 'foo.js')), /^foo\.js:1\nlet a\n\^\n\nSyntaxError: /);
});

test('an error at run time: the place of the throw', () => {
  assert.strictEqual(head(() => vm.runInNewContext('\n  throw new Error("x")', {}, 'foo.js')), 'foo.js:2\n  throw new Error("x")\n  ^\n\nError: x');
});

test('an error at run time in a function: the line of the function', () => {
  assert.match(head(() => vm.runInNewContext('function f() {\n  null.x\n}\nf()', {}, 'foo.js')), /^foo\.js:2\n {2}null\.x\n {7}\^\n\nTypeError: /);
});

test('an error at run time: lineOffset moves the shown line', () => {
  assert.match(head(() => new vm.Script('\n  xx', { filename: 'foo.js', lineOffset: 5, columnOffset: 7 }).runInThisContext()), /^foo\.js:7\n {2}xx\n {2}\^\n\nReferenceError: /);
});

test('an error made elsewhere: the line that throws it', () => {
  const error = new Error('outer');
  assert.strictEqual(head(() => vm.runInNewContext('\nthrow e', { e: error }, 'foo.js')), 'foo.js:2\nthrow e\n^\n\nError: outer');
});

test('a frozen error', () => {
  assert.match(head(() => vm.runInNewContext('throw Object.freeze(new Error("fr"))', {}, 'foo.js')), /^(foo\.js:1\n.*\n\^\n\n)?Error: fr/);
});

test('an error of a function called after the run is not decorated', () => {
  const later = vm.runInNewContext('(function later() { throw new Error("later") })', {}, 'foo.js');
  assert.match(stackOf(later), /^Error: later\n {4}at later \(foo\.js:1:27\)/);
});

test('an error that the script caught is not decorated', () => {
  assert.match(vm.runInNewContext('try { throw new Error("mine") } catch (e) { e.stack }', {}, 'foo.js'), /^Error: mine\n {4}at foo\.js:1:13/);
});

test('the frames: functions of the script, the script, then the program', () => {
  const stack = stackOf(() => vm.runInNewContext('function inner() { throw new Error("x") }\nfunction outer() { inner() }\nouter()', {}, { filename: 'foo.js', displayErrors: false }));
  const frames = stack.split('\n').slice(1, 4).map((line) => line.trim());
  assert.deepStrictEqual(frames, ['at inner (foo.js:1:26)', 'at outer (foo.js:2:20)', 'at foo.js:3:1']);
  assert.ok(stack.includes(__filename));
});

test('uncaught: the script\'s line, the stack, and exit code 1', () => {
  const { status, stderr } = uncaught('vm.runInThisContext("\\n  throw new Error(\'x\')", { filename: "foo.js" })');
  assert.strictEqual(status, 1);
  assert.ok(stderr.startsWith("foo.js:2\n  throw new Error('x')\n  ^\n\nError: x\n    at foo.js:2:9\n"), stderr);
});

test('uncaught: a syntax error', () => {
  const { status, stderr } = uncaught('vm.runInNewContext("let b = ;", {}, "foo.js")');
  assert.strictEqual(status, 1);
  assert.match(stderr, /^foo\.js:1\nlet b = ;\n {8}\^\n\nSyntaxError: /);
});

test('uncaught: what is no error', () => {
  const primitive = uncaught('vm.runInNewContext("throw 5", {}, "foo.js")');
  assert.strictEqual(primitive.status, 1);
  assert.match(primitive.stderr, /\n5\n\(Use `.*--trace-uncaught \.\.\.` to show where the exception was thrown\)\n/);
  const object = uncaught('vm.runInNewContext("throw { a: 1 }", {}, "foo.js")');
  assert.strictEqual(object.status, 1);
  assert.match(object.stderr, /\n\{ a: 1 \}\n/);
});

test.original('uncaught: what is no error, with the line that threw it', () => {
  assert.match(uncaught('vm.runInNewContext("throw 5", {}, "foo.js")').stderr, /^\n?foo\.js:1\nthrow 5\n\^\n5\n/);
  assert.match(uncaught('vm.runInNewContext("throw { a: 1 }", {}, "foo.js")').stderr, /^\n?foo\.js:1\nthrow \{ a: 1 \}\n\^\n\n\{ a: 1 \}\n/);
});

test('uncaught: a timeout', () => {
  const { status, stderr } = uncaught('vm.runInNewContext("for(;;);", {}, { timeout: 5 })');
  assert.strictEqual(status, 1);
  assert.match(stderr, /Error: Script execution timed out after 5ms/);
  assert.match(stderr, /code: 'ERR_SCRIPT_EXECUTION_TIMEOUT'/);
});

test('uncaught: a bad argument', () => {
  const { status, stderr } = uncaught('vm.runInContext("1", {})');
  assert.strictEqual(status, 1);
  assert.match(stderr, /TypeError \[ERR_INVALID_ARG_TYPE\]: The "contextifiedObject" argument must be an vm\.Context\. Received an instance of Object/);
});

test('uncaughtException and exit codes work with errors of contexts', () => {
  const { status, stdout } = uncaught('process.on("uncaughtException", (e) => { console.log(e.name, e instanceof Error); process.exit(7) }); vm.runInNewContext("null.x")');
  assert.deepStrictEqual([status, stdout], [7, 'TypeError false\n']);
});

test('an unhandled rejection of a context ends the program', () => {
  const { status, stderr } = uncaught('vm.runInNewContext("Promise.reject(new TypeError(\'rejected inside\'))")');
  assert.strictEqual(status, 1);
  assert.match(stderr, /TypeError: rejected inside/);
});
