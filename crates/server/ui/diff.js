// Which lines of a text are others' in another one. Knows nothing of the page.

/** Edits beyond which the rest counts as replaced: more is no longer read line by line. */
const MOST_EDITS = 600;

/** `[{ kind: 'same' | 'less' | 'more', text, before, after }]`, `before` and `after` lines' numbers from 1. */
export function diff(before, after) {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const kinds = [...Array(head).fill('same'), ...middle, ...Array(tail).fill('same')];
  let [i, j] = [0, 0];
  return kinds.map((kind) => {
    if (kind === 'less') return { kind, text: a[i], before: ++i };
    if (kind === 'more') return { kind, text: b[j], after: ++j };
    return { kind, text: a[i], before: ++i, after: ++j };
  });
}

/** The fewest edits (E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986). */
function edits(a, b) {
  const furthest = new Map([[1, 0]]);
  const trail = [];
  for (let d = 0; d <= a.length + b.length; d += 1) {
    if (d > MOST_EDITS) return [...a.map(() => 'less'), ...b.map(() => 'more')];
    trail.push(new Map(furthest));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && furthest.get(k - 1) < furthest.get(k + 1));
      let x = down ? furthest.get(k + 1) : furthest.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return back(trail, a.length, b.length);
    }
  }
  return [];
}

function back(trail, x, y) {
  const kinds = [];
  for (let d = trail.length - 1; d >= 0; d -= 1) {
    const [furthest, k] = [trail[d], x - y];
    const down = k === -d || (k !== d && furthest.get(k - 1) < furthest.get(k + 1));
    const from = down ? k + 1 : k - 1;
    const start = furthest.get(from);
    while (x > start && y > start - from && x > 0 && y > 0) { kinds.push('same'); x -= 1; y -= 1; }
    if (d > 0) kinds.push(down ? 'more' : 'less');
    [x, y] = [start, start - from];
  }
  return kinds.reverse();
}

/** The same with long runs of lines that did not change left out, as `{ kind: 'gap', count }`. */
export function folded(lines, around = 3) {
  const near = lines.map(() => false);
  lines.forEach(({ kind }, at) => {
    if (kind === 'same') return;
    for (let i = Math.max(0, at - around); i <= Math.min(lines.length - 1, at + around); i += 1) near[i] = true;
  });
  const out = [];
  lines.forEach((line, at) => {
    if (near[at]) out.push(line);
    else if (out.at(-1)?.kind === 'gap') out.at(-1).count += 1;
    else out.push({ kind: 'gap', count: 1 });
  });
  return out;
}
