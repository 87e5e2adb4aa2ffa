{
  let out = '';
  const line = (name, f) => {
    let result;
    try { result = '' + f(); } catch (e) { result = 'threw ' + (typeof e === 'string' ? e : e.message); }
    out += name + ': ' + result + '\n';
  };
  line('URL', () => {
    const url = new URL('../c?x=1#h', 'http://u:p@Ex%41mple.org:8080/a/b/');
    url.searchParams.append('y z', 'ä');
    url.port = '';
    url.pathname = '/ü^';
    return '' + url.href + ' ' + url.origin + ' ' + url.host + ' ' + url.hash + ' ' + url.search + ' ' + url.username + ' ' + url.password + ' ' + url.protocol;
  });
  line('URL static', () => '' + URL.canParse('x:y') + ' ' + URL.canParse('y') + ' ' + (URL.parse('http://a').href) + ' ' + URL.parse('q'));
  line('URL error', () => new URL('nothing'));
  line('URLSearchParams', () => {
    const params = new URLSearchParams('?b=2&a=1&b=3&c');
    params.sort();
    params.delete('c');
    params.set('a', '+ &');
    let each = '';
    params.forEach((value, name, self) => { each += '' + name + '=' + value + (self === params) + ';'; });
    return params.toString() + ' ' + params.get('b') + ' ' + params.has('c') + ' ' + params.size + ' ' + each;
  });
  line('URLSearchParams keys', () => {
    const keys = new URLSearchParams('a=1&b=2').keys();
    const first = keys.next(), second = keys.next(), third = keys.next();
    return '' + first.value + first.done + second.value + third.done;
  });
  line('URLSearchParams record', () => new URLSearchParams({ __proto__: null, a: 1, b: 'é' }).toString());
  line('URLSearchParams missing', () => new URLSearchParams().get());
  line('URLPattern', () => {
    const pattern = new URLPattern('http{s}?://:sub.example.com/books/:id(\\d+)?*', { __proto__: null, ignoreCase: true });
    const match = pattern.exec('https://en.example.com/BOOKS/12');
    return pattern.pathname + pattern.protocol + pattern.hasRegExpGroups + pattern.test('http://a.b/') + match.pathname.input +
      match.hostname.groups.sub + match.pathname.groups.id + match.inputs.length;
  });
  line('URLPattern of parts', () => {
    const pattern = new URLPattern({ __proto__: null, pathname: 'b/*', baseURL: 'https://a.com/a/x?y#z' });
    return pattern.pathname + pattern.hostname + pattern.test({ __proto__: null, pathname: '/a/b/c', protocol: 'https', hostname: 'a.com' });
  });
  line('URLPattern refuses', () => new URLPattern('https://a.com/('));
  line('TextEncoder', () => {
    const bytes = new TextEncoder().encode('aé🦀\ud800');
    let text = '';
    for (let i = 0; i < 10; i++) text += '' + bytes[i] + ' ';
    return text;
  });
  line('TextEncoder into', () => {
    const into = new TextEncoder().encode('12345');
    const { read, written } = new TextEncoder().encodeInto('aé🦀', into);
    return '' + read + ' ' + written + ' ' + into[0] + ' ' + into[1] + ' ' + into[4];
  });
  line('TextDecoder', () => {
    const bytes = new TextEncoder().encode('\ufeffaé🦀');
    const decoder = new TextDecoder();
    return '' + decoder.decode(bytes) + ' ' + decoder.encoding + ' ' + decoder.fatal + ' ' + decoder.ignoreBOM;
  });
  line('TextDecoder stream', () => {
    const bytes = new TextEncoder().encode('é');
    const decoder = new TextDecoder('utf8', { __proto__: null, fatal: true, ignoreBOM: false, stream: false });
    const first = new TextEncoder().encode('z');
    first[0] = bytes[0];
    const text = decoder.decode(first, { __proto__: null, stream: true });
    first[0] = bytes[1];
    return '' + text + decoder.decode(first);
  });
  line('TextDecoder of much', () => {
    let text = 'ab';
    for (let i = 0; i < 18; i++) text += text;
    return new TextDecoder().decode(new TextEncoder().encode(text)) === text;
  });
  line('TextDecoder error', () => new TextDecoder('klingon'));
  line('timers', () => {
    const id = setTimeout(() => { throw 'never'; }, 5);
    clearTimeout(id);
    const other = setInterval(() => {}, 5);
    clearInterval(other);
    return other - id;
  });
  line('timers without a delay', () => {
    clearTimeout(setTimeout(() => {}));
    return 'cleared';
  });
  line('timers refuse text', () => setTimeout('1'));
  line('ErrorEvent', () => {
    const init = { __proto__: null, message: 'm', filename: 'f\ud800', lineno: 2, colno: -1, error: 5, bubbles: true, cancelable: false, composed: false };
    const event = new ErrorEvent('e', init);
    return event.type + event.message + event.filename + event.lineno + ' ' + event.colno + event.error + event.bubbles + new ErrorEvent('x').error;
  });
  line('EventTarget', () => {
    const target = new EventTarget();
    let seen = '';
    const listen = (e) => { seen += e.type + e.detail + e.eventPhase + e.isTrusted + e.bubbles + ';'; e.preventDefault(); };
    target.addEventListener('x', listen, { __proto__: null, once: true, capture: false, passive: false, signal: undefined });
    const init = { __proto__: null, detail: 3, bubbles: true, cancelable: true, composed: false };
    const prevented = !target.dispatchEvent(new CustomEvent('x', init));
    target.dispatchEvent(new CustomEvent('x', init));
    target.addEventListener('y', listen);
    target.removeEventListener('y', listen);
    target.dispatchEvent(new Event('y'));
    return seen + prevented;
  });
  line('EventTarget throws', () => {
    const target = new EventTarget();
    const event = new Event('again');
    let name = '';
    target.addEventListener('again', () => { try { target.dispatchEvent(event); } catch (e) { name = e.name; } });
    target.dispatchEvent(event);
    return name;
  });
  line('AbortController', () => {
    const controller = new AbortController();
    let seen = '';
    controller.signal.onabort = (e) => { seen += e.type + e.isTrusted; };
    controller.signal.addEventListener('abort', () => { seen += '+'; });
    controller.abort();
    controller.abort();
    return seen + controller.signal.aborted + controller.signal.reason.name + AbortSignal.abort(5).reason;
  });
  line('AbortSignal', () => new AbortSignal());
  line('structuredClone', () => {
    const from = { __proto__: null, a: 1, deep: { __proto__: null, text: 'x' } };
    from.self = from;
    const copy = structuredClone(from);
    return (copy !== from) + ' ' + (copy.self === copy) + ' ' + copy.deep.text;
  });
  line('structuredClone bytes', () => {
    const bytes = new TextEncoder().encode('abc');
    const copy = structuredClone(bytes);
    copy[0] = 120;
    return new TextDecoder().decode(copy) + new TextDecoder().decode(bytes);
  });
  line('structuredClone refuses', () => structuredClone(() => 1));
  line('crypto', () => {
    const bytes = new TextEncoder().encode('1234567890123456');
    crypto.getRandomValues(bytes);
    let same = 0;
    for (let i = 0; i < 16; i++) if (bytes[i] >= 48 && bytes[i] < 58) same++;
    return (same < 16) + ' ' + crypto.randomUUID().length;
  });
  line('crypto.subtle', () => '' + (crypto.subtle === crypto.subtle) + crypto.subtle.digest.length);
  line('SubtleCrypto', () => new SubtleCrypto());
  line('CryptoKey', () => new CryptoKey());
  line('performance', () => {
    performance.mark('m');
    const entry = performance.measure('x', 'm');
    return entry.name + entry.entryType + (entry.duration >= 0) + (performance.now() >= 0) + performance.getEntries().length;
  });
  line('Blob', () => {
    const parts = new FormData();
    const blob = new Blob();
    const file = new File(new FormData(), 'n', { __proto__: null, type: 'A/b', lastModified: 5, endings: 'native' });
    parts.append('a', 'b');
    parts.set('f', file, 'other');
    return blob.size + file.name + file.type + file.lastModified + parts.get('a') + parts.get('f').name + parts.has('z');
  });
  line('Blob parts', () => {
    let given = false;
    const next = () => {
      const result = { __proto__: null, value: 'abcdef', done: given };
      given = true;
      return result;
    };
    const blob = new Blob({ __proto__: null, [ITERATOR]: () => ({ __proto__: null, next }) });
    return '' + blob.size + blob.slice(1, -2).size + blob.slice(4, 2).size;
  });
  line('Headers', () => {
    const headers = new Headers({ __proto__: null, 'X-B': '1 ', a: 2 });
    headers.append('x-b', '3');
    headers.delete('none');
    const entries = headers.keys();
    return headers.get('X-b') + entries.next().value + headers.has('A');
  });
  line('Headers refuse', () => new Headers({ __proto__: null, 'a b': '1' }));
  line('navigator', () => navigator.userAgent.length > 8 && navigator.product + navigator.platform);
  line('FileReader', () => {
    const reader = new FileReader();
    const blob = new Blob(new FormData(), { __proto__: null, type: 'a/b;charset=latin1', endings: 'native' });
    const read = (how, ended) => {
      reader.onloadend = ended;
      reader['readAs' + how](blob);
    };
    read('Text', () => read('DataURL', () => read('BinaryString', () => read('ArrayBuffer', null))));
    reader.abort();
    const url = URL.createObjectURL(blob);
    fetch(url);
    URL.revokeObjectURL(url);
    const init = { __proto__: null, bubbles: false, cancelable: false, composed: false, lengthComputable: true, loaded: 1, total: 2 };
    return reader.readyState + url.length + new ProgressEvent('p', init).total;
  });
  line('clones of views', () => structuredClone(FOLLOWING, undefined)[7]);
  line('compareComponent', () => {
    const pattern = new URLPattern({ __proto__: null, pathname: 'b/*' });
    return URLPattern.compareComponent('pathname', pattern, pattern);
  });
  line('self', () => self === globalThis);
  line('WebAssembly', () => WebAssembly.validate(new TextEncoder().encode('x')));
  line('WebAssembly refuses', () => new WebAssembly.Module(new TextEncoder().encode('x')));
  // What comes of streams comes later. Nobody's promise is looked at, as `then` is a trap by now.
  const sink = (name) => {
    let seen = '';
    return new WritableStream({
      __proto__: null, start(c) { seen += typeof c.signal; }, abort(e) { out += name + ' aborted: ' + e + '\n'; },
      write(chunk) { seen += ' ' + (typeof chunk === 'object' ? new TextDecoder().decode(chunk) : chunk); },
      close() { out += name + ':' + seen + '\n'; }, type: undefined,
    }, { __proto__: null, highWaterMark: 1, size: undefined });
  };
  const options = { __proto__: null, preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };
  const source = (items, type) => new ReadableStream({
    __proto__: null, autoAllocateChunkSize: type && 16, cancel() {}, start(c) { },
    pull(c) {
      if (items.length === 0) {
        c.close();
        if (c.byobRequest) c.byobRequest.respond(0);
        return;
      }
      const item = items[0];
      for (let i = 1; i < items.length; i++) items[i - 1] = items[i];
      items.length--;
      c.enqueue(type ? new TextEncoder().encode(item) : item);
    }, type,
  }, { __proto__: null, highWaterMark: type ? 0 : 1, size: undefined });
  line('streams', () => {
    source(['a', 'b', 'c']).pipeTo(sink('pipe'), options);
    source(['ab', 'cd'], 'bytes').pipeTo(sink('bytes'), options);
    const branches = source(['t', 'u']).tee();
    branches[0].pipeTo(sink('tee'), options);
    branches[1].pipeTo(sink('other tee'), options);
    const copies = source(['t', 'u'], 'bytes').tee();
    copies[0].pipeTo(sink('tee of bytes'), options);
    copies[1].pipeTo(sink('other tee of bytes'), options);
    const doubling = new TransformStream({
      __proto__: null, cancel: undefined, flush(c) { c.enqueue('end'); }, readableType: undefined, start(c) {},
      transform(chunk, c) { c.enqueue(chunk + chunk); }, writableType: undefined,
    }, undefined, undefined);
    source(['x', 'y']).pipeThrough(doubling, options).pipeTo(sink('transform'), options);
    source(['é', 'ü']).pipeThrough(new TextEncoderStream(), options).pipeThrough(new TextDecoderStream(), options)
      .pipeTo(sink('text'), options);
    source(['much ', 'ado'], 'bytes').pipeThrough(new CompressionStream('gzip'), options)
      .pipeThrough(new DecompressionStream('gzip'), options).pipeTo(sink('compressed'), options);
    let given = 0;
    const next = () => ({ __proto__: null, value: 'v', done: given++ > 1 });
    ReadableStream.from({ __proto__: null, [ASYNC]: () => ({ __proto__: null, next, return: undefined }) })
      .pipeTo(sink('from'), options);
    return doubling.readable.locked;
  });
  line('bodies', () => {
    const init = {
      __proto__: null, headers: { __proto__: null, a: 'b' }, status: 201, statusText: 'made', body: undefined,
    };
    const response = new Response('text é', init);
    const copy = response.clone();
    copy.text();
    response.body.pipeTo(sink('response'), options);
    const parts = new FormData();
    parts.append('x', 'y');
    parts.append('f', new File(new FormData(), 'n', { __proto__: null, type: '', lastModified: 1, endings: 'native' }));
    const form = new Response(parts, { __proto__: null, headers: undefined, status: undefined, statusText: undefined });
    form.formData();
    new Response(new URLSearchParams('a=1'), init).clone().body.tee();
    const asked = {
      __proto__: null, body: 'b', cache: undefined, credentials: undefined, duplex: undefined, headers: undefined,
      integrity: undefined, keepalive: undefined, method: 'post', mode: undefined, redirect: undefined,
      referrer: undefined, referrerPolicy: undefined, signal: undefined, window: undefined,
    };
    const request = new Request('http://a/b', asked);
    const again = new Request(request, { ...asked, __proto__: null, body: undefined });
    again.clone().body.pipeTo(sink('request'), options);
    again.arrayBuffer();
    copy.blob();
    Response.json('x', init).json();
    new Blob(new FormData(), { __proto__: null, type: '', endings: 'native' }).stream().pipeTo(sink('blob'), options);
    return response.status + response.statusText + response.headers.get('a') + copy.bodyUsed + again.method +
      request.bodyUsed + Response.redirect('x:y').headers.get('location') + Response.error().type;
  });
  line('fetch', () => {
    const init = { __proto__: null, method: 'post', body: 'b', headers: { __proto__: null, a: 'b' }, signal: undefined };
    fetch('http://a/b', init);
    fetch(new Request('http://a/b'), undefined);
    return typeof fetch;
  });
  line('streams by hand', () => {
    let controller;
    const stream = new ReadableStream({
      __proto__: null, autoAllocateChunkSize: undefined, cancel: undefined, pull: undefined, type: 'bytes',
      start(c) { controller = c; },
    }, undefined);
    const reader = stream.getReader({ __proto__: null, mode: 'byob' });
    reader.read(new TextEncoder().encode('1234'), { __proto__: null, min: 2 });
    const view = controller.byobRequest.view;
    const length = view[3] + typeof view[4];
    controller.byobRequest.respond(2);
    reader.releaseLock();
    const other = new ReadableStreamDefaultReader(stream);
    other.read();
    other.cancel('x');
    other.closed;
    const iterator = new ReadableStream(undefined, new CountQueuingStrategy({ __proto__: null, highWaterMark: 2 })).values();
    iterator.next();
    iterator.return(1);
    const writer = new WritableStream(undefined, new ByteLengthQueuingStrategy({ __proto__: null, highWaterMark: 5 })).getWriter();
    writer.ready;
    writer.write({ __proto__: null, byteLength: 2 });
    const room = writer.desiredSize;
    writer.abort('y');
    writer.closed;
    writer.releaseLock();
    return length + ' ' + room + ' ' + stream.locked;
  });
  if (typeof Temporal !== 'undefined') line('Temporal', () => {
    const date = Temporal.PlainDate.from({ __proto__: null, year: 2026, month: 1, day: 31 });
    const zoned = new Temporal.ZonedDateTime(0n, 'Europe/Berlin').with({ __proto__: null, hour: 5 });
    const due = date.add('P1M', { __proto__: null, overflow: 'constrain' });
    const { years } = date.until(due, { __proto__: null, largestUnit: 'years' });
    return due.toString() + zoned.round('hour').toString() + years + zoned.epochNanoseconds
      + Temporal.Duration.from({ __proto__: null, minutes: 90 }).total('hours')
      + date.toPlainMonthDay().toLocaleString('en-u-ca-iso8601', { __proto__: null, month: 'short' });
  });
  line('streams refuse', () => new ReadableStreamDefaultController());
  setTimeout(() => FINISH(out), 0);
  RESULT;
}
