'use strict';
// `fs.rm`: removing files and whole folders.

const binding = internalBinding('fs');
const { validateBoolean, validateInt32, validateObject, validateUint32 } = require('internal/validators');
const { codes: { ERR_FS_EISDIR } } = require('internal/errors');
const { performSync, request, steps } = require('internal/fs/requests');
const { showPath, systemError, toPath } = require('internal/fs/utils');

const ENOENT = -2;
const EISDIR_NUMBER = 21;
// A system that is busy may let go: these are tried again.
const RETRIED = new Set([-16, -24, -23, -39, -1]);

function rmOptions(options) {
  options = { recursive: false, force: false, retryDelay: 100, maxRetries: 0, ...options };
  validateBoolean(options.recursive, 'options.recursive');
  validateBoolean(options.force, 'options.force');
  validateInt32(options.retryDelay, 'options.retryDelay', 0);
  validateUint32(options.maxRetries, 'options.maxRetries');
  return options;
}

function rm(path, options) {
  path = toPath(path);
  if (options !== undefined && typeof options !== 'function') validateObject(options, 'options');
  const { recursive, force, maxRetries } = rmOptions(typeof options === 'function' ? undefined : options);
  return steps(() => {
    const found = binding.stat(path, false, false, undefined);
    if (typeof found === 'number') {
      if (force && found === ENOENT) return undefined;
      throw systemError(found, 'lstat', path);
    }
    const isFolder = (found[1] & 0o170000) === 0o040000;
    if (!isFolder) return performSync(request(binding.unlink, [path], 'rm', path));
    if (!recursive) {
      throw new ERR_FS_EISDIR({
        code: 'EISDIR', message: 'is a directory', path: showPath(path), syscall: 'rm', errno: EISDIR_NUMBER,
      });
    }
    let result;
    for (let attempt = 0; ; attempt++) {
      result = binding.removeTree(path, undefined);
      if (result === undefined || !RETRIED.has(result) || attempt >= maxRetries) break;
    }
    if (result !== undefined && !(force && result === ENOENT)) throw systemError(result, 'rm', path);
    return undefined;
  });
}

module.exports = { rm };
