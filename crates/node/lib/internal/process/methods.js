'use strict';
// Those methods of `process` that a program may never call.

const binding = internalBinding('process');
const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_OUT_OF_RANGE,
    ERR_UNKNOWN_SIGNAL,
  },
  ErrnoException,
  UVException,
} = require('internal/errors');
const {
  validateArray,
  validateNumber,
  validateObject,
  validateString,
  validateUint32,
} = require('internal/validators');

function chdir(directory) {
  validateString(directory, 'directory');
  const from = binding.cwd();
  const errno = binding.chdir(directory);
  if (errno !== undefined) {
    throw new UVException({ errno: -errno, syscall: 'chdir', path: from, dest: directory });
  }
}

function parseMode(value) {
  if (typeof value === 'string') {
    if (!/^[0-7]+$/.test(value)) {
      throw new ERR_INVALID_ARG_VALUE('mask', value,
                                      'must be a 32-bit unsigned integer or an octal string');
    }
    value = parseInt(value, 8);
  }
  validateUint32(value, 'mask');
  return value;
}

function umask(mask) {
  if (mask === undefined) return binding.umask();
  return binding.umask(parseMode(mask));
}

function signalNumber(signal) {
  if (typeof signal === 'number') return signal;
  const number = require('internal/process/signal').numbers()[signal];
  if (number === undefined) throw new ERR_UNKNOWN_SIGNAL(signal);
  return number;
}

function kill(pid, signal) {
  // A pid may come as a string.
  if (pid != (pid | 0)) { // eslint-disable-line eqeqeq
    throw new ERR_INVALID_ARG_TYPE('pid', 'number', pid);
  }
  const number = signal === undefined || signal === null ? 15 : signalNumber(signal);
  const errno = process._kill(pid | 0, number);
  if (errno) throw new ErrnoException(-errno, 'kill');
  return true;
}

function _kill(pid, signal) {
  return binding.kill(pid, signal);
}

function hrtime(time) {
  const [seconds, nanoseconds] = binding.hrtime();
  if (time === undefined) return [seconds, nanoseconds];
  validateArray(time, 'time');
  if (time.length !== 2) throw new ERR_OUT_OF_RANGE('time', 2, time.length);
  let sec = seconds - time[0];
  let nano = nanoseconds - time[1];
  if (nano < 0) {
    sec--;
    nano += 1e9;
  }
  return [sec, nano];
}

hrtime.bigint = function bigint() {
  const [seconds, nanoseconds] = binding.hrtime();
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
};

function uptime() {
  return binding.uptime();
}

function memoryUsage() {
  const [rss, heapTotal, heapUsed, external, arrayBuffers] = binding.memoryUsage();
  return { rss, heapTotal, heapUsed, external, arrayBuffers };
}

memoryUsage.rss = function rss() {
  return binding.rss();
};

function resourceUsage() {
  const values = binding.resourceUsage();
  return {
    userCPUTime: values[0],
    systemCPUTime: values[1],
    maxRSS: values[2],
    sharedMemorySize: values[3],
    unsharedDataSize: values[4],
    unsharedStackSize: values[5],
    minorPageFault: values[6],
    majorPageFault: values[7],
    swappedOut: values[8],
    fsRead: values[9],
    fsWrite: values[10],
    ipcSent: values[11],
    ipcReceived: values[12],
    signalsCount: values[13],
    voluntaryContextSwitches: values[14],
    involuntaryContextSwitches: values[15],
  };
}

function validCpuTime(value, name) {
  validateNumber(value, name);
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new ERR_INVALID_ARG_VALUE.RangeError(name, value);
}

function cpuUsage(before) {
  if (before) {
    validateObject(before, 'prevValue');
    validCpuTime(before.user, 'prevValue.user');
    validCpuTime(before.system, 'prevValue.system');
  }
  const [user, system] = binding.resourceUsage();
  if (before) return { user: user - before.user, system: system - before.system };
  return { user, system };
}

function threadCpuUsage(before) {
  return cpuUsage(before);
}

function constrainedMemory() {
  return 0;
}

function availableMemory() {
  return binding.availableMemory();
}

const ids = {};
for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups']) {
  ids[name] = { [name]() { return binding[name](); } }[name];
}
for (const name of ['setuid', 'seteuid', 'setgid', 'setegid']) {
  ids[name] = {
    [name](id) {
      if (typeof id === 'number') validateUint32(id, 'id');
      else if (typeof id !== 'string') throw new ERR_INVALID_ARG_TYPE('id', ['number', 'string'], id);
      const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
      throw new ERR_METHOD_NOT_IMPLEMENTED(`process.${name}()`);
    },
  }[name];
}

// Add-ons are out of scope: the error says so, and whose this one is.
function dlopen(module, filename) {
  const { codes: { ERR_DLOPEN_FAILED } } = require('internal/errors');
  const name = packageOf(`${filename}`);
  throw new ERR_DLOPEN_FAILED(`${name === undefined ? 'a native add-on' : `the native add-on of the package "${name}"`
  } cannot be loaded: sandtide node has no Node-API (${filename})`);
}

// The name of the package that a file belongs to: of a package of the platform's binary, that one's.
function packageOf(filename) {
  const { dirname } = require('internal/cjs/path');
  const { readPackage } = require('internal/cjs/package');
  for (let folder = dirname(filename); ; folder = dirname(folder)) {
    let name;
    try {
      name = readPackage(folder)?.name;
    } catch {
      // A package.json that is none names nobody.
    }
    if (typeof name === 'string' && name !== '') return name;
    if (folder === dirname(folder)) return undefined;
  }
}

function _rawDebug(...args) {
  binding.writeStdio(2, `${require('internal/util/inspect').format(...args)}\n`);
}

function getBuiltinModule(id) {
  validateString(id, 'id');
  const { isBuiltin, requirePublic } = require('internal/cjs/builtins');
  return isBuiltin(id) ? requirePublic(id) : undefined;
}

function openStdin() {
  process.stdin.resume();
  return process.stdin;
}

function loadEnvFile(path = '.env') {
  const text = require('fs').readFileSync(path, 'utf8');
  const { parseEnv } = require('util');
  for (const [key, value] of Object.entries(parseEnv(text))) {
    if (process.env[key] === undefined) process.env[key] = value;
  }
}

// A set that answers for every way to write an option, as the command line does.
class EnvironmentFlags extends Set {
  has(key) {
    if (typeof key !== 'string') return false;
    let name = key.replace(/_/g, '-').replace(/=.*$/s, '');
    if (!name.startsWith('-')) name = `--${name}`;
    return super.has(name) || super.has(name.replace(/^--no-/, '--'));
  }

  add() {
    return this;
  }

  delete() {
    return false;
  }

  clear() {}
}

const allowedNodeEnvironmentFlags = new EnvironmentFlags();
for (const name of internalBinding('options').environmentFlags) {
  Set.prototype.add.call(allowedNodeEnvironmentFlags, name);
}
Object.freeze(allowedNodeEnvironmentFlags);

module.exports = {
  chdir,
  umask,
  kill,
  _kill,
  hrtime,
  uptime,
  memoryUsage,
  resourceUsage,
  cpuUsage,
  threadCpuUsage,
  constrainedMemory,
  availableMemory,
  ...ids,
  binding(name) {
    return require('internal/process/legacy_bindings').binding(name);
  },
  _linkedBinding(name) {
    return require('internal/process/legacy_bindings').linkedBinding(name);
  },
  dlopen,
  _rawDebug,
  getActiveResourcesInfo: () => [],
  _getActiveHandles: () => [],
  _getActiveRequests: () => [],
  getBuiltinModule,
  openStdin,
  loadEnvFile,
  setSourceMapsEnabled() {},
  allowedNodeEnvironmentFlags,
};
