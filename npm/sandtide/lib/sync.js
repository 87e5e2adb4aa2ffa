'use strict';
// A host of its own that is spoken to synchronously, for `sandtide/vm`: its answers are waited for on
// the calling thread, as Node's `vm` has it. Must not know what is run.

const { spawn, spawnSync } = require('node:child_process');
const { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync, constants } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const codec = require('./codec.js');
const messages = require('./messages.js');
const { described, settings } = require('./host.js');
const { SandtideError, ofProblem } = require('./errors.js');
const { program } = require('./resolve.js');

const { say } = messages;
/** The one pool of this host. */
const POOL = 1;
/** Runs that may lie in each other: one calls a function that starts the next. */
const MOST_NESTED = 16;
const READ = 64 * 1024;

/** Descriptors of two pipes, both ends of each. */
function pipes(file) {
  const directory = mkdtempSync(join(tmpdir(), 'sandtide-'));
  try {
    const made = spawnSync(file, ['host', '--make-pipes', directory], { encoding: 'utf8' });
    if (made.error || made.status !== 0) {
      const why = made.error?.message ?? (made.stderr.trim() || `it ended with code ${made.status}`);
      throw new SandtideError('ERR_HOST_START', `the host could not be started: ${why}`, {
        cause: made.error,
      });
    }
    return ['in', 'out'].map((name) => {
      const path = join(directory, name);
      // Opened for both, a pipe waits for nobody; then its ends find each other.
      const both = openSync(path, constants.O_RDWR);
      const read = openSync(path, constants.O_RDONLY);
      const write = openSync(path, constants.O_WRONLY);
      closeSync(both);
      return { read, write };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class SyncHost {
  constructor() {
    this.writer = new codec.Writer();
    this.buffer = Buffer.alloc(0);
    this.next = 1;
    this.ended = null;
    /** The runs that are on: each was started by a function that the one before it called. */
    this.runs = [];
    /** Outcomes of runs that ended while one lay in them, by number. */
    this.early = new Map();
    /** Runs whose outcome nobody waits for any more. */
    this.abandoned = new Set();
    const file = settings.program || program();
    const [to, from] = pipes(file);
    this.to = to.write;
    this.from = from.read;
    this.child = spawn(file, ['host'], {
      stdio: [to.read, from.write, 'ignore'],
      detached: true,
      env: { PATH: process.env.PATH },
    });
    closeSync(to.read);
    closeSync(from.write);
    this.child.on('error', () => {}); // What is read next is the end.
    this.child.unref();
    say.start(this.writer, settings);
    say.open(this.writer, POOL, MOST_NESTED);
    const [kind, parts] = this.hear();
    if (kind === 'failed') throw this.end(ofProblem(parts[0]));
    if (kind !== 'started') throw this.end(codec.malformed(`\`${kind}\` came first`));
  }

  /** It is of no use any more. */
  end(error) {
    if (!this.ended) {
      this.ended = error;
      closeSync(this.to);
      closeSync(this.from);
      this.child.kill('SIGKILL');
    }
    return this.ended;
  }

  flush() {
    const bytes = this.writer.take();
    for (let done = 0; bytes && done < bytes.length; ) done += writeSync(this.to, bytes, done);
  }

  /** Says what was written, and waits for the next message. */
  hear() {
    if (this.ended) throw this.ended;
    try {
      this.flush();
      this.fill(4);
      const length = this.buffer.readUInt32LE(0);
      if (length > codec.MAX_FRAME) throw codec.malformed('it is too long');
      this.fill(4 + length);
      const { buffer } = this;
      this.buffer = buffer.subarray(4 + length);
      return messages.read(buffer, 4, 4 + length);
    } catch (error) {
      const lost =
        error instanceof SandtideError
          ? error
          : new SandtideError('ERR_HOST_LOST', `the host is lost: ${error.message}`, { cause: error });
      throw this.end(lost);
    }
  }

  /** Reads until so many bytes are there. */
  fill(needed) {
    if (this.buffer.length >= needed) return;
    // A long frame comes in many pieces, which are put together once.
    const pieces = [this.buffer];
    let length = this.buffer.length;
    let free = Buffer.alloc(0);
    while (length < needed) {
      if (free.length === 0) free = Buffer.allocUnsafeSlow(READ);
      const read = readSync(this.from, free);
      if (read === 0) throw new SandtideError('ERR_HOST_LOST', 'the host is lost: it has ended');
      pieces.push(free.subarray(0, read));
      free = free.subarray(read);
      length += read;
    }
    this.buffer = pieces.length === 2 && pieces[0].length === 0 ? pieces[1] : Buffer.concat(pieces, length);
  }

  /** Waits for an answer; calls of functions are carried out meanwhile. */
  wait(kinds, number) {
    for (;;) {
      if (kinds.includes('done') && this.early.has(number)) {
        const outcome = this.early.get(number);
        this.early.delete(number);
        return ['done', [number, outcome]];
      }
      const [kind, parts] = this.hear();
      if (kind === 'call') this.call(...parts);
      else if (kinds.includes(kind) && parts[0] === number) return [kind, parts];
      // The time of a run goes on while another lies in it.
      else if (kind === 'done' && this.runs.some(({ run }) => run === parts[0])) this.early.set(...parts);
      else if (kind === 'done' && this.abandoned.delete(parts[0])) continue;
      else throw this.end(codec.malformed(`\`${kind}\` was not asked for`));
    }
  }

  call(call, script, index, args) {
    const { writer } = this;
    // Only the innermost run calls: those around it wait.
    const innermost = this.runs.at(-1);
    if (innermost?.script !== script || this.early.has(innermost.run)) {
      return say.replyError(writer, call, 'Error', 'the run is over');
    }
    const granted = innermost.functions[index];
    try {
      if (granted === undefined) throw new Error('the function is not there any more');
      const value = granted.call(...args);
      if (value !== null && typeof value === 'object' && typeof value.then === 'function') {
        throw new TypeError(
          `${granted.name} answers a promise, which the script would have to wait for: ` +
            "use run() of 'sandtide', whose functions may be asynchronous",
        );
      }
      say.replyValue(writer, call, value, granted.name);
    } catch (error) {
      say.replyError(writer, call, ...described(error));
    }
  }

  /** Compiles a script; its number. */
  compile(plan) {
    const script = this.next++;
    say.compile(this.writer, script, plan);
    const [kind, parts] = this.wait(['compiled', 'refused'], script);
    if (kind === 'refused') throw ofProblem(parts[1]);
    return script;
  }

  forget(script) {
    if (!this.ended) say.forget(this.writer, script); // With what is said next.
  }

  /** Runs; the outcome, with an error as `problem`. */
  run(script, asked, functions) {
    const depth = this.runs.length;
    if (depth === MOST_NESTED) {
      throw new SandtideError('ERR_NESTED', `more than ${MOST_NESTED} runs lie in each other`);
    }
    const run = this.next++;
    // A worker serves one tenant and one run at a time, and the outer run has its own.
    say.run(this.writer, run, POOL, script, `vm-${depth}`, asked);
    this.runs.push({ run, script, functions });
    let done = false;
    try {
      const [, parts] = this.wait(['done'], run);
      done = true;
      return parts[1];
    } finally {
      this.runs.pop();
      if (!done && !this.early.delete(run)) this.abandoned.add(run);
    }
  }
}

let current = null;

/** The host that is there, or a new one. */
function syncHost() {
  if (!current || current.ended) current = new SyncHost();
  return current;
}

module.exports = { syncHost };
