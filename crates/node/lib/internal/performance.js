'use strict';
// `performance`, its entries and observers.

const binding = internalBinding('process');
const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_VALUE, ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS } } = require('internal/errors');
const { validateFunction, validateObject } = require('internal/validators');

const kMake = Symbol('make');
const timeOrigin = Date.now() - binding.uptime() * 1000;

const now = () => binding.uptime() * 1000;

class PerformanceEntry {
  #name;
  #entryType;
  #startTime;
  #duration;
  #detail;

  constructor(key, name, entryType, startTime, duration, detail) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#name = name;
    this.#entryType = entryType;
    this.#startTime = startTime;
    this.#duration = duration;
    this.#detail = detail;
  }

  get name() { return this.#name; }
  get entryType() { return this.#entryType; }
  get startTime() { return this.#startTime; }
  get duration() { return this.#duration; }
  get detail() { return this.#detail; }

  toJSON() {
    return {
      name: this.name,
      entryType: this.entryType,
      startTime: this.startTime,
      duration: this.duration,
      detail: this.detail,
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options) {
    if (depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    return `${this.constructor.name} ${inspect(this.toJSON(), { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }
}

class PerformanceMark extends PerformanceEntry {
  constructor(name, options) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    if (options !== undefined && options !== null) validateObject(options, 'options');
    const startTime = options?.startTime ?? now();
    if (typeof startTime !== 'number') throw new ERR_INVALID_ARG_TYPE('startTime', 'number', startTime);
    if (startTime < 0) {
      const { codes: { ERR_PERFORMANCE_INVALID_TIMESTAMP } } = require('internal/errors');
      throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(startTime);
    }
    const detail = options?.detail;
    super(kMake, `${name}`, 'mark', startTime, 0,
          detail === undefined || detail === null ? null : globalThis.structuredClone(detail));
  }
}

class PerformanceMeasure extends PerformanceEntry {}

class PerformanceNodeEntry extends PerformanceEntry {}

// What fetched something, as a client of HTTP tells it.
class PerformanceResourceTiming extends PerformanceEntry {
  #initiatorType;
  #timing;
  #body;

  constructor(key, name, initiatorType, timing, cacheMode, body, responseStatus, deliveryType) {
    super(key, name, 'resource', timing.startTime, timing.endTime - timing.startTime, undefined);
    this.#initiatorType = initiatorType;
    this.#timing = timing;
    this.#body = { cacheMode, ...body, responseStatus, deliveryType };
  }

  #connection(key) { return this.#timing.finalConnectionTimingInfo?.[key]; }

  get initiatorType() { return this.#initiatorType; }
  get workerStart() { return this.#timing.finalServiceWorkerStartTime; }
  get redirectStart() { return this.#timing.redirectStartTime; }
  get redirectEnd() { return this.#timing.redirectEndTime; }
  get fetchStart() { return this.#timing.postRedirectStartTime; }
  get domainLookupStart() { return this.#connection('domainLookupStartTime'); }
  get domainLookupEnd() { return this.#connection('domainLookupEndTime'); }
  get connectStart() { return this.#connection('connectionStartTime'); }
  get connectEnd() { return this.#connection('connectionEndTime'); }
  get secureConnectionStart() { return this.#connection('secureConnectionStartTime'); }
  get nextHopProtocol() { return this.#connection('ALPNNegotiatedProtocol'); }
  get requestStart() { return this.#timing.finalNetworkRequestStartTime; }
  get responseStart() { return this.#timing.finalNetworkResponseStartTime; }
  get responseEnd() { return this.#timing.endTime; }
  get encodedBodySize() { return this.#timing.encodedBodySize; }
  get decodedBodySize() { return this.#timing.decodedBodySize; }
  // Heads count as 300 bytes, as the standard has it.
  get transferSize() {
    if (this.#body.cacheMode === 'local') return 0;
    return this.#body.cacheMode === 'validated' ? 300 : this.#timing.encodedBodySize + 300;
  }
  get deliveryType() { return this.#body.deliveryType; }
  get responseStatus() { return this.#body.responseStatus; }

  toJSON() {
    const made = { name: this.name, entryType: this.entryType, startTime: this.startTime, duration: this.duration };
    for (const key of ['initiatorType', 'nextHopProtocol', 'workerStart', 'redirectStart', 'redirectEnd', 'fetchStart',
                       'domainLookupStart', 'domainLookupEnd', 'connectStart', 'connectEnd', 'secureConnectionStart',
                       'requestStart', 'responseStart', 'responseEnd', 'transferSize', 'encodedBodySize',
                       'decodedBodySize', 'deliveryType', 'responseStatus']) made[key] = this[key];
    return made;
  }
}
Object.defineProperty(PerformanceResourceTiming.prototype, Symbol.toStringTag, {
  value: 'PerformanceResourceTiming', configurable: true,
});

// How many of them are kept.
let mostResources = 250;

let entries = [];
const observers = new Set();

function add(entry) {
  if (entry.entryType === 'mark' || entry.entryType === 'measure') entries.push(entry);
  if (entry.entryType === 'resource' && entries.filter((one) => one.entryType === 'resource').length < mostResources) {
    entries.push(entry);
  }
  for (const observer of observers) observer[kAdd](entry);
}

const kAdd = Symbol('add');

// Collections are kept by the host only while somebody observes them.
let observesCollections = false;

function updateCollections() {
  const wanted = [...observers].some((observer) => observer[kObserves]('gc'));
  if (wanted === observesCollections) return;
  observesCollections = wanted;
  const collections = require('internal/collections');
  if (wanted) collections.add(addCollection);
  else collections.remove(addCollection);
}

function addCollection(startTime, duration, kind, flags) {
  add(new PerformanceNodeEntry(kMake, 'gc', 'gc', startTime, duration, { kind, flags }));
}

const kObserves = Symbol('observes');

class PerformanceObserverEntryList {
  #entries;

  constructor(key, list) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#entries = list.toSorted((a, b) => a.startTime - b.startTime);
  }

  getEntries() {
    return this.#entries.slice();
  }

  getEntriesByType(type) {
    return this.#entries.filter((entry) => entry.entryType === `${type}`);
  }

  getEntriesByName(name, type) {
    return this.#entries.filter((entry) => entry.name === `${name}` &&
      (type === undefined || entry.entryType === `${type}`));
  }
}

class PerformanceObserver {
  #callback;
  #types = new Set();
  #buffer = [];
  #waiting = false;

  constructor(callback) {
    validateFunction(callback, 'callback');
    this.#callback = callback;
  }

  static get supportedEntryTypes() {
    return Object.freeze(['function', 'gc', 'mark', 'measure']);
  }

  observe(options = {}) {
    validateObject(options, 'options');
    const { entryTypes, type, buffered } = options;
    if (entryTypes === undefined && type === undefined) throw new ERR_MISSING_ARGS('options.entryTypes', 'options.type');
    if (entryTypes !== undefined && type !== undefined) {
      throw new ERR_INVALID_ARG_VALUE('options.entryTypes', entryTypes, 'options.entryTypes can not set with options.type together');
    }
    if (entryTypes !== undefined) {
      if (!Array.isArray(entryTypes)) throw new ERR_INVALID_ARG_TYPE('options.entryTypes', 'string[]', entryTypes);
      this.#types = new Set(entryTypes);
    } else {
      this.#types.add(type);
      if (buffered) for (const entry of entries) if (entry.entryType === type) this[kAdd](entry);
    }
    observers.add(this);
    updateCollections();
  }

  disconnect() {
    observers.delete(this);
    this.#types.clear();
    this.#buffer = [];
    updateCollections();
  }

  [kObserves](type) {
    return this.#types.has(type);
  }

  takeRecords() {
    const taken = this.#buffer;
    this.#buffer = [];
    return taken;
  }

  [kAdd](entry) {
    if (!this.#types.has(entry.entryType)) return;
    this.#buffer.push(entry);
    if (this.#waiting) return;
    this.#waiting = true;
    setImmediate(() => {
      this.#waiting = false;
      if (this.#buffer.length === 0) return;
      this.#callback(new PerformanceObserverEntryList(kMake, this.takeRecords()), this);
    });
  }
}

function timeOf(value) {
  if (typeof value === 'number') return value;
  const found = entries.findLast((entry) => entry.entryType === 'mark' && entry.name === `${value}`);
  if (found === undefined) {
    const { DOMException } = require('internal/domexception');
    throw new DOMException(`The "${value}" performance mark has not been set`, 'SyntaxError');
  }
  return found.startTime;
}

const { EventTarget } = require('internal/event_target');

class Performance extends EventTarget {
  constructor(key) {
    if (key !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
  }

  now() {
    return now();
  }

  get timeOrigin() {
    return timeOrigin;
  }

  mark(name, options) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    const mark = new PerformanceMark(name, options);
    add(mark);
    return mark;
  }

  measure(name, startOrOptions, end) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    let start = 0;
    let stop;
    let detail = null;
    if (typeof startOrOptions === 'object' && startOrOptions !== null) {
      const options = startOrOptions;
      stop = options.end !== undefined ? timeOf(options.end) :
        options.duration !== undefined && options.start !== undefined ? timeOf(options.start) + options.duration : now();
      start = options.start !== undefined ? timeOf(options.start) :
        options.duration !== undefined ? stop - options.duration : 0;
      if (options.detail !== undefined && options.detail !== null) detail = globalThis.structuredClone(options.detail);
    } else {
      stop = end === undefined ? now() : timeOf(end);
      if (startOrOptions !== undefined) start = timeOf(startOrOptions);
    }
    const measure = new PerformanceMeasure(kMake, `${name}`, 'measure', start, stop - start, detail);
    add(measure);
    return measure;
  }

  clearMarks(name) {
    entries = entries.filter((entry) => entry.entryType !== 'mark' || (name !== undefined && entry.name !== `${name}`));
  }

  clearMeasures(name) {
    entries = entries.filter((entry) => entry.entryType !== 'measure' || (name !== undefined && entry.name !== `${name}`));
  }

  clearResourceTimings(name) {
    entries = entries.filter((entry) => entry.entryType !== 'resource' || (name !== undefined && entry.name !== `${name}`));
  }

  setResourceTimingBufferSize(maxSize) {
    mostResources = maxSize;
  }

  markResourceTiming(timingInfo, requestedUrl, initiatorType, global, cacheMode, bodyInfo, responseStatus, deliveryType = '') {
    const entry = new PerformanceResourceTiming(
      kMake, requestedUrl, initiatorType, timingInfo, cacheMode, bodyInfo, responseStatus, deliveryType);
    add(entry);
    return entry;
  }

  getEntries() {
    return new PerformanceObserverEntryList(kMake, entries).getEntries();
  }

  getEntriesByType(type) {
    return new PerformanceObserverEntryList(kMake, entries).getEntriesByType(type);
  }

  getEntriesByName(name, type) {
    return new PerformanceObserverEntryList(kMake, entries).getEntriesByName(name, type);
  }

  eventLoopUtilization() {
    return { idle: 0, active: 0, utilization: 0 };
  }

  timerify(fn) {
    validateFunction(fn, 'fn');
    const timed = function (...args) {
      const start = now();
      const result = new.target === undefined ? Reflect.apply(fn, this, args) : Reflect.construct(fn, args, fn);
      add(new PerformanceEntry(kMake, fn.name, 'function', start, now() - start, args));
      return result;
    };
    Object.defineProperties(timed, {
      length: { configurable: false, enumerable: true, value: fn.length },
      name: { configurable: false, enumerable: true, value: `timerified ${fn.name}` },
    });
    return timed;
  }

  get nodeTiming() {
    return { name: 'node', entryType: 'node', startTime: 0, duration: now() };
  }

  toJSON() {
    return { nodeTiming: this.nodeTiming, timeOrigin, eventLoopUtilization: this.eventLoopUtilization() };
  }
}

Object.defineProperty(Performance.prototype, Symbol.toStringTag, { value: 'Performance', configurable: true });

module.exports = {
  Performance,
  PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  PerformanceObserver,
  PerformanceObserverEntryList,
  PerformanceResourceTiming,
  performance: new Performance(kMake),
};
