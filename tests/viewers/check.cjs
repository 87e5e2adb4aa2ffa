'use strict';
// Has the programs that read snapshots and profiles read what `sandtide` writes: they must find what
// planted.js planted. Usage: node check.cjs PROGRAM (after `npm ci`).

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const program = path.resolve(process.argv[2]);
const planted = path.join(__dirname, 'planted.js');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'viewers-'));
const at = (name) => path.join(folder, name);

function sandtide(...words) {
  return execFileSync(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
}

// memlab: the leak by its constructor, and who holds it.
async function memlab(file) {
  const { getFullHeapFromFile } = require('@memlab/heap-analysis');
  const heap = await getFullHeapFromFile(file);
  const orders = [];
  let own = 0;
  heap.nodes.forEach((node) => {
    own += node.self_size;
    if (node.name === 'PlantedOrder' && node.type === 'object') orders.push(node);
  });
  assert.strictEqual(orders.length, 2000, file);
  const retainers = [];
  for (let node = orders[1000]; node.pathEdge; node = node.pathEdge.fromNode) retainers.push(`${node.pathEdge.name_or_index}`);
  const trace = retainers.reverse().join(' / ');
  assert.match(trace, /forgotten/, trace);
  const map = heap.nodes;
  let cache;
  map.forEach((node) => {
    if (node.name === 'Map' && node.type === 'object' && node.retainedSize > 200_000) cache = node;
  });
  assert.ok(cache, 'the map retains the orders');
  assert.ok(cache.retainedSize <= own, `${cache.retainedSize} of ${own}`);
  console.log(`memlab ${path.basename(file)}: ${heap.nodes.length} nodes; ${trace}; the map retains ${cache.retainedSize}`);
}

function cpuprofile(file) {
  const profile = JSON.parse(fs.readFileSync(file, 'utf8'));
  const hits = (name) => profile.nodes.filter((node) => node.callFrame.functionName === name)
    .reduce((sum, node) => sum + node.hitCount, 0);
  const share = hits('hot') / (hits('hot') + hits('cold'));
  assert.ok(Math.abs(share - 0.75) < 0.1, `${share}`);
  const hot = profile.nodes.find((node) => node.callFrame.functionName === 'hot');
  assert.match(hot.callFrame.url, /^file:\/\/.*\/planted\.js$/);
  console.log(`cpuprofile ${path.basename(file)}: ${profile.samples.length} samples, hot ${share.toFixed(3)}`);
}

// pprof-format: what Datadog's and Grafana's agents decode with.
function pprof(file) {
  const { Profile } = require('pprof-format');
  const profile = Profile.decode(fs.readFileSync(file));
  const text = (index) => profile.stringTable.strings[Number(index)];
  const names = new Map(profile.function.map((of) => [of.id, text(of.name)]));
  const functions = new Map(profile.location.map((of) => [of.id, names.get(of.line[0].functionId)]));
  const hits = (name) => profile.sample.filter((sample) => functions.get(sample.locationId[0]) === name)
    .reduce((sum, sample) => sum + Number(sample.value[0]), 0);
  const share = hits('hot') / (hits('hot') + hits('cold'));
  assert.ok(Math.abs(share - 0.75) < 0.1, `${share}`);
  console.log(`pprof: ${profile.sample.length} stacks, hot ${share.toFixed(3)}`);
}

// speedscope: the shares of planted functions, in all that it reads of ours.
async function speedscope(file, one, other, expected) {
  const { shares } = require('./speedscope.cjs');
  const own = await shares(file);
  const of = (name) => [...own].filter(([of]) => of === name || of.startsWith(`${name} (`)).reduce((sum, [, share]) => sum + share, 0);
  const share = of(one) / (of(one) + of(other));
  assert.ok(Math.abs(share - expected) < 0.1, `${file}: ${share} ${JSON.stringify([...own])}`);
  console.log(`speedscope ${path.basename(file)}: ${own.size} functions, ${one} ${share.toFixed(3)}`);
}

async function main() {
  sandtide('run', planted, '--timeout', '60s', '--heap-snapshot', at('run.heapsnapshot'));
  sandtide('run', planted, '--timeout', '60s', '--cpu-prof', '--cpu-prof-name', at('run.cpuprofile'));
  sandtide('run', planted, '--timeout', '60s', '--cpu-prof', '--cpu-prof-name', at('run.pb'));
  sandtide('node', '--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-name', 'node.cpuprofile', '-e',
    `require(${JSON.stringify(planted)}); require('v8').writeHeapSnapshot(${JSON.stringify(at('node.heapsnapshot'))})`);
  sandtide('run', planted, '--timeout', '60s', '--cpu-prof', '--cpu-prof-name', at('run.folded'));
  sandtide('run', planted, '--timeout', '60s', '--heap-prof', '--heap-prof-interval', '1024', '--heap-prof-name', at('run.heapprofile'));
  sandtide('node', '--heap-prof', '--heap-prof-interval=1024', '--heap-prof-dir', folder, '--heap-prof-name', 'node.heapprofile', planted);
  for (const file of ['run.cpuprofile', 'run.folded', 'node.cpuprofile']) await speedscope(at(file), 'hot', 'cold', 0.75);
  // A text of 60 characters takes about as much as its entry in the map.
  for (const file of ['run.heapprofile', 'node.heapprofile']) await speedscope(at(file), 'padEnd', 'set', 0.52);
  await memlab(at('run.heapsnapshot'));
  await memlab(at('node.heapsnapshot'));
  cpuprofile(at('run.cpuprofile'));
  cpuprofile(at('node.cpuprofile'));
  pprof(at('run.pb'));
  fs.rmSync(folder, { recursive: true });
}

main().catch((error) => {
  console.error(error);
  console.error(`what was written is in ${folder}`);
  process.exitCode = 1;
});
