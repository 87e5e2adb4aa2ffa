// Random values written as JSON, their texts read again, whole and damaged: all answers as one number.
// SEED is given.
// Node's answers: node -p "globalThis.SEED = 1; $(cat json.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const lines = [], out = (...values) => lines.push(values.join(' '));
let hash = 0; const note = s => { s = String(s); for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0; };
const strs = ['a', 'id', 'näme', 'x"y', 'back\\slash', 'tab\t', '\u2028', '\ud83d\ude00', '\ud800', '', '0', '12', '__proto__', 'toJSON2', 'long'.repeat(200), '\u0001', '4294967295', '2147483648'];
class K { constructor() { this.z = 1; } get g() { return 2; } }
const cyc = {}; cyc.self = { cyc };
const val = d => { switch (rnd(d > 3 ? 9 : 16)) { case 0: return rnd(1000) - 500; case 1: return (rnd(100000) - 50000) / 64; case 2: return strs[rnd(strs.length)]; case 3: return [true, false, null, undefined][rnd(4)]; case 4: return rnd(30) ? 1e21 * rnd(9) : NaN; case 5: return 2 ** (rnd(70)) * (rnd(2) ? -1 : 1); case 6: return -0; case 7: return strs[rnd(4)] + rnd(50); case 8: return rnd(1e6) * 1e-9;
  case 9: case 10: { const a = []; for (let n = rnd(5); n--;) a.push(val(d + 1)); if (!rnd(9)) delete a[0]; return a; }
  case 11: switch (rnd(12)) { case 0: return new Date(rnd(1e9)); case 1: return { toJSON(k) { return 'J' + k; } }; case 2: return new K(); case 3: return { get a() { return 1; } }; case 4: return new Map(); case 5: return [1, , 3]; case 6: return new Proxy({ a: 1 }, {}); case 7: return Object(1); case 8: return Object('s'); case 9: return function () { }; case 10: return Symbol('x'); default: return rnd(9) ? { a: 1 } : cyc; }
  default: { const o = {}; const keys = ['id', 'name', 'tags', 'v' + rnd(3), strs[rnd(strs.length)], 'x' + rnd(4)]; for (let i = 0, n = rnd(7); i < n; i++) o[keys[i % 6]] = val(d + 1); return o; } } };
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const mutate = t => { const i = rnd(t.length + 1); const c = '{}[]",:0123456789-+eE.\\ \n\ttrufalsn\u00e9x'[rnd(38)]; return rnd(2) ? t.slice(0, i) + c + t.slice(i + rnd(3)) : t.slice(0, i); };
for (let r = 0; r < 800; r++) {
  const v = rnd(3) ? val(0) : Array.from({ length: rnd(8) }, () => val(1)); let t;
  try { t = rnd(3) ? JSON.stringify(v) : JSON.stringify(v, null, rnd(2) ? 2 : '\t-'); } catch (e) { t = e.name; }
  note(t);
  if (typeof t !== 'string') continue;
  for (const u of [t, mutate(t), mutate(t), ' ' + t + '\n', '[' + t + ',' + t + ',' + mutate(t) + ']']) { let p, q; try { p = JSON.parse(u); q = JSON.stringify(p); const ks = p && typeof p === 'object' ? Object.keys(p).join() + Object.getOwnPropertyNames(p).length : typeof p + Object.is(p, -0); note(q + ks); } catch (e) { note(e.name); } }
  if (r % 400 === 399) out(r, hash);
}
const o = JSON.parse('[{"a":1,"b":2},{"a":3,"b":4},{"b":1,"a":2},{"a":1,"a":2},{"a":5,"b":6,"c":7},{"a\\u0062":1},{"__proto__":1,"x":2}]'); out(JSON.stringify(o), o.map(x => Object.keys(x)).join('|'), JSON.stringify(o[6]), Object.getPrototypeOf(o[6]) === Object.prototype);
o[0].z = 1; out('z' in o[1], JSON.stringify(o[0]), JSON.stringify(JSON.parse('"' + 'x'.repeat(70000) + '"')).length);
lines.join('; ');
