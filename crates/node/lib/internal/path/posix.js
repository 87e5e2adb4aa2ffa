'use strict';
// Paths separated by slashes.

const { validateString } = require('internal/validators');
const { endWithoutSeparators, extensionOf, format, normalizeTail, stripSuffix } = require('internal/path/shared');

const SLASH = 47;
const isSeparator = (code) => code === SLASH;

// Whether there is nothing to normalise, which is the usual case.
const simple = /^\/?(?:[^/.][^/]*(?:\/[^/.][^/]*)*)?$/;

function resolve(...paths) {
  let resolved = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1 && !absolute; i--) {
    let path;
    if (i >= 0) {
      path = paths[i];
      validateString(path, `paths[${i}]`);
      if (path.length === 0) continue;
    } else {
      path = process.cwd();
    }
    resolved = resolved === '' ? path : `${path}/${resolved}`;
    absolute = path.charCodeAt(0) === SLASH;
  }
  if (absolute && resolved.length > 1 && simple.test(resolved)) return resolved;
  resolved = normalizeTail(resolved, !absolute, '/', '/');
  if (absolute) return `/${resolved}`;
  return resolved === '' ? '.' : resolved;
}

function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  if (simple.test(path)) return path;
  const absolute = path.charCodeAt(0) === SLASH;
  const trailing = path.charCodeAt(path.length - 1) === SLASH;
  let tail = normalizeTail(path, !absolute, '/', '/');
  if (tail.length === 0) {
    if (absolute) return '/';
    return trailing ? './' : '.';
  }
  if (trailing) tail += '/';
  return absolute ? `/${tail}` : tail;
}

function isAbsolute(path) {
  validateString(path, 'path');
  return path.length > 0 && path.charCodeAt(0) === SLASH;
}

function join(...paths) {
  let joined = '';
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i];
    validateString(path, 'path');
    if (path.length > 0) joined = joined === '' ? path : `${joined}/${path}`;
  }
  return joined === '' ? '.' : normalize(joined);
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  from = resolve(from);
  to = resolve(to);
  if (from === to) return '';
  const source = from === '/' ? [] : from.slice(1).split('/');
  const target = to === '/' ? [] : to.slice(1).split('/');
  let common = 0;
  while (common < source.length && common < target.length && source[common] === target[common]) common++;
  return [...Array(source.length - common).fill('..'), ...target.slice(common)].join('/');
}

function toNamespacedPath(path) {
  return path;
}

function dirname(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const rooted = path.charCodeAt(0) === SLASH;
  const end = endWithoutSeparators(path, 1, isSeparator);
  const slash = end > 1 ? path.lastIndexOf('/', end - 1) : 0;
  if (slash <= 0) return rooted ? '/' : '.';
  return rooted && slash === 1 ? '//' : path.slice(0, slash);
}

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  if (suffix !== undefined && suffix === path && suffix.length > 0) return '';
  const end = endWithoutSeparators(path, 0, isSeparator);
  const base = path.slice(path.lastIndexOf('/', end - 1) + 1, end);
  return suffix === undefined || end === 0 ? (end === 0 ? '' : base) : stripSuffix(base, suffix);
}

function extname(path) {
  validateString(path, 'path');
  return extensionOf(basename(path));
}

function parse(path) {
  validateString(path, 'path');
  const root = path.charCodeAt(0) === SLASH ? '/' : '';
  const end = endWithoutSeparators(path, root.length, isSeparator);
  const start = path.slice(0, end).lastIndexOf('/') + 1;
  const base = path.slice(Math.max(start, root.length), end);
  const ext = extensionOf(base);
  const dir = start > 1 && end > root.length ? path.slice(0, start - 1) : root;
  return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
}

function matchesGlob(path, pattern) {
  return require('internal/path/glob').matchesGlob(path, pattern, false);
}

module.exports = {
  resolve,
  normalize,
  isAbsolute,
  join,
  relative,
  toNamespacedPath,
  dirname,
  basename,
  extname,
  format: format.bind(null, '/'),
  parse,
  matchesGlob,
  sep: '/',
  delimiter: ':',
  win32: null,
  posix: null,
};
