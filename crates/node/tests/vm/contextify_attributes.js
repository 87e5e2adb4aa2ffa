'use strict';
// Properties with attributes: descriptors, accessors, read-only, frozen, sealed; defining in both directions.

const vm = require('vm');
const { attempt, check } = require('./harness');

function open(sandbox = {}) {
  const context = vm.createContext(sandbox);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check('the descriptor of a sandbox property, from inside', () => {
  const { run } = open({ x: 1 });
  return run('Object.getOwnPropertyDescriptor(globalThis, "x")');
}, { value: 1, writable: true, enumerable: true, configurable: true });

check.since('v24.0.0', 'descriptors keep writable, enumerable and configurable', () => {
  const sandbox = {};
  for (const w of [true, false]) for (const e of [true, false]) for (const c of [true, false]) {
    Object.defineProperty(sandbox, `${w ? 'w' : '-'}${e ? 'e' : '-'}${c ? 'c' : '-'}`, { value: 1, writable: w, enumerable: e, configurable: c });
  }
  const { run } = open(sandbox);
  return run('Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(globalThis)).filter(([k]) => k.length === 3 && /^[w-][e-][c-]$/.test(k)))');
}, {
  wec: { value: 1, writable: true, enumerable: true, configurable: true },
  'we-': { value: 1, writable: true, enumerable: true, configurable: false },
  'w-c': { value: 1, writable: true, enumerable: false, configurable: true },
  'w--': { value: 1, writable: true, enumerable: false, configurable: false },
  '-ec': { value: 1, writable: false, enumerable: true, configurable: true },
  '-e-': { value: 1, writable: false, enumerable: true, configurable: false },
  '--c': { value: 1, writable: false, enumerable: false, configurable: true },
  '---': { value: 1, writable: false, enumerable: false, configurable: false }
});

check('the descriptor of an accessor of the sandbox, from inside, has the same functions', () => {
  const get = () => 1;
  const set = () => {};
  const { run } = open(Object.defineProperty({ get_: get, set_: set }, 'x', { get, set, configurable: true }));
  return run('const d = Object.getOwnPropertyDescriptor(globalThis, "x"); [d.get === get_, d.set === set_, d.enumerable, d.configurable, "value" in d]');
}, [ true, true, false, true, false ]);

check('the descriptor of a built-in, from inside', () => {
  const { run } = open();
  return run('[Object.getOwnPropertyDescriptor(globalThis, "Array").enumerable, Object.getOwnPropertyDescriptor(globalThis, "Array").writable, Object.getOwnPropertyDescriptor(globalThis, "NaN"), Object.getOwnPropertyDescriptor(globalThis, "globalThis").writable, Object.getOwnPropertyDescriptor(globalThis, "nope")]');
}, [
  false,
  true,
  { value: NaN, writable: false, enumerable: false, configurable: false },
  true,
  undefined
]);

check('the descriptors of what a script made', () => {
  const { context, run } = open();
  run('var v = 1; implicit = 2; function f() {}; this.t = 3');
  return ['v', 'implicit', 't'].map((k) => [Object.getOwnPropertyDescriptor(context, k), run(`Object.getOwnPropertyDescriptor(globalThis, "${k}")`)]);
}, [
  [
    { value: 1, writable: true, enumerable: true, configurable: true },
    { value: 1, writable: true, enumerable: true, configurable: true }
  ],
  [
    { value: 2, writable: true, enumerable: true, configurable: true },
    { value: 2, writable: true, enumerable: true, configurable: true }
  ],
  [
    { value: 3, writable: true, enumerable: true, configurable: true },
    { value: 3, writable: true, enumerable: true, configurable: true }
  ]
]);

check.since('v24.0.0', 'hasOwn and propertyIsEnumerable, from inside', () => {
  const { run } = open(Object.create({ inherited: 1 }, { hidden: { value: 1 }, shown: { value: 1, enumerable: true } }));
  return run('[Object.hasOwn(globalThis, "hidden"), Object.hasOwn(globalThis, "shown"), Object.hasOwn(globalThis, "Array"), Object.hasOwn(globalThis, "nope"), Object.prototype.propertyIsEnumerable.call(globalThis, "hidden"), Object.prototype.propertyIsEnumerable.call(globalThis, "shown")]');
}, [ true, true, true, false, false, true ]);

check('defineProperty on globalThis lands on the sandbox with its attributes', () => {
  const { context, run } = open();
  run('Object.defineProperty(globalThis, "d", { value: 1, enumerable: false, writable: false, configurable: true })');
  return [Object.getOwnPropertyDescriptor(context, 'd'), run('d'), run('Object.getOwnPropertyDescriptor(globalThis, "d")')];
}, [
  { value: 1, writable: false, enumerable: false, configurable: true },
  1,
  { value: 1, writable: false, enumerable: false, configurable: true }
]);

check('defineProperty on globalThis with defaults', () => {
  const { context, run } = open();
  run('Object.defineProperty(globalThis, "d", { value: 1 })');
  return [Object.getOwnPropertyDescriptor(context, 'd'), run('d = 2; d'), attempt(() => run('"use strict"; d = 2'))];
}, [
  { value: 1, writable: false, enumerable: false, configurable: false },
  1,
  'throws TypeError'
]);

check('defineProperty of an accessor on globalThis', () => {
  const { context, run } = open();
  run('let stored = 1; Object.defineProperty(globalThis, "a", { get() { return stored }, set(v) { stored = v * 2 }, configurable: true, enumerable: true })');
  context.a = 5;
  return [run('a'), context.a, run('stored'), run('a = 7; a'), typeof Object.getOwnPropertyDescriptor(context, 'a').get];
}, [ 10, 10, 10, 14, 'function' ]);

check('defineProperty of only a getter on globalThis', () => {
  const { context, run } = open();
  run('Object.defineProperty(globalThis, "g", { get: () => 9 })');
  return [run('g'), context.g, run('g = 1; g'), attempt(() => run('"use strict"; g = 1'))];
}, [ 9, 9, 9, 1 ]);

check('defineProperty on the sandbox, then from inside', () => {
  const { context, run } = open();
  Object.defineProperty(context, 'x', { value: 1, configurable: true });
  const before = run('Object.getOwnPropertyDescriptor(globalThis, "x")');
  Object.defineProperty(context, 'x', { get: () => 2, configurable: true });
  return [before, run('x'), run('typeof Object.getOwnPropertyDescriptor(globalThis, "x").get')];
}, [ { value: 1, writable: false, enumerable: false, configurable: true }, 2, 'function' ]);

check('defineProperty on globalThis changes a property of the sandbox in part', () => {
  const { context, run } = open({ x: 1 });
  run('Object.defineProperty(globalThis, "x", { enumerable: false })');
  return Object.getOwnPropertyDescriptor(context, 'x');
}, { value: 1, writable: true, enumerable: false, configurable: true });

check('defineProperty on globalThis of a read-only property of the sandbox', () => {
  const { context, run } = open(Object.defineProperty({}, 'x', { value: 1 }));
  return [attempt(() => run('Object.defineProperty(globalThis, "x", { value: 2 }); "done"')), attempt(() => run('Reflect.defineProperty(globalThis, "x", { value: 2 })')), context.x];
}, [ 'throws TypeError', false, 1 ]);

check('defineProperties on globalThis', () => {
  const { context, run } = open();
  run('Object.defineProperties(globalThis, { a: { value: 1, enumerable: true }, b: { get() { return 2 }, enumerable: true } })');
  return [context.a, context.b, Object.keys(context)];
}, [ 1, 2, [ 'a', 'b' ] ]);

check('a getter of the sandbox runs on each read, with the sandbox as its receiver', () => {
  let count = 0;
  const sandbox = { get x() { count++; return this === sandbox; } };
  const { run } = open(sandbox);
  return [run('x'), run('globalThis.x'), run('this.x'), count];
}, [ true, true, true, 3 ]);

check('a setter of the sandbox runs on each write, with the sandbox as its receiver', () => {
  const seen = [];
  const sandbox = { set x(value) { seen.push(this === sandbox, value); } };
  const { run, context } = open(sandbox);
  run('x = 1; globalThis.x = 2');
  return [seen, run('typeof x'), typeof Object.getOwnPropertyDescriptor(context, 'x').set];
}, [ [ true, 1, true, 2 ], 'undefined', 'function' ]);

check('assigning to a getter without a setter', () => {
  const { run } = open({ get x() { return 1; } });
  return [run('x = 2; x'), attempt(() => run('"use strict"; x = 2')), attempt(() => run('"use strict"; globalThis.x = 2'))];
}, [ 1, 2, 2 ]);

check.since('v24.0.0', 'a getter that throws', () => {
  const { run } = open({ get x() { throw new RangeError('no'); } });
  return [attempt(() => run('x')), attempt(() => run('typeof x')), run('try { x } catch (e) { e.message }'), run('"x" in globalThis')];
}, [ 'throws ReferenceError', 'undefined', 'x is not defined', true ]);

check('a setter that throws', () => {
  const { run } = open({ set x(value) { throw new RangeError('no'); } });
  return [attempt(() => run('x = 1')), attempt(() => run('"use strict"; x = 1'))];
}, [ 'throws RangeError', 'throws RangeError' ]);

check('a getter that makes the context run again', () => {
  const { run } = open({ get x() { return run('y + 1'); }, y: 1 });
  return run('x + x');
}, 4);

check('a getter that deletes itself', () => {
  const sandbox = { get x() { delete sandbox.x; return 1; } };
  const { run } = open(sandbox);
  return [run('x'), run('typeof x')];
}, [ 1, 'undefined' ]);

check('a read-only property: sloppy assignment is ignored, strict throws', () => {
  const { context, run } = open(Object.defineProperty({}, 'r', { value: 1, enumerable: true, configurable: true }));
  return [run('r = 2; r'), attempt(() => run('"use strict"; r = 2')), attempt(() => run('"use strict"; globalThis.r = 2')), context.r];
}, [ 1, 'throws TypeError', 'throws TypeError', 1 ]);

check('a read-only inherited property', () => {
  const { context, run } = open(Object.create(Object.defineProperty({}, 'r', { value: 1 })));
  return [attempt(() => run('r = 2; r')), attempt(() => run('"use strict"; r = 3; r')), Object.keys(context), run('r')];
}, [ 1, 1, [], 1 ]);

check('a frozen sandbox', () => {
  const { context, run } = open(Object.freeze({ x: 1 }));
  return [
    run('x'), attempt(() => run('x = 2; x')), attempt(() => run('"use strict"; x = 2')), attempt(() => run('fresh = 1; typeof fresh')),
    attempt(() => run('"use strict"; globalThis.fresh2 = 1')), run('delete globalThis.x'), context,
  ];
}, [ 1, 1, 'throws TypeError', 'number', 1, false, { x: 1 } ]);

check('a frozen sandbox: let and const still work', () => {
  const { run } = open(Object.freeze({ x: 1 }));
  run('let a = 1; const b = 2');
  return run('[a, b, x]');
}, [ 1, 2, 1 ]);

check('a frozen sandbox: function declarations', () => {
  const { context, run } = open(Object.freeze({}));
  return [attempt(() => run('function f() { return 1 } typeof f')), Object.keys(context), attempt(() => run('typeof f'))];
}, [ 'function', [], 'function' ]);

check('a sealed sandbox', () => {
  const { context, run } = open(Object.seal({ x: 1 }));
  return [run('x = 2; x'), attempt(() => run('fresh = 1; typeof fresh')), attempt(() => run('"use strict"; fresh3 = 1')), run('delete globalThis.x'), context];
}, [ 2, 'number', 'throws ReferenceError', false, { x: 2 } ]);

check('a sandbox that takes no new properties', () => {
  const { context, run } = open(Object.preventExtensions({ x: 1 }));
  return [run('x = 2; x'), attempt(() => run('fresh = 1; typeof fresh')), run('delete globalThis.x'), context];
}, [ 2, 'number', true, {} ]);

check('a sandbox frozen after it became a context', () => {
  const { context, run } = open({ x: 1 });
  run('y = 1');
  Object.freeze(context);
  return [run('x = 2; x'), run('y = 2; y'), attempt(() => run('z = 1; typeof z')), context];
}, [ 1, 1, 'number', { x: 1, y: 1 } ]);

check('the contextified global cannot be frozen', () => {
  const { run } = open({ x: 1 });
  return [attempt(() => run('Object.freeze(globalThis)')), run('x = 2; x'), run('Object.isFrozen(globalThis)')];
}, [ 'throws TypeError', 2, false ]);

check('sealing and preventing extensions of the contextified global', () => {
  const { run } = open({ x: 1 });
  return [attempt(() => run('Object.isExtensible(globalThis)')), attempt(() => run('Object.isSealed(globalThis)'))];
}, [ true, false ]);

check('redefining undefined, NaN and Infinity', () => {
  const { context, run } = open();
  return [run('undefined = 1; undefined'), run('NaN = 1; NaN'), run('Infinity = 0; Infinity'), attempt(() => run('"use strict"; undefined = 1')), attempt(() => run('"use strict"; NaN = 1')), Object.keys(context)];
}, [ undefined, NaN, Infinity, 'throws TypeError', 'throws TypeError', [] ]);

check('undefined, NaN and Infinity given by the sandbox', () => {
  const { run } = open({ undefined: 1, NaN: 2, Infinity: 3 });
  return run('[globalThis.undefined, globalThis.NaN, globalThis.Infinity, void 0]');
}, [ 1, 2, 3, undefined ]);

check('globalThis can be overwritten and given by the sandbox', () => {
  const { context, run } = open({});
  const real = run('globalThis');
  run('globalThis = 5');
  return [run('globalThis'), context.globalThis, run('this') === real, open({ globalThis: 7 }).run('globalThis')];
}, [ 5, 5, true, 7 ]);

check('Object.assign and spread with globalThis', () => {
  const { context, run } = open({ a: 1, b: 2 });
  return [run('({ ...globalThis })'), run('Object.assign(globalThis, { c: 3 }); c'), context.c];
}, [ { a: 1, b: 2 }, 3, 3 ]);

check('JSON.stringify(globalThis)', () => open({ a: 1, b: { c: 2 } }).run('JSON.stringify(globalThis)'), '{"a":1,"b":{"c":2}}');

check('Reflect on globalThis', () => {
  const { context, run } = open({ x: 1 });
  return [
    run('Reflect.has(globalThis, "x")'), run('Reflect.get(globalThis, "x")'), run('Reflect.set(globalThis, "y", 2)'), context.y,
    run('Reflect.deleteProperty(globalThis, "x")'), 'x' in context, run('Reflect.ownKeys(globalThis).includes("y")'),
    run('Reflect.defineProperty(globalThis, "z", { value: 3, enumerable: true })'), context.z, run('Reflect.isExtensible(globalThis)'),
  ];
}, [
  true, 1,    true,
  2,    true, false,
  true, true, 3,
  true
]);

check('Reflect.get with a receiver', () => {
  const { run } = open({ get me() { return this; } });
  return [run('const r = {}; Reflect.get(globalThis, "me", r) === r')];
}, [ false ]);

check('__defineGetter__ and __lookupGetter__', () => {
  const { context, run } = open();
  run('globalThis.__defineGetter__("g", () => 4)');
  return [context.g, run('g'), run('typeof globalThis.__lookupGetter__("g")')];
}, [ 4, 4, 'function' ]);

check('a var made by one script and made read-only by the host', () => {
  const { context, run } = open();
  run('var v = 1');
  Object.defineProperty(context, 'v', { writable: false });
  return [run('v = 2; v'), attempt(() => run('"use strict"; v = 2'))];
}, [ 1, 2 ]);

check('a non-configurable property defined inside', () => {
  const { context, run } = open();
  run('Object.defineProperty(globalThis, "fixed", { value: 1, configurable: false, enumerable: true })');
  return [run('delete globalThis.fixed'), delete Object.create(context).fixed, Object.getOwnPropertyDescriptor(context, 'fixed'), attempt(() => run('Object.defineProperty(globalThis, "fixed", { value: 2 })'))];
}, [
  false,
  true,
  { value: 1, writable: false, enumerable: true, configurable: false },
  'throws TypeError'
]);

check('a property redefined from data to accessor and back, from inside', () => {
  const { context, run } = open({ p: 1 });
  run('Object.defineProperty(globalThis, "p", { get: () => "got", configurable: true })');
  const middle = context.p;
  run('Object.defineProperty(globalThis, "p", { value: "data", writable: true, configurable: true })');
  return [middle, context.p, Object.getOwnPropertyDescriptor(context, 'p')];
}, [ 'got', 'data', { value: 'data', writable: true, enumerable: true, configurable: true } ]);

check('a property made writable is written from then on', () => {
  const { context, run } = open();
  run('Object.defineProperty(this, "f", { value: 1, configurable: true })');
  run('Object.defineProperty(this, "f", { writable: true })');
  run('f = 3');
  return [run('f'), context.f];
}, [ 3, 3 ]);

check('Reflect.set says that a read-only name was not written', () => {
  const { run } = open();
  run('Object.defineProperty(this, "f", { value: 1, configurable: true })');
  return run('[Reflect.set(globalThis, "f", 3), Reflect.set(globalThis, "undefined", 3), Reflect.set(globalThis, "g", 3)]');
}, [ false, false, true ]);

// A script's accessor that the host took away, or put a value in the place of: the context still has it.
const stale = {
  'took away': (sandbox) => { delete sandbox.p; },
  'made a value': (sandbox) => Object.defineProperty(sandbox, 'p', { value: 9, writable: true, enumerable: true, configurable: true }),
};
const accessor = (setter) => `const log = [];
  Object.defineProperty(globalThis, 'p', { value: 1, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(globalThis, 'p', { get() { log.push('get', this === globalThis); return 'got'; }, ${setter} configurable: true });`;
for (const [how, change] of Object.entries(stale)) {
  const make = (setter) => {
    const { context, run } = open();
    run(accessor(setter));
    change(context);
    return run;
  };
  const isGone = how === 'took away';
  for (const [get, set] of [['p', 'p = 5'], ['globalThis.p', 'globalThis.p = 5'], ['Reflect.get(globalThis, "p")', 'Reflect.set(globalThis, "p", 5)']]) {
    check(`an accessor that the host ${how} runs with the global as receiver: ${set}`, () => {
      const run = make('set(value) { log.push("set", value, this === globalThis); },');
      return [run(get), run(set), run('log')];
    }, [isGone ? 'got' : 9, set.startsWith('Reflect') ? true : 5, [...(isGone ? ['get', true] : []), 'set', 5, true]]);
  }
  check(`an accessor without a setter that the host ${how} refuses what is written`, () => {
    const run = make('');
    const said = (code) => run(`(() => { 'use strict'; try { ${code}; } catch (error) { return String(error); } })()`);
    return [run('Reflect.set(globalThis, "p", 5)'), run('p = 5'), said('p = 5'), said('globalThis.p = 5')];
  }, [false, 5, ...Array(2).fill('TypeError: Cannot set property p of [object Object] which has only a getter')]);
  check(`an object that inherits from the global has its own property where the host ${how} an accessor`, () =>
    make('set() { log.push("set"); },')('const inherits = Object.create(globalThis); inherits.p = 5; [Object.hasOwn(inherits, "p"), log.length]'), [true, 0]);
}
