// Handlers: a default export with `fetch(request, env, ctx)`, as a function from what the host gives to what it is
// answered. Must not know where requests come from.
(function (std, native, base, bodies, http) {
  'use strict';
  const { first, apply, list, push, need, expose } = std;
  const { TypeError, Uint8Array } = first;
  const { react, deferred, promiseOf, chain, resolvedWith, maker } = base;
  const { report } = native;
  const contexts = maker();

  class ExecutionContext {
    // What the run waits for beside the answer.
    #waiting = list();

    constructor() { contexts.take(); }

    static {
      push(std.uncloneable, (value) => #waiting in value);
      contexts.waiting = (context) => context.#waiting;
    }

    waitUntil(promise) {
      need(arguments.length, 1, 'ExecutionContext.waitUntil');
      const waiting = this.#waiting;
      const done = deferred();
      react(resolvedWith(promise), done.resolve, (error) => {
        try {
          report(error);
        } finally {
          done.resolve(undefined);
        }
      });
      push(waiting, done.promise);
    }

    passThroughOnException() {
      this.#waiting;
      throw new TypeError('ExecutionContext.passThroughOnException: there is no server behind this handler');
    }
  }
  expose(ExecutionContext, 'ExecutionContext');

  // Once all are done that anybody waits for, those that came meanwhile included.
  const settled = (waiting, from) => {
    if (from === waiting.length) return resolvedWith(undefined);
    return chain(waiting[from], () => settled(waiting, from + 1));
  };

  const adapt = (handler) => (given) => {
    const context = contexts.make(ExecutionContext, undefined);
    const waiting = contexts.waiting(context);
    const answer = promiseOf(handler.fetch, handler, [http.received(given), given.env, context]);
    return chain(answer, (response) => {
      if (!http.isResponse(response)) throw new TypeError('fetch of the default export answered no Response');
      const { headers, body } = http.responseParts(response);
      const { status, statusText } = http.statusOf(response);
      if (status === 0) throw new TypeError('fetch of the default export answered an error');
      if (bodies.isUnusable(body)) {
        throw new TypeError('fetch of the default export answered a Response whose body is used already');
      }
      return chain(bodies.readAll(body), (read) => chain(settled(waiting, 0), () => resolvedWith({
        __proto__: null, status, statusText, headers, body: body === null ? new Uint8Array(0) : read.bytes,
      })));
    });
  };

  return { __proto__: null, adapt };
})
