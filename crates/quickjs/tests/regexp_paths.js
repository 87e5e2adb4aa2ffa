// Random expressions and texts, each taken two ways: as it is, and with each character wrapped so that it is no
// single instruction and with an `exec` of its own, so that every method goes by the standard's steps. Throws
// where the two differ; its value is how many were compared.
(function (seed, count) {
  const rnd = (n) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % n;
  };
  const pick = (list) => list[rnd(list.length)];
  // What is one character with each flag: halves of a pair do not join with their neighbours.
  const characters = ['a', 'b', 'c', 'A', 'z', '1', ' ', '\\w', '\\d', '\\s', '\\S', '\\W', '.', '[a-c]', '[^a]', '[\\w.]',
    '[^\\s,]', 'é', 'ß', 'K', '\\u212a', '\\u017f', '[À-ÿ]', '\u2028', '\\n', '[\\ud83d\\ude00]', '[😀]', '[\\ude00]',
    '[\\ud83d]', '[^]', '[]', '[b-ÿ]', '[\\u0100-\\uffff]', '-', '_', '[\\u{10000}-\\u{10ffff}]', '[\\p{Lu}]'];
  const places = ['\\b', '\\B', '^', '$', '(?=a)', '(?!b)', '(?<=a)', '(?<!b)', '(?<=\\w+)', '\\1', '\\2', '\\k<n>'];
  const times = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,3}?', '{2,}', '{0}', '{1}', '{1,}?', '{0,1}'];
  let named;
  // Both forms of one expression: [as it is, wrapped].
  const both = (one, other = one) => [one, other];
  const join = (parts) => [parts.map((part) => part[0]).join(''), parts.map((part) => part[1]).join('')];
  function term(depth) {
    const kind = rnd(12);
    let made;
    if (depth > 0 && kind < 2) {
      const name = !named && rnd(4) === 0 ? '?<n>' : '';
      named ||= name !== '';
      made = join([both('(' + name), alternatives(depth - 1), both(')')]);
    } else if (depth > 0 && kind < 4) {
      made = join([both(pick(['(?:', '(?=', '(?!', '(?<=', '(?<!'])), alternatives(depth - 1), both(')')]);
    } else if (kind === 4) {
      return both(pick(places));
    } else {
      const character = pick(characters);
      made = both(character, '(?:' + character + '|[])');
    }
    return rnd(3) === 0 ? join([made, both(pick(times))]) : made;
  }
  const sequence = (depth) => join(Array.from({ length: 1 + rnd(4) }, () => term(depth)));
  function alternatives(depth) {
    const made = [sequence(depth)];
    while (rnd(4) === 0) made.push(both('|'), sequence(depth));
    return join(made);
  }
  const narrow = ['a', 'b', 'c', 'A', 'z', '1', ' ', '.', '_', '-', 'x', '\n', 'é', 'ß', 'K'];
  const wide = [...narrow, '\u212a', '\u017f', '\u2028', '😀', '\ud83d', '\ude00', 'Ā'];
  const text = () => {
    const from = rnd(2) ? narrow : wide;
    return Array.from({ length: rnd(14) }, () => pick(from)).join('');
  };
  const flags = ['', 'i', 'g', 'm', 's', 'u', 'iu', 'v', 'y', 'gi', 'gy', 'gu', 'gm', 'd', 'gim', 'giu', 'giv', 'gs', 'gd'];
  const { exec } = RegExp.prototype;
  const shadow = { value(string) { return exec.call(this, string); }, configurable: true };
  const plain = (match) => match && [...match, match.index, { ...match.groups }, match.indices && [...match.indices]];
  const statics = () => [RegExp.$1, RegExp.$9, RegExp.lastMatch, RegExp.lastParen, RegExp.leftContext, RegExp.input];
  // Every method in turn; what they leave in `lastIndex` and in RegExp.$1 is part of the answer.
  function everything(re, string, start) {
    const seen = [];
    const see = (what) => {
      let value;
      try { value = what(); } catch (error) { value = error.name; }
      seen.push(value, re.lastIndex, statics());
    };
    /(?:)/.test(''); // what was matched before is no part of it
    re.lastIndex = start;
    see(() => plain(re.exec(string)));
    see(() => re.test(string));
    see(() => string.match(re)?.slice());
    see(() => string.search(re));
    see(() => string.replace(re, "<$1$&$$$`$'$02$11$<n>$>$"));
    see(() => string.replace(re, ''));
    see(() => string.replace(re, 'same'));
    see(() => string.replace(re, (...all) => JSON.stringify(all) + re.lastIndex));
    see(() => string.split(re));
    see(() => string.split(re, 2));
    see(() => [...string.matchAll(re)].map(plain));
    see(() => string.replaceAll(re, '-'));
    return JSON.stringify(seen);
  }
  let compared = 0;
  for (let i = 0; i < count; i++) {
    named = false;
    const [source, wrapped] = alternatives(3);
    const flag = pick(flags);
    let one, other;
    try {
      one = new RegExp(source, flag);
      other = new RegExp(wrapped, flag);
    } catch {
      continue;
    }
    Object.defineProperty(other, 'exec', shadow);
    for (let k = 0; k < 3; k++) {
      const string = text(), start = rnd(4);
      const fast = everything(one, string, start), slow = everything(other, string, start);
      if (fast !== slow) {
        throw new Error(`/${source}/${flag} on ${JSON.stringify(string)} from ${start}:\n${fast}\n${slow}`);
      }
      compared++;
    }
  }
  return compared;
})
