// Random operations on arrays of every kind: what each answered, and what it left, as one number.
// SEED is given. Besides, each method is called on a copy behind a proxy, where the engine takes the
// generic way of the standard: `differences` are calls that had another result there.
// Node's answers: node -p "globalThis.SEED = 1; $(cat arrays.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const show = v => { if (v === undefined) return 'u'; if (v === null) return 'n'; if (Object.is(v, -0)) return '-0';
  if (Array.isArray(v)) { let s = '['; for (let i = 0; i < v.length; i++) s += (i in v ? show(v[i]) : 'h') + ','; s += v.length + ']'; for (const k of Object.keys(v)) if (!(+k >= 0)) s += k + '=' + show(v[k]); if (v.constructor !== Array) s += '!' + (v.constructor && v.constructor.name); return s; }
  if (typeof v === 'object') return '{' + Object.keys(v).join() + '}'; return typeof v + String(v); };
let hash = 0; const note = s => { for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0; };
const objs = [{ a: 1 }, { b: 2 }, [7], [8, 9], Symbol.iterator];
const value = () => { switch (rnd(9)) { case 0: return rnd(10) / 4; case 1: return 's' + rnd(5); case 2: return objs[rnd(4)]; case 3: return undefined; case 4: return -rnd(5); case 5: return NaN; case 6: return BigInt(rnd(3)); default: return rnd(20); } };
class Sub extends Array { }
const make = () => { const n = rnd(14), a = [];
  for (let i = 0; i < n; i++) a.push(value());
  switch (rnd(16)) {
    case 0: delete a[rnd(n + 1)]; return a;
    case 1: a.length = n + rnd(4); return a;
    case 2: return Object.freeze(a);
    case 3: return Object.preventExtensions(a);
    case 4: return Object.defineProperty(a, 'length', { writable: false });
    case 5: return Sub.from(a);
    case 6: if (n) Object.defineProperty(a, rnd(n), { get() { note('get'); return 5; }, set(v) { }, configurable: true, enumerable: true }); return a;
    case 8: a.extra = 1; return a;
    case 9: a.constructor = { [Symbol.species]: function (n) { note('species' + n); return new Sub(); } }; return a;
    case 10: a[Symbol.isConcatSpreadable] = false; return a;
    case 11: Object.setPrototypeOf(a, { __proto__: Array.prototype, 2: 'proto' }); return a;
    default: return a; } };
const index = () => { switch (rnd(12)) { case 0: return undefined; case 1: return NaN; case 2: return -Infinity; case 3: return Infinity; case 4: return rnd(10) / 3 - 1; case 5: return { valueOf() { note('valueOf'); if (current.length > 3) { try { current.length = 2; } catch { note('!'); } } return rnd(5); } }; case 6: return '2'; case 7: return -rnd(6); case 8: return null; case 9: return 2 ** 40; default: return rnd(8); } };
let current;
const some = f => { const n = rnd(4), r = []; for (let i = 0; i < n; i++) r.push(f()); return r; };
const ops = {
  splice: a => { const n = rnd(5); const args = []; if (n > 0) args.push(index()); if (n > 1) args.push(index()); for (let i = 2; i < n; i++) args.push(value()); return a.splice(...args); },
  slice: a => a.slice(...[index(), index()].slice(0, rnd(3))),
  shift: a => a.shift(), pop: a => a.pop(), push: a => a.push(...some(value)), unshift: a => a.unshift(...some(value)),
  concat: a => a.concat(...some(() => rnd(2) ? make() : value())),
  fill: a => a.fill(value(), ...[index(), index()].slice(0, rnd(3))),
  spread: a => [...some(value), ...a, ...make(), value()],
  rest: a => { const [x, ...r] = a; return [x, r]; },
  from: a => Array.from(a), map: a => a.map((x, i) => i), filter: a => a.filter((x, i) => i % 2),
  indexOf: a => [a.indexOf(value()), a.includes(value()), a.lastIndexOf(value()), a.includes(NaN), a.indexOf(value(), index()), a.lastIndexOf(value(), index())],
  sortDefault: a => rnd(2) ? a.sort() : a.filter(x => typeof x === 'number').sort(),
  sortNumbers: a => a.filter(x => typeof x === 'number' && x === x).sort(rnd(2) ? (x, y) => x - y : (x, y) => y - x),
  sortBy: a => a.sort((x, y) => { const s = show(x), t = show(y); return s < t ? -1 : s > t ? 1 : 0; }),
  sortStable: a => a.map((x, i) => ({ k: rnd(3), i })).sort((x, y) => x.k - y.k).map(o => o.k + '/' + o.i),
  sortMutates: a => { const b = [...a]; b.sort((x, y) => { if (b.length < 30) b.push(1); return 0; }); return b.length > 0; },
  toSorted: a => a.toSorted((x, y) => String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0), reverse: a => a.reverse(), copyWithin: a => a.copyWithin(index(), index(), index()),
  length: a => a.length = rnd(12), set: a => a[rnd(16)] = value(), del: a => delete a[rnd(8)], join: a => a.map(show).join(),
};
const methods = {
  splice: () => [index(), index(), value(), value(), value()].slice(0, rnd(6)),
  slice: () => [index(), index()].slice(0, rnd(3)), shift: () => [], pop: () => [], unshift: () => some(value),
  push: () => some(value), concat: () => [make(), value()].slice(rnd(2)), fill: () => [value(), index(), index()].slice(0, 1 + rnd(3)),
  indexOf: () => [value(), index()], includes: () => [value(), index()], lastIndexOf: () => [value()],
  sort: () => [[], [(x, y) => x - y], [(x, y) => y - x]][rnd(3)], copyWithin: () => [index(), index(), index()], flat: () => [], reverse: () => [] };
const plain = [NaN, undefined, Infinity, -1, -Infinity, 2.5, 0, 1, 2, 3, -4, 9];
const differences = [];
const compare = () => {
  const name = Object.keys(methods)[rnd(Object.keys(methods).length)];
  let a = Array.from({ length: rnd(20) }, rnd(2) ? () => rnd(9) : () => 's' + rnd(9));
  for (let i = rnd(3); i--;) a.push(rnd(9)), a.shift();
  if (rnd(5) === 0) a.length += 1;
  if (rnd(8) === 0) a = Object.freeze(a);
  const b = rnd(2) || Object.isFrozen(a) ? a.slice() : a, copy = b === a ? a.slice() : b;
  if (Object.isFrozen(a)) Object.freeze(copy);
  const args = methods[name]().map(x => typeof x === 'object' && x && x.valueOf() !== x ? 1 : x);
  const call = list => { try { const r = list[name](...args); return r === list ? 'itself' : show(r); } catch (e) { return e.name; } };
  const before = show(a), one = call(a) + show(a), two = call(new Proxy(copy, {})) + show(copy);
  if (one !== two) differences.push(`${name}(${show(args)}) of ${before}: ${one}, generic ${two}`);
};
const names = Object.keys(ops), answers = [];
for (let r = 0; r < 600; r++) {
  current = make();
  for (let steps = 1 + rnd(24); steps--;) {
    const name = names[rnd(names.length)]; let res;
    try { res = show(ops[name](current)); } catch (e) { res = 'throws ' + e.name; }
    note(name + res + show(current));
  }
  for (let i = 0; i < 10; i++) compare();
  if (r % 300 === 299) answers.push(hash);
}
answers.join() + ' differences: ' + differences.slice(0, 5).join('; ');
