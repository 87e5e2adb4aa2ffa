'use strict';
// `ChildProcess`: a program that runs, its pipes and its end.

const EventEmitter = require('events');
const binding = internalBinding('child_process');
const { after: afterReads } = internalBinding('stream');
const { endScope, makeScope, runInScope } = require('internal/async_hooks');
const { ErrnoException } = require('internal/errors');
const { validateArray, validateObject, validateOneOf, validateString } = require('internal/validators');
const { SymbolDispose, convertToValidSignal } = require('internal/util');
const { CHANNEL, PIPE, parseStdio } = require('internal/child_process/stdio');
const { checkNuls, signalName } = require('internal/child_process/arguments');

const ESRCH = -3;
const EINVAL = -22;
const ENOSYS = -38;
// Reported by an event. The others are thrown.
const EVENT_ERRORS = new Set([-13, -11, -24, -23, -2]);

const SETTLING_ROUNDS = 8;

// What the child's process is to the system.
class ProcessHandle {
  #id;
  #referenced = true;
  #ended = false;

  constructor(id) {
    this.#id = id;
  }

  kill(signal) {
    return this.#ended ? ESRCH : binding.kill(this.#id, signal);
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

  // There is no such process any more.
  end() {
    this.#ended = true;
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

// Lets what is being read get on as far as the child's output goes, but not forever: others may write into the same
// pipes.
function settle(child, before, rounds, done) {
  let now = 0;
  let open = false;
  for (const stream of child.stdio) {
    if (!stream?.readableFlowing) continue;
    now += stream.bytesRead;
    open ||= !stream.readableEnded;
  }
  // The end of the channel is the last of it.
  if (rounds === 0 || (!child.connected && (!open || now === before))) done();
  else afterReads(() => settle(child, now, rounds - 1, done));
}

// `fd` is undefined for the pipe of a child that could not be started.
function makeStream(child, fd, index) {
  const { Socket } = require('internal/child_process/pipe');
  const { StreamHandle } = require('internal/stream_handle');
  const stream = new Socket({
    handle: fd === undefined ? undefined : new StreamHandle(fd),
    readable: index !== 0,
    writable: index === 0 || index > 2,
    oneWay: index < 3,
  });
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
  const scope = makeScope('PROCESSWRAP');
  const started = binding.spawn({
    file: options.file,
    args: this.spawnargs.length === 0 ? [options.file] : this.spawnargs,
    envPairs,
    cwd: options.cwd,
    uid: options.uid ?? undefined,
    gid: options.gid ?? undefined,
    detached: Boolean(options.detached),
    stdio,
  }, (exitCode, signal) => {
    this._handle?.end();
    // What the child has written last is being asked for by now: it should be heard of before its end.
    settle(this, -1, SETTLING_ROUNDS, () => {
      runInScope(scope, onExit, undefined, [this, exitCode, signal]);
      endScope(scope);
    });
  });

  const failed = typeof started === 'number';
  let streams;
  if (failed) {
    if (!EVENT_ERRORS.has(started)) throw ErrnoException(started, 'spawn');
    process.nextTick(onExit, this, started, 0);
    // As if they had been there: what waits for their end must get it.
    streams = stdio.map((what, index) => (what === PIPE ? makeStream(this, undefined, index) : null));
    process.nextTick(() => { for (const stream of streams) stream?.destroy(); });
  } else {
    process.nextTick(() => this.emit('spawn'));
    this._handle = new ProcessHandle(started.id);
    this.pid = started.pid;
    streams = started.stdio.map((fd, index) => (
      typeof fd !== 'number' || stdio[index] === CHANNEL ? null : makeStream(this, fd, index)));
    if (ipcIndex >= 0) {
      const { setupChannel } = require('internal/child_process/channel');
      this._closesNeeded++;
      setupChannel(this, started.stdio[ipcIndex], serialization, () => maybeClose(this));
    }
  }
  this.stdin = streams[0] ?? null;
  this.stdout = streams[1] ?? null;
  this.stderr = streams[2] ?? null;
  this.stdio = streams;
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
