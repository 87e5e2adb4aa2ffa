'use strict';
// `fs.cp`: copying files and whole folders. In steps, so that a filter can have its say at each.

const { codes } = require('internal/errors');
const {
  validateBoolean, validateFunction, validateInteger, validateObject,
} = require('internal/validators');
const { performSync, steps } = require('internal/fs/requests');
const { showPath, toPath } = require('internal/fs/utils');
const operations = require('internal/fs/operations');

const EINVAL = 22;
const EEXIST = 17;
const EISDIR = 21;
const ENOTDIR = 20;

const DEFAULTS = {
  dereference: false, errorOnExist: false, filter: undefined, force: true, preserveTimestamps: false, recursive: false,
  verbatimSymlinks: false,
};

function cpOptions(options) {
  if (options === undefined || typeof options === 'function') return { ...DEFAULTS, mode: 0 };
  validateObject(options, 'options');
  options = { ...DEFAULTS, ...options };
  for (const key of ['dereference', 'errorOnExist', 'force', 'preserveTimestamps', 'recursive', 'verbatimSymlinks']) {
    validateBoolean(options[key], `options.${key}`);
  }
  options.mode ??= 0;
  validateInteger(options.mode, 'options.mode', 0, 7);
  if (options.dereference && options.verbatimSymlinks) {
    throw new codes.ERR_INCOMPATIBLE_OPTION_PAIR('dereference', 'verbatimSymlinks');
  }
  if (options.filter !== undefined) validateFunction(options.filter, 'options.filter');
  return options;
}

const statOf = (path, options) => {
  const stat = options.dereference ? operations.stat : operations.lstat;
  return performSync(stat(path, { bigint: true, throwIfNoEntry: false }));
};

const sameFile = (a, b) => b !== undefined && a.ino === b.ino && a.dev === b.dev;

function context(message, path, errno, code) {
  return { message, path, syscall: 'cp', errno, code };
}

function check(src, dest, options) {
  const source = performSync((options.dereference ? operations.stat : operations.lstat)(src, { bigint: true }));
  const target = statOf(dest, options);
  if (sameFile(source, target)) {
    throw new codes.ERR_FS_CP_EINVAL(context('src and dest cannot be the same', dest, EINVAL, 'EINVAL'));
  }
  if (target !== undefined) {
    if (source.isDirectory() && !target.isDirectory()) {
      throw new codes.ERR_FS_CP_DIR_TO_NON_DIR(
        context(`cannot overwrite non-directory ${dest} with directory ${src}`, dest, EISDIR, 'EISDIR'));
    }
    if (!source.isDirectory() && target.isDirectory()) {
      throw new codes.ERR_FS_CP_NON_DIR_TO_DIR(
        context(`cannot overwrite directory ${dest} with non-directory ${src}`, dest, ENOTDIR, 'ENOTDIR'));
    }
  }
  const { resolve } = require('path');
  if (source.isDirectory() && `${resolve(dest)}/`.startsWith(`${resolve(src)}/`)) {
    throw new codes.ERR_FS_CP_EINVAL(
      context(`cannot copy ${src} to a subdirectory of self ${dest}`, dest, EINVAL, 'EINVAL'));
  }
  return { source, target };
}

function copyFileTo(source, target, src, dest, options) {
  if (target !== undefined) {
    if (!options.force) {
      if (!options.errorOnExist) return;
      throw new codes.ERR_FS_CP_EEXIST(context(`${dest} already exists`, dest, EEXIST, 'EEXIST'));
    }
    performSync(operations.unlink(dest));
  }
  performSync(operations.copyFile(src, dest, options.mode));
  if (options.preserveTimestamps) {
    const { atime, mtime } = performSync(operations.stat(src));
    performSync(operations.utimes(dest, atime, mtime));
  }
}

function copyLink(target, src, dest, options) {
  const path = require('path');
  let to = performSync(operations.readlink(src));
  if (!options.verbatimSymlinks && !path.isAbsolute(to)) to = path.resolve(path.dirname(src), to);
  if (target !== undefined) {
    if (!options.force && !options.errorOnExist) return;
    if (!options.force) throw new codes.ERR_FS_CP_EEXIST(context(`${dest} already exists`, dest, EEXIST, 'EEXIST'));
    performSync(operations.unlink(dest));
  }
  performSync(operations.symlink(to, dest));
}

function copyFolder(source, target, src, dest, options, accept) {
  if (!options.recursive) {
    throw new codes.ERR_FS_EISDIR(context(`${src} is a directory (not copied)`, src, EINVAL, 'EISDIR'));
  }
  if (target === undefined) performSync(operations.mkdir(dest));
  for (const name of performSync(operations.readdir(src))) {
    const { join } = require('path');
    copy(join(src, name), join(dest, name), options, accept);
  }
  if (target === undefined) performSync(operations.chmod(dest, Number(source.mode & 0o7777n)));
}

function copy(src, dest, options, accept, isRoot = false) {
  if (options.filter !== undefined && !accept(options.filter(src, dest))) return;
  const { source, target } = check(src, dest, options);
  if (isRoot) {
    const { dirname } = require('path');
    performSync(operations.mkdir(dirname(dest), { recursive: true }));
  }
  if (source.isDirectory()) copyFolder(source, target, src, dest, options, accept);
  else if (source.isSymbolicLink()) copyLink(target, src, dest, options);
  else if (source.isSocket()) throw new codes.ERR_FS_CP_SOCKET(context(`cannot copy a socket file: ${dest}`, dest, EINVAL, 'EINVAL'));
  else if (source.isFIFO()) throw new codes.ERR_FS_CP_FIFO_PIPE(context(`cannot copy a FIFO pipe: ${dest}`, dest, EINVAL, 'EINVAL'));
  else copyFileTo(source, target, src, dest, options);
}

function cp(src, dest, options) {
  options = cpOptions(options);
  src = showPath(toPath(src, 'src'));
  dest = showPath(toPath(dest, 'dest'));
  return steps(() => {
    copy(src, dest, options, (answer) => {
      if (answer !== null && typeof answer === 'object' && typeof answer.then === 'function') {
        throw new codes.ERR_INVALID_RETURN_VALUE('boolean', 'filter', answer);
      }
      return answer;
    }, true);
  });
}

// A filter that answers with a promise is asked about everything first.
async function cpPromise(src, dest, options) {
  options = cpOptions(options);
  src = showPath(toPath(src, 'src'));
  dest = showPath(toPath(dest, 'dest'));
  if (options.filter === undefined) {
    copy(src, dest, options, Boolean, true);
    return;
  }
  const { filter } = options;
  const { join } = require('path');
  const answers = new Map();
  const ask = async (from, to) => {
    const answer = await filter(from, to);
    answers.set(from, answer);
    if (!answer) return;
    const found = statOf(from, options);
    if (!found?.isDirectory() || !options.recursive) return;
    for (const name of performSync(operations.readdir(from))) await ask(join(from, name), join(to, name));
  };
  await ask(src, dest);
  copy(src, dest, { ...options, filter: (from) => answers.get(from) }, Boolean, true);
}

module.exports = { cp, cpPromise };
