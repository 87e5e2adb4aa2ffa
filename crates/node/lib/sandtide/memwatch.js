'use strict';
// `sandtide:memwatch`: the events and classes of the old package memwatch, for programs that were written for it. The
// keys of `stats` are those of its last successor, with those of the first beside them.

const { EventEmitter } = require('events');
const { performance } = require('perf_hooks');
const v8 = require('v8');
const binding = internalBinding('leak_watch');
const { gc: collect, memoryUsage } = internalBinding('process');
const collections = require('internal/collections');
const leakWatch = require('internal/leak_watch');
const { codes: { ERR_INVALID_STATE } } = require('internal/errors');

const kLeakSamples = 5;
const kNanoseconds = 1e6;

const memwatch = new EventEmitter();

let count = 0;
let time = 0;
let base;
let trend = [];
let inDiff = false;

// Collections in a row after which the heap was larger than ever lately.
let grown = [];

function seen(startTime, duration, kind, flags, used) {
  if (inDiff) return;
  count++;
  time += duration * kNanoseconds;
  base = base === undefined ? used : Math.min(base, used);
  trend.push(used);
  if (trend.length > 10) trend.shift();
  tellLeak(used);
  if (memwatch.listenerCount('stats') === 0) return;
  const heap = v8.getHeapStatistics();
  memwatch.emit('stats', {
    gc_ts: Math.round((performance.timeOrigin + startTime) * 1000),
    gcScavengeCount: 0,
    gcScavengeTime: 0,
    gcMarkSweepCompactCount: count,
    gcMarkSweepCompactTime: Math.round(time),
    gcIncrementalMarkingCount: 0,
    gcIncrementalMarkingTime: 0,
    gcProcessWeakCallbacksCount: 0,
    gcProcessWeakCallbacksTime: 0,
    total_heap_size: heap.total_heap_size,
    total_heap_size_executable: heap.total_heap_size_executable,
    total_physical_size: heap.total_physical_size,
    total_available_size: heap.total_available_size,
    used_heap_size: used,
    heap_size_limit: heap.heap_size_limit,
    malloced_memory: heap.malloced_memory,
    peak_malloced_memory: heap.peak_malloced_memory,
    gc_time: Math.round(duration * kNanoseconds),
    num_full_gc: count,
    num_inc_gc: 0,
    heap_compactions: count,
    estimated_base: trend.reduce((sum, one) => sum + one, 0) / trend.length,
    current_base: used,
    min: base,
    max: Math.max(...trend),
    usage_trend: trend.length > 1 ? (used - trend[0]) / trend.length : 0,
  });
}

function tellLeak(used) {
  const last = grown.at(-1);
  if (last !== undefined && used <= last.used) grown = [];
  grown.push({ used, at: new Date() });
  if (grown.length <= kLeakSamples) return;
  const [first] = grown;
  const growth = used - first.used;
  const end = grown.at(-1).at;
  const seconds = Math.max((end - first.at) / 1000, 0.001);
  grown = [{ used, at: end }];
  memwatch.emit('leak', {
    start: first.at,
    end,
    growth,
    reason: `heap growth over ${kLeakSamples} consecutive GCs (${Math.round(seconds)}s) - ` +
      `${human(growth / seconds * 3600)}/hr`,
  });
}

function human(bytes) {
  const sign = bytes < 0 ? '-' : '';
  let size = Math.abs(bytes);
  for (const unit of ['bytes', 'kb', 'mb', 'gb']) {
    if (size < 1024 || unit === 'gb') return `${sign}${+size.toFixed(2)} ${unit}`;
    size /= 1024;
  }
  return '';
}

// Whoever listens wants to be told.
memwatch.on('newListener', () => collections.add(seen));
memwatch.on('removeListener', () => {
  if (memwatch.listenerCount('stats') + memwatch.listenerCount('leak') === 0) collections.remove(seen);
});

// What the leak watch finds has the same event, with what it knows more.
leakWatch.listeners.add((report) => {
  const end = new Date();
  memwatch.emit('leak', {
    start: new Date(end - report.seconds * 1000),
    end,
    growth: report.grown.reduce((sum, one) => sum + one.moreSize, 0),
    reason: `${report.grown[0].what} grew ${report.grown[0].samples} times in a row`,
    report,
  });
});

function quietly(f) {
  inDiff = true;
  try {
    return f();
  } finally {
    // Collections are told of at the end of the turn.
    setImmediate(() => { inDiff = false; });
  }
}

// What the heap has more and less at `end()` than when it was made.
class HeapDiff {
  #survey = quietly(() => {
    collect();
    return binding.survey();
  });
  #start = new Date();

  end() {
    if (this.#survey === undefined) throw new ERR_INVALID_STATE('HeapDiff.end() was called before');
    const survey = this.#survey;
    this.#survey = undefined;
    const { before, after, details } = JSON.parse(quietly(() => {
      collect();
      return binding.compare(survey);
    }));
    const moment = ([nodes, bytes], at) => ({ nodes, time: at, size_bytes: bytes, size: human(bytes) });
    const sum = (key) => details.reduce((all, one) => all + one[key], 0);
    return {
      before: moment(before, this.#start),
      after: moment(after, new Date()),
      change: {
        size_bytes: after[1] - before[1],
        size: human(after[1] - before[1]),
        freed_nodes: sum('-'),
        allocated_nodes: sum('+'),
        details: details.map((one) => ({
          'what': one.what,
          'size_bytes': one.size_bytes,
          'size': human(one.size_bytes),
          '+': one['+'],
          '-': one['-'],
        })),
      },
    };
  }
}

function gc() {
  collect();
}

memwatch.gc = gc;
memwatch.HeapDiff = HeapDiff;
memwatch.memoryUsage = () => memoryUsage()[2];

module.exports = memwatch;
