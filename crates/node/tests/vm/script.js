'use strict';
// Class vm.Script: compiling, and what a script object has.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

test('instances of vm.Script contain precompiled scripts that can be executed in specific contexts', () => {
  const script = new vm.Script('x + 1');
  assert.ok(script instanceof vm.Script);
  assert.strictEqual(script.runInContext(vm.createContext({ x: 1 })), 2);
  assert.strictEqual(script.runInContext(vm.createContext({ x: 10 })), 11);
});

test('creating a script compiles the code but does not run it', () => {
  globalThis.scriptRan = false;
  const script = new vm.Script('scriptRan = true');
  assert.strictEqual(globalThis.scriptRan, false);
  script.runInThisContext();
  assert.strictEqual(globalThis.scriptRan, true);
});

test('a compiled script can be run later multiple times', () => {
  const script = new vm.Script('++count');
  const context = vm.createContext({ count: 0 });
  for (let i = 1; i <= 5; i++) assert.strictEqual(script.runInContext(context), i);
});

test('the code is bound to a global object before each run, just for that run', () => {
  const script = new vm.Script('who');
  globalThis.who = 'main';
  assert.strictEqual(script.runInContext(vm.createContext({ who: 'context' })), 'context');
  assert.strictEqual(script.runInThisContext(), 'main');
  assert.strictEqual(script.runInNewContext({ who: 'new' }), 'new');
  assert.strictEqual(script.runInThisContext(), 'main');
});

test('vm.Script is a class: it needs new, and can be extended', () => {
  assert.throws(() => vm.Script('1'), TypeError);
  class Mine extends vm.Script {
    run() { return this.runInThisContext(); }
  }
  assert.strictEqual(new Mine('6 * 7').run(), 42);
  assert.ok(new Mine('1') instanceof vm.Script);
});

test('the methods are on the prototype, not enumerable, with their lengths', () => {
  for (const [name, length] of [['runInThisContext', 1], ['runInContext', 2], ['runInNewContext', 2]]) {
    const descriptor = Object.getOwnPropertyDescriptor(vm.Script.prototype, name);
    assert.strictEqual(typeof descriptor.value, 'function', name);
    assert.strictEqual(descriptor.enumerable, false, name);
    assert.strictEqual(descriptor.value.length, length, name);
    assert.strictEqual(descriptor.value.name, name);
  }
  assert.strictEqual(typeof vm.Script.prototype.createCachedData, 'function');
  assert.strictEqual(vm.Script.name, 'Script');
  assert.strictEqual(vm.Script.length, 1);
});

test('the methods called on something else throw a TypeError', () => {
  assert.throws(() => vm.Script.prototype.runInThisContext.call({}), TypeError);
  assert.throws(() => vm.Script.prototype.runInContext.call({}, vm.createContext()), TypeError);
  assert.throws(() => vm.Script.prototype.createCachedData.call({}), TypeError);
});

test('code is made a string', () => {
  assert.strictEqual(new vm.Script(5).runInThisContext(), 5);
  assert.strictEqual(new vm.Script(null).runInThisContext(), null);
  assert.strictEqual(new vm.Script(undefined).runInThisContext(), undefined);
  assert.strictEqual(new vm.Script({ toString: () => '1 + 2' }).runInThisContext(), 3);
  assert.strictEqual(new vm.Script(['4']).runInThisContext(), 4);
  assert.throws(() => new vm.Script(Symbol('s')), TypeError);
  assert.throws(() => new vm.Script({ toString() { throw new RangeError('told'); } }), RangeError);
});

test('filename is used in stack traces', () => {
  assert.throws(() => new vm.Script('throw new Error("x")', { filename: 'my-file.js' }).runInThisContext(), (error) => {
    assert.match(error.stack, /at my-file\.js:1:7/);
    return true;
  });
});

test('filename is evalmachine.<anonymous> by default', () => {
  assert.throws(() => new vm.Script('throw new Error("x")').runInThisContext(), (error) => {
    assert.match(error.stack, /at evalmachine\.<anonymous>:1:7/);
    return true;
  });
});

test('a string as options specifies the filename', () => {
  assert.throws(() => new vm.Script('\nthrow new Error("x")', 'by-string.js').runInThisContext(), (error) => {
    assert.match(error.stack, /at by-string\.js:2:7/);
    return true;
  });
});

test('filename may be any string: empty, a URL, a path with spaces', () => {
  for (const filename of ['', 'file:///a/b.js', '/a dir/with spaces.js', 'ünï.js']) {
    const script = new vm.Script('new Error("x").stack', { filename });
    const stack = script.runInThisContext();
    if (filename !== '') assert.ok(stack.includes(`${filename}:1:1`), stack);
  }
});

test('lineOffset is added to the line numbers in stack traces', () => {
  const script = new vm.Script('\nnew Error("x").stack', { filename: 'off.js', lineOffset: 100 });
  assert.match(script.runInThisContext(), /at off\.js:102:1/);
});

test('a negative lineOffset', () => {
  const script = new vm.Script('\n\n\nnew Error("x").stack', { filename: 'off.js', lineOffset: -2 });
  assert.match(script.runInThisContext(), /at off\.js:2:1/);
});

test('columnOffset is added to the columns of the first line only', () => {
  const script = new vm.Script('const first = new Error("x").stack;\n const second = new Error("x").stack; [first, second]', {
    filename: 'off.js', columnOffset: 50,
  });
  const [first, second] = script.runInNewContext();
  assert.match(first, /at off\.js:1:65/);
  assert.match(second, /at off\.js:2:17/);
});

test('lineOffset and columnOffset hold in functions called later', () => {
  const f = new vm.Script('(function named() { return new Error("x").stack })', { filename: 'off.js', lineOffset: 9, columnOffset: 5 }).runInThisContext();
  assert.match(f(), /at named \(off\.js:10:33\)/);
});

test('a syntax error is thrown when compiling, with the place of the error', () => {
  assert.throws(() => new vm.Script('let a = 1;\nlet b = ;', { filename: 'bad.js', lineOffset: 10 }), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.ok(error.stack.startsWith('bad.js:12\nlet b = ;\n        ^\n\nSyntaxError: '), error.stack);
    return true;
  });
});

test('cachedDataRejected is undefined and no property when there is no cachedData', () => {
  const script = new vm.Script('1');
  assert.strictEqual(script.cachedDataRejected, undefined);
  assert.ok(!Object.hasOwn(script, 'cachedDataRejected'));
  assert.ok(!Object.hasOwn(script, 'cachedData'));
  assert.ok(!Object.hasOwn(script, 'cachedDataProduced'));
});

const source = 'function add(a, b) { return a + b } const total = add(20, 22); ({ total, text: `t${total}`, re: /a+/g.source, big: 10n })';

test('createCachedData() gives a Buffer whose data is accepted for the same source', () => {
  const data = new vm.Script(source).createCachedData();
  assert.ok(Buffer.isBuffer(data));
  assert.ok(data.length > 0);
  const script = new vm.Script(source, { cachedData: data });
  assert.strictEqual(script.cachedDataRejected, false);
  assert.strictEqual(script.runInNewContext().total, 42);
});

test('createCachedData() may be called at any time and any number of times', () => {
  const script = new vm.Script(`${source};`);
  for (const data of [script.createCachedData(), script.createCachedData(), (script.runInNewContext(), script.createCachedData())]) {
    const again = new vm.Script(`${source};`, { cachedData: data });
    assert.strictEqual(again.cachedDataRejected, false);
    assert.strictEqual(again.runInNewContext().text, 't42');
  }
});

test('the code cache does not contain any JavaScript observable state', () => {
  const script = new vm.Script('globalThis.counter = (globalThis.counter || 0) + 1; counter');
  const context = vm.createContext({});
  script.runInContext(context);
  script.runInContext(context);
  const again = new vm.Script('globalThis.counter = (globalThis.counter || 0) + 1; counter', { cachedData: script.createCachedData() });
  assert.strictEqual(again.runInNewContext(), 1);
});

test('cachedData may be a Buffer, a typed array or a DataView, and a part of a larger buffer', () => {
  const code = '"views of the data"';
  const data = new vm.Script(code).createCachedData();
  const padded = Buffer.concat([Buffer.alloc(8), data, Buffer.alloc(8)]);
  const views = [
    data, new Uint8Array(data), new DataView(data.buffer, data.byteOffset, data.byteLength),
    padded.subarray(8, 8 + data.length),
  ];
  for (const cachedData of views) {
    const script = new vm.Script(code, { cachedData });
    assert.strictEqual(script.cachedDataRejected, false);
    assert.strictEqual(script.runInThisContext(), 'views of the data');
  }
});

test('cachedDataRejected is true for data that is none, and the script is compiled from its source', () => {
  for (const cachedData of [Buffer.alloc(0), Buffer.from('nonsense'), Buffer.alloc(1000, 7)]) {
    const code = `"rejected ${cachedData.length} ${Math.random()}"`;
    const script = new vm.Script(code, { cachedData });
    assert.strictEqual(script.cachedDataRejected, true);
    assert.match(script.runInThisContext(), /^rejected /);
  }
});

test('cachedDataRejected is true for the data of another source of another length', () => {
  const cachedData = new vm.Script('"one source"').createCachedData();
  const script = new vm.Script(`"quite another source, ${Math.random()}"`, { cachedData });
  assert.strictEqual(script.cachedDataRejected, true);
  assert.match(script.runInThisContext(), /^quite another source/);
});

test.ours('cachedDataRejected is true for the data of another source of the same length', () => {
  const cachedData = new vm.Script('"aaa"').createCachedData();
  const script = new vm.Script('"bbb"', { cachedData });
  assert.strictEqual(script.cachedDataRejected, true);
  assert.strictEqual(script.runInThisContext(), 'bbb');
});

test.ours('cachedDataRejected is true for data in which any byte was changed', () => {
  const code = '"tampered with"';
  const data = new vm.Script(code).createCachedData();
  for (let i = 0; i < data.length; i++) {
    const changed = Buffer.from(data);
    changed[i] ^= 1;
    const script = new vm.Script(code, { cachedData: changed });
    assert.strictEqual(script.cachedDataRejected, true, `byte ${i}`);
    assert.strictEqual(script.runInThisContext(), 'tampered with');
  }
});

test('produceCachedData: cachedData and cachedDataProduced are set', () => {
  const script = new vm.Script('"produce me"', { produceCachedData: true });
  assert.strictEqual(script.cachedDataProduced, true);
  assert.ok(Buffer.isBuffer(script.cachedData));
  const again = new vm.Script('"produce me"', { cachedData: script.cachedData });
  assert.strictEqual(again.cachedDataRejected, false);
  assert.ok(!Object.hasOwn(again, 'cachedDataProduced'));
});

test('the functions of a script from the cache work and name their places', () => {
  const code = '\nfunction thrower() { throw new Error("cached") }\nthrower';
  const cachedData = new vm.Script(code, 'cached.js').createCachedData();
  const f = new vm.Script(code, { filename: 'cached.js', cachedData }).runInNewContext();
  assert.throws(f, (error) => {
    assert.match(error.stack, /cached\.js:2/);
    return true;
  });
});

test('sourceMapURL is the URL of the source map magic comment', () => {
  assert.strictEqual(new vm.Script('\nfunction myFunc() {}\n//# sourceMappingURL=sourcemap.json\n').sourceMapURL, 'sourcemap.json');
  assert.strictEqual(new vm.Script('1\n//@ sourceMappingURL=old.json').sourceMapURL, 'old.json');
  assert.strictEqual(new vm.Script('1').sourceMapURL, undefined);
});

test.since('v22.20.0', 'sourceMapURL: the last comment counts, and it is no string or regular expression', () => {
  assert.strictEqual(new vm.Script('//# sourceMappingURL=a\n//# sourceMappingURL=b').sourceMapURL, 'b');
  assert.strictEqual(new vm.Script('"//# sourceMappingURL=a"').sourceMapURL, undefined);
  assert.strictEqual(new vm.Script('1 //# sourceMappingURL=tail.map').sourceMapURL, 'tail.map');
  assert.strictEqual(new vm.Script('//# sourceURL=x.js\n1').sourceMapURL, undefined);
});

test('vm.createScript(), an old name, makes a script', () => {
  if (typeof vm.createScript === 'function') assert.strictEqual(vm.createScript('40 + 2').runInThisContext(), 42);
});

test('a hashbang line is allowed', () => {
  assert.strictEqual(new vm.Script('#!/usr/bin/env node\n5').runInThisContext(), 5);
});

test('a script may be strict', () => {
  assert.strictEqual(new vm.Script('"use strict"; (function () { return this })()').runInNewContext(), undefined);
  assert.throws(() => new vm.Script('"use strict"; with ({}) {}'), SyntaxError);
});

test('long and deep sources compile', () => {
  assert.strictEqual(new vm.Script(`${'1 + '.repeat(5000)}1`).runInThisContext(), 5001);
  assert.strictEqual(new vm.Script(`"${'x'.repeat(1000000)}".length`).runInThisContext(), 1000000);
});

test('sources with any characters: NUL, line separators, lone surrogates, emoji', () => {
  assert.strictEqual(new vm.Script('"\0".length').runInThisContext(), 1);
  assert.strictEqual(new vm.Script('"\u2028\u2029".length').runInThisContext(), 2);
  assert.strictEqual(new vm.Script('"\ud800".charCodeAt(0)').runInThisContext(), 0xd800);
  assert.strictEqual(new vm.Script('"😀".length').runInThisContext(), 2);
  assert.strictEqual(new vm.Script('\ufeff7').runInThisContext(), 7);
});
