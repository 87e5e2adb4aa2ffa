'use strict';
// Histograms: how often which values were recorded. Values are kept as they are, not in buckets.

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const { validateInteger, validateNumber, validateObject } = require('internal/validators');

const customInspect = Symbol.for('nodejs.util.inspect.custom');
const kConstruct = Symbol('construct');

// What an empty histogram has as its minimum.
const noMin = 2n ** 63n - 1n;

class Histogram {
  #counts = new Map();
  #count = 0;
  #exceeds = 0;

  constructor(token) {
    if (token !== kConstruct) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  static recordIn(histogram, value, times = 1) {
    histogram.#counts.set(value, (histogram.#counts.get(value) ?? 0) + times);
    histogram.#count += times;
  }

  static addTo(histogram, other) {
    for (const [value, times] of other.#counts) Histogram.recordIn(histogram, value, times);
    histogram.#exceeds += other.#exceeds;
  }

  #sorted() {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }

  get count() {
    return this.#count;
  }

  get countBigInt() {
    return BigInt(this.#count);
  }

  get min() {
    return this.#count === 0 ? Number(noMin) : Math.min(...this.#counts.keys());
  }

  get minBigInt() {
    return this.#count === 0 ? noMin : BigInt(this.min);
  }

  get max() {
    return this.#count === 0 ? 0 : Math.max(...this.#counts.keys());
  }

  get maxBigInt() {
    return BigInt(this.max);
  }

  get mean() {
    let sum = 0;
    for (const [value, times] of this.#counts) sum += value * times;
    return sum / this.#count;
  }

  get exceeds() {
    return this.#exceeds;
  }

  get exceedsBigInt() {
    return BigInt(this.#exceeds);
  }

  get stddev() {
    const { mean } = this;
    let sum = 0;
    for (const [value, times] of this.#counts) sum += (value - mean) ** 2 * times;
    return Math.sqrt(sum / this.#count);
  }

  percentile(percentile) {
    validateNumber(percentile, 'percentile');
    if (Number.isNaN(percentile) || percentile <= 0 || percentile > 100) {
      const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
      throw new ERR_OUT_OF_RANGE('percentile', '> 0 && <= 100', percentile);
    }
    const wanted = Math.max(1, Math.ceil((percentile / 100) * this.#count));
    let seen = 0;
    for (const [value, times] of this.#sorted()) {
      seen += times;
      if (seen >= wanted) return value;
    }
    return 0;
  }

  percentileBigInt(percentile) {
    return BigInt(this.percentile(percentile));
  }

  // At 0, 50, 75, 87.5 and so on, each step half as long as the one before.
  get percentiles() {
    const all = new Map();
    if (this.#count > 0) {
      all.set(0, this.min);
      for (let at = 50, rest = 50; this.percentile(at) !== this.max && rest > 1e-3; at += rest) {
        all.set(at, this.percentile(at));
        rest /= 2;
      }
      const last = [...all.keys()].at(-1);
      if (last < 100) all.set(last === 0 ? 50 : last + (100 - last) / 2, this.max);
    }
    all.set(100, this.max);
    return all;
  }

  get percentilesBigInt() {
    return new Map([...this.percentiles].map(([at, value]) => [at, BigInt(value)]));
  }

  reset() {
    this.#counts.clear();
    this.#count = 0;
    this.#exceeds = 0;
  }

  #shown() {
    const { min, max, mean, exceeds, stddev, count, percentiles } = this;
    return { min, max, mean, exceeds, stddev, count, percentiles };
  }

  [customInspect](depth, options) {
    if (depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    return `Histogram ${inspect(this.#shown(), { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }

  toJSON() {
    const { count, percentiles, ...rest } = this.#shown();
    return { count, ...rest, percentiles: Object.fromEntries(percentiles) };
  }
}

const { recordIn, addTo } = Histogram;
delete Histogram.recordIn;
delete Histogram.addTo;

class RecordableHistogram extends Histogram {
  #last = undefined;

  record(value) {
    if (typeof value === 'bigint') value = Number(value);
    validateInteger(value, 'val', 1);
    recordIn(this, value);
  }

  recordDelta() {
    const now = process.hrtime.bigint();
    if (this.#last !== undefined) recordIn(this, Math.max(1, Number(now - this.#last)));
    this.#last = now;
  }

  add(other) {
    if (!(other instanceof RecordableHistogram)) throw new ERR_INVALID_ARG_TYPE('other', 'RecordableHistogram', other);
    addTo(this, other);
  }
}

// How late a timer comes is how long the event loop was busy.
class ELDHistogram extends Histogram {
  #resolution;
  #timer = undefined;

  constructor(token, resolution) {
    super(token);
    this.#resolution = resolution;
  }

  enable() {
    if (this.#timer !== undefined) return false;
    let last = process.hrtime.bigint();
    this.#timer = setInterval(() => {
      const now = process.hrtime.bigint();
      recordIn(this, Math.max(1, Number(now - last)));
      last = now;
    }, this.#resolution);
    this.#timer.unref();
    return true;
  }

  disable() {
    if (this.#timer === undefined) return false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    return true;
  }
}

function createHistogram(options = {}) {
  validateObject(options, 'options');
  return new RecordableHistogram(kConstruct);
}

function monitorEventLoopDelay(options = {}) {
  validateObject(options, 'options');
  const { resolution = 10 } = options;
  validateInteger(resolution, 'options.resolution', 1);
  return new ELDHistogram(kConstruct, resolution);
}

module.exports = { createHistogram, monitorEventLoopDelay };
