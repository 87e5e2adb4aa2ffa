'use strict';
// Query strings: 'a=1&b=2' from objects and back.

const {
  codes: { ERR_INVALID_URI },
} = require('internal/errors');
const { Buffer } = require('buffer');

const HEX = /^[0-9A-Fa-f]{2}$/;

// Bytes of a text with percent escapes; escapes that are none stay as they are.
function unescapeBuffer(text, decodeSpaces) {
  const source = Buffer.from(text);
  if (!text.includes('%') && !decodeSpaces) return source;
  const out = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    let byte = source[i];
    if (byte === 0x2b && decodeSpaces) {
      byte = 0x20;
    } else if (byte === 0x25) {
      const digits = source.latin1Slice(i + 1, Math.min(i + 3, source.length));
      if (HEX.test(digits)) {
        byte = Number.parseInt(digits, 16);
        i += 2;
      }
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

function unescape(text, decodeSpaces) {
  try {
    return decodeURIComponent(text);
  } catch {
    return module.exports.unescapeBuffer(text, decodeSpaces).toString();
  }
}

function escape(text) {
  if (typeof text !== 'string') {
    if (typeof text === 'object') text = String(text);
    else text += '';
  }
  try {
    return encodeURIComponent(text);
  } catch {
    throw new ERR_INVALID_URI();
  }
}

function primitive(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return '';
}

function stringify(object, separator, equals, options) {
  separator ||= '&';
  equals ||= '=';
  let encode = module.exports.escape;
  if (options && typeof options.encodeURIComponent === 'function') encode = options.encodeURIComponent;
  // Numbers and booleans need no escapes, but a program's own function may want to see them.
  const convert = encode === escape ?
    (value) => (typeof value === 'string' ? (value.length ? escape(value) : '') : escape(primitive(value))) :
    (value) => encode(primitive(value));
  if (object === null || typeof object !== 'object') return '';
  const fields = [];
  for (const key of Object.keys(object)) {
    const value = object[key];
    const name = `${convert(key)}${equals}`;
    if (Array.isArray(value)) {
      for (const each of value) fields.push(`${name}${convert(each)}`);
    } else {
      fields.push(`${name}${convert(value)}`);
    }
  }
  return fields.join(separator);
}

function decodeWith(text, decode) {
  try {
    return decode(text);
  } catch {
    return module.exports.unescape(text, true);
  }
}

function parse(text, separator, equals, options) {
  const result = { __proto__: null };
  if (typeof text !== 'string' || text.length === 0) return result;
  separator = separator ? `${separator}` : '&';
  equals = equals ? `${equals}` : '=';
  let limit = 1000;
  if (options && typeof options.maxKeys === 'number') limit = options.maxKeys > 0 ? options.maxKeys : Infinity;
  let decode = module.exports.unescape;
  if (options && typeof options.decodeURIComponent === 'function') decode = options.decodeURIComponent;
  const custom = decode !== unescape;
  const read = (part) => {
    const spaced = part.replaceAll('+', custom ? '%20' : ' ');
    return custom || spaced.includes('%') ? decodeWith(spaced, decode) : spaced;
  };
  for (const pair of text.split(separator)) {
    if (pair === '') continue;
    if (limit-- <= 0) break;
    const at = pair.indexOf(equals);
    const key = read(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : read(pair.slice(at + equals.length));
    const existing = result[key];
    if (existing === undefined) result[key] = value;
    else if (Array.isArray(existing)) existing.push(value);
    else result[key] = [existing, value];
  }
  return result;
}

module.exports = {
  unescapeBuffer,
  unescape,
  escape,
  stringify,
  encode: stringify,
  parse,
  decode: parse,
};
