// Streams of bytes: their controllers, and the readers that bring their own buffers. Sections 4.5, 4.7, 4.8
// and 4.9.5 of the Streams Standard. A buffer that a guest hands over is moved to one of ours at once, so
// that nobody changes bytes which others count on.
(function (std, native, base, core) {
  'use strict';
  const { method, first, push, need, list, expose, viewTag, dictionary, enforceRange, invalidState, badType, badValue } = std;
  const { TypeError, RangeError, Uint8Array, ArrayBuffer, DataView } = first;
  const { promised, fifo, append, take, front } = base;
  const { closeStream, errorStream, fulfill, waiting, pullIfNeeded, clearAlgorithms } = core;
  const controllers = base.maker();
  const requests = base.maker();

  const getters = (table) => ({
    __proto__: null, buffer: method(table, 'buffer'), offset: method(table, 'byteOffset'),
    length: method(table, 'byteLength'),
  });
  const typed = getters('TypedArray.prototype');
  const dataView = getters('DataView.prototype');
  const setBytes = method('TypedArray.prototype', 'set');
  const bufferLength = method('ArrayBuffer.prototype', 'byteLength');
  const bufferDetached = method('ArrayBuffer.prototype', 'detached');
  const bufferResizable = method('ArrayBuffer.prototype', 'resizable');
  const bufferTransfer = method('ArrayBuffer.prototype', 'transferToFixedLength');
  const SIZES = {
    __proto__: null, DataView: 1, Int8Array: 1, Uint8Array: 1, Uint8ClampedArray: 1, Int16Array: 2, Uint16Array: 2,
    Float16Array: 2, Int32Array: 4, Uint32Array: 4, Float32Array: 4, Float64Array: 8, BigInt64Array: 8,
    BigUint64Array: 8,
  };

  const moved = (buffer) => {
    if (bufferDetached(buffer)) throw new TypeError('The buffer is detached');
    return bufferTransfer(buffer);
  };
  const make = (tag, buffer, offset, length) =>
    (tag === 'DataView' ? new DataView(buffer, offset, length) : new first[tag](buffer, offset, length));
  const copyBytes = (to, at, from, offset, length) => {
    if (length > 0) setBytes(new Uint8Array(to, at, length), new Uint8Array(from, offset, length));
  };
  // What a view is of. One whose buffer is gone or shrank has none of its bytes.
  const partsOf = (view, what) => {
    const tag = viewTag(view);
    if (tag === undefined) throw badType(what + ': not a view of a buffer');
    const of = tag === 'DataView' ? dataView : typed;
    const buffer = of.buffer(view);
    const parts = { __proto__: null, tag, buffer, offset: 0, length: 0 };
    if (!bufferDetached(buffer)) {
      if (bufferResizable(buffer)) throw new TypeError(what + ': the buffer may change its size');
      parts.offset = of.offset(view);
      parts.length = of.length(view);
    }
    return parts;
  };

  // Controllers.

  const room = (controller) => {
    const { state } = controller.stream;
    if (state === 'errored') return null;
    return state === 'closed' ? 0 : controller.mark - controller.total;
  };

  const shouldPull = (controller) => {
    const { stream } = controller;
    if (stream.state !== 'readable' || controller.closeRequested || !controller.started) return false;
    return waiting(stream, false) > 0 || waiting(stream, true) > 0 || room(controller) > 0;
  };

  const resetQueue = (controller) => {
    controller.queue = fifo();
    controller.total = 0;
  };
  const clearPulls = (controller) => {
    invalidate(controller);
    controller.pulls = fifo();
  };
  // The object that tells of the first of the pulls is no longer good for anything.
  const invalidate = (controller) => {
    const { request } = controller;
    if (request === null) return;
    request.controller = undefined;
    request.view = null;
    controller.request = null;
  };

  const close = (controller) => {
    const { stream } = controller;
    if (controller.closeRequested || stream.state !== 'readable') return;
    if (controller.total > 0) {
      controller.closeRequested = true;
      return;
    }
    if (controller.pulls.length > 0) {
      const pull = front(controller.pulls);
      if (pull.filled % pull.size !== 0) {
        const error = new TypeError('The stream ends within an element of the view that is read into');
        fail(controller, error);
        throw error;
      }
    }
    clearAlgorithms(controller);
    closeStream(stream);
  };

  const fail = (controller, error) => {
    const { stream } = controller;
    if (stream.state !== 'readable') return;
    clearPulls(controller);
    resetQueue(controller);
    clearAlgorithms(controller);
    errorStream(stream, error);
  };

  const drained = (controller) => {
    if (controller.total === 0 && controller.closeRequested) {
      clearAlgorithms(controller);
      closeStream(controller.stream);
    } else {
      pullIfNeeded(controller);
    }
  };

  const addToQueue = (controller, buffer, offset, length) => {
    append(controller.queue, { __proto__: null, buffer, offset, length });
    controller.total += length;
  };
  const addCopyToQueue = (controller, buffer, offset, length) => {
    let copy;
    try {
      copy = new ArrayBuffer(length);
      copyBytes(copy, 0, buffer, offset, length);
    } catch (error) {
      fail(controller, error);
      throw error;
    }
    addToQueue(controller, copy, 0, length);
  };
  // What a reader that was released since had been given already.
  const keepReleased = (controller, pull) => {
    if (pull.filled > 0) addCopyToQueue(controller, pull.buffer, pull.offset, pull.filled);
    takePull(controller);
  };
  const takePull = (controller) => take(controller.pulls);

  // Takes from the queue what fits; true where at least as much is there as was asked for.
  const fill = (controller, pull) => {
    const wanted = pull.length - pull.filled;
    let left = controller.total < wanted ? controller.total : wanted;
    const most = pull.filled + left;
    const whole = most - most % pull.size;
    const ready = whole >= pull.min;
    if (ready) left = whole - pull.filled;
    while (left > 0) {
      const head = front(controller.queue);
      const count = left < head.length ? left : head.length;
      copyBytes(pull.buffer, pull.offset + pull.filled, head.buffer, head.offset, count);
      if (head.length === count) {
        take(controller.queue);
      } else {
        head.offset += count;
        head.length -= count;
      }
      controller.total -= count;
      pull.filled += count;
      left -= count;
    }
    return ready;
  };

  const viewOf = (pull) =>
    make(pull.tag, moved(pull.buffer), pull.offset, (pull.filled - pull.filled % pull.size) / pull.size);

  // Answers those that wait for the pulls. All of them are taken before any is answered: an answer may have
  // a guest's getter of `then` called, which may release the reader, and so fail who still waits.
  const commitAll = (stream, pulls) => {
    const answered = list();
    const done = stream.state === 'closed';
    for (let i = 0; i < pulls.length; i++) push(answered, take(stream.reader.requests), viewOf(pulls[i]));
    for (let i = 0; i < answered.length; i += 2) {
      if (done) answered[i].close(answered[i + 1]);
      else answered[i].chunk(answered[i + 1]);
    }
  };
  // The pulls that the queue has enough for, behind those that are `filled` already.
  const filledFromQueue = (controller, filled) => {
    while (controller.pulls.length > 0 && controller.total > 0) {
      const pull = front(controller.pulls);
      if (!fill(controller, pull)) break;
      takePull(controller);
      push(filled, pull);
    }
    return filled;
  };

  const answerFromQueue = (controller, request) => {
    const entry = take(controller.queue);
    controller.total -= entry.length;
    drained(controller);
    request.chunk(new Uint8Array(entry.buffer, entry.offset, entry.length));
  };

  const enqueue = (controller, parts) => {
    const { stream } = controller;
    if (controller.closeRequested || stream.state !== 'readable') return;
    const { offset, length } = parts;
    const buffer = moved(parts.buffer);
    if (controller.pulls.length > 0) {
      const pull = front(controller.pulls);
      if (bufferDetached(pull.buffer)) throw new TypeError('The buffer that is read into is detached');
      invalidate(controller);
      pull.buffer = moved(pull.buffer);
      if (pull.kind === 'none') keepReleased(controller, pull);
    }
    const { reader } = stream;
    if (reader !== undefined && !reader.byob) {
      while (reader.requests.length > 0 && controller.total > 0) {
        answerFromQueue(controller, take(reader.requests));
      }
      if (reader.requests.length === 0) {
        addToQueue(controller, buffer, offset, length);
      } else {
        if (controller.pulls.length > 0) takePull(controller);
        fulfill(stream, new Uint8Array(buffer, offset, length), false);
      }
    } else if (reader !== undefined) {
      addToQueue(controller, buffer, offset, length);
      commitAll(stream, filledFromQueue(controller, list()));
    } else {
      addToQueue(controller, buffer, offset, length);
    }
    pullIfNeeded(controller);
  };

  const newPull = (parts, min) => {
    const whole = bufferLength(parts.buffer);
    return {
      __proto__: null, buffer: moved(parts.buffer), whole, offset: parts.offset, length: parts.length, filled: 0,
      min, size: SIZES[parts.tag], tag: parts.tag, kind: 'byob',
    };
  };

  // What reads with its own view. `min` counts elements.
  const readInto = (reader, parts, min, request) => {
    const { stream } = reader;
    stream.disturbed = true;
    if (stream.state === 'errored') {
      request.error(stream.error);
      return;
    }
    const { controller } = stream;
    let pull;
    try {
      pull = newPull(parts, min * SIZES[parts.tag]);
    } catch (error) {
      request.error(error);
      return;
    }
    if (controller.pulls.length > 0) {
      append(controller.pulls, pull);
      append(reader.requests, request);
      return;
    }
    if (stream.state === 'closed') {
      request.close(make(pull.tag, pull.buffer, pull.offset, 0));
      return;
    }
    if (controller.total > 0) {
      if (fill(controller, pull)) {
        const view = viewOf(pull);
        drained(controller);
        request.chunk(view);
        return;
      }
      if (controller.closeRequested) {
        const error = new TypeError('The stream ends before as much is there as was asked for');
        fail(controller, error);
        request.error(error);
        return;
      }
    }
    append(controller.pulls, pull);
    append(reader.requests, request);
    pullIfNeeded(controller);
  };

  // The source has written so many bytes into the view it was shown.
  const respond = (controller, written) => {
    const pull = front(controller.pulls);
    if (controller.stream.state === 'closed') {
      if (written !== 0) throw new TypeError('The stream is closed: no more bytes can be answered');
    } else {
      if (written === 0) throw new TypeError('No bytes are answered, and the stream is not closed');
      if (pull.filled + written > pull.length) throw new RangeError('More bytes are answered than asked for');
    }
    pull.buffer = moved(pull.buffer);
    responded(controller, written, pull);
  };

  const respondWithView = (controller, parts) => {
    const pull = front(controller.pulls);
    if (controller.stream.state === 'closed') {
      if (parts.length !== 0) throw new TypeError('The stream is closed: no more bytes can be answered');
    } else if (parts.length === 0) {
      throw new TypeError('No bytes are answered, and the stream is not closed');
    }
    if (pull.offset + pull.filled !== parts.offset) throw new RangeError('The view begins elsewhere');
    if (pull.whole !== bufferLength(parts.buffer)) throw new RangeError('The buffer has another length');
    if (pull.filled + parts.length > pull.length) throw new RangeError('The view is longer than asked for');
    pull.buffer = moved(parts.buffer);
    responded(controller, parts.length, pull);
  };

  const responded = (controller, written, pull) => {
    const { stream } = controller;
    invalidate(controller);
    if (stream.state === 'closed') {
      if (pull.kind === 'none') takePull(controller);
      const filled = list();
      const count = waiting(stream, true);
      while (filled.length < count) push(filled, takePull(controller));
      commitAll(stream, filled);
    } else {
      pull.filled += written;
      if (pull.kind === 'none') {
        keepReleased(controller, pull);
        commitAll(stream, filledFromQueue(controller, list()));
      } else if (pull.filled >= pull.min) {
        takePull(controller);
        const rest = pull.filled % pull.size;
        if (rest > 0) {
          addCopyToQueue(controller, pull.buffer, pull.offset + pull.filled - rest, rest);
          pull.filled -= rest;
        }
        const filled = list();
        push(filled, pull);
        commitAll(stream, filledFromQueue(controller, filled));
      }
    }
    pullIfNeeded(controller);
  };

  // What tells the source of the first pull; null where there is none.
  const requestOf = (controller) => {
    if (controller.request === null && controller.pulls.length > 0) {
      const pull = front(controller.pulls);
      const view = new Uint8Array(pull.buffer, pull.offset + pull.filled, pull.length - pull.filled);
      const request = { __proto__: null, controller, view, object: undefined };
      request.object = requests.make(ReadableStreamBYOBRequest, request);
      controller.request = request;
    }
    return controller.request;
  };

  const setUp = (stream, start, pull, cancel, mark, autoAllocate) => {
    const controller = {
      __proto__: null, bytes: true, stream, queue: fifo(), total: 0, started: false, closeRequested: false,
      pulling: false, pullAgain: false, pull, cancel, size: undefined, mark, autoAllocate, pulls: fifo(),
      request: null, object: undefined, shouldPull,
      fail: (error) => fail(controller, error),
      cancelSteps(reason) {
        clearPulls(controller);
        resetQueue(controller);
        const result = controller.cancel(reason);
        clearAlgorithms(controller);
        return result;
      },
      pullSteps(request) {
        if (controller.total > 0) {
          answerFromQueue(controller, request);
          return;
        }
        if (autoAllocate !== undefined) {
          let buffer;
          try {
            buffer = new ArrayBuffer(autoAllocate);
          } catch (error) {
            request.error(error);
            return;
          }
          append(controller.pulls, {
            __proto__: null, buffer, whole: autoAllocate, offset: 0, length: autoAllocate, filled: 0, min: 1,
            size: 1, tag: 'Uint8Array', kind: 'default',
          });
        }
        append(stream.reader.requests, request);
        pullIfNeeded(controller);
      },
      releaseSteps() {
        if (controller.pulls.length === 0) return;
        const pull = front(controller.pulls);
        pull.kind = 'none';
        controller.pulls = fifo();
        append(controller.pulls, pull);
      },
    };
    controller.object = controllers.make(ReadableByteStreamController, controller);
    core.begin(controller, start);
    return controller;
  };

  class ReadableByteStreamController {
    #controller = controllers.take();

    static {
      push(std.uncloneable, (value) => #controller in value);
    }

    get byobRequest() {
      const request = requestOf(this.#controller);
      return request === null ? null : request.object;
    }

    get desiredSize() { return room(this.#controller); }

    close() {
      const controller = this.#controller;
      if (controller.closeRequested) throw invalidState('ReadableStream is already closed');
      if (controller.stream.state !== 'readable') throw invalidState('ReadableStream is already closed');
      close(controller);
    }

    enqueue(chunk) {
      const controller = this.#controller;
      need(arguments.length, 1, 'ReadableByteStreamController.enqueue');
      const parts = partsOf(chunk, 'ReadableByteStreamController.enqueue');
      if (parts.length === 0) throw invalidState('A chunk without bytes cannot be enqueued');
      if (controller.closeRequested) throw invalidState('ReadableStream is already closed');
      if (controller.stream.state !== 'readable') throw invalidState('ReadableStream is already closed');
      enqueue(controller, parts);
    }

    error(e = undefined) { fail(this.#controller, e); }
  }

  class ReadableStreamBYOBRequest {
    #request = requests.take();

    static {
      push(std.uncloneable, (value) => #request in value);
    }

    get view() { return this.#request.view; }

    respond(bytesWritten) {
      const request = this.#request;
      need(arguments.length, 1, 'ReadableStreamBYOBRequest.respond');
      const written = enforceRange(bytesWritten, 0, 2 ** 53 - 1, 'ReadableStreamBYOBRequest.respond');
      if (request.controller === undefined) throw invalidState('This BYOB request has been invalidated');
      if (bufferDetached(typed.buffer(request.view))) throw invalidState("The view's buffer is detached");
      respond(request.controller, written);
    }

    respondWithNewView(view) {
      const request = this.#request;
      need(arguments.length, 1, 'ReadableStreamBYOBRequest.respondWithNewView');
      const parts = partsOf(view, 'ReadableStreamBYOBRequest.respondWithNewView');
      if (request.controller === undefined) throw invalidState('This BYOB request has been invalidated');
      if (bufferDetached(parts.buffer)) throw invalidState("The view's buffer is detached");
      respondWithView(request.controller, parts);
    }
  }

  class ReadableStreamBYOBReader {
    #reader;

    static {
      push(std.uncloneable, (value) => #reader in value);
      core.inner.byobReaderOf = (object) => object.#reader;
    }

    constructor(stream) {
      need(arguments.length, 1, 'ReadableStreamBYOBReader');
      const of = core.inner.streamOf(stream);
      if (of === undefined) throw badType('ReadableStreamBYOBReader: not a ReadableStream');
      this.#reader = newReader(of);
    }

    get closed() { return promised(() => this.#reader.closed.promise); }

    cancel(reason = undefined) { return promised(() => core.cancelBy(this.#reader, reason)); }

    read(view, options = undefined) {
      const given = arguments.length;
      return promised(() => {
        const reader = this.#reader;
        need(given, 1, 'ReadableStreamBYOBReader.read');
        const parts = partsOf(view, 'ReadableStreamBYOBReader.read');
        const asked = dictionary(options, 'ReadableStreamBYOBReader.read').min;
        const min = asked === undefined ? 1
          : enforceRange(asked, 0, 2 ** 53 - 1, 'ReadableStreamBYOBReader.read: min');
        if (bufferDetached(parts.buffer)) throw invalidState("The view's buffer is detached");
        if (parts.length === 0) throw invalidState('The view has no bytes');
        if (min === 0) throw badValue(new TypeError('ReadableStreamBYOBReader.read: min is 0'));
        if (min > parts.length / SIZES[parts.tag]) throw new RangeError('More is asked for than the view has room for');
        if (reader.stream === undefined) throw core.released();
        return core.answered((request) => readInto(reader, parts, min, request));
      });
    }

    releaseLock() {
      const reader = this.#reader;
      if (reader.stream !== undefined) core.releaseReader(reader);
    }
  }

  const newReader = (stream) => {
    if (core.isLocked(stream)) throw invalidState('ReadableStream is locked');
    if (!stream.controller.bytes) throw badValue(new TypeError('The stream is none of bytes'));
    return core.newReader(stream, true);
  };

  expose(ReadableByteStreamController, 'ReadableByteStreamController');
  expose(ReadableStreamBYOBRequest, 'ReadableStreamBYOBRequest');
  expose(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader');
  return {
    __proto__: null, setUp, newReader, readInto, respond, respondWithView, requestOf, close, enqueue, fail, partsOf,
    ReadableByteStreamController, ReadableStreamBYOBRequest, ReadableStreamBYOBReader,
  };
})
