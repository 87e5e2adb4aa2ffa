'use strict';
// Names and values of header fields: what may be in them, and how the fields of a received message
// become an object.

const {
  codes: { ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR, ERR_INVALID_HTTP_TOKEN },
} = require('internal/errors');

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const INVALID_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

const isToken = (text) => TOKEN.test(text);
const hasInvalidChar = (text) => INVALID_VALUE.test(text);

// Names that were checked before, with their lower case. Programs use few; the bound is against those
// that make them up.
let lowerCases = { __proto__: null };
let known = 0;

function lowerCaseOf(name) {
  const lower = lowerCases[name];
  return lower === undefined ? addName(name, 'Header name') : lower;
}

function addName(name, label) {
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new ERR_INVALID_HTTP_TOKEN(label, name);
  if (++known > 512) {
    known = 0;
    lowerCases = { __proto__: null };
  }
  return lowerCases[name] = name.toLowerCase();
}

function validateHeaderName(name, label) {
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new ERR_INVALID_HTTP_TOKEN(label || 'Header name', name);
}

function validateHeaderValue(name, value) {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  if (INVALID_VALUE.test(value)) throw new ERR_INVALID_CHAR('header content', name);
}

// Of these fields a message has one; the first counts.
const SINGLE = new Set([
  'age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from', 'host',
  'if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards',
  'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent',
]);

function addField(headers, name, value, joinAll) {
  const key = name.toLowerCase();
  if (key === 'set-cookie') {
    if (headers[key] === undefined) headers[key] = [value];
    else headers[key].push(value);
    return;
  }
  // A field may be called like something that every object has.
  if (!Object.hasOwn(headers, key)) {
    if (key === '__proto__') {
      Object.defineProperty(headers, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    } else {
      headers[key] = value;
    }
  } else if (key === 'cookie') {
    headers[key] += `; ${value}`;
  } else if (joinAll || !SINGLE.has(key)) {
    headers[key] += `, ${value}`;
  }
}

function joinedHeaders(raw, joinAll) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) addField(headers, raw[i], raw[i + 1], joinAll);
  return headers;
}

function distinctHeaders(raw) {
  const headers = { __proto__: null };
  for (let i = 0; i < raw.length; i += 2) {
    const key = raw[i].toLowerCase();
    if (headers[key] === undefined) headers[key] = [raw[i + 1]];
    else headers[key].push(raw[i + 1]);
  }
  return headers;
}

module.exports = {
  addField,
  distinctHeaders,
  hasInvalidChar,
  isToken,
  joinedHeaders,
  lowerCaseOf,
  validateHeaderName,
  validateHeaderValue,
};
