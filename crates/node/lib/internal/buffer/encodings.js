'use strict';
// The names of encodings, and the numbers by which the native side knows them.

const {
  codes: { ERR_UNKNOWN_ENCODING },
} = require('internal/errors');

const UTF8 = 0;
const UTF16LE = 1;
const LATIN1 = 2;
const ASCII = 3;
const BASE64 = 4;
const BASE64URL = 5;
const HEX = 6;

const numbers = {
  '__proto__': null,
  'utf8': UTF8,
  'utf-8': UTF8,
  'ucs2': UTF16LE,
  'ucs-2': UTF16LE,
  'utf16le': UTF16LE,
  'utf-16le': UTF16LE,
  'latin1': LATIN1,
  'binary': LATIN1,
  'ascii': ASCII,
  'base64': BASE64,
  'base64url': BASE64URL,
  'hex': HEX,
};

const names = ['utf8', 'utf16le', 'latin1', 'ascii', 'base64', 'base64url', 'hex'];

// The number of an encoding, or undefined. Only strings name encodings.
function encodingNumber(encoding) {
  return numbers[encoding] ?? numbers[`${encoding}`.toLowerCase()];
}

// The same, UTF-8 for undefined, null and '', and an error for what is no encoding.
function checkedEncoding(encoding) {
  if (encoding === undefined || encoding === 'utf8' || encoding === null || encoding === '') return UTF8;
  const number = encodingNumber(encoding);
  if (number === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
  return number;
}

// 'utf8' for 'UTF-8' and so on; undefined for what is no encoding.
function normalizeEncoding(encoding) {
  if (encoding === undefined || encoding === null || encoding === '') return 'utf8';
  return names[encodingNumber(encoding)];
}

module.exports = {
  ASCII, BASE64, BASE64URL, HEX, LATIN1, UTF16LE, UTF8,
  checkedEncoding, encodingNumber, names, normalizeEncoding,
};
