// Random texts, narrow, wide and wide without need, searched, split, replaced and changed in case; decimal texts
// and numbers: all answers as two numbers. SEED is given.
// Node's answers: node -p "globalThis.SEED = 1; $(cat strings.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
let hash = 0; const note = x => { const s = Object.is(x, -0) ? '-0' : String(x); for (let i = 0; i < s.length; i++) hash = (Math.imul(hash, 31) + s.charCodeAt(i)) | 0; hash = (Math.imul(hash, 7) + 1) | 0; };
const alphabets = ['ab', 'aAbBzZ[`@{', 'a\u00e9\u00df\u00ff', 'ab\u0100\u0161a', '\ud83d\ude00a\ud800', '-,a', '0123456789.', '"\\\n\tx/', 'aaaaaaaab', '\u0101\u0100\u0001'];
const str = most => { const a = alphabets[rnd(alphabets.length)], n = rnd(4) ? rnd(12) : rnd(most); let s = ''; for (let i = 0; i < n; i++) s += a[rnd(a.length)]; return s; };
const wide = s => ('\u1234'.repeat(600) + s).slice(600);
const lines = [];
for (let i = 0; i < 1200; i++) {
  let s = str(200), t = rnd(3) ? str(4).slice(0, 3) : s.substr(rnd(s.length + 1), rnd(6));
  if (!rnd(9)) s = s.repeat(30);
  if (!rnd(5)) s = wide(s);
  if (!rnd(5)) t = (t + '\u1234').slice(0, -1);
  const f = rnd(s.length + 3) - 1;
  note(s.indexOf(t)); note(s.indexOf(t, f)); note(s.includes(t)); note(s.includes(t, f)); note(s.lastIndexOf(t)); note(s.startsWith(t, f)); note(s.endsWith(t, f));
  for (const parts of [s.split(t), s.split(t, rnd(5)), s.split(''), s.split('', 3), s.split(), s.split(t, -1)]) { note(parts.length); note(parts.join('|')); }
  note(s.replaceAll(t, '<>')); note(s.replace(t, '$&$`')); note(s.replaceAll(t, (m, at) => at + m));
  note(s.toUpperCase()); note(s.toLowerCase()); note(t.toLowerCase()); note(s);
  note(s + i); note(s + -i); note(t + f + s); let all = t; for (let k = 0; k < 5; k++) all += k; note(all); note(t); note([t + 1, t + 2].join());
}
lines.push(hash); hash = 0;
const ends = ['', '', '', 'e5', 'E-3', 'x', '_1', 'n', '.', 'e', '\u00a0', '\0'];
for (let i = 0; i < 3000; i++) {
  const d = [rnd(1e6) / 7, (rnd(1000) - 500) / 8, rnd(1e6) * 1e-9, rnd(1000) + 0.5, rnd(100000) / 100 + 0.005, -rnd(3), 1e-6 * rnd(10), 9007199254740992 - rnd(5), rnd(1e9) * 1e6, 5e-324, 1.5e300, -1e-7][rnd(12)];
  note(d.toFixed(rnd(21))); note(d.toFixed(rnd(4))); note((-d).toFixed(rnd(101)));
  const t = (rnd(6) ? '' : ' ') + (rnd(3) ? '' : '-+'[rnd(2)]) + str(20).replace(/[^0-9.]/g, c => rnd(9) ? '' + rnd(10) : c) + ends[rnd(ends.length)];
  for (const n of [parseFloat(t), parseInt(t), parseInt(t, 10), parseInt(t, [0, 16, 2, '10', 36, 10.5][rnd(6)]), parseFloat('' + d), parseInt(d), parseFloat(d), parseInt(d, 10), parseFloat(wide(t)), parseInt('0' + ['x1f', 'b11', 'o7', 'X', 'x'][rnd(5)])]) note(n);
  for (const n of [parseInt(i), parseInt('-0'), parseFloat('-0'), parseFloat('-.0'), parseFloat('.' + i), parseFloat(i + '.'), parseFloat('-' + i + '.25')]) note(n);
}
lines.push(hash);
lines.join('; ');
