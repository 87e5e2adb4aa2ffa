'use strict';
// Windows paths: drives, UNC names, and both kinds of slashes.

const { validateString } = require('internal/validators');
const { endWithoutSeparators, extensionOf, format, normalizeTail, stripSuffix } = require('internal/path/shared');

const SLASH = 47;
const BACKSLASH = 92;
const COLON = 58;
const separators = /[\\/]/;

const isSeparator = (code) => code === SLASH || code === BACKSLASH;
const isDrive = (path) => path.charCodeAt(1) === COLON && /^[A-Za-z]/.test(path);

// The device of a path ('C:', '\\server\share' or ''), where what follows its root starts, and whether it is absolute.
function splitRoot(path) {
  if (path.length === 0) return { device: '', rootEnd: 0, absolute: false, unc: false };
  if (isSeparator(path.charCodeAt(0))) {
    if (path.length > 1 && isSeparator(path.charCodeAt(1))) {
      const unc = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/.exec(path);
      if (unc !== null) {
        if (unc[1] === '.' || unc[1] === '?') {
          // Of a device path only the first part is fixed.
          return { device: `\\\\${unc[1]}`, rootEnd: 4, absolute: true, unc: true };
        }
        return {
          device: `\\\\${unc[1]}\\${unc[2]}`,
          rootEnd: unc[0].length,
          absolute: true,
          unc: true,
        };
      }
    }
    return { device: '', rootEnd: 1, absolute: true, unc: false };
  }
  if (isDrive(path)) {
    const absolute = path.length > 2 && isSeparator(path.charCodeAt(2));
    return { device: path.slice(0, 2), rootEnd: absolute ? 3 : 2, absolute, unc: false };
  }
  return { device: '', rootEnd: 0, absolute: false, unc: false };
}

function resolve(...paths) {
  let device = '';
  let tail = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1; i--) {
    let path;
    if (i >= 0) {
      path = paths[i];
      validateString(path, `paths[${i}]`);
      if (path.length === 0) continue;
    } else if (device.length === 0) {
      path = process.cwd();
    } else {
      // Each drive has a working directory of its own, which the environment may tell.
      path = process.env[`=${device}`] || process.cwd();
      if (path === undefined ||
          (path.slice(0, 2).toLowerCase() !== device.toLowerCase() && path.charCodeAt(2) === BACKSLASH)) {
        path = `${device}\\`;
      }
    }
    const root = splitRoot(path);
    if (root.device.length > 0) {
      if (device.length > 0) {
        if (root.device.toLowerCase() !== device.toLowerCase()) continue;
      } else {
        device = root.device;
      }
    }
    if (absolute) {
      if (device.length > 0) break;
    } else {
      tail = `${path.slice(root.rootEnd)}\\${tail}`;
      absolute = root.absolute;
      if (root.absolute && device.length > 0) break;
    }
  }
  tail = normalizeTail(tail, !absolute, '\\', separators);
  return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
}

function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  if (path.length === 1) return path === '/' ? '\\' : path;
  const { device, rootEnd, absolute, unc } = splitRoot(path);
  if (unc && rootEnd === path.length) return `${device}\\`;
  let tail = rootEnd < path.length ? normalizeTail(path.slice(rootEnd), !absolute, '\\', separators) : '';
  if (tail.length === 0 && !absolute) tail = '.';
  if (tail.length > 0 && isSeparator(path.charCodeAt(path.length - 1))) tail += '\\';
  if (!absolute && device === '' && path.includes(':')) {
    // 'x/../C:' must not become a drive by being normalised.
    if (isDrive(tail)) return `.\\${tail}`;
    let index = path.indexOf(':');
    do {
      if (index === path.length - 1 || isSeparator(path.charCodeAt(index + 1))) return `.\\${tail}`;
      index = path.indexOf(':', index + 1);
    } while (index !== -1);
  }
  return absolute ? `${device}\\${tail}` : `${device}${tail}`;
}

function isAbsolute(path) {
  validateString(path, 'path');
  return splitRoot(path).absolute;
}

function join(...paths) {
  let joined;
  let first;
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i];
    validateString(path, 'path');
    if (path.length === 0) continue;
    if (joined === undefined) joined = first = path;
    else joined += `\\${path}`;
  }
  if (joined === undefined) return '.';
  // A UNC name is only what was given as one: '/' and '/a' do not join to one. Three slashes never are.
  let slashes = 0;
  let needsReplace = true;
  if (isSeparator(first.charCodeAt(0))) {
    ++slashes;
    if (first.length > 1 && isSeparator(first.charCodeAt(1))) {
      ++slashes;
      if (first.length > 2) {
        if (isSeparator(first.charCodeAt(2))) ++slashes;
        else needsReplace = false;
      }
    }
  }
  if (needsReplace) {
    while (slashes < joined.length && isSeparator(joined.charCodeAt(slashes))) slashes++;
    if (slashes >= 2) joined = `\\${joined.slice(slashes)}`;
  }
  return normalize(joined);
}

function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  const fromFull = resolve(from);
  const toFull = resolve(to);
  if (fromFull === toFull || fromFull.toLowerCase() === toFull.toLowerCase()) return '';
  const partsOf = (path) => {
    const trimmed = path.replace(/^\\+|\\+$/g, '');
    return trimmed === '' ? [] : trimmed.split('\\');
  };
  const source = partsOf(fromFull);
  const target = partsOf(toFull);
  let common = 0;
  while (common < source.length && common < target.length &&
         source[common].toLowerCase() === target[common].toLowerCase()) common++;
  if (common === 0 && source.length > 0 && target.length > 0) return toFull;
  return [...Array(source.length - common).fill('..'), ...target.slice(common)].join('\\');
}

function toNamespacedPath(path) {
  if (typeof path !== 'string' || path.length === 0) return path;
  const resolved = resolve(path);
  if (resolved.length <= 2) return path;
  if (resolved.startsWith('\\\\')) {
    const code = resolved[2];
    return code === '?' || code === '.' ? resolved : `\\\\?\\UNC\\${resolved.slice(2)}`;
  }
  return isDrive(resolved) && resolved.charCodeAt(2) === BACKSLASH ? `\\\\?\\${resolved}` : resolved;
}

// The root as it is written in the path, for the functions that give back parts of it.
function rootLength(path) {
  if (path.length === 0) return 0;
  if (isSeparator(path.charCodeAt(0))) {
    const unc = /^[\\/]{2}[^\\/]+[\\/]+[^\\/]+/.exec(path);
    if (unc === null) return 1;
    return unc[0].length < path.length ? unc[0].length + 1 : unc[0].length;
  }
  if (!isDrive(path)) return 0;
  return path.length > 2 && isSeparator(path.charCodeAt(2)) ? 3 : 2;
}

function lastSeparator(path, end) {
  for (let i = end - 1; i >= 0; i--) {
    if (isSeparator(path.charCodeAt(i))) return i;
  }
  return -1;
}

function dirname(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  if (path.length === 1) return isSeparator(path.charCodeAt(0)) ? path : '.';
  const root = rootLength(path);
  const end = endWithoutSeparators(path, root, isSeparator);
  const slash = lastSeparator(path, end);
  if (slash >= root) return path.slice(0, slash);
  return root === 0 ? '.' : path.slice(0, root);
}

function basename(path, suffix) {
  if (suffix !== undefined) validateString(suffix, 'suffix');
  validateString(path, 'path');
  const start = isDrive(path) ? 2 : 0;
  if (suffix !== undefined && suffix === path && suffix.length > 0) return '';
  const end = endWithoutSeparators(path, start, isSeparator);
  const base = path.slice(Math.max(start, lastSeparator(path, end) + 1), end);
  return suffix === undefined ? base : stripSuffix(base, suffix);
}

function extname(path) {
  validateString(path, 'path');
  return extensionOf(basename(path));
}

function parse(path) {
  validateString(path, 'path');
  const rootEnd = rootLength(path);
  const root = path.slice(0, rootEnd);
  const end = endWithoutSeparators(path, rootEnd, isSeparator);
  const start = Math.max(rootEnd, lastSeparator(path, end) + 1);
  const base = path.slice(start, end);
  const ext = extensionOf(base);
  const dir = start > 0 && start !== rootEnd ? path.slice(0, start - 1) : root;
  return { root, dir, base, ext, name: base.slice(0, base.length - ext.length) };
}

function matchesGlob(path, pattern) {
  return require('internal/path/glob').matchesGlob(path, pattern, true);
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
  format: format.bind(null, '\\'),
  parse,
  matchesGlob,
  sep: '\\',
  delimiter: ';',
  win32: null,
  posix: null,
};
