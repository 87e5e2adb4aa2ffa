'use strict';
// Names that mean the same in every context, writes that are refused, and what each context keeps of its own.

const { test } = require('./harness');
const vm = require('vm');
const assert = require('assert');

test('a sandbox does not change undefined', () => {
  const sandbox = { undefined: 3, x: undefined };
  const answers = vm.runInNewContext('[undefined, typeof undefined, x === undefined, (() => undefined)(), globalThis.undefined]', sandbox);
  assert.deepStrictEqual([...answers], [undefined, 'undefined', true, undefined, 3]);
});

test('a parameter or a variable of a function may be called undefined', () => {
  assert.strictEqual(vm.runInNewContext('((undefined) => undefined)(4)'), 4);
  assert.strictEqual(vm.runInNewContext('{ let undefined = 5; undefined }'), 5);
  assert.strictEqual(vm.runInNewContext('with ({ undefined: 6 }) undefined'), 6);
  assert.strictEqual(vm.runInNewContext('(function() { eval("var undefined = 7"); return undefined; })()'), 7);
});

const message = (text, sandbox) => {
  try {
    return vm.runInNewContext(text, sandbox);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const readOnly = (attributes) => Object.defineProperty({}, 'a', { value: 1, ...attributes });

test.since('v24.0.0', 'a strict write to a read-only property of the sandbox', () => {
  for (const make of [() => readOnly(), () => readOnly({ configurable: true }), () => Object.freeze({ a: 1 })]) {
    for (const text of ['a = 2', 'globalThis.a = 2', 'this.a = 2', 'a++']) {
      assert.strictEqual(message(`'use strict'; ${text}`, make()), 'TypeError: Cannot redefine property: a');
    }
    assert.strictEqual(message('a = 2; a', make()), 1);
    assert.strictEqual(message('Reflect.set(globalThis, "a", 2)', make()), false);
  }
});

test.since('v24.0.0', 'a strict write to what the sandbox inherits read-only', () => {
  assert.strictEqual(message('"use strict"; a = 2', Object.create(readOnly())), 'ReferenceError: a is not defined');
  assert.strictEqual(message('"use strict"; globalThis.a = 2', Object.create(readOnly())), 2);
});

test.since('v24.0.0', 'a strict write to a constant of the language', () => {
  for (const name of ['undefined', 'NaN', 'Infinity']) {
    assert.strictEqual(message(`'use strict'; ${name} = 2`, {}),
                       `TypeError: Cannot assign to read only property '${name}' of object '[object Object]'`);
  }
});

test('RegExp.$1 and its like are of the context that matched', () => {
  const contexts = Array.from({ length: 5 }, () => vm.createContext());
  /(main)/.exec('main');
  contexts.forEach((context, i) => { vm.runInContext(`/(${'abcde'[i]})/.exec('x${'abcde'[i]}y')`, context); });
  const of = (context) => [...vm.runInContext('[RegExp.$1, RegExp.leftContext, RegExp["$\'"], RegExp.lastMatch]', context)];
  contexts.forEach((context, i) => { assert.deepStrictEqual(of(context), ['abcde'[i], 'x', 'y', 'abcde'[i]]); });
  assert.strictEqual(RegExp.$1, 'main');
});

test('RegExp.$1 is that of the context whose expression it was', () => {
  const context = vm.createContext({ pattern: /(q)/ });
  /(z)/.exec('z');
  vm.runInContext('pattern.exec("q")', context);
  assert.strictEqual(vm.runInContext('RegExp.$1', context), '');
});

test('RegExp.$1 tells of the matches of derived classes too, and answers whoever asks', () => {
  const asked = vm.runInNewContext(`new (class extends RegExp {})('(d)').exec('d');
    const { get } = Object.getOwnPropertyDescriptor(RegExp, '$1');
    [RegExp.$1, get.call({}), get.call(undefined), Object.create(RegExp).$1]`);
  assert.deepStrictEqual([...asked], ['d', 'd', 'd', 'd']);
});
