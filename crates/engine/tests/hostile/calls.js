// Calls built-in functions, all that can be reached, with receivers and arguments that turn on their
// callers: whatever the engine asks of them, they may change what it is working on. `choices(seed)` makes
// random choices from a seed, and `attack(seed, count)` does a number of calls with them.
(() => {
  const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { imul } = Math;
  const { push } = Array.prototype;

  // Every function that can be reached, in the same order in each run.
  const targets = [];
  {
    const seen = new Set();
    const queue = [globalThis];
    for (const value of [
      function* () {}, async function* () {}, async function () {}, (function* () {})(), (async function* () {})(),
      [].values(), new Map().entries(), new Set().entries(), ''[Symbol.iterator](), 'a'.matchAll(/a/g),
      [].values().map((x) => x), Iterator.from({ next() {} }), Iterator.concat?.([]), Iterator.zip?.([]), Object.getPrototypeOf(new Int8Array()),
    ]) queue.push(value);
    for (let at = 0; at < queue.length; at++) {
      const value = queue[at];
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
      seen.add(value);
      if (typeof value === 'function') targets.push(value);
      for (const key of ownKeys(value)) {
        const property = getOwnPropertyDescriptor(value, key);
        queue.push(property.value, property.get, property.set);
      }
      queue.push(getPrototypeOf(value));
    }
  }

  globalThis.targets = targets.length;
  globalThis.attack = (seed, count) => {
    let state = seed | 0;
    const below = (end) => {
      state = (state + 0x9e3779b9) | 0;
      let z = imul(state ^ (state >>> 16), 0x21f0aaad);
      z = imul(z ^ (z >>> 15), 0x735a2d97);
      return ((z ^ (z >>> 15)) >>> 0) % end;
    };
    const of = (list) => list[below(list.length)];
    const pool = [];
    const put = (value) => { if (pool.length < 200) pool[pool.length] = value; else pool[below(pool.length)] = value; return value; };
    let depth = 0;

    // What happens while the engine waits for an answer.
    const turn = () => {
      if (depth > 3) return;
      depth++;
      try {
        const victim = of(pool);
        switch (below(24)) {
          case 0: if (Array.isArray(victim)) victim.length = below(4); break;
          case 1: buffers[below(buffers.length)].resize(below(3) * 8); break;
          case 2: put(buffers[below(buffers.length)].transfer()); break;
          case 3: maps[below(2)].clear(); break;
          case 4: maps[below(2)].set(of(pool), of(pool)); sets[0].add(of(pool)); break;
          case 5: sets[below(2)].clear(); break;
          case 6: sets[below(2)].delete(of(pool)); maps[below(2)].delete(of(pool)); break;
          case 7: expressions[below(expressions.length)].compile('(a)|(?<n>b)*', of(['g', 'y', 'd', ''])); break;
          case 8: expressions[below(expressions.length)].lastIndex = of(pool); break;
          case 9: revocable.revoke(); revocable = Proxy.revocable({}, {}); put(revocable.proxy); break;
          case 10: generators[below(generators.length)].next(of(pool)); break;
          case 11: generators[below(generators.length)].return(of(pool)); break;
          case 12: for (let i = 0; i < 40; i++) new Uint8Array(i * 8); break;
          case 13: { const list = of(lists); list.splice(below(3), below(4), of(pool), of(pool)); break; }
          case 14: { const list = of(lists); list.length = below(2) ? 0 : 40; break; }
          case 15: Object.setPrototypeOf(victim, of([null, Array.prototype, Object.prototype])); break;
          case 16: Object.defineProperty(victim, of(names), { get: answer, set: answer, configurable: true }); break;
          case 17: delete victim[of(names)]; break;
          case 18: pool.length = Math.max(20, pool.length >> 1); break;
          case 19: call(); break;
          case 20: throw of([new Error('turned'), 1, undefined, of(pool)]);
          case 21: Object.freeze(victim); break;
          case 22: for (const key of ownKeys(victim)) delete victim[key]; break;
          case 23: stacks[below(2)].dispose?.(); break;
        }
      } finally { depth--; }
    };
    function answer() {
      turn();
      switch (below(6)) {
        case 0: return of(pool);
        case 1: return below(5);
        case 2: return 'a';
        case 3: return arguments[0];
        case 4: return this;
        case 5: return { done: below(3) === 0, value: of(pool), length: below(6), index: 0 };
      }
    }
    const names = ['length', 'constructor', 'then', 'next', 'return', 'index', 'lastIndex', 'flags', 'source', 'exec', 'size', 'has', 'keys', 'get', 'set', 'value', 'done',
      'valueOf', 'toString', 'toJSON', 'name', 'message', 'stack', 'cause', 'groups', 'raw', 'join', '0', '1', '2', 'prototype', 'global', 'unicode', 'sticky', 'maxByteLength', 'byteLength', 'mode', 'padding',
      Symbol.iterator, Symbol.asyncIterator, Symbol.species, Symbol.toPrimitive, Symbol.toStringTag, Symbol.isConcatSpreadable, Symbol.hasInstance, Symbol.match, Symbol.replace, Symbol.split, Symbol.search, Symbol.matchAll, Symbol.unscopables, Symbol.dispose, Symbol.asyncDispose];
    const handler = {};
    for (const trap of ownKeys(Reflect)) {
      if (typeof trap !== 'string') continue;
      const work = Reflect[trap];
      handler[trap] = function () { turn(); return below(4) ? apply(work, undefined, arguments) : answer(); };
    }
    const trapped = (target) => new Proxy(target, handler);
    const turning = (object) => {
      for (let i = below(4); i >= 0; i--) {
        const key = of(names);
        try { Object.defineProperty(object, key, below(2) ? { get: answer, set: answer, configurable: true } : { value: answer, writable: true, configurable: true }); } catch {}
      }
      return object;
    };
    const resizable = () => new ArrayBuffer(16, { maxByteLength: 64 });
    const buffers = [resizable(), resizable(), resizable()];
    const maps = [new Map([[1, {}], [{}, 2], ['a', 3]]), new WeakMap([[{}, 1]])];
    maps[1].clear = () => {};
    const sets = [new Set([1, {}, 'a', NaN]), new Set([1, 2, 3])];
    const expressions = [/a(b)?/g, /(?<n>a)|b/y, /^(?:a+)+b/, /[\p{L}--[a]]/v, /\u{61}/giu];
    const lists = [[1, 2, 3, 4], [1.5, 'a', {}, , 5], Array.from({ length: 40 }, (_, i) => ({ i })), []];
    const generators = [
      (function* () { for (;;) { turn(); yield of(pool); } })(), (function* () { yield* generators[0]; })(),
      lists[0].values(), lists[1].entries(), maps[0].entries(), sets[0].values(), 'aéb\ud800'[Symbol.iterator](), 'abab'.matchAll(/a/g),
      lists[2].values().map(answer), lists[2].values().flatMap(() => lists[0]), lists[0].values().filter(answer).drop(1), Iterator.from({ next: answer, return: answer }),
      (async function* () { for (;;) { turn(); yield of(pool); } })(), (async function* () { yield* generators[0]; })(),
    ];
    const stacks = [new DisposableStack(), new AsyncDisposableStack()];
    for (const stack of stacks) { stack.defer(answer); stack.adopt({}, answer); stack.use({ [Symbol.dispose]: answer }); }
    let revocable = Proxy.revocable({}, {});
    const gone = Proxy.revocable(function () {}, {}); gone.revoke();
    const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint32Array, Float32Array, Float64Array, BigInt64Array];
    if (typeof Float16Array === 'function') kinds.push(Float16Array);
    let mapped; (function (a, b) { mapped = arguments; })(1, 2);
    class Sub extends Array { static get [Symbol.species]() { turn(); return of([Array, Sub, answer, undefined, null, Uint8Array, Promise]); } }
    class SubPromise extends Promise { static get [Symbol.species]() { turn(); return of([Promise, SubPromise, answer, undefined]); } }
    class SubTyped extends Uint8Array { static get [Symbol.species]() { turn(); return of([Uint8Array, SubTyped, Float64Array, BigInt64Array, answer]); } }
    class SubBuffer extends ArrayBuffer { static get [Symbol.species]() { turn(); return of([ArrayBuffer, SubBuffer, answer]); } }
    class SubExpression extends RegExp { static get [Symbol.species]() { turn(); return of([RegExp, SubExpression, answer]); } }
    const bound = answer.bind(undefined, 1);
    for (const value of [
      0, -0, 1, -1, 2, 3, 7, 1.5, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e308, 1n, -1n, 2n ** 64n, -(2n ** 63n), true, false, null, undefined,
      '', 'a', 'abab', 'x'.repeat(300), '\ud800', 'é'.repeat(20), '1', '-0', 'length', '2024-01-01', '{"a":[1,2]}', 'YWJj', Symbol('s'), Symbol.iterator, Symbol.for('k'),
      {}, { length: 3, 0: 'a', 1: 'b', 2: 'c' }, { length: 2 ** 31 }, { length: -1 }, Object.create(null), new (class { #p = 1; })(), globalThis, mapped,
      answer, bound, answer.bind(bound), function () {}, class { constructor() { return of(pool); } }, async () => of(pool), function* () { yield* of(pool); }, async function* () { yield of(pool); },
      new Error('e'), new AggregateError([1]), new Date(0), new Date(NaN), Promise.resolve(1), Promise.reject(1), new SubPromise(() => {}), { then: answer },
      new WeakRef({}), new WeakSet([{}]), new FinalizationRegistry(answer), gone.proxy, revocable.proxy, Symbol.prototype, Object(1n), Object('text'), Object(1), Object(Symbol()), Object(false),
      new Sub(1, 2, 3), new SubTyped(8), new SubBuffer(8), new SubExpression('a', 'g'), new DataView(buffers[0]), new DataView(buffers[1], 8), new DataView(new ArrayBuffer(4)), new ArrayBuffer(8), new ArrayBuffer(0),
      Math, JSON, Reflect, Object.prototype, Array.prototype, Function.prototype, Promise, Array, Uint8Array, Map, RegExp, Proxy,
      ...buffers, ...maps, ...sets, ...expressions, ...lists, ...generators, ...stacks,
    ]) pool.push(value);
    for (const kind of kinds) pool.push(new kind(4), new kind(buffers[0]), new kind(buffers[1], 0, 1), new kind(buffers[2], 8));
    for (let i = 0; i < 12; i++) pool.push(turning({ length: 3, 0: 1, 1: 2 }), turning([3, 1, 2]), turning(function () {}), trapped(of([{}, [1, 2, 3], function () {}, new Map(), lists[0], Object.create(null)])));
    pool.push(trapped(trapped([1, 2])), turning(trapped({})), turning(new Uint8Array(8)), turning(/a/g), turning(new Map([[1, 2]])), turning(Promise.resolve()), turning(new Error('t')));
    if (below(3) === 0) Error.prepareStackTrace = answer;

    const fitting = { Map: maps, Set: sets, RegExp: expressions, Array: lists };
    function call() {
      const f = of(targets);
      const args = [];
      for (let i = below(5); i > 0; i--) args[args.length] = of(pool);
      const self = below(8) === 0 ? targets[below(targets.length)] : of(pool);
      try {
        put(below(4) === 0 ? construct(f, args, below(3) === 0 ? of(pool) : f) : apply(f, self, args));
      } catch (e) { if (below(8) === 0) put(e); }
    }
    // A receiver of the right kind is rare by chance: methods are also taken from the receiver itself.
    function callOwn() {
      const self = of(pool);
      if (self === null || self === undefined) return;
      let proto = self;
      const keys = [];
      try {
        for (let i = 0; i < 3 && proto !== null; i++) { apply(push, keys, ownKeys(Object(proto))); proto = getPrototypeOf(Object(proto)); }
        const f = self[of(keys)];
        if (typeof f !== 'function') return;
        const args = [];
        for (let i = below(4); i > 0; i--) args[args.length] = of(pool);
        put(apply(f, self, args));
      } catch (e) { if (below(8) === 0) put(e); }
    }
    for (let i = 0; i < count; i++) { if (below(3)) callOwn(); else call(); }
    return 'done';
  };
})();
