'use strict';
// URL and URLSearchParams of the Web, and conversions between file URLs and paths. Parsing is native.

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_FILE_URL_HOST,
    ERR_INVALID_FILE_URL_PATH,
    ERR_INVALID_THIS,
    ERR_INVALID_URL,
    ERR_INVALID_URL_SCHEME,
    ERR_MISSING_ARGS,
    ERR_ARG_NOT_ITERABLE,
    ERR_INVALID_TUPLE,
  },
} = require('internal/errors');
const { validateFunction, validateString } = require('internal/validators');
const { kUnsupported, refuseClones } = require('internal/uncloneable');

const native = internalBinding('url');
const customInspect = Symbol.for('nodejs.util.inspect.custom');

const toText = (value) => `${value}`.toWellFormed();

// The parts of a parsed URL in the array that the native side gives.
const HREF = 0;
const AFTER_SCHEME = 1;
const BEFORE_USERNAME = 2;
const AFTER_USERNAME = 3;
const BEFORE_PASSWORD = 4;
const AFTER_PASSWORD = 5;
const BEFORE_HOST = 6;
const AFTER_HOST = 7;
const BEFORE_PORT = 8;
const AFTER_PORT = 9;
const BEFORE_PATH = 10;
const AFTER_PATH = 11;
const AFTER_QUERY = 12;
const ORIGIN = 13;

class URLContext {
  constructor(parsed) {
    this.href = parsed[HREF];
    this.protocol_end = parsed[AFTER_SCHEME] + 1;
    this.username_end = parsed[AFTER_USERNAME];
    this.host_start = parsed[BEFORE_HOST];
    this.host_end = parsed[AFTER_HOST];
    this.pathname_start = parsed[BEFORE_PATH];
    this.search_start = parsed[AFTER_PATH];
    this.hash_start = parsed[AFTER_QUERY];
    this.port = parsed[AFTER_PORT] > parsed[BEFORE_PORT] ? +parsed[HREF].slice(parsed[BEFORE_PORT], parsed[AFTER_PORT]) : -1;
  }
}

class SearchParamsIterator {
  #target;
  #kind;
  #index = 0;

  constructor(target, kind) {
    this.#target = target;
    this.#kind = kind;
  }

  next() {
    if (typeof this !== 'object' || this === null || !(#target in this)) throw new ERR_INVALID_THIS('URLSearchParamsIterator');
    const list = this.#target[kList];
    if (this.#index >= list.length) return { value: undefined, done: true };
    const name = list[this.#index];
    const value = list[this.#index + 1];
    this.#index += 2;
    return { value: this.#kind === 'key' ? name : this.#kind === 'value' ? value : [name, value], done: false };
  }

  [customInspect](recurseTimes, options) {
    if (recurseTimes < 0) return options.stylize('[Object]', 'special');
    const { inspect } = require('internal/util/inspect');
    const rest = [];
    const list = this.#target[kList];
    for (let i = this.#index; i < list.length; i += 2) {
      rest.push(this.#kind === 'key' ? list[i] : this.#kind === 'value' ? list[i + 1] : [list[i], list[i + 1]]);
    }
    const inner = rest.map((value) => inspect(value, options)).join(', ');
    return `${this[Symbol.toStringTag]} { ${inner} }`.replace('{  }', '{  }');
  }
}

const kList = Symbol('query');

const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
delete SearchParamsIterator.prototype.constructor;
Object.setPrototypeOf(SearchParamsIterator.prototype, IteratorPrototype);
Object.defineProperties(SearchParamsIterator.prototype, {
  next: { __proto__: null, enumerable: true },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams Iterator' },
});

function decodePart(text) {
  if (text.includes('+')) text = text.replaceAll('+', ' ');
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Sequences that are no UTF-8 become U+FFFD; the rest stays.
    return require('querystring').unescapeBuffer(text).toString();
  }
}

function parseQuery(query) {
  const list = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals === -1) list.push(decodePart(pair), '');
    else list.push(decodePart(pair.slice(0, equals)), decodePart(pair.slice(equals + 1)));
  }
  return list;
}

function encodePart(text) {
  if (/^[A-Za-z0-9*._-]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(/[!'()~]|%20/g, (found) =>
    (found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`));
}

function serializeQuery(list) {
  let text = '';
  for (let i = 0; i < list.length; i += 2) {
    text += `${i === 0 ? '' : '&'}${encodePart(list[i])}=${encodePart(list[i + 1])}`;
  }
  return text;
}

class URLSearchParams {
  static { refuseClones((value) => #owner in value, kUnsupported); }

  [kList] = [];
  #owner = null;

  constructor(init = undefined) {
    Object.defineProperty(this, kList, { __proto__: null, enumerable: false });
    if (init === undefined || init === null) return;
    if (typeof init !== 'object' && typeof init !== 'function') {
      const text = toText(init);
      this[kList] = parseQuery(text[0] === '?' ? text.slice(1) : text);
      return;
    }
    const method = init[Symbol.iterator];
    if (method === undefined || method === null) {
      this.#addRecord(init);
      return;
    }
    if (typeof method !== 'function') throw new ERR_ARG_NOT_ITERABLE('Query pairs');
    if (#owner in init && method === URLSearchParams.prototype[Symbol.iterator]) {
      this[kList] = [...init[kList]];
      return;
    }
    for (const pair of init) {
      if (pair === null || (typeof pair !== 'object' && typeof pair !== 'function') ||
          typeof pair[Symbol.iterator] !== 'function') {
        throw new ERR_INVALID_TUPLE('Each query pair', '[name, value]');
      }
      const items = [...pair];
      if (items.length !== 2) throw new ERR_INVALID_TUPLE('Each query pair', '[name, value]');
      this[kList].push(toText(items[0]), toText(items[1]));
    }
  }

  #addRecord(record) {
    const seen = new Map();
    for (const key of Reflect.ownKeys(record)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(record, key);
      if (descriptor === undefined || !descriptor.enumerable) continue;
      const name = toText(key);
      const value = toText(record[key]);
      // Different keys may become one by losing their lone surrogates: the last wins.
      if (seen.has(name)) {
        this[kList][seen.get(name)] = value;
      } else {
        seen.set(name, this[kList].push(name, value) - 1);
      }
    }
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#owner in value)) throw new ERR_INVALID_THIS('URLSearchParams');
  }

  // The URL whose query this is.
  static setOwner(params, owner) {
    params.#owner = owner;
  }

  #changed() {
    if (this.#owner !== null) this.#owner[kUpdateFromParams](this);
  }

  get size() {
    URLSearchParams.#check(this);
    return this[kList].length / 2;
  }

  append(name, value) {
    URLSearchParams.#check(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    this[kList].push(toText(name), toText(value));
    this.#changed();
  }

  delete(name, value = undefined) {
    URLSearchParams.#check(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toText(name);
    if (value !== undefined) value = toText(value);
    const list = this[kList];
    for (let i = 0; i < list.length;) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) list.splice(i, 2);
      else i += 2;
    }
    this.#changed();
  }

  get(name) {
    URLSearchParams.#check(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toText(name);
    const list = this[kList];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return list[i + 1];
    }
    return null;
  }

  getAll(name) {
    URLSearchParams.#check(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toText(name);
    const list = this[kList];
    const values = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) values.push(list[i + 1]);
    }
    return values;
  }

  has(name, value = undefined) {
    URLSearchParams.#check(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('name');
    name = toText(name);
    if (value !== undefined) value = toText(value);
    const list = this[kList];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) return true;
    }
    return false;
  }

  set(name, value) {
    URLSearchParams.#check(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'value');
    name = toText(name);
    value = toText(value);
    const list = this[kList];
    let found = false;
    for (let i = 0; i < list.length;) {
      if (list[i] !== name) {
        i += 2;
      } else if (!found) {
        list[i + 1] = value;
        found = true;
        i += 2;
      } else {
        list.splice(i, 2);
      }
    }
    if (!found) list.push(name, value);
    this.#changed();
  }

  sort() {
    URLSearchParams.#check(this);
    const list = this[kList];
    const pairs = [];
    for (let i = 0; i < list.length; i += 2) pairs.push([list[i], list[i + 1]]);
    // By UTF-16 units, which is how strings compare; the sort is stable.
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this[kList] = pairs.flat();
    this.#changed();
  }

  entries() {
    URLSearchParams.#check(this);
    return new SearchParamsIterator(this, 'entry');
  }

  forEach(callback, thisArg = undefined) {
    URLSearchParams.#check(this);
    validateFunction(callback, 'callback');
    for (let i = 0; i < this[kList].length; i += 2) {
      callback.call(thisArg, this[kList][i + 1], this[kList][i], this);
    }
  }

  keys() {
    URLSearchParams.#check(this);
    return new SearchParamsIterator(this, 'key');
  }

  values() {
    URLSearchParams.#check(this);
    return new SearchParamsIterator(this, 'value');
  }

  toString() {
    URLSearchParams.#check(this);
    return serializeQuery(this[kList]);
  }

  [customInspect](recurseTimes, options) {
    URLSearchParams.#check(this);
    if (typeof recurseTimes === 'number' && recurseTimes < 0) return options.stylize('[Object]', 'special');
    const { inspect } = require('internal/util/inspect');
    const list = this[kList];
    const parts = [];
    for (let i = 0; i < list.length; i += 2) {
      parts.push(`${inspect(list[i], options)} => ${inspect(list[i + 1], options)}`);
    }
    const length = parts.reduce((sum, part) => sum + part.length + 2, -2);
    if (parts.length === 0) return `${this.constructor.name} {}`;
    if (length <= options.breakLength) return `${this.constructor.name} { ${parts.join(', ')} }`;
    return `${this.constructor.name} {\n  ${parts.join(',\n  ')} }`;
  }
}

const setOwner = URLSearchParams.setOwner;
delete URLSearchParams.setOwner;

const enumerable = { __proto__: null, enumerable: true };

Object.defineProperties(URLSearchParams.prototype, {
  append: enumerable,
  delete: enumerable,
  get: enumerable,
  getAll: enumerable,
  has: enumerable,
  set: enumerable,
  size: enumerable,
  sort: enumerable,
  entries: enumerable,
  forEach: enumerable,
  keys: enumerable,
  values: enumerable,
  toString: enumerable,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URLSearchParams' },
  [Symbol.iterator]: {
    __proto__: null, configurable: true, writable: true, value: URLSearchParams.prototype.entries,
  },
});

const kUpdateFromParams = Symbol('updateFromParams');

class URL {
  static { refuseClones((value) => #parsed in value, kUnsupported); }

  #parsed;
  #params = undefined;

  constructor(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    input = toText(input);
    if (base !== undefined) base = toText(base);
    const parsed = native.parse(input, base);
    if (parsed === undefined) throw new ERR_INVALID_URL(input, base);
    this.#parsed = parsed;
  }

  static #check(value) {
    if (typeof value !== 'object' || value === null || !(#parsed in value)) throw new ERR_INVALID_THIS('URL');
  }

  static parse(input, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    try {
      return new URL(input, base);
    } catch (error) {
      if (error.code === 'ERR_INVALID_URL') return null;
      throw error;
    }
  }

  static canParse(url, base = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('url');
    return native.canParse(toText(url), base === undefined ? undefined : toText(base));
  }

  static createObjectURL(object) {
    return require('internal/buffer/blob').createObjectURL(object);
  }

  static revokeObjectURL(url) {
    require('internal/buffer/blob').revokeObjectURL(url);
  }

  static isURL(value) {
    return typeof value === 'object' && value !== null && #parsed in value;
  }

  #slice(start, end) {
    return this.#parsed[HREF].slice(this.#parsed[start], this.#parsed[end]);
  }

  #update(part, value) {
    const parsed = native.update(this.#parsed[HREF], part, toText(value));
    if (parsed !== undefined) this.#parsed = parsed;
  }

  #refreshParams() {
    if (this.#params === undefined) return;
    this.#params[kList] = parseQuery(this.search.slice(1));
  }

  [kUpdateFromParams](params) {
    this.#update('search', params.toString());
  }

  [customInspect](depth, options) {
    URL.#check(this);
    if (typeof depth === 'number' && depth < 0) return this;
    const shown = { __proto__: { constructor: this.constructor === URL ? URL : this.constructor } };
    for (const key of ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
      'pathname', 'search', 'searchParams', 'hash']) {
      shown[key] = this[key];
    }
    if (options.showHidden) shown[Symbol('context')] = new URLContext(this.#parsed);
    const { inspect } = require('internal/util/inspect');
    return `${this.constructor.name} ${inspect(shown, options).replace(/^[^{]*/, '')}`;
  }

  toString() {
    URL.#check(this);
    return this.#parsed[HREF];
  }

  get href() {
    URL.#check(this);
    return this.#parsed[HREF];
  }

  set href(value) {
    URL.#check(this);
    value = toText(value);
    const parsed = native.parse(value, undefined);
    if (parsed === undefined) throw new ERR_INVALID_URL(value);
    this.#parsed = parsed;
    this.#refreshParams();
  }

  get origin() {
    URL.#check(this);
    return this.#parsed[ORIGIN];
  }

  get protocol() {
    URL.#check(this);
    return this.#parsed[HREF].slice(0, this.#parsed[AFTER_SCHEME] + 1);
  }

  set protocol(value) {
    URL.#check(this);
    this.#update('protocol', value);
  }

  get username() {
    URL.#check(this);
    return this.#slice(BEFORE_USERNAME, AFTER_USERNAME);
  }

  set username(value) {
    URL.#check(this);
    this.#update('username', value);
  }

  get password() {
    URL.#check(this);
    return this.#slice(BEFORE_PASSWORD, AFTER_PASSWORD);
  }

  set password(value) {
    URL.#check(this);
    this.#update('password', value);
  }

  get host() {
    URL.#check(this);
    return this.#slice(BEFORE_HOST, AFTER_PORT);
  }

  set host(value) {
    URL.#check(this);
    this.#update('host', value);
  }

  get hostname() {
    URL.#check(this);
    return this.#slice(BEFORE_HOST, AFTER_HOST);
  }

  set hostname(value) {
    URL.#check(this);
    this.#update('hostname', value);
  }

  get port() {
    URL.#check(this);
    return this.#slice(BEFORE_PORT, AFTER_PORT);
  }

  set port(value) {
    URL.#check(this);
    this.#update('port', value);
  }

  get pathname() {
    URL.#check(this);
    return this.#slice(BEFORE_PATH, AFTER_PATH);
  }

  set pathname(value) {
    URL.#check(this);
    this.#update('pathname', value);
  }

  get search() {
    URL.#check(this);
    const search = this.#slice(AFTER_PATH, AFTER_QUERY);
    return search === '?' ? '' : search;
  }

  set search(value) {
    URL.#check(this);
    this.#update('search', value);
    this.#refreshParams();
  }

  get searchParams() {
    URL.#check(this);
    if (this.#params === undefined) {
      this.#params = new URLSearchParams(this.search);
      setOwner(this.#params, this);
    }
    return this.#params;
  }

  get hash() {
    URL.#check(this);
    const hash = this.#parsed[HREF].slice(this.#parsed[AFTER_QUERY]);
    return hash === '#' ? '' : hash;
  }

  set hash(value) {
    URL.#check(this);
    this.#update('hash', value);
  }

  toJSON() {
    URL.#check(this);
    return this.#parsed[HREF];
  }
}

const isURLInstance = URL.isURL;
delete URL.isURL;

Object.defineProperties(URL, {
  canParse: { __proto__: null, configurable: true, writable: true, enumerable: true },
  createObjectURL: enumerable,
  revokeObjectURL: enumerable,
});
Object.defineProperties(URL.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'URL' },
  toString: enumerable,
  href: enumerable,
  origin: enumerable,
  protocol: enumerable,
  username: enumerable,
  password: enumerable,
  host: enumerable,
  hostname: enumerable,
  port: enumerable,
  pathname: enumerable,
  search: enumerable,
  searchParams: enumerable,
  hash: enumerable,
  toJSON: enumerable,
  [kUpdateFromParams]: { __proto__: null, enumerable: false },
});

// Also what other implementations give: an object with `href` and `protocol` that is no result of url.parse().
function isURL(self) {
  return Boolean(self?.href && self.protocol && self.auth === undefined && self.path === undefined);
}

function domainToASCII(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return native.domainToASCII(`${domain}`);
}

function domainToUnicode(domain) {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('domain');
  return native.domainToUnicode(`${domain}`);
}

// The options of http.request for a URL.
function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

function pathFromWindowsURL(url) {
  if (/%2f|%5c/i.test(url.pathname)) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded \\ or / characters', url);
  }
  const pathname = decodeURIComponent(url.pathname.replaceAll('/', '\\'));
  if (url.hostname !== '') return `\\\\${domainToUnicode(url.hostname)}${pathname}`;
  if (!/^\\[a-z]:/i.test(pathname)) throw new ERR_INVALID_FILE_URL_PATH('must be absolute', url);
  return pathname.slice(1);
}

function pathFromPosixURL(url) {
  if (url.hostname !== '') throw new ERR_INVALID_FILE_URL_HOST(process.platform);
  const { pathname } = url;
  if (/%2f/i.test(pathname)) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters', url);
  }
  return pathname.includes('%') ? decodeURIComponent(pathname) : pathname;
}

function fileURLToPath(path, options = undefined) {
  if (typeof path === 'string') path = new URL(path);
  else if (!isURL(path)) throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], path);
  if (path.protocol !== 'file:') throw new ERR_INVALID_URL_SCHEME('file');
  return options?.windows ? pathFromWindowsURL(path) : pathFromPosixURL(path);
}

const escapes = {
  '%': '%25', '\\': '%5C', '\n': '%0A', '\r': '%0D', '\t': '%09', '?': '%3F', '#': '%23',
};

function pathToFileURL(filepath, options = undefined) {
  validateString(filepath, 'path');
  const windows = options?.windows ?? false;
  if (windows && filepath.startsWith('\\\\')) {
    const unc = filepath.startsWith('\\\\?\\UNC\\');
    const start = unc ? 8 : 2;
    const end = filepath.indexOf('\\', start);
    if (end === -1) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Missing UNC resource path');
    if (end === 2) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Empty UNC servername');
    const host = filepath.slice(start, end);
    const rest = filepath.slice(end).replaceAll('\\', '/').replace(/[%\n\r\t?#]/g, (found) => escapes[found]);
    return new URL(`file://${domainToASCII(host)}${rest}`);
  }
  const path = require('path');
  const kind = windows ? path.win32 : path.posix;
  let resolved = kind.resolve(filepath);
  // resolve() takes the slash from the end, which means something in a URL.
  const last = filepath[filepath.length - 1];
  if ((last === '/' || (windows && last === '\\')) && resolved[resolved.length - 1] !== kind.sep) resolved += '/';
  if (windows) resolved = `/${resolved.replaceAll('\\', '/')}`;
  return new URL(`file://${resolved.replace(/[%\\\n\r\t?#]/g, (found) => escapes[found])}`);
}

// For functions that take a path: a file URL counts as one.
function toPathIfFileURL(fileURLOrPath) {
  return isURL(fileURLOrPath) ? fileURLToPath(fileURLOrPath) : fileURLOrPath;
}

module.exports = {
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  isURL,
  isURLInstance,
  pathToFileURL,
  toPathIfFileURL,
  urlToHttpOptions,
};
