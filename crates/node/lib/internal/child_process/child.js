'use strict';
// `ChildProcess`: a program that runs, its pipes and its end.

const EventEmitter = require('events');
const binding = internalBinding('child_process');
const { ErrnoException } = require('internal/errors');
const { validateArray, validateObject, validateOneOf, validateString } = require('internal/validators');
const { SymbolDispose, convertToValidSignal } = require('internal/util');
const { parseStdio, CHANNEL } = require('internal/child_process/stdio');
const { checkNuls, signalName } = require('internal/child_process/arguments');

const ESRCH = -3;
const EINVAL = -22;
const ENOSYS = -38;
// Reported by an event. The others are thrown.
const EVENT_ERRORS = new Set([-13, -11, -24, -23, -2]);

// What the child's process is to the system.
class ProcessHandle {
  #id;
  #referenced = true;

  constructor(id) {
    this.#id = id;
  }

  kill(signal) {
    return binding.kill(this.#id, signal);
  }

  ref() {
    this.#referenced = true;
    binding.setRef(this.#id, true);
  }

  unref() {
    this.#referenced = false;
    binding.setRef(this.#id, false);
  }

  hasRef() {
    return this.#referenced;
  }
}

function ChildProcess() {
  Reflect.apply(EventEmitter, this, []);
  this._closesNeeded = 1;
  this._closesGot = 0;
  this.connected = false;
  this.signalCode = null;
  this.exitCode = null;
  this.killed = false;
  this.spawnfile = null;
  this._handle = null;
}
Object.setPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
Object.setPrototypeOf(ChildProcess, EventEmitter);

function flushStdio(child) {
  for (const stream of child.stdio ?? []) {
    // What nobody reads must not keep the child from being closed.
    if (!stream || !stream.readable || stream._readableState?.readableListening) continue;
    stream.resume();
  }
}

function maybeClose(child) {
  child._closesGot++;
  if (child._closesGot === child._closesNeeded) child.emit('close', child.exitCode, child.signalCode);
}

function onExit(child, exitCode, signalNumber) {
  const signal = signalName(signalNumber);
  if (signal !== null) child.signalCode = signal;
  else child.exitCode = exitCode;
  if (child.stdin) child.stdin.destroy();
  child._handle = null;
  if (exitCode < 0) {
    const syscall = child.spawnfile ? `spawn ${child.spawnfile}` : 'spawn';
    const error = ErrnoException(exitCode, syscall);
    if (child.spawnfile) error.path = child.spawnfile;
    error.spawnargs = child.spawnargs.slice(1);
    child.emit('error', error);
  } else {
    child.emit('exit', child.exitCode, child.signalCode);
  }
  // Streams that are waited for are read to their end first.
  process.nextTick(flushStdio, child);
  maybeClose(child);
}

function makeStream(child, fd, index) {
  const { Socket } = require('net');
  const { StreamHandle } = require('internal/stream_handle');
  const stream = new Socket({
    handle: new StreamHandle(fd), readable: index !== 0, writable: index === 0 || index > 2,
    allowHalfOpen: index > 2,
  });
  // One way: ending it closes it.
  stream._handle.isPipe = index < 3;
  if (index !== 0) {
    child._closesNeeded++;
    stream.on('close', () => maybeClose(child));
  }
  return stream;
}

// A pipe to a child that could not be started.
function makeDeadStream(child, index) {
  const { Socket } = require('net');
  const stream = new Socket({ readable: index !== 0, writable: index === 0 || index > 2 });
  if (index !== 0) {
    child._closesNeeded++;
    stream.on('close', () => maybeClose(child));
  }
  return stream;
}

ChildProcess.prototype.spawn = function spawn(options) {
  validateObject(options, 'options');
  const { serialization = 'json' } = options;
  validateOneOf(serialization, 'options.serialization', [undefined, 'json', 'advanced']);
  const { stdio, ipcIndex } = parseStdio(options.stdio || 'pipe', false);
  const envPairs = options.envPairs === undefined ? [] : options.envPairs;
  validateArray(envPairs, 'options.envPairs');
  if (ipcIndex >= 0) {
    envPairs.push(`NODE_CHANNEL_FD=${ipcIndex}`, `NODE_CHANNEL_SERIALIZATION_MODE=${serialization}`);
  }
  validateString(options.file, 'options.file');
  this.spawnfile = options.file;
  if (options.args === undefined) {
    this.spawnargs = [];
  } else {
    validateArray(options.args, 'options.args');
    checkNuls(options.args, 'options.args');
    this.spawnargs = options.args;
  }
  const started = binding.spawn({
    file: options.file,
    args: this.spawnargs.length === 0 ? [options.file] : this.spawnargs,
    envPairs,
    cwd: options.cwd,
    uid: options.uid ?? undefined,
    gid: options.gid ?? undefined,
    detached: Boolean(options.detached),
    stdio,
  }, (exitCode, signal) => onExit(this, exitCode, signal));

  const failed = typeof started === 'number';
  if (failed) {
    if (!EVENT_ERRORS.has(started)) throw ErrnoException(started, 'spawn');
    process.nextTick(onExit, this, started, 0);
    // As if they had been there: what waits for their end must get it.
    this.stdio = stdio.map((what, index) => (what === -2 ? makeDeadStream(this, index) : null));
    process.nextTick(() => { for (const stream of this.stdio) stream?.destroy(); });
  } else {
    process.nextTick(() => this.emit('spawn'));
    this._handle = new ProcessHandle(started.id);
    this.pid = started.pid;
    this.stdio = started.stdio.map((fd, index) => (
      typeof fd !== 'number' || stdio[index] === CHANNEL ? null : makeStream(this, fd, index)));
    if (ipcIndex >= 0) {
      const { setupChannel } = require('internal/child_process/channel');
      this._closesNeeded++;
      setupChannel(this, started.stdio[ipcIndex], serialization, () => maybeClose(this));
    }
  }
  this.stdin = this.stdio[0] ?? null;
  this.stdout = this.stdio[1] ?? null;
  this.stderr = this.stdio[2] ?? null;
  return failed ? started : 0;
};

ChildProcess.prototype.kill = function kill(signal) {
  const number = signal === 0 ? 0 : convertToValidSignal(signal === undefined ? 'SIGTERM' : signal);
  if (this._handle) {
    const error = this._handle.kill(number);
    if (error === 0) {
      this.killed = true;
      return true;
    }
    if (error !== ESRCH) {
      if (error === EINVAL || error === ENOSYS) throw ErrnoException(error, 'kill');
      this.emit('error', ErrnoException(error, 'kill'));
    }
  }
  // There is no such process.
  return false;
};

ChildProcess.prototype.ref = function ref() {
  this._handle?.ref();
};

ChildProcess.prototype.unref = function unref() {
  this._handle?.unref();
};

Object.defineProperty(ChildProcess.prototype, SymbolDispose, {
  __proto__: null,
  value: function dispose() { if (!this.killed) this.kill(); },
  enumerable: false,
  writable: true,
  configurable: true,
});

module.exports = { ChildProcess };
