'use strict';
// Programs that are waited for: `spawnSync` and what is made of it.

const binding = internalBinding('child_process');
const { ErrnoException, codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { PIPE, parseStdio } = require('internal/child_process/stdio');
const {
  checkMaxBuffer, checkTimeout, normalizeSpawnArguments, sanitizeKillSignal, signalName,
} = require('internal/child_process/arguments');

const MAX_BUFFER = 1024 * 1024;
const SIGTERM = 15;

function inputOf(input) {
  if (input === undefined || input === null) return undefined;
  if (ArrayBuffer.isView(input)) {
    return input instanceof Uint8Array ? input : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  if (typeof input === 'string') return input;
  throw new ERR_INVALID_ARG_TYPE('options.stdio[0]', ['Buffer', 'TypedArray', 'DataView', 'string'], input);
}

function run(options) {
  const { Buffer } = require('buffer');
  let input = inputOf(options.input);
  if (typeof input === 'string') input = Buffer.from(input, options.encoding === 'buffer' ? 'utf8' : options.encoding);
  // Data may stand in the list of descriptors, too.
  const stdio = Array.isArray(options.stdio) ? options.stdio.slice() : options.stdio;
  const inputs = [];
  if (Array.isArray(stdio)) {
    stdio.forEach((item, index) => {
      if (!item || typeof item !== 'object' || !('input' in item)) return;
      inputs[index] = inputOf(item.input);
      stdio[index] = 'pipe';
    });
  }
  const parsed = parseStdio(stdio, true);
  if (input !== undefined) {
    inputs[0] = input;
    parsed.stdio[0] = PIPE;
  }
  const result = binding.spawnSync({
    file: options.file,
    args: options.args,
    envPairs: options.envPairs,
    cwd: options.cwd,
    uid: options.uid ?? undefined,
    gid: options.gid ?? undefined,
    detached: options.detached,
    stdio: parsed.stdio,
    inputs,
    timeout: options.timeout ?? 0,
    maxBuffer: options.maxBuffer ?? Infinity,
    killSignal: options.killSignal ?? SIGTERM,
  });
  const output = result.output?.map((bytes) => (bytes === null ? null : Buffer.from(bytes))) ?? null;
  return {
    status: result.output === undefined ? null : result.status,
    signal: result.output === undefined ? null : signalName(result.signal),
    output,
    pid: result.pid,
    error: result.error,
  };
}

function runWithErrors(options) {
  const { error, ...rest } = run(options);
  const result = error === undefined ? rest : { error, ...rest };
  const { encoding } = options;
  if (result.output !== null && encoding && encoding !== 'buffer') {
    result.output = result.output.map((bytes) => bytes && bytes.toString(encoding));
  }
  result.stdout = result.output?.[1];
  result.stderr = result.output?.[2];
  if (error !== undefined) {
    result.error = ErrnoException(error, `spawnSync ${options.file}`);
    result.error.path = options.file;
    result.error.spawnargs = options.args.slice(1);
  }
  return result;
}

function normalized(file, args, options) {
  options = { __proto__: null, maxBuffer: MAX_BUFFER, ...normalizeSpawnArguments(file, args, options) };
  checkTimeout(options.timeout);
  checkMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);
  return options;
}

function spawnSync(file, args, options) {
  return runWithErrors(normalized(file, args, options));
}

// What `execSync` and `execFileSync` throw, if there is something.
function errorOf(result, args, command) {
  if (result.error) return Object.assign(result.error, result);
  if (result.status === 0) return undefined;
  let message = `Command failed: ${command || args.join(' ')}`;
  if (result.stderr && result.stderr.length > 0) message += `\n${result.stderr.toString()}`;
  return Object.assign(new Error(message), result);
}

function finish(options, command) {
  // Unless the program says what becomes of it, what the child complains of is seen.
  const inheritStderr = options.stdio ? options.stdio === 'inherit' : true;
  const result = runWithErrors(options);
  if (inheritStderr && result.stderr && options.stdio !== 'inherit') process.stderr.write(result.stderr);
  const error = errorOf(result, options.args, command);
  if (error) throw error;
  return result.stdout;
}

function execFileSync(file, args, options) {
  return finish(normalized(file, args, options), undefined);
}

function execSync(command, options) {
  const shell = typeof options?.shell === 'string' ? options.shell : true;
  return finish(normalized(command, { ...options, shell }), command);
}

module.exports = { execFileSync, execSync, spawnSync };
