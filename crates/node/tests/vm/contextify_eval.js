'use strict';
// Code made at run time in a context: eval, direct and indirect, the function constructors, and forbidding them.

const vm = require('vm');
const { attempt, check } = require('./harness');

function open(sandbox = {}, options) {
  const context = vm.createContext(sandbox, options);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check('eval inside sees the sandbox', () => {
  const { context, run } = open({ x: 1 });
  return [run('eval("x + 1")'), run('eval("x = 5"); x'), context.x];
}, [ 2, 5, 5 ]);

check('var in eval reaches the sandbox, and can be deleted', () => {
  const { context, run } = open();
  return [run('eval("var e = 1"); e'), context.e, run('delete globalThis.e'), 'e' in context];
}, [ 1, 1, true, false ]);

check('var in indirect eval reaches the sandbox', () => {
  const { context, run } = open();
  run('(0, eval)("var e = 1; function ef() {}; let hidden = 2")');
  return [Object.keys(context), run('typeof hidden')];
}, [ [ 'ef', 'e' ], 'undefined' ]);

check('direct eval in a function sees and makes locals', () => {
  const { context, run } = open();
  return [run('(function () { var local = 1; eval("var made = local + 1"); return made })()'), Object.keys(context)];
}, [ 2, [] ]);

check('indirect eval in a function sees globals only', () => {
  const { run } = open({ x: 'global' });
  return run('(function () { var x = "local"; return [(0, eval)("x"), eval("x")] })()');
}, [ 'global', 'local' ]);

check('strict eval keeps its vars', () => {
  const { context, run } = open();
  return [run('"use strict"; eval("var kept = 1; kept")'), Object.keys(context)];
}, [ 1, [] ]);

check('let in eval is gone afterwards', () => {
  const { run } = open();
  return [run('eval("let l = 1; l")'), run('typeof l')];
}, [ 1, 'undefined' ]);

check('eval clashes with a let of the context', () => {
  const { run } = open();
  run('let taken = 1');
  return [attempt(() => run('eval("var taken")')), attempt(() => run('(0, eval)("var taken")'))];
}, [ 'throws SyntaxError', 'throws SyntaxError' ]);

check('the Function constructor inside makes functions of the context', () => {
  const { run } = open({ x: 3 });
  return [run('new Function("a", "return a + x")(4)'), run('Function("return this")() === globalThis'), run('new Function("y = 1")(), y'), run('Function("return typeof process")()')];
}, [ 7, true, 1, 'undefined' ]);

check('the constructors of async functions and generators', async () => {
  const { run } = open({ x: 1 });
  return [await run('new (async () => {}).constructor("return await x")()'), [...run('new (function* () {}).constructor("yield x")()')]];
}, [ 1, [ 1 ] ]);

check('the eval of a context called from outside runs in that context', () => {
  const { context, run } = open({ x: 'inner' });
  const inner = run('eval');
  inner('made = x');
  return [inner('x'), context.made, inner('typeof process')];
}, [ 'inner', 'inner', 'undefined' ]);

check('the outer eval called inside runs outside', () => {
  const { run } = open({ outerEval: eval, x: 1 });
  return [run('outerEval("typeof process")'), run('outerEval("typeof x")')];
}, [ 'object', 'undefined' ]);

check('the Function constructor of a context called from outside', () => {
  const { run } = open({ x: 'inner' });
  const F = run('Function');
  return [new F('return x')(), F('return this')() === run('globalThis')];
}, [ 'inner', true ]);

check('the outer Function constructor called inside', () => {
  const { run } = open({ OuterFunction: Function });
  return run('OuterFunction("return typeof process")()');
}, 'object');

check('a shadowed eval is an ordinary function', () => {
  const { run } = open({ eval: (code) => `not run: ${code}` });
  return [run('eval("1 + 1")'), run('(function () { var local = 1; return eval("local") })()')];
}, [ 'not run: 1 + 1', 'not run: local' ]);

check('codeGeneration.strings: false forbids eval and the function constructors', () => {
  const { run } = open({}, { codeGeneration: { strings: false } });
  return ['eval("1")', '(0, eval)("1")', 'new Function("1")', 'Function("1")', 'new (async () => {}).constructor("1")', 'new (function* () {}).constructor("1")', 'new (async function* () {}).constructor("1")', 'globalThis.eval("1")'].map((code) => attempt(() => run(code)));
}, [
  'throws EvalError',
  'throws EvalError',
  'throws EvalError',
  'throws EvalError',
  'throws EvalError',
  'throws EvalError',
  'throws EvalError',
  'throws EvalError'
]);

check('codeGeneration.strings: false: the error is the context\'s EvalError with its message', () => {
  const { run } = open({}, { codeGeneration: { strings: false } });
  return run('try { eval("1") } catch (e) { [e instanceof EvalError, e.name, e.message] }');
}, [ true, 'EvalError', 'Code generation from strings disallowed for this context' ]);

check('codeGeneration.strings: false forbids eval of anything', () => {
  const { run } = open({ o: { a: 1 } }, { codeGeneration: { strings: false } });
  return [attempt(() => run('eval(5)')), attempt(() => run('eval(o)')), attempt(() => run('eval()'))];
}, [ 'throws EvalError', 'throws EvalError', 'throws EvalError' ]);

check('codeGeneration.strings: false does not forbid scripts, timers or JSON', () => {
  const { run } = open({}, { codeGeneration: { strings: false } });
  return [run('1 + 1'), run('JSON.parse("[1]")'), run('/a/.test("a")'), run('(() => 5)()')];
}, [ 2, [ 1 ], true, 5 ]);

check('codeGeneration.strings: true and the default allow them', () => {
  return [open({}, { codeGeneration: { strings: true } }).run('eval("1 + 1")'), open({}, { codeGeneration: {} }).run('eval("1 + 1")'), open().run('Function("return 2")()')];
}, [ 2, 2, 2 ]);

check('codeGeneration.strings: false does not reach the functions of other contexts', () => {
  const { run } = open({ outerEval: eval, OuterFunction: Function }, { codeGeneration: { strings: false } });
  return [run('outerEval("1 + 1")'), run('OuterFunction("return 3")()'), open().run('eval("4")')];
}, [ 2, 3, 4 ]);

check('an eval that was forbidden stays so when passed out', () => {
  const { run } = open({}, { codeGeneration: { strings: false } });
  return [attempt(() => run('eval')('1')), attempt(() => new (run('Function'))('1'))];
}, [ 'throws EvalError', 'throws EvalError' ]);

check('contextCodeGeneration of runInNewContext', () => {
  return [attempt(() => vm.runInNewContext('eval("1")', {}, { contextCodeGeneration: { strings: false } })), vm.runInNewContext('eval("1")', {}, { contextCodeGeneration: { strings: true } }), attempt(() => new vm.Script('eval("1")').runInNewContext({}, { contextCodeGeneration: { strings: false } }))];
}, [ 'throws EvalError', 1, 'throws EvalError' ]);

check('errors in eval name their place', () => {
  const { run } = open();
  try {
    run('\neval("\\n\\nthrow new Error()")', 'outer.js');
  } catch (error) {
    return [/outer\.js:2/.test(error.stack)];
  }
}, [ true ]);

check('sourceURL names the code in stacks', () => {
  const { run } = open();
  try {
    run('throw new Error("s")\n//# sourceURL=named.js');
  } catch (error) {
    return /named\.js:1/.test(error.stack);
  }
}, true);
