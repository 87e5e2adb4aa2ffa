// Two streams from one: section 4.9.1 of the Streams Standard, for both kinds of controllers.
(function (std, native, base, core, bytes, cloning) {
  'use strict';
  const { method, first } = std;
  const { Uint8Array } = first;
  const { react, noop, deferred, resolvedWith, follow, microtask } = base;
  const { newReader, read, cancelStream, close, enqueue, fail } = core;
  const lengthOf = method('TypedArray.prototype', 'length');
  const setBytes = method('TypedArray.prototype', 'set');

  // A branch, which `pull` and `cancel` are functions for that answer promises.
  const branch = (setUp, pull, cancel, mark, last) => {
    const stream = core.newStream();
    setUp(stream, noop, pull, cancel, mark, last);
    return stream;
  };

  // What both kinds keep of a stream in two branches.
  const halves = (stream) => {
    const done = deferred();
    const state = {
      __proto__: null, reading: false, canceled: [false, false], reasons: [undefined, undefined],
      branches: [undefined, undefined], done,
      // Once both are canceled, the stream is.
      cancel(at, reason) {
        state.canceled[at] = true;
        state.reasons[at] = reason;
        if (state.canceled[1 - at]) follow(done, cancelStream(stream, [state.reasons[0], state.reasons[1]]));
        return done.promise;
      },
      finish() {
        if (!state.canceled[0] || !state.canceled[1]) done.resolve(undefined);
      },
    };
    return state;
  };

  // `copies`: the second branch gets structured clones.
  const teeDefault = (stream, copies) => {
    const reader = newReader(stream, false);
    const state = halves(stream);
    const { canceled, branches } = state;
    let readAgain = false;
    const give = (at, chunk) => {
      if (!canceled[at]) enqueue(branches[at].controller, chunk);
    };
    const request = {
      __proto__: null,
      // In a microtask, so that an error of the stream's, which is told by one too, is not overtaken.
      chunk: (chunk) => microtask(() => {
        readAgain = false;
        let second = chunk;
        if (!canceled[1] && copies) {
          try {
            second = cloning.structuredClone(chunk);
          } catch (error) {
            fail(branches[0].controller, error);
            fail(branches[1].controller, error);
            follow(state.done, cancelStream(stream, error));
            return;
          }
        }
        give(0, chunk);
        give(1, second);
        state.reading = false;
        if (readAgain) pull();
      }),
      close: () => {
        state.reading = false;
        if (!canceled[0]) close(branches[0].controller);
        if (!canceled[1]) close(branches[1].controller);
        state.finish();
      },
      error: () => { state.reading = false; },
    };
    const pull = () => {
      if (state.reading) {
        readAgain = true;
      } else {
        state.reading = true;
        read(reader, request);
      }
      return resolvedWith(undefined);
    };
    branches[0] = branch(core.setUp, pull, (reason) => state.cancel(0, reason), 1, base.one);
    branches[1] = branch(core.setUp, pull, (reason) => state.cancel(1, reason), 1, base.one);
    react(reader.closed.promise, noop, (reason) => {
      fail(branches[0].controller, reason);
      fail(branches[1].controller, reason);
      state.finish();
    });
    return branches;
  };

  const copyOf = (chunk) => {
    const copy = new Uint8Array(lengthOf(chunk));
    setBytes(copy, chunk);
    return copy;
  };
  const partsOf = (view) => bytes.partsOf(view, 'ReadableStream.tee');

  const teeBytes = (stream) => {
    let reader = newReader(stream, false);
    const state = halves(stream);
    const { canceled, branches } = state;
    const again = [false, false];

    const failBoth = (error) => {
      bytes.fail(branches[0].controller, error);
      bytes.fail(branches[1].controller, error);
    };
    const forwardErrors = (of) => react(of.closed.promise, noop, (reason) => {
      if (of !== reader) return;
      failBoth(reason);
      state.finish();
    });
    const change = (byob) => {
      if (reader.byob === byob) return;
      core.releaseReader(reader);
      reader = byob ? bytes.newReader(stream) : newReader(stream, false);
      forwardErrors(reader);
    };
    const readOn = () => {
      state.reading = false;
      if (again[0]) pull(0);
      else if (again[1]) pull(1);
    };
    const copied = (chunk) => {
      try {
        return copyOf(chunk);
      } catch (error) {
        failBoth(error);
        follow(state.done, cancelStream(stream, error));
        return undefined;
      }
    };
    const waits = (at) => branches[at].controller.pulls.length > 0;

    const pullDefault = () => {
      change(false);
      read(reader, {
        __proto__: null,
        chunk: (chunk) => microtask(() => {
          again[0] = false;
          again[1] = false;
          let second = chunk;
          if (!canceled[0] && !canceled[1]) {
            second = copied(chunk);
            if (second === undefined) return;
          }
          if (!canceled[0]) bytes.enqueue(branches[0].controller, partsOf(chunk));
          if (!canceled[1]) bytes.enqueue(branches[1].controller, partsOf(second));
          readOn();
        }),
        close: () => {
          state.reading = false;
          for (let at = 0; at < 2; at++) if (!canceled[at]) bytes.close(branches[at].controller);
          for (let at = 0; at < 2; at++) if (waits(at)) bytes.respond(branches[at].controller, 0);
          state.finish();
        },
        error: () => { state.reading = false; },
      });
    };

    // Into the view that one of the branches was given.
    const pullInto = (view, at) => {
      change(true);
      const other = 1 - at;
      bytes.readInto(reader, partsOf(view), 1, {
        __proto__: null,
        chunk: (chunk) => microtask(() => {
          again[0] = false;
          again[1] = false;
          if (!canceled[other]) {
            const copy = copied(chunk);
            if (copy === undefined) return;
            if (!canceled[at]) bytes.respondWithView(branches[at].controller, partsOf(chunk));
            bytes.enqueue(branches[other].controller, partsOf(copy));
          } else if (!canceled[at]) {
            bytes.respondWithView(branches[at].controller, partsOf(chunk));
          }
          readOn();
        }),
        close: (chunk) => {
          state.reading = false;
          if (!canceled[at]) bytes.close(branches[at].controller);
          if (!canceled[other]) bytes.close(branches[other].controller);
          if (chunk !== undefined) {
            if (!canceled[at]) bytes.respondWithView(branches[at].controller, partsOf(chunk));
            if (!canceled[other] && waits(other)) bytes.respond(branches[other].controller, 0);
          }
          state.finish();
        },
        error: () => { state.reading = false; },
      });
    };

    const pull = (at) => {
      if (state.reading) {
        again[at] = true;
        return resolvedWith(undefined);
      }
      state.reading = true;
      const request = bytes.requestOf(branches[at].controller);
      if (request === null) pullDefault();
      else pullInto(request.view, at);
      return resolvedWith(undefined);
    };
    branches[0] = branch(bytes.setUp, () => pull(0), (reason) => state.cancel(0, reason), 0, undefined);
    branches[1] = branch(bytes.setUp, () => pull(1), (reason) => state.cancel(1, reason), 0, undefined);
    forwardErrors(reader);
    return branches;
  };

  return {
    __proto__: null,
    // The records of the two streams.
    tee: (stream, copies) => (stream.controller.bytes ? teeBytes(stream) : teeDefault(stream, copies)),
  };
})
