'use strict';
// `fs`: the forms with callbacks and those that wait, made of the operations in internal/fs.

const binding = internalBinding('fs');
const operations = require('internal/fs/operations');
const { performAsync, performSync } = require('internal/fs/requests');
const constants = require('internal/fs/constants');
const {
  Dirent, Stats, abortError, getOptions, makeCallback, toPath, toTime,
} = require('internal/fs/utils');
const { SymbolDispose, customPromisifyArgs } = require('internal/util');
const readWrite = require('internal/fs/read_write');

function named(name, fn) {
  return Object.defineProperty(fn, 'name', { __proto__: null, value: name, configurable: true });
}

// The form with a callback, which comes after `most` arguments or in place of those left out.
function withCallback(name, [most, least], operation) {
  return named(name, (...args) => {
    const at = args.length > most ? most : Math.max(args.length - 1, least);
    const callback = makeCallback(args[at]);
    const given = args.slice(0, at);
    performAsync(operation(...given), callback);
  });
}

function withSync(name, operation) {
  return named(name, (...args) => performSync(operation(...args)));
}

const fs = module.exports;

// Operations in the order of Node's keys: how many arguments come before the callback, and how many at least.
const forms = {
  appendFile: [3, 2], access: [2, 1], chown: [3, 3], chmod: [2, 2], close: [1, 1], copyFile: [3, 2], cp: [3, 2],
  fchown: [3, 3], fchmod: [2, 2], fdatasync: [1, 1], fstat: [2, 1], fsync: [1, 1], ftruncate: [2, 1], futimes: [3, 3],
  lchown: [3, 3], link: [2, 2], lstat: [2, 1], lutimes: [3, 3], mkdir: [2, 1], mkdtemp: [2, 1], open: [3, 1],
  readdir: [2, 1], readFile: [2, 1], readlink: [2, 1], realpath: [2, 1], rename: [2, 2], rm: [2, 1], rmdir: [2, 1],
  stat: [2, 1], statfs: [2, 1], symlink: [3, 2], truncate: [2, 1], unlink: [1, 1], utimes: [3, 3], writeFile: [3, 2],
  opendir: [2, 1],
};

// Seldom used ones are in files of their own.
const rare = {
  cp: (...args) => require('internal/fs/cp').cp(...args),
  rm: (...args) => require('internal/fs/rm').rm(...args),
};

for (const name of Object.keys(forms)) {
  const operation = rare[name] ?? operations[name];
  fs[name] = withCallback(name, forms[name], operation);
  fs[`${name}Sync`] = withSync(`${name}Sync`, operation);
}

fs.realpath.native = withCallback('native', [2, 1], operations.realpathNative);
fs.realpathSync.native = withSync('native', operations.realpathNative);

fs.existsSync = function existsSync(path) {
  try {
    return binding.exists(toPath(path));
  } catch {
    return false;
  }
};

fs.exists = function exists(path, callback) {
  makeCallback(callback);
  process.nextTick(callback, fs.existsSync(path));
};
Object.defineProperty(fs.exists, require('internal/util').promisify.custom, {
  __proto__: null,
  value: (path) => new Promise((resolve) => fs.exists(path, resolve)),
});

// `close` without a callback throws what goes wrong.
fs.close = function close(fd, callback = (error) => { if (error) throw error; }) {
  const op = operations.close(fd);
  performAsync(op, makeCallback(callback));
};

// These can be aborted.
for (const [name, at] of [['readFile', 1], ['writeFile', 2]]) {
  const plain = fs[name];
  fs[name] = named(name, (...args) => {
    const signal = args[at]?.signal;
    if (signal === undefined || typeof args[at] === 'function') return plain(...args);
    getOptions(args[at]);
    const callback = makeCallback(args[at + 1]);
    if (signal.aborted) {
      process.nextTick(callback, abortError(signal));
      return undefined;
    }
    return plain(...args.slice(0, at + 1), (error, value) => {
      if (signal.aborted) callback(abortError(signal));
      else if (error || value === undefined) callback(error);
      else callback(error, value);
    });
  });
}

for (const name of ['read', 'readSync', 'readv', 'readvSync', 'write', 'writeSync', 'writev', 'writevSync']) {
  fs[name] = named(name, readWrite[name]);
}
for (const [name, names] of [
  ['read', ['bytesRead', 'buffer']], ['readv', ['bytesRead', 'buffers']],
  ['write', ['bytesWritten', 'buffer']], ['writev', ['bytesWritten', 'buffers']],
]) {
  Object.defineProperty(fs[name], customPromisifyArgs, { __proto__: null, value: names, enumerable: false });
}

// Changing the mode of a link itself is not known on Linux; programs that ask for it do without.
fs.lchmod = undefined;
fs.lchmodSync = undefined;

fs.openAsBlob = async function openAsBlob(path, options = {}) {
  const { validateObject } = require('internal/validators');
  validateObject(options, 'options');
  const { Blob } = require('buffer');
  return new Blob([fs.readFileSync(path)], { type: options.type });
};

fs.glob = function glob(...args) {
  return require('internal/fs/glob').glob(...args);
};
fs.globSync = function globSync(...args) {
  return require('internal/fs/glob').globSync(...args);
};

function disposable(path) {
  const remove = () => fs.rmSync(path, { recursive: true, force: true });
  return { path, remove, [SymbolDispose]: remove };
}

fs.mkdtempDisposableSync = function mkdtempDisposableSync(prefix, options) {
  return disposable(require('path').resolve(fs.mkdtempSync(prefix, options)));
};

fs.watch = function watch(...args) {
  return require('internal/fs/watchers').watch(...args);
};
fs.watchFile = function watchFile(...args) {
  return require('internal/fs/watchers').watchFile(...args);
};
fs.unwatchFile = function unwatchFile(...args) {
  return require('internal/fs/watchers').unwatchFile(...args);
};

fs.createReadStream = function createReadStream(path, options) {
  return new fs.ReadStream(path, options);
};
fs.createWriteStream = function createWriteStream(path, options) {
  return new fs.WriteStream(path, options);
};

fs.Dirent = Dirent;
fs.Stats = Stats;
fs._toUnixTimestamp = toTime;
fs.constants = constants;

function lazy(key, load, enumerable = true) {
  const define = (value) => Object.defineProperty(fs, key, {
    __proto__: null, value, writable: true, enumerable, configurable: true,
  });
  Object.defineProperty(fs, key, {
    __proto__: null,
    get() {
      const value = load();
      define(value);
      return value;
    },
    set: define,
    enumerable,
    configurable: true,
  });
}

for (const key of ['ReadStream', 'WriteStream']) {
  lazy(key, () => require('internal/fs/streams')[key]);
  lazy(`File${key}`, () => require('internal/fs/streams')[key]);
}
lazy('Dir', () => require('internal/fs/dir').Dir);
lazy('promises', () => require('fs/promises'));

for (const key of ['F_OK', 'R_OK', 'W_OK', 'X_OK']) {
  Object.defineProperty(fs, key, { __proto__: null, value: constants[key], enumerable: true, writable: false });
}
Object.defineProperty(fs, 'constants', { __proto__: null, value: constants, enumerable: true, writable: false });
