'use strict';
// Errors of a context are given to its own `Error.prepareStackTrace`, and to the main realm's where it has none.

const assert = require('assert');
const vm = require('vm');

const plain = vm.createContext({});
const own = vm.createContext({});
vm.runInContext('Error.prepareStackTrace = (error, sites) => `own: ${error.message} ${Array.isArray(sites)}`', own);
const stackIn = (context, code = 'new Error("a").stack') => vm.runInContext(code, context);
const isUsual = (stack) => assert.match(stack, /^Error: a\n {4}at /);

assert.strictEqual(stackIn(plain, 'typeof Error.prepareStackTrace'), 'undefined');
isUsual(stackIn(plain));
assert.strictEqual(stackIn(own), 'own: a true');
isUsual(new Error('a').stack);

const { prepareStackTrace } = Error;
let receiver;
Error.prepareStackTrace = function (error, sites) {
  receiver = this;
  return `main: ${error.message} ${error instanceof Error} ${sites.length > 0}`;
};
assert.strictEqual(stackIn(plain), 'main: a false true');
assert.strictEqual(receiver, Error);
assert.strictEqual(stackIn(plain, 'try { null.x } catch (error) { error.stack }'),
  "main: Cannot read properties of null (reading 'x') false true");
assert.strictEqual(stackIn(plain, 'class Mine extends Error {} new Mine("b").stack'), 'main: b false true');
assert.strictEqual(stackIn(plain, 'const holder = {}; Error.captureStackTrace(holder); holder.stack'),
  'main: undefined false true');
assert.strictEqual(stackIn(own), 'own: a true');
assert.strictEqual(stackIn(own, 'null ?? (() => { try { null.x } catch (error) { return error.stack } })()'),
  "own: Cannot read properties of null (reading 'x') true");

// It is the realm of the constructor that counts, not of the code that calls it.
plain.MainError = own.MainError = Error;
assert.match(stackIn(own, 'new MainError("c").stack'), /^main: c true true$/);
assert.strictEqual(new (stackIn(plain, 'Error'))('d').stack, 'main: d false true');
assert.strictEqual(new (stackIn(own, 'Error'))('e').stack, 'own: e true');

// What is no function counts as none.
for (const none of ['undefined', 'null', '5', '{}']) {
  assert.strictEqual(stackIn(plain, `Error.prepareStackTrace = ${none}; new Error("a").stack`), 'main: a false true');
}
stackIn(plain, 'delete Error.prepareStackTrace');
Error.prepareStackTrace = undefined;
isUsual(stackIn(plain));
assert.strictEqual(stackIn(own), 'own: a true');

// One that gives way to another while it runs.
Error.prepareStackTrace = (error) => {
  Error.prepareStackTrace = undefined;
  return `once: ${error.message}`;
};
assert.strictEqual(stackIn(plain), 'once: a');
isUsual(stackIn(plain));

// A context that goes while the main realm's function makes a stack of its error.
let made = 0;
Error.prepareStackTrace = (error, sites) => {
  made++;
  return `${sites[0].getLineNumber()}`;
};
for (let i = 0; i < 50; i++) assert.strictEqual(vm.runInNewContext('new Error("a").stack'), '1');
assert.strictEqual(made, 50);
Error.prepareStackTrace = prepareStackTrace;
isUsual(stackIn(plain));
