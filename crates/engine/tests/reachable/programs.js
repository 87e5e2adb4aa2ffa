// Programs that hand their functions to every place that calls one. Each begins with a line `//# NAME`;
// its value, or what its promise is resolved with, is looked at too.

//# callbacks of arrays
const a = [3, 1, 2];
for (const m of ['map', 'forEach', 'filter', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex', 'flatMap'])
  a[m](spy(m, (x) => x), spied('this'));
a.reduce(spy('reduce', (x, y) => x + y)); a.reduceRight(spy('reduceRight', (x, y) => x + y), 0);
a.sort(spy('sort', (x, y) => x - y)); a.toSorted(spy('toSorted', (x, y) => x - y));
Array.from({ length: 2 }, spy('from')); Array.from(spied('source', [1, 2]), spy('from'));
Object.groupBy(a, spy('groupBy', () => 'k')); Map.groupBy(a, spy('Map.groupBy', () => 'k'));
class Sub extends Array { static get [Symbol.species]() { return spy('species', function (...x) { return new Array(...x); }); } }
const s = Sub.from([1, 2, 3]);
[s.map((x) => x), s.filter(() => true), s.slice(1), s.splice(0, 1), s.concat([1]), s.flat()]

//# conversions
const o = { valueOf: spy('valueOf', () => 1), toString: spy('toString', () => 'x'), [Symbol.toPrimitive]: spy('toPrimitive', () => 1) };
const k = { toString: spy('key', () => 'k') };
[o + 1, `${o}`, o * 2, o < 1, o == 1, [1][o], Math.max(o), Number(o), new Date(o), new Date(o, o), Date.UTC(o), String(o),
 'abc'.slice(o), 'x'.repeat(o), 'abc'.padEnd(o, o), [1, 2].at(o), [1, 2].indexOf(1, o), new Array(3).fill(0, o), parseInt(o), isNaN(o), BigInt(o),
 new Uint8Array([1, 2]).fill(o), ({})[k], Symbol(o), Object.assign({}, { get a() { return o; } }), Error(o), new Intl_()];
function Intl_() { return new Uint8Array(o).length; }

//# regular expressions
const r = /a(b)?/g;
const e = RegExp.prototype.exec;
RegExp.prototype.exec = spy('exec', function (s) { return e.call(this, s); });
'abab'.replace(r, spy('replace', () => 'c')); 'abab'.replaceAll(r, spy('replaceAll', () => 'c'));
const out = [...'abab'.matchAll(r), 'ab'.match(r), 'ab'.search(r), 'a,b'.split(/,/)];
for (const name of ['match', 'matchAll', 'replace', 'search', 'split']) {
  const custom = { [Symbol[name]]: spy(name, () => 1), toString: spy('toString', () => 'x'), get flags() { return 'g'; } };
  'x'[name](custom, spied('other', () => 1));
}
class R extends RegExp { static get [Symbol.species]() { return spy('species', function (...x) { return new RegExp(...x); }); } }
'a-b'.split(new R('-'));
[...'abab'.matchAll(new R('a', 'g'))];
Object.defineProperty(r, 'lastIndex', { value: { valueOf: spy('lastIndex', () => 0) } });
try { r.exec('a'); } catch {}
out

//# json
JSON.parse('{"a":[1,{"b":2}]}', spy('reviver', (k, v) => v));
JSON.stringify({ a: { toJSON: spy('toJSON', () => 1) }, b: spied('value', { c: 1 }), d: [spied('list', [1])] }, spy('replacer', (k, v) => v), { valueOf: spy('space') });
JSON.stringify({ a: 1 }, spied('names', ['a']))

//# proxies and reflection
const p = spied('proxy', function () {});
p.x; p.x = 1; 'x' in p; delete p.x; p(1, 2); new p(1); Object.keys(p); Object.getPrototypeOf(p); Object.setPrototypeOf(p, Function.prototype);
Object.isExtensible(p); Object.getOwnPropertyDescriptors(p); Object.defineProperty(p, 'y', { value: 1, configurable: true }); p instanceof p; Object.prototype.hasOwnProperty.call(p, 'x');
for (const x in p); ({ ...p }); Object.freeze(spied('frozen', {})); with (spied('with', { q: 1 })) { q; q = 2; typeof z; }
Reflect.construct(p, [], spied('new target', function () {})); Reflect.apply(p, spied('this'), spied('list', [1]));
class D extends p { constructor() { super(); } }; new D();
const { proxy, revoke } = Proxy.revocable({}, {}); standard(revoke);
Function.prototype[Symbol.hasInstance].call(spied('bound', function () {}), {});
({}) instanceof { [Symbol.hasInstance]: spy('hasInstance', () => true) };
[[].concat(spied('spread', [1])), p.bind === undefined, proxy]

//# iterators
let steps = 0;
const it = (path) => ({ [Symbol.iterator]: spy(`${path} iterator`, function () { return this; }), next: spy(`${path} next`, () => ({ get done() { spy('done')(); return ++steps % 4 === 0; }, get value() { spy('value')(); return 1; } })), return: spy(`${path} return`, () => ({})), throw: spy(`${path} throw`, () => ({})) });
for (const x of it('for')) break; [...it('spread')]; const [first] = it('pattern'); new Map(Iterator.from({ next: it('pairs').next }).map((x) => [x, x])); new Set(it('set'));
function* g() { yield* it('yield*'); } [...g()]; const h = g(); h.next(); try { h.throw(1); } catch {} h.return();
for (const m of ['map', 'filter', 'flatMap', 'take', 'drop']) {
  const helper = Iterator.from(it(m))[m](m === 'take' || m === 'drop' ? { valueOf: spy('limit', () => 2) } : spy(`${m} mapper`, () => [1]));
  helper.next(spied('next argument')); helper.return(spied('return argument')); walk(helper, m);
}
for (const m of ['reduce', 'forEach', 'some', 'every', 'find', 'toArray']) Iterator.from(it(m))[m](spy(m));
const wrap = Iterator.from({ next: spy('wrapped next', () => ({ done: true })), return: spy('wrapped return', () => ({})) }); wrap.next(1); wrap.return(2);
class It extends Iterator { next = spy('own next', () => ({ done: true })); } [...new It().map((x) => x).filter((x) => x)];
const long = []; let chain = [1].values(); for (let i = 0; i < 20; i++) chain = chain.map(spy('chained', (x) => x)); [...chain];
try { [...Iterator.concat(it('concat'), it('concat'))]; } catch {}
try { [...Iterator.zip([it('zip'), it('zip')], { mode: { toString: spy('mode') } })]; } catch {}
try { [...Iterator.zip(spied('zipped', [it('zip'), it('zip')]), spied('options', { mode: 'longest', padding: it('padding') }))]; } catch {}
try { [...Iterator.zipKeyed(spied('keyed', { a: it('a'), b: it('b') }), spied('options', { mode: 'longest', padding: spied('padding', { a: 1 }) }))]; } catch {}
try { Iterator.prototype[Symbol.dispose].call(it('dispose')); } catch {}
[wrap, chain, h]

//# a chain of wrapped iterators cannot be stepped without its guard
const proto = Object.getPrototypeOf([].values().map((x) => x));
const wrapper = Object.getPrototypeOf(Iterator.from({ next() {} }));
for (const step of [proto.next, proto.return, wrapper.next, wrapper.return]) {
  walk(step, 'step');
  try { step.call({ next: spy('next') }); } catch {}
  try { step.call(spied('receiver')); } catch {}
  try { step.apply(spied('receiver'), spied('list', [])); } catch {}
}
let deep = [1].values();
for (let i = 0; i < 20000; i++) deep = deep.map((x) => x);
try { deep.next(); } catch (e) { if (!(e instanceof RangeError)) throw e; }
proto

//# promises
const then = Promise.prototype.then;
const spyThen = spy('then', function (f, r) { return then.call(this, f, r); });
class P extends Promise {
  constructor(executor) { standard(executor); super((f, r) => { standard(f); standard(r); return executor(f, r); }); }
  static get [Symbol.species]() { const made = spy('species', (executor) => new P(executor)); return function (executor) { standard(executor); return made(executor); }; }
  then(f, r) { standard(f); standard(r); return spyThen.call(this, f, r); }
}
const thenable = { then(f, r) { standard(f); standard(r); return spy('thenable then', (f, r) => f(1)).call(this, f, r); } };
const spiedOk = (async () => {
  await thenable; await new P((f) => f(1)); await Promise.resolve(thenable);
  await P.all([1, thenable]); await P.allSettled([1, P.reject(2)]); await P.any([thenable]); await P.race([thenable]);
  await P.try(spy('try')); P.withResolvers(); await P.resolve(1).finally(spy('finally')); await P.reject(1).finally(spy('finally')).catch(spy('catch'));
  await Promise.resolve(1).then(spy('fulfilled')); await Promise.reject(1).then(0, spy('rejected'));
  await new Promise((f, r) => { standard(f); standard(r); f({ get then() { spy('getter')(); } }); });
  queueMicrotask(spy('microtask')); await 0; await 0;
})();
spiedOk

//# awaiting asks nobody for then
Promise.prototype.then = spy('patched then', () => { throw new Error('asked'); });
Object.defineProperty(Promise.prototype, 'constructor', { get: spy('constructor', () => Promise) });
async function f() { await 1; await Promise.resolve(2); for await (const x of [1, Promise.resolve(2)]); return 3; }
async function* g() { yield 1; yield Promise.resolve(2); await 3; return Promise.resolve(4); }
const steps = g(); steps.next(); steps.next(); steps.next(); steps.return(Promise.resolve(1)); steps.throw(1);
async function* outer() { yield* g(); yield* [1, 2]; }
const more = outer(); more.next(); more.next(); more.return(); more.next(); more.throw(spied('thrown', {}));
f();

//# asynchronous iterators
let steps = 0;
const sync = { [Symbol.iterator]: spy('iterator', function () { return this; }), next: spy('next', () => ({ value: Promise.resolve(1), done: ++steps % 3 === 0 })), return: spy('return', () => ({})), throw: spy('throw', () => ({})) };
const async = { [Symbol.asyncIterator]: spy('asyncIterator', function () { return this; }), next: spy('async next', () => ({ then(f) { standard(f); f({ value: 1, done: ++steps % 3 === 0 }); } })), return: spy('async return', async () => ({})) };
(async () => {
  for await (const x of sync) break; for await (const x of async) break;
  async function* g() { try { yield* sync; yield* async; } finally { await 0; } }
  for await (const x of g());
  const one = g(); one.next(); one.return(1); one.throw(2); try { await one.next(); } catch {}
  await Array.fromAsync(sync, spy('fromAsync', (x) => x)); await Array.fromAsync(async, spy('fromAsync', (x) => x), spied('this'));
  await Array.fromAsync(spied('list', { length: 2, 0: 1, 1: Promise.resolve(2) }), spy('fromAsync'));
  await Array.fromAsync.call(spy('constructor', function () { return spied('made', {}); }), [1, 2]);
  return [one];
})()

//# disposal
const plain = (path) => ({ [Symbol.dispose]: spy(`${path} dispose`), get [Symbol.asyncDispose]() { spy('asked')(); } });
const asynchronous = (path) => ({ [Symbol.asyncDispose]: spy(`${path} asyncDispose`, async () => { throw new Error(path); }) });
(async () => {
  const stack = new DisposableStack();
  stack.use(plain('stack')); stack.adopt(spied('adopted'), spy('adopt')); stack.defer(spy('defer')); walk(stack.move(), 'moved');
  const other = new DisposableStack(); other.use(plain('other')); other.defer(spy('defer', () => { throw 1; })); other.adopt({}, spy('adopt', () => { throw 2; }));
  try { other.dispose(); } catch (e) { walk(e, 'suppressed'); }
  for (let i = 0; i < 3; i++) {
    const later = new AsyncDisposableStack();
    later.use(plain('later')); later.use(asynchronous('later')); later.adopt({}, spy('adopt', () => { throw 3; })); later.defer(spy('defer', () => spied('answer'))); later.use(null);
    const ended = later.disposeAsync(); walk(ended, 'ended');
    await ended.then(() => {}, (e) => walk(e, 'suppressed'));
  }
  return [stack, other];
})()

//# disposal asks nobody for then
const plain = (path) => ({ [Symbol.dispose]: spy(`${path} dispose`), get [Symbol.asyncDispose]() { spy('asked')(); } });
const fails = { [Symbol.dispose]: spy('dispose', () => { throw 3; }) };
Promise.prototype.then = spy('patched then', () => { throw new Error('asked'); });
Object.defineProperty(Promise, Symbol.species, { get: spy('species', () => { throw new Error('asked'); }) });
(async () => {
  for (let i = 0; i < 3; i++) {
    const later = new AsyncDisposableStack();
    if (i) later.use(fails); later.use(plain('later')); later.adopt({}, spy('adopt')); later.defer(spy('defer', () => spied('answer'))); later.use(null);
    const ended = later.disposeAsync(); walk(ended, 'ended');
    try { await ended; } catch (e) { walk(e, 'suppressed'); }
  }
  const proto = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())));
  await proto[Symbol.asyncDispose].call({ return: spy('return') });
  return [1];
})()

//# buffers and typed arrays
const u = new Uint8Array([3, 1, 2]);
for (const m of ['map', 'forEach', 'filter', 'some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex']) u[m](spy(m, (x) => x));
u.sort(spy('sort', (x, y) => x - y)); u.toSorted(spy('toSorted')); u.reduce(spy('reduce')); Uint8Array.from(spied('source', [1, 2]), spy('from'));
class T extends Uint8Array { static get [Symbol.species]() { return spy('species', function (...x) { return new Uint8Array(...x); }); } }
const t = new T(3); t.slice(1); t.subarray(1); t.map((x) => x); new ArrayBuffer({ valueOf: spy('length', () => 1) }, spied('options', { maxByteLength: 2 }));
class B extends ArrayBuffer { static get [Symbol.species]() { return spy('species', function (...x) { return new ArrayBuffer(...x); }); } }
new B(3).slice(1); new DataView(u.buffer).setInt8({ valueOf: spy('index', () => 0) }, { valueOf: spy('byte', () => 0) });
t.set(spied('set', [1]), { valueOf: spy('offset', () => 0) });
[u, t]

//# maps, sets and weak things
const m = new Map([[1, 2]]), s = new Set([1, 2]);
m.forEach(spy('Map.forEach')); s.forEach(spy('Set.forEach')); m.getOrInsertComputed?.(3, spy('computed')); new WeakMap().getOrInsertComputed?.({}, spy('computed'));
const like = (path) => ({ size: { valueOf: spy(`${path} size`, () => 2) }, has: spy(`${path} has`, () => true), keys: spy(`${path} keys`, () => ({ next: spy(`${path} next`, () => ({ done: true })), return: spy('return', () => ({})) })) });
for (const n of ['union', 'intersection', 'difference', 'symmetricDifference', 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom']) { s[n](like(n)); s[n](spied('set', like(n))); }
Map.prototype.set = spy('set', Map.prototype.set); new Map([[1, 2]]); Set.prototype.add = spy('add', Set.prototype.add); new Set([1]);
WeakMap.prototype.set = spy('set', WeakMap.prototype.set); new WeakMap([[{}, 2]]);
const registry = new FinalizationRegistry(spy('finalized')); (() => { for (let i = 0; i < 50; i++) registry.register({ i }, spied('held'), {}); })();
[m, s, new WeakRef(spied('ref')).deref() === undefined]

//# classes, fields and evaluated code
class C { a = spy('field')(); static b = spy('static field')(); static { spy('static block')(); } #p = spy('private')(); get g() { return spy('getter')(); } set g(v) { spy('setter')(); }
  [spy('computed', () => 'k')()] = 1; static accessor = eval("spy('in eval')()"); m() { return super.toString(); } d = eval('new.target'); }
const c = new C(); c.g; c.g = 1; c.m();
eval("spy('direct eval')()"); (0, eval)("spy('indirect eval')()"); Function('spy', "spy('Function')()")(spy);
(function () { return arguments.callee; })(); function sloppy(a) { spy('sloppy').call(arguments); return sloppy.caller; } sloppy(1);
const tag = spy('tag'); tag`a${1}b`; label: { spy('block')(); }
function* gen() { spy('in generator')(); yield 1; } gen().next(); async function as() { spy('in async')(); await 0; spy('after await')(); } as();
async () => { spy('arrow')(); }; Object.defineProperty(globalThis, 'late', { get: spy('global getter', () => 1), set: spy('global setter'), configurable: true }); late; late = 1;
[c, C, Error.captureStackTrace?.({}, spy('filter')), new Error('x', spied('options', { cause: 1 })), new AggregateError(spied('errors', [1]))]

//# errors of the engine's own
Error.prepareStackTrace = spy('prepare', (error, sites) => { walk(sites, 'sites'); return ''; });
for (const f of [() => null.x, () => undefined(), () => { let { a } = null; }, () => new Map([1]), () => BigInt(1.5), () => JSON.parse('{'), () => eval('let let'), () => new RegExp('('), () => [].reduce((x) => x),
  () => decodeURIComponent('%'), () => Symbol() + '', () => new Uint8Array(-1), () => Reflect.construct(1), () => { x; let x; }, () => class extends null {}.prototype.x.y, () => new Promise(), () => 'x'.repeat(-1), () => Iterator.prototype.map.call(1),
  () => Object.defineProperty(1), () => structuredClone_(), () => atob('*'), () => new (class A { constructor() { this.#x; } #x = this.#y(); #y() { null.z; } })()]) { try { f(); } catch (e) { walk(e, 'error'); } }
Error.stackTraceLimit = { valueOf: spy('limit', () => 10) }; try { null.x; } catch (e) { walk(e, 'error'); }
Promise.reject(new Error('late')); [1]

//# modules
(async () => {
  for (let i = 0; i < 2; i++) {
    for (const name of ['./thenable.js', './waits.js', './throws.js', './parent.js', './absent.js', './broken.js']) {
      try { walk(await import(name), name); } catch (e) { walk(e, name); }
      try { walk(await import({ toString: spy('specifier', () => name) }, spied('options', { with: spied('with', {}) })), name); } catch (e) { walk(e, name); }
    }
  }
  return [bodies];
})()

//# modules where promises are patched
Promise.prototype.then = spy('patched then', Promise.prototype.then);
Object.defineProperty(Promise.prototype, 'constructor', { get: spy('constructor', () => ({ [Symbol.species]: spy('made by species', () => { throw 1; }) })) });
Object.defineProperty(Object.prototype, 'then', { get: spy('Object.prototype.then'), configurable: true });
let count = 0;
for (const name of ['./thenable.js', './waits.js', './throws.js', './parent.js', './absent.js']) walk(import(name), name);
[bodies]

//# host functions
const args = { get a() { spy('getter of an argument')(); return 1; }, m: new Map([[1, { get b() { spy('getter in a map')(); return 1; } }]]) };
host(args); host(spied('argument', [1])); try { host(() => 1); } catch {} try { host(Symbol()); } catch (e) { walk(e, 'refused'); }
try { checked('text'); } catch (e) { walk(e, 'checked'); } try { checked({ valueOf: spy('checked', () => 1) }); } catch {} checked(1);
Array.prototype.push = spy('push'); Object.defineProperty(Object.prototype, '0', { set: spy('setter 0'), get: spy('getter 0'), configurable: true });
Object.defineProperty(Object.prototype, 'value', { get: spy('getter value'), configurable: true });
host([1, new Map([[1, 2]]), new Set([1]), new Date(1), 5n, new Uint8Array(2)]); delete Object.prototype[0]; delete Object.prototype.value;
slow(args).then(spy('slow'));
[1]

//# what crosses on its way out
Map.prototype.forEach = spy('forEach'); Set.prototype.forEach = spy('forEach'); Date.prototype.getTime = spy('getTime'); BigInt.prototype.toString = spy('toString');
Object.defineProperty(Object.prototype, 'get', { get: spy('get'), configurable: true });
Error.prepareStackTrace = spy('prepare', (error, sites) => { walk(sites, 'sites'); return ''; });
({ m: new Map([[1, { get a() { spy('in a map')(); return 1; } }]]), s: new Set([{ get a() { spy('in a set')(); return 1; } }]), d: new Date(1), b: 5n, u: new Uint8Array(2),
  get g() { spy('getter')(); return { get x() { spy('inner')(); return 1; } }; } })

//# what crosses on its way out through proxies
({ get g() { spy('getter')(); return spied('answer', { x: 1 }); }, l: [spied('item', [1])], p: spied('whole', { a: spied('part', []) }) })

//# the clock
const hidden = [Date, new Date().constructor, Date.prototype.constructor, Object.getPrototypeOf(Date)];
new Date({ [Symbol.toPrimitive]: spy('time', () => 1) }); new Date(spied('time', { valueOf: spy('valueOf', () => 1) })); Reflect.construct(Date, [spied('part')], spied('new target', function () {}));
Reflect.construct(Date, [], spied('new target', function () {})); class Day extends Date {} new Day({ valueOf: spy('time') }); Date({ valueOf: spy('called') });
Date.prototype.toString = spy('toString'); Date.prototype[Symbol.toPrimitive]; Date();
performance.now(); hidden
