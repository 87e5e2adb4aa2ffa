'use strict';
// `sandtide:memwatch`, for programs that were written for the old package. A real Node has no such module.

const assert = require('assert');

if (process.versions.sandtide === undefined) return;

const memwatch = require('sandtide:memwatch');
assert.throws(() => require('sandtide:none'), { code: 'MODULE_NOT_FOUND' });
assert.throws(() => require('memwatch'), { code: 'MODULE_NOT_FOUND' });
assert.ok(!require('module').builtinModules.some((id) => id.includes('sandtide')));
assert.strictEqual(require('module').isBuiltin('sandtide:memwatch'), true);

class LeakingClass {}
const kept = [];

const before = new memwatch.HeapDiff();
for (let i = 0; i < 10000; i++) kept.push(new LeakingClass());
const diff = before.end();
const found = diff.change.details.find(({ what }) => what === 'LeakingClass');
assert.strictEqual(found['+'], 10000);
assert.strictEqual(found['-'], 0);
assert.ok(found.size_bytes > 10000 * 16 && /^[\d.]+ [km]b$/.test(found.size), found.size);
assert.ok(diff.after.nodes >= diff.before.nodes + 10000);
assert.strictEqual(diff.change.size_bytes, diff.after.size_bytes - diff.before.size_bytes);
assert.strictEqual(diff.change.allocated_nodes - diff.change.freed_nodes, diff.after.nodes - diff.before.nodes);
assert.throws(() => before.end());

const freed = new memwatch.HeapDiff();
kept.length = 4000;
const gone = freed.end().change.details.find(({ what }) => what === 'LeakingClass');
assert.strictEqual(gone['-'], 6000);
assert.strictEqual(gone['+'], 0);

const events = [];
memwatch.on('stats', (stats) => events.push(stats));
memwatch.on('leak', (info) => {
  assert.ok(info.start <= info.end && info.growth > 0 && /consecutive GCs/.test(info.reason), info);
  assert.ok(events.length >= 6, `${events.length}`);
  const [first] = events;
  for (const key of ['gc_ts', 'gcScavengeCount', 'gcMarkSweepCompactCount', 'gcMarkSweepCompactTime', 'used_heap_size',
                     'total_heap_size', 'heap_size_limit', 'gc_time', 'num_full_gc', 'current_base', 'estimated_base',
                     'usage_trend', 'min', 'max']) {
    assert.strictEqual(typeof first[key], 'number', key);
  }
  assert.ok(events.at(-1).used_heap_size > first.used_heap_size);
  memwatch.removeAllListeners();
  import('sandtide:memwatch').then((module) => assert.strictEqual(module.default, memwatch));
});

function grow() {
  for (let i = 0; i < 1000; i++) kept.push(new LeakingClass());
  memwatch.gc();
  if (memwatch.listenerCount('leak') > 0) setImmediate(grow);
}
setImmediate(grow);
