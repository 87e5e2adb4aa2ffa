'use strict';
// Finds the file that a `require` means.

const { stat, realpath } = internalBinding('loader');
const { resolve, dirname, basename } = require('internal/cjs/path');
const { getOptionValue } = require('internal/options');
const {
  readPackage,
  packageScope,
  splitPackageName,
  resolveExports,
  kRequireConditions,
} = require('internal/cjs/package');

function isRelative(request) {
  return /^\.\.?(?:\/|$)/.test(request);
}

function nodeModulePaths(from) {
  const paths = [];
  for (let at = resolve(process.cwd(), from); ; at = dirname(at)) {
    if (basename(at) !== 'node_modules') paths.push(at === '/' ? '/node_modules' : `${at}/node_modules`);
    if (at === '/') return paths;
  }
}

function globalPaths() {
  const paths = [];
  const { HOME, NODE_PATH } = process.env;
  if (NODE_PATH) paths.push(...NODE_PATH.split(':').filter((path) => path !== ''));
  if (HOME) paths.push(`${HOME}/.node_modules`, `${HOME}/.node_libraries`);
  paths.push(resolve(dirname(process.execPath), '../lib/node'));
  return paths;
}

function toRealPath(path, isMain) {
  if (getOptionValue(isMain ? '--preserve-symlinks-main' : '--preserve-symlinks') === true) return path;
  return realpath(path) ?? path;
}

function tryFile(path, isMain) {
  return stat(path) === 0 ? toRealPath(path, isMain) : undefined;
}

function tryExtensions(base, extensions, isMain) {
  for (const extension of extensions) {
    const found = tryFile(base + extension, isMain);
    if (found !== undefined) return found;
  }
  return undefined;
}

// A folder: by its package's `main`, or its index.
function tryFolder(folder, extensions, isMain, request) {
  const pack = readPackage(folder);
  if (pack?.main === undefined) return tryExtensions(`${folder}/index`, extensions, isMain);
  const main = resolve(folder, pack.main);
  const found = tryFile(main, isMain) ?? tryExtensions(main, extensions, isMain) ??
    tryExtensions(`${main}/index`, extensions, isMain);
  if (found !== undefined) return found;
  const index = tryExtensions(`${folder}/index`, extensions, isMain);
  if (index === undefined) {
    const error = new Error(`Cannot find module '${main}'. Please verify that the package.json has a ` +
      'valid "main" entry');
    error.code = 'MODULE_NOT_FOUND';
    error.path = pack.path;
    error.requestPath = request;
    throw error;
  }
  process.emitWarning(`Invalid 'main' field in '${pack.path}' of '${pack.main}'. Please either fix that ` +
    'or report it to the module author', 'DeprecationWarning', 'DEP0128');
  return index;
}

// A path in a package that has `exports`.
function tryExports(nodeModules, request) {
  const split = splitPackageName(request);
  if (split === undefined) return undefined;
  const pack = readPackage(resolve(nodeModules, split.name));
  if (pack?.exports === undefined) return undefined;
  return checkedTarget(resolveExports(pack, split.subpath, kRequireConditions), request, pack);
}

// The file that `exports` or `imports` names must be there.
function checkedTarget(path, request, pack) {
  const found = tryFile(path, false);
  if (found !== undefined) return found;
  const error = new Error(`Cannot find module '${path}'`);
  error.code = 'MODULE_NOT_FOUND';
  error.path = pack.path;
  throw error;
}

// A package that names itself.
function trySelf(parentPath, request) {
  if (parentPath === undefined) return undefined;
  const pack = packageScope(parentPath);
  if (pack === null || pack.exports === undefined || pack.name === undefined) return undefined;
  if (request !== pack.name && !request.startsWith(`${pack.name}/`)) return undefined;
  const subpath = `.${request.slice(pack.name.length)}`;
  return checkedTarget(resolveExports(pack, subpath, kRequireConditions, parentPath), request, pack);
}

// The file for `request` in one of the folders `paths`, or false.
function findPath(request, paths, isMain, extensionNames) {
  const absolute = request.startsWith('/');
  if (absolute) paths = [''];
  else if (paths === undefined || paths === null || paths.length === 0) return false;
  const trailing = /(?:^|\/)\.?\.?$/.test(request);
  const bare = !absolute && !isRelative(request);
  for (const path of paths) {
    if (path !== '' && stat(path) < 1) continue;
    if (bare) {
      const found = tryExports(path, request);
      if (found !== undefined) return found;
    }
    const base = absolute ? resolve('/', request) : resolve(resolve(process.cwd(), path), request);
    const kind = stat(base);
    let found;
    if (!trailing) {
      if (kind === 0) found = toRealPath(base, isMain);
      found ??= tryExtensions(base, extensionNames(), isMain);
    }
    if (found === undefined && kind === 1) found = tryFolder(base, extensionNames(), isMain, request);
    if (found !== undefined) return found;
  }
  return false;
}

module.exports = { isRelative, nodeModulePaths, globalPaths, findPath, trySelf, checkedTarget };
