'use strict';
// vm.compileFunction().

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

test('compiles the given code and returns it wrapped inside a function with the given params', () => {
  assert.strictEqual(vm.compileFunction('return a + b', ['a', 'b'])(40, 2), 42);
  assert.strictEqual(vm.compileFunction('return arguments.length')(1, 2, 3), 3);
  assert.strictEqual(vm.compileFunction('')(), undefined);
  assert.strictEqual(vm.compileFunction('1')(), undefined);
});

test('the function has no name, as many parameters as given, and can be constructed', () => {
  const f = vm.compileFunction('this.made = a', ['a', 'b', 'c']);
  assert.strictEqual(f.name, '');
  assert.strictEqual(f.length, 3);
  assert.strictEqual(new f(5).made, 5);
  assert.ok(f instanceof Function);
  assert.strictEqual(String(vm.compileFunction('return a', ['a'])), 'function (a) {\nreturn a\n}');
});

test('it is not run by compiling', () => {
  globalThis.compiledRan = false;
  const f = vm.compileFunction('compiledRan = true');
  assert.strictEqual(globalThis.compiledRan, false);
  f();
  assert.strictEqual(globalThis.compiledRan, true);
});

test('the function sees globals and not the scope it was compiled in', () => {
  globalThis.seen = 'global';
  const seen = 'local';
  assert.strictEqual(vm.compileFunction('return seen')(), 'global');
  assert.strictEqual(seen, 'local');
  assert.strictEqual(vm.compileFunction('return typeof require')(), 'undefined');
});

test('this, arguments, new.target, default this when sloppy and strict', () => {
  assert.strictEqual(vm.compileFunction('return this').call(5).valueOf(), 5);
  assert.strictEqual(vm.compileFunction('return this')(), globalThis);
  assert.strictEqual(vm.compileFunction('"use strict"; return this')(), undefined);
  assert.strictEqual(vm.compileFunction('return new.target')(), undefined);
});

test('a comment or a brace at the end of the code does not break out', () => {
  assert.strictEqual(vm.compileFunction('return 1 // comment')(), 1);
  assert.strictEqual(vm.compileFunction('return 1 /* comment */')(), 1);
  assert.throws(() => vm.compileFunction('}); (function () {'), SyntaxError);
  assert.throws(() => vm.compileFunction('} function x() {'), SyntaxError);
  assert.throws(() => vm.compileFunction('return 1 /* never closed'), SyntaxError);
});

test('hoisting, closures and recursion within it', () => {
  const f = vm.compileFunction('return fib(n); function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }', ['n']);
  assert.strictEqual(f(10), 55);
});

test('filename, lineOffset and columnOffset are used in stack traces', () => {
  const at = (options, code = 'return new Error("x").stack') => vm.compileFunction(code, [], options)();
  assert.match(at({ filename: 'cf.js' }), /cf\.js:1:8/);
  assert.match(at({ filename: 'cf.js' }, '\n\n return new Error("x").stack'), /cf\.js:3:9/);
  assert.match(at({ filename: 'cf.js', lineOffset: 10 }), /cf\.js:11:8/);
  assert.match(at({ filename: 'cf.js', columnOffset: 10 }), /cf\.js:1:18/);
});

test('a syntax error names the file and shows the line', () => {
  assert.throws(() => vm.compileFunction('\nlet b = ;', [], { filename: 'cf.js', lineOffset: 3 }), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.ok(error.stack.startsWith('cf.js:5\nlet b = ;\n        ^\n\nSyntaxError: '), error.stack);
    return true;
  });
});

test('errors of the function when it runs are not decorated', () => {
  assert.throws(() => vm.compileFunction('throw new Error("plain")', [], { filename: 'cf.js' })(), (error) => error.stack.startsWith('Error: plain\n    at cf.js:1:7'));
});

test('produceCachedData: cachedDataProduced and cachedData are on the function; cachedData takes it', () => {
  const code = 'return x * 3';
  const f = vm.compileFunction(code, ['x'], { produceCachedData: true });
  assert.strictEqual(f.cachedDataProduced, true);
  assert.ok(Buffer.isBuffer(f.cachedData));
  const g = vm.compileFunction(code, ['x'], { cachedData: f.cachedData });
  assert.strictEqual(g.cachedDataRejected, false);
  assert.strictEqual(g(5), 15);
});

test('without those options the function has none of these properties', () => {
  const f = vm.compileFunction('return 1', [], { produceCachedData: false });
  assert.deepStrictEqual(['cachedData', 'cachedDataProduced', 'cachedDataRejected'].filter((key) => key in f), []);
});

test('cachedData that is none is rejected, and the code compiled', () => {
  const f = vm.compileFunction('return 12', [], { cachedData: Buffer.from('junk') });
  assert.strictEqual(f.cachedDataRejected, true);
  assert.strictEqual(f(), 12);
});

test.ours('cachedData of other params or another body is rejected', () => {
  const { cachedData } = vm.compileFunction('return a - b', ['a', 'b'], { produceCachedData: true });
  assert.strictEqual(vm.compileFunction('return a - b', ['b', 'a'], { cachedData })(1, 2), 1);
  assert.strictEqual(vm.compileFunction('return a - b', ['b', 'a'], { cachedData }).cachedDataRejected, true);
  assert.strictEqual(vm.compileFunction('return a + b', ['a', 'b'], { cachedData }).cachedDataRejected, true);
});

test('parsingContext is the contextified object in which the function is compiled', () => {
  const context = vm.createContext({ x: 5 });
  const f = vm.compileFunction('x = x + 1; made = x; return [x, typeof process, this === globalThis]', [], { parsingContext: context });
  const [x, type, self] = f();
  assert.deepStrictEqual([x, type, self], [6, 'undefined', true]);
  assert.strictEqual(context.made, 6);
  assert.ok(!(f instanceof Function));
  assert.ok(f instanceof vm.runInContext('Function', context));
  assert.ok(!(vm.compileFunction('return []', [], { parsingContext: context })() instanceof Array));
});

test('parsingContext: declarations of the context are seen', () => {
  const context = vm.createContext();
  vm.runInContext('let hidden = 7; const fixed = 8', context);
  assert.strictEqual(vm.compileFunction('return hidden + fixed', [], { parsingContext: context })(), 15);
});

test('parsingContext: a syntax error is of its realm', () => {
  const context = vm.createContext();
  let caught;
  try { vm.compileFunction('[', [], { parsingContext: context }); } catch (error) { caught = error; }
  assert.ok(caught instanceof vm.runInContext('SyntaxError', context));
});

test.since('v22.8.0', 'parsingContext may be a vanilla context', () => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  assert.strictEqual(vm.compileFunction('return globalThis', [], { parsingContext: context })(), context);
});

test('contextExtensions are objects that wrap the current scope', () => {
  assert.strictEqual(vm.compileFunction('return ext', [], { contextExtensions: [{ ext: 5 }] })(), 5);
});

test('contextExtensions: the last object wins, then the ones before, then globals', () => {
  globalThis.level = 'global';
  globalThis.onlyGlobal = 'g';
  const f = vm.compileFunction('return [level, onlyFirst, onlyGlobal]', [], { contextExtensions: [{ level: 'first', onlyFirst: 1 }, { level: 'second' }] });
  assert.deepStrictEqual(f(), ['second', 1, 'g']);
});

test('contextExtensions: params and declarations shadow them', () => {
  const extension = { a: 'extension', b: 'extension' };
  assert.deepStrictEqual(vm.compileFunction('var b = 2; return [a, b]', ['a'], { contextExtensions: [extension] })(1), [1, 2]);
  assert.deepStrictEqual(extension, { a: 'extension', b: 'extension' });
});

test('contextExtensions: they are live', () => {
  const extension = { n: 1 };
  const f = vm.compileFunction('n++; return typeof later === "undefined" ? n : later', [], { contextExtensions: [extension] });
  assert.strictEqual(f(), 2);
  assert.strictEqual(extension.n, 2);
  extension.later = 'added';
  assert.strictEqual(f(), 'added');
});

test('contextExtensions: getters, setters and prototypes', () => {
  const log = [];
  const extension = Object.create({ inherited: 'yes' }, { p: { get() { log.push('get'); return 1; }, set(value) { log.push(`set ${value}`); } } });
  assert.strictEqual(vm.compileFunction('p = p + 1; return inherited', [], { contextExtensions: [extension] })(), 'yes');
  assert.deepStrictEqual(log, ['get', 'set 2']);
});

test('contextExtensions: functions called by name get no surprise, inner functions see them too', () => {
  const extension = { value: 3, get() { return 4; } };
  assert.strictEqual(vm.compileFunction('return (() => value + get())()', [], { contextExtensions: [extension] })(), 7);
});

test('contextExtensions with a parsingContext', () => {
  const context = vm.createContext({ fromContext: 1 });
  assert.deepStrictEqual([...vm.compileFunction('return [fromContext, ext]', [], { parsingContext: context, contextExtensions: [{ ext: 2 }] })()], [1, 2]);
});

test('contextExtensions and eval inside', () => {
  assert.strictEqual(vm.compileFunction('return eval("ext + 1")', [], { contextExtensions: [{ ext: 1 }] })(), 2);
});

test('params may be any names, patterns of names are none', () => {
  assert.strictEqual(vm.compileFunction('return ünï + $_', ['ünï', '$_'])(1, 2), 3);
  assert.strictEqual(vm.compileFunction('return a', ['a', 'a'])(1, 2), 2);
});

test('the documentation\'s types: code must be a string, params an array of strings', () => {
  assert.throws(() => vm.compileFunction(), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "code" argument must be of type string. Received undefined' });
  assert.throws(() => vm.compileFunction('', null), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "params" argument must be an instance of Array. Received null' });
  assert.throws(() => vm.compileFunction('', ['a', 1]), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "params[1]" argument must be of type string. Received type number (1)' });
  assert.throws(() => vm.compileFunction('', [], { parsingContext: {} }), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "options.parsingContext" property must be an instance of Context. Received an instance of Object' });
  assert.throws(() => vm.compileFunction('', [], { contextExtensions: [1] }), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "options.contextExtensions[0]" property must be of type object. Received type number (1)' });
});

test('a function without a file name is shown as one of no place', () => {
  let stack;
  try {
    vm.compileFunction('throw new Error("x")', [], { lineOffset: 5, columnOffset: 7 })();
  } catch (error) {
    stack = error.stack;
  }
  assert.strictEqual(stack.split('\n')[1], '    at <anonymous>:6:14');
});
