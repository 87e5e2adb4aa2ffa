'use strict';
// The commonest calls of isolated-vm 6, each context in a confined process of its own. What cannot be the
// same is a table in README.md, and an error that says so.

const { randomUUID } = require('node:crypto');
const { isPromise } = require('node:util').types;
const vm = require('node:vm');
const { Pool, Script: Checked } = require('../index.js');
const { host } = require('../lib/host.js');
const options = require('../lib/options.js');
const GUEST = require('../lib/isolated-guest.js');
const {
  Callback, Copy, Dereference, ExternalCopy, TRANSFER, crossing, errorOf, flags, primitive, unsupported,
} = require('../lib/isolated-values.js');

/** A run is that long at most, and a context is one. */
const LONGEST_MS = 3_600_000;
const MIB = 2 ** 20;
/** What scripts of one context may hold of the program at a time. */
const MOST_KEPT = 65_536;
const ORIGIN = ['filename', 'lineOffset'];
const BOTH = ['arguments', 'result'];

/** Contexts by what their sandboxes are called, which nobody can guess. */
const channels = new Map();
const LIMITS = { timeout: LONGEST_MS, jobs: 2 ** 32 - 1, output: 64 * MIB };
/** Of its own in what promises of a sandbox are fulfilled with: they ask a script's `Object.prototype` else. */
const FULFILLED = { then: null };
let guestReady = null;

/** The script that each context is a run of. */
function guestScript() {
  const on = (id) => {
    const found = channels.get(id);
    if (!found) throw new Error('the context is gone');
    return found;
  };
  const call = async (id, asked) => {
    try {
      return { ...(await on(id).called(asked)), ...FULFILLED };
    } catch (error) {
      if (!(error instanceof Error)) return { thrown: { value: primitive(error) ? error : String(error) }, ...FULFILLED };
      return { thrown: { error: { name: String(error.name), message: String(error.message) } }, ...FULFILLED };
    }
  };
  const parts = ['channel', 'next', 'send', 'call', 'callSync'];
  // What the language has, and nothing of any host.
  const globals = vm.runInNewContext('Object.getOwnPropertyNames(globalThis).join()').split(',');
  const source = `const parts = ${JSON.stringify(parts)}.map((name) => [globalThis[name], delete globalThis[name]][0]);
    await ${GUEST}(...parts, ${JSON.stringify(globals.filter((name) => name !== 'console'))});`;
  guestReady ??= Checked.compile(source, {
    form: 'body',
    file: 'sandtide-context',
    host: { next: async (id) => ({ ...(await on(id).next()), ...FULFILLED }), send: (id, number, said) => on(id).answered(number, said), call },
    hostSync: { callSync: call },
  }).catch((error) => {
    guestReady = null;
    throw error;
  });
  return guestReady;
}

/** One context's run: commands go to it, and answers and calls come from it. Must not hold its `Context`. */
class Channel {
  constructor(isolate) {
    this.id = randomUUID();
    this.isolate = isolate;
    this.number = 0;
    this.queue = [];
    this.wake = null;
    this.pending = new Map();
    /** What scripts may call or refer to, by number. */
    this.values = new Map();
    this.ended = null;
    /** Of what nobody waited for: the next who waits is told. */
    this.failure = null;
    // Of its own: a context keeps a thread of the host as long as it lives.
    this.pool = new Pool({ workers: 1, ...LIMITS });
    this.ready = new Promise((resolve) => (this.begun = resolve));
    isolate.channels.add(this);
    channels.set(this.id, this);
    /** Is held by all who can use the context. */
    const anchor = {};
    this.anchor = new WeakRef(anchor);
    unused.register(anchor, { channel: this, handle: 0 });
    this.over = this.run();
  }

  async run() {
    const { tenant, heap } = this.isolate;
    let why = new Error('Isolate was disposed during execution');
    try {
      const script = await guestScript();
      await this.pool.run(script, { heap, tenant, globals: { channel: this.id } });
    } catch (error) {
      if (!['ERR_CANCELLED', 'ERR_POOL_CLOSED'].includes(error.code)) why = error;
      if (error.code === 'ERR_HEAP_LIMIT') {
        why = new Error('Isolate was disposed during execution due to memory limit', { cause: error });
        this.isolate.dispose(why);
      }
    }
    this.end(why);
  }

  /** Ends it, and tells who waits why. */
  end(why) {
    if (this.ended) return;
    this.ended = why;
    channels.delete(this.id);
    this.isolate.channels.delete(this);
    // The run has its own share again, which its end gives back.
    this.host?.hold(1 - this.pending.size);
    this.pool.close();
    for (const { failed } of this.pending.values()) failed(why);
    this.pending.clear();
    this.values.clear();
  }

  /** What the sandbox has to do next. */
  next() {
    if (!this.host) {
      this.begun();
      this.host = host();
      // A context alone does not keep the program from ending; what it was asked does.
      this.host.hold(this.pending.size - 1);
    }
    const command = this.queue.shift();
    if (!command) return new Promise((resolve) => (this.wake = resolve));
    this.pending.get(command.number)?.start();
    return command;
  }

  /** Gives the sandbox a command: now where it waits for one, else in its turn. */
  hand(command, first = false) {
    if (this.ended) return;
    const { wake } = this;
    if (!wake) return void this.queue[first ? 'unshift' : 'push'](command);
    this.wake = null;
    this.pending.get(command.number)?.start();
    wake(command);
  }

  ask(command, { timeout, result = {}, filename } = {}) {
    if (this.isolate.isDisposed) throw new Error('Isolate is disposed');
    const failure = this.ended ?? this.failure;
    this.failure = null;
    if (failure) throw failure;
    if (timeout !== undefined) options.time(timeout, 'timeout');
    const number = ++this.number;
    return new Promise((resolve, reject) => {
      let timer;
      const settled = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      const late = () => {
        const error = new Error('Script execution timed out.');
        this.pending.get(number).failed(error);
        this.end(new Error('the context has ended, as a script of it timed out; make another', { cause: error }));
      };
      // What is before it in the queue is not of its time, nor that its process takes to start.
      const start = () => (timer ??= timeout === undefined ? null : setTimeout(late, timeout));
      const anchor = this.anchor.deref();
      this.pending.set(number, { done: settled(resolve), failed: settled(reject), start, timed: timeout !== undefined, filename, anchor });
      this.host?.hold(1);
      this.hand({ ...command, number, result });
    });
  }

  answered(number, said) {
    const waiting = this.pending.get(number);
    if (!waiting) return;
    if (waiting.timed && !waiting.said) {
      // The script's promise jobs are of its time: they are over when the sandbox comes to another command.
      waiting.said = said;
      return this.hand({ kind: 'idle', number, result: {} }, true);
    }
    this.pending.delete(number);
    this.host.hold(-1);
    try {
      waiting.done(this.from(waiting.said ?? said, waiting.filename));
    } catch (error) {
      waiting.failed(error);
    }
  }

  /** What the sandbox said, as a value. */
  from({ thrown, handle, kind, program, external, isFunction, value }, filename) {
    if (thrown) throw thrown.error ? errorOf(thrown.error, filename) : thrown.value;
    if (handle !== undefined) return Reference.of(this, handle, kind);
    if (program !== undefined) return this.values.get(program);
    if (isFunction) throw unsupported('functions as results', 'ask with `reference: true` and `apply` it');
    return external ? new ExternalCopy(value) : value;
  }

  /** A value as it is said to the sandbox. */
  into(value, how = {}) {
    const kept = () => {
      if (this.values.size >= MOST_KEPT) throw new RangeError('this context holds too many references; release() them');
      this.values.set(++this.number, value);
      return this.number;
    };
    if (value instanceof Copy) return { value: value.value };
    if (value instanceof ExternalCopy) throw unsupported('handles of ExternalCopy in contexts', 'pass its copyInto()');
    if (value instanceof Dereference) {
      const { channel, handle } = Reference.parts(value.reference);
      if (channel === this) return { handle };
      if (!channel) throw new TypeError('Cannot dereference this into target isolate');
      throw unsupported('dereferencing into another context', 'each is in a process of its own; copy it');
    }
    if (value instanceof Reference) {
      if (Reference.parts(value).channel) throw unsupported('references to references', 'pass its derefInto()');
      return { reference: kept(), kind: value.typeof };
    }
    if (value instanceof Callback) return { callback: kept(), mode: value.mode };
    if (how.reference) return this.into(new Reference(value));
    if (how.copy || how.externalCopy) return { value: crossing(value) };
    if (primitive(value)) return { value };
    if (typeof value === 'function') return this.into(new Callback(value));
    throw new TypeError('A non-transferable value was passed');
  }

  /** Values as they are said to the sandbox: all of them, or nothing is kept of any. */
  intoAll(values, how) {
    const before = this.number;
    try {
      return values.map((value) => this.into(value, how));
    } catch (error) {
      for (let number = before + 1; number <= this.number; number++) this.values.delete(number);
      throw error;
    }
  }

  /** What a script asks of a value of the program's. */
  async called({ operation, of, args, result = {} }) {
    if (operation === 'release') return { value: of.forEach((one) => this.values.delete(one)) };
    const value = this.values.get(of);
    if (value === undefined) throw new Error('Reference has been released');
    const given = args.map((one) => this.from(one));
    if (operation === 'callback') {
      const answer = value.call(...given);
      if (isPromise(answer) && value.mode !== 'async') throw new TypeError(unwatched(answer, '#<Promise> could not be cloned.'));
      return { value: await answer };
    }
    const called = value.deref()(...given);
    const answer = result.promise ? await called : called;
    if (isPromise(answer)) unwatched(answer);
    const said = result.copy || result.reference || primitive(answer);
    return this.into(answer, said ? result : { reference: true });
  }
}

/** Nobody waits for a promise: where it fails that is no fault of the program's. */
function unwatched(promise, message) {
  Promise.prototype.then.call(promise, undefined, () => {});
  return message;
}

class Isolate {
  constructor(given) {
    const { memoryLimit = 128 } = options.object(given, 'Isolate', ['memoryLimit']);
    if (!(memoryLimit >= 8)) throw new Error('`memoryLimit` must be at least 8');
    const own = { heap: Math.round(memoryLimit * MIB), tenant: `isolate-${randomUUID()}`, channels: new Set() };
    for (const name of Object.keys(own)) Object.defineProperty(this, name, { value: own[name] });
    this.isDisposed = false;
  }

  createContextSync() {
    if (this.isDisposed) throw new Error('Isolate is disposed');
    return new Context(new Channel(this));
  }

  async createContext() {
    const context = this.createContextSync();
    const { channel } = Reference.parts(context.global);
    await Promise.race([channel.ready, channel.over]);
    if (channel.ended) throw channel.ended;
    return context;
  }

  async compileScript(code, given) {
    const script = this.compileScriptSync(code, given);
    await script.check();
    return script;
  }

  compileScriptSync(code, given) {
    if (this.isDisposed) throw new Error('Isolate is disposed');
    return new Script(`${code}`, options.object(given, 'compileScript', ORIGIN), this);
  }

  dispose(why = new Error('Isolate was disposed during execution')) {
    this.isDisposed = true;
    for (const channel of this.channels) channel.end(why);
  }
}

class Context {
  #channel;
  #released = false;
  constructor(channel) {
    this.#channel = channel;
    this.global = Reference.of(channel, 0, 'object');
  }

  #on() {
    if (this.#channel.isolate.isDisposed) throw new Error('Isolate is disposed');
    if (this.#released) throw new Error('Context is released');
    return this.#channel;
  }

  async eval(code, given = {}) {
    const { timeout, filename, ...result } = options.object(given, 'eval', ['timeout', 'filename', ...TRANSFER]);
    return this.#on().ask({ kind: 'eval', code: `${code}` }, { timeout, filename, result: flags(result) });
  }

  async evalClosure(code, args = [], given = {}) {
    const { timeout, filename, ...how } = options.object(given, 'evalClosure', ['timeout', 'filename', ...BOTH]);
    const channel = this.#on();
    const said = channel.intoAll(args, flags(how.arguments));
    return channel.ask({ kind: 'closure', code: `${code}`, args: said }, { timeout, filename, result: flags(how.result) });
  }

  release() {
    this.#released = true;
    this.#channel.end(new Error('Context is released'));
  }
}

class Script {
  #code;
  #origin;
  #isolate;
  constructor(code, origin, isolate) {
    this.#code = code;
    this.#origin = origin;
    this.#isolate = isolate;
  }

  /** Throws the text's syntax error, if it has one. */
  async check() {
    const { filename: file = '<isolated-vm>', lineOffset = 0 } = this.#origin;
    const { tenant } = this.#isolate;
    try {
      Checked.forget(await Checked.compile(this.#code, { form: 'script', file, line: lineOffset + 1, tenant }));
    } catch (error) {
      if (error.code !== 'ERR_SYNTAX') throw error;
      const message = error.message.replace(/^SyntaxError: /, '').replace(/ \([^()]*\)$/, '');
      throw errorOf({ name: 'SyntaxError', message: `${message} [${file}:${error.line}:${error.column}]`, stack: '' });
    }
  }

  async run(context, given) {
    if (this.#code === null) throw new Error('Script has been released');
    const { release, ...rest } = options.object(given, 'run', ['release', 'timeout', ...TRANSFER]);
    const done = context.eval(this.#code, { ...rest, filename: this.#origin.filename });
    if (release) this.release();
    return done;
  }

  release() {
    this.#code = null;
  }
}

/** Lets go of values in contexts that nobody refers to any more, and of contexts that nobody has. */
const unused = new FinalizationRegistry(({ channel, handle }) => {
  if (handle === 0) channel.end(new Error('Context is released'));
  else channel.hand({ kind: 'release', of: handle });
});

class Reference {
  #value;
  #channel = null;
  #handle;
  #anchor;
  #released = false;
  constructor(value) {
    this.#value = value;
    this.typeof = value === null ? 'null' : typeof value === 'symbol' ? 'object' : typeof value;
  }

  /** A reference to what is in a context; 0 is its global object. */
  static of(channel, handle, kind) {
    const reference = new Reference();
    reference.#channel = channel;
    reference.#handle = handle;
    reference.#anchor = channel.anchor.deref();
    reference.typeof = kind;
    if (handle > 0) unused.register(reference, { channel, handle }, reference);
    return reference;
  }

  static parts(reference) {
    if (reference.#released) throw new Error('Reference has been released');
    return { channel: reference.#channel, handle: reference.#handle };
  }

  /** The context that it refers into, and what is there. */
  #there() {
    const { channel, handle: of } = Reference.parts(this);
    if (!channel) throw unsupported('access to references of the own isolate', 'use its deref()');
    return { channel, of };
  }

  async get(name, given) {
    const { channel, of } = this.#there();
    return channel.ask({ kind: 'get', of, name }, { result: flags(given) });
  }

  async set(name, value, given) {
    const { channel, of } = this.#there();
    return channel.ask({ kind: 'set', of, name, value: channel.into(value, flags(given)) });
  }

  setSync(name, value, given) {
    const { channel, of } = this.#there();
    const said = channel.into(value, flags(given));
    channel.ask({ kind: 'set', of, name, value: said }).catch((error) => (channel.failure = error));
  }

  async delete(name) {
    const { channel, of } = this.#there();
    return channel.ask({ kind: 'delete', of, name });
  }

  async copy() {
    const { channel, of } = this.#there();
    return channel.ask({ kind: 'copy', of }, { result: { copy: true } });
  }

  async apply(receiver, args = [], given = {}) {
    const { timeout, ...how } = options.object(given, 'apply', ['timeout', ...BOTH]);
    const { channel, of } = this.#there();
    const [self, ...said] = channel.intoAll([receiver, ...args], flags(how.arguments));
    return channel.ask({ kind: 'apply', of, receiver: self, args: said }, { timeout, result: flags(how.result) });
  }

  deref() {
    if (Reference.parts(this).channel) throw new TypeError('Cannot dereference this from current isolate');
    return this.#value;
  }

  derefInto() {
    Reference.parts(this);
    return new Dereference(this);
  }

  release() {
    if (this.#released) return;
    this.#released = true;
    unused.unregister(this);
    if (this.#channel && this.#handle > 0) this.#channel.hand({ kind: 'release', of: this.#handle });
    this.#value = undefined;
  }
}

// The ways to call without waiting, and those that would have to wait for another process on this thread.
for (const [kind, names] of [[Context, ['eval', 'evalClosure']], [Script, ['run']], [Reference, ['get', 'set', 'delete', 'copy', 'apply']]]) {
  for (const name of names) {
    kind.prototype[`${name}Ignored`] = function (...args) {
      this[name](...args).catch(() => {});
    };
    kind.prototype[`${name}Sync`] ??= () => {
      throw unsupported(`${name}Sync`, `a context is in another process; await \`${name}\``);
    };
  }
}
const USAGE = "`usage` of each run of 'sandtide' says what it took";
const NOT_HERE = {
  compileModule: "give modules to Script.compile of 'sandtide'", compileModuleSync: "give modules to Script.compile of 'sandtide'",
  createInspectorSession: '`npx sandtide serve` has a debugger', startCpuProfiler: USAGE, stopCpuProfiler: USAGE,
  getHeapStatistics: USAGE, getHeapStatisticsSync: USAGE, cpuTime: USAGE, wallTime: USAGE, referenceCount: USAGE,
};
for (const [name, instead] of Object.entries(NOT_HERE)) {
  const get = () => { throw unsupported(name, instead); };
  Object.defineProperty(Isolate.prototype, name, { get, configurable: true });
}
Isolate.createSnapshot = () => { throw unsupported('createSnapshot', "give a library as `setup` to Script.compile of 'sandtide'"); };

module.exports = { Callback, Context, ExternalCopy, Isolate, Reference, Script };
