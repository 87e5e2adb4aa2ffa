'use strict';
// The operations of `fs` on paths and descriptors: each checks its arguments and gives a request. The forms that
// programs call (fs.js, fs/promises.js) are made of these.

const binding = internalBinding('fs');
const {
  validateBoolean, validateInteger, validateUint32, validateObject,
} = require('internal/validators');

const { codes: { ERR_FS_INVALID_SYMLINK_TYPE } } = require('internal/errors');
const { request, steps, performSync } = require('internal/fs/requests');
const {
  Dirent, StatFs, checkData, getOptions, makeStats, nameConverter, showPath, systemError, toBytes,
  toFd, toFlags, toMode, toPath, toTarget, toTime,
} = require('internal/fs/utils');

const ENOENT = -2;
const ENOTDIR = -20;
const EISDIR = -21;
const EBADF = -9;
// What only reading or writing can say, not opening.
const CONTENT_ERRORS = new Set([-5, -11, -27, -28, -32]);

const SYMLINK_TYPES = ['dir', 'file', 'junction'];
let warnedOfRmdir = false;

const toBuffer = (bytes) => require('buffer').Buffer.from(bytes);

function access(path, mode) {
  path = toPath(path);
  if (mode === undefined || mode === null) mode = 0;
  else if (typeof mode === 'function') mode = 0;
  else validateInteger(mode, 'mode', 0, 7);
  return request(binding.access, [path, mode], 'access', path);
}

function open(path, flags = 'r', mode = 0o666) {
  path = toPath(path);
  return request(binding.open, [path, toFlags(flags), toMode(mode, 0o666)], 'open', path);
}

function close(fd) {
  return request(binding.close, [toFd(fd)], 'close');
}

function readContent(target, flags, encoding) {
  const text = encoding === 'utf8' || encoding === 'utf-8';
  const convert = (bytes) => {
    const buffer = toBuffer(bytes);
    return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
  };
  const isFd = typeof target === 'number';
  const op = request(binding.readFile, [target, flags, text], isFd ? 'read' : 'open', isFd ? undefined : target,
    undefined, text ? undefined : convert);
  op.describe = (errno) => {
    if (isFd && errno === EBADF) return 'fstat';
    return errno === EISDIR || CONTENT_ERRORS.has(errno) ? 'read' : undefined;
  };
  return op;
}

function readFile(path, options) {
  options = getOptions(options, { flag: 'r' });
  return readContent(toTarget(path), toFlags(options.flag), options.encoding);
}

function writeContent(path, data, options, flag) {
  options = getOptions(options, { encoding: 'utf8', mode: 0o666, flag, flush: false });
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  checkData(data);
  const target = toTarget(path);
  const isFd = typeof target === 'number';
  const args = [target, toBytes(data, options.encoding), toFlags(options.flag ?? flag), toMode(options.mode, 0o666), flush];
  const op = request(binding.writeFile, args, isFd ? 'write' : 'open', isFd ? undefined : target);
  op.describe = (errno) => (CONTENT_ERRORS.has(errno) ? 'write' : undefined);
  return op;
}

function writeFile(path, data, options) {
  return writeContent(path, data, options, 'w');
}

function appendFile(path, data, options) {
  return writeContent(path, data, options, 'a');
}

function copyFile(src, dest, mode) {
  src = toPath(src, 'src');
  dest = toPath(dest, 'dest');
  if (mode === undefined || mode === null || typeof mode === 'function') mode = 0;
  else validateInteger(mode, 'mode', 0, 7);
  return request(binding.copyFile, [src, dest, mode], 'copyfile', src, dest);
}

function statOf(target, follow, syscall, options) {
  const bigint = Boolean(options?.bigint);
  const path = typeof target === 'number' ? undefined : target;
  const op = request(binding.stat, [target, follow, bigint], syscall, path, undefined,
    (values) => makeStats(values, bigint));
  if (options?.throwIfNoEntry === false) {
    // A file in the way is no entry to stat(), and an error to lstat(), which minds the option only when it waits.
    op.absentNow = follow ? [ENOENT, ENOTDIR] : [ENOENT];
    if (follow) op.absentLater = op.absentNow;
  }
  return op;
}

const stat = (path, options) => statOf(toPath(path), true, 'stat', options);
const lstat = (path, options) => statOf(toPath(path), false, 'lstat', options);
const fstat = (fd, options) => statOf(toFd(fd), true, 'fstat', { bigint: options?.bigint });

function statfs(path, options) {
  path = toPath(path);
  return request(binding.statfs, [path, Boolean(options?.bigint)], 'statfs', path, undefined,
    (values) => new StatFs(...values));
}

function chmod(path, mode) {
  path = toPath(path);
  return request(binding.chmod, [path, toMode(mode, undefined)], 'chmod', path);
}

function fchmod(fd, mode) {
  fd = toFd(fd);
  return request(binding.chmod, [fd, toMode(mode, undefined)], 'fchmod');
}

function checkOwner(id, name) {
  validateInteger(id, name, -1, 4294967295);
}

function chownOf(target, uid, gid, follow, syscall) {
  checkOwner(uid, 'uid');
  checkOwner(gid, 'gid');
  const path = typeof target === 'number' ? undefined : target;
  return request(binding.chown, [target, uid, gid, follow], syscall, path);
}

const chown = (path, uid, gid) => chownOf(toPath(path), uid, gid, true, 'chown');
const lchown = (path, uid, gid) => chownOf(toPath(path), uid, gid, false, 'lchown');
const fchown = (fd, uid, gid) => chownOf(toFd(fd), uid, gid, true, 'fchown');

function utimesOf(target, atime, mtime, follow, syscall) {
  const path = typeof target === 'number' ? undefined : target;
  return request(binding.utimes, [target, toTime(atime), toTime(mtime), follow], syscall, path);
}

const utimes = (path, atime, mtime) => utimesOf(toPath(path), atime, mtime, true, 'utime');
const lutimes = (path, atime, mtime) => utimesOf(toPath(path), atime, mtime, false, 'lutime');
const futimes = (fd, atime, mtime) => utimesOf(toFd(fd), atime, mtime, true, 'futime');

const fsync = (fd) => request(binding.sync, [toFd(fd), false], 'fsync');
const fdatasync = (fd) => request(binding.sync, [toFd(fd), true], 'fdatasync');

function ftruncate(fd, length = 0) {
  fd = toFd(fd);
  validateInteger(length ?? 0, 'len');
  return request(binding.truncate, [fd, Math.max(0, length ?? 0)], 'ftruncate');
}

function truncate(path, length = 0) {
  if (typeof path === 'number') return ftruncate(path, length);
  const opening = open(path, 'r+');
  validateInteger(length ?? 0, 'len');
  return steps(() => {
    const fd = performSync(opening);
    try {
      performSync(ftruncate(fd, length));
    } finally {
      performSync(close(fd));
    }
  });
}

function isEntryFolder(path, type) {
  if (type === 2) return true;
  // The system did not say.
  return type === 0 && performSync(lstat(path, { throwIfNoEntry: false }))?.isDirectory() === true;
}

function join(folder, name) {
  if (folder === '.' || folder === '') return name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

// As `path.join` makes it, without loading it.
function normalized(path) {
  return require('path').join(path);
}

function listRecursively(path, options) {
  const { convert } = nameConverter(options.encoding);
  const result = [];
  const visit = (folder, prefix) => {
    const [names, types] = performSync(request(binding.readdir, [folder, false], 'scandir', folder));
    const folders = [];
    for (let i = 0; i < names.length; i++) {
      const relative = prefix === '' ? names[i] : `${prefix}/${names[i]}`;
      if (options.withFileTypes) result.push(new Dirent(convertName(names[i], convert), types[i], folder));
      else result.push(convertName(relative, convert));
      if (isEntryFolder(join(folder, names[i]), types[i])) folders.push([join(folder, names[i]), relative]);
    }
    return folders;
  };
  // Folder by folder, nearest first.
  const queue = [[showPath(path), '']];
  for (let next = 0; next < queue.length; next++) queue.push(...visit(...queue[next]));
  return result;
}

function convertName(name, convert) {
  return convert === undefined ? name : convert(require('buffer').Buffer.from(name));
}

function readdir(path, options) {
  options = getOptions(options);
  path = toPath(path);
  if (options.recursive !== undefined && options.recursive !== null) validateBoolean(options.recursive, 'options.recursive');
  if (options.recursive) return steps(() => listRecursively(path, options));
  const { raw, convert } = nameConverter(options.encoding);
  return request(binding.readdir, [path, raw], 'scandir', path, undefined, ([names, types]) => {
    if (convert !== undefined) names = names.map(convert);
    if (!options.withFileTypes) return names;
    return names.map((name, i) => new Dirent(name, types[i], path));
  });
}

function mkdir(path, options) {
  let mode = 0o777;
  let recursive = false;
  if (typeof options === 'number' || typeof options === 'string') {
    mode = toMode(options, 0o777);
  } else if (options && typeof options === 'object') {
    if (options.recursive !== undefined) {
      recursive = options.recursive;
      validateBoolean(recursive, 'options.recursive');
    }
    if (options.mode !== undefined) mode = toMode(options.mode, 0o777);
  }
  path = toPath(path);
  return request(binding.mkdir, [path, mode, recursive], 'mkdir', path);
}

function appendToPath(path, suffix) {
  return typeof path === 'string' ? path + suffix : `${showPath(path)}${suffix}`;
}

function mkdtemp(prefix, options) {
  const { encoding } = getOptions(options);
  prefix = toPath(prefix, 'prefix');
  const { raw, convert } = nameConverter(encoding);
  return request(binding.mkdtemp, [prefix, raw], 'mkdtemp', appendToPath(prefix, 'XXXXXX'), undefined, convert);
}

function rmdir(path, options) {
  path = toPath(path);
  if (options !== undefined && options !== null && typeof options !== 'function') {
    validateObject(options, 'options');
    if (options.recursive) {
      validateBoolean(options.recursive, 'options.recursive');
      if (!warnedOfRmdir) {
        warnedOfRmdir = true;
        process.emitWarning(
          'In future versions of Node.js, fs.rmdir(path, { recursive: true }) will be removed. ' +
          'Use fs.rm(path, { recursive: true }) instead', 'DeprecationWarning', 'DEP0147');
      }
      const { rm } = require('internal/fs/rm');
      return rm(path, { recursive: true, force: false });
    }
  }
  return request(binding.rmdir, [path], 'rmdir', path);
}

function unlink(path) {
  path = toPath(path);
  return request(binding.unlink, [path], 'unlink', path);
}

function rename(oldPath, newPath) {
  oldPath = toPath(oldPath, 'oldPath');
  newPath = toPath(newPath, 'newPath');
  return request(binding.rename, [oldPath, newPath], 'rename', oldPath, newPath);
}

function link(existingPath, newPath) {
  existingPath = toPath(existingPath, 'existingPath');
  newPath = toPath(newPath, 'newPath');
  return request(binding.link, [existingPath, newPath], 'link', existingPath, newPath);
}

function symlink(target, path, type) {
  if (type !== undefined && type !== null && typeof type !== 'function' && !SYMLINK_TYPES.includes(type)) {
    throw new ERR_FS_INVALID_SYMLINK_TYPE(type);
  }
  target = toPath(target, 'target');
  path = toPath(path);
  return request(binding.symlink, [target, path], 'symlink', target, path);
}

function readlink(path, options) {
  const { encoding } = getOptions(options);
  path = toPath(path);
  const { raw, convert } = nameConverter(encoding);
  return request(binding.readlink, [path, raw], 'readlink', path, undefined, convert);
}

function realpathNative(path, options) {
  const { encoding } = getOptions(options);
  path = toPath(path);
  const { raw, convert } = nameConverter(encoding);
  return request(binding.realpath, [path, raw], 'realpath', path, undefined, convert);
}

// Which part of a path is missing, and whether as an entry or as what an entry points to.
function realpathError(path, errno) {
  const parts = require('path').resolve(path).split('/');
  let current = '';
  for (const part of parts.slice(1)) {
    current += `/${part}`;
    const entry = binding.stat(current, false, false, undefined);
    if (typeof entry === 'number') return systemError(entry, 'lstat', current);
    const found = binding.stat(current, true, false, undefined);
    if (typeof found === 'number') return systemError(found, 'stat', current);
  }
  return systemError(errno, 'realpath', path);
}

// Without the native function's own way of reporting: the part that is missing is named.
function realpath(path, options) {
  const { encoding } = getOptions(options);
  // Anything else is made a string, unlike elsewhere.
  path = typeof path === 'object' ? showPath(toPath(path)) : toPath(path);
  if (path === '') path = normalized(path);
  const { raw, convert } = nameConverter(encoding);
  return steps(() => {
    const result = binding.realpath(path, raw, undefined);
    if (typeof result === 'number') throw realpathError(path, result);
    return convert === undefined ? result : convert(result);
  });
}

function opendir(path, options) {
  path = toPath(path);
  options = getOptions(options, { encoding: 'utf8' });
  if (options.bufferSize !== undefined) validateUint32(options.bufferSize, 'options.bufferSize', true);
  const { Dir } = require('internal/fs/dir');
  const recursive = Boolean(options.recursive);
  return steps(() => {
    const listing = recursive ?
      listRecursively(path, { encoding: options.encoding, withFileTypes: true }) :
      performSync(Object.assign(
        readdir(path, { encoding: options.encoding, withFileTypes: true }), { syscall: 'opendir' }));
    return new Dir(path, listing);
  });
}


module.exports = {
  access,
  appendFile,
  chmod,
  chown,
  close,
  copyFile,
  fchmod,
  fchown,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  futimes,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  opendir,
  readContent,
  readFile,
  readdir,
  readlink,
  realpath,
  realpathNative,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
};
