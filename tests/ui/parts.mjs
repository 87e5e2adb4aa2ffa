// The parts of the page that need no browser: what they make of texts.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

const folder = new URL('../../crates/server/ui/', import.meta.url);
const load = (name) => import(new URL(name, folder));
const { diff, folded } = await load('diff.js');
const { lines, tokens } = await load('highlight.js');
const { between, parse, percentiles } = await load('metrics.js');
const { RECORDED } = await load('recorded.js');

/** Numbers that are the same each time (mulberry32). */
const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

test('a diff has all lines of both texts, in order, and no more changes than there are', () => {
  const next = random(1);
  const text = () => Array.from({ length: Math.floor(next() * 30) }, () => 'abc'[Math.floor(next() * 3)]).join('\n');
  for (let i = 0; i < 500; i += 1) {
    const [a, b] = [text(), text()];
    const all = diff(a, b);
    assert.equal(all.filter((line) => line.kind !== 'more').map((line) => line.text).join('\n'), a);
    assert.equal(all.filter((line) => line.kind !== 'less').map((line) => line.text).join('\n'), b);
    assert.deepEqual(all.filter((line) => line.before).map((line) => line.before), a.split('\n').map((_, at) => at + 1));
    const same = all.filter((line) => line.kind === 'same').length;
    assert.equal(same, longestCommon(a.split('\n'), b.split('\n')), JSON.stringify([a, b]));
  }
});

function longestCommon(a, b) {
  const row = Array(b.length + 1).fill(0);
  for (const one of a) {
    let corner = 0;
    b.forEach((other, j) => {
      const above = row[j + 1];
      row[j + 1] = one === other ? corner + 1 : Math.max(above, row[j]);
      corner = above;
    });
  }
  return row.at(-1);
}

test('a diff of long texts that have nothing in common ends soon', () => {
  const [a, b] = ['a', 'b'].map((name) => Array.from({ length: 20_000 }, (_, at) => name + at).join('\n'));
  assert.equal(diff(a, b).length, 40_000);
});

test('lines far from a change are folded', () => {
  const text = (middle) => [...Array(20).fill('x'), middle, ...Array(20).fill('x')].join('\n');
  const kinds = folded(diff(text('a'), text('b'))).map((line) => (line.kind === 'gap' ? line.count : line.kind));
  assert.deepEqual(kinds, [17, 'same', 'same', 'same', 'less', 'more', 'same', 'same', 'same', 17]);
});

test('colours leave every source as it is', () => {
  const next = random(2);
  const pieces = ['`a ${', '}', '`', '"s', '\'', '\\', '/', '/*', '*/', '//', '\n', 'return', ' ', '1_0n', '.5', '{', '(', ')', '[', ']', 'x', '…', '😀', '#p', '$'];
  const check = (source) => {
    assert.equal(tokens(source).map(([, text]) => text).join(''), source);
    assert.equal(lines(source).map((line) => line.map(([, text]) => text).join('')).join('\n'), source);
  };
  for (let i = 0; i < 3000; i += 1) check(Array.from({ length: Math.floor(next() * 14) }, () => pieces[Math.floor(next() * pieces.length)]).join(''));
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) check(readFileSync(new URL(name, folder), 'utf8'));
});

test('colours tell regular expressions from divisions, and what is in templates', () => {
  const kinds = (source) => tokens(source).filter(([kind]) => kind).map(([kind, text]) => `${kind} ${text}`);
  assert.deepEqual(kinds('a / b / c').filter((one) => one.startsWith('regexp')), []);
  assert.deepEqual(kinds('x = /a[/]b/g').at(-1), 'regexp /a[/]b/g');
  assert.deepEqual(kinds('return /x/'), ['keyword return', 'regexp /x/']);
  assert.deepEqual(kinds('`a${ { b: 1 }.b }c`').at(-2), 'string c');
  assert.deepEqual(kinds('o.return'), ['name o', 'punctuation .', 'name return']);
});

const METRICS = `# HELP x y
sandtide_runs_total{outcome="ok"} 10
sandtide_runs_total{outcome="ERR_EXCEPTION"} 2
sandtide_run_cpu_seconds_sum 1.5
sandtide_run_seconds_bucket{le="0.1"} 5
sandtide_run_seconds_bucket{le="0.2"} 10
sandtide_run_seconds_bucket{le="+Inf"} 10
sandtide_resident_memory_bytes{role="server"} 1e7
# EOF
`;

test('metrics are read, and rates and percentiles are of what changed', () => {
  const before = parse(METRICS);
  const after = parse(METRICS.replace('"ok"} 10', '"ok"} 30').replace('sum 1.5', 'sum 2.5')
    .replace('le="0.2"} 10', 'le="0.2"} 30').replace('le="+Inf"} 10', 'le="+Inf"} 30'));
  const told = between(before, after, 2);
  assert.equal(told.ok, 10);
  assert.equal(told.failed, 0);
  assert.equal(told.cpu, 0.5);
  assert.equal(told.memory.server, 1e7);
  // All twenty lie between 0.1 and 0.2 s.
  assert.ok(Math.abs(told.p50 - 0.15) < 1e-9, told.p50);
  assert.deepEqual(percentiles(before, before, 'sandtide_run_seconds', [0.5]), [NaN]);
});

test('what is shown as recorded is what was recorded', () => {
  const file = JSON.parse(readFileSync(new URL(`../../${RECORDED.source}`, import.meta.url), 'utf8'));
  const median = (server, of) => file.turns.filter((turn) => turn.server === server).map(of).sort((a, b) => a - b)[Math.floor(RECORDED.rounds / 2)];
  const peak = (turn) => turn.peak_rss_kib * 1024;
  const rate = (turn) => Math.round(turn.load.requests_per_second);
  const naive = file.turns.filter((turn) => turn.server === 'naive');
  assert.equal(naive.length, RECORDED.rounds);
  assert.deepEqual(RECORDED.node, { rate: median('naive', rate), peak: median('naive', peak), runs: median('naive', (turn) => turn.load.requests) });
  assert.deepEqual(RECORDED.sandtide, { rate: median('sandtide', rate), peak: median('sandtide', peak) });
  const turn = naive.find((one) => peak(one) === RECORDED.node.peak);
  const curve = turn.memory.filter((one) => one.at_ms >= 0 && one.at_ms <= 6000).map((one) => [Math.round(one.at_ms / 100) / 10, one.rss_kib * 1024]);
  assert.deepEqual(RECORDED.memory, curve);
});

test('all of the page’s JavaScript is small', () => {
  const all = readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => readFileSync(new URL(name, folder)));
  const sent = all.reduce((sum, file) => sum + file.length, 0);
  const compressed = all.reduce((sum, file) => sum + gzipSync(file).length, 0);
  console.log(`JavaScript: ${sent} bytes as sent, ${compressed} compressed`);
  assert.ok(compressed < 40_000 && sent < 150_000);
});

test('a source with a line that is very long is shown without colours', async () => {
  const { byLine } = await load('editor.js');
  assert.deepEqual(byLine('/['.repeat(1500)).map((line) => line.map(([kind]) => kind)), [['']]);
  assert.ok(byLine('const a = 1').some((line) => line.some(([kind]) => kind !== '')));
});
