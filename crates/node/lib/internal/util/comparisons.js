'use strict';
// Deep equality, loose, strict and partial, as `assert` and `util.isDeepStrictEqual` promise it. What an object is
// goes by its internal class, so that objects of other realms compare like our own.

const { classOf, getOwnNonIndexProperties } = internalBinding('util');
const { isTypedArray } = require('internal/util/types');

const LOOSE = 0;
const STRICT = 1;
const PARTIAL = 2;

const ONLY_ENUMERABLE = 2;

const { hasOwn, is, keys: ownKeys } = Object;
const isEnumerable = (object, key) => Object.prototype.propertyIsEnumerable.call(object, key);

// The objects that are being compared, of both sides, from the roots to here. Where one is met again there is a
// circle: the other side has to have one, too.
class Path {
  constructor(skipPrototype = false) {
    this.objects = new Set();
    this.skipPrototype = skipPrototype;
  }
}

function isObjectLike(value) {
  return typeof value === 'object' && value !== null;
}

function equalValues(a, b, mode, path) {
  if (a === b) return a !== 0 || mode === LOOSE || is(a, b);
  if (mode === LOOSE) {
    if (!isObjectLike(a)) {
      return !isObjectLike(b) && (a == b || (a !== a && b !== b));
    }
    if (!isObjectLike(b)) return false;
  } else {
    if (typeof a !== 'object') return typeof a === 'number' && a !== a && b !== b;
    if (a === null || !isObjectLike(b)) return false;
    if (!path.skipPrototype && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  }
  return equalObjects(a, b, mode, path);
}

const CONTENT = { none: 0, array: 1, set: 2, map: 3 };

function isBoxed(name) {
  return name === 'Number' || name === 'String' || name === 'Boolean' || name === 'BigInt' || name === 'Symbol';
}

function unbox(name, value) {
  return globalThis[name].prototype.valueOf.call(value);
}

function isErrorLike(name, value) {
  return name === 'Error' || value instanceof Error;
}

function equalObjects(a, b, mode, path) {
  const name = classOf(a);
  const otherName = classOf(b);
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;

  if (Array.isArray(a)) {
    if (!Array.isArray(b) || (mode === PARTIAL ? a.length < b.length : a.length !== b.length)) return false;
    return equalProperties(a, b, mode, path, CONTENT.array, indexlessKeys(b), indexlessKeys(a));
  }
  if (Array.isArray(b)) return false;

  if (isTypedArray(a)) {
    if (!isTypedArray(b) || !equalTypedArrays(a, b, mode)) return false;
    return equalProperties(a, b, mode, path, CONTENT.none, indexlessKeys(b), indexlessKeys(a));
  }
  if (isTypedArray(b)) return false;

  switch (name) {
    case 'Date': {
      if (otherName !== 'Date') return false;
      if (!Object.is(Date.prototype.getTime.call(a), Date.prototype.getTime.call(b))) return false;
      break;
    }
    case 'RegExp':
      if (otherName !== 'RegExp' || a.source !== b.source || a.flags !== b.flags || a.lastIndex !== b.lastIndex) return false;
      break;
    case 'Set':
      if (otherName !== 'Set' || (mode === PARTIAL ? a.size < b.size : a.size !== b.size)) return false;
      return equalProperties(a, b, mode, path, CONTENT.set);
    case 'Map':
      if (otherName !== 'Map' || (mode === PARTIAL ? a.size < b.size : a.size !== b.size)) return false;
      return equalProperties(a, b, mode, path, CONTENT.map);
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      if (otherName !== name || !equalBytes(new Uint8Array(a), new Uint8Array(b), mode)) return false;
      break;
    case 'DataView':
      if (otherName !== 'DataView') return false;
      if (!equalBytes(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength), mode)) return false;
      break;
    case 'WeakMap':
    case 'WeakSet':
      // They cannot be looked into.
      return false;
    default:
      if (isBoxed(name)) {
        if (otherName !== name || !is(unbox(name, a), unbox(name, b))) return false;
      } else if (isErrorLike(name, a)) {
        if (!isErrorLike(otherName, b) || !equalErrors(a, b, mode, path)) return false;
      } else if (isBoxed(otherName) || isErrorLike(otherName, b) ||
          ['Date', 'RegExp', 'Set', 'Map', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'WeakMap', 'WeakSet'].includes(otherName)) {
        return false;
      } else if (typeof a.href === 'string' && isURL(a)) {
        if (!isURL(b) || a.href !== b.href) return false;
      }
  }
  return equalProperties(a, b, mode, path, CONTENT.none);
}

function isURL(value) {
  return typeof globalThis.URL === 'function' && value instanceof globalThis.URL;
}

// What errors say counts, though it is not enumerable. Their stacks do not.
function equalErrors(a, b, mode, path) {
  if (a.message !== b.message || a.name !== b.name) return false;
  for (const key of ['cause', 'errors']) {
    const has = hasOwn(b, key);
    if (mode === PARTIAL ? has && !hasOwn(a, key) : has !== hasOwn(a, key)) return false;
    if (has && !isEnumerable(b, key) && !equalValues(a[key], b[key], mode, path)) return false;
  }
  return true;
}

function equalTypedArrays(a, b, mode) {
  if (mode === PARTIAL) return classOf(a) === classOf(b) && isSubsequence(a, b);
  if (a.length !== b.length) return false;
  if (mode === LOOSE && classOf(a).startsWith('Float')) {
    for (let i = 0; i < a.length; i++) {
      if (a[i] !== b[i]) return false;
    }
    return true;
  }
  return equalBytes(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength), mode);
}

function isSubsequence(list, part) {
  let found = 0;
  for (let i = 0; i < list.length && found < part.length; i++) {
    if (is(list[i], part[found])) found++;
  }
  return found === part.length;
}

function equalBytes(a, b, mode) {
  if (mode === PARTIAL) return isSubsequence(a, b);
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function indexlessKeys(object) {
  const keys = getOwnNonIndexProperties(object, ONLY_ENUMERABLE);
  return keys.filter((key) => typeof key === 'string');
}

function enumerableSymbols(object) {
  return Object.getOwnPropertySymbols(object).filter((key) => isEnumerable(object, key));
}

function equalProperties(a, b, mode, path, content, keys = ownKeys(b), leftKeys = ownKeys(a)) {
  if (mode !== PARTIAL && keys.length !== leftKeys.length) return false;
  for (const key of keys) if (!isEnumerable(a, key)) return false;
  if (mode !== LOOSE) {
    const symbols = enumerableSymbols(b);
    if (mode === STRICT && symbols.length !== enumerableSymbols(a).length) return false;
    for (const key of symbols) if (!isEnumerable(a, key)) return false;
    if (symbols.length > 0) keys = [...keys, ...symbols];
  }
  if (keys.length === 0) {
    if (content === CONTENT.none) return true;
    if (content === CONTENT.array ? b.length === 0 : b.size === 0) return true;
  }
  const { objects } = path;
  const met = objects.has(a);
  if (met || objects.has(b)) return met && objects.has(b);
  objects.add(a).add(b);
  const result = equalContents(a, b, mode, path, content, keys);
  objects.delete(a);
  objects.delete(b);
  return result;
}

function equalContents(a, b, mode, path, content, keys) {
  if (content === CONTENT.array && !(mode === PARTIAL ? containsItems(a, b, path) : equalItems(a, b, mode, path))) return false;
  if (content === CONTENT.set && !equalSets(a, b, mode, path)) return false;
  if (content === CONTENT.map && !equalMaps(a, b, mode, path)) return false;
  for (const key of keys) if (!equalValues(a[key], b[key], mode, path)) return false;
  return true;
}

function equalItems(a, b, mode, path) {
  for (let i = 0; i < a.length; i++) {
    if (hasOwn(a, i)) {
      if (!hasOwn(b, i) || !equalValues(a[i], b[i], mode, path)) return false;
    } else {
      // Holes only equal holes. In sparse arrays the rest goes by keys.
      if (hasOwn(b, i)) return false;
      const keys = ownKeys(a);
      const otherKeys = ownKeys(b);
      if (keys.length !== otherKeys.length) return false;
      for (; i < keys.length; i++) {
        const key = keys[i];
        if (!hasOwn(b, key) || !equalValues(a[key], b[key], mode, path)) return false;
      }
      return true;
    }
  }
  return true;
}

// Every item of `part` is in `list`, in the same order.
function containsItems(list, part, path) {
  let at = 0;
  for (let i = 0; i < part.length; i++) {
    if (!hasOwn(part, i)) continue;
    while (at < list.length && !equalValues(list[at], part[i], PARTIAL, path)) at++;
    if (at === list.length) return false;
    at++;
  }
  return true;
}

// Primitives that could be == to something else in loose mode.
function looselyAmbiguous(value) {
  switch (typeof value) {
    case 'undefined':
      return true;
    case 'object':
      return value === null;
    case 'symbol':
      return false;
    case 'string':
      return Number(value) === Number(value);
    case 'number':
      return value === value;
    default:
      return true;
  }
}

// Takes one entry out of `candidates` that equals `value`.
function takeMatch(candidates, value, mode, path) {
  for (const candidate of candidates) {
    if (equalValues(candidate, value, mode, path)) {
      candidates.delete(candidate);
      return true;
    }
  }
  return false;
}

function equalSets(a, b, mode, path) {
  let unmatched;
  for (const value of b) {
    if (a.has(value)) continue;
    if (isObjectLike(value) || (mode === LOOSE && looselyAmbiguous(value))) {
      unmatched ??= [];
      unmatched.push(value);
    } else {
      return false;
    }
  }
  if (unmatched === undefined) return true;
  const candidates = new Set();
  for (const value of a) {
    if (b.has(value)) continue;
    if (isObjectLike(value) || (mode === LOOSE && looselyAmbiguous(value))) candidates.add(value);
    else if (mode !== PARTIAL) return false;
  }
  return unmatched.every((value) => takeMatch(candidates, value, mode, path));
}

function equalMaps(a, b, mode, path) {
  const unmatched = [];
  for (const [key, value] of b) {
    if (isObjectLike(key)) {
      if (a.has(key) && equalValues(a.get(key), value, mode, path)) continue;
      unmatched.push(key);
    } else if (a.has(key)) {
      if (!equalValues(a.get(key), value, mode, path)) {
        if (mode !== LOOSE || !looselyAmbiguous(key)) return false;
        unmatched.push(key);
      }
    } else if (mode === LOOSE && looselyAmbiguous(key)) {
      unmatched.push(key);
    } else {
      return false;
    }
  }
  if (unmatched.length === 0) return true;
  const taken = new Set(unmatched);
  const candidates = new Set();
  for (const key of a.keys()) {
    if (b.has(key) && !taken.has(key)) continue;
    if (isObjectLike(key) || (mode === LOOSE && looselyAmbiguous(key))) candidates.add(key);
    else if (mode !== PARTIAL) return false;
  }
  return unmatched.every((key) => {
    for (const candidate of candidates) {
      if (equalValues(candidate, key, mode, path) && equalValues(a.get(candidate), b.get(key), mode, path)) {
        candidates.delete(candidate);
        return true;
      }
    }
    return false;
  });
}

function isDeepEqual(actual, expected) {
  return equalValues(actual, expected, LOOSE, new Path());
}

function isDeepStrictEqual(actual, expected, { skipPrototype = false } = {}) {
  return equalValues(actual, expected, STRICT, new Path(skipPrototype));
}

function isPartialStrictEqual(actual, expected) {
  return equalValues(actual, expected, PARTIAL, new Path());
}

module.exports = { isDeepEqual, isDeepStrictEqual, isPartialStrictEqual };
