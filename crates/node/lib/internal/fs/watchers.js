'use strict';
// Watching files. The system is asked again and again; it does not tell by itself here.

const EventEmitter = require('events');
const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM }, AbortError } = require('internal/errors');
const { validateAbortSignal, validateFunction, validateObject, validateUint32 } = require('internal/validators');
const { performSync } = require('internal/fs/requests');
const { getOptions, makeStats, nameConverter, showPath, systemError, toPath } = require('internal/fs/utils');
const operations = require('internal/fs/operations');

// How often `watch` asks, in milliseconds.
const PERIOD = 50;

function statOrZero(path, bigint) {
  const found = performSync(operations.stat(path, { bigint, throwIfNoEntry: false }));
  return found ?? makeStats(new Array(18).fill(bigint ? 0n : 0), bigint);
}

const differs = (a, b) => a.mtimeMs !== b.mtimeMs || a.ctimeMs !== b.ctimeMs || a.ino !== b.ino || a.size !== b.size ||
  a.mode !== b.mode || a.nlink !== b.nlink || a.dev !== b.dev;

class StatWatcher extends EventEmitter {
  #timer;
  #path;
  #options;
  #last;

  constructor(path, { persistent, interval, bigint }) {
    super();
    this.#path = path;
    this.#options = { bigint };
    this.#last = statOrZero(path, bigint);
    this.#timer = setInterval(() => this.#check(), interval);
    if (!persistent) this.#timer.unref();
    // A file that is not there is told of once.
    if (this.#last.nlink == 0) process.nextTick(() => this.emit('change', this.#last, this.#last)); // eslint-disable-line eqeqeq
  }

  #check() {
    const now = statOrZero(this.#path, this.#options.bigint);
    const last = this.#last;
    if (!differs(now, last)) return;
    this.#last = now;
    this.emit('change', now, last);
  }

  stop() {
    clearInterval(this.#timer);
    this.emit('stop');
  }

  ref() {
    this.#timer.ref();
    return this;
  }

  unref() {
    this.#timer.unref();
    return this;
  }
}

const statWatchers = new Map();

function watchFile(filename, options, listener) {
  filename = require('path').resolve(showPath(toPath(filename, 'filename')));
  if (options === null || typeof options !== 'object') [options, listener] = [undefined, options];
  options = { interval: 5007, persistent: true, bigint: false, ...options };
  validateFunction(listener, 'listener');
  validateUint32(options.interval, 'interval');
  let watcher = statWatchers.get(filename);
  if (watcher === undefined) {
    watcher = new StatWatcher(filename, options);
    statWatchers.set(filename, watcher);
  }
  watcher.addListener('change', listener);
  return watcher;
}

function unwatchFile(filename, listener) {
  filename = require('path').resolve(showPath(toPath(filename, 'filename')));
  const watcher = statWatchers.get(filename);
  if (watcher === undefined) return;
  if (typeof listener === 'function') watcher.removeListener('change', listener);
  else watcher.removeAllListeners('change');
  if (watcher.listenerCount('change') === 0) {
    watcher.stop();
    statWatchers.delete(filename);
  }
}

// Names in a folder (or the file itself) and what identifies their state.
function snapshot(path, isFolder) {
  const state = new Map();
  const names = isFolder ? listOrNothing(path) : [''];
  for (const name of names) {
    const found = performSync(operations.lstat(isFolder ? `${path}/${name}` : path, { bigint: true, throwIfNoEntry: false }));
    if (found !== undefined) state.set(name, `${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${found.size}`);
  }
  return state;
}

function listOrNothing(path) {
  try {
    return performSync(operations.readdir(path));
  } catch {
    return [];
  }
}

class FSWatcher extends EventEmitter {
  #timer;
  #closed = false;

  constructor(path, options) {
    super();
    const found = performSync(operations.stat(path, { throwIfNoEntry: false }));
    if (found === undefined) {
      const error = systemError(-2, 'watch', path);
      error.filename = path;
      throw error;
    }
    const isFolder = found.isDirectory();
    const { convert } = nameConverter(options.encoding);
    const show = (name) => {
      const shown = isFolder ? name : require('path').basename(path);
      return convert === undefined ? shown : convert(require('buffer').Buffer.from(shown));
    };
    let last = snapshot(path, isFolder);
    this.#timer = setInterval(() => {
      const now = snapshot(path, isFolder);
      const before = last;
      last = now;
      for (const [name, state] of now) {
        if (this.#closed) return;
        if (!before.has(name)) this.emit('change', 'rename', show(name));
        else if (before.get(name) !== state) this.emit('change', 'change', show(name));
      }
      for (const name of before.keys()) {
        if (this.#closed) return;
        if (!now.has(name)) this.emit('change', 'rename', show(name));
      }
    }, PERIOD);
    if (!options.persistent) this.#timer.unref();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    process.nextTick(() => this.emit('close'));
  }

  ref() {
    this.#timer.ref();
    return this;
  }

  unref() {
    this.#timer.unref();
    return this;
  }
}

function watch(filename, options, listener) {
  if (typeof options === 'function') [options, listener] = [undefined, options];
  options = { persistent: true, recursive: false, encoding: 'utf8', ...getOptions(options) };
  if (options.recursive) throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('watch recursively');
  const watcher = new FSWatcher(showPath(toPath(filename)), options);
  if (listener) {
    validateFunction(listener, 'listener');
    watcher.addListener('change', listener);
  }
  const { signal } = options;
  if (signal !== undefined) {
    if (signal.aborted) process.nextTick(() => watcher.close());
    else signal.addEventListener('abort', () => watcher.close(), { once: true });
  }
  return watcher;
}

async function* watchIterator(filename, options = {}) {
  validateObject(options, 'options');
  const { signal, ...others } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const events = [];
  let wake;
  const watcher = watch(filename, others, (eventType, name) => {
    events.push({ __proto__: null, eventType, filename: name });
    wake?.();
  });
  const abort = () => wake?.();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
      if (events.length > 0) yield events.shift();
      else await new Promise((resolve) => { wake = resolve; });
    }
  } finally {
    watcher.close();
    signal?.removeEventListener('abort', abort);
  }
}

module.exports = { FSWatcher, StatWatcher, unwatchFile, watch, watchFile, watchIterator };
