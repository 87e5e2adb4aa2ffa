// crypto, performance, navigator, self.
(function (std, native, events, cloning) {
  'use strict';
  const {
    method, first, apply, list, push, need, isObject, toText, dictionary, expose, toArray, viewTag,
  } = std;
  const { TypeError, DOMException } = first;
  const { random, now, origin, version, use } = native;
  const clone = cloning.structuredClone;
  let making = false;
  const illegal = () => {
    if (!making) throw new TypeError('Illegal constructor');
    making = false;
  };
  const only = (constructor) => {
    making = true;
    return new constructor();
  };

  // crypto
  const viewBytes = method('TypedArray.prototype', 'byteLength');
  const setBytes = method('TypedArray.prototype', 'set');
  const integers = {
    __proto__: null, Int8Array: 1, Uint8Array: 1, Uint8ClampedArray: 1, Int16Array: 1, Uint16Array: 1,
    Int32Array: 1, Uint32Array: 1, BigInt64Array: 1, BigUint64Array: 1,
  };

  class Crypto {
    #brand = true;

    static {
      push(std.uncloneable, (value) => #brand in value);
    }

    constructor() { illegal(); }

    getRandomValues(array) {
      this.#brand;
      need(arguments.length, 1, 'Crypto.getRandomValues');
      const type = viewTag(array);
      if (type === undefined) throw new TypeError('Crypto.getRandomValues: not a view of a buffer');
      const bytes = std.bytesOf(array);
      if (integers[type] !== 1) {
        throw new DOMException('The array is not one of integers', 'TypeMismatchError');
      }
      const length = viewBytes(bytes);
      if (length > 65536) {
        throw new DOMException('More than 65536 bytes are asked for at once', 'QuotaExceededError');
      }
      if (length > 0) setBytes(bytes, random(length));
      return array;
    }

    // A module of its own, which most who touch `crypto` do without.
    get subtle() {
      this.#brand;
      return use('subtle').subtle;
    }

    randomUUID() {
      this.#brand;
      return std.uuid(random(16));
    }
  }
  expose(Crypto, 'Crypto');

  // performance
  const entriesOf = { __proto__: null };

  class PerformanceEntry {
    #name;
    #type;
    #start;
    #duration;

    static {
      push(std.uncloneable, (value) => #duration in value);
    }

    constructor(name, type, start, duration) {
      illegal();
      this.#name = name;
      this.#type = type;
      this.#start = start;
      this.#duration = duration;
    }

    get name() { return this.#name; }
    get entryType() { return this.#type; }
    get startTime() { return this.#start; }
    get duration() { return this.#duration; }
    toJSON() {
      return {
        name: this.#name, entryType: this.#type, startTime: this.#start, duration: this.#duration,
      };
    }
  }

  class PerformanceMark extends PerformanceEntry {
    #detail;

    constructor(markName, markOptions = undefined) {
      need(arguments.length, 1, 'PerformanceMark');
      const name = toText(markName);
      const options = dictionary(markOptions, 'PerformanceMark');
      let start = options.startTime;
      start = start === undefined ? now() : +start;
      if (start < 0) throw new TypeError('PerformanceMark: the time is negative');
      const { detail } = options;
      making = true;
      super(name, 'mark', start, 0);
      this.#detail = detail === undefined ? null : clone(detail);
    }

    get detail() { return this.#detail; }
  }

  class PerformanceMeasure extends PerformanceEntry {
    #detail;

    constructor(name, start, duration, detail) {
      super(name, 'measure', start, duration);
      this.#detail = detail;
    }

    get detail() { return this.#detail; }
  }

  class Performance extends events.EventTarget {
    #entries = list();

    constructor() {
      illegal();
      super();
    }

    get timeOrigin() {
      this.#entries;
      return origin();
    }

    now() {
      this.#entries;
      return now();
    }

    mark(markName, markOptions = undefined) {
      this.#entries;
      need(arguments.length, 1, 'Performance.mark');
      const entry = new PerformanceMark(markName, markOptions);
      this.#add(entry);
      return entry;
    }

    measure(measureName, startOrMeasureOptions = undefined, endMark = undefined) {
      this.#entries;
      need(arguments.length, 1, 'Performance.measure');
      const name = toText(measureName);
      let start = 0, end, detail = null, duration;
      const options = startOrMeasureOptions;
      if (isObject(options)) {
        const from = options.start, to = options.end;
        duration = options.duration;
        const given = options.detail;
        if (endMark !== undefined) throw new TypeError('Performance.measure: two ends');
        if (from === undefined && to === undefined && duration === undefined && given === undefined) {
          start = 0;
        } else if (from === undefined && to === undefined) {
          throw new TypeError('Performance.measure: neither start nor end');
        } else if (from !== undefined && to !== undefined && duration !== undefined) {
          throw new TypeError('Performance.measure: start, end and duration');
        }
        if (duration !== undefined) duration = +duration;
        end = to !== undefined ? this.#time(to)
          : from !== undefined && duration !== undefined ? this.#time(from) + duration : now();
        start = from !== undefined ? this.#time(from)
          : duration !== undefined ? end - duration : 0;
        if (given !== undefined) detail = clone(given);
      } else {
        if (options !== undefined) start = this.#time(options);
        end = endMark === undefined ? now() : this.#time(endMark);
      }
      making = true;
      const entry = new PerformanceMeasure(name, start, end - start, detail);
      this.#add(entry);
      return entry;
    }

    #time(mark) {
      if (typeof mark === 'number') {
        if (mark < 0) throw new TypeError('Performance.measure: the time is negative');
        return mark;
      }
      const name = toText(mark);
      for (let i = this.#entries.length - 1; i >= 0; i--) {
        const entry = this.#entries[i];
        if (entriesOf.type(entry) === 'mark' && entriesOf.name(entry) === name) return entriesOf.start(entry);
      }
      throw new DOMException("The mark '" + name + "' does not exist", 'SyntaxError');
    }

    #add(entry) {
      push(this.#entries, entry);
      let at = this.#entries.length - 1;
      while (at > 0 && entriesOf.start(this.#entries[at - 1]) > entriesOf.start(entry)) {
        this.#entries[at] = this.#entries[at - 1];
        at--;
      }
      this.#entries[at] = entry;
    }

    #remove(type, name) {
      const kept = list();
      for (let i = 0; i < this.#entries.length; i++) {
        const entry = this.#entries[i];
        const goes = entriesOf.type(entry) === type && (name === undefined || entriesOf.name(entry) === name);
        if (!goes) push(kept, entry);
      }
      this.#entries = kept;
    }

    clearMarks(markName = undefined) {
      this.#remove('mark', markName === undefined ? undefined : toText(markName));
    }

    clearMeasures(measureName = undefined) {
      this.#remove('measure', measureName === undefined ? undefined : toText(measureName));
    }

    #find(name, type) {
      const found = list();
      for (let i = 0; i < this.#entries.length; i++) {
        const entry = this.#entries[i];
        if ((name === undefined || entriesOf.name(entry) === name) &&
            (type === undefined || entriesOf.type(entry) === type)) push(found, entry);
      }
      return toArray(found);
    }

    getEntries() { return this.#find(undefined, undefined); }

    getEntriesByType(type) {
      this.#entries;
      need(arguments.length, 1, 'Performance.getEntriesByType');
      return this.#find(undefined, toText(type));
    }

    getEntriesByName(name, type = undefined) {
      this.#entries;
      need(arguments.length, 1, 'Performance.getEntriesByName');
      return this.#find(toText(name), type === undefined ? undefined : toText(type));
    }

    toJSON() {
      this.#entries;
      return { timeOrigin: origin() };
    }
  }
  const getter = (name) => {
    const { get } = std.getOwnPropertyDescriptor(PerformanceEntry.prototype, name);
    return (entry) => apply(get, entry, []);
  };
  entriesOf.name = getter('name');
  entriesOf.type = getter('entryType');
  entriesOf.start = getter('startTime');
  expose(PerformanceEntry, 'PerformanceEntry');
  expose(PerformanceMark, 'PerformanceMark');
  expose(PerformanceMeasure, 'PerformanceMeasure');
  expose(Performance, 'Performance');

  // navigator
  class Navigator {
    #brand = true;

    constructor() { illegal(); }

    get userAgent() { return this.#brand && 'Sandtide/' + version(); }
    // What the HTML standard has all answer, so that what is read of them is text.
    get appCodeName() { return this.#brand && 'Mozilla'; }
    get appName() { return this.#brand && 'Netscape'; }
    get appVersion() { return this.#brand && ''; }
    get platform() { return this.#brand && ''; }
    get product() { return this.#brand && 'Gecko'; }
  }
  expose(Navigator, 'Navigator');

  return {
    __proto__: null, Crypto, crypto: only(Crypto), Performance, performance: only(Performance),
    PerformanceEntry, PerformanceMark, PerformanceMeasure, Navigator, navigator: only(Navigator),
    self: first.global,
  };
})
