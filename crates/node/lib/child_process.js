'use strict';
// `child_process`: running other programs. How they are started and waited for is in internal/child_process.

const {
  AbortError, genericNodeError,
  codes: { ERR_CHILD_PROCESS_STDIO_MAXBUFFER, ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const {
  validateAbortSignal, validateArray, validateFunction, validateObject, validateString,
} = require('internal/validators');
const { promisify } = require('internal/util');
const { ChildProcess } = require('internal/child_process/child');
const {
  checkMaxBuffer, checkNul, checkTimeout, normalizeSpawnArguments, present, sanitizeKillSignal,
} = require('internal/child_process/arguments');

const MAX_BUFFER = 1024 * 1024;

function killByTimeout(child, timeout, killSignal) {
  let timer = setTimeout(() => {
    timer = null;
    try {
      child.kill(killSignal);
    } catch (error) {
      child.emit('error', error);
    }
  }, timeout);
  child.once('exit', () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  });
}

function killByAbort(child, signal, killSignal) {
  const abort = () => {
    try {
      if (child.kill(killSignal)) child.emit('error', new AbortError(undefined, { cause: signal.reason }));
    } catch (error) {
      child.emit('error', error);
    }
  };
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  signal.addEventListener('abort', abort, { once: true });
  child.once('exit', () => signal.removeEventListener('abort', abort));
}

function spawn(file, args, options) {
  options = normalizeSpawnArguments(file, args, options);
  checkTimeout(options.timeout);
  validateAbortSignal(options.signal, 'options.signal');
  const killSignal = sanitizeKillSignal(options.killSignal);
  const child = new ChildProcess();
  child.spawn(options);
  if (options.timeout > 0) killByTimeout(child, options.timeout, killSignal);
  if (options.signal) killByAbort(child, options.signal, killSignal);
  return child;
}

// file, args, options and callback of `execFile`, of which all but the first may be left out.
function execFileArguments(file, args, options, callback) {
  if (Array.isArray(args)) {
    args = args.slice();
  } else if (args !== null && typeof args === 'object') {
    [args, options, callback] = [undefined, args, options];
  } else if (typeof args === 'function') {
    [args, options, callback] = [undefined, undefined, args];
  }
  args ??= [];
  if (typeof args !== 'object') throw new ERR_INVALID_ARG_TYPE('args', 'object', args);
  if (typeof options === 'function') [options, callback] = [undefined, options];
  else if (present(options)) validateObject(options, 'options');
  options ??= {};
  if (present(callback)) validateFunction(callback, 'callback');
  if (present(options.argv0)) {
    validateString(options.argv0, 'options.argv0');
    checkNul(options.argv0, 'options.argv0');
  }
  return { file, args, options, callback };
}

// What a child writes to one of its pipes, up to a limit.
class Output {
  constructor(stream, name, encoding, limit, onExcess) {
    this.parts = [];
    this.length = 0;
    this.encoding = encoding;
    if (encoding) stream.setEncoding(encoding);
    stream.on('data', (chunk) => {
      // Characters may have been limited in bytes.
      const length = encoding ? Buffer.byteLength(chunk, encoding) : chunk.length;
      this.length += length;
      if (this.length <= limit) {
        this.parts.push(chunk);
        return;
      }
      this.parts.push(chunk.slice(0, limit - (this.length - length)));
      onExcess(new ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name));
    });
  }

  whole() {
    return this.encoding ? this.parts.join('') : Buffer.concat(this.parts);
  }
}

const { Buffer } = require('buffer');

function execFile(file, args, options, callback) {
  ({ file, args, options, callback } = execFileArguments(file, args, options, callback));
  options = {
    encoding: 'utf8', timeout: 0, maxBuffer: MAX_BUFFER, killSignal: 'SIGTERM', cwd: null, env: null, shell: false,
    ...options,
  };
  checkTimeout(options.timeout);
  checkMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);

  const child = spawn(file, args, {
    cwd: options.cwd, env: options.env, gid: options.gid, shell: options.shell, signal: options.signal, uid: options.uid,
    argv0: options.argv0,
  });
  const encoding = options.encoding !== 'buffer' && Buffer.isEncoding(options.encoding) ? options.encoding : null;
  let killed = false;
  let exited = false;
  let failure = null;
  let timer = null;

  function kill() {
    child.stdout?.destroy();
    child.stderr?.destroy();
    killed = true;
    try {
      child.kill(options.killSignal);
    } catch (error) {
      failure ??= error;
      exit(null, null);
    }
  }

  function excess(error) {
    // Only the first counts.
    if (failure !== null) return;
    failure = error;
    kill();
  }

  const outputs = [
    child.stdout && new Output(child.stdout, 'stdout', encoding, options.maxBuffer, excess),
    child.stderr && new Output(child.stderr, 'stderr', encoding, options.maxBuffer, excess),
  ];

  function exit(code, signal) {
    if (exited) return;
    exited = true;
    if (timer !== null) clearTimeout(timer);
    if (!callback) return;
    const [stdout, stderr] = outputs.map((output) => (output ? output.whole() : (encoding ? '' : Buffer.alloc(0))));
    if (!failure && code === 0 && signal === null) {
      callback(null, stdout, stderr);
      return;
    }
    const command = [file, ...args].join(' ');
    if (!failure) {
      const { getSystemErrorName } = require('internal/util');
      failure = genericNodeError(`Command failed: ${command}\n${stderr}`, {
        code: code < 0 ? getSystemErrorName(code) : code,
        killed: child.killed || killed,
        signal,
      });
    }
    failure.cmd = command;
    callback(failure, stdout, stderr);
  }

  if (options.timeout > 0) {
    timer = setTimeout(() => {
      timer = null;
      kill();
    }, options.timeout);
  }
  child.addListener('close', exit);
  child.addListener('error', (error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    exit(null, null);
  });
  return child;
}

function execArguments(command, options, callback) {
  validateString(command, 'command');
  checkNul(command, 'command');
  if (typeof options === 'function') [options, callback] = [undefined, options];
  options = { ...options };
  options.shell = typeof options.shell === 'string' ? options.shell : true;
  return { command, options, callback };
}

function exec(command, options, callback) {
  ({ command, options, callback } = execArguments(command, options, callback));
  return execFile(command, options, callback);
}

// Promises for { stdout, stderr }, with the child beside.
function promising(original) {
  return Object.defineProperty((...args) => {
    let child;
    const promise = new Promise((resolve, reject) => {
      child = original(...args, (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      });
    });
    promise.child = child;
    return promise;
  }, 'name', { __proto__: null, value: original.name, configurable: true });
}

for (const original of [exec, execFile]) {
  Object.defineProperty(original, promisify.custom, {
    __proto__: null, enumerable: false, get: () => promising(original), configurable: true,
  });
}

function fork(modulePath, args, options) {
  modulePath = require('internal/fs/utils').toPath(modulePath, 'modulePath');
  if (!present(args)) {
    args = [];
  } else if (typeof args === 'object' && !Array.isArray(args)) {
    [args, options] = [[], args];
  } else {
    validateArray(args, 'args');
  }
  if (present(options)) validateObject(options, 'options');
  options = { ...options, shell: false };
  options.execPath ||= process.execPath;
  validateArray(options.execArgv ?? [], 'options.execArgv');
  const execArgv = options.execArgv ?? withoutScript(process.execArgv);
  if (!present(options.stdio)) {
    options.stdio = options.silent ? ['pipe', 'pipe', 'pipe', 'ipc'] : ['inherit', 'inherit', 'inherit', 'ipc'];
  } else if (typeof options.stdio === 'string') {
    options.stdio = [options.stdio, options.stdio, options.stdio, 'ipc'];
  } else if (!options.stdio.includes('ipc')) {
    const { codes: { ERR_CHILD_PROCESS_IPC_REQUIRED } } = require('internal/errors');
    throw new ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  }
  return spawn(options.execPath, [...execArgv, modulePath, ...args], options);
}

// A text to evaluate is not the child's.
function withoutScript(execArgv) {
  const at = execArgv.findIndex((word) => word === '-e' || word === '--eval' || word === '-pe' || word === '-p');
  if (at < 0) return execArgv;
  return [...execArgv.slice(0, at), ...execArgv.slice(at + 2)];
}

function _forkChild(fd) {
  require('internal/child_process/channel').setupParentChannel(fd);
}

const lazySync = (name) => ({
  [name](...args) { return require('internal/child_process/sync')[name](...args); },
}[name]);

const execFileSync = lazySync('execFileSync');
const spawnSync = lazySync('spawnSync');

function execSync(command, options) {
  validateString(command, 'command');
  checkNul(command, 'command');
  return require('internal/child_process/sync').execSync(command, options);
}

module.exports = { _forkChild, ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
