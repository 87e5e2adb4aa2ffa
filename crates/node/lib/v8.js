'use strict';
// The public module `v8`, as far as its functions have a meaning without V8.

const binding = internalBinding('process');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateString, validateUint32, validateOneOf } = require('internal/validators');

// Flags that can be set while the program runs; all others are taken without effect.
function setFlagsFromString(flags) {
  validateString(flags, 'flags');
  for (const word of flags.split(/\s+/)) {
    // Contexts that are made from now on have a `gc`; the global object stays as it is.
    const found = /^--(no-)?expose-gc$/.exec(word.replace(/_/g, '-'));
    if (found !== null) internalBinding('options').settings['--expose-gc'] = found[1] === undefined;
  }
}

function getHeapStatistics() {
  const [, total, used] = binding.memoryUsage();
  const limit = binding.heapLimit();
  return {
    total_heap_size: total,
    total_heap_size_executable: 0,
    total_physical_size: total,
    total_available_size: Math.max(limit - used, 0),
    used_heap_size: used,
    heap_size_limit: limit,
    malloced_memory: used,
    peak_malloced_memory: used,
    does_zap_garbage: 0,
    number_of_native_contexts: 1 + (internalBinding('contextify').statistics?.().live ?? 0),
    number_of_detached_contexts: 0,
    total_global_handles_size: 0,
    used_global_handles_size: 0,
    external_memory: 0,
  };
}

function getHeapSpaceStatistics() {
  const [, total, used] = binding.memoryUsage();
  return [{
    space_name: 'old_space',
    space_size: total,
    space_used_size: used,
    space_available_size: Math.max(total - used, 0),
    physical_space_size: total,
  }];
}

function getHeapCodeStatistics() {
  return {
    code_and_metadata_size: 0,
    bytecode_and_metadata_size: 0,
    external_script_source_size: 0,
    cpu_profiler_metadata_size: 0,
  };
}

function cachedDataVersionTag() {
  let tag = 0;
  for (const letter of `${process.versions.quickjs} ${process.versions.sandtide}`) {
    tag = (Math.imul(tag, 31) + letter.charCodeAt(0)) >>> 0;
  }
  return tag;
}

function serialize(value) {
  return require('internal/serialize').serialize(value);
}

function deserialize(buffer) {
  if (!ArrayBuffer.isView(buffer)) {
    throw new ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], buffer);
  }
  return require('internal/serialize').deserialize(buffer);
}

function setHeapSnapshotNearHeapLimit(limit) {
  validateUint32(limit, 'limit', true);
}

function isStringOneByteRepresentation(content) {
  validateString(content, 'content');
  return !/[^\0-\xff]/.test(content);
}

// Collections since start(), as far as they can be told.
class GCProfiler {
  #start;

  start() {
    this.#start ??= Date.now();
  }

  stop() {
    if (this.#start === undefined) return undefined;
    const report = { version: 1, startTime: this.#start, statistics: [], endTime: Date.now() };
    this.#start = undefined;
    return report;
  }

  [Symbol.dispose]() {
    this.stop();
  }
}

// How many objects of a class there are, or what they are called.
function queryObjects(constructor, options = { __proto__: null }) {
  if (typeof constructor !== 'function') throw new ERR_INVALID_ARG_TYPE('ctor', 'function', constructor);
  const { format = 'count' } = options;
  validateOneOf(format, 'options.format', ['count', 'summary']);
  const query = internalBinding('util').queryObjects;
  if (query === undefined) throw new ERR_INVALID_ARG_VALUE('ctor', constructor, 'cannot be looked for');
  const found = query(constructor);
  return format === 'count' ? found.length : found.map((object) => require('internal/util/inspect').inspect(object, { depth: 0 }));
}

module.exports = {
  GCProfiler,
  cachedDataVersionTag,
  deserialize,
  getHeapCodeStatistics,
  getHeapSpaceStatistics,
  getHeapStatistics,
  isStringOneByteRepresentation,
  queryObjects,
  serialize,
  setFlagsFromString,
  setHeapSnapshotNearHeapLimit,
  startupSnapshot: { isBuildingSnapshot: () => false },
  stopCoverage() {},
  takeCoverage() {},
};
