// WritableStream, its writers and its controllers: section 5 of the Streams Standard. A stream, a writer
// and a controller are records without prototypes; the objects that guests hold have one each in a
// private field, so that nothing here asks a guest's object anything.
(function (std, native, base, events) {
  'use strict';
  const { first, apply, push, need, isObject, expose, rejected, invalidState, badType, badValue } = std;
  const { RangeError } = first;
  const {
    react, deferred, openDeferred, resolvedDeferred, rejectedDeferred, resolvedWith, handled, promised, fifo, append, take, front, sized, enqueueSized,
    dequeueSized, resetSized, callback, promiseOf, underlying, strategy, markOf, sizeOf,
  } = base;
  const inner = { __proto__: null };
  const controllers = base.maker();
  // Stands in a controller's queue for its end.
  const CLOSE = { __proto__: null };

  const newStream = () => ({
    __proto__: null, state: 'writable', error: undefined, writer: undefined, controller: undefined,
    writes: fifo(), writing: undefined, close: undefined, closing: undefined, abort: undefined,
    backpressure: false, object: undefined, ended: undefined,
  });
  // For hosts: a promise that settles as the stream ends.
  const whenEnded = (stream) => base.ending(stream, stream.state);
  const isLocked = (stream) => stream.writer !== undefined;
  const closeIsComing = (stream) => stream.close !== undefined || stream.closing !== undefined;

  // The stream's states.

  const abortStream = (stream, reason) => {
    if (stream.state === 'closed' || stream.state === 'errored') return resolvedWith(undefined);
    events.abort(stream.controller.signal, reason);
    // A listener may have changed it.
    const { state } = stream;
    if (state === 'closed' || state === 'errored') return resolvedWith(undefined);
    if (stream.abort !== undefined) return stream.abort.deferred.promise;
    const wasErroring = state === 'erroring';
    const pending = {
      __proto__: null, deferred: deferred(), reason: wasErroring ? undefined : reason, wasErroring,
    };
    stream.abort = pending;
    if (!wasErroring) startErroring(stream, reason);
    return pending.deferred.promise;
  };

  const closeStream = (stream) => {
    const { state } = stream;
    if (state === 'closed' || state === 'errored') {
      return rejected(invalidState('WritableStream is ' + state));
    }
    const close = deferred();
    stream.close = close;
    const { writer } = stream;
    if (writer !== undefined && stream.backpressure && state === 'writable') writer.ready.resolve(undefined);
    enqueueSized(stream.controller.queue, CLOSE, 0);
    advance(stream.controller);
    return close.promise;
  };

  const startErroring = (stream, reason) => {
    stream.state = 'erroring';
    stream.error = reason;
    const { writer, controller } = stream;
    if (writer !== undefined) rejectReady(writer, reason);
    if (stream.writing === undefined && stream.closing === undefined && controller.started) {
      finishErroring(stream);
    }
  };

  const finishErroring = (stream) => {
    stream.state = 'errored';
    if (stream.ended !== undefined) stream.ended.reject(stream.error);
    resetSized(stream.controller.queue);
    const { error } = stream;
    while (stream.writes.length > 0) take(stream.writes).reject(error);
    if (stream.abort === undefined) {
      rejectAllOfClose(stream);
      return;
    }
    const pending = stream.abort;
    stream.abort = undefined;
    if (pending.wasErroring) {
      pending.deferred.reject(error);
      rejectAllOfClose(stream);
      return;
    }
    const { controller } = stream;
    const result = controller.abort(pending.reason);
    clearAlgorithms(controller);
    react(result, () => {
      pending.deferred.resolve(undefined);
      rejectAllOfClose(stream);
    }, (reason) => {
      pending.deferred.reject(reason);
      rejectAllOfClose(stream);
    });
  };

  const rejectAllOfClose = (stream) => {
    if (stream.close !== undefined) {
      stream.close.reject(stream.error);
      stream.close = undefined;
    }
    const { writer } = stream;
    if (writer !== undefined) {
      writer.closed.reject(stream.error);
      handled(writer.closed.promise);
    }
  };

  const dealWithRejection = (stream, error) => {
    if (stream.state === 'writable') startErroring(stream, error);
    else finishErroring(stream);
  };

  const finishClose = (stream) => {
    stream.closing.resolve(undefined);
    stream.closing = undefined;
    if (stream.state === 'erroring') {
      stream.error = undefined;
      if (stream.abort !== undefined) {
        stream.abort.deferred.resolve(undefined);
        stream.abort = undefined;
      }
    }
    stream.state = 'closed';
    if (stream.ended !== undefined) stream.ended.resolve(undefined);
    if (stream.writer !== undefined) stream.writer.closed.resolve(undefined);
  };

  const failClose = (stream, error) => {
    stream.closing.reject(error);
    stream.closing = undefined;
    if (stream.abort !== undefined) {
      stream.abort.deferred.reject(error);
      stream.abort = undefined;
    }
    dealWithRejection(stream, error);
  };

  const setBackpressure = (stream, backpressure) => {
    const { writer } = stream;
    if (writer !== undefined && backpressure !== stream.backpressure) {
      if (backpressure) writer.ready = openDeferred();
      else writer.ready.resolve(undefined);
    }
    stream.backpressure = backpressure;
  };

  // Writers.

  const rejectReady = (writer, error) => {
    if (!writer.ready.pending) writer.ready = openDeferred();
    writer.ready.reject(error);
    handled(writer.ready.promise);
  };
  const rejectClosed = (writer, error) => {
    if (!writer.closed.pending) writer.closed = openDeferred();
    writer.closed.reject(error);
    handled(writer.closed.promise);
  };

  const newWriter = (stream) => {
    if (isLocked(stream)) throw invalidState('WritableStream is locked');
    const writer = { __proto__: null, stream, ready: undefined, closed: undefined };
    stream.writer = writer;
    const { state } = stream;
    if (state === 'writable') {
      writer.ready = !closeIsComing(stream) && stream.backpressure ? openDeferred() : resolvedDeferred();
      writer.closed = openDeferred();
    } else if (state === 'erroring') {
      writer.ready = rejectedDeferred(stream.error);
      writer.closed = openDeferred();
    } else if (state === 'closed') {
      writer.ready = resolvedDeferred();
      writer.closed = resolvedDeferred();
    } else {
      writer.ready = rejectedDeferred(stream.error);
      writer.closed = rejectedDeferred(stream.error);
    }
    return writer;
  };

  const desiredSize = (writer) => {
    const { stream } = writer;
    if (stream.state === 'errored' || stream.state === 'erroring') return null;
    return stream.state === 'closed' ? 0 : room(stream.controller);
  };

  const releaseWriter = (writer) => {
    const { stream } = writer;
    const error = invalidState('Writer has been released');
    rejectReady(writer, error);
    rejectClosed(writer, error);
    stream.writer = undefined;
    writer.stream = undefined;
  };

  const write = (writer, chunk) => {
    const { stream } = writer;
    const { controller } = stream;
    const size = sizeOfChunk(controller, chunk);
    if (stream !== writer.stream) return rejected(invalidState('Writer is not bound to a WritableStream'));
    const { state } = stream;
    if (state === 'errored') return rejected(stream.error);
    if (closeIsComing(stream) || state === 'closed') {
      return rejected(invalidState('WritableStream is closed'));
    }
    if (state === 'erroring') return rejected(stream.error);
    const request = deferred();
    append(stream.writes, request);
    try {
      enqueueSized(controller.queue, { __proto__: null, chunk }, size);
    } catch (error) {
      errorIfNeeded(controller, error);
      return request.promise;
    }
    if (!closeIsComing(stream) && stream.state === 'writable') setBackpressure(stream, room(controller) <= 0);
    advance(controller);
    return request.promise;
  };

  // Closes unless that is done already, and tells of errors: what pipes do at their end.
  const closeWithErrors = (writer) => {
    const { stream } = writer;
    if (closeIsComing(stream) || stream.state === 'closed') return resolvedWith(undefined);
    if (stream.state === 'errored') return rejected(stream.error);
    return closeStream(stream);
  };

  // Controllers.

  const room = (controller) => controller.mark - controller.queue.total;

  const clearAlgorithms = (controller) => {
    controller.write = undefined;
    controller.close = undefined;
    controller.abort = undefined;
    controller.size = undefined;
  };

  const sizeOfChunk = (controller, chunk) => {
    const { size } = controller;
    if (size === undefined) return 1;
    try {
      return size(chunk);
    } catch (error) {
      errorIfNeeded(controller, error);
      return 1;
    }
  };

  const errorIfNeeded = (controller, error) => {
    if (controller.stream.state === 'writable') errorController(controller, error);
  };
  const errorController = (controller, error) => {
    clearAlgorithms(controller);
    startErroring(controller.stream, error);
  };

  const advance = (controller) => {
    const { stream, queue } = controller;
    if (!controller.started || stream.writing !== undefined) return;
    if (stream.state === 'erroring') {
      finishErroring(stream);
      return;
    }
    if (queue.items.length === 0) return;
    const { value } = front(queue.items);
    if (value === CLOSE) processClose(controller);
    else processWrite(controller, value.chunk);
  };

  const processClose = (controller) => {
    const { stream } = controller;
    stream.closing = stream.close;
    stream.close = undefined;
    dequeueSized(controller.queue);
    const result = controller.close();
    clearAlgorithms(controller);
    react(result, () => finishClose(stream), (reason) => failClose(stream, reason));
  };

  const processWrite = (controller, chunk) => {
    const { stream } = controller;
    stream.writing = take(stream.writes);
    react(controller.write(chunk), () => {
      stream.writing.resolve(undefined);
      stream.writing = undefined;
      const { state } = stream;
      dequeueSized(controller.queue);
      if (!closeIsComing(stream) && state === 'writable') setBackpressure(stream, room(controller) <= 0);
      advance(controller);
    }, (reason) => {
      if (stream.state === 'writable') clearAlgorithms(controller);
      stream.writing.reject(reason);
      stream.writing = undefined;
      dealWithRejection(stream, reason);
    });
  };

  // Gives a stream its controller. `start` is called with it, or is a promise of ours that is waited
  // for; the others are functions that answer promises.
  const setUp = (stream, start, algorithms, mark, size) => {
    const controller = {
      __proto__: null, stream, queue: sized(), started: false, mark, size, write: algorithms.write,
      close: algorithms.close, abort: algorithms.abort, signal: events.makeSignal(), object: undefined,
    };
    stream.controller = controller;
    controller.object = controllers.make(WritableStreamDefaultController, controller);
    setBackpressure(stream, room(controller) <= 0);
    const started = typeof start === 'function' ? resolvedWith(start(controller)) : base.adopted(start);
    react(started, () => {
      controller.started = true;
      advance(controller);
    }, (reason) => {
      controller.started = true;
      dealWithRejection(stream, reason);
    });
  };

  const wrap = (stream) => {
    if (stream.object === undefined) {
      stream.object = new WritableStream(inner);
      inner.adopt(stream.object, stream);
    }
    return stream.object;
  };
  // A stream of the platform's own.
  const create = (start, algorithms, mark, size) => {
    const stream = newStream();
    setUp(stream, start, algorithms, mark, size);
    wrap(stream);
    return stream;
  };

  class WritableStream {
    #stream;

    static {
      push(std.uncloneable, (value) => #stream in value);
      inner.streamOf = (value) => (isObject(value) && #stream in value ? value.#stream : undefined);
      // What makes an object for a stream that is there already.
      inner.adopt = (object, stream) => { object.#stream = stream; };
    }

    constructor(underlyingSink = undefined, queuingStrategy = undefined) {
      if (underlyingSink === inner) return;
      const sink = underlying(underlyingSink, 'WritableStream');
      const given = strategy(queuingStrategy, 'WritableStream');
      const abort = callback(sink, 'abort', 'WritableStream');
      const close = callback(sink, 'close', 'WritableStream');
      const start = callback(sink, 'start', 'WritableStream');
      const { type } = sink;
      const writeOne = callback(sink, 'write', 'WritableStream');
      if (type !== undefined) throw badValue(new RangeError('WritableStream: no type of sink is known'));
      const size = sizeOf(given);
      const mark = markOf(given, 1);
      const stream = newStream();
      stream.object = this;
      this.#stream = stream;
      const done = () => resolvedWith(undefined);
      setUp(stream, (controller) => (start === undefined ? undefined : apply(start, sink, [controller.object])), {
        __proto__: null,
        write: writeOne === undefined ? done
          : (chunk) => promiseOf(writeOne, sink, [chunk, stream.controller.object]),
        close: close === undefined ? done : () => promiseOf(close, sink, []),
        abort: abort === undefined ? done : (reason) => promiseOf(abort, sink, [reason]),
      }, mark, size);
    }

    get locked() { return isLocked(this.#stream); }

    abort(reason = undefined) {
      return promised(() => {
        const stream = this.#stream;
        if (isLocked(stream)) throw invalidState('WritableStream is locked');
        return abortStream(stream, reason);
      });
    }

    close() {
      return promised(() => {
        const stream = this.#stream;
        if (isLocked(stream)) throw invalidState('WritableStream is locked');
        if (closeIsComing(stream)) throw invalidState('WritableStream is closed');
        return closeStream(stream);
      });
    }

    getWriter() {
      this.#stream;
      return new WritableStreamDefaultWriter(this);
    }
  }
  class WritableStreamDefaultWriter {
    #writer;

    static {
      push(std.uncloneable, (value) => #writer in value);
      inner.writerOf = (object) => object.#writer;
    }

    constructor(stream) {
      need(arguments.length, 1, 'WritableStreamDefaultWriter');
      const of = inner.streamOf(stream);
      if (of === undefined) throw badType('WritableStreamDefaultWriter: not a WritableStream');
      this.#writer = newWriter(of);
    }

    get closed() { return promised(() => this.#writer.closed.promise); }

    get desiredSize() {
      const writer = this.#writer;
      if (writer.stream === undefined) throw invalidState('Writer is not bound to a WritableStream');
      return desiredSize(writer);
    }

    get ready() { return promised(() => this.#writer.ready.promise); }

    abort(reason = undefined) {
      return promised(() => {
        const { stream } = this.#writer;
        if (stream === undefined) throw invalidState('Writer is not bound to a WritableStream');
        return abortStream(stream, reason);
      });
    }

    close() {
      return promised(() => {
        const { stream } = this.#writer;
        if (stream === undefined) throw invalidState('Writer is not bound to a WritableStream');
        if (closeIsComing(stream)) throw invalidState('WritableStream is closed');
        return closeStream(stream);
      });
    }

    releaseLock() {
      const writer = this.#writer;
      if (writer.stream !== undefined) releaseWriter(writer);
    }

    write(chunk = undefined) {
      return promised(() => {
        const writer = this.#writer;
        if (writer.stream === undefined) throw invalidState('Writer is not bound to a WritableStream');
        return write(writer, chunk);
      });
    }
  }

  class WritableStreamDefaultController {
    #controller = controllers.take();

    static {
      push(std.uncloneable, (value) => #controller in value);
      inner.controllerOf = (object) => object.#controller;
    }

    get signal() { return this.#controller.signal; }

    error(e = undefined) { errorIfNeeded(this.#controller, e); }
  }

  expose(WritableStream, 'WritableStream');
  expose(WritableStreamDefaultWriter, 'WritableStreamDefaultWriter');
  expose(WritableStreamDefaultController, 'WritableStreamDefaultController');
  return {
    __proto__: null, WritableStream, WritableStreamDefaultWriter, WritableStreamDefaultController,
    inner, streamOf: inner.streamOf, whenEnded, isLocked, closeIsComing, abortStream, closeStream, newWriter, releaseWriter,
    desiredSize, write, closeWithErrors, create, errorIfNeeded, wrap,
  };
})
