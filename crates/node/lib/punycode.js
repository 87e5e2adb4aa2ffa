'use strict';
// Punycode (RFC 3492) and the domain names that use it.

const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 128;
const maxInt = 2147483647;

const separators = /[.\u3002\uFF0E\uFF61]/g;

const overflow = () => new RangeError('Overflow: input needs wider integers to process');

function adapt(delta, points, first) {
  delta = first ? Math.floor(delta / damp) : delta >> 1;
  delta += Math.floor(delta / points);
  let k = 0;
  while (delta > ((base - tMin) * tMax) >> 1) {
    delta = Math.floor(delta / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * delta) / (delta + skew));
}

const threshold = (k, bias) => (k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias);

const digitToCode = (digit) => digit + (digit < 26 ? 97 : 22);

function codeToDigit(code) {
  if (code >= 48 && code < 58) return 26 + (code - 48);
  if (code >= 65 && code < 91) return code - 65;
  if (code >= 97 && code < 123) return code - 97;
  return base;
}

function ucs2decode(string) {
  return Array.from(string, (character) => character.codePointAt(0));
}

function ucs2encode(codePoints) {
  return String.fromCodePoint(...codePoints);
}

function decode(input) {
  const output = [];
  let basic = input.lastIndexOf('-');
  if (basic < 0) basic = 0;
  for (let j = 0; j < basic; ++j) {
    if (input.charCodeAt(j) >= 0x80) throw new RangeError('Illegal input >= 0x80 (not a basic code point)');
    output.push(input.charCodeAt(j));
  }
  let i = 0;
  let n = initialN;
  let bias = initialBias;
  for (let index = basic > 0 ? basic + 1 : 0; index < input.length;) {
    const oldI = i;
    for (let w = 1, k = base; ; k += base) {
      if (index >= input.length) throw new RangeError('Invalid input');
      const digit = codeToDigit(input.charCodeAt(index++));
      if (digit >= base) throw new RangeError('Invalid input');
      if (digit > Math.floor((maxInt - i) / w)) throw overflow();
      i += digit * w;
      const t = threshold(k, bias);
      if (digit < t) break;
      if (w > Math.floor(maxInt / (base - t))) throw overflow();
      w *= base - t;
    }
    const count = output.length + 1;
    bias = adapt(i - oldI, count, oldI === 0);
    if (Math.floor(i / count) > maxInt - n) throw overflow();
    n += Math.floor(i / count);
    i %= count;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

function encode(input) {
  const points = ucs2decode(input);
  const output = points.filter((point) => point < 0x80).map((point) => String.fromCharCode(point));
  const basic = output.length;
  let handled = basic;
  if (basic > 0) output.push('-');
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  while (handled < points.length) {
    let next = maxInt;
    for (const point of points) {
      if (point >= n && point < next) next = point;
    }
    if (next - n > Math.floor((maxInt - delta) / (handled + 1))) throw overflow();
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of points) {
      if (point < n && ++delta > maxInt) throw overflow();
      if (point !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        output.push(String.fromCharCode(digitToCode(t + ((q - t) % (base - t)))));
        q = Math.floor((q - t) / (base - t));
      }
      output.push(String.fromCharCode(digitToCode(q)));
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return output.join('');
}

// Of an e-mail address, only what follows the '@' is a domain.
function mapDomain(domain, callback) {
  const at = domain.lastIndexOf('@');
  const local = at === -1 ? '' : domain.slice(0, at + 1);
  const labels = domain.slice(at + 1).replace(separators, '.').split('.');
  return local + labels.map(callback).join('.');
}

function toUnicode(input) {
  return mapDomain(input, (label) => (label.startsWith('xn--') ? decode(label.slice(4).toLowerCase()) : label));
}

function toASCII(input) {
  return mapDomain(input, (label) => (/[^\0-\x7F]/.test(label) ? `xn--${encode(label)}` : label));
}

module.exports = {
  version: '2.1.0',
  ucs2: { decode: ucs2decode, encode: ucs2encode },
  decode,
  encode,
  toASCII,
  toUnicode,
};
