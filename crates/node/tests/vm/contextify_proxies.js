'use strict';
// Proxy sandboxes: each trap, what it is asked and what its answer does.

const vm = require('vm');
const { attempt, check } = require('./harness');

function logged(target, log, extra = {}) {
  const handler = {};
  for (const trap of Object.getOwnPropertyNames(Reflect)) {
    if (trap === 'construct' || trap === 'apply') continue;
    handler[trap] = (...args) => {
      log.push(typeof args[1] === 'string' ? `${trap} ${args[1]}` : trap);
      return (extra[trap] ?? Reflect[trap])(...args);
    };
  }
  return new Proxy(target, handler);
}

check('the get trap answers reads of every name, built-in ones too', () => {
  const context = vm.createContext(new Proxy({ x: 1 }, { get: (target, key) => (key === 'magic' ? 42 : target[key]) }));
  return ['magic', 'typeof magic', 'x', 'this.magic', 'typeof nope', 'nope', 'typeof Array', 'typeof globalThis', 'typeof this'].map((code) => attempt(() => vm.runInContext(code, context)));
}, [
  42,          'number',
  1,           42,
  'undefined', undefined,
  'undefined', 'undefined',
  'object'
]);

check('a proxy without a get trap leaves the built-ins', () => {
  return [{}, { has: (target, key) => key in target }, { set: Reflect.set }].map((handler) => {
    const context = vm.createContext(new Proxy({ x: 1 }, handler));
    return ['x', 'typeof Array', 'typeof globalThis', 'typeof nope', 'nope', '"Array" in this', 'this.x', 'y = 2; y'].map((code) => attempt(() => vm.runInContext(code, context)));
  });
}, [
  [ 1, 'function', 'object', 'undefined', 'throws ReferenceError', true, 1, 2 ],
  [ 1, 'function', 'object', 'undefined', 'throws ReferenceError', true, 1, 2 ],
  [ 1, 'function', 'object', 'undefined', 'throws ReferenceError', true, 1, 2 ]
]);

check('get and has traps answer any name', () => {
  const context = vm.createContext(new Proxy({}, { get: (target, key) => (typeof key === 'string' ? `<${key}>` : undefined), has: () => true }));
  return [vm.runInContext('anything', context), vm.runInContext('other + 1', context), attempt(() => vm.runInContext('Array', context))];
}, [ '<anything>', '<other>1', '<Array>' ]);

check('the set trap sees writes', () => {
  const seen = {};
  const context = vm.createContext(new Proxy({ x: 0 }, { set(target, key, value) { seen[key] = value; target[key] = value; return true; } }));
  vm.runInContext('x = 1; y = 2', context);
  return [seen, context.x, context.y];
}, [ { x: 1, y: 2 }, 1, 2 ]);

check.original('the set trap is called twice for one write', () => {
  let count = 0;
  vm.runInNewContext('x = 1', new Proxy({ x: 0 }, { set(target, key, value) { count++; target[key] = value; return true; } }));
  return count;
}, 2);

check('a set trap that refuses', () => {
  const context = vm.createContext(new Proxy({ x: 0 }, { set: () => false }));
  return [attempt(() => vm.runInContext('x = 1; x', context)), attempt(() => vm.runInContext('"use strict"; x = 1; x', context))];
}, [ 1, 1 ]);

check('the deleteProperty trap sees deletes', () => {
  const seen = [];
  const context = vm.createContext(new Proxy({ x: 1 }, { deleteProperty(target, key) { seen.push(key); return delete target[key]; } }));
  return [vm.runInContext('delete globalThis.x', context), seen, 'x' in context];
}, [ true, [ 'x' ], false ]);

check('a deleteProperty trap that refuses', () => {
  const context = vm.createContext(new Proxy({ x: 1 }, { deleteProperty: () => false }));
  return [vm.runInContext('delete globalThis.x', context), vm.runInContext('x', context)];
}, [ false, 1 ]);

check('the getOwnPropertyDescriptor trap', () => {
  const virtual = { value: 5, configurable: true, enumerable: true, writable: true };
  const context = vm.createContext(new Proxy({ describe: Object.getOwnPropertyDescriptor }, { getOwnPropertyDescriptor: (target, key) => (key === 'virtual' ? virtual : Reflect.getOwnPropertyDescriptor(target, key)) }));
  return [vm.runInContext('describe(this, "virtual")', context), attempt(() => vm.runInContext('"virtual" in this', context))];
}, [ { value: 5, writable: true, enumerable: true, configurable: true }, false ]);

check.original('hasOwn does not ask the getOwnPropertyDescriptor trap', () => {
  const virtual = { value: 5, configurable: true, enumerable: true, writable: true };
  const context = vm.createContext(new Proxy({}, { getOwnPropertyDescriptor: (target, key) => (key === 'virtual' ? virtual : Reflect.getOwnPropertyDescriptor(target, key)) }));
  return vm.runInContext('Object.hasOwn(this, "virtual")', context);
}, false);

check('the defineProperty trap sees definitions', () => {
  const seen = [];
  const context = vm.createContext(new Proxy({}, { defineProperty(target, key, descriptor) { seen.push(key, Object.keys(descriptor).sort()); return Reflect.defineProperty(target, key, descriptor); } }));
  vm.runInContext('Object.defineProperty(globalThis, "d", { value: 1, configurable: true })', context);
  return [seen.filter((entry) => entry === 'd').length > 0, context.d];
}, [ true, 1 ]);

check('a trap that throws', () => {
  const context = vm.createContext(new Proxy({ x: 1 }, { set() { throw new RangeError('set'); }, deleteProperty() { throw new RangeError('delete'); } }));
  return [attempt(() => vm.runInContext('x = 1', context)), attempt(() => vm.runInContext('delete globalThis.x', context)), vm.runInContext('x', context)];
}, [ 'throws RangeError', 'throws RangeError', 1 ]);

check('a proxy revoked after it became a context', () => {
  const { proxy, revoke } = Proxy.revocable({ x: 1 }, {});
  const context = vm.createContext(proxy);
  const before = vm.runInContext('x', context);
  revoke();
  return [before, vm.runInContext('1 + 1', context)];
}, [ 1, 2 ]);

check('a proxy of a context', () => {
  const context = vm.createContext({ x: 1 });
  return [vm.isContext(new Proxy(context, {})), attempt(() => vm.runInContext('x', new Proxy(context, {})))];
}, [ false, 'throws TypeError' ]);

check('a proxy over a frozen object', () => {
  const context = vm.createContext(new Proxy(Object.freeze({ x: 1 }), {}));
  return [vm.runInContext('x', context), attempt(() => vm.runInContext('x = 2; x', context))];
}, [ 1, 1 ]);

check.since('v24.0.0', 'a proxy as the prototype of the sandbox', () => {
  const proto = new Proxy({}, { get: (target, key) => (key === 'fromProxy' ? 'yes' : undefined) });
  const context = vm.createContext(Object.create(proto, { own: { value: 1 } }));
  return ['fromProxy', 'own', 'nope', 'typeof Array', '"fromProxy" in this'].map((code) => attempt(() => vm.runInContext(code, context)));
}, [ 'yes', 1, undefined, 'undefined', false ]);

check('values that are proxies pass unchanged', () => {
  const proxy = new Proxy({}, { get: (target, key) => key.toString() });
  const context = vm.createContext({ proxy });
  return [vm.runInContext('proxy.hello', context), vm.runInContext('proxy', context) === proxy];
}, [ 'hello', true ]);

check('a read asks the proxy for the value', () => {
  const log = [];
  const context = vm.createContext(logged({ x: 1 }, log));
  log.length = 0;
  const value = vm.runInContext('x', context);
  return [value, log.includes('get x')];
}, [ 1, true ]);

check('a write asks the proxy to set or define', () => {
  const log = [];
  const context = vm.createContext(logged({ x: 1 }, log));
  log.length = 0;
  vm.runInContext('x = 2', context);
  return [log.includes('set x'), log.includes('defineProperty x'), context.x];
}, [ true, true, 2 ]);

check.original('the traps of one read, one write, one typeof and one delete, in their order', () => {
  const log = [];
  const context = vm.createContext(logged({ x: 1 }, log));
  return ['x', 'x = 2', 'typeof x', 'typeof nope', 'fresh = 1', 'delete this.x', '"x" in this'].map((code) => {
    log.length = 0;
    vm.runInContext(code, context);
    return [code, ...log];
  });
}, [
  [ 'x', 'get x' ],
  [
    'x = 2',
    'getOwnPropertyDescriptor x',
    'set x',
    'getOwnPropertyDescriptor x',
    'defineProperty x',
    'getOwnPropertyDescriptor x',
    'getOwnPropertyDescriptor x',
    'getOwnPropertyDescriptor x',
    'getOwnPropertyDescriptor x',
    'getOwnPropertyDescriptor x',
    'defineProperty x',
    'getOwnPropertyDescriptor x',
    'set x',
    'getOwnPropertyDescriptor x',
    'defineProperty x',
    'getOwnPropertyDescriptor x'
  ],
  [ 'typeof x', 'get x' ],
  [ 'typeof nope', 'get nope' ],
  [
    'fresh = 1',
    'getOwnPropertyDescriptor fresh',
    'set fresh',
    'getOwnPropertyDescriptor fresh',
    'defineProperty fresh',
    'getOwnPropertyDescriptor fresh',
    'getOwnPropertyDescriptor fresh',
    'getOwnPropertyDescriptor fresh',
    'getOwnPropertyDescriptor fresh',
    'getOwnPropertyDescriptor fresh',
    'defineProperty fresh',
    'getOwnPropertyDescriptor fresh',
    'set fresh',
    'getOwnPropertyDescriptor fresh',
    'defineProperty fresh',
    'getOwnPropertyDescriptor fresh'
  ],
  [ 'delete this.x', 'deleteProperty x' ],
  [ '"x" in this' ]
]);
