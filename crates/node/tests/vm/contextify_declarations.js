'use strict';
// Declarations at the top level of scripts: var, function, let, const, class, and how they last between scripts.

const vm = require('vm');
const { attempt, check } = require('./harness');

function open(sandbox = {}) {
  const context = vm.createContext(sandbox);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check('var makes a property of the sandbox', () => {
  const { context, run } = open();
  run('var a = 1; var b');
  return [context, Object.getOwnPropertyDescriptor(context, 'a'), 'b' in context];
}, [ { a: 1 }, { value: 1, writable: true, enumerable: true, configurable: true }, false ]);

check('var without a value keeps what the sandbox has', () => {
  const { context, run } = open({ a: 5 });
  run('var a');
  return context.a;
}, 5);

check('var with a value overwrites what the sandbox has', () => {
  const { context, run } = open({ a: 5 });
  run('var a = 6');
  return context.a;
}, 6);

check('a var is there, undefined, before its line', () => {
  const { run, context } = open({ look() { return ['a' in context, context.a]; } });
  return [...run('var before = [typeof a, "a" in globalThis, ...look()]; var a = 1; before')];
}, [ 'undefined', true, false, undefined ]);

check('var in a block, a loop and a try reaches the sandbox; in a function it does not', () => {
  const { context, run } = open();
  run('{ var a = 1 } for (var i = 0; i < 2; i++) var b = i; try { throw 1 } catch { var c = 2 } (function () { var d = 3 })()');
  return Object.keys(context);
}, [ 'a', 'i', 'b', 'c' ]);

check('var by destructuring', () => {
  const { context, run } = open();
  run('var { a, b: [c] } = { a: 1, b: [2] }, [d = 4] = []');
  return context;
}, { a: 1, c: 2, d: 4 });

check('delete of a var', () => {
  const { context, run } = open();
  return [run('var v = 1; delete v'), 'v' in context, run('delete globalThis.v'), run('typeof v')];
}, [ false, false, false, 'number' ]);

check('delete of a var in strict mode through globalThis', () => {
  const { context, run } = open();
  return [attempt(() => run('"use strict"; var v = 1; delete globalThis.v')), 'v' in context];
}, [ 'throws TypeError', false ]);

check('a function declaration makes a property of the sandbox', () => {
  const { context, run } = open();
  run('function f() { return 42 }');
  return [typeof context.f, context.f(), Object.getOwnPropertyDescriptor(context, 'f').enumerable, Object.keys(context)];
}, [ 'function', 42, true, [ 'f' ] ]);

check('a function declaration overwrites what the sandbox has, and is there before its line', () => {
  const { context, run } = open({ f: 'old' });
  return [run('const t = typeof f; function f() {} t'), typeof context.f];
}, [ 'function', 'function' ]);

check('functions call each other over several scripts and see later changes', () => {
  const { context, run } = open();
  run('function twice(x) { return 2 * base(x) }');
  run('function base(x) { return x + 1 }');
  const first = run('twice(1)');
  context.base = (x) => x + 100;
  return [first, run('twice(1)'), context.twice(2)];
}, [ 4, 202, 204 ]);

check('async, generator and async generator declarations', () => {
  const { context, run } = open();
  run('async function a() {} function* g() { yield 1 } async function* ag() {}');
  return [Object.keys(context), [...context.g()]];
}, [ [ 'a', 'g', 'ag' ], [ 1 ] ]);

check('let, const and class do not touch the sandbox', () => {
  const { context, run } = open();
  run('let a = 1; const b = 2; class C {}');
  return [Object.keys(context), run('[a, b, typeof C]')];
}, [ [], [ 1, 2, 'function' ] ]);

check('let, const and class last for later scripts of the context', () => {
  const { run } = open();
  run('let a = 1; const b = 2; class C { m() { return a } }');
  run('a++');
  return run('[a, b, new C().m(), typeof globalThis.a]');
}, [ 2, 2, 2, 'undefined' ]);

check('let in one context is not there in another', () => {
  open().run('let secret = 1');
  return open().run('typeof secret');
}, 'undefined');

check('let twice in two scripts throws a SyntaxError, and the first stays', () => {
  const { run } = open();
  run('let a = 1');
  return [attempt(() => run('let a = 2')), attempt(() => run('var a = 3')), attempt(() => run('function a() {}')), attempt(() => run('const a = 4')), attempt(() => run('class a {}')), run('a')];
}, [
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  1
]);

check('a script with a clash does nothing of its work', () => {
  const { context, run } = open();
  run('let a = 1');
  attempt(() => run('done = true; var other = 1; let a = 2'));
  return Object.keys(context);
}, []);

check('let of a name that the sandbox has shadows it', () => {
  const { context, run } = open({ a: 'sandbox' });
  run('let a = "let"');
  return [run('a'), run('globalThis.a'), context.a];
}, [ 'let', 'sandbox', 'sandbox' ]);

check('assigning to a let does not write the sandbox', () => {
  const { context, run } = open({ a: 'sandbox' });
  run('let a = 1; a = 2');
  return [run('a'), context.a];
}, [ 2, 'sandbox' ]);

check('let after var of the same name', () => {
  const { run } = open();
  run('var v = 1');
  return [attempt(() => run('let v = 2')), run('v')];
}, [ 'throws SyntaxError', 1 ]);

check('let of a built-in name', () => {
  const { run } = open();
  return [attempt(() => run('let Array = 1; Array')), attempt(() => run('let undefined = 1')), attempt(() => run('const NaN = 1')), attempt(() => run('var undefined')), attempt(() => run('var NaN = 3; NaN'))];
}, [ 1, 'throws SyntaxError', 'throws SyntaxError', undefined, NaN ]);

check('assigning to a const throws and leaves it', () => {
  const { run } = open();
  run('const c = 1');
  return [attempt(() => run('c = 2')), attempt(() => run('c++')), run('c')];
}, [ 'throws TypeError', 'throws TypeError', 1 ]);

check('a let is in its dead zone before its line', () => {
  const { run } = open();
  return [attempt(() => run('early; let early = 1')), attempt(() => run('typeof early2; let early2 = 1'))];
}, [ 'throws ReferenceError', 'throws ReferenceError' ]);

check('a let whose script threw before its line stays dead', () => {
  const { run } = open();
  attempt(() => run('throw new Error(); let dead = 1'));
  return [attempt(() => run('dead')), attempt(() => run('dead = 1')), attempt(() => run('typeof dead')), attempt(() => run('let dead = 2'))];
}, [
  'throws ReferenceError',
  'throws ReferenceError',
  'throws ReferenceError',
  'throws SyntaxError'
]);

check('a property set on the sandbox does not shadow a let', () => {
  const { context, run } = open();
  run('let a = 1');
  context.a = 2;
  return [run('a'), run('globalThis.a')];
}, [ 1, 2 ]);

check('functions close over the let of their context', () => {
  const { context, run } = open();
  run('let n = 0; function inc() { return ++n }');
  context.inc();
  context.inc();
  return run('n');
}, 2);

check('declarations in runInThisContext last, and var lands on the main global', () => {
  vm.runInThisContext('var thisVar = 1; let thisLet = 2; function thisFunction() { return thisLet }');
  const result = [globalThis.thisVar, globalThis.thisLet, vm.runInThisContext('thisLet'), globalThis.thisFunction()];
  result.push(Object.getOwnPropertyDescriptor(globalThis, 'thisVar').configurable, delete globalThis.thisFunctionX);
  return result;
}, [ 1, undefined, 2, 2, false, true ]);

check('a let of runInThisContext is seen by this file', () => {
  vm.runInThisContext('let seenByAll = 5');
  // eslint-disable-next-line no-undef
  return [attempt(() => seenByAll), typeof globalThis.seenByAll];
}, [ 5, 'undefined' ]);

check('a function in a block is seen outside of it when sloppy', () => {
  const { context, run } = open();
  return [run('{ function inner() { return 1 } } inner()'), typeof context.inner, attempt(() => run('"use strict"; { function inner2() {} } inner2()'))];
}, [ 1, 'function', 'throws ReferenceError' ]);

check('var and sandbox accessor', () => {
  const log = [];
  const { run } = open({ get x() { log.push('get'); return 1; }, set x(value) { log.push(`set ${value}`); } });
  run('var x = 5; x');
  return log;
}, [ 'set 5', 'get' ]);

check.since('v24.0.0', 'function declaration over a sandbox accessor', () => {
  const log = [];
  const { context, run } = open(Object.defineProperty({}, 'f', { get() { log.push('get'); return 1; }, set() { log.push('set'); }, configurable: true, enumerable: true }));
  const outcome = attempt(() => run('function f() {} typeof f'));
  return [outcome, log, typeof Object.getOwnPropertyDescriptor(context, 'f').get];
}, [ 'number', [ 'set', 'get' ], 'function' ]);

check('var over a read-only sandbox property', () => {
  const { context, run } = open(Object.defineProperty({}, 'r', { value: 1, enumerable: true }));
  return [attempt(() => run('var r = 2; r')), context.r, attempt(() => run('"use strict"; var r = 3; r')), context.r];
}, [ 1, 1, 1, 1 ]);

check.since('v24.0.0', 'function declaration over a read-only sandbox property', () => {
  const { context, run } = open(Object.defineProperty({}, 'r', { value: 1, enumerable: true }));
  return [attempt(() => run('function r() {} typeof r')), context.r];
}, [ 'throws SyntaxError', 1 ]);

check('var on a frozen sandbox', () => {
  const { context, run } = open(Object.freeze({ a: 1 }));
  return [attempt(() => run('var a = 2; a')), attempt(() => run('var fresh = 1; fresh')), context];
}, [ 1, 1, { a: 1 } ]);

check('for-let gives each turn its own variable', () => {
  const { run } = open();
  return run('const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); fs.map((f) => f())');
}, [ 0, 1, 2 ]);

check('using a top-level class twice in two contexts gives two classes', () => {
  const script = new vm.Script('class K {} ; K');
  return script.runInContext(vm.createContext({})) === script.runInContext(vm.createContext({}));
}, false);

check('the same script with let cannot run twice in one context', () => {
  const script = new vm.Script('let once = 1; once');
  const context = vm.createContext({});
  return [script.runInContext(context), attempt(() => script.runInContext(context))];
}, [ 1, 'throws SyntaxError' ]);

check('the same script with var runs twice in one context', () => {
  const script = new vm.Script('var n = (n || 0) + 1; n');
  const context = vm.createContext({});
  return [script.runInContext(context), script.runInContext(context), context.n];
}, [ 1, 2, 2 ]);

check('vars of a script that throws midway', () => {
  const { context, run } = open();
  attempt(() => run('var a = 1; throw new Error(); var b = 2'));
  return [Object.keys(context), run('[a, b]')];
}, [ [ 'a' ], [ 1, undefined ] ]);

check('await, return, import.meta and static import are no script syntax', () => {
  const { run } = open();
  return ['await 1', 'return 1', 'import.meta', 'import x from "x"', 'export let x', 'new.target', 'super.x', 'yield 1'].map((code) => attempt(() => run(code)));
}, [
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError',
  'throws SyntaxError'
]);

check('await and yield are names in a sloppy script', () => {
  const { context, run } = open();
  run('var await = 1; var yield = 2; var async = 3; var let_ = 4');
  return context;
}, { await: 1, yield: 2, async: 3, let_: 4 });

const told = (run, code) => {
  try {
    return run(code);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

check('a name whose script ended before it had a value is not defined for other scripts', () => {
  const { run } = open();
  attempt(() => run('throw new Error(); let a = 1'));
  return ['a', 'typeof a', 'eval("a")', '(0, eval)("a")', 'a = 1', 'let a', 'b; let b = 1', 'eval("c"); let c = 1',
    '(0, eval)("d"); let d = 1', 'f(); let e; function f() { return e }', 'f()', 'e'].map((code) => told(run, code));
}, [
  'ReferenceError: a is not defined',
  'ReferenceError: a is not defined',
  'ReferenceError: a is not defined',
  'ReferenceError: a is not defined',
  "ReferenceError: Cannot access 'a' before initialization",
  "SyntaxError: Identifier 'a' has already been declared",
  "ReferenceError: Cannot access 'b' before initialization",
  "ReferenceError: Cannot access 'c' before initialization",
  'ReferenceError: d is not defined',
  "ReferenceError: Cannot access 'e' before initialization",
  "ReferenceError: Cannot access 'e' before initialization",
  'ReferenceError: e is not defined'
]);

for (const [kind, context] of [['a sandbox', vm.createContext({})], ['a context of its own', vm.createContext(vm.constants?.DONT_CONTEXTIFY)]]) {
  check.since('v24.0.0', `a function cannot be declared in place of what cannot be changed: ${kind}`, () => {
    const run = (code) => vm.runInContext(code, context);
    return ['function NaN() {}', 'function undefined() {}', 'eval("function Infinity() {}")', '(0, eval)("function Infinity() {}")',
      'var NaN = 1; NaN', 'function f() {} typeof f'].map((code) => told(run, code));
  }, [
    "SyntaxError: Identifier 'NaN' has already been declared",
    "SyntaxError: Identifier 'undefined' has already been declared",
    "TypeError: Identifier 'Infinity' has already been declared",
    "TypeError: Identifier 'Infinity' has already been declared",
    NaN,
    'function'
  ]);
}
