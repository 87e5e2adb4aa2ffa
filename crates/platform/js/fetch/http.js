// Request and Response: sections 5.4 and 5.5 of the Fetch Standard; and what `fetch` and handlers make of them.
// Must not know who sends requests, nor who answers.
(function (std, native, bodies, url, files, events) {
  'use strict';
  const { builtin, method, first, list, push, need, isObject, toText, toScalars, toUint, dictionary, expose } = std;
  const { TypeError, RangeError } = first;
  const { headers, Headers, isToken, isPhrase, blobAt } = files;
  const { consume } = bodies;
  const stringify = builtin('JSON', 'stringify');
  const upper = method('String.prototype', 'toUpperCase');
  const indexOf = method('String.prototype', 'indexOf');
  const slice = method('String.prototype', 'slice');
  const inner = { __proto__: null };

  const byteText = (value, what) => {
    const text = toText(value);
    if (!isPhrase(text)) throw new TypeError(what + ' has characters that it cannot have');
    return text;
  };
  const bodyIn = (value) => (value === undefined || value === null ? null : bodies.converted(value));
  // A list of words with spaces around each.
  const oneOf = (value, words, what) => {
    const text = toText(value);
    if (indexOf(text, ' ') >= 0 || indexOf(words, ' ' + text + ' ') < 0) {
      throw new TypeError(what + ": '" + text + "' is none that is known");
    }
    return text;
  };

  // Responses.

  const isNullStatus = (status) => status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
  const responseInit = (init) => {
    const from = dictionary(init, 'Response');
    const given = from.headers;
    const filled = given === undefined ? undefined : new Headers(given);
    const { status, statusText } = from;
    return {
      __proto__: null, headers: filled, status: status === undefined ? 200 : toUint(status, 16),
      statusText: statusText === undefined ? '' : byteText(statusText, 'Response: statusText'),
    };
  };

  // Headers as one text, as they cross: lines of a name, a colon and a value, which has no line ends. `Headers`
  // takes controls, which are not sent: section 5.5 of RFC 9110.
  const lines = (of) => {
    const pairs = headers.pairs(of);
    let text = '';
    for (let i = 0; i < pairs.length; i += 2) text += pairs[i] + ':' + byteText(pairs[i + 1], pairs[i]) + '\n';
    return text;
  };
  const fill = (of, text) => {
    let from = 0;
    for (;;) {
      const end = indexOf(text, '\n', from);
      if (end < 0) return;
      const colon = indexOf(text, ':', from);
      headers.add(of, slice(text, from, colon), slice(text, colon + 1, end));
      from = end + 1;
    }
  };

  class Response {
    #type = 'default';
    #status = 200;
    #statusText = '';
    #headers;
    #body = null;
    #url = '';
    #redirected = false;

    constructor(body = null, init = undefined) {
      if (body === inner) return;
      const value = bodyIn(body);
      const given = responseInit(init);
      inner.fill(this, given, value === null ? null : bodies.extract(value, false));
    }

    static {
      push(std.uncloneable, (value) => #statusText in value);
      // `content`: a body and its type.
      inner.fill = (response, given, content) => {
        if (given.status < 200 || given.status > 599) {
          throw new RangeError('Response: the status is not between 200 and 599');
        }
        response.#status = given.status;
        response.#statusText = given.statusText;
        response.#headers = given.headers ?? new Headers();
        if (content === null) return;
        if (isNullStatus(given.status)) throw new TypeError('Response: there is no body with this status');
        response.#body = content.body;
        if (content.type !== null && headers.get(response.#headers, 'content-type') === null) {
          headers.add(response.#headers, 'content-type', content.type);
        }
      };
      inner.bare = (type, status) => {
        const response = new Response(inner);
        response.#type = type;
        response.#status = status;
        response.#headers = new Headers();
        return response;
      };
      inner.cloned = (response) => {
        if (bodies.isUnusable(response.#body)) throw new TypeError('Response.clone: the body is used already');
        const made = new Response(inner);
        made.#type = response.#type;
        made.#status = response.#status;
        made.#statusText = response.#statusText;
        made.#headers = headers.copy(response.#headers);
        made.#body = bodies.clone(response.#body);
        made.#url = response.#url;
        made.#redirected = response.#redirected;
        return made;
      };
      inner.ofResponse = (response) => ({ __proto__: null, body: response.#body, headers: response.#headers });
      inner.statusOf = (response) => ({
        __proto__: null, status: response.#status, statusText: response.#statusText,
      });
      inner.isResponse = (value) => isObject(value) && #statusText in value;
      // What came from elsewhere: nobody may change its headers.
      inner.answered = (answer, hasBody) => {
        const response = inner.bare('basic', answer.status);
        response.#statusText = answer.statusText;
        response.#url = answer.url;
        response.#redirected = answer.redirected;
        fill(response.#headers, answer.headers);
        headers.freeze(response.#headers);
        if (hasBody && !isNullStatus(answer.status)) response.#body = bodies.ofBytes(answer.body, false);
        return response;
      };
    }

    static error() {
      const response = inner.bare('error', 0);
      headers.freeze(inner.ofResponse(response).headers);
      return response;
    }

    static json(data, init = undefined) {
      need(arguments.length, 1, 'Response.json');
      const given = responseInit(init);
      const text = stringify(data);
      if (text === undefined) throw new TypeError('Response.json: the value has no JSON');
      const { body } = bodies.extract(toScalars(text), false);
      const response = new Response(inner);
      inner.fill(response, given, { __proto__: null, body, type: 'application/json' });
      return response;
    }

    static redirect(target, status = 302) {
      need(arguments.length, 1, 'Response.redirect');
      const text = toScalars(target);
      const code = toUint(status, 16);
      const href = url.hrefOf(text);
      if (href === undefined) throw new TypeError("Response.redirect: '" + text + "' is no URL");
      if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) {
        throw new RangeError('Response.redirect: the status is none of those that redirect');
      }
      const response = inner.bare('default', code);
      const of = inner.ofResponse(response).headers;
      headers.add(of, 'location', href);
      headers.freeze(of);
      return response;
    }

    get type() { return this.#type; }
    get url() { return this.#url; }
    get redirected() { return this.#redirected; }
    get status() { return this.#status; }
    get ok() { return this.#status >= 200 && this.#status <= 299; }
    get statusText() { return this.#statusText; }
    get headers() { return this.#headers; }
    get body() { return bodies.streamOf(this.#body); }
    get bodyUsed() { return bodies.isUsed(this.#body); }
    clone() { return inner.cloned(this); }
    arrayBuffer() { return consume.arrayBuffer(() => inner.ofResponse(this)); }
    blob() { return consume.blob(() => inner.ofResponse(this)); }
    bytes() { return consume.bytes(() => inner.ofResponse(this)); }
    formData() { return consume.formData(() => inner.ofResponse(this)); }
    json() { return consume.json(() => inner.ofResponse(this)); }
    text() { return consume.text(() => inner.ofResponse(this)); }
  }

  // Requests.

  const methodOf = (value) => {
    const text = toText(value);
    if (!isToken(text)) throw new TypeError("Request: '" + text + "' is no method");
    const known = upper(text);
    if (known === 'CONNECT' || known === 'TRACE' || known === 'TRACK') {
      throw new TypeError("Request: the method '" + text + "' is not allowed");
    }
    const normal = known === 'DELETE' || known === 'GET' || known === 'HEAD' || known === 'OPTIONS' ||
      known === 'POST' || known === 'PUT';
    return normal ? known : text;
  };
  const POLICIES = '  no-referrer no-referrer-when-downgrade same-origin origin strict-origin ' +
    'origin-when-cross-origin strict-origin-when-cross-origin unsafe-url ';

  const KEYS = list();
  push(KEYS, 'body', 'cache', 'credentials', 'duplex', 'headers', 'integrity', 'keepalive', 'method', 'mode',
    'redirect', 'referrer', 'referrerPolicy', 'signal');
  // What of a request's dictionary is given, converted in the order of the names.
  const requestInit = (init) => {
    const from = dictionary(init, 'Request');
    const made = { __proto__: null };
    const word = (key, words) => {
      const value = from[key];
      made[key] = value === undefined ? undefined : oneOf(value, words, 'Request: ' + key);
    };
    const { body } = from;
    made.body = body === undefined ? undefined : bodyIn(body);
    word('cache', ' default no-store reload no-cache force-cache only-if-cached ');
    word('credentials', ' omit same-origin include ');
    word('duplex', ' half ');
    const given = from.headers;
    made.headers = given === undefined ? undefined : new Headers(given);
    const { integrity, keepalive } = from;
    made.integrity = integrity === undefined ? undefined : toText(integrity);
    made.keepalive = keepalive === undefined ? undefined : !!keepalive;
    const asked = from.method;
    made.method = asked === undefined ? undefined : methodOf(asked);
    word('mode', ' navigate same-origin no-cors cors ');
    word('redirect', ' follow error manual ');
    const { referrer } = from;
    made.referrer = referrer === undefined ? undefined : toScalars(referrer);
    const policy = from.referrerPolicy;
    made.referrerPolicy = policy === undefined ? undefined
      : toText(policy) === '' ? '' : oneOf(policy, POLICIES, 'Request: referrerPolicy');
    const { signal } = from;
    if (signal !== undefined && signal !== null && !events.isSignal(signal)) {
      throw new TypeError('Request: the signal is no AbortSignal');
    }
    made.signal = signal;
    const owner = from.window;
    if (owner !== undefined && owner !== null) throw new TypeError('Request: window is not null');
    if (made.mode === 'navigate') throw new TypeError("Request: the mode is 'navigate'");
    made.empty = owner === undefined;
    for (let i = 0; i < KEYS.length; i++) if (made[KEYS[i]] !== undefined) made.empty = false;
    return made;
  };
  const referrerOf = (text) => {
    if (text === '') return '';
    const href = url.hrefOf(text);
    if (href === undefined) throw new TypeError('Request: the referrer is no URL');
    return href;
  };
  const NEW = {
    __proto__: null, method: 'GET', url: '', referrer: 'about:client', referrerPolicy: '', mode: 'cors',
    credentials: 'same-origin', cache: 'default', redirect: 'follow', integrity: '', keepalive: false,
  };
  const pick = (given, key, of) => (given[key] === undefined ? of[key] : given[key]);

  class Request {
    #of;
    #headers;
    #body = null;
    // Made when somebody looks at it; until then only what it will follow is known, so that a signal is
    // told of nobody whose signal nobody has.
    #signal = undefined;
    #source = null;

    constructor(input, init = undefined) {
      if (input === inner) return;
      need(arguments.length, 1, 'Request');
      const from = isObject(input) && #of in input ? input : undefined;
      const text = from === undefined ? toScalars(input) : undefined;
      const given = requestInit(init);
      let of = NEW;
      let address, blob;
      if (from === undefined) {
        address = url.hrefOf(text);
        // What it names is kept, though its URL may be revoked before the request is sent.
        blob = address === undefined ? undefined : blobAt(address);
        if (address === undefined) throw new TypeError("Request: '" + text + "' is no absolute URL");
        if (url.hasCredentials(address)) throw new TypeError('Request: the URL has a name or a password');
      } else {
        of = from.#of;
        address = of.url;
        blob = of.blob;
      }
      // Who changes anything of another request makes one from here.
      const whence = given.empty ? of : NEW;
      this.#of = {
        __proto__: null, method: pick(given, 'method', of), url: address, blob,
        referrer: given.referrer === undefined ? whence.referrer : referrerOf(given.referrer),
        referrerPolicy: pick(given, 'referrerPolicy', whence), mode: pick(given, 'mode', of),
        credentials: pick(given, 'credentials', of), cache: pick(given, 'cache', of),
        redirect: pick(given, 'redirect', of), integrity: pick(given, 'integrity', of),
        keepalive: pick(given, 'keepalive', of),
      };
      const made = this.#of;
      if (made.cache === 'only-if-cached' && made.mode !== 'same-origin') {
        throw new TypeError("Request: 'only-if-cached' is for the mode 'same-origin' only");
      }
      if (made.mode === 'no-cors' && made.method !== 'GET' && made.method !== 'HEAD' && made.method !== 'POST') {
        throw new TypeError("Request: the method is not allowed in the mode 'no-cors'");
      }
      this.#source = given.signal !== undefined ? given.signal : from === undefined ? null : inner.sourceOf(from);
      this.#headers = given.headers ?? (from === undefined ? new Headers() : headers.copy(from.#headers));
      const old = from === undefined ? null : from.#body;
      const hasBody = given.body !== undefined && given.body !== null;
      if ((hasBody || old !== null) && (made.method === 'GET' || made.method === 'HEAD')) {
        throw new TypeError('Request: ' + made.method + ' has no body');
      }
      if (hasBody) {
        const content = bodies.extract(given.body, made.keepalive);
        if (content.body.foreign && given.duplex === undefined) {
          throw new TypeError("Request: a body that is a stream needs duplex: 'half'");
        }
        inner.mayHave(content.body, made.mode);
        this.#body = content.body;
        if (content.type !== null && headers.get(this.#headers, 'content-type') === null) {
          headers.add(this.#headers, 'content-type', content.type);
        }
      } else if (old !== null) {
        if (bodies.isUnusable(old)) throw new TypeError("Request: the other request's body is used already");
        inner.mayHave(old, made.mode);
        this.#body = bodies.taken(old);
      }
    }

    static {
      push(std.uncloneable, (value) => #of in value);
      inner.mayHave = (body, mode) => {
        if (body.foreign && mode !== 'cors' && mode !== 'same-origin') {
          throw new TypeError("Request: a body that is a stream is for the modes 'same-origin' and 'cors' only");
        }
      };
      // What a request of this one follows.
      inner.sourceOf = (request) => (request.#signal === undefined ? request.#source : request.#signal);
      inner.signalOf = (request) => {
        if (request.#signal === undefined) {
          request.#signal = request.#source === null ? events.makeSignal() : events.follow(request.#source);
          request.#source = null;
        }
        return request.#signal;
      };
      // A request that came from elsewhere, with any method that HTTP has.
      inner.received = (from) => {
        const request = new Request(inner);
        request.#of = {
          __proto__: null, method: from.method, url: from.url, referrer: NEW.referrer,
          referrerPolicy: NEW.referrerPolicy, mode: NEW.mode, credentials: NEW.credentials, cache: NEW.cache,
          redirect: 'manual', integrity: NEW.integrity, keepalive: NEW.keepalive,
        };
        request.#headers = new Headers();
        fill(request.#headers, from.headers);
        if (from.body !== undefined) request.#body = bodies.ofBytes(from.body, false);
        return request;
      };
      inner.partsOf = (request) => ({
        __proto__: null, method: request.#of.method, url: request.#of.url, redirect: request.#of.redirect,
        blob: request.#of.blob,
        headers: lines(request.#headers), body: request.#body,
      });
      inner.ofRequest = (request) => ({ __proto__: null, body: request.#body, headers: request.#headers });
      inner.clonedRequest = (request) => {
        if (bodies.isUnusable(request.#body)) throw new TypeError('Request.clone: the body is used already');
        const made = new Request(inner);
        made.#of = request.#of;
        made.#headers = headers.copy(request.#headers);
        made.#source = inner.sourceOf(request);
        made.#body = bodies.clone(request.#body);
        return made;
      };
    }

    get method() { return this.#of.method; }
    get url() { return this.#of.url; }
    get headers() { return this.#headers; }
    get destination() {
      this.#of;
      return '';
    }
    get referrer() { return this.#of.referrer; }
    get referrerPolicy() { return this.#of.referrerPolicy; }
    get mode() { return this.#of.mode; }
    get credentials() { return this.#of.credentials; }
    get cache() { return this.#of.cache; }
    get redirect() { return this.#of.redirect; }
    get integrity() { return this.#of.integrity; }
    get keepalive() { return this.#of.keepalive; }
    get signal() { return inner.signalOf(this); }
    get duplex() {
      this.#of;
      return 'half';
    }
    get body() { return bodies.streamOf(this.#body); }
    get bodyUsed() { return bodies.isUsed(this.#body); }
    clone() { return inner.clonedRequest(this); }
    arrayBuffer() { return consume.arrayBuffer(() => inner.ofRequest(this)); }
    blob() { return consume.blob(() => inner.ofRequest(this)); }
    bytes() { return consume.bytes(() => inner.ofRequest(this)); }
    formData() { return consume.formData(() => inner.ofRequest(this)); }
    json() { return consume.json(() => inner.ofRequest(this)); }
    text() { return consume.text(() => inner.ofRequest(this)); }
  }

  expose(Response, 'Response');
  expose(Request, 'Request');
  return {
    __proto__: null, Request, Response, isResponse: inner.isResponse, answered: inner.answered,
    statusOf: inner.statusOf, received: inner.received, partsOf: inner.partsOf, signalOf: inner.signalOf,
    // A response's parts as they cross.
    responseParts: (response) => {
      const { body, headers: of } = inner.ofResponse(response);
      return { __proto__: null, body, headers: lines(of) };
    },
  };
})
