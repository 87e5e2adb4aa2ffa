'use strict';
// The consoles of the program and of contexts can be copied, and listing what there is changes nothing.

const assert = require('assert');
const vm = require('vm');

const keys = (console) => Object.keys({ ...console }).join();
const NAMES = ['debug', 'error', 'info', 'log', 'warn', 'dir', 'dirxml', 'table', 'trace', 'group', 'groupCollapsed', 'groupEnd',
  'clear', 'count', 'countReset', 'assert', 'profile', 'profileEnd', 'time', 'timeLog', 'timeEnd', 'timeStamp', 'context', 'createTask'];
if (+process.versions.node.split('.')[0] >= 24) {
  assert.strictEqual(vm.runInNewContext('Object.keys(console).join()'), NAMES.join());
  assert.strictEqual(keys(console), 'log,info,debug,warn,error,dir,time,timeEnd,timeLog,trace,assert,clear,count,countReset,group,' +
    'groupEnd,table,dirxml,groupCollapsed,Console,profile,profileEnd,timeStamp,context,createTask');
}
assert.strictEqual(vm.runInNewContext('console.createTask("a").run(() => 5)'), 5);
assert.strictEqual(console.createTask('a').run(() => 5), 5);

// Tasks and contexts of both consoles are V8's.
const BOTH = [
  ['console.createTask.length', 0],
  ['console.createTask()', 'Error: First argument must be a non-empty string.'],
  ['console.createTask("")', 'Error: First argument must be a non-empty string.'],
  ['console.createTask(5)', 'Error: First argument must be a non-empty string.'],
  ['new console.createTask("a")', 'TypeError: console.createTask is not a constructor'],
  ['Object.keys(console.createTask("a")).join()', 'run'],
  ['console.createTask("a").run.length', 0],
  ['console.createTask("a").run()', 'Error: First argument must be a function.'],
  ['console.createTask("a").run(1)', 'Error: First argument must be a function.'],
  ['console.createTask("a").run.call({}, () => 1)', "Error: 'run' called with illegal receiver."],
  ['console.context.length', 1],
  ['console.context(Symbol())', 'TypeError: Cannot convert a Symbol value to a string'],
  ['Object.keys(console.context("a")).join()', 'dir,dirXml,table,groupEnd,clear,count,countReset,profile,profileEnd,debug,' +
    'error,info,log,warn,trace,group,groupCollapsed,assert,time,timeLog,timeEnd,timeStamp'],
  ['console.context().log("unheard")', undefined],
  ['console.context("a") === console.context("a")', false],
  ['Object.getPrototypeOf(console.context()) === Object.prototype', false],
  ['Object.getOwnPropertyNames(Object.getPrototypeOf(console)).join()', ''],
  ['Object.prototype.toString.call(console.context())', '[object Object]'],
];
const answer = (run) => {
  try {
    return run();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
if (+process.versions.node.split('.')[0] >= 24) {
  for (const [code, expected] of BOTH) {
    assert.strictEqual(answer(() => vm.runInThisContext(code)), expected, code);
    assert.strictEqual(answer(() => vm.runInNewContext(code)), expected, `${code} in a context`);
  }
  for (const method of ['count', 'countReset', 'time', 'timeLog', 'timeEnd']) {
    assert.throws(() => vm.runInNewContext(`console.${method}(Symbol())`), { message: 'Cannot convert a Symbol value to a string' });
  }
}
assert.strictEqual(vm.runInNewContext('const { log } = { ...console }; log("unheard")'), undefined);

// console.log shows getters, and calls none.
const lines = [];
const { Console } = require('console');
const { Writable } = require('stream');
const quiet = new Console(new Writable({ write(chunk, encoding, done) { lines.push(`${chunk}`); done(); } }));
const calls = [];
class Shop {
  get inherited() { calls.push('inherited'); return 1; }
}
const shop = Object.defineProperties(new Shop(), {
  open: { get() { calls.push('open'); return 1; }, enumerable: true },
  [Symbol.for('s')]: { get() { calls.push('symbol'); return 1; }, enumerable: true },
});
const proxy = new Proxy({}, new Proxy({}, { get(target, name) { calls.push(`trap ${String(name)}`); } }));
for (const value of [shop, [shop], { shop }, new Map([[shop, shop]]), new Set([shop]), proxy, [proxy]]) {
  quiet.log(value);
  quiet.log('%o %O %s', value, value, value);
  quiet.error({ value });
}
assert.deepStrictEqual(calls, []);
assert.match(lines[0], /open: \[Getter\]/);

// What a check for leaked globals compares.
const before = Object.keys(globalThis).join();
const { AsyncLocalStorage } = require('async_hooks');
new AsyncLocalStorage().run(1, () => {
  clearTimeout(setTimeout(() => {}, 1));
  clearInterval(setInterval(() => {}, 1));
  clearImmediate(setImmediate(() => {}));
  queueMicrotask(() => {});
  structuredClone(1);
  atob(btoa('a'));
  performance.now();
});
assert.strictEqual(Object.keys(globalThis).join(), before);
assert.strictEqual(typeof Error.prepareStackTrace, 'function');
const saved = Error.prepareStackTrace;
Error.prepareStackTrace = (error, sites) => sites.length > 0;
assert.strictEqual(new Error('a').stack, true);
Error.prepareStackTrace = saved;
assert.match(new Error('a').stack, /^Error: a\n {4}at /);
