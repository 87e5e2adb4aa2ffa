'use strict';
// Request: what is asked for.

const { exposeMembers } = require('internal/event_target');
const { defineBodyMembers, extractBody } = require('internal/fetch/body');
const {
  byteString, defineInspect, dictionary, domString, enumValue, illegalInvocation, notInstance, parseUrl,
  requireArguments, usvString,
} = require('internal/fetch/convert');
const { Headers, internals: fields } = require('internal/fetch/headers');
const { kUnsupported, refuseClones } = require('internal/uncloneable');

const kPrefix = 'Request constructor';

const kNormalized = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
const kEnums = {
  referrerPolicy: ['', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin',
                   'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'],
  mode: ['navigate', 'same-origin', 'no-cors', 'cors'],
  credentials: ['omit', 'same-origin', 'include'],
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  redirect: ['follow', 'error', 'manual'],
};

function readMethod(value) {
  const method = byteString(value, kPrefix, 'init.method');
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
  const upper = method.toUpperCase();
  if (['CONNECT', 'TRACE', 'TRACK'].includes(upper)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
  return kNormalized.includes(upper) ? upper : method;
}

function readReferrer(value) {
  const text = usvString(value, kPrefix, 'init.referrer');
  if (text === '') return 'no-referrer';
  let url;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new TypeError(`Referrer "${text}" is not a valid URL.`, { cause });
  }
  return url.href;
}

class Request {
  static { refuseClones((value) => #state in value, kUnsupported); }

  #state = {
    method: 'GET',
    url: undefined,
    referrer: 'about:client',
    referrerPolicy: '',
    mode: 'cors',
    credentials: 'same-origin',
    cache: 'default',
    redirect: 'follow',
    integrity: '',
    keepalive: false,
  };
  #headers = new Headers();
  #body = null;
  // Made when it is asked for, of the signal that it follows.
  #signal;
  #followed;

  constructor(input, init = undefined) {
    // For clone().
    if (input === kBlank) return;
    requireArguments(arguments.length, 1, kPrefix);
    init = dictionary(init, kPrefix, 'init');
    const state = this.#state;
    let inputBody = null;
    const isRequest = typeof input === 'object' && input !== null && #state in input;
    if (isRequest) {
      Object.assign(state, input.#state);
      inputBody = input.#body;
      this.#followed = input.#signal ?? input.#followed;
    } else {
      const text = usvString(input, kPrefix, 'input');
      state.url = parseUrl(text);
      if (state.url.username !== '' || state.url.password !== '') {
        throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${text}`);
      }
    }
    this.#readOptions(init);
    if (init.headers !== undefined) fields.fill(this.#headers, init.headers, kPrefix);
    else if (isRequest) this.#headers = fields.copy(input.#headers);
    this.#readBody(init, inputBody);
  }

  #readOptions(init) {
    const state = this.#state;
    if (init.window !== undefined && init.window !== null) throw new TypeError("'window' option 'client' must be null");
    if (init.referrer !== undefined) state.referrer = readReferrer(init.referrer);
    for (const name of Object.keys(kEnums)) {
      if (init[name] === undefined) continue;
      state[name] = enumValue(init[name], kEnums[name], kPrefix, `init.${name}`);
    }
    if (state.mode === 'navigate') throw new TypeError(`${kPrefix}: invalid request mode navigate.`);
    if (state.cache === 'only-if-cached' && state.mode !== 'same-origin') {
      throw new TypeError("'only-if-cached' can be set only with 'same-origin' mode");
    }
    if (init.integrity !== undefined) state.integrity = domString(init.integrity, kPrefix, 'init.integrity');
    if (init.keepalive !== undefined) state.keepalive = Boolean(init.keepalive);
    if (init.method !== undefined) state.method = readMethod(init.method);
    if (init.duplex !== undefined) enumValue(init.duplex, ['half'], kPrefix, 'init.duplex');
    if (init.signal !== undefined) {
      const { signal } = init;
      if (signal !== null && !(signal instanceof AbortSignal)) throw notInstance(signal, kPrefix, 'signal', 'AbortSignal');
      this.#followed = signal ?? undefined;
    }
  }

  #readBody(init, inputBody) {
    const { method } = this.#state;
    const given = init.body !== undefined && init.body !== null;
    if ((given || inputBody !== null) && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    if (given) {
      const { body, type } = extractBody(init.body, 'Request');
      if (body.bytes === null && init.duplex === undefined) {
        throw new TypeError('RequestInit: duplex option is required when sending a body.');
      }
      this.#body = body;
      if (type !== null) fields.setDefault(this.#headers, 'content-type', type);
      return;
    }
    if (inputBody === null) return;
    if (inputBody.isUnusable) {
      throw new TypeError('Cannot construct a Request with a Request object that has already been used.');
    }
    // The body moves over: the other request has none any more.
    this.#body = inputBody.clone();
    inputBody.isUsed = true;
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#state in value)) throw illegalInvocation();
  }

  static internals = {
    bodyOf(object) {
      Request.#check(object);
      return object.#body;
    },
    urlOf: (object) => object.#state.url,
    // The signal that can end the request, if there is one.
    signalOf: (object) => object.#signal ?? object.#followed,
  };

  get method() {
    Request.#check(this);
    return this.#state.method;
  }

  get url() {
    Request.#check(this);
    return this.#state.url.href;
  }

  get headers() {
    Request.#check(this);
    return this.#headers;
  }

  get destination() {
    Request.#check(this);
    return '';
  }

  get referrer() {
    Request.#check(this);
    return this.#state.referrer === 'no-referrer' ? '' : this.#state.referrer;
  }

  get referrerPolicy() {
    Request.#check(this);
    return this.#state.referrerPolicy;
  }

  get mode() {
    Request.#check(this);
    return this.#state.mode;
  }

  get credentials() {
    Request.#check(this);
    return this.#state.credentials;
  }

  get cache() {
    Request.#check(this);
    return this.#state.cache;
  }

  get redirect() {
    Request.#check(this);
    return this.#state.redirect;
  }

  get integrity() {
    Request.#check(this);
    return this.#state.integrity;
  }

  get keepalive() {
    Request.#check(this);
    return this.#state.keepalive;
  }

  get isReloadNavigation() {
    Request.#check(this);
    return false;
  }

  get isHistoryNavigation() {
    Request.#check(this);
    return false;
  }

  get signal() {
    Request.#check(this);
    return this.#signal ??= this.#followed === undefined ?
      new AbortController().signal : AbortSignal.any([this.#followed]);
  }

  get duplex() {
    Request.#check(this);
    return 'half';
  }

  clone() {
    Request.#check(this);
    if (this.#body?.isUnusable) throw new TypeError('unusable');
    const copy = new Request(kBlank);
    Object.assign(copy.#state, this.#state);
    copy.#headers = fields.copy(this.#headers);
    copy.#followed = this.#signal ?? this.#followed;
    copy.#body = this.#body?.clone() ?? null;
    return copy;
  }
}

const kBlank = Symbol('blank');

const { internals } = Request;
delete Request.internals;

const kMembers = ['method', 'url', 'headers', 'destination', 'referrer', 'referrerPolicy', 'mode', 'credentials',
                  'cache', 'redirect', 'integrity', 'keepalive', 'isReloadNavigation', 'isHistoryNavigation', 'signal'];

defineBodyMembers(Request, internals.bodyOf);
exposeMembers(Request.prototype, 'Request', [...kMembers, 'duplex', 'clone']);
defineInspect(Request, 'Request', (request) => {
  const shown = {};
  for (const name of kMembers) shown[name] = request[name];
  return shown;
});

module.exports = { Request, internals };
