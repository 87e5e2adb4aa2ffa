'use strict';
// What is told of the heap adds up: statistics, spaces and `process.memoryUsage()`.

const assert = require('assert');
const v8 = require('v8');
const vm = require('vm');

const kept = Array.from({ length: 20000 }, (_, i) => ({ i, text: `text ${i}` }));
kept.push('x'.repeat(100000), new Uint8Array(100000));

// What is only loaded when it is first used is loaded now.
process.memoryUsage();
v8.getHeapStatistics();
v8.getHeapSpaceStatistics();
vm.createContext();

function check() {
  const heap = v8.getHeapStatistics();
  const spaces = v8.getHeapSpaceStatistics();
  const usage = process.memoryUsage();
  const sum = (key) => spaces.reduce((all, space) => all + space[key], 0);
  const near = (one, other, what) => assert.ok(Math.abs(one - other) <= other / 100, `${what}: ${one}, ${other}`);
  near(sum('space_used_size'), heap.used_heap_size, 'used');
  near(sum('space_size'), heap.total_heap_size, 'total');
  near(usage.heapUsed, heap.used_heap_size, 'heapUsed');
  near(usage.heapTotal, heap.total_heap_size, 'heapTotal');
  assert.ok(heap.used_heap_size <= heap.total_heap_size);
  assert.ok(usage.heapTotal <= usage.rss, `${usage.heapTotal} ${usage.rss}`);
  for (const space of spaces) {
    if (process.versions.sandtide === undefined) continue;
    assert.strictEqual(space.space_used_size + space.space_available_size, space.space_size);
  }
  return heap;
}

const before = check();
const contexts = [1, 2, 3].map(() => vm.createContext());
const after = check();
assert.strictEqual(after.number_of_native_contexts, before.number_of_native_contexts + 3);
assert.strictEqual(contexts.length, 3);
assert.strictEqual(kept.length, 20002);

if (process.versions.sandtide !== undefined) {
  // A snapshot has all of the heap, as it is.
  const fs = require('fs');
  const path = require('path').join(require('os').tmpdir(), `adds-up-${process.pid}.heapsnapshot`);
  v8.writeHeapSnapshot(path);
  const { total_heap_size: total } = v8.getHeapStatistics();
  v8.writeHeapSnapshot(path);
  const { nodes } = JSON.parse(fs.readFileSync(path, 'utf8'));
  fs.rmSync(path);
  let bytes = 0;
  for (let i = 3; i < nodes.length; i += 6) bytes += nodes[i];
  assert.ok(Math.abs(bytes - total) < total / 100, `${bytes} in the snapshot, ${total} told`);
}
