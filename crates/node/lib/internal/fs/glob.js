'use strict';
// `fs.glob`: the files of a folder whose paths match a pattern. What a pattern means is path's to say.

const path = require('path');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateFunction, validateObject, validateString, validateStringArray } = require('internal/validators');
const { Dirent } = require('internal/fs/utils');
const { performSync } = require('internal/fs/requests');
const operations = require('internal/fs/operations');

function settings(pattern, options = {}) {
  const patterns = Array.isArray(pattern) ? pattern : [pattern];
  for (const one of patterns) validateString(one, 'patterns');
  validateObject(options, 'options');
  const { cwd = '.', exclude, withFileTypes = false } = options;
  if (Array.isArray(exclude)) validateStringArray(exclude, 'options.exclude');
  else if (exclude !== undefined && exclude !== null && typeof exclude !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('options.exclude', ['string[]', 'function'], exclude);
  }
  const root = typeof cwd === 'string' ? cwd : require('url').fileURLToPath(cwd);
  const isExcluded = typeof exclude === 'function' ? exclude :
    Array.isArray(exclude) ? (name) => exclude.some((one) => path.matchesGlob(name?.name ?? name, one)) : () => false;
  return { patterns: patterns.map((one) => path.normalize(one)), root, isExcluded, withFileTypes };
}

// The folders at the head of a pattern that are what they say.
function fixedHead(pattern) {
  const parts = pattern.split('/');
  const at = parts.findIndex((part) => /[*?[\]{}!()+@]/.test(part));
  return parts.slice(0, at < 0 ? parts.length - 1 : at).join('/') || (pattern.startsWith('/') ? '/' : '');
}

function entriesOf(folder) {
  try {
    return performSync(operations.readdir(folder, { withFileTypes: true }));
  } catch {
    return [];
  }
}

function statEntry(full, name) {
  const found = performSync(operations.lstat(full, { throwIfNoEntry: false }));
  if (found === undefined) return undefined;
  return new Dirent(path.basename(name), found.isDirectory() ? 2 : found.isSymbolicLink() ? 3 : 1, path.dirname(full));
}

function globSync(pattern, options) {
  const { patterns, root, isExcluded, withFileTypes } = settings(pattern, options);
  const found = new Map();
  for (const one of patterns) {
    const head = fixedHead(one);
    // How deep it may be; any depth if there is a globstar.
    const depth = one.includes('**') ? Infinity : one.split('/').length;
    const consider = (name, entry) => {
      if (isExcluded(withFileTypes ? entry : name)) return false;
      if (!found.has(name) && path.matchesGlob(name, one)) found.set(name, entry);
      return true;
    };
    const visit = (folder, level) => {
      for (const entry of entriesOf(path.resolve(root, folder))) {
        const name = folder === '' ? entry.name : path.join(folder, entry.name);
        if (consider(name, entry) && entry.isDirectory() && level < depth) visit(name, level + 1);
      }
    };
    if (head !== '') {
      const entry = statEntry(path.resolve(root, head), head);
      if (entry === undefined || !consider(head, entry)) continue;
    }
    visit(head, head === '' ? 1 : head.split('/').length + 1);
  }
  return withFileTypes ? [...found.values()] : [...found.keys()];
}

function glob(pattern, options, callback) {
  if (typeof options === 'function') [callback, options] = [options, undefined];
  validateFunction(callback, 'callback');
  let result;
  try {
    result = globSync(pattern, options);
  } catch (error) {
    process.nextTick(callback, error);
    return;
  }
  process.nextTick(callback, null, result);
}

async function* globIterator(pattern, options) {
  yield* globSync(pattern, options);
}

module.exports = { glob, globIterator, globSync };
