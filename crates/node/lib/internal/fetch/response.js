'use strict';
// Response: what came back, or what a program makes as if it had.

const { exposeMembers } = require('internal/event_target');
const { Body, defineBodyMembers, extractBody } = require('internal/fetch/body');
const {
  byteString, defineInspect, dictionary, illegalInvocation, parseUrl, requireArguments, usvString,
} = require('internal/fetch/convert');
const { Headers, internals: fields } = require('internal/fetch/headers');
const { kUnsupported, refuseClones } = require('internal/uncloneable');

const kNullBodyStatus = [101, 103, 204, 205, 304];
const kRedirectStatus = [301, 302, 303, 307, 308];

class Response {
  static { refuseClones((value) => #type in value, kUnsupported); }

  #type = 'default';
  #url = null;
  #isRedirected = false;
  #status = 200;
  #statusText = '';
  #headers = new Headers();
  #body = null;

  constructor(body = null, init = undefined) {
    const prefix = 'Response constructor';
    init = dictionary(init, prefix, 'init');
    let extracted = null;
    if (body !== null) extracted = extractBody(body, 'Response');
    this.#initialize(extracted, init);
  }

  #initialize(extracted, { status = 200, statusText = '', headers }) {
    status = Math.trunc(+status) || 0;
    if (status < 200 || status > 599) {
      throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
    }
    statusText = byteString(statusText, 'Response constructor', 'statusText');
    if (/[^\t\x20-\x7e\x80-\xff]/.test(statusText)) throw new TypeError('Invalid statusText');
    this.#status = status;
    this.#statusText = statusText;
    if (headers !== undefined) fields.fill(this.#headers, headers, 'Response constructor');
    if (extracted === null) return;
    if (kNullBodyStatus.includes(status)) {
      throw new TypeError(`Response constructor: Invalid response status code ${status}`);
    }
    this.#body = extracted.body;
    if (extracted.type !== null) fields.setDefault(this.#headers, 'content-type', extracted.type);
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#type in value)) throw illegalInvocation();
  }

  static internals = {
    bodyOf(object) {
      Response.#check(object);
      return object.#body;
    },
    // A response of fetch().
    make({ url, isRedirected, status, statusText, headers, body }) {
      const response = new Response();
      response.#type = 'basic';
      response.#url = url;
      response.#isRedirected = isRedirected;
      response.#status = status;
      response.#statusText = statusText;
      response.#headers = headers;
      response.#body = body;
      fields.freeze(headers);
      return response;
    },
  };

  static error() {
    const response = new Response();
    response.#type = 'error';
    response.#status = 0;
    fields.freeze(response.#headers);
    return response;
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const response = new Response();
    response.#initialize({ body: Body.ofBytes(Buffer.from(text)), type: 'application/json' },
                         dictionary(init, 'Response.json', 'init'));
    return response;
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const { href } = parseUrl(usvString(url, 'Response.redirect', 'url'));
    status = Math.trunc(+status) || 0;
    if (!kRedirectStatus.includes(status)) throw new RangeError(`Invalid status code ${status}`);
    const response = new Response();
    response.#status = status;
    fields.append(response.#headers, 'location', href);
    fields.freeze(response.#headers);
    return response;
  }

  get type() {
    Response.#check(this);
    return this.#type;
  }

  get url() {
    Response.#check(this);
    return this.#url?.replace(/#.*$/s, '') ?? '';
  }

  get redirected() {
    Response.#check(this);
    return this.#isRedirected;
  }

  get status() {
    Response.#check(this);
    return this.#status;
  }

  get ok() {
    Response.#check(this);
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText() {
    Response.#check(this);
    return this.#statusText;
  }

  get headers() {
    Response.#check(this);
    return this.#headers;
  }

  clone() {
    Response.#check(this);
    if (this.#body?.isUnusable) throw new TypeError('Response.clone: Body has already been consumed.');
    const copy = new Response();
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#isRedirected = this.#isRedirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = fields.copy(this.#headers);
    copy.#body = this.#body?.clone() ?? null;
    if (this.#type !== 'default') fields.freeze(copy.#headers);
    return copy;
  }
}

const { internals } = Response;
delete Response.internals;

defineBodyMembers(Response, internals.bodyOf);
exposeMembers(Response.prototype, 'Response', ['type', 'url', 'redirected', 'status', 'ok', 'statusText', 'headers', 'clone']);
for (const name of ['error', 'json', 'redirect']) Object.defineProperty(Response, name, { enumerable: true });
defineInspect(Response, 'Response', (response) => {
  const { status, statusText, headers, body, bodyUsed, ok, redirected, type, url } = response;
  return { status, statusText, headers, body, bodyUsed, ok, redirected, type, url };
});

module.exports = { Response, internals, kNullBodyStatus, kRedirectStatus };
