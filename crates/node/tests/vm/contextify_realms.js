'use strict';
// Realms: what belongs to which context, and what passes between them.

const vm = require('vm');
const assert = require('assert');
const { attempt, check, test } = require('./harness');

function open(sandbox = {}, options) {
  const context = vm.createContext(sandbox, options);
  return { context, run: (code, ...rest) => vm.runInContext(code, context, ...rest) };
}

check('objects made inside are instances of the context\'s classes', () => {
  const { run } = open();
  return ['({})', '[]', 'new Map', 'new Date', '/x/', 'new Error', 'function f() {}; f', 'Promise.resolve()', 'new Uint8Array(1)', 'new Proxy({}, {})', '(async () => {})()', 'Symbol.iterator'].map((code) => {
    const value = run(code);
    return [value instanceof Object, run('(v) => v instanceof Object')(value)];
  });
}, [
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, true ],
  [ false, false ]
]);

check('primitive values pass as they are', () => {
  const { run } = open();
  return run('[1, "s", true, null, undefined, 10n]');
}, [ 1, 's', true, null, undefined, 10n ]);

check('well-known and registered symbols are shared by all contexts', () => {
  const { run } = open();
  return [run('Symbol.iterator') === Symbol.iterator, run('Symbol.for("x")') === Symbol.for('x'), run('Symbol.keyFor')(Symbol.for('y')), run('Symbol.hasInstance') === Symbol.hasInstance];
}, [ true, true, 'y', true ]);

check('typeof and Array.isArray see through realms', () => {
  const { run } = open();
  return [typeof run('() => {}'), Array.isArray(run('[]')), run('Array.isArray')([]), Object.prototype.toString.call(run('[]')), Object.prototype.toString.call(run('new Date')), Object.prototype.toString.call(run('() => {}'))];
}, [ 'function', true, true, '[object Array]', '[object Date]', '[object Function]' ]);

check('built-in methods of one realm work on objects of the other', () => {
  const { run } = open();
  const map = run('new Map([[1, 2]])');
  return [Map.prototype.get.call(map, 1), Array.prototype.concat.call([], run('[1, 2]')), JSON.stringify(run('({ a: [1] })')), run('JSON.stringify')({ a: [2] }), Date.prototype.getTime.call(run('new Date(5)')), run('Object.keys')({ k: 1 })];
}, [ 2, [ 1, 2 ], '{"a":[1]}', '{"a":[2]}', 5, [ 'k' ] ]);

check('map() on an array of another realm makes an array of the caller\'s function\'s realm', () => {
  const { run } = open();
  const inner = run('[1, 2, 3]');
  return [inner.map((x) => x) instanceof Array, Array.prototype.map.call(inner, (x) => x) instanceof Array, run('(a) => a.map((x) => x) instanceof Array')([1])];
}, [ false, true, false ]);

check('a function passed out remembers its globals', () => {
  const { context, run } = open({ n: 1 });
  const f = run('(function () { n++; made = n; return [typeof process, Array === [].constructor, this === globalThis] })');
  return [f(), context.n, context.made];
}, [ [ 'undefined', true, true ], 2, 2 ]);

check('a function passed in remembers its globals', () => {
  globalThis.outerGlobal = 'outer';
  const { run } = open({ f: () => [typeof process, typeof outerGlobal, [] instanceof Array] });
  return run('[...f(), typeof process, typeof outerGlobal]');
}, [ 'object', 'string', true, 'undefined', 'undefined' ]);

check('the this of a sloppy function called from another realm is its own global', () => {
  const { run } = open();
  const f = run('(function () { return this === globalThis })');
  return [f(), f.call(undefined), f.call(null), Reflect.apply(f, undefined, [])];
}, [ true, true, true, true ]);

check('errors the engine throws are of the realm of the running function', () => {
  const { run } = open({ outerThrow: () => null.x });
  return run(`[
    (() => { try { null.x } catch (e) { return e instanceof TypeError } })(),
    (() => { try { outerThrow() } catch (e) { return e instanceof TypeError } })(),
    (() => { try { nope } catch (e) { return e instanceof ReferenceError } })(),
    (() => { try { eval("[") } catch (e) { return e instanceof SyntaxError } })(),
    (() => { try { new Array(-1) } catch (e) { return e instanceof RangeError } })(),
    (() => { try { decodeURI("%") } catch (e) { return e instanceof URIError } })(),
    (() => { try { JSON.parse("{") } catch (e) { return e instanceof SyntaxError } })(),
    (() => { try { (function r() { r() })() } catch (e) { return e instanceof RangeError } })(),
  ]`);
}, [
  true, false, true,
  true, true,  true,
  true, true
]);

check('an error thrown inside is not an instance of the outer Error, but is named and has a stack', () => {
  const { run } = open();
  try {
    run('throw new TypeError("m")');
  } catch (error) {
    return [error instanceof Error, error instanceof TypeError, error.name, error.message, typeof error.stack, Object.prototype.toString.call(error), String(error)];
  }
}, [ false, false, 'TypeError', 'm', 'string', '[object Error]', 'TypeError: m' ]);

check('any value can be thrown out', () => {
  const { run } = open({ own: { a: 1 } });
  return ['1', 'undefined', 'null', '"s"', 'own', '({ b: 2 })', 'Symbol.iterator'].map((code) => {
    try { run(`throw ${code}`); } catch (error) { return [error]; }
    return 'nothing thrown';
  });
}, [
  [ 1 ],
  [ undefined ],
  [ null ],
  [ 's' ],
  [ { a: 1 } ],
  [ { b: 2 } ],
  [ 'Symbol(Symbol.iterator)' ]
]);

check('an error of the host thrown through the context is the same object', () => {
  const error = new Error('host');
  const { run } = open({ f() { throw error; } });
  try { run('f()'); } catch (caught) { return caught === error; }
}, true);

check('a class of the context extended outside, and the other way round', () => {
  const { run, context } = open({ Outer: class Outer { hi() { return 'outer'; } } });
  const Inner = run('class Inner { hi() { return "inner" } } Inner');
  class Both extends Inner {}
  return [new Both().hi(), run('class B extends Outer {} new B().hi()'), new Both() instanceof Inner, run('new B() instanceof Outer')];
}, [ 'inner', 'outer', true, true ]);

check('promises of the context are not instances of the outer Promise, but can be awaited', async () => {
  const { run } = open();
  const promise = run('Promise.resolve(5)');
  return [promise instanceof Promise, await promise, await run('(async () => { await null; return 6 })()')];
}, [ false, 5, 6 ]);

check('a rejection passes out', async () => {
  const { run } = open();
  try { await run('Promise.reject(new TypeError("r"))'); } catch (error) { return [error.name, error instanceof TypeError]; }
}, [ 'TypeError', false ]);

check('async functions and generators of a context', async () => {
  const { run } = open();
  const result = [];
  for await (const value of run('(async function* () { yield 1; yield 2 })()')) result.push(value);
  return [result, [...run('(function* () { yield* [3, 4] })()')]];
}, [ [ 1, 2 ], [ 3, 4 ] ]);

check('microtasks of a context run with those of the program', async () => {
  const log = [];
  const { run } = open({ log });
  Promise.resolve().then(() => log.push('outer 1'));
  run('Promise.resolve().then(() => log.push("inner 1")).then(() => log.push("inner 2"))');
  Promise.resolve().then(() => log.push('outer 2'));
  log.push('sync');
  await new Promise((resolve) => setTimeout(resolve, 5));
  return log;
}, [ 'sync', 'outer 1', 'inner 1', 'outer 2', 'inner 2' ]);

check('Object.getPrototypeOf of functions and async functions of the context', () => {
  const { run } = open();
  return [Object.getPrototypeOf(run('() => {}')) === Function.prototype, run('Object.getPrototypeOf(() => {}) === Function.prototype'), run('(async () => {}).constructor.name'), run('(async () => {}).constructor') === (async () => {}).constructor];
}, [ false, true, 'AsyncFunction', false ]);

check('changing a prototype in one context leaves the others', () => {
  const { run } = open();
  run('Array.prototype.extra = 1; Object.prototype.extra2 = 2');
  return [[].extra, {}.extra2, open().run('[].extra'), run('[].extra'), run('({}).extra2')];
}, [ undefined, undefined, undefined, 1, 2 ]);

check('a context changes the prototypes of the program through an object given in', () => {
  const { run } = open({ o: {} });
  run('o.__proto__.polluted = 1; o.constructor.prototype.polluted2 = 2');
  const result = [{}.polluted, {}.polluted2];
  delete Object.prototype.polluted;
  delete Object.prototype.polluted2;
  return result;
}, [ 1, 2 ]);

check('a context reaches the program through the constructor of a function given in', () => {
  const { run } = open({ f() {} });
  return run('typeof f.constructor("return process")()');
}, 'object');

check('contexts inside contexts', () => {
  const { run } = open({ vm });
  return [run('const inner = vm.createContext({ x: 1 }); vm.runInContext("x = x + 1; typeof Array", inner) + inner.x'), run('vm.isContext(inner)'), run('vm.runInContext("Array", inner) === Array'), run('vm.runInNewContext("vm2.runInNewContext(`y`, { y })", { vm2: vm, y: 9 })')];
}, [ 'function2', true, false, 9 ]);

check('an object made inside can be made a context', () => {
  const { run } = open();
  const inner = run('({ fromInside: 1 })');
  vm.createContext(inner);
  return [vm.isContext(inner), vm.runInContext('fromInside = 2; Array', inner) === run('Array'), inner.fromInside];
}, [ true, false, 2 ]);

check.original('the global of a context as a sandbox of another', () => {
  const { run } = open({ a: 1 });
  const global = run('globalThis');
  return [attempt(() => vm.isContext(global)), attempt(() => { vm.createContext(global); return vm.runInContext('a', global); })];
}, [ false, 'throws ReferenceError' ]);

check('one object shared by two contexts', () => {
  const shared = { n: 0 };
  const a = open({ shared });
  const b = open({ shared });
  a.run('shared.n++; shared.f = () => shared.n');
  b.run('shared.n += 10');
  return [shared.n, b.run('shared.f()')];
}, [ 11, 11 ]);

check('runInThisContext from within a context runs in the program\'s global', () => {
  globalThis.mainOnly = 'main';
  const { run } = open({ vm });
  return [run('vm.runInThisContext("typeof mainOnly")'), run('vm.runInThisContext("Array") === Array'), vm.runInThisContext('Array') === Array];
}, [ 'string', false, true ]);

check('structures with cycles pass', () => {
  const { run } = open();
  const value = run('const o = { a: [] }; o.self = o; o.a.push(o); o');
  return [value.self === value, value.a[0] === value];
}, [ true, true ]);

check('WeakMap, WeakRef and FinalizationRegistry with objects of the other realm', () => {
  const { run } = open({ outer: {} });
  return [run('const w = new WeakMap([[outer, 1]]); w.get(outer)'), new WeakMap([[run('outer'), 2]]).get(run('outer')), run('new WeakRef(outer).deref() === outer')];
}, [ 1, 2, true ]);

check('typed arrays and buffers share their memory', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const { run } = open({ bytes });
  run('bytes[0] = 9; view = new Uint8Array(bytes.buffer)');
  return [bytes[0], run('view.length'), run('bytes.buffer instanceof ArrayBuffer'), run('ArrayBuffer.isView(bytes)')];
}, [ 9, 3, false, true ]);

check('Error.prepareStackTrace of a context is for errors made there', () => {
  const { run } = open();
  return run('Error.prepareStackTrace = (error, sites) => `prepared ${error.message} ${Array.isArray(sites)}`; new Error("m").stack');
}, 'prepared m true');

check('Error.prepareStackTrace of a context is not for the errors of the program', () => {
  const { run } = open();
  run('Error.prepareStackTrace = () => "inner"');
  return [new Error('m').stack.startsWith('Error: m'), open().run('new Error("n").stack').startsWith('Error: n')];
}, [ true, true ]);

check('Error.stackTraceLimit of a context', () => {
  const { run } = open();
  return [run('typeof Error.stackTraceLimit'), run('Error.stackTraceLimit = 1; function a() { return new Error("x") } function b() { return a() } b().stack.split("\\n").length'), typeof Error.captureStackTrace, run('typeof Error.captureStackTrace')];
}, [ 'number', 2, 'function', 'function' ]);

check('call sites in a context name the file and line', () => {
  const { run } = open();
  return run('Error.prepareStackTrace = (e, sites) => [sites[0].getFileName(), sites[0].getLineNumber(), sites[0].getFunctionName()];\nfunction named() { return new Error().stack }\nnamed()', 'sites.js');
}, [ 'sites.js', 2, 'named' ]);

test('methods of one realm find the keys of another realm\'s collections', () => {
  const key = {};
  for (const [inner, outer] of [[open().run, vm.runInThisContext], [vm.runInThisContext, open().run], [open().run, open().run]]) {
    for (const one of ['a', 1, 1.5, true, null, undefined, NaN, 10n, 12n ** 40n, Symbol.iterator, key, 'ro' + 'pe'.repeat(3000)]) {
      const map = inner('(key) => new Map([[key, 1]])')(one);
      assert.strictEqual(outer('(map, key) => Map.prototype.get.call(map, key)')(map, one), 1);
      assert.strictEqual(outer('(map, key) => Map.prototype.set.call(map, key, 2).size')(map, one), 1);
      const set = inner('(key) => new Set([key])')(one);
      assert.strictEqual(outer('(set, key) => Set.prototype.has.call(set, key)')(set, one), true);
      assert.strictEqual(outer('(set, key) => Set.prototype.delete.call(set, key)')(set, one), true);
      assert.strictEqual(set.size, 0);
    }
    const weak = inner('(key) => [new WeakMap([[key, 1]]), new WeakSet([key])]')(key);
    assert.strictEqual(outer('(map, key) => WeakMap.prototype.get.call(map, key)')(weak[0], key), 1);
    assert.strictEqual(outer('(set, key) => WeakSet.prototype.has.call(set, key)')(weak[1], key), true);
  }
});

test('what one realm puts into the prototypes of another\'s arrays is seen by these', () => {
  const change = {
    define: (A, p) => Object.defineProperty(p, '0', { configurable: true, set(v) { A.seen = v; }, get() { return 7; } }),
    reflect: (A, p) => Reflect.defineProperty(p, 0, { configurable: true, set(v) { A.seen = v; }, get() { return 7; } }),
    above: (A) => Object.setPrototypeOf(A.prototype, { __proto__: null, set 0(v) { A.seen = v; }, get 0() { return 7; } }),
    proto: (A) => { A.prototype.__proto__ = { set 0(v) { A.seen = v; }, get 0() { return 7; } }; },
  };
  for (const [name, f] of Object.entries(change)) {
    for (const on of name === 'above' || name === 'proto' ? ['Array'] : ['Array', 'Object']) {
      for (const use of ['new Array(3).fill(1)', '(() => { const a = []; a[0] = 1; return a })()', '(() => { const a = []; a.push(1); return a })()', '(() => { const a = new Array(1); a[0] = 1; return a })()']) {
        const { run } = open();
        const A = run('Array');
        f(A, run(`${on}.prototype`));
        const a = run(use);
        assert.deepStrictEqual([A.seen, a[0], Object.keys(a).includes('0')], [1, 7, false], `${name} ${on} ${use}`);
      }
    }
  }
  const mine = [];
  mine.push(1);
  assert.deepStrictEqual([mine[0], [].concat([2])[0]], [1, 2]);
});
