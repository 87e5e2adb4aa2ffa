'use strict';
// The functions of `fs/promises`.

const { performPromise } = require('internal/fs/requests');
const operations = require('internal/fs/operations');
const { abortError, getOptions, toBytes } = require('internal/fs/utils');
const constants = require('internal/fs/constants');
const { FileHandle } = require('internal/fs/handle');

function isIterable(data) {
  return data !== null && typeof data === 'object' && !ArrayBuffer.isView(data) &&
    (typeof data[Symbol.asyncIterator] === 'function' || typeof data[Symbol.iterator] === 'function');
}

async function writeChunks(handle, data, options) {
  const { encoding, signal } = getOptions(options, { encoding: 'utf8' });
  for await (const chunk of data) {
    if (signal?.aborted) throw abortError(signal);
    let bytes = toBytes(chunk, encoding);
    if (typeof bytes === 'string') bytes = require('buffer').Buffer.from(bytes);
    while (bytes.length > 0) {
      const { bytesWritten } = await handle.write(bytes, 0, bytes.length);
      bytes = bytes.subarray(bytesWritten);
    }
  }
}

const promises = {};

function define(name, operation) {
  promises[name] = {
    async [name](...args) {
      return performPromise(operation(...args));
    },
  }[name];
}

for (const name of ['access', 'copyFile']) define(name, operations[name]);

promises.cp = async function cp(src, dest, options) {
  return require('internal/fs/cp').cpPromise(src, dest, options);
};

promises.open = async function open(path, flags, mode) {
  return new FileHandle(await performPromise(operations.open(path, flags, mode)));
};

for (const name of ['opendir', 'rename', 'truncate']) define(name, operations[name]);
define('rm', (path, options) => require('internal/fs/rm').rm(path, options));
for (const name of ['rmdir', 'mkdir', 'readdir', 'readlink', 'symlink', 'lstat', 'stat', 'statfs', 'link', 'unlink', 'chmod']) {
  define(name, operations[name]);
}

promises.lchmod = async function lchmod() {
  const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
  throw new ERR_METHOD_NOT_IMPLEMENTED('lchmod()');
};

for (const name of ['lchown', 'chown', 'utimes', 'lutimes']) define(name, operations[name]);
define('realpath', operations.realpathNative);
define('mkdtemp', operations.mkdtemp);

promises.writeFile = async function writeFile(path, data, options) {
  const { signal, flag = 'w', mode } = getOptions(options, {});
  if (signal?.aborted) throw abortError(signal);
  if (path instanceof FileHandle) return path.writeFile(data, options);
  if (!isIterable(data)) {
    await performPromise(operations.writeFile(path, data, options));
    if (signal?.aborted) throw abortError(signal);
    return undefined;
  }
  const handle = await promises.open(path, flag, mode);
  try {
    await writeChunks(handle, data, options);
  } finally {
    await handle.close();
  }
  return undefined;
};

promises.appendFile = async function appendFile(path, data, options) {
  options = { ...getOptions(options, { encoding: 'utf8', mode: 0o666 }) };
  options.flag ||= 'a';
  return promises.writeFile(path, data, options);
};

promises.readFile = async function readFile(path, options) {
  options = getOptions(options, { flag: 'r' });
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  if (path instanceof FileHandle) return path.readFile(options);
  const content = await performPromise(operations.readFile(path, options));
  if (signal?.aborted) throw abortError(signal);
  return content;
};

promises.glob = function glob(pattern, options) {
  return require('internal/fs/glob').globIterator(pattern, options);
};

promises.mkdtempDisposable = async function mkdtempDisposable(prefix, options) {
  const { SymbolAsyncDispose } = require('internal/util');
  const path = require('path').resolve(await promises.mkdtemp(prefix, options));
  const remove = () => promises.rm(path, { recursive: true, force: true });
  return { path, remove, [SymbolAsyncDispose]: remove };
};

promises.watch = function watch(path, options) {
  return require('internal/fs/watchers').watchIterator(path, options);
};

promises.constants = constants;

module.exports = { isIterable, promises, writeChunks };
