// TransformStream: section 6 of the Streams Standard.
(function (std, native, base, core, readable, writable) {
  'use strict';
  const { first, apply, push, isObject, expose, invalidState, badValue } = std;
  const { RangeError } = first;
  const {
    react, deferred, resolvedWith, transform, chain, callback, promiseOf, underlying, strategy, markOf, sizeOf,
  } = base;
  const controllers = base.maker();

  const errorWritable = (stream, error) => {
    clearAlgorithms(stream.controller);
    writable.errorIfNeeded(stream.writable.controller, error);
    unblock(stream);
  };
  const unblock = (stream) => {
    if (stream.backpressure) setBackpressure(stream, false);
  };
  const fail = (stream, error) => {
    core.fail(stream.readable.controller, error);
    errorWritable(stream, error);
  };
  const setBackpressure = (stream, backpressure) => {
    if (stream.changed !== undefined) stream.changed.resolve(undefined);
    stream.changed = deferred();
    stream.backpressure = backpressure;
  };

  // What is asked of a transform that was terminated meanwhile does nothing.
  const nothing = () => resolvedWith(undefined);
  const clearAlgorithms = (controller) => {
    controller.transform = nothing;
    controller.flush = nothing;
    controller.cancel = nothing;
  };

  const enqueue = (stream, chunk) => {
    const { controller } = stream.readable;
    if (!core.mayEnqueue(controller)) throw invalidState('Controller is already closed');
    try {
      core.enqueue(controller, chunk);
    } catch (error) {
      errorWritable(stream, error);
      throw stream.readable.error;
    }
    if (!core.shouldPull(controller) !== stream.backpressure) setBackpressure(stream, true);
  };

  const terminate = (stream) => {
    core.close(stream.readable.controller);
    errorWritable(stream, invalidState('TransformStream was terminated'));
  };

  const perform = (stream, chunk) => transform(stream.controller.transform(chunk), undefined, (error) => {
    fail(stream, error);
    throw error;
  });

  // The two sides. Whatever ends the stream first is waited for by what ends it next.
  const write = (stream, chunk) => {
    if (!stream.backpressure) return perform(stream, chunk);
    return chain(stream.changed.promise, () => {
      if (stream.writable.state === 'erroring') throw stream.writable.error;
      return perform(stream, chunk);
    });
  };
  const finish = (stream, algorithm, done, failed) => {
    const { controller } = stream;
    if (controller.finishing !== undefined) return controller.finishing.promise;
    const finishing = deferred();
    controller.finishing = finishing;
    const result = algorithm(controller);
    clearAlgorithms(controller);
    react(result, () => {
      const error = done();
      if (error === undefined) finishing.resolve(undefined);
      else finishing.reject(error.reason);
    }, (reason) => {
      failed(reason);
      finishing.reject(reason);
    });
    return finishing.promise;
  };
  const failedBefore = (side) => (side.state === 'errored' ? { __proto__: null, reason: side.error } : undefined);
  const abort = (stream, reason) => finish(stream, (controller) => controller.cancel(reason), () => {
    const before = failedBefore(stream.readable);
    if (before === undefined) core.fail(stream.readable.controller, reason);
    return before;
  }, (error) => core.fail(stream.readable.controller, error));
  const close = (stream) => finish(stream, (controller) => controller.flush(), () => {
    const before = failedBefore(stream.readable);
    if (before === undefined) core.close(stream.readable.controller);
    return before;
  }, (error) => core.fail(stream.readable.controller, error));
  const cancel = (stream, reason) => finish(stream, (controller) => controller.cancel(reason), () => {
    const before = failedBefore(stream.writable);
    if (before === undefined) {
      writable.errorIfNeeded(stream.writable.controller, reason);
      unblock(stream);
    }
    return before;
  }, (error) => {
    writable.errorIfNeeded(stream.writable.controller, error);
    unblock(stream);
  });
  const pull = (stream) => {
    setBackpressure(stream, false);
    return stream.changed.promise;
  };

  // Makes both sides, which wait for `started`.
  const setUp = (started, writableMark, writableSize, readableMark, readableSize) => {
    const stream = {
      __proto__: null, readable: undefined, writable: undefined, controller: undefined, backpressure: undefined,
      changed: undefined,
    };
    stream.writable = writable.create(started, {
      __proto__: null,
      write: (chunk) => write(stream, chunk), close: () => close(stream), abort: (reason) => abort(stream, reason),
    }, writableMark, writableSize);
    stream.readable = readable.create(
      started, () => pull(stream), (reason) => cancel(stream, reason), readableMark, readableSize);
    setBackpressure(stream, true);
    return stream;
  };
  const control = (stream, algorithms) => {
    stream.controller = {
      __proto__: null, stream, transform: algorithms.transform, flush: algorithms.flush, cancel: algorithms.cancel,
      finishing: undefined,
    };
  };
  // A transform of the platform's own. `change` and `flush` are plain functions that may throw; what they
  // are given last adds a chunk to the readable side.
  const create = (change, flush, cancel) => {
    const done = resolvedWith(undefined);
    const stream = setUp(done, 1, base.one, 0, base.one);
    const add = (chunk) => enqueue(stream, chunk);
    const call = (f) => base.promised(() => {
      f();
      return done;
    });
    control(stream, {
      __proto__: null, transform: (chunk) => call(() => change(chunk, add)), flush: () => call(() => flush(add)),
      cancel: () => call(cancel),
    });
    return stream;
  };

  const inner = { __proto__: null };
  class TransformStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
      inner.streamOf = (object) => object.#stream;
    }

    constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
      const from = underlying(transformer, 'TransformStream');
      const writing = strategy(writableStrategy, 'TransformStream');
      const reading = strategy(readableStrategy, 'TransformStream');
      const cancels = callback(from, 'cancel', 'TransformStream');
      const flushes = callback(from, 'flush', 'TransformStream');
      const { readableType } = from;
      const start = callback(from, 'start', 'TransformStream');
      const transforms = callback(from, 'transform', 'TransformStream');
      const { writableType } = from;
      if (readableType !== undefined) throw badValue(new RangeError('TransformStream: no readableType is known'));
      if (writableType !== undefined) throw badValue(new RangeError('TransformStream: no writableType is known'));
      const readableMark = markOf(reading, 0);
      const readableSize = sizeOf(reading);
      const writableMark = markOf(writing, 1);
      const writableSize = sizeOf(writing);
      const started = deferred();
      const stream = setUp(started.promise, writableMark, writableSize, readableMark, readableSize);
      const object = controllers.make(TransformStreamDefaultController, stream);
      const done = () => resolvedWith(undefined);
      control(stream, {
        __proto__: null,
        transform: transforms === undefined
          ? (chunk) => base.promised(() => {
            enqueue(stream, chunk);
            return done();
          })
          : (chunk) => promiseOf(transforms, from, [chunk, object]),
        flush: flushes === undefined ? done : () => promiseOf(flushes, from, [object]),
        cancel: cancels === undefined ? done : (reason) => promiseOf(cancels, from, [reason]),
      });
      this.#stream = stream;
      started.resolve(start === undefined ? undefined : apply(start, from, [object]));
    }

    get readable() { return this.#stream.readable.object; }
    get writable() { return this.#stream.writable.object; }
  }

  class TransformStreamDefaultController {
    #stream = controllers.take();

    static {
      push(std.uncloneable, (value) => isObject(value) && #stream in value);
    }

    get desiredSize() { return core.room(this.#stream.readable.controller); }
    enqueue(chunk = undefined) { enqueue(this.#stream, chunk); }
    error(reason = undefined) { fail(this.#stream, reason); }
    terminate() { terminate(this.#stream); }
  }

  expose(TransformStream, 'TransformStream');
  expose(TransformStreamDefaultController, 'TransformStreamDefaultController');
  return { __proto__: null, inner, create, TransformStream, TransformStreamDefaultController };
})
