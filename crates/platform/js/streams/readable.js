// ReadableStream: section 4.2 of the Streams Standard, with its asynchronous iterators and `from`. The
// modules of bytes, tees and pipes are made only for streams that need them.
(function (std, native, base, core) {
  'use strict';
  const {
    builtin, first, apply, push, need, isObject, toText, dictionary, expose, rejected, define, tag, enumerate,
    setPrototypeOf, coded, invalidState, badType, badValue,
  } = std;
  const { TypeError, RangeError, asyncIterator, iterator } = first;
  const {
    noop, deferred, resolvedWith, transform, chain, promised, callback, promiseOf, underlying, strategy, markOf,
    sizeOf,
  } = base;
  const { isLocked, cancelStream } = core;
  const { use } = native;
  const inner = { __proto__: null };

  const wrap = (stream) => {
    if (stream.object === undefined) {
      stream.object = new ReadableStream(inner);
      inner.adopt(stream.object, stream);
    }
    return stream.object;
  };
  // Streams of the platform's own, by functions that answer promises.
  const create = (start, pull, cancel, mark, size) => {
    const stream = core.newStream();
    core.setUp(stream, start, pull, cancel, mark, size);
    wrap(stream);
    return stream;
  };
  const createBytes = (pull, cancel) => {
    const stream = core.newStream();
    use('readable_bytes').setUp(stream, noop, pull, cancel, 0, undefined);
    wrap(stream);
    return stream;
  };

  // ReadableStream.from: one function for the next value, one for the end, both answering promises.
  const notIterable = () => coded('ERR_ARG_NOT_ITERABLE', new TypeError('ReadableStream.from: not iterable'));
  const sourceOf = (iterable) => {
    const methodOf = (of, key) => {
      const found = of[key];
      if (found === undefined || found === null) return undefined;
      if (typeof found !== 'function') throw notIterable();
      return found;
    };
    if (iterable === undefined || iterable === null) throw notIterable();
    const asynchronous = methodOf(iterable, asyncIterator);
    const getIterator = asynchronous ?? methodOf(iterable, iterator);
    if (getIterator === undefined) throw notIterable();
    const of = apply(getIterator, iterable, []);
    if (!isObject(of)) throw new TypeError('ReadableStream.from: the iterator is no object');
    const { next } = of;
    const result = (value) => {
      if (!isObject(value)) throw new TypeError('ReadableStream.from: the iterator answered no object');
      return value;
    };
    // What ends the iterator early: a function, or undefined where it has none.
    const finisher = () => methodOf(of, 'return');
    if (asynchronous !== undefined) {
      return {
        __proto__: null,
        next: () => transform(promiseOf(next, of, []), (value) => {
          const done = !!result(value).done;
          return { __proto__: null, done, value: done ? undefined : value.value };
        }),
        end: (reason) => promised(() => {
          const finish = finisher();
          if (finish === undefined) return resolvedWith(undefined);
          return transform(promiseOf(finish, of, [reason]), (value) => { result(value); });
        }),
      };
    }
    // As the language makes an asynchronous iterator of a synchronous one: values are waited for.
    return {
      __proto__: null,
      next: () => promised(() => {
        const given = result(apply(next, of, []));
        const done = !!given.done;
        const { value } = given;
        return transform(resolvedWith(value), (settled) => ({ __proto__: null, done, value: settled }), (reason) => {
          try {
            const finish = done ? undefined : finisher();
            if (finish !== undefined) apply(finish, of, []);
          } catch {
            // What the value failed by is told.
          }
          throw reason;
        });
      }),
      end: (reason) => promised(() => {
        const finish = finisher();
        if (finish === undefined) return resolvedWith(undefined);
        return transform(resolvedWith(result(apply(finish, of, [reason])).value), noop);
      }),
    };
  };
  const from = (iterable) => {
    const source = sourceOf(iterable);
    const stream = create(noop, () => transform(source.next(), (result) => {
      if (result.done) core.close(stream.controller);
      else core.enqueue(stream.controller, result.value);
    }), source.end, 0, base.one);
    return stream;
  };

  class ReadableStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
      core.inner.streamOf = (value) => (isObject(value) && #stream in value ? value.#stream : undefined);
      // What makes an object for a stream that is there already.
      inner.adopt = (object, stream) => { object.#stream = stream; };
    }

    constructor(underlyingSource = undefined, queuingStrategy = undefined) {
      if (underlyingSource === inner) return;
      const source = underlying(underlyingSource, 'ReadableStream');
      const given = strategy(queuingStrategy, 'ReadableStream');
      const allocate = source.autoAllocateChunkSize;
      const size = allocate === undefined ? undefined
        : std.enforceRange(allocate, 0, 2 ** 53 - 1, 'ReadableStream.autoAllocateChunkSize');
      const cancel = callback(source, 'cancel', 'ReadableStream');
      const pull = callback(source, 'pull', 'ReadableStream');
      const start = callback(source, 'start', 'ReadableStream');
      let { type } = source;
      if (type !== undefined) {
        type = toText(type);
        if (type !== 'bytes') throw badValue(new TypeError("ReadableStream: the type is not 'bytes'"));
      }
      const stream = core.newStream();
      stream.object = this;
      this.#stream = stream;
      const begins = (controller) => (start === undefined ? undefined : apply(start, source, [controller.object]));
      const pulls = pull === undefined ? () => resolvedWith(undefined)
        : () => promiseOf(pull, source, [stream.controller.object]);
      const cancels = cancel === undefined ? () => resolvedWith(undefined)
        : (reason) => promiseOf(cancel, source, [reason]);
      if (type === undefined) {
        const sizes = sizeOf(given);
        core.setUp(stream, begins, pulls, cancels, markOf(given, 1), sizes);
        return;
      }
      if (given.size !== undefined) throw badValue(new RangeError('ReadableStream: bytes have no size of their own'));
      const mark = markOf(given, 0);
      if (size === 0) throw badValue(new TypeError('ReadableStream: autoAllocateChunkSize is 0'));
      use('readable_bytes').setUp(stream, begins, pulls, cancels, mark, size);
    }

    static from(asyncIterable) {
      need(arguments.length, 1, 'ReadableStream.from');
      return from(asyncIterable).object;
    }

    get locked() { return isLocked(this.#stream); }

    cancel(reason = undefined) {
      return promised(() => {
        const stream = this.#stream;
        if (isLocked(stream)) throw invalidState('ReadableStream is locked');
        return cancelStream(stream, reason);
      });
    }

    getReader(options = undefined) {
      this.#stream;
      const { mode } = dictionary(options, 'ReadableStream.getReader');
      if (mode === undefined) return new core.ReadableStreamDefaultReader(this);
      if (toText(mode) !== 'byob') throw badValue(new TypeError("ReadableStream.getReader: the mode is not 'byob'"));
      const { ReadableStreamBYOBReader } = use('readable_bytes');
      return new ReadableStreamBYOBReader(this);
    }

    pipeThrough(transformer, options = undefined) {
      const stream = this.#stream;
      need(arguments.length, 1, 'ReadableStream.pipeThrough');
      const pair = dictionary(transformer, 'ReadableStream.pipeThrough');
      const readable = pair.readable;
      if (core.inner.streamOf(readable) === undefined) {
        throw badType('ReadableStream.pipeThrough: readable is no ReadableStream');
      }
      const writable = use('writable');
      const target = writable.streamOf(pair.writable);
      if (target === undefined) throw badType('ReadableStream.pipeThrough: writable is no WritableStream');
      const given = pipeOptions(options, 'ReadableStream.pipeThrough');
      if (isLocked(stream)) throw invalidState('The ReadableStream is locked');
      if (writable.isLocked(target)) throw invalidState('The WritableStream is locked');
      base.handled(use('pipe').pipe(stream, target, given));
      return readable;
    }

    pipeTo(destination, options = undefined) {
      const count = arguments.length;
      return promised(() => {
        const stream = this.#stream;
        need(count, 1, 'ReadableStream.pipeTo');
        const writable = use('writable');
        const target = writable.streamOf(destination);
        if (target === undefined) throw badType('ReadableStream.pipeTo: not a WritableStream');
        const given = pipeOptions(options, 'ReadableStream.pipeTo');
        if (isLocked(stream)) throw invalidState('The ReadableStream is locked');
        if (writable.isLocked(target)) throw invalidState('The WritableStream is locked');
        return use('pipe').pipe(stream, target, given);
      });
    }

    tee() {
      const branches = use('tee').tee(this.#stream, false);
      return [wrap(branches[0]), wrap(branches[1])];
    }

    values(options = undefined) {
      const stream = this.#stream;
      const preventCancel = !!dictionary(options, 'ReadableStream.values').preventCancel;
      return new AsyncIterator(core.newReader(stream, false), preventCancel);
    }
  }

  const pipeOptions = (options, what) => {
    const from = dictionary(options, what);
    const preventAbort = !!from.preventAbort;
    const preventCancel = !!from.preventCancel;
    const preventClose = !!from.preventClose;
    const { signal } = from;
    if (signal !== undefined && !use('events').isSignal(signal)) {
      throw badType(what + ': signal is no AbortSignal');
    }
    return { __proto__: null, preventClose, preventAbort, preventCancel, signal };
  };

  // Web IDL's asynchronous iterators: what is asked for is answered in turn.
  const END = { __proto__: null };
  class AsyncIterator {
    #reader;
    #preventCancel;
    #ongoing = undefined;
    #finished = false;

    constructor(reader, preventCancel) {
      this.#reader = reader;
      this.#preventCancel = preventCancel;
    }

    next() {
      return promised(() => {
        this.#reader;
        return this.#inTurn(() => this.#next());
      });
    }

    return(value) {
      return promised(() => {
        this.#reader;
        return transform(this.#inTurn(() => this.#return(value)), () => ({ value, done: true }));
      });
    }

    #inTurn(step) {
      const before = this.#ongoing;
      this.#ongoing = before === undefined ? step() : chain(before, step, step);
      return this.#ongoing;
    }

    #next() {
      const reader = this.#reader;
      if (this.#finished) return resolvedWith({ value: undefined, done: true });
      if (reader.stream === undefined) {
        this.#finished = true;
        return rejected(core.released());
      }
      const result = deferred();
      core.read(reader, {
        __proto__: null,
        chunk: result.resolve,
        close: () => {
          core.releaseReader(reader);
          result.resolve(END);
        },
        error: (reason) => {
          core.releaseReader(reader);
          result.reject(reason);
        },
      });
      return transform(result.promise, (value) => {
        this.#ongoing = undefined;
        if (value !== END) return { value, done: false };
        this.#finished = true;
        return { value: undefined, done: true };
      }, (reason) => {
        this.#ongoing = undefined;
        this.#finished = true;
        throw reason;
      });
    }

    #return(value) {
      if (this.#finished) return resolvedWith(undefined);
      this.#finished = true;
      const reader = this.#reader;
      if (reader.stream === undefined) return resolvedWith(undefined);
      const result = this.#preventCancel ? resolvedWith(undefined) : cancelStream(reader.stream, value);
      core.releaseReader(reader);
      return result;
    }
  }
  delete AsyncIterator.prototype.constructor;
  setPrototypeOf(AsyncIterator.prototype, builtin('AsyncIterator'));
  enumerate(AsyncIterator.prototype, false);
  tag(AsyncIterator.prototype, 'ReadableStream AsyncIterator');

  expose(ReadableStream, 'ReadableStream');
  define(ReadableStream.prototype, asyncIterator, ReadableStream.prototype.values);
  return {
    __proto__: null, ReadableStream, create, createBytes, wrap, streamOf: core.inner.streamOf, whenEnded: core.whenEnded,
    // For streams of bytes of the platform's own.
    add(stream, chunk) {
      const bytes = use('readable_bytes');
      bytes.enqueue(stream.controller, bytes.partsOf(chunk, 'ReadableStream'));
    },
    close(stream) {
      const bytes = use('readable_bytes');
      bytes.close(stream.controller);
      // Who waits with a view of its own gets it back.
      if (stream.controller.pulls.length > 0) bytes.respond(stream.controller, 0);
    },
    tee: (stream) => use('tee').tee(stream, true),
  };
})
