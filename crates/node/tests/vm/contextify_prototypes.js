'use strict';
// Sandboxes with prototypes, without one, of classes, and enumeration of the global.

const vm = require('vm');
const { attempt, check } = require('./harness');

function open(sandbox = {}) {
  const context = vm.createContext(sandbox);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check.since('v24.0.0', 'a property of the sandbox\'s prototype is a global', () => {
  const { run } = open(Object.create({ inherited: 1 }));
  return [run('inherited'), run('typeof inherited'), run('globalThis.inherited'), run('Object.hasOwn(globalThis, "inherited")')];
}, [ 1, 'number', 1, false ]);

check('assigning to an inherited name makes an own property of the sandbox', () => {
  const proto = { inherited: 1 };
  const { context, run } = open(Object.create(proto));
  run('inherited = 2');
  return [proto.inherited, Object.hasOwn(context, 'inherited'), context.inherited];
}, [ 1, true, 2 ]);

check('deleting an own property uncovers the inherited one', () => {
  const { run } = open(Object.assign(Object.create({ x: 'proto' }), { x: 'own' }));
  return [run('x'), run('delete globalThis.x'), run('x'), run('delete globalThis.x'), run('x')];
}, [ 'own', true, 'proto', true, 'proto' ]);

check('an inherited setter and getter run with the sandbox as receiver', () => {
  const seen = [];
  const proto = { get p() { seen.push('get', this === sandbox); return 1; }, set p(value) { seen.push('set', this === sandbox, value); } };
  const sandbox = Object.create(proto);
  const { run } = open(sandbox);
  run('p; p = 2');
  return [seen, Object.keys(sandbox)];
}, [ [ 'get', true, 'set', true, 2 ], [] ]);

check('a property added to the prototype later is a global', () => {
  const proto = {};
  const { run } = open(Object.create(proto));
  proto.late = 1;
  return run('late');
}, 1);

check('a long chain of prototypes', () => {
  let sandbox = { deep: 'found' };
  for (let i = 0; i < 100; i++) sandbox = Object.create(sandbox);
  return open(sandbox).run('deep');
}, 'found');

check('changing the prototype of the sandbox', () => {
  const { context, run } = open({});
  Object.setPrototypeOf(context, { swapped: 1 });
  return run('typeof swapped');
}, 'number');

check('a sandbox without a prototype', () => {
  const { context, run } = open(Object.create(null));
  run('x = 1; function f() { return x }');
  return [context.x, run('f()'), run('typeof toString'), run('Object.prototype.toString.call(globalThis)'), Object.keys(context)];
}, [ 1, 1, 'function', '[object Object]', [ 'f', 'x' ] ]);

check('an instance of a class as the sandbox', () => {
  class Box {
    #hidden = 1;
    constructor() { this.own = 2; }
    method() { return this.own; }
    get accessor() { return this.own + 1; }
    hidden() { return this.#hidden; }
  }
  const { run } = open(new Box());
  return [run('own'), run('accessor'), attempt(() => run('method()')), attempt(() => run('globalThis.method()')), attempt(() => run('hidden()'))];
}, [ 2, 3, 'throws TypeError', 2, 'throws TypeError' ]);

check('Object.prototype of the sandbox\'s realm and of the context', () => {
  const { run } = open({});
  return [run('globalThis instanceof Object'), run('Object.getPrototypeOf(globalThis) === Object.prototype'), run('Object.getPrototypeOf(Object.getPrototypeOf(globalThis)) === Object.prototype'), run('typeof hasOwnProperty'), run('typeof globalThis.toString')];
}, [ true, false, true, 'function', 'function' ]);

check('the names of Object.prototype are seen as globals', () => {
  const { run } = open({});
  return run('[typeof hasOwnProperty, typeof valueOf, typeof toString, typeof constructor, typeof __proto__]');
}, [ 'function', 'function', 'function', 'function', 'object' ]);

check('globalThis.constructor and its name', () => {
  const { run } = open({});
  return [run('globalThis.constructor.name'), run('globalThis.constructor === Object')];
}, [ 'Object', false ]);

check('Object.keys of the global: the sandbox\'s names and what scripts made', () => {
  const { context, run } = open({ z: 1, a: 2, 5: 'five', 1: 'one' });
  run('b = 3; var c = 4');
  return [[...run('Object.keys(globalThis)')].sort(), Object.keys(context)];
}, [ [ '1', '5', 'a', 'b', 'c', 'z' ], [ '1', '5', 'z', 'a', 'b', 'c' ] ]);

check.original('Object.keys of the global: the order of the names', () => {
  const { context, run } = open({ z: 1, a: 2, 5: 'five', 1: 'one' });
  run('b = 3; var c = 4');
  return [run('Object.keys(globalThis)'), Object.keys(context)];
}, [ [ '1', '5', 'c', 'b', 'z', 'a' ], [ '1', '5', 'z', 'a', 'b', 'c' ] ]);

check('getOwnPropertyNames of the global: the sandbox\'s and the built-ins', () => {
  const { run } = open({ mine: 1 });
  return run('const names = Object.getOwnPropertyNames(globalThis); [names.includes("mine"), names.includes("Array"), names.includes("globalThis"), names.length === new Set(names).size]');
}, [ true, true, true, true ]);

check.since('v24.0.0', 'ownKeys with symbols', () => {
  const key = Symbol('mine');
  const { run } = open({ [key]: 1 });
  return run('[Object.getOwnPropertySymbols(globalThis).map(String), Reflect.ownKeys(globalThis).map(String).includes("Symbol(mine)")]');
}, [ [ 'Symbol(mine)' ], true ]);

check.since('v24.0.0', 'non-enumerable properties are not among the keys', () => {
  const { run } = open(Object.defineProperty({ shown: 1 }, 'hidden', { value: 1, configurable: true }));
  return [run('Object.keys(globalThis)'), run('Object.getOwnPropertyNames(globalThis).includes("hidden")')];
}, [ [ 'shown' ], true ]);

check.since('v24.0.0', 'for-in over the global: own and inherited enumerable names of the sandbox', () => {
  const { run } = open(Object.assign(Object.create({ inherited: 1 }), { own: 2 }));
  return run('const seen = []; for (const k in globalThis) seen.push(k); seen');
}, [ 'own' ]);

check('for-in over the global while it changes', () => {
  const { run } = open({ a: 1, b: 2, c: 3 });
  return run('const seen = []; for (const k in globalThis) { seen.push(k); delete globalThis.b; globalThis.d = 4 } seen');
}, [ 'a', 'c' ]);

check('Object.entries and values of the global', () => {
  const { run } = open({ a: 1, get b() { return 2; } });
  return [run('Object.entries(globalThis)'), run('Object.values(globalThis)')];
}, [ [ [ 'a', 1 ], [ 'b', 2 ] ], [ 1, 2 ] ]);

check.since('v24.0.0', 'a deleted and re-added property moves to the end', () => {
  const { context, run } = open({ a: 1, b: 2 });
  run('delete globalThis.a; a = 3');
  return [Object.keys(context), run('Object.keys(globalThis)')];
}, [ [ 'b', 'a' ], [ 'a', 'b' ] ]);

check('setting the prototype of the global', () => {
  const { run } = open({});
  return [attempt(() => run('Object.setPrototypeOf(globalThis, { viaProto: 1 }); typeof viaProto'))];
}, [ 'number' ]);

check('Symbol.toStringTag of the global and of the sandbox', () => {
  const { run } = open({ [Symbol.toStringTag]: 'Mine' });
  return [run('Object.prototype.toString.call(globalThis)'), open({}).run('String(globalThis)')];
}, [ '[object Mine]', '[object Object]' ]);

check('the global shows the class of its sandbox', () => {
  class Shop {}
  const shown = (sandbox) => open(sandbox).run('Object.prototype.toString.call(globalThis)');
  return [new Shop(), new (class Other extends Shop {})(), Object.create(new Shop()), new Map(), [], new Date(0), Object.create(null),
          { constructor: Shop }, Object.create({ constructor: 1 }), new (class {})()].map(shown);
}, ['Shop', 'Other', 'Shop', 'Map', 'Array', 'Date', 'Object', 'Object', 'Object', 'Object'].map((name) => `[object ${name}]`));

check('the class of the sandbox is a tag of the global\'s own, which scripts may change', () => {
  const { context, run } = open(new (class Shop {})());
  const own = [Reflect.ownKeys(context), run('Object.getOwnPropertyDescriptor(globalThis, Symbol.toStringTag)'), run('Object.keys(globalThis)')];
  const written = [run('globalThis[Symbol.toStringTag] = "Mine"; String(globalThis)')];
  const fresh = open(new (class Shop {})());
  return [...own, ...written, fresh.run('delete globalThis[Symbol.toStringTag]; String(globalThis)'), require('util').inspect(fresh.run('globalThis'))];
}, [[], { value: 'Shop', writable: true, enumerable: false, configurable: true }, [], '[object Mine]', '[object Object]', '{}']);

check('Symbol.unscopables of the sandbox does not hide globals', () => {
  const { run } = open({ x: 1, [Symbol.unscopables]: { x: true } });
  return run('typeof x');
}, 'number');

check('with (globalThis)', () => {
  const { run } = open({ x: 1 });
  return run('with (globalThis) { x }');
}, 1);

check('with over an object, and assignment through it', () => {
  const { context, run } = open({ o: { x: 1 } });
  run('with (o) { x = 2; fresh = 3 }');
  return [context.o.x, context.fresh];
}, [ 2, 3 ]);
