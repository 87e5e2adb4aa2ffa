'use strict';
// The sandbox object and the context's global are two views of one state: reads, writes, deletes, existence.

const vm = require('vm');
const { attempt, check } = require('./harness');

function open(sandbox = {}, options) {
  const context = vm.createContext(sandbox, options);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check('a property of the sandbox is a global of the context', () => {
  const { run } = open({ x: 5 });
  return [run('x'), run('globalThis.x'), run('this.x')];
}, [ 5, 5, 5 ]);

check('a property set on the sandbox later is a global at once', () => {
  const { context, run } = open();
  context.late = 'yes';
  return run('late');
}, 'yes');

check('a property deleted from the sandbox is no global any more', () => {
  const { context, run } = open({ x: 1 });
  delete context.x;
  return [run('typeof x'), attempt(() => run('x'))];
}, [ 'undefined', 'throws ReferenceError' ]);

check('assigning a global writes the sandbox', () => {
  const { context, run } = open({ x: 1 });
  run('x = 2');
  return context.x;
}, 2);

check('assigning through globalThis writes the sandbox', () => {
  const { context, run } = open({});
  run('globalThis.a = 1; this.b = 2; globalThis["c d"] = 3');
  return context;
}, { a: 1, b: 2, 'c d': 3 });

check('sloppy assignment to an undeclared name makes a property of the sandbox', () => {
  const { context, run } = open();
  run('made = 7');
  return [context.made, Object.getOwnPropertyDescriptor(context, 'made')];
}, [ 7, { value: 7, writable: true, enumerable: true, configurable: true } ]);

check('strict assignment to an undeclared name throws and makes nothing', () => {
  const { context, run } = open();
  return [attempt(() => run('"use strict"; made = 7')), 'made' in context];
}, [ 'throws ReferenceError', false ]);

check('strict assignment to a name that the sandbox has is allowed', () => {
  const { context, run } = open({ x: 1 });
  run('"use strict"; x = 2');
  return context.x;
}, 2);

check('strict assignment inside a function to a name that only the sandbox has is allowed', () => {
  const { context, run } = open({ x: 1 });
  run('(function () { "use strict"; x = 2 })()');
  return context.x;
}, 2);

check('strict assignment to a name with the value undefined in the sandbox is allowed', () => {
  const { context, run } = open({ x: undefined });
  return [attempt(() => run('"use strict"; x = 2')), context.x];
}, [ 2, 2 ]);

check('strict assignment to a built-in name is allowed and lands on the sandbox', () => {
  const { context, run } = open({});
  run('"use strict"; Array = 5');
  return [context.Array, run('Array')];
}, [ 5, 5 ]);

check('a compound assignment reads and writes the sandbox', () => {
  const { context, run } = open({ n: 1, s: 'a', o: null });
  run('n += 4; n++; s += "b"; o ??= 9; fresh ||= 1', {});
  return context;
}, 'throws ReferenceError');

check('reading an undeclared name throws a ReferenceError of the context', () => {
  const { run, context } = open();
  context.outer = ReferenceError;
  return [attempt(() => run('nope')), run('try { nope } catch (e) { [e instanceof ReferenceError, e instanceof outer] }')];
}, [ 'throws ReferenceError', [ true, false ] ]);

check('typeof an undeclared name is undefined and makes nothing', () => {
  const { context, run } = open();
  return [run('typeof nope'), Object.keys(context)];
}, [ 'undefined', [] ]);

check.since('v22.0.0', 'in looks at the sandbox, its prototypes and the built-ins', () => {
  const { run } = open(Object.create({ inherited: 1 }, { own: { value: 1 } }));
  return run('["own" in globalThis, "inherited" in globalThis, "Array" in globalThis, "nope" in globalThis]');
}, [ true, false, true, false ]);

check('in for a property whose value is undefined', () => {
  const { run } = open({ u: undefined });
  return run('["u" in globalThis, typeof u, Object.hasOwn(globalThis, "u")]');
}, [ true, 'undefined', true ]);

check('delete of a property of the sandbox removes it from both', () => {
  const { context, run } = open({ x: 1 });
  return [run('delete x'), 'x' in context, run('typeof x')];
}, [ true, false, 'undefined' ]);

check('delete through globalThis removes it from both', () => {
  const { context, run } = open({ x: 1 });
  return [run('delete globalThis.x'), 'x' in context, run('"x" in globalThis')];
}, [ true, false, false ]);

check('delete of an implicit global removes it', () => {
  const { context, run } = open({});
  return [run('x = 1; delete x'), 'x' in context];
}, [ true, false ]);

check('delete of a name that is not there answers true', () => {
  const { run } = open({});
  return [run('delete globalThis.nope'), run('delete nope')];
}, [ true, true ]);

check('delete of a built-in removes it from the context', () => {
  const { run } = open({});
  return [run('delete globalThis.escape'), run('typeof escape')];
}, [ true, 'undefined' ]);

check('a built-in deleted in one context is there in others', () => {
  open({}).run('delete globalThis.Map');
  return [open({}).run('typeof Map'), typeof Map];
}, [ 'function', 'function' ]);

check('delete of a non-configurable property of the sandbox fails', () => {
  const { context, run } = open(Object.defineProperty({}, 'x', { value: 1 }));
  return [run('delete globalThis.x'), attempt(() => run('"use strict"; delete globalThis.x')), context.x];
}, [ false, false, 1 ]);

check('deleting a sandbox property uncovers the built-in it shadowed', () => {
  const { context, run } = open({ Array: 5 });
  const before = run('Array');
  delete context.Array;
  return [before, run('typeof Array')];
}, [ 5, 'function' ]);

check('a sandbox property shadows a built-in', () => {
  const { run } = open({ Array: 'mine', JSON: undefined });
  return [run('Array'), run('typeof JSON'), run('Object.prototype.toString.call([])')];
}, [ 'mine', 'undefined', '[object Array]' ]);

check('literals do not use a shadowing constructor', () => {
  const { run } = open({ Array: undefined, Object: undefined, RegExp: undefined, Promise: undefined });
  return run('[typeof [1].map, typeof {}.toString, /a/.test("a"), typeof (async () => {})().then]');
}, [ 'function', 'function', true, 'function' ]);

check('a built-in overwritten inside shows on the sandbox, and deleting it there brings the built-in back', () => {
  const { context, run } = open({});
  run('Math = 1');
  const during = context.Math;
  delete context.Math;
  return [during, run('typeof Math')];
}, [ 1, 'number' ]);

check('built-ins are not properties of the sandbox', () => {
  const { context } = open({});
  return [Object.keys(context), 'Array' in context, context.parseInt];
}, [ [], false, undefined ]);

check('each context has its own built-ins', () => {
  const a = open({});
  const b = open({});
  return [a.run('Array') === b.run('Array'), a.run('Array') === Array, a.run('[]') instanceof Array, a.run('[] instanceof Array')];
}, [ false, false, false, true ]);

check('globalThis is an object of its own, not the sandbox', () => {
  const { context, run } = open({});
  return [run('globalThis') === context, run('this') === context, run('globalThis === this'), run('globalThis') === run('this')];
}, [ false, false, true, true ]);

check('the global object passed out writes through to the sandbox', () => {
  const { context, run } = open({});
  const global = run('globalThis');
  global.fromOutside = 1;
  return [context.fromOutside, run('fromOutside'), Object.keys(global)];
}, [ 1, 1, [ 'fromOutside' ] ]);

check('this at the top level is the global, in functions too when sloppy', () => {
  const { run } = open({});
  return run('[this === globalThis, (function () { return this === globalThis })(), (function () { "use strict"; return this })(), (() => this === globalThis)()]');
}, [ true, true, undefined, true ]);

check('the global is not the same as another context\'s', () => open({}).run('globalThis') === open({}).run('globalThis'), false);

check('a global that names itself', () => {
  const sandbox = {};
  sandbox.self = sandbox;
  const { run, context } = open(sandbox);
  run('self.q = 1; r = self.q + 1');
  return [context.q, context.r, run('self === globalThis'), run('self.self === self')];
}, [ 1, 2, true, true ]);

check('window, global, self are not defined unless given', () => {
  const { run } = open({});
  return run('[typeof window, typeof global, typeof self, typeof globalThis, typeof process, typeof require, typeof module, typeof setTimeout, typeof Buffer]');
}, [
  'undefined', 'undefined',
  'undefined', 'object',
  'undefined', 'undefined',
  'undefined', 'undefined',
  'undefined'
]);

check.since('v22.0.0', 'what the language defines is there', () => {
  const { run } = open({});
  return run(`["Object","Function","Array","Number","parseFloat","parseInt","Infinity","NaN","undefined","Boolean","String","Symbol","Date","Promise","RegExp","Error","AggregateError","EvalError","RangeError","ReferenceError","SyntaxError","TypeError","URIError","globalThis","JSON","Math","Atomics","Map","BigInt","Set","WeakMap","WeakSet","WeakRef","Proxy","Reflect","FinalizationRegistry","decodeURI","decodeURIComponent","encodeURI","encodeURIComponent","escape","unescape","eval","isFinite","isNaN","ArrayBuffer","SharedArrayBuffer","Uint8Array","Int8Array","Uint16Array","Int16Array","Uint32Array","Int32Array","Float32Array","Float64Array","Uint8ClampedArray","BigUint64Array","BigInt64Array","DataView","Iterator"].filter((name) => !(name in globalThis))`);
}, []);

check('the number of arguments and the completion value of a script', () => {
  const { run } = open({ f: (...args) => args.length });
  return [run('f(1,2,3)'), run('1; 2; 3'), run('var a = 5'), run('if (true) { 7 }'), run(''), run('let z = 1; z'), run('({}).x'), run('function f2() {}'), run('do { 4 } while (false)'), run('try { 8 } finally { 9 }'), run('label: { 1; break label; }'), run('switch (1) { case 1: 6 }')];
}, [
  3,         3,
  undefined, 7,
  undefined, 1,
  undefined, undefined,
  4,         8,
  1,         6
]);

check('an object given in is the same object inside and out', () => {
  const shared = { n: 1 };
  const { run, context } = open({ shared });
  run('shared.n = 2; alias = shared');
  return [shared.n, context.alias === shared, run('alias === shared')];
}, [ 2, true, true ]);

check('a symbol key is shared', () => {
  const key = Symbol('k');
  const { context, run } = open({ [key]: 1, key });
  run('globalThis[key] = 2; globalThis[Symbol.for("other")] = 3');
  return [context[key], context[Symbol.for('other')], run('key in globalThis'), run('delete globalThis[key]'), key in context, run('typeof globalThis[Symbol.for("other")]')];
}, [ 2, undefined, true, true, false, 'number' ]);

check('indexed keys are shared', () => {
  const { context, run } = open({ 0: 'a', 7: 'b' });
  run('globalThis[1] = "c"; globalThis[0] += "!"; delete globalThis[7]');
  return [context, run('globalThis[0]'), run('1 in globalThis'), run('7 in globalThis'), run('Object.keys(globalThis)')];
}, [ { '0': 'a!', '1': 'c' }, 'a!', true, false, [ '0', '1' ] ]);

check('indexed keys: descriptors and definition', () => {
  const { context, run } = open({ 3: 'x' });
  run('Object.defineProperty(globalThis, 5, { value: 1, enumerable: false, configurable: true })');
  return [run('Object.getOwnPropertyDescriptor(globalThis, 3)'), Object.getOwnPropertyDescriptor(context, 5), run('Object.getOwnPropertyDescriptor(globalThis, 5)')];
}, [
  { value: 'x', writable: true, enumerable: true, configurable: true },
  { value: 1, writable: false, enumerable: false, configurable: true },
  { value: 1, writable: false, enumerable: false, configurable: true }
]);

check('an array as the sandbox', () => {
  const { context, run } = open(['a', 'b']);
  run('globalThis[2] = "c"; length2 = length');
  return [context.length, context.length2, [...context]];
}, [ 3, 3, [ 'a', 'b', 'c' ] ]);

check('names of any kind', () => {
  const { context, run } = open({});
  run('ünï = 1; $_ = 2; globalThis[""] = 3; globalThis["__proto__x"] = 4; \\u0061bc = 5');
  return context;
}, { 'ünï': 1, '$_': 2, '': 3, __proto__x: 4, abc: 5 });

check('a thousand globals', () => {
  const sandbox = {};
  for (let i = 0; i < 1000; i++) sandbox[`g${i}`] = i;
  const { run, context } = open(sandbox);
  run('let sum = 0; for (let i = 0; i < 1000; i++) { sum += globalThis["g" + i]; globalThis["h" + i] = i } total = sum');
  return [context.total, Object.keys(context).length];
}, [ 499500, 2001 ]);

check('a script in a loop sees its own writes', () => {
  const { context, run } = open({ n: 0 });
  run('for (var i = 0; i < 1000; i++) n = n + 1');
  return [context.n, context.i];
}, [ 1000, 1000 ]);

check('a compiled script runs in many contexts, each with its own values', () => {
  const script = new vm.Script('x = x * 2; typeof y');
  return [1, 2, 3].map((x) => {
    const context = vm.createContext(x === 2 ? { x, y: 1 } : { x });
    return [script.runInContext(context), script.runInContext(context), context.x];
  });
}, [
  [ 'undefined', 'undefined', 4 ],
  [ 'number', 'number', 8 ],
  [ 'undefined', 'undefined', 12 ]
]);

check('changes outside between two runs of a script are seen', () => {
  const script = new vm.Script('typeof v === "undefined" ? "none" : v');
  const context = vm.createContext({});
  const seen = [script.runInContext(context)];
  context.v = 1;
  seen.push(script.runInContext(context));
  delete context.v;
  seen.push(script.runInContext(context));
  context.v = 'again';
  seen.push(script.runInContext(context));
  return seen;
}, [ 'none', 1, 'none', 'again' ]);

check('a change of the sandbox during a run is seen', () => {
  const { context, run } = open({ poke(value) { if (value === undefined) delete context.x; else context.x = value; } });
  return run('const seen = []; poke(1); seen.push(x); poke(2); seen.push(x); poke(); seen.push(typeof x); seen');
}, [ 1, 2, 'undefined' ]);

check('writes inside are seen outside during the run', () => {
  const seen = [];
  const { context, run } = open({ look() { seen.push(context.x); } });
  run('look(); x = 1; look(); x = 2; look(); delete globalThis.x; look()');
  return seen;
}, [ undefined, 1, 2, undefined ]);

check('the global lists indices that scripts made before those that only the sandbox has', () => {
  const { context, run } = open({ b: 1, 2: 1, a: 1, 1: 1 });
  run('this[5] = 1; this[3] = 1; this.c = 1');
  const indices = (names) => names.filter((name) => name < 9).join();
  return [indices(Object.keys(context)), indices(run('Object.keys(this)')), indices(run('const names = []; for (const name in this) names.push(name); names'))];
}, [ '1,2,3,5', '3,5,1,2', '3,5,1,2' ]);
