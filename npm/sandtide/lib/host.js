'use strict';
// The host: one child process for the whole program, started when it is first needed and ended with
// the program. Must not know options, nor what users are shown beyond its errors.

const { spawn } = require('node:child_process');
const codec = require('./codec.js');
const messages = require('./messages.js');
const { SandtideError, invalid, ofProblem } = require('./errors.js');
const { program } = require('./resolve.js');

const { say } = messages;
/** Bytes of what the host writes on standard error that its loss is told with. */
const KEPT_WORDS = 4096;

const settings = { heap: 0, insecureWithout: [], cgroup: undefined, program: undefined };
let current = null;
let nextNumber = 1;

/** A number that no pool, script or run of this program had before. */
function number() {
  return nextNumber++;
}

class Host {
  constructor() {
    this.writer = new codec.Writer();
    this.flushing = false;
    this.ended = null;
    this.words = '';
    /** What waits for an answer, by number: runs and scripts. */
    this.runs = new Map();
    this.scripts = new Map();
    /** What scripts may call, by the script's number. Weak: what is on holds its script. */
    this.functions = new Map();
    this.waiting = 0;
    this.rest = null;

    const file = settings.program || program();
    const child = spawn(file, ['host'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A session of its own: Ctrl-C is the program's to handle.
      detached: true,
      env: { PATH: process.env.PATH },
    });
    this.child = child;
    child.on('error', (error) => {
      const message = `the host could not be started: ${error.message}`;
      this.end(new SandtideError('ERR_HOST_START', message, { cause: error }));
    });
    // After its last words were read.
    child.on('close', (code, signal) => this.end(this.lost(code, signal)));
    child.stdin.on('error', () => {}); // Its end is told by `close`.
    child.stdout.on('data', (bytes) => this.take(bytes));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) => {
      this.words = (this.words + text).slice(-KEPT_WORDS);
    });
    child.stdin.unref?.();
    this.keep(false);
    say.start(this.writer, settings);
    this.flush();
  }

  lost(code, signal) {
    const how = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
    const words = this.words.trim();
    const message = `the host is lost: ${how}${words ? `; it said: ${words}` : ''}`;
    return new SandtideError('ERR_HOST_LOST', message);
  }

  /** Tells all who wait that nothing comes any more. */
  end(error) {
    if (this.ended) return;
    this.ended = error;
    if (current === this) current = null;
    const all = [...this.runs.values(), ...this.scripts.values()];
    this.runs.clear();
    this.scripts.clear();
    this.functions.clear();
    this.hold(-this.waiting);
    for (const waiting of all) waiting.lost(error);
    this.child.stdin.destroy();
    this.child.stdout.destroy();
  }

  /** The program goes on as long as somebody waits. */
  hold(more) {
    const before = this.waiting;
    this.waiting += more;
    if (before === 0 && this.waiting > 0) this.keep(true);
    if (before > 0 && this.waiting === 0) this.keep(false);
  }

  /** Whether the program goes on for it: for its answers, its last words and its end. */
  keep(on) {
    const how = on ? 'ref' : 'unref';
    this.child[how]();
    this.child.stdout[how]?.();
    this.child.stderr[how]?.();
  }

  /** Writes what was said in this turn at its end. */
  flush() {
    if (this.flushing) return;
    this.flushing = true;
    process.nextTick(() => {
      this.flushing = false;
      const bytes = this.writer.take();
      if (bytes && !this.ended) this.child.stdin.write(bytes);
    });
  }

  say(kind, ...parts) {
    if (this.ended) return;
    say[kind](this.writer, ...parts);
    this.flush();
  }

  /** Waits for the end of a run or a build; `kind` names the message that asks for it. */
  ask(table, asked, waiting, kind, ...parts) {
    if (this.ended) return waiting.lost(this.ended);
    say[kind](this.writer, ...parts); // It may throw, and then nothing was asked.
    table.set(asked, waiting);
    this.hold(1);
    this.flush();
  }

  /** Whoever waits, which does so no longer. */
  answered(table, asked) {
    const waiting = table.get(asked);
    if (waiting === undefined) return undefined;
    table.delete(asked);
    this.hold(-1);
    return waiting;
  }

  take(bytes) {
    if (this.rest) {
      this.rest.push(bytes);
      this.restLength += bytes.length;
      // A long frame comes in many pieces, which are put together once.
      if (this.restLength < this.restNeeds) return;
      bytes = Buffer.concat(this.rest);
      this.rest = null;
    }
    let at = 0;
    try {
      while (!this.ended) {
        const left = bytes.length - at;
        const length = left >= 4 ? bytes.readUInt32LE(at) : 0;
        if (length > codec.MAX_FRAME) throw codec.malformed('it is too long');
        if (left < 4 || left - 4 < length) {
          if (left > 0) {
            this.rest = [bytes.subarray(at)];
            this.restLength = left;
            this.restNeeds = left < 4 ? 4 : 4 + length;
          }
          return;
        }
        const [kind, parts] = messages.read(bytes, at + 4, at + 4 + length);
        at += 4 + length;
        this[kind](...parts);
      }
    } catch (error) {
      this.end(error instanceof SandtideError ? error : codec.malformed(String(error)));
      this.child.kill('SIGKILL');
    }
  }

  /* What the host says. */

  started() {
    // Nobody has waited for it.
  }

  failed(problem) {
    this.end(ofProblem(problem));
  }

  compiled(script, version, facts) {
    this.answered(this.scripts, script)?.done(version, facts);
  }

  refused(script, problem) {
    this.answered(this.scripts, script)?.failed(problem);
  }

  done(run, outcome) {
    this.answered(this.runs, run)?.done(outcome);
  }

  call(call, script, index, args) {
    const granted = this.functions.get(script)?.deref()?.[index];
    if (granted === undefined) {
      return this.say('replyError', call, 'Error', 'the function is not there any more');
    }
    // In a turn of its own, so that nothing that it throws is taken for a fault of the host.
    queueMicrotask(async () => {
      try {
        const value = await granted.call(...args);
        try {
          this.say('replyValue', call, value, granted.name);
        } catch (error) {
          this.say('replyError', call, 'TypeError', error.message);
        }
      } catch (error) {
        const [name, message] = described(error);
        this.say('replyError', call, name, message);
      }
    });
  }
}

/** What the guest is told of what a function of the program threw. */
function described(error) {
  try {
    if (error instanceof Error) return [String(error.name), String(error.message)];
    return ['Error', String(error)];
  } catch {
    return ['Error', 'the function failed'];
  }
}

/** The host that is there, or a new one. */
function host() {
  return (current ??= new Host());
}

/** Changes how hosts are started; only before the first one is. */
function configure(given) {
  if (current) {
    throw invalid('configure() comes too late: the host was started by the first script or run');
  }
  Object.assign(settings, given);
}

module.exports = { configure, described, host, number, settings };
