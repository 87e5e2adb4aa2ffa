'use strict';
// Pools: so many runs at a time, and what each may take where nothing else is said.

const options = require('./options.js');
const { SandtideError, invalid, ofProblem } = require('./errors.js');
const { host, number } = require('./host.js');
const { Script, form, placed, source } = require('./script.js');

const MOST_WORKERS = 1024;
const POOL_OPTIONS = ['workers', 'isolation', ...options.LIMITS];
const RUN_OPTIONS = [
  'input', 'globals', 'globalsBack', 'tenant', 'signal', 'frozen', 'timeZone', ...options.LIMITS,
];
const SOURCE_OPTIONS = ['file', 'line', 'form'];
const COMPILE_OPTIONS = ['setup', 'modules', 'host', 'hostSync'];

/** Closes pools in the host that nobody has any more. */
const unused = new FinalizationRegistry(({ host, pool }) => host.say('close', pool));

class Pool {
  #workers;
  #limits;
  #host = null;
  #pool = 0;
  #closed = false;

  constructor(given) {
    const asked = options.object(given, 'Pool', POOL_OPTIONS);
    options.isolation(asked.isolation);
    // 0: as many as there are processors.
    this.#workers =
      asked.workers === undefined ? 0 : options.count(asked.workers, 'workers', MOST_WORKERS);
    this.#limits = options.limits(asked);
  }

  /** Runs a script, or a source of its own, which is compiled for this run alone. */
  async run(script, given) {
    if (typeof script === 'string') return this.#once(script, given, 'auto');
    if (!(script instanceof Script)) throw invalid('run takes a Script or a source');
    const asked = this.#asked(given, 'run', RUN_OPTIONS);
    const there = Script.ready(script) ?? (await orAborted(asked.signal, () => Script.deployed(script)));
    return this.#run(there.host, there.script, asked, script);
  }

  /** Runs a source that is compiled for this run alone. */
  async #once(text, given, otherwise) {
    const known = [...RUN_OPTIONS, ...SOURCE_OPTIONS, ...COMPILE_OPTIONS];
    const { file, line, form: asForm, setup, modules, host: calls, hostSync, ...rest } =
      options.object(given, 'run', known);
    const asked = this.#asked(rest, 'run', RUN_OPTIONS);
    const what = { file, line, form: form(asForm, otherwise) };
    if (setup ?? modules ?? calls ?? hostSync) {
      const { tenant, timeZone } = rest;
      const limits = Object.fromEntries(
        options.LIMITS.filter((name) => rest[name] !== undefined).map((name) => [name, rest[name]]),
      );
      const plan = { ...what, setup, modules, host: calls, hostSync, tenant, timeZone, ...limits };
      const compile = () => Script.compile(text, plan, this.#limits);
      const script = await orAborted(asked.signal, compile, (unwanted) => Script.forget(unwanted));
      const there = await Script.deployed(script);
      try {
        return await this.#run(there.host, there.script, asked, script);
      } finally {
        Script.forget(script);
      }
    }
    asked.source = source(text, {
      form: what.form,
      file: options.text(file, 'file', 'script.js'),
      line: options.line(line),
    });
    return this.#run(host(), undefined, asked, null);
  }

  #asked(given, what, known) {
    const asked = options.object(given, what, known);
    return {
      globals: options.globals(asked.globals),
      hasInput: asked.input !== undefined,
      input: asked.input,
      source: undefined,
      globalsBack: options.globalsBack(asked.globalsBack),
      limits: options.limits(asked, this.#limits),
      frozen: options.frozen(asked.frozen),
      timeZone: options.text(asked.timeZone, 'timeZone', undefined),
      tenant: options.text(asked.tenant, 'tenant', 'default'),
      signal: options.signal(asked.signal),
    };
  }

  /** The pool's number in this host, which is told of it where it is new. */
  #in(to) {
    if (this.#host !== to) {
      this.#host = to;
      this.#pool = number();
      unused.register(this, { host: to, pool: this.#pool }, this);
      to.say('open', this.#pool, this.#workers);
    }
    return this.#pool;
  }

  /** `of` is the script, if there is one; `script` is its number in this host. */
  #run(to, script, asked, of) {
    if (this.#closed) throw new SandtideError('ERR_POOL_CLOSED', 'the pool is closed; make another');
    const { signal } = asked;
    if (signal?.aborted) throw cancelled(signal);
    const run = number();
    const pool = this.#in(to);
    return new Promise((resolve, reject) => {
      let over = () => {};
      const waiting = {
        // Both are there as long as the run is on: its pool, and what it may call.
        pool: this,
        of,
        done: ({ value, problem, globals, logs, usage }) => {
          over();
          const back = asked.globalsBack === undefined ? undefined : globals;
          if (problem === undefined) {
            const done = { value, logs, usage };
            if (back !== undefined) done.globals = back;
            return resolve(done);
          }
          const more = { logs, usage, globals: back };
          if (problem.code === 'ERR_CANCELLED' && signal?.aborted) more.cause = signal.reason;
          const entry = of ? Script.entry(of) : asked.source;
          reject(ofProblem(placed(problem, entry), more));
        },
        lost: (error) => {
          over();
          reject(error);
        },
      };
      if (signal) over = whenAborted(signal, () => to.say('cancel', run));
      try {
        to.ask(to.runs, run, waiting, 'run', run, pool, script, asked.tenant, asked);
      } catch (error) {
        waiting.lost(error);
      }
    });
  }

  /** Cancels what runs, and takes no more. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    unused.unregister(this);
    this.#host?.say('close', this.#pool);
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    this.close();
  }

  /** As the function `run`, which has a pool of its own. */
  static once(pool, text, given) {
    return pool.#once(text, given, 'body');
  }
}

/** What is to be done when a signal is aborted. */
const aborts = new WeakMap();

/** Does something when a signal is aborted, unless what is answered is called before. */
function whenAborted(signal, abort) {
  let all = aborts.get(signal);
  if (all === undefined) {
    // One listener for all runs: Node warns of more than a few.
    const made = { runs: new Set(), listener: () => made.runs.forEach((one) => one()) };
    aborts.set(signal, (all = made));
  }
  if (all.runs.size === 0) signal.addEventListener('abort', all.listener);
  all.runs.add(abort);
  return () => {
    all.runs.delete(abort);
    if (all.runs.size === 0) signal.removeEventListener('abort', all.listener);
  };
}

/** What is made, unless the signal is aborted first; `unwanted` is given what was made all the same. */
function orAborted(signal, make, unwanted = () => {}) {
  if (!signal) return make();
  if (signal.aborted) throw cancelled(signal);
  return new Promise((resolve, reject) => {
    let aborted = false;
    const over = whenAborted(signal, () => {
      aborted = true;
      over();
      reject(cancelled(signal));
    });
    const made = (value) => {
      over();
      if (aborted) unwanted(value);
      else resolve(value);
    };
    const failed = (error) => {
      over();
      reject(error);
    };
    make().then(made, failed);
  });
}

function cancelled(signal) {
  const more = { cause: signal.reason };
  return new SandtideError('ERR_CANCELLED', 'the run was cancelled', more);
}

let pool = null;

/** Runs the body of a function once. */
async function run(text, given) {
  if (typeof text !== 'string') throw invalid('run takes a source');
  pool ??= new Pool();
  return Pool.once(pool, text, given);
}

module.exports = { Pool, run };
