// Random regular expressions on random texts, narrow and wide: all answers as one number. SEED is given.
// Node's answers: node -p "globalThis.SEED = 1; $(cat regexps.js)"
let seed = SEED;
const rnd = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n; };
let hash = 0; const note = s => { s = String(s); for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0; };
const atoms = ['a', 'b', 'K', '\\d', '\\w', '\\s', '.', '[a-c]', '[^a]', '[A-Z0-9]', '\\b', '^', '$', '\u00e9', '\u212a', '[\u00e0-\u00ff]', '\\B', '(?=a)', '(?!b)', '(?<=a)', '\\W', 'x', '1', '(?:)', '\\1', 'ss'];
const quants = ['', '', '', '*', '+', '?', '{2}', '{0,2}', '*?', '+?'];
const pattern = d => { let s = ''; for (let n = 1 + rnd(4); n--;) { const k = rnd(d > 2 ? 6 : 9); if (k < 6) s += atoms[rnd(atoms.length)]; else if (k === 6) s += '(' + pattern(d + 1) + ')'; else if (k === 7) s += '(?:' + pattern(d + 1) + ')'; else s += pattern(d + 1) + '|' + pattern(d + 1), n = 0; if (!/[\^$bB]$|\)$/.test(s.slice(-1)) && !s.endsWith('|')) s += quants[rnd(quants.length)]; } return s; };
const letters = ['a', 'b', 'c', 'k', 'K', 'A', '1', ' ', '\n', 'x', 's'], wide = ['\u00e9', '\u212a', '\u017f', '\ud83d\ude00', '\ud83d', '\u0100'];
const subject = () => { let s = ''; const w = rnd(3) === 0; for (let n = rnd(24); n--;) s += w && rnd(4) === 0 ? wide[rnd(wide.length)] : rnd(9) === 0 ? '\u00e9' : letters[rnd(letters.length)]; return s; };
const flags = ['', 'i', 'g', 'm', 's', 'gi', 'u', 'iu', 'y', 'gm'];
let valid = 0;
for (let r = 0; r < 1200; r++) {
  let re; const p = pattern(0), f = flags[rnd(flags.length)];
  try { re = new RegExp(p, f); } catch { continue; }
  valid++;
  for (let k = 0; k < 3; k++) { const s = subject(); re.lastIndex = rnd(4); let m = re.exec(s); note(p + f + (m && m.index + ':' + m.map(x => x === undefined ? 'u' : '<' + x + '>')) + re.lastIndex); if (/g/.test(f)) note(s.replace(re, (...a) => '[' + a.slice(0, -1).map(String) + ']')); else note(s.split(re).length); }
}
hash + ' of ' + valid + ' expressions';
