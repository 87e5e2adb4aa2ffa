'use strict';
// Fills the `process` object with what a program expects at once; the rest are getters that load
// other files when they are first read.

const binding = internalBinding('process');
const EventEmitter = require('events');
const { setupTicks } = require('internal/process/task_queues');
const { kVersion, makeVersions } = require('internal/process/versions');

// `process` is an emitter: its prototype's constructor is called `process` too. Programs that make
// a process object of their own (Jest) call it on theirs, so it does nothing.
const prototype = Object.create(EventEmitter.prototype, {
  constructor: {
    value: Object.defineProperty(function () {}, 'name', { value: 'process', configurable: true }),
    writable: true,
    configurable: true,
  },
});
Object.setPrototypeOf(process, prototype);
EventEmitter.call(process);
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true });

function readOnly(name, value) {
  Object.defineProperty(process, name, { value, enumerable: true, configurable: false, writable: false });
}

function lazily(name, get, set) {
  Object.defineProperty(process, name, {
    get,
    set: set ?? ((value) => {
      Object.defineProperty(process, name, { value, writable: true, enumerable: true, configurable: true });
    }),
    enumerable: true,
    configurable: true,
  });
}

// Methods that other files hold: a stub fetches the real one at its first call.
function methodsFrom(file, names) {
  for (const name of names) {
    lazily(name, () => {
      const value = require(file)[name];
      Object.defineProperty(process, name, { value, writable: true, enumerable: true, configurable: true });
      return value;
    });
  }
}

readOnly('version', kVersion);
readOnly('versions', makeVersions());
readOnly('arch', binding.arch);
readOnly('platform', binding.platform);
process.release = { name: 'node', lts: 'Krypton' };
process.execPath = binding.execPath;
process.execArgv = binding.execArgv;
process.argv = [binding.execPath, ...binding.args];
process.pid = binding.pid;
process.debugPort = 9229;
process._exiting = false;
Object.defineProperty(process, 'argv0', { value: binding.argv0, enumerable: true, writable: false });
lazily('ppid', binding.ppid, () => {});
lazily('config', () => {
  const config = Object.freeze({
    target_defaults: Object.freeze({ cflags: [], default_configuration: 'Release', defines: [], include_dirs: [], libraries: [] }),
    variables: Object.freeze({ napi_build_version: '0', v8_enable_i18n_support: 0 }),
  });
  Object.defineProperty(process, 'config', { value: config, enumerable: true, configurable: true, writable: true });
  return config;
});
lazily('features', () => {
  const { features } = require('internal/process/versions');
  Object.defineProperty(process, 'features', { value: features, enumerable: true, configurable: true });
  return features;
});
const { getOptionValue } = require('internal/options');
if (getOptionValue('--deprecation') === false) process.noDeprecation = true;
if (getOptionValue('--throw-deprecation') === true) process.throwDeprecation = true;
if (getOptionValue('--trace-deprecation') === true) process.traceDeprecation = true;
if (getOptionValue('--stack-trace-limit') !== undefined) {
  Error.stackTraceLimit = Number(getOptionValue('--stack-trace-limit'));
}
let title = getOptionValue('--title') ?? 'node';
lazily('title', () => title, (value) => { title = String(value); });

lazily('env', () => {
  const env = require('internal/process/env').makeEnv();
  Object.defineProperty(process, 'env', { value: env, enumerable: true, writable: true, configurable: true });
  return env;
});

let exitCode;
Object.defineProperty(process, 'exitCode', {
  get: () => exitCode,
  set(value) {
    if (value !== null && value !== undefined) {
      const number = typeof value === 'string' && value !== '' ? Number(value) : value;
      require('internal/validators').validateInteger(Number.isNaN(number) ? value : number, 'code');
    }
    exitCode = value;
  },
  enumerable: true,
  configurable: false,
});

process.reallyExit = function reallyExit(code) {
  binding.reallyExit(code === undefined || code === null ? 0 : Number(code) | 0);
};

process.exit = function exit(code) {
  if (code !== undefined) process.exitCode = code;
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  process.reallyExit(process.exitCode || 0);
};

process.abort = function abort() {
  binding.abort();
};

process.cwd = function cwd() {
  return binding.cwd();
};

methodsFrom('internal/process/methods', [
  'chdir', 'umask', 'kill', '_kill', 'hrtime', 'uptime', 'memoryUsage', 'resourceUsage', 'cpuUsage',
  'constrainedMemory', 'availableMemory', 'getuid', 'geteuid', 'getgid', 'getegid', 'getgroups',
  'setuid', 'seteuid', 'setgid', 'setegid', 'binding', '_linkedBinding', 'dlopen', '_rawDebug',
  'getActiveResourcesInfo', '_getActiveHandles', '_getActiveRequests', 'getBuiltinModule', 'openStdin',
  'allowedNodeEnvironmentFlags', 'loadEnvFile', 'setSourceMapsEnabled', 'threadCpuUsage',
]);
methodsFrom('internal/process/warning', ['emitWarning']);
methodsFrom('internal/process/exceptions', [
  'setUncaughtExceptionCaptureCallback', 'hasUncaughtExceptionCaptureCallback', '_fatalException',
]);
process.domain = null;

const streams = [];
const streamGetters = [];
for (const [fd, name] of ['stdin', 'stdout', 'stderr'].entries()) {
  streamGetters[fd] = () => streams[fd] ??= require('internal/process/stdio').makeStdio(fd);
  Object.defineProperty(process, name, {
    get: streamGetters[fd],
    set(value) {
      streams[fd] = value;
    },
    enumerable: true,
    configurable: true,
  });
}

// Whether nobody has seen the standard stream `fd` yet: then nobody can have changed it.
module.exports.isUntouched = (fd) => streams[fd] === undefined &&
  Object.getOwnPropertyDescriptor(process, fd === 1 ? 'stdout' : 'stderr')?.get === streamGetters[fd];

setupTicks();

// Signals are only caught while something listens.
process.on('newListener', (name, listener) => {
  if (typeof name === 'string' && name.startsWith('SIG')) require('internal/process/signal').start(name);
});
process.on('removeListener', (name) => {
  if (typeof name === 'string' && name.startsWith('SIG')) require('internal/process/signal').stop(name);
});
