// jest-environment-node: the context in which Jest runs each test file. Nearly every global of the
// program is put into it; Jest's module wrapper is then a vm.Script run in there.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

async function main() {
  const environment = new TestEnvironment(
    { globalConfig: {}, projectConfig: { testEnvironmentOptions: {}, fakeTimers: {}, globals: { answer: 42 } } },
    { console, docblockPragmas: {}, testPath: __filename },
  );
  await environment.setup();
  const context = environment.getVmContext();
  assert.ok(vm.isContext(context));

  // The wrapper of one module, as jest-runtime makes it.
  const script = new vm.Script(`({"Object.<anonymous>":function(module,exports,require,__dirname,__filename,jest){
    const { join } = require('path');
    class Thing extends Map {}
    exports.results = [
      join('a', 'b'), answer, typeof describe,
      new Thing([[1, 2]]) instanceof Map, [] instanceof Array, ({}) instanceof Object,
      globalThis === global, Object.prototype.toString.call(process), Buffer.from('hi').toString('hex'),
      new Uint8Array(2) instanceof Uint8Array, new TextEncoder().encode('a') instanceof Uint8Array,
      typeof structuredClone, typeof URL, typeof AbortController, typeof setImmediate, typeof queueMicrotask,
      new URL('http://a/b?c=1').searchParams.get('c'),
    ];
    exports.fails = () => { throw new TypeError('from the test') };
    exports.wait = () => new Promise((resolve) => setTimeout(resolve, 5, 'waited'));
    exports.errors = [new Error('x') instanceof Error, exports.fails];
    globalThis.left = 'behind';
  }});`, { filename: '/project/one.test.js' });
  const wrapper = script.runInContext(context)['Object.<anonymous>'];
  const module = { exports: {} };
  wrapper.call(module.exports, module, module.exports, require, '/project', '/project/one.test.js', {});
  console.log(module.exports.results.join(' '));
  assert.equal(module.exports.results[1], 42);
  assert.equal(await module.exports.wait(), 'waited');
  assert.throws(module.exports.fails, (error) => {
    console.log(error instanceof TypeError, error instanceof environment.global.TypeError, /\/project\/one\.test\.js:13/.test(error.stack));
    return error.message === 'from the test';
  });
  assert.equal(environment.global.left, 'behind');
  assert.equal(globalThis.left, undefined);

  environment.fakeTimersModern.useFakeTimers();
  vm.runInContext('globalThis.fired = []; setTimeout(() => fired.push(Date.now() - start), 1000); var start = Date.now()', context);
  environment.fakeTimersModern.advanceTimersByTime(1000);
  console.log(vm.runInContext('fired.join()', context));
  assert.equal(vm.runInContext('fired.join()', context), '1000');
  environment.fakeTimersModern.useRealTimers();

  const mock = environment.moduleMocker.fn((x) => x + 1);
  assert.equal(vm.runInContext('(f) => f(1) + f(2)', context)(mock), 5);
  assert.equal(mock.mock.calls.length, 2);
  await environment.teardown();
  console.log('torn down');
}
main();
