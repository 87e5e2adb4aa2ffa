// `fetch`: what of section 5.6 of the Fetch Standard is the guest's. The network is the host's, who says what may
// be reached; must not know any rule of that.
(function (std, native, base, bodies, http, events, files) {
  'use strict';
  const { need, rejected, method: methodOf } = std;
  const { TypeError } = std.first;
  const startsWith = methodOf('String.prototype', 'startsWith');
  const lengthOf = methodOf('TypedArray.prototype', 'length');
  const { react, deferred, promised, handled } = base;
  // By which the host tells the calls of a run apart.
  let calls = 0;

  // What a `blob:` URL of this run names, which asks no network.
  const ofBlob = (blob, url, method) => {
    if (blob === undefined || method !== 'GET') {
      return rejected(new TypeError('fetch: ' + (blob === undefined ? 'the URL names no blob' : 'blobs are only got')));
    }
    const bytes = files.copy(files.blob.bytes(blob));
    const type = files.blob.type(blob);
    return promised(() => http.answered({
      __proto__: null, status: 200, statusText: 'OK', url, redirected: false, body: bytes,
      headers: 'content-length:' + lengthOf(bytes) + '\n' + (type === '' ? '' : 'content-type:' + type + '\n'),
    }, true));
  };

  const start = (request) => {
    const signal = http.signalOf(request);
    if (events.isAborted(signal)) return rejected(events.reasonOf(signal));
    const { method, url, redirect, headers, body, blob } = http.partsOf(request);
    if (startsWith(url, 'blob:')) return ofBlob(blob, url, method);
    const number = ++calls;
    const result = deferred();
    let over = false;
    let sent = false;
    const step = events.whenAborted(signal, () => {
      over = true;
      if (sent) handled(native.fetch('abort', number));
      result.reject(events.reasonOf(signal));
    });
    const end = (settle) => (value) => {
      if (over) return;
      over = true;
      events.forgetStep(signal, step);
      settle(value);
    };
    const fail = end(result.reject);
    const answered = end((answer) => {
      try {
        result.resolve(http.answered(answer, method !== 'HEAD'));
      } catch (error) {
        result.reject(error);
      }
    });
    react(bodies.readAll(body), (read) => {
      if (over) return;
      try {
        const content = body === null ? undefined : read.bytes;
        const answer = native.fetch('start', number, method, url, redirect, headers, content);
        sent = true;
        react(answer, answered, fail);
      } catch (error) {
        fail(error);
      }
    }, fail);
    return result.promise;
  };

  const functions = {
    fetch(input, init = undefined) {
      return promised(() => {
        need(arguments.length, 1, 'fetch');
        return start(new http.Request(input, init));
      });
    },
  };
  return { __proto__: null, fetch: functions.fetch };
})
