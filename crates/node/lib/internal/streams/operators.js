'use strict';
// The methods of Readable that treat it as a sequence: map, filter, toArray and so on.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { validateAbortSignal, validateInteger, validateObject } = require('internal/validators');
const { Readable } = require('internal/streams/readable');
const { finished } = require('internal/streams/end_of_stream');

const kEmpty = Symbol('kEmpty');
const kEof = Symbol('kEof');

function checkFunction(fn) {
  if (typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE('fn', ['Function', 'AsyncFunction'], fn);
}

function checkOptions(options) {
  if (options != null) validateObject(options, 'options');
  if (options?.signal != null) validateAbortSignal(options.signal, 'options.signal');
}

function map(fn, options) {
  checkFunction(fn);
  checkOptions(options);
  let concurrency = 1;
  if (options?.concurrency != null) concurrency = Math.floor(options.concurrency);
  let highWaterMark = concurrency - 1;
  if (options?.highWaterMark != null) highWaterMark = Math.floor(options.highWaterMark);
  validateInteger(concurrency, 'options.concurrency', 1);
  validateInteger(highWaterMark, 'options.highWaterMark', 0);
  const limit = highWaterMark + concurrency;
  const stream = this;

  return async function* map() {
    const signal = AbortSignal.any([options?.signal].filter(Boolean));
    const queue = [];
    const signalOptions = { signal };
    let wakeConsumer;
    let wakeProducer;
    let done = false;
    let running = 0;

    function onFailed() {
      done = true;
      afterItem();
    }

    function afterItem() {
      running -= 1;
      maybeResume();
    }

    function maybeResume() {
      if (wakeProducer && !done && running < concurrency && queue.length < limit) {
        wakeProducer();
        wakeProducer = null;
      }
    }

    async function produce() {
      try {
        for await (let item of stream) {
          if (done) return;
          if (signal.aborted) throw new AbortError();
          try {
            item = fn(item, signalOptions);
            if (item === kEmpty) continue;
            item = Promise.resolve(item);
          } catch (error) {
            item = Promise.reject(error);
          }
          running += 1;
          item.then(afterItem, onFailed);
          queue.push(item);
          if (wakeConsumer) {
            wakeConsumer();
            wakeConsumer = null;
          }
          if (!done && (queue.length >= limit || running >= concurrency)) {
            await new Promise((resolve) => { wakeProducer = resolve; });
          }
        }
        queue.push(kEof);
      } catch (error) {
        const failed = Promise.reject(error);
        failed.then(afterItem, onFailed);
        queue.push(failed);
      } finally {
        done = true;
        if (wakeConsumer) {
          wakeConsumer();
          wakeConsumer = null;
        }
      }
    }

    produce();
    try {
      for (;;) {
        while (queue.length > 0) {
          const item = await queue[0];
          if (item === kEof) return;
          if (signal.aborted) throw new AbortError();
          if (item !== kEmpty) yield item;
          queue.shift();
          maybeResume();
        }
        await new Promise((resolve) => { wakeConsumer = resolve; });
      }
    } finally {
      done = true;
      if (wakeProducer) {
        wakeProducer();
        wakeProducer = null;
      }
    }
  }.call(this);
}

function filter(fn, options) {
  checkFunction(fn);
  return map.call(this, async function filterFn(value, callOptions) {
    return (await fn(value, callOptions)) ? value : kEmpty;
  }, options);
}

function flatMap(fn, options) {
  const values = map.call(this, fn, options);
  return async function* flatMap() {
    for await (const value of values) yield* value;
  }.call(this);
}

function toCount(number) {
  number = Number(number);
  if (Number.isNaN(number)) return 0;
  if (number < 0) throw new ERR_OUT_OF_RANGE('number', '>= 0', number);
  return number;
}

function checkAborted(options) {
  if (options?.signal?.aborted) throw new AbortError();
}

function drop(number, options = undefined) {
  checkOptions(options);
  number = toCount(number);
  return async function* drop() {
    checkAborted(options);
    for await (const value of this) {
      checkAborted(options);
      if (number-- <= 0) yield value;
    }
  }.call(this);
}

function take(number, options = undefined) {
  checkOptions(options);
  number = toCount(number);
  return async function* take() {
    checkAborted(options);
    for await (const value of this) {
      checkAborted(options);
      if (number-- > 0) yield value;
      // Not after the next one has been asked for.
      if (number <= 0) return;
    }
  }.call(this);
}

function asIndexedPairs(options = undefined) {
  checkOptions(options);
  return async function* asIndexedPairs() {
    let index = 0;
    for await (const value of this) {
      if (options?.signal?.aborted) throw new AbortError(undefined, { cause: options.signal.reason });
      yield [index++, value];
    }
  }.call(this);
}

async function some(fn, options = undefined) {
  for await (const _ of filter.call(this, fn, options)) return true;
  return false;
}

async function every(fn, options = undefined) {
  checkFunction(fn);
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  for await (const result of filter.call(this, fn, options)) return result;
  return undefined;
}

async function forEach(fn, options) {
  checkFunction(fn);
  for await (const _ of map.call(this, async (value, callOptions) => {
    await fn(value, callOptions);
    return kEmpty;
  }, options));
}

async function reduce(reducer, initialValue, options) {
  if (typeof reducer !== 'function') throw new ERR_INVALID_ARG_TYPE('reducer', ['Function', 'AsyncFunction'], reducer);
  checkOptions(options);
  let hasValue = arguments.length > 1;
  if (options?.signal?.aborted) {
    const error = new AbortError(undefined, { cause: options.signal.reason });
    this.once('error', () => {});
    await finished(this.destroy(error)).catch(() => {});
    throw error;
  }
  let any = false;
  for await (const value of this) {
    any = true;
    if (options?.signal?.aborted) throw new AbortError();
    if (hasValue) {
      initialValue = await reducer(initialValue, value, { signal: options?.signal ?? new AbortController().signal });
    } else {
      initialValue = value;
      hasValue = true;
    }
  }
  if (!any && !hasValue) {
    const error = new ERR_MISSING_ARGS('reduce');
    defineMessage(error, 'Reduce of an empty stream requires an initial value');
    throw error;
  }
  return initialValue;
}

function defineMessage(error, message) {
  Object.defineProperty(error, 'message', { __proto__: null, value: message, writable: true, enumerable: false, configurable: true });
}

async function toArray(options) {
  checkOptions(options);
  const values = [];
  for await (const value of this) {
    if (options?.signal?.aborted) throw new AbortError(undefined, { cause: options.signal.reason });
    values.push(value);
  }
  return values;
}

function compose(stream, options) {
  if (options != null) validateObject(options, 'options');
  const composed = require('internal/streams/compose').compose(this, stream);
  if (options?.signal) require('internal/streams/add_abort_signal').addAbortSignalNoValidate(options.signal, composed);
  return composed;
}

function install() {
  const define = (name, value) => Object.defineProperty(Readable.prototype, name, {
    __proto__: null, value, writable: true, enumerable: false, configurable: true,
  });
  for (const operator of [asIndexedPairs, drop, filter, flatMap, map, take]) {
    define(operator.name, Object.defineProperty(function(...args) {
      return Readable.from(operator.apply(this, args));
    }, 'name', { __proto__: null, value: operator.name }));
  }
  define('compose', compose);
  for (const operator of [every, forEach, reduce, toArray, some, find]) {
    define(operator.name, Object.defineProperty(function(...args) {
      return operator.apply(this, args);
    }, 'name', { __proto__: null, value: operator.name }));
  }
}

module.exports = { install };
