// Random Maps, Sets and their iterators made into arrays, objects sorted by what they have, and names and values
// of objects: all answers as one number; then the same after a program changed what iterates. SEED is given.
// Node's answers: node -p "globalThis.SEED = 1; $(cat lists.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const lines = [], out = (...values) => lines.push(values.join(' '));
let hash = 0; const note = s => { s = String(s); for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0; };
const names = ['id', 'name', 'k', '7', '12', '4294967294', '4294967295', '01', 'x"y', 'n\u00e4me', ('\u1234'.repeat(600) + '9000000').slice(600), ''];
const object = () => { const o = rnd(9) ? {} : Object.create({ inherited: 1 });
  for (let n = rnd(6); n--;) o[names[rnd(names.length)]] = rnd(9);
  switch (rnd(14)) { case 0: Object.defineProperty(o, 'hidden', { value: 1, enumerable: false }); break; case 1: Object.defineProperty(o, 'got', { get() { delete this.k; return 7; }, enumerable: true, configurable: true }); break; case 2: o[Symbol('s')] = 1; break; case 3: delete o.name; o.k = 5; break; case 4: return new Proxy(o, {}); case 5: return Object.freeze(o); case 6: return [1, , 3]; case 7: return Object('text'); case 8: return () => 1; }
  return o; };
for (let i = 0; i < 600; i++) {
  const n = rnd(30), a = []; for (let k = 0; k < n; k++) a.push(rnd(3) ? rnd(10) : 's' + rnd(9));
  const s = new Set(a), m = new Map(a.map((x, q) => [x, q])); if (!rnd(3)) s.delete(a[0]); if (!rnd(3)) m.delete(a[1]);
  note(JSON.stringify([[...s], [...m], [...m.values()], [...m.keys()], [...s.entries()], Array.from(s), Array.from(m), Array.from(s, x => x + 1), Array.from(m.values()), [1, ...s, 2, ...m.entries()]]));
  const it = s.values(); it.next(); note(JSON.stringify([...it])); note(JSON.stringify([...it])); note(it.next().done);
  const o = []; for (let k = 0; k < n; k++) o.push({ k: [rnd(8), rnd(100) / 4, -0, 0, -rnd(5)][rnd(5)], i: k });
  for (const by of [(x, y) => x.k - y.k, (x, y) => y.k - x.k, (x, y) => x.k - x.k, (x, y) => y.i - y.i]) note(o.slice().sort(by).map(x => x.i).join());
  if (o[0]) { o[0] = [{ k: '5' }, { k: 3n }, { k: { valueOf() { return 4; } } }, { get k() { return 2; } }, Object.create({ k: 1 }), new Proxy({ k: 3 }, {}), null, { __proto__: null, k: 1 }][rnd(8)]; let r; try { r = o.slice().sort((x, y) => x.k - y.k).map(x => x && x.i).join(); } catch (e) { r = e.name; } note(r); }
  const v = object(); note(Object.keys(v).join('|')); note(JSON.stringify(Object.entries(v))); note(JSON.stringify(Object.values(v)));
}
out(hash);
const steps = Object.getPrototypeOf(new Set().values()), next = steps.next, all = Object.getPrototypeOf(steps), own = all[Symbol.iterator], sets = Set.prototype[Symbol.iterator]; let calls = 0;
steps.next = function () { calls++; return next.call(this); }; out([...new Set([1, 2])], Array.from(new Set([1, 2])), calls); steps.next = next;
Set.prototype[Symbol.iterator] = function* () { yield 9; }; out([...new Set([1])], Array.from(new Set([1]))); Set.prototype[Symbol.iterator] = sets; out([...new Set([1])]);
Set.prototype[Symbol.iterator] = Set.prototype.entries; out([...new Set([1])].length, Array.from(new Set([2]))); Set.prototype[Symbol.iterator] = sets;
const one = new Set([1]); one[Symbol.iterator] = function* () { yield 8; }; class Own extends Set { *[Symbol.iterator]() { yield 7; } } class Same extends Set { } out([...one], [...new Own([1])], [...new Same([4, 5])], Array.from(one));
const change = value => Object.defineProperty(all, Symbol.iterator, { value, configurable: true, writable: true }); change(function* () { yield 'z'; }); out([...new Set([1]).values()]); change(own); out([...new Set([1]).values()]);
class List extends Array { } out(List.from(new Set([1])) instanceof List, Array.from.call(Object, new Set([5]))[0], Object.keys(Array.from.call(function () { }, new Set([5]))));
lines.join('; ');
