'use strict';
// The public module `v8`, as far as its functions have a meaning without V8.

const binding = internalBinding('process');
const { DefaultDeserializer, DefaultSerializer, deserialize, serialize } = require('internal/v8/defaults');
const { Deserializer } = require('internal/v8/deserializer');
const { Serializer } = require('internal/v8/serializer');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE }, UVException } = require('internal/errors');
const { validateBoolean, validateObject, validateString, validateUint32, validateOneOf } = require('internal/validators');

const { toPath } = require('internal/fs/utils');

const options = internalBinding('options');
const snapshots = internalBinding('heap_utils');

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
  const [, , , contexts, detached] = binding.heapSizes();
  const limit = binding.heapLimit();
  return {
    total_heap_size: total,
    total_heap_size_executable: 0,
    total_physical_size: total,
    total_available_size: Math.max(limit - used, 0),
    used_heap_size: used,
    heap_size_limit: limit,
    malloced_memory: 0,
    peak_malloced_memory: 0,
    does_zap_garbage: 0,
    number_of_native_contexts: 1 + contexts,
    number_of_detached_contexts: detached,
    total_global_handles_size: 0,
    used_global_handles_size: 0,
    external_memory: 0,
  };
}

// Small objects lie in pools, large ones on their own. There are no generations.
function getHeapSpaceStatistics() {
  const [pooled, room, large] = binding.heapSizes();
  const space = (name, used, free) => ({
    space_name: name,
    space_size: used + free,
    space_used_size: used,
    space_available_size: free,
    physical_space_size: used + free,
  });
  return [space('old_space', pooled, room), space('large_object_space', large, 0)];
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

let limitIsSet = false;

// Writes a snapshot when the heap is full, up to so many times; the first call counts.
function setHeapSnapshotNearHeapLimit(limit) {
  validateUint32(limit, 'limit', true);
  if (limitIsSet || options.settings['--heapsnapshot-near-heap-limit'] !== undefined) return;
  limitIsSet = true;
  snapshots.setNearHeapLimit(limit);
}

// Writes a heap snapshot into a file and returns its name.
function writeHeapSnapshot(filename, options) {
  if (filename !== undefined) filename = toPath(filename, 'filename');
  checkSnapshotOptions(options);
  const path = filename ?? `${diagnosticFolder()}${snapshots.snapshotName()}`;
  takeSnapshot(path);
  return path;
}

function diagnosticFolder() {
  const folder = options.settings['--diagnostic-dir'];
  return folder === undefined ? '' : `${folder}/`;
}

function takeSnapshot(path) {
  const failed = snapshots.writeHeapSnapshot(`${path}`);
  if (failed === undefined || failed === null) return;
  const [errno, wasMade] = failed;
  throw new UVException({ errno: -errno, syscall: wasMade === 1 ? 'write' : 'open', path: `${path}` });
}

function checkSnapshotOptions(options = { __proto__: null }) {
  validateObject(options, 'options');
  const { exposeInternals = false, exposeNumericValues = false } = options;
  validateBoolean(exposeInternals, 'options.exposeInternals');
  validateBoolean(exposeNumericValues, 'options.exposeNumericValues');
  // What is internal is in each snapshot, and no shortcuts are added that could be left out.
  if (exposeInternals) {
    throw new ERR_INVALID_ARG_VALUE('options.exposeInternals', true, 'has no effect: each snapshot of this heap has what is internal');
  }
  // Numbers lie in what has them, and are no objects that a snapshot could show.
  if (exposeNumericValues) {
    throw new ERR_INVALID_ARG_VALUE('options.exposeNumericValues', true, 'cannot be done: numbers are no objects of this heap');
  }
}

// The heap as it is now, as a stream of the snapshot's text.
function getHeapSnapshot(options) {
  checkSnapshotOptions(options);
  const fs = require('fs');
  const folder = fs.mkdtempSync(`${require('os').tmpdir()}/sandtide-`);
  const path = `${folder}/heap`;
  try {
    takeSnapshot(path);
    return fs.createReadStream(path, { fd: fs.openSync(path, 'r') });
  } finally {
    // The open file stays readable.
    fs.rmSync(folder, { recursive: true, force: true });
  }
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
  DefaultDeserializer,
  DefaultSerializer,
  Deserializer,
  GCProfiler,
  Serializer,
  cachedDataVersionTag,
  deserialize,
  getHeapCodeStatistics,
  getHeapSnapshot,
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
  writeHeapSnapshot,
};
