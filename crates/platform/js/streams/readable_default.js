// Streams that are read from, with their default readers and controllers: sections 4.2 to 4.4, 4.6 and 4.9
// of the Streams Standard. As in writable.js, all of them are records; a controller has three functions
// that its stream calls (`pullSteps`, `cancelSteps`, `releaseSteps`), and what reads has three that it is
// answered by (`chunk`, `close`, `error`). Must not know streams of bytes.
(function (std, native, base) {
  'use strict';
  const { push, need, isObject, expose, rejected, invalidState, badType } = std;
  const {
    react, deferred, openDeferred, resolvedDeferred, rejectedDeferred, resolvedWith, handled, transform, promised, fifo,
    append, take, sized, enqueueSized, dequeueSized, resetSized, noop,
  } = base;
  // `streamOf` tells the record of a ReadableStream: the module that has the interface sets it.
  const inner = { __proto__: null, streamOf: () => undefined };
  const controllers = base.maker();

  const newStream = () => ({
    __proto__: null, state: 'readable', error: undefined, reader: undefined, disturbed: false,
    controller: undefined, object: undefined, ended: undefined,
  });
  // For hosts: a promise that settles as the stream ends, whoever reads it.
  const whenEnded = (stream) => base.ending(stream, stream.state);
  const isLocked = (stream) => stream.reader !== undefined;
  const waiting = (stream, byob) =>
    (stream.reader !== undefined && stream.reader.byob === byob ? stream.reader.requests.length : 0);

  // The stream's states.

  const cancelStream = (stream, reason) => {
    stream.disturbed = true;
    if (stream.state === 'closed') return resolvedWith(undefined);
    if (stream.state === 'errored') return rejected(stream.error);
    closeStream(stream);
    const { reader } = stream;
    if (reader !== undefined && reader.byob) {
      const { requests } = reader;
      reader.requests = fifo();
      while (requests.length > 0) take(requests).close(undefined);
    }
    return transform(stream.controller.cancelSteps(reason), noop);
  };

  const closeStream = (stream) => {
    stream.state = 'closed';
    if (stream.ended !== undefined) stream.ended.resolve(undefined);
    const { reader } = stream;
    if (reader === undefined) return;
    reader.closed.resolve(undefined);
    if (reader.byob) return;
    const { requests } = reader;
    reader.requests = fifo();
    while (requests.length > 0) take(requests).close();
  };

  const errorStream = (stream, error) => {
    stream.state = 'errored';
    stream.error = error;
    if (stream.ended !== undefined) stream.ended.reject(error);
    const { reader } = stream;
    if (reader === undefined) return;
    reader.closed.reject(error);
    handled(reader.closed.promise);
    failRequests(reader, error);
  };

  const failRequests = (reader, error) => {
    const { requests } = reader;
    reader.requests = fifo();
    while (requests.length > 0) take(requests).error(error);
  };

  // What waits longest for a chunk gets this one; at the end of a stream of bytes, `done` with an empty one.
  const fulfill = (stream, chunk, done) => {
    const request = take(stream.reader.requests);
    if (done) request.close(chunk);
    else request.chunk(chunk);
  };

  // Readers of both kinds.

  const newReader = (stream, byob) => {
    if (isLocked(stream)) throw invalidState('ReadableStream is locked');
    const { state } = stream;
    const closed = state === 'readable' ? openDeferred()
      : state === 'closed' ? resolvedDeferred(undefined) : rejectedDeferred(stream.error);
    const reader = { __proto__: null, stream, closed, requests: fifo(), byob };
    stream.reader = reader;
    return reader;
  };

  const releaseReader = (reader) => {
    const { stream } = reader;
    const error = invalidState('Releasing reader');
    if (!reader.closed.pending) reader.closed = openDeferred();
    reader.closed.reject(error);
    handled(reader.closed.promise);
    stream.controller.releaseSteps();
    stream.reader = undefined;
    reader.stream = undefined;
    failRequests(reader, error);
  };

  const read = (reader, request) => {
    const { stream } = reader;
    stream.disturbed = true;
    if (stream.state === 'closed') request.close();
    else if (stream.state === 'errored') request.error(stream.error);
    else stream.controller.pullSteps(request);
  };

  const released = () => invalidState('The reader is not attached to a stream');

  // Default controllers.

  const mayEnqueue = (controller) => !controller.closeRequested && controller.stream.state === 'readable';

  const room = (controller) => {
    const { state } = controller.stream;
    if (state === 'errored') return null;
    return state === 'closed' ? 0 : controller.mark - controller.queue.total;
  };

  const shouldPull = (controller) => {
    if (!mayEnqueue(controller) || !controller.started) return false;
    return waiting(controller.stream, false) > 0 || room(controller) > 0;
  };

  // Has the source asked for more where more is wanted; once at a time.
  const pullIfNeeded = (controller) => {
    if (!controller.shouldPull(controller)) return;
    if (controller.pulling) {
      controller.pullAgain = true;
      return;
    }
    controller.pulling = true;
    react(controller.pull(), () => {
      controller.pulling = false;
      if (controller.pullAgain) {
        controller.pullAgain = false;
        pullIfNeeded(controller);
      }
    }, (error) => controller.fail(error));
  };

  const clearAlgorithms = (controller) => {
    controller.pull = undefined;
    controller.cancel = undefined;
    controller.size = undefined;
  };

  const close = (controller) => {
    if (!mayEnqueue(controller)) return;
    controller.closeRequested = true;
    if (controller.queue.items.length > 0) return;
    clearAlgorithms(controller);
    closeStream(controller.stream);
  };

  const enqueue = (controller, chunk) => {
    if (!mayEnqueue(controller)) return;
    const { stream } = controller;
    if (waiting(stream, false) > 0) {
      fulfill(stream, chunk, false);
    } else {
      try {
        enqueueSized(controller.queue, chunk, controller.size(chunk));
      } catch (error) {
        fail(controller, error);
        throw error;
      }
    }
    pullIfNeeded(controller);
  };

  const fail = (controller, error) => {
    const { stream } = controller;
    if (stream.state !== 'readable') return;
    resetSized(controller.queue);
    clearAlgorithms(controller);
    errorStream(stream, error);
  };

  // What both kinds of controllers do when they are new. `start` may throw, or is a promise of ours.
  const begin = (controller, start) => {
    const { stream } = controller;
    stream.controller = controller;
    const started = typeof start === 'function' ? resolvedWith(start(controller)) : base.adopted(start);
    react(started, () => {
      controller.started = true;
      pullIfNeeded(controller);
    }, (error) => controller.fail(error));
  };

  const setUp = (stream, start, pull, cancel, mark, size) => {
    const controller = {
      __proto__: null, bytes: false, stream, queue: sized(), started: false, closeRequested: false, pulling: false,
      pullAgain: false, pull, cancel, mark, size, object: undefined, shouldPull,
      fail: (error) => fail(controller, error),
      cancelSteps(reason) {
        resetSized(controller.queue);
        const result = controller.cancel(reason);
        clearAlgorithms(controller);
        return result;
      },
      pullSteps(request) {
        const { queue } = controller;
        if (queue.items.length === 0) {
          append(stream.reader.requests, request);
          pullIfNeeded(controller);
          return;
        }
        const chunk = dequeueSized(queue);
        if (controller.closeRequested && queue.items.length === 0) {
          clearAlgorithms(controller);
          closeStream(stream);
        } else {
          pullIfNeeded(controller);
        }
        request.chunk(chunk);
      },
      releaseSteps: noop,
    };
    controller.object = controllers.make(ReadableStreamDefaultController, controller);
    begin(controller, start);
    return controller;
  };

  class ReadableStreamDefaultController {
    #controller = controllers.take();

    static {
      push(std.uncloneable, (value) => #controller in value);
    }

    get desiredSize() { return room(this.#controller); }

    close() {
      const controller = this.#controller;
      if (!mayEnqueue(controller)) throw invalidState('Controller is already closed');
      close(controller);
    }

    enqueue(chunk = undefined) {
      const controller = this.#controller;
      if (!mayEnqueue(controller)) throw invalidState('Controller is already closed');
      enqueue(controller, chunk);
    }

    error(e = undefined) { fail(this.#controller, e); }
  }

  // What `read` of a reader's object answers, and the request that settles it.
  const answered = (start) => {
    const result = deferred();
    start({
      __proto__: null,
      chunk: (value) => result.resolve({ value, done: false }),
      close: (value) => result.resolve({ value, done: true }),
      error: result.reject,
    });
    return result.promise;
  };
  const cancelBy = (reader, reason) => {
    if (reader.stream === undefined) throw released();
    return cancelStream(reader.stream, reason);
  };

  class ReadableStreamDefaultReader {
    #reader;

    static {
      push(std.uncloneable, (value) => isObject(value) && #reader in value);
      inner.readerOf = (object) => object.#reader;
    }

    constructor(stream) {
      need(arguments.length, 1, 'ReadableStreamDefaultReader');
      const of = inner.streamOf(stream);
      if (of === undefined) throw badType('ReadableStreamDefaultReader: not a ReadableStream');
      this.#reader = newReader(of, false);
    }

    get closed() { return promised(() => this.#reader.closed.promise); }

    cancel(reason = undefined) { return promised(() => cancelBy(this.#reader, reason)); }

    read() {
      return promised(() => {
        const reader = this.#reader;
        if (reader.stream === undefined) throw released();
        return answered((request) => read(reader, request));
      });
    }

    releaseLock() {
      const reader = this.#reader;
      if (reader.stream !== undefined) releaseReader(reader);
    }
  }

  expose(ReadableStreamDefaultController, 'ReadableStreamDefaultController');
  expose(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');
  return {
    __proto__: null, inner, whenEnded, newStream, isLocked, waiting, cancelStream, closeStream, errorStream, fulfill, newReader,
    releaseReader, read, released, mayEnqueue, room, shouldPull, pullIfNeeded, clearAlgorithms, close, enqueue,
    fail, begin, setUp, answered, cancelBy, ReadableStreamDefaultController, ReadableStreamDefaultReader,
  };
})
