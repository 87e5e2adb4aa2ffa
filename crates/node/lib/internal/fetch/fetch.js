'use strict';
// fetch(): sends a request over `http`, follows redirects, and makes a Response of what comes back.

const { AbortError: NodeAbortError } = require('internal/errors');
const { hasBuiltin } = require('internal/bootstrap/loader');
const { Body } = require('internal/fetch/body');
const { Headers, internals: fields } = require('internal/fetch/headers');
const { Request, internals: requests } = require('internal/fetch/request');
const { internals: responses, kNullBodyStatus, kRedirectStatus } = require('internal/fetch/response');

const kMaxRedirects = 20;

// Ports of other protocols, which requests must not reach (the list of the Fetch standard).
const kBadPorts = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
  110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
  532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
  5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

let agent;

const failed = (cause) => new TypeError('fetch failed', { cause: typeof cause === 'string' ? new Error(cause) : cause });

// A connection that ends too early has one error here, whatever `http` calls it.
function connectionError(error) {
  if (error?.code !== 'ECONNRESET' || error.syscall !== undefined) return error;
  const closed = new Error('other side closed');
  closed.name = 'SocketError';
  closed.code = 'UND_ERR_SOCKET';
  return closed;
}

function fetch(input, init) {
  let request;
  try {
    request = new Request(input, init);
  } catch (error) {
    return Promise.reject(error);
  }
  const signal = requests.signalOf(request);
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(request);
    let stop;
    if (signal !== undefined) {
      if (signal.aborted) {
        requests.bodyOf(request)?.stream?.cancel(signal.reason).catch(() => {});
        reject(signal.reason);
        return;
      }
      stop = () => {
        exchange.abort(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      exchange.onDone = () => signal.removeEventListener('abort', stop);
    }
    exchange.run().then(resolve, (error) => {
      exchange.onDone?.();
      reject(error);
    });
  });
}

// One call of fetch(), with all of its redirects.
class Exchange {
  reason;
  isAborted = false;
  onDone;
  req;
  res;

  constructor(request) {
    this.request = request;
    this.url = requests.urlOf(request);
    this.method = request.method;
    this.body = requests.bodyOf(request);
    this.headers = fields.copy(request.headers);
  }

  abort(reason) {
    this.isAborted = true;
    this.reason = reason;
    const error = reason instanceof Error ? reason : new NodeAbortError(undefined, { cause: reason });
    this.res?.destroy(error);
    this.req?.destroy(error);
  }

  async run() {
    for (let redirects = 0; ; redirects++) {
      const response = await this.schemeFetch();
      const location = response.headers.get('location');
      const isRedirect = location !== null && kRedirectStatus.includes(response.status);
      if (!isRedirect || this.request.redirect === 'manual') return this.finish(response, redirects > 0);
      response.body?.readable?.resume();
      if (this.request.redirect === 'error') throw failed('unexpected redirect');
      if (redirects >= kMaxRedirects) throw failed('redirect count exceeded');
      this.follow(location, response.status);
    }
  }

  finish({ status, statusText, headers, body }, isRedirected) {
    if (body?.readable) body.readable.once('close', () => this.onDone?.());
    else this.onDone?.();
    return responses.make({ url: this.url.href, isRedirected, status, statusText, headers, body });
  }

  follow(location, status) {
    let next;
    try {
      next = new URL(location, this.url);
    } catch (cause) {
      throw failed(cause);
    }
    if (next.protocol !== 'http:' && next.protocol !== 'https:') throw failed('URL scheme must be a HTTP(S) scheme');
    if (next.hash === '') next.hash = this.url.hash;
    if (status !== 303 && this.body !== null && this.body.bytes === null) throw failed('Request body is not replayable');
    const { method } = this;
    if (((status === 301 || status === 302) && method === 'POST') ||
        (status === 303 && method !== 'GET' && method !== 'HEAD')) {
      this.method = 'GET';
      this.body = null;
      for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length']) {
        fields.delete(this.headers, name);
      }
    }
    if (next.origin !== this.url.origin) {
      for (const name of ['authorization', 'proxy-authorization', 'cookie', 'host']) fields.delete(this.headers, name);
    }
    this.url = next;
  }

  // { status, statusText, headers, body }
  async schemeFetch() {
    const { url } = this;
    switch (url.protocol) {
      case 'http:':
        if (url.port !== '' && kBadPorts.has(+url.port)) throw failed('bad port');
        return this.httpFetch();
      case 'https:': {
        const error = new Error('https: is not available: this runtime has no TLS');
        error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
        throw failed(error);
      }
      case 'data:': {
        const { readDataUrl } = require('internal/fetch/data_url');
        const found = readDataUrl(url);
        if (found === undefined) throw failed('failed to fetch the data URL');
        return local(200, 'OK', [['Content-Type', found.type]], found.bytes);
      }
      case 'blob:': {
        const { readBlobUrl } = require('internal/fetch/data_url');
        const found = readBlobUrl(url, this.method, this.headers.get('range'));
        if (typeof found === 'string') throw failed(found);
        return local(found.status, found.statusText, found.fields, found.bytes);
      }
      case 'about:':
        throw failed('about scheme is not supported');
      case 'file:':
        throw failed('not implemented... yet...');
      default:
        throw failed('unknown scheme');
    }
  }

  sentFields() {
    const { url } = this;
    const headers = fields.copy(this.headers);
    fields.setDefault(headers, 'accept', '*/*');
    fields.setDefault(headers, 'accept-language', '*');
    fields.setDefault(headers, 'sec-fetch-mode', this.request.mode);
    fields.setDefault(headers, 'user-agent', 'node');
    if (hasBuiltin('zlib')) fields.setDefault(headers, 'accept-encoding', 'gzip, deflate');
    for (const name of ['connection', 'content-length', 'transfer-encoding']) fields.delete(headers, name);
    if (this.body !== null && this.body.bytes === null) {
      fields.append(headers, 'transfer-encoding', 'chunked');
    } else if (this.body !== null || ['POST', 'PUT', 'PATCH'].includes(this.method)) {
      fields.append(headers, 'content-length', `${this.body?.bytes.length ?? 0}`);
    }
    const host = this.headers.get('host') ?? url.host;
    fields.delete(headers, 'host');
    return ['host', host, 'connection', 'keep-alive', ...fields.raw(headers)];
  }

  httpFetch() {
    const http = require('http');
    agent ??= new http.Agent({ keepAlive: true, scheduling: 'lifo' });
    const { url, method, body } = this;
    return new Promise((resolve, reject) => {
      const req = this.req = http.request({
        agent,
        protocol: 'http:',
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port || 80,
        path: url.pathname + url.search,
        method,
        setHost: false,
        headers: this.sentFields(),
      });
      this.res = undefined;
      req.on('response', (res) => {
        this.res = res;
        resolve(this.readResponse(res));
      });
      req.on('error', (error) => {
        reject(this.isAborted ? this.reason : failed(connectionError(error)));
      });
      if (body === null) req.end();
      else if (body.bytes !== null) req.end(body.bytes);
      else this.send(req, body).catch((error) => { reject(failed(error)); req.destroy(error); });
    });
  }

  async send(req, body) {
    body.isUsed = true;
    const chunks = body.stream ?? body.readable;
    for await (const chunk of chunks) {
      if (req.destroyed) return;
      if (typeof chunk !== 'string' && !ArrayBuffer.isView(chunk)) throw new TypeError('Received non-Uint8Array chunk');
      if (!req.write(chunk)) await roomIn(req);
    }
    req.end();
  }

  readResponse(res) {
    const headers = new Headers();
    const { rawHeaders, statusCode, statusMessage } = res;
    for (let at = 0; at < rawHeaders.length; at += 2) fields.append(headers, rawHeaders[at], rawHeaders[at + 1]);
    const response = { status: statusCode, statusText: statusMessage, headers, body: null };
    if (this.method === 'HEAD' || kNullBodyStatus.includes(statusCode)) {
      res.resume();
      return response;
    }
    response.body = Body.ofReadable(decoded(res, headers), (error) => {
      if (this.isAborted) return this.reason;
      return new TypeError('terminated', { cause: connectionError(error) });
    });
    return response;
  }
}

// Settles when there is room for more, or nobody who takes it.
function roomIn(req) {
  return new Promise((resolve) => {
    const done = () => {
      req.off('drain', done);
      req.off('close', done);
      resolve();
    };
    req.on('drain', done);
    req.on('close', done);
  });
}

function local(status, statusText, list, bytes) {
  const headers = new Headers();
  for (const [name, value] of list) fields.append(headers, name, value);
  return { status, statusText, headers, body: Body.ofBytes(bytes) };
}

// The content without the encodings that it was sent with.
function decoded(res, headers) {
  const encodings = headers.get('content-encoding')?.toLowerCase().split(',').map((each) => each.trim()) ?? [];
  const names = { 'gzip': 'createGunzip', 'x-gzip': 'createGunzip', 'deflate': 'createInflate', 'br': 'createBrotliDecompress' };
  if (encodings.length === 0 || !hasBuiltin('zlib') || !encodings.every((each) => Object.hasOwn(names, each))) return res;
  const zlib = require('zlib');
  const { pipeline } = require('stream');
  const steps = encodings.reverse().map((each) => zlib[names[each]]());
  const last = steps.at(-1);
  pipeline([res, ...steps], () => {});
  return last;
}

module.exports = { fetch };
