// vm2: a sandbox out of proxies around a context of `vm`; every value that crosses is wrapped.
'use strict';
const assert = require('node:assert/strict');
const { NodeVM, VM, VMScript } = require('vm2');

const vm = new VM({ timeout: 1000, sandbox: { add: (a, b) => a + b, data: { list: [1, 2, 3] } } });
console.log(vm.run('add(2, 3) + data.list.map((n) => n * 2).join()'));
console.log(vm.run('typeof process + typeof require + typeof console'));
const script = new VMScript('counter = (typeof counter === "undefined" ? 0 : counter) + 1', 'count.js');
console.log([1, 2, 3].map(() => vm.run(script)).join());
assert.equal(vm.run('(function () { return this.constructor.constructor("return typeof process")() })()'), 'undefined');
assert.throws(() => vm.run('missing.name'), /missing is not defined/);
assert.throws(() => new VM({ timeout: 30 }).run('for (;;);'), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
const object = vm.run('({ a: [1, { b: new Map([[1, 2]]) }], when: new Date(0), f(x) { return x + 1; } })');
console.log(object.a[1].b.get(1), object.when.toISOString(), object.f(1), Object.keys(object).join());
vm.freeze({ version: 7 }, 'fixed');
console.log(vm.run('"use strict"; try { fixed.version = 8; } catch (error) { error.name } fixed.version'));

const modules = new NodeVM({ console: 'redirect', require: { builtin: ['path'], mock: { greeting: { hello: 'you' } } } });
modules.on('console.log', (...args) => console.log('redirected', ...args));
const exported = modules.run(`
  console.log(require('path').join('a', 'b'));
  module.exports = { hello: require('greeting').hello, double: (n) => n * 2 };
`, 'plugin.js');
console.log(exported.hello, exported.double(21));
assert.throws(() => modules.run('require("fs")', 'plugin.js'), /Cannot find module 'fs'|denied/);
