// Random keys of every type in Map, Set and WeakMap: what was found, as one number; and names that
// were appended to. SEED is given.
// Node's answers: node -p "globalThis.SEED = 1; $(cat maps.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
const lines = [], out = (...values) => lines.push(values.join(' '));
const objs = Array.from({ length: 50 }, (_, i) => ({ i })), syms = Array.from({ length: 20 }, (_, i) => Symbol('s' + i));
const key = () => { switch (rnd(13)) { case 0: return rnd(100) / 4; case 1: return 'k' + rnd(50); case 2: return objs[rnd(50)]; case 3: return syms[rnd(20)]; case 4: return -0; case 5: return NaN; case 6: return BigInt(rnd(30)) << BigInt(rnd(5) * 30); case 7: return [true, false, null, undefined][rnd(4)]; case 8: return rnd(10) << 20; case 9: return 1.7e12 + rnd(20) * 20000; case 10: return 'x'.repeat(9000) + rnd(3); case 11: { let s = 'x'.repeat(600); for (let i = 0; i < 14; i++) s += 'x'.repeat(600); return s + rnd(3); } default: return rnd(100) - 50; } };
const name = k => typeof k === 'object' && k ? 'o' + k.i : typeof k === 'string' ? k.length + k.slice(-3) : typeof k + String(k);
let hash = 0; const note = s => { for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0; };
const m = new Map(), w = new WeakMap(), st = new Set();
for (let r = 0; r < 4000; r++) {
  const k = key();
  switch (rnd(9)) { case 0: case 1: m.set(k, r); break; case 2: note(String(m.get(k))); break; case 3: note(String(m.has(k))); break; case 4: note(String(m.delete(k))); break; case 5: st.add(k); break; case 6: note(String(st.delete(k))); break;
    case 7: if (typeof k === 'object' && k) { if (rnd(2)) w.set(k, r); else note(String(w.get(k)) + w.delete(k)); } break; case 8: if (rnd(40) === 0) { for (const [a, b] of m) { note(name(a) + b); if (rnd(5) === 0) m.delete(a); if (rnd(9) === 0 && m.size < 300) m.set(key(), r); } } if (rnd(2000) === 0) m.clear(); }
}
note(String(m.size + '/' + st.size)); for (const a of st) note(name(a)); out(hash);
const o = {}; o['key' + 1.5] = 1; let k; for (const x in o) k = x; delete o[k]; k += 'x'; const q = 'key' + '1.5x'; o[k] = 1; out(o[q], q in o, 'key1.5' in o);
const sy = Symbol('abc'); const d = sy.description; const mm = new Map([[d, 1]]); out(mm.get('ab' + 'c'), sy.description, String(sy)); const oo = { [d]: 4, [sy]: 5 }; out(oo.abc, oo[sy]);
lines.join('; ');
