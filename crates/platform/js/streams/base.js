// What all streams are made of: promises that no guest's code is asked about, queues with sizes, the
// strategies, and how a guest's own callbacks are called. Must not know any kind of stream.
(function (std) {
  'use strict';
  const { builtin, first, apply, list, push, need, isObject, dictionary, expose, rejected, coded, badType, badValue } = std;
  const { TypeError, RangeError, Promise } = first;
  // Calls functions with what a promise settles to. The language's own `then` asks the promise's
  // `constructor`, which is a guest's.
  const react = builtin('Promise reactions', 'react');
  const noop = () => {};

  const withResolvers = builtin('Promise', 'withResolvers');
  const resolve = builtin('Promise', 'resolve');
  const NONE = list();
  const deferred = () => apply(withResolvers, Promise, NONE);
  // One that tells whether it is `pending`.
  const openDeferred = () => {
    const inner = deferred();
    const made = {
      __proto__: null, promise: inner.promise, pending: true,
      resolve: (value) => {
        made.pending = false;
        inner.resolve(value);
      },
      reject: (reason) => {
        made.pending = false;
        inner.reject(reason);
      },
    };
    return made;
  };
  const resolvedDeferred = (value) => {
    const made = openDeferred();
    made.resolve(value);
    return made;
  };
  // Nobody is told of it who does not ask.
  const rejectedDeferred = (reason) => {
    const made = openDeferred();
    made.reject(reason);
    handled(made.promise);
    return made;
  };
  // As Web IDL has it: always a new promise, also where the value is one.
  const resolvedWith = (value) => {
    // Nothing is asked of what is no object, and there is a shorter way.
    if (!isObject(value)) return apply(resolve, Promise, [value]);
    const made = deferred();
    made.resolve(value);
    return made.promise;
  };
  const handled = (promise) => react(promise, noop, noop);
  // A promise of what the functions make of another one's result; undefined ones pass it on.
  const transform = (promise, fulfilled, failed) => new Promise((resolve, reject) => {
    react(promise, (value) => {
      if (fulfilled === undefined) return resolve(value);
      try {
        resolve(fulfilled(value));
      } catch (error) {
        reject(error);
      }
    }, (reason) => {
      if (failed === undefined) return reject(reason);
      try {
        resolve(failed(reason));
      } catch (error) {
        reject(error);
      }
    });
  });
  // Settles one as a promise of ours is settled, without a look at its `then`, in as many steps as the
  // language takes for that.
  const follow = (made, promise) => microtask(() => react(promise, made.resolve, made.reject));
  // A promise of what the promise that a function of ours answers comes to.
  const chain = (promise, next, failed) => {
    const made = deferred();
    const go = (step) => (value) => {
      try {
        follow(made, step(value));
      } catch (error) {
        made.reject(error);
      }
    };
    react(promise, go(next), failed === undefined ? made.reject : go(failed));
    return made.promise;
  };
  const adopted = (promise) => {
    const made = deferred();
    follow(made, promise);
    return made.promise;
  };
  // What an operation that answers a promise throws is its promise's.
  const promised = (f) => {
    try {
      return f();
    } catch (error) {
      return rejected(error);
    }
  };
  const now = resolvedWith(undefined);
  const microtask = (f) => react(now, f, noop);

  // A promise that settles as a stream (a record with `ended`) ends; nobody is told of it who does not ask.
  const ending = (stream, state) => {
    if (stream.ended === undefined) {
      stream.ended = deferred();
      handled(stream.ended.promise);
      if (state === 'closed') stream.ended.resolve(undefined);
      else if (state === 'errored') stream.ended.reject(stream.error);
    }
    return stream.ended.promise;
  };

  // A list that is taken from at its front.
  const fifo = () => ({ __proto__: null, first: undefined, last: undefined, length: 0 });
  const append = (queue, value) => {
    const node = { __proto__: null, value, next: undefined };
    if (queue.length === 0) queue.first = node;
    else queue.last.next = node;
    queue.last = node;
    queue.length++;
  };
  const take = (queue) => {
    const node = queue.first;
    queue.first = node.next;
    if (--queue.length === 0) queue.last = undefined;
    return node.value;
  };
  const front = (queue) => queue.first.value;

  // A queue whose items have sizes. Their sum may come out a little below zero, as floating point has it.
  const sized = () => ({ __proto__: null, items: fifo(), total: 0 });
  const enqueueSized = (queue, value, size) => {
    if (typeof size !== 'number' || size !== size || size < 0 || size === Infinity) {
      throw badValue(new RangeError('The size of a chunk is not a finite number of at least 0'));
    }
    append(queue.items, { __proto__: null, value, size });
    queue.total += size;
  };
  const dequeueSized = (queue) => {
    const item = take(queue.items);
    queue.total -= item.size;
    if (queue.total < 0) queue.total = 0;
    return item.value;
  };
  const resetSized = (queue) => {
    queue.items = fifo();
    queue.total = 0;
  };

  // A member of a guest's dictionary that is a function or missing.
  const callback = (from, key, what) => {
    const value = from[key];
    if (value !== undefined && typeof value !== 'function') {
      throw badType(what + '.' + key + ': not a function');
    }
    return value;
  };
  // What one that answers a promise answers.
  const promiseOf = (f, self, args) => {
    try {
      return resolvedWith(apply(f, self, args));
    } catch (error) {
      return rejected(error);
    }
  };
  // The object that a stream is made of; an empty one where there is none.
  const underlying = (value, what) => {
    if (value === undefined) return { __proto__: null };
    if (!isObject(value)) throw badType(what + ': not an object');
    return value;
  };
  const strategy = (value, what) => {
    const from = dictionary(value, what);
    const { highWaterMark } = from;
    const mark = highWaterMark === undefined ? undefined : +highWaterMark;
    return { __proto__: null, highWaterMark: mark, size: callback(from, 'size', what) };
  };
  const markOf = (given, missing) => {
    const mark = given.highWaterMark;
    if (mark === undefined) return missing;
    if (mark !== mark || mark < 0) throw badValue(new RangeError('The highWaterMark is not a number of at least 0'));
    return mark;
  };
  const one = () => 1;
  const sizeOf = (given) => {
    const { size } = given;
    return size === undefined ? one : (chunk) => +apply(size, undefined, [chunk]);
  };

  // Objects that only the platform makes: `make(value)` has the next constructor take the value, and
  // whoever else calls one is refused.
  const maker = () => {
    let given;
    let making = false;
    return {
      __proto__: null,
      make(constructor, value) {
        given = value;
        making = true;
        try {
          return new constructor();
        } finally {
          // It may have failed before it took the value, for want of stack.
          making = false;
          given = undefined;
        }
      },
      take() {
        if (!making) throw coded('ERR_ILLEGAL_CONSTRUCTOR', new TypeError('Illegal constructor'));
        making = false;
        const value = given;
        given = undefined;
        return value;
      },
    };
  };

  // The strategies. Their `size` functions are the same for all objects.
  const sizes = {
    __proto__: null,
    bytes: { size: (chunk) => chunk.byteLength }.size,
    count: { size: () => 1 }.size,
  };
  const markGiven = (init, given, what) => {
    need(given, 1, what);
    const { highWaterMark } = dictionary(init, what);
    if (highWaterMark === undefined) throw coded('ERR_MISSING_OPTION', new TypeError(what + ': highWaterMark is missing'));
    return +highWaterMark;
  };

  class ByteLengthQueuingStrategy {
    #mark;

    static {
      push(std.uncloneable, (value) => #mark in value);
    }

    constructor(init) { this.#mark = markGiven(init, arguments.length, 'ByteLengthQueuingStrategy'); }

    get highWaterMark() { return this.#mark; }
    get size() {
      this.#mark;
      return sizes.bytes;
    }
  }

  class CountQueuingStrategy {
    #mark;

    static {
      push(std.uncloneable, (value) => #mark in value);
    }

    constructor(init) { this.#mark = markGiven(init, arguments.length, 'CountQueuingStrategy'); }

    get highWaterMark() { return this.#mark; }
    get size() {
      this.#mark;
      return sizes.count;
    }
  }

  expose(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy');
  expose(CountQueuingStrategy, 'CountQueuingStrategy');
  return {
    __proto__: null, react, noop, deferred, openDeferred, resolvedDeferred, rejectedDeferred, resolvedWith, rejected, handled, transform, chain, follow, adopted, promised, microtask, ending,
    fifo, append, take, front, sized, enqueueSized, dequeueSized, resetSized, callback, promiseOf, underlying,
    strategy, markOf, sizeOf, one, maker, ByteLengthQueuingStrategy, CountQueuingStrategy,
  };
})
