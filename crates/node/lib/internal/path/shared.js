'use strict';
// What POSIX and Windows paths have in common.

const { validateObject } = require('internal/validators');

// Drops '.' and resolves '..' in the part of a path that follows its root. `separators` splits it.
function normalizeTail(tail, allowAboveRoot, separator, separators) {
  const parts = tail.split(separators);
  const out = [];
  // How many entries of `out` are '..', which nothing can take away.
  let above = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      out.push(part);
    } else if (out.length > above) {
      out.pop();
    } else if (allowAboveRoot) {
      out.push('..');
      above++;
    }
  }
  return out.join(separator);
}

function extensionOf(base) {
  const dot = base.lastIndexOf('.');
  return dot <= 0 || base === '..' ? '' : base.slice(dot);
}

function stripSuffix(base, suffix) {
  return base !== suffix && base.endsWith(suffix) ? base.slice(0, base.length - suffix.length) : base;
}

function format(separator, pathObject) {
  validateObject(pathObject, 'pathObject');
  const { root, name, ext } = pathObject;
  const dir = pathObject.dir || root;
  const base = pathObject.base || `${name || ''}${ext ? `${ext[0] === '.' ? '' : '.'}${ext}` : ''}`;
  if (!dir) return base;
  return dir === root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

// The index past the last character that is not a separator, not going below `start`.
function endWithoutSeparators(path, start, isSeparator) {
  let end = path.length;
  while (end > start && isSeparator(path.charCodeAt(end - 1))) end--;
  return end;
}

module.exports = { endWithoutSeparators, extensionOf, format, normalizeTail, stripSuffix };
