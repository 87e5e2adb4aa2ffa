// What pipes one stream into another: section 4.9.1 of the Streams Standard, ReadableStreamPipeTo.
(function (std, native, base, core, writable, events) {
  'use strict';
  const { list, push } = std;
  const { react, noop, deferred, resolvedWith, transform, chain, microtask } = base;

  // Once all of them are done, or the first of them failed.
  const all = (promises) => {
    const result = deferred();
    let left = promises.length;
    if (left === 0) result.resolve(undefined);
    for (let i = 0; i < promises.length; i++) {
      react(promises[i], () => {
        if (--left === 0) result.resolve(undefined);
      }, result.reject);
    }
    return result.promise;
  };

  const pipe = (source, target, options) => {
    const { preventClose, preventAbort, preventCancel, signal } = options;
    const reader = core.newReader(source, false);
    const writer = writable.newWriter(target);
    source.disturbed = true;
    const result = deferred();
    let ending = false;
    let step;
    let lastWrite = resolvedWith(undefined);

    const finalize = (failed, error) => {
      writable.releaseWriter(writer);
      core.releaseReader(reader);
      if (signal !== undefined) events.forgetStep(signal, step);
      if (failed) result.reject(error);
      else result.resolve(undefined);
    };
    // What was read is written before the pipe ends.
    const written = () => {
      const last = lastWrite;
      return chain(last, () => (last === lastWrite ? last : written()));
    };
    // Ends the pipe: does `action`, where there is one, and tells its failure or the given one.
    const end = (action, failed, error) => {
      if (ending) return;
      ending = true;
      const rest = () => {
        if (action === undefined) finalize(failed, error);
        else react(action(), () => finalize(failed, error), (reason) => finalize(true, reason));
      };
      if (target.state === 'writable' && !writable.closeIsComing(target)) react(written(), rest, rest);
      else rest();
    };

    const abort = () => {
      const error = events.reasonOf(signal);
      end(() => {
        const actions = list();
        if (!preventAbort) {
          push(actions, target.state === 'writable' ? writable.abortStream(target, error)
            : resolvedWith(undefined));
        }
        if (!preventCancel) {
          push(actions, source.state === 'readable' ? core.cancelStream(source, error)
            : resolvedWith(undefined));
        }
        return all(actions);
      }, true, error);
    };
    if (signal !== undefined) {
      if (events.isAborted(signal)) {
        abort();
        return result.promise;
      }
      step = events.whenAborted(signal, abort);
    }

    const sourceFailed = (error) => end(
      preventAbort ? undefined : () => writable.abortStream(target, error), true, error);
    const targetFailed = (error) => end(
      preventCancel ? undefined : () => core.cancelStream(source, error), true, error);
    const sourceClosed = () => end(preventClose ? undefined : () => writable.closeWithErrors(writer), false);

    if (source.state === 'errored') sourceFailed(source.error);
    else react(reader.closed.promise, noop, sourceFailed);
    if (target.state === 'errored') targetFailed(target.error);
    else react(writer.closed.promise, noop, targetFailed);
    if (source.state === 'closed') sourceClosed();
    else react(reader.closed.promise, sourceClosed, noop);
    if (writable.closeIsComing(target) || target.state === 'closed') {
      targetFailed(std.invalidState('The stream that is piped into is closed or about to be'));
    }

    const next = () => {
      if (ending) return;
      react(writer.ready.promise, () => {
        if (ending) return;
        core.read(reader, {
          __proto__: null,
          // Not from within the source's own call of `enqueue`.
          chunk: (chunk) => microtask(() => {
            if (writer.stream === undefined) return;
            lastWrite = transform(writable.write(writer, chunk), noop, noop);
            next();
          }),
          close: noop,
          error: noop,
        });
      }, noop);
    };
    next();
    return result.promise;
  };

  return { __proto__: null, pipe };
})
