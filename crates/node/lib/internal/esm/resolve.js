'use strict';
// Finds what an `import` means: the URL that names a module.

const { stat, realpath } = internalBinding('loader');
const { dirname, resolve: resolvePath } = require('internal/cjs/path');
const { builtinId } = require('internal/cjs/builtins');
const {
  readPackage,
  packageScope,
  splitPackageName,
  resolveExports,
  resolveImports,
  kImportConditions,
} = require('internal/cjs/package');
const { fileUrl, filePath, schemeOf, resolveUrl } = require('internal/esm/urls');
const { codes } = require('internal/errors');

const resolved = new Map(); // base and specifier -> URL

// The URL of the module that `specifier` names in the module or script `referrer`.
function resolve(specifier, referrer) {
  const id = builtinId(specifier);
  if (id !== undefined) return `node:${id}`;
  const base = baseUrl(referrer);
  const key = `${base}\x00${specifier}`;
  let url = resolved.get(key);
  if (url === undefined) {
    url = resolveAnew(specifier, base);
    resolved.set(key, url);
  }
  return url;
}

// What relative specifiers start from. Scripts are named by paths, or have names that are none.
function baseUrl(referrer) {
  if (/^(?:file|data|node):/.test(referrer)) return referrer;
  if (referrer.startsWith('/')) return fileUrl(referrer);
  return fileUrl(`${process.cwd()}/[eval1]`);
}

function describeBase(base) {
  return base.startsWith('file:') ? filePath(base) : base;
}

function resolveAnew(specifier, base) {
  if (/^(?:\.\.?)?\//.test(specifier) || specifier === '.' || specifier === '..') {
    if (!base.startsWith('file:')) throw new codes.ERR_UNSUPPORTED_RESOLVE_REQUEST(specifier, base);
    return finalize(resolveUrl(specifier, base), base);
  }
  if (specifier[0] === '#') {
    const found = resolveImports(specifier, filePath(base), kImportConditions, describeBase(base));
    return typeof found === 'string' ? finalize(fileUrl(found), base) : resolve(found.specifier, base);
  }
  const scheme = schemeOf(specifier);
  switch (scheme) {
    case undefined:
      return finalize(fileUrl(resolvePackage(specifier, base)), base);
    case 'file:':
      return finalize(resolveUrl(specifier.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, ''), 'file:///'), base);
    case 'data:':
      return specifier;
    case 'node:':
      throw new codes.ERR_UNKNOWN_BUILTIN_MODULE(specifier);
    default:
      throw new codes.ERR_UNSUPPORTED_ESM_URL_SCHEME({ protocol: scheme }, ['file', 'data', 'node']);
  }
}

// The file must be there; its URL is that of the file without symbolic links.
function finalize(url, base) {
  if (/%2f|%5c/i.test(url.replace(/[?#].*$/s, ''))) {
    throw new codes.ERR_INVALID_MODULE_SPECIFIER(filePathOr(url), 'must not include encoded "/" or "\\" characters',
                                                 describeBase(base));
  }
  const path = filePath(url);
  const kind = stat(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
  if (kind === 1) throw new codes.ERR_UNSUPPORTED_DIR_IMPORT(path, describeBase(base), url);
  if (kind !== 0) throw new codes.ERR_MODULE_NOT_FOUND(path, describeBase(base), url);
  const tail = /[?#].*$/s.exec(url)?.[0] ?? '';
  return fileUrl(realpath(path) ?? path) + tail;
}

function filePathOr(url) {
  return url.slice(7);
}

function resolvePackage(specifier, base) {
  const split = splitPackageName(specifier);
  const from = describeBase(base);
  if (specifier === '') throw new codes.ERR_MODULE_NOT_FOUND(specifier, from);
  if (split === undefined) {
    throw new codes.ERR_INVALID_MODULE_SPECIFIER(specifier, 'is not a valid package name', from);
  }
  const { name, subpath } = split;
  if (base.startsWith('file:')) {
    const scope = packageScope(from);
    if (scope !== null && scope.name === name && scope.exports !== undefined) {
      return resolveExports(scope, subpath, kImportConditions, from);
    }
    for (let at = dirname(from); ; at = dirname(at)) {
      const folder = resolvePath(at, `node_modules/${name}`);
      if (stat(folder) === 1) {
        const pack = readPackage(folder);
        if (pack?.exports !== undefined) return resolveExports(pack, subpath, kImportConditions, from);
        return subpath === '.' ? legacyMain(folder, pack, from) : resolvePath(folder, subpath);
      }
      if (at === '/') break;
    }
  }
  throw new codes.ERR_MODULE_NOT_FOUND(name, from);
}

function legacyMain(folder, pack, from) {
  const candidates = [];
  if (pack?.main !== undefined) {
    for (const end of ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node']) {
      candidates.push(pack.main + end);
    }
  }
  candidates.push('index.js', 'index.json', 'index.node');
  for (const candidate of candidates) {
    const path = resolvePath(folder, candidate);
    if (stat(path) === 0) return path;
  }
  throw new codes.ERR_MODULE_NOT_FOUND(folder, from);
}

module.exports = { resolve };
