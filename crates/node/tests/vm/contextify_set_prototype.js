'use strict';
// Prototypes of a context's global and of its sandbox that are changed by every way there is, from within and from
// outside; and writes to names that the global inherits.

const vm = require('vm');
const { check } = require('./harness');

const set = Object.getOwnPropertyDescriptor(Object.prototype, '__proto__').set;
const WAYS = {
  'Object.setPrototypeOf': () => Object.setPrototypeOf,
  'Reflect.setPrototypeOf': () => Reflect.setPrototypeOf,
  '__proto__ =': () => (target, prototype) => { target.__proto__ = prototype; },
  'setter': () => (target, prototype) => { set.call(target, prototype); },
  'Object.setPrototypeOf within': (run) => run('Object.setPrototypeOf'),
  'Reflect.setPrototypeOf within': (run) => run('Reflect.setPrototypeOf'),
  '__proto__ = within': (run) => run('(target, prototype) => { target.__proto__ = prototype }'),
  'strict __proto__ = within': (run) => run('"use strict"; (target, prototype) => { target.__proto__ = prototype }'),
  'by name within': (run) => (target, prototype) => run('(prototype) => { __proto__ = prototype }')(prototype),
};
const PROTOTYPES = { null: () => null, plain: () => ({ zz: 42 }), getter: () => ({ get zz() { return 42; } }), array: () => [42], function: () => () => 42, global: (global) => global };
const SANDBOXES = { plain: () => ({ own: 1 }), bare: () => ({ __proto__: null, own: 1 }) };

// What an expression comes to, or the name of its error.
const outcome = (evaluate) => {
  try {
    const value = evaluate();
    return typeof value === 'object' && value !== null ? 'object' : typeof value === 'function' ? 'function' : String(value);
  } catch (error) {
    return error.name;
  }
};

function afterwards(makeSandbox, ofGlobal, way, makePrototype) {
  const sandbox = makeSandbox();
  const context = vm.createContext(sandbox);
  const run = (code) => vm.runInContext(code, context);
  const global = run('this');
  const prototype = makePrototype(global);
  const change = WAYS[way](run);
  const seen = [outcome(() => change(ofGlobal ? global : sandbox, prototype))];
  const of = (object) => (Object.getPrototypeOf(object) === prototype ? 'changed' : outcome(() => Object.getPrototypeOf(object)));
  seen.push(of(global), of(sandbox));
  for (const code of ['typeof zz', 'zz', '"zz" in this', 'typeof toString', 'this instanceof Object', 'typeof __proto__', '"use strict"; zz = 7', 'typeof Array']) {
    seen.push(outcome(() => run(code)));
  }
  seen.push(outcome(() => global.zz), outcome(() => sandbox.zz));
  return seen.join(' ');
}

const written = {
  readonly: 'Object.defineProperty(Object.prototype, "x", { value: 5, configurable: true })',
  writable: 'Object.prototype.x = 5',
  setter: 'Object.defineProperty(Object.prototype, "x", { set(v) { globalThis.seen = v + String(this === globalThis) }, configurable: true })',
  getter: 'Object.defineProperty(Object.prototype, "x", { get() { return 6 }, configurable: true })',
};
const HOLDERS = { nothing: () => ({}), own: () => ({ x: 1 }), bare: () => ({ __proto__: null }), 'own and bare': () => ({ __proto__: null, x: 1 }), inherited: () => ({ __proto__: { x: 1 } }) };

function write(makeSandbox, inherited, code) {
  const sandbox = makeSandbox();
  const context = vm.createContext(sandbox);
  const run = (text) => outcome(() => vm.runInContext(text, context));
  run(written[inherited]);
  const seen = [run(code), run('x'), run('Object.hasOwn(this, "x")'), outcome(() => Object.hasOwn(sandbox, 'x')), outcome(() => sandbox.x), run('typeof seen === "undefined" ? "" : seen')];
  delete sandbox.x;
  return [...seen, run('this.x'), run('Object.hasOwn(this, "x")')].join(' ');
}


check.since('v24.0.0', 'the prototype of the global changes, of a plain sandbox', () => (
  Object.entries(PROTOTYPES).flatMap(([name, make]) => (
    Object.keys(WAYS).map((way) => `${name}, ${way}: ${afterwards(SANDBOXES.plain, true, way, make)}`)))
), [
  'null, Object.setPrototypeOf: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'null, __proto__ =: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, setter: undefined changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'null, Object.setPrototypeOf within: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf within: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'null, __proto__ = within: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, strict __proto__ = within: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, by name within: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'plain, Object.setPrototypeOf: object changed object number 42 true function false object 7 function 7 7',
  'plain, Reflect.setPrototypeOf: true changed object number 42 true function false object 7 function 7 7',
  'plain, __proto__ =: undefined changed changed number 42 true function false object 7 function 7 7',
  'plain, setter: undefined changed object number 42 true function false object 7 function 7 7',
  'plain, Object.setPrototypeOf within: object changed object number 42 true function false object 7 function 7 7',
  'plain, Reflect.setPrototypeOf within: true changed object number 42 true function false object 7 function 7 7',
  'plain, __proto__ = within: undefined changed changed number 42 true function false object 7 function 7 7',
  'plain, strict __proto__ = within: undefined changed changed number 42 true function false object 7 function 7 7',
  'plain, by name within: undefined changed changed number 42 true function false object 7 function 7 7',
  'getter, Object.setPrototypeOf: object changed object number 42 true function false object TypeError function 7 7',
  'getter, Reflect.setPrototypeOf: true changed object number 42 true function false object TypeError function 7 7',
  'getter, __proto__ =: undefined changed changed number 42 true function false object TypeError function 42 42',
  'getter, setter: undefined changed object number 42 true function false object TypeError function 7 7',
  'getter, Object.setPrototypeOf within: object changed object number 42 true function false object TypeError function 7 7',
  'getter, Reflect.setPrototypeOf within: true changed object number 42 true function false object TypeError function 7 7',
  'getter, __proto__ = within: undefined changed changed number 42 true function false object TypeError function 42 42',
  'getter, strict __proto__ = within: undefined changed changed number 42 true function false object TypeError function 42 42',
  'getter, by name within: undefined changed changed number 42 true function false object TypeError function 42 42',
  'array, Object.setPrototypeOf: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, __proto__ =: undefined changed changed undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, setter: undefined changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Object.setPrototypeOf within: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf within: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, __proto__ = within: undefined changed changed undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, strict __proto__ = within: undefined changed changed undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, by name within: undefined changed changed undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, __proto__ =: undefined changed changed undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, setter: undefined changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf within: object changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf within: true changed object undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, __proto__ = within: undefined changed changed undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, strict __proto__ = within: undefined changed changed undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, by name within: undefined changed changed undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf: TypeError object object undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf: false object object undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ =: TypeError object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, setter: TypeError object object undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf within: TypeError object object undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf within: false object object undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ = within: TypeError object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, strict __proto__ = within: TypeError object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, by name within: TypeError object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
]);

check.since('v24.0.0', 'the prototype of the global changes, of a bare sandbox', () => (
  Object.entries(PROTOTYPES).flatMap(([name, make]) => (
    Object.keys(WAYS).map((way) => `${name}, ${way}: ${afterwards(SANDBOXES.bare, true, way, make)}`)))
), [
  'null, Object.setPrototypeOf: object changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf: true changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, __proto__ =: undefined changed changed undefined ReferenceError false undefined false object ReferenceError function undefined undefined',
  'null, setter: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, Object.setPrototypeOf within: object changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf within: true changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'null, __proto__ = within: undefined changed changed undefined ReferenceError false undefined false object ReferenceError function undefined undefined',
  'null, strict __proto__ = within: undefined changed changed undefined ReferenceError false undefined false object ReferenceError function undefined undefined',
  'null, by name within: undefined changed changed undefined ReferenceError false undefined false object ReferenceError function undefined undefined',
  'plain, Object.setPrototypeOf: object changed null number 42 true function false object 7 function 7 7',
  'plain, Reflect.setPrototypeOf: true changed null number 42 true function false object 7 function 7 7',
  'plain, __proto__ =: undefined changed null number 42 true function false object 7 function 7 7',
  'plain, setter: undefined changed null number 42 true function false object 7 function 7 7',
  'plain, Object.setPrototypeOf within: object changed null number 42 true function false object 7 function 7 7',
  'plain, Reflect.setPrototypeOf within: true changed null number 42 true function false object 7 function 7 7',
  'plain, __proto__ = within: undefined changed null number 42 true function false object 7 function 7 7',
  'plain, strict __proto__ = within: undefined changed null number 42 true function false object 7 function 7 7',
  'plain, by name within: undefined changed null number 42 true function false object 7 function 7 7',
  'getter, Object.setPrototypeOf: object changed null number 42 true function false object TypeError function 7 7',
  'getter, Reflect.setPrototypeOf: true changed null number 42 true function false object TypeError function 7 7',
  'getter, __proto__ =: undefined changed null number 42 true function false object TypeError function 7 7',
  'getter, setter: undefined changed null number 42 true function false object TypeError function 7 7',
  'getter, Object.setPrototypeOf within: object changed null number 42 true function false object TypeError function 7 7',
  'getter, Reflect.setPrototypeOf within: true changed null number 42 true function false object TypeError function 7 7',
  'getter, __proto__ = within: undefined changed null number 42 true function false object TypeError function 7 7',
  'getter, strict __proto__ = within: undefined changed null number 42 true function false object TypeError function 7 7',
  'getter, by name within: undefined changed null number 42 true function false object TypeError function 7 7',
  'array, Object.setPrototypeOf: object changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf: true changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, __proto__ =: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, setter: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Object.setPrototypeOf within: object changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf within: true changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, __proto__ = within: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, strict __proto__ = within: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'array, by name within: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf: object changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf: true changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, __proto__ =: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, setter: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf within: object changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf within: true changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, __proto__ = within: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, strict __proto__ = within: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'function, by name within: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf: false object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ =: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, setter: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf within: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf within: false object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ = within: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, strict __proto__ = within: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, by name within: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
]);

check.since('v24.0.0', 'the prototype of the sandbox changes, of a plain sandbox', () => (
  Object.entries(PROTOTYPES).flatMap(([name, make]) => (
    Object.keys(WAYS).map((way) => `${name}, ${way}: ${afterwards(SANDBOXES.plain, false, way, make)}`)))
), [
  'null, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, __proto__ =: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, strict __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, by name within: undefined changed changed undefined ReferenceError false undefined false undefined ReferenceError function undefined undefined',
  'plain, Object.setPrototypeOf: object object changed number 42 false function true object 7 function 7 7',
  'plain, Reflect.setPrototypeOf: true object changed number 42 false function true object 7 function 7 7',
  'plain, __proto__ =: undefined object changed number 42 false function true object 7 function 7 7',
  'plain, setter: undefined object changed number 42 false function true object 7 function 7 7',
  'plain, Object.setPrototypeOf within: object object changed number 42 false function true object 7 function 7 7',
  'plain, Reflect.setPrototypeOf within: true object changed number 42 false function true object 7 function 7 7',
  'plain, __proto__ = within: undefined object changed number 42 false function true object 7 function 7 7',
  'plain, strict __proto__ = within: undefined object changed number 42 false function true object 7 function 7 7',
  'plain, by name within: undefined changed changed number 42 true function false object 7 function 7 7',
  'getter, Object.setPrototypeOf: object object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Reflect.setPrototypeOf: true object changed number 42 false function true object ReferenceError function 42 42',
  'getter, __proto__ =: undefined object changed number 42 false function true object ReferenceError function 42 42',
  'getter, setter: undefined object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Object.setPrototypeOf within: object object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Reflect.setPrototypeOf within: true object changed number 42 false function true object ReferenceError function 42 42',
  'getter, __proto__ = within: undefined object changed number 42 false function true object ReferenceError function 42 42',
  'getter, strict __proto__ = within: undefined object changed number 42 false function true object ReferenceError function 42 42',
  'getter, by name within: undefined changed changed number 42 true function false object TypeError function 42 42',
  'array, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, __proto__ =: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, strict __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, by name within: undefined changed changed undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf: object object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, __proto__ =: undefined object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, setter: undefined object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, __proto__ = within: undefined object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, strict __proto__ = within: undefined object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, by name within: undefined changed changed undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ =: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, strict __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, by name within: TypeError object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
]);

check.since('v24.0.0', 'the prototype of the sandbox changes, of a bare sandbox', () => (
  Object.entries(PROTOTYPES).flatMap(([name, make]) => (
    Object.keys(WAYS).map((way) => `${name}, ${way}: ${afterwards(SANDBOXES.bare, false, way, make)}`)))
), [
  'null, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, __proto__ =: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, strict __proto__ = within: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'null, by name within: undefined changed changed undefined ReferenceError false undefined false object ReferenceError function undefined undefined',
  'plain, Object.setPrototypeOf: object object changed number 42 false function true object 7 function 7 7',
  'plain, Reflect.setPrototypeOf: true object changed number 42 false function true object 7 function 7 7',
  'plain, __proto__ =: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'plain, setter: undefined object changed number 42 false function true object 7 function 7 7',
  'plain, Object.setPrototypeOf within: object object changed number 42 false function true object 7 function 7 7',
  'plain, Reflect.setPrototypeOf within: true object changed number 42 false function true object 7 function 7 7',
  'plain, __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'plain, strict __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'plain, by name within: undefined changed null number 42 true function false object 7 function 7 7',
  'getter, Object.setPrototypeOf: object object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Reflect.setPrototypeOf: true object changed number 42 false function true object ReferenceError function 42 42',
  'getter, __proto__ =: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'getter, setter: undefined object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Object.setPrototypeOf within: object object changed number 42 false function true object ReferenceError function 42 42',
  'getter, Reflect.setPrototypeOf within: true object changed number 42 false function true object ReferenceError function 42 42',
  'getter, __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'getter, strict __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'getter, by name within: undefined changed null number 42 true function false object TypeError function 7 7',
  'array, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, __proto__ =: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, strict __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'array, by name within: undefined changed null undefined ReferenceError false function false object ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf: object object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, __proto__ =: undefined object null undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, setter: undefined object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, __proto__ = within: undefined object null undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, strict __proto__ = within: undefined object null undefined ReferenceError false function true function ReferenceError function undefined undefined',
  'function, by name within: undefined changed null undefined ReferenceError false function false function ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ =: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, setter: undefined object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Object.setPrototypeOf within: object object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, Reflect.setPrototypeOf within: true object changed undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, strict __proto__ = within: undefined object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
  'global, by name within: TypeError object null undefined ReferenceError false function true object ReferenceError function undefined undefined',
]);

check.since('v24.0.0', 'what the global inherits is written: x = 9', () => (
  Object.keys(written).flatMap((kind) => Object.entries(HOLDERS).map(([name, make]) => (
    `${kind}, ${name}: ${write(make, kind, 'x = 9')}`)))
), [
  'readonly, nothing: 9 5 false false undefined  5 false',
  'readonly, own: 9 1 true true 1  5 false',
  'readonly, bare: 9 5 false false undefined  5 false',
  'readonly, own and bare: 9 1 true true 1  5 false',
  'readonly, inherited: 9 1 false false 1  1 false',
  'writable, nothing: 9 9 true true 9  9 true',
  'writable, own: 9 9 true true 9  9 true',
  'writable, bare: 9 9 true true 9  9 true',
  'writable, own and bare: 9 9 true true 9  9 true',
  'writable, inherited: 9 9 true true 9  1 true',
  'setter, nothing: 9 9 true true 9 9true undefined false',
  'setter, own: 9 9 true true 9 9true undefined false',
  'setter, bare: 9 9 true true 9 9true undefined false',
  'setter, own and bare: 9 9 true true 9 9true undefined false',
  'setter, inherited: 9 9 true true 9 9true 1 false',
  'getter, nothing: 9 9 true true 9  6 false',
  'getter, own: 9 9 true true 9  6 false',
  'getter, bare: 9 9 true true 9  6 false',
  'getter, own and bare: 9 9 true true 9  6 false',
  'getter, inherited: 9 9 true true 9  1 false',
]);

check.since('v24.0.0', 'what the global inherits is written: this.x = 9', () => (
  Object.keys(written).flatMap((kind) => Object.entries(HOLDERS).map(([name, make]) => (
    `${kind}, ${name}: ${write(make, kind, 'this.x = 9')}`)))
), [
  'readonly, nothing: 9 5 false false undefined  5 false',
  'readonly, own: 9 1 true true 1  5 false',
  'readonly, bare: 9 5 false false undefined  5 false',
  'readonly, own and bare: 9 1 true true 1  5 false',
  'readonly, inherited: 9 1 false false 1  1 false',
  'writable, nothing: 9 9 true true 9  9 true',
  'writable, own: 9 9 true true 9  9 true',
  'writable, bare: 9 9 true true 9  9 true',
  'writable, own and bare: 9 9 true true 9  9 true',
  'writable, inherited: 9 9 true true 9  1 true',
  'setter, nothing: 9 9 true true 9 9true undefined false',
  'setter, own: 9 9 true true 9 9true undefined false',
  'setter, bare: 9 9 true true 9 9true undefined false',
  'setter, own and bare: 9 9 true true 9 9true undefined false',
  'setter, inherited: 9 9 true true 9 9true 1 false',
  'getter, nothing: 9 9 true true 9  6 false',
  'getter, own: 9 9 true true 9  6 false',
  'getter, bare: 9 9 true true 9  6 false',
  'getter, own and bare: 9 9 true true 9  6 false',
  'getter, inherited: 9 9 true true 9  1 false',
]);

check.since('v24.0.0', 'what the global inherits is written: "use strict"; x = 9', () => (
  Object.keys(written).flatMap((kind) => Object.entries(HOLDERS).map(([name, make]) => (
    `${kind}, ${name}: ${write(make, kind, '"use strict"; x = 9')}`)))
), [
  'readonly, nothing: TypeError 5 false false undefined  5 false',
  'readonly, own: TypeError 1 true true 1  5 false',
  'readonly, bare: TypeError 5 false false undefined  5 false',
  'readonly, own and bare: TypeError 1 true true 1  5 false',
  'readonly, inherited: TypeError 1 false false 1  1 false',
  'writable, nothing: 9 9 true true 9  9 true',
  'writable, own: 9 9 true true 9  9 true',
  'writable, bare: 9 9 true true 9  9 true',
  'writable, own and bare: 9 9 true true 9  9 true',
  'writable, inherited: 9 9 true true 9  1 true',
  'setter, nothing: 9 9 true true 9 9true undefined false',
  'setter, own: 9 9 true true 9 9true undefined false',
  'setter, bare: 9 9 true true 9 9true undefined false',
  'setter, own and bare: 9 9 true true 9 9true undefined false',
  'setter, inherited: 9 9 true true 9 9true 1 false',
  'getter, nothing: TypeError 9 true true 9  6 false',
  'getter, own: TypeError 9 true true 9  6 false',
  'getter, bare: TypeError 9 true true 9  6 false',
  'getter, own and bare: TypeError 9 true true 9  6 false',
  'getter, inherited: TypeError 9 true true 9  1 false',
]);

check.since('v24.0.0', 'what the global inherits is written: "use strict"; this.x = 9', () => (
  Object.keys(written).flatMap((kind) => Object.entries(HOLDERS).map(([name, make]) => (
    `${kind}, ${name}: ${write(make, kind, '"use strict"; this.x = 9')}`)))
), [
  'readonly, nothing: TypeError 5 false false undefined  5 false',
  'readonly, own: TypeError 1 true true 1  5 false',
  'readonly, bare: TypeError 5 false false undefined  5 false',
  'readonly, own and bare: TypeError 1 true true 1  5 false',
  'readonly, inherited: TypeError 1 false false 1  1 false',
  'writable, nothing: 9 9 true true 9  9 true',
  'writable, own: 9 9 true true 9  9 true',
  'writable, bare: 9 9 true true 9  9 true',
  'writable, own and bare: 9 9 true true 9  9 true',
  'writable, inherited: 9 9 true true 9  1 true',
  'setter, nothing: 9 9 true true 9 9true undefined false',
  'setter, own: 9 9 true true 9 9true undefined false',
  'setter, bare: 9 9 true true 9 9true undefined false',
  'setter, own and bare: 9 9 true true 9 9true undefined false',
  'setter, inherited: 9 9 true true 9 9true 1 false',
  'getter, nothing: TypeError 9 true true 9  6 false',
  'getter, own: TypeError 9 true true 9  6 false',
  'getter, bare: TypeError 9 true true 9  6 false',
  'getter, own and bare: TypeError 9 true true 9  6 false',
  'getter, inherited: TypeError 9 true true 9  1 false',
]);
