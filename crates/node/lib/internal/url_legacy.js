'use strict';
// url.parse(), url.format() and url.resolve(): URLs as Node had them before the Web's standard.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_URL },
} = require('internal/errors');
const { validateObject, validateString } = require('internal/validators');
const { domainToASCII, domainToUnicode, isURLInstance } = require('internal/url');
const querystring = require('querystring');

// Protocols whose URLs have '//' after them, and those that have no host at all.
const slashed = new Set(['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:']);
const hostless = new Set(['javascript:']);

const protocolPattern = /^[a-z0-9.+-]+:/i;
const simplePath = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;
const forbiddenHost = /[\0\t\n\r #%/:<>?@[\\\]^|]/;
const forbiddenHostIpv6 = /[\0\t\n\r #%/<>?@\\^|]/;
const maxHostname = 255;

const isSlashed = (protocol) => Boolean(protocol) && slashed.has(protocol.endsWith(':') ? protocol : `${protocol}:`);

function Url() {
  this.protocol = null;
  this.slashes = null;
  this.auth = null;
  this.host = null;
  this.port = null;
  this.hostname = null;
  this.hash = null;
  this.search = null;
  this.query = null;
  this.pathname = null;
  this.path = null;
  this.href = null;
}

function parse(url, parseQueryString, slashesDenoteHost) {
  if (url instanceof Url) return url;
  const parsed = new Url();
  parsed.parse(url, parseQueryString, slashesDenoteHost);
  return parsed;
}

// Backslashes are slashes, except in queries and fragments.
function unifySlashes(text) {
  const end = text.search(/[?#]/);
  return end === -1 ? text.replaceAll('\\', '/') : text.slice(0, end).replaceAll('\\', '/') + text.slice(end);
}

const unsafe = /[\t\n\r "'<>\\^`{|}]/g;
const escapeUnsafe = (text) => text.replace(unsafe, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

// Where the host and what stands before it end, in text that begins with them.
function findHost(rest) {
  let at = -1;
  let end = -1;
  for (let i = 0; i < rest.length; i++) {
    const char = rest[i];
    if (char === '/' || char === '?' || char === '#') {
      if (end === -1) end = i;
      break;
    }
    if (char === '@') {
      at = i;
      end = -1;
    } else if (end === -1 && /[\t\n\r "%';<>\\^`{|}]/.test(char)) {
      end = i;
    }
  }
  return { at, end: end === -1 ? rest.length : end };
}

function setQuery(url, search, parseQueryString) {
  if (search) {
    url.search = search;
    url.query = parseQueryString ? querystring.parse(search.slice(1)) : search.slice(1);
  } else if (parseQueryString) {
    url.search = null;
    url.query = { __proto__: null };
  }
}

Url.prototype.parse = function(url, parseQueryString, slashesDenoteHost) {
  validateString(url, 'url');
  let rest = unifySlashes(url.replace(/^[\s\ufeff]+|[\s\ufeff]+$/g, ''));
  if (!slashesDenoteHost && !rest.includes('#') && !rest.includes('@')) {
    const simple = simplePath.exec(rest);
    if (simple !== null) {
      this.path = rest;
      this.href = rest;
      this.pathname = simple[1];
      setQuery(this, simple[2], parseQueryString);
      return this;
    }
  }
  const protocol = protocolPattern.exec(rest)?.[0];
  const lowerProtocol = protocol?.toLowerCase();
  if (protocol !== undefined) {
    this.protocol = lowerProtocol;
    rest = rest.slice(protocol.length);
  }
  let hasSlashes = false;
  if (slashesDenoteHost || protocol || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    hasSlashes = rest.startsWith('//');
    if (hasSlashes && !(lowerProtocol && hostless.has(lowerProtocol))) {
      rest = rest.slice(2);
      this.slashes = true;
    }
  }
  if (!hostless.has(lowerProtocol) && (hasSlashes || (protocol && !slashed.has(lowerProtocol)))) {
    rest = parseAuthority(this, rest, url);
  }
  if (!hostless.has(lowerProtocol)) rest = escapeUnsafe(rest);

  const hashAt = rest.indexOf('#');
  if (hashAt !== -1) {
    this.hash = rest.slice(hashAt);
    rest = rest.slice(0, hashAt);
  }
  const queryAt = rest.indexOf('?');
  setQuery(this, queryAt === -1 ? undefined : rest.slice(queryAt), parseQueryString);
  if (queryAt !== -1) rest = rest.slice(0, queryAt);
  if (rest.length > 0) this.pathname = rest;
  if (isSlashed(lowerProtocol) && this.hostname && !this.pathname) this.pathname = '/';
  if (this.pathname || this.search) this.path = (this.pathname || '') + (this.search || '');
  this.href = this.format();
  return this;
};

function parseAuthority(url, rest, original) {
  const { at, end } = findHost(rest);
  if (at !== -1) {
    url.auth = decodeURIComponent(rest.slice(0, at));
  }
  url.host = rest.slice(at + 1, end);
  rest = rest.slice(end);
  url.parseHost();
  let hostname = url.hostname || '';
  const ipv6 = hostname.startsWith('[') && hostname.endsWith(']');
  if (!ipv6) {
    const bad = hostname.search(/[/\\#?:]/);
    if (bad !== -1) {
      rest = `/${hostname.slice(bad)}${rest}`;
      hostname = hostname.slice(0, bad);
    }
  }
  hostname = hostname.length > maxHostname ? '' : hostname.toLowerCase();
  if (hostname !== '') {
    if (ipv6) {
      if (forbiddenHostIpv6.test(hostname)) throw new ERR_INVALID_URL(original);
    } else {
      // Names that the standard does not take are kept, if they are plain.
      const ascii = /^[\x20-\x7e]*$/.test(hostname) && !hostname.includes('xn--') ? hostname : domainToASCII(hostname);
      hostname = ascii;
      if (hostname === '' || forbiddenHost.test(hostname)) throw new ERR_INVALID_URL(original);
    }
  }
  url.host = hostname + (url.port ? `:${url.port}` : '');
  url.hostname = ipv6 ? hostname.slice(1, -1) : hostname;
  if (ipv6 && rest[0] !== '/') rest = `/${rest}`;
  return rest;
}

const encodeAuth = (auth) => encodeURIComponent(auth).replace(/%3A/g, ':');

Url.prototype.format = function() {
  const auth = this.auth ? `${encodeAuth(this.auth)}@` : '';
  let protocol = this.protocol || '';
  let pathname = this.pathname || '';
  let hash = this.hash || '';
  let host = '';
  let query = '';
  if (this.host) {
    host = auth + this.host;
  } else if (this.hostname) {
    const { hostname } = this;
    host = auth + (hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname);
    if (this.port) host += `:${this.port}`;
  }
  if (this.query !== null && typeof this.query === 'object') query = querystring.stringify(this.query);
  let search = this.search || (query && `?${query}`) || '';
  if (protocol && !protocol.endsWith(':')) protocol += ':';
  pathname = pathname.replace(/[#?]/g, (found) => (found === '#' ? '%23' : '%3F'));
  if (this.slashes || isSlashed(protocol)) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (protocol.startsWith('file')) {
      host = '//';
    }
  }
  search = search.replaceAll('#', '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

function format(urlObject, options) {
  if (typeof urlObject === 'string') {
    urlObject = parse(urlObject);
  } else if (typeof urlObject !== 'object' || urlObject === null) {
    throw new ERR_INVALID_ARG_TYPE('urlObject', ['Object', 'string'], urlObject);
  } else if (isURLInstance(urlObject)) {
    return formatURL(urlObject, options);
  }
  return Url.prototype.format.call(urlObject);
}

function formatURL(url, options) {
  let fragment = true;
  let unicode = false;
  let search = true;
  let auth = true;
  if (options) {
    validateObject(options, 'options');
    if (options.fragment != null) fragment = Boolean(options.fragment);
    if (options.unicode != null) unicode = Boolean(options.unicode);
    if (options.search != null) search = Boolean(options.search);
    if (options.auth != null) auth = Boolean(options.auth);
  }
  let text = url.protocol;
  if (url.host !== '' || url.href.startsWith(`${url.protocol}//`)) {
    text += '//';
    if (auth && (url.username || url.password)) {
      text += url.username;
      if (url.password) text += `:${url.password}`;
      text += '@';
    }
    text += unicode ? domainToUnicode(url.hostname) : url.hostname;
    if (url.port !== '') text += `:${url.port}`;
  }
  text += url.pathname;
  if (search) text += url.search;
  if (fragment) text += url.hash;
  return text;
}

Url.prototype.resolve = function(relative) {
  return this.resolveObject(parse(relative, false, true)).format();
};

Url.prototype.resolveObject = function(relative) {
  if (typeof relative === 'string') relative = parse(relative, false, true);
  const result = Object.assign(new Url(), this);
  const finish = () => {
    if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
    result.href = result.format();
    return result;
  };
  result.hash = relative.hash;
  if (relative.href === '') return finish();
  if (relative.slashes && !relative.protocol) {
    const { protocol } = result;
    Object.assign(result, relative, { protocol });
    if (isSlashed(protocol) && result.hostname && !result.pathname) result.path = result.pathname = '/';
    return finish();
  }
  if (relative.protocol && relative.protocol !== result.protocol) return changeProtocol(result, relative, finish);
  return mergePaths(result, relative, finish);
};

Url.prototype.parseHost = function() {
  let { host } = this;
  const port = /:[0-9]*$/.exec(host)?.[0];
  if (port !== undefined) {
    if (port !== ':') this.port = port.slice(1);
    host = host.slice(0, host.length - port.length);
  }
  if (host) this.hostname = host;
};

function changeProtocol(result, relative, finish) {
  if (!isSlashed(relative.protocol)) {
    Object.assign(result, relative);
    return finish();
  }
  const { protocol } = relative;
  let { host, hostname, pathname } = relative;
  if (!host && !/^file:?$/.test(protocol)) {
    // 'https:g': what looks like a path is the host.
    const parts = (pathname || '').split('/');
    while (parts.length > 0 && !(host = parts.shift()));
    host ||= '';
    hostname ||= '';
    pathname = `/${parts.join('/')}`;
  }
  const { auth, port, query, search } = relative;
  Object.assign(result, {
    protocol, auth, port, query, search, pathname,
    host: host || '',
    hostname: hostname || host || '',
    slashes: result.slashes || relative.slashes,
    path: null,
  });
  return finish();
}

// For protocols without '//', the host is the first part of the path.
function hostIntoPath(url, parts) {
  if (!url.host) return;
  if (parts[0] === '') parts[0] = url.host;
  else parts.unshift(url.host);
}

function hostOutOfPath(result, parts, absolute) {
  const host = absolute ? '' : parts.shift() ?? '';
  result.host = result.hostname = host;
  const at = host.indexOf('@');
  if (at > 0) {
    result.auth = host.slice(0, at);
    result.host = result.hostname = host.slice(at + 1);
  }
}

function withoutDots(parts, keepAbove) {
  const out = [];
  let above = 0;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i];
    if (part === '.') continue;
    if (part === '..') above++;
    else if (above > 0) above--;
    else out.unshift(part);
  }
  if (keepAbove) {
    while (above-- > 0) out.unshift('..');
  }
  return out;
}

function mergePaths(result, relative, finish) {
  const sourceIsAbsolute = result.pathname?.[0] === '/';
  const relativeIsAbsolute = Boolean(relative.host) || relative.pathname?.[0] === '/';
  let absolute = Boolean(relativeIsAbsolute || sourceIsAbsolute || (result.host && relative.pathname));
  const removesAllDots = absolute;
  let parts = result.pathname ? result.pathname.split('/') : [];
  const added = relative.pathname ? relative.pathname.split('/') : [];
  const inPath = Boolean(result.protocol) && !isSlashed(result.protocol);
  let { host, hostname, port } = relative;
  if (inPath) {
    result.hostname = '';
    result.port = null;
    hostIntoPath(result, parts);
    result.host = '';
    if (relative.protocol) {
      result.auth = null;
      hostIntoPath(relative, added);
      host = hostname = port = null;
    }
    absolute = absolute && (added[0] === '' || parts[0] === '');
  }
  if (relativeIsAbsolute) {
    if (host || host === '') {
      if (result.host !== host) result.auth = null;
      result.host = host;
      result.port = port;
    }
    if (hostname || hostname === '') {
      if (result.hostname !== hostname) result.auth = null;
      result.hostname = hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    parts = added;
  } else if (added.length > 0) {
    parts = [...parts.slice(0, -1), ...added];
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (inPath) hostOutOfPath(result, parts, false);
    result.search = relative.search;
    result.query = relative.query;
    return finish();
  }
  if (parts.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    result.href = result.format();
    return result;
  }
  const last = parts.at(-1);
  const endsWithSlash = last === '' ||
    ((result.host || relative.host || parts.length > 1) && (last === '.' || last === '..'));
  parts = withoutDots(parts, !absolute && !removesAllDots);
  if (absolute && parts[0] !== '' && parts[0]?.[0] !== '/') parts.unshift('');
  if (endsWithSlash && !parts.join('/').endsWith('/')) parts.push('');
  const startsWithSlash = parts[0] === '' || parts[0]?.[0] === '/';
  if (inPath) hostOutOfPath(result, parts, startsWithSlash);
  if ((absolute || (result.host && parts.length > 0)) && !startsWithSlash) parts.unshift('');
  result.pathname = parts.length > 0 ? parts.join('/') : null;
  result.path = null;
  result.auth = relative.auth || result.auth;
  result.slashes = result.slashes || relative.slashes;
  return finish();
}

function resolve(source, relative) {
  return parse(source, false, true).resolve(relative);
}

function resolveObject(source, relative) {
  if (!source) return relative;
  return parse(source, false, true).resolveObject(relative);
}

module.exports = { Url, format, parse, resolve, resolveObject };
