'use strict';
// Node's `vm` for data and functions, with each run behind the wall. It waits for its runs, as Node's
// does. What differs is a table in README.md; what cannot be done is an error that says so.

const options = require('./options.js');
const { SandtideError, ofProblem } = require('./errors.js');
const { syncHost } = require('./sync.js');

const HOUR = 3_600_000;
/** Compiled scripts that are kept of one `Script`, by the names of the functions that they may call. */
const MOST_VARIANTS = 64;

const COMMON = ['filename', 'lineOffset', 'columnOffset', 'displayErrors', 'timeout', ...options.LIMITS];
const CONTEXT = ['contextName', 'contextOrigin', 'contextCodeGeneration', 'microtaskMode'];
/** Options of Node's, and why there is nothing of the kind here. */
const NOT_HERE = {
  breakOnSigint: 'a run is ended by `timeout`',
  cachedData: 'images are kept by the host',
  produceCachedData: 'images are kept by the host',
  importModuleDynamically: "give modules to Script.compile of 'sandtide'",
  contextCodeGeneration: 'scripts may always make code from strings, within their own sandbox',
  contextName: 'nothing shows it',
  contextOrigin: 'nothing shows it',
};

function unsupported(what, instead) {
  return new SandtideError('ERR_NOT_SUPPORTED', `sandtide/vm has no ${what}: ${instead}`);
}

/** Node's options, as far as there is the like. A text is a file's name, as in Node. */
function read(given, what, known) {
  if (typeof given === 'string') return { filename: given };
  if (given === undefined) return {};
  if (given === null || typeof given !== 'object') {
    throw new TypeError(`${what}: options is an object or a file's name`);
  }
  for (const name of Object.keys(given)) {
    if (given[name] === undefined) continue;
    if (Object.hasOwn(NOT_HERE, name)) throw unsupported(`option \`${name}\``, NOT_HERE[name]);
  }
  const { columnOffset = 0, displayErrors = true, microtaskMode = 'afterEvaluate' } = given;
  if (columnOffset !== 0) throw unsupported('`columnOffset` but 0', 'use `lineOffset`');
  if (displayErrors !== true) throw unsupported('`displayErrors` but true', 'leave it out');
  if (microtaskMode !== 'afterEvaluate') throw unsupported('`microtaskMode` but afterEvaluate', 'leave it out');
  return options.object(given, what, known);
}

function place({ filename, lineOffset = 0 }) {
  const file = options.text(filename, 'filename', 'evalmachine.<anonymous>');
  return { file, line: options.line(lineOffset + 1) };
}

const contexts = new WeakSet();

function createContext(sandbox = {}, given) {
  read(given, 'createContext', CONTEXT);
  contexts.add(object(sandbox, 'createContext'));
  return sandbox;
}

function isContext(sandbox) {
  return contexts.has(object(sandbox, 'isContext'));
}

function object(sandbox, what) {
  if (sandbox === null || typeof sandbox !== 'object') {
    throw new TypeError(`${what}: the sandbox is an object`);
  }
  return sandbox;
}

/** What of a sandbox goes in: its own enumerable properties, data and functions apart. */
function partsOf(sandbox) {
  const globals = {};
  const functions = [];
  for (const name of Object.keys(sandbox)) {
    const value = sandbox[name];
    if (typeof value === 'function') {
      functions.push({ name, call: (...args) => Reflect.apply(value, undefined, args) });
    } else {
      own(globals, name, value);
    }
  }
  return { globals, functions };
}

function own(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

const BUILT_IN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** What Node's `vm` would throw, as near as it comes: what went wrong here is its cause. */
function thrown(problem, outcome) {
  const cause = ofProblem(problem, outcome);
  if (problem.code === 'ERR_WALL_TIME_LIMIT' || problem.code === 'ERR_CPU_TIME_LIMIT') {
    const error = new Error(`Script execution timed out: ${problem.message}`, { cause });
    error.code = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return error;
  }
  if (problem.code !== 'ERR_EXCEPTION' && problem.code !== 'ERR_SYNTAX') return cause;
  const { name, message, stack, file, line, column } = problem;
  const Kind = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : Error;
  const error = new Kind(message, { cause });
  if (name && error.name !== name) own(error, 'name', name);
  const frames = stack || `    at ${file}:${line}:${column}`;
  error.stack = `${error.name}: ${message}\n${frames}`;
  return error;
}

class Script {
  #entry;
  /** By the names of the functions that a sandbox has: a script is granted these alone. */
  #variants = new Map();
  #host = null;

  constructor(code, given) {
    const asked = read(given, 'Script', [...COMMON, ...CONTEXT]);
    this.#entry = { source: `${code}`, ...place(asked), form: 'script', plain: true };
    this.#compiled([]); // Syntax errors are thrown here.
  }

  #compiled(functions) {
    const host = syncHost();
    if (this.#host !== host) {
      this.#host = host;
      this.#variants.clear();
    }
    const names = functions.map(({ name }) => name);
    const key = JSON.stringify(names);
    let script = this.#variants.get(key);
    if (script === undefined) {
      const plan = {
        tenant: 'vm-0',
        entry: this.#entry,
        setup: [],
        modules: {},
        globals: {},
        hosts: names.map((name) => [name, false]),
        limits: { ...options.DEFAULTS, wall: HOUR, cpu: HOUR },
        timeZone: zone(),
      };
      try {
        script = host.compile(plan);
      } catch (error) {
        throw error.code === 'ERR_SYNTAX' ? syntax(error) : error;
      }
      if (this.#variants.size === MOST_VARIANTS) {
        const [[oldest, gone]] = this.#variants;
        this.#variants.delete(oldest);
        host.forget(gone);
      }
      this.#variants.set(key, script);
      unused.register(this, { host, script });
    }
    return { host, script };
  }

  runInContext(context, given) {
    if (!isContext(context)) {
      throw new TypeError('runInContext: the context is made by createContext()');
    }
    return this.#run(context, read(given, 'runInContext', COMMON));
  }

  runInNewContext(sandbox = {}, given) {
    return this.#run(createContext(sandbox), read(given, 'runInNewContext', [...COMMON, ...CONTEXT]));
  }

  runInThisContext() {
    throw unsupported('runInThisContext', 'nothing of the program is within reach of a script');
  }

  createCachedData() {
    throw unsupported('createCachedData', NOT_HERE.cachedData);
  }

  #run(sandbox, asked) {
    const { globals, functions } = partsOf(sandbox);
    const { host, script } = this.#compiled(functions);
    const limits = options.limits(asked, { ...options.DEFAULTS, wall: HOUR, cpu: HOUR });
    const request = {
      globals,
      hasInput: false,
      source: undefined,
      // Functions that a script declares are gone with its run.
      globalsBack: 'data',
      limits,
      frozen: undefined,
      timeZone: undefined,
    };
    const outcome = host.run(script, request, functions);
    for (const name of Object.keys(outcome.globals)) {
      if (Object.hasOwn(sandbox, name)) sandbox[name] = outcome.globals[name];
      else own(sandbox, name, outcome.globals[name]);
    }
    if (outcome.problem) throw thrown(outcome.problem, { logs: outcome.logs, usage: outcome.usage });
    return outcome.value;
  }
}

const unused = new FinalizationRegistry(({ host, script }) => host.forget(script));

/** The program's own time zone, which Node's `vm` has as well. */
function zone() {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === 'UTC' ? undefined : name;
}

function syntax(error) {
  const { message, file, line, column } = error;
  const short = message.replace(/^SyntaxError: /, '').replace(/ \([^()]*\)$/, '');
  return thrown({ code: 'ERR_SYNTAX', name: 'SyntaxError', message: short, stack: '', file, line, column });
}

/** Scripts of texts that were run lately: the least recently used are forgotten. */
const MOST_TEXTS = 256;
const lately = new Map();

function scriptOf(code, given) {
  const { file, line } = place(given);
  const text = `${code}`;
  const key = JSON.stringify([text, file, line]);
  let script = lately.get(key);
  if (script === undefined) {
    script = new Script(text, { filename: file, lineOffset: line - 1 });
    if (lately.size === MOST_TEXTS) lately.delete(lately.keys().next().value);
  } else {
    lately.delete(key);
  }
  lately.set(key, script);
  return script;
}

function runInNewContext(code, sandbox = {}, given) {
  const asked = read(given, 'runInNewContext', [...COMMON, ...CONTEXT]);
  return scriptOf(code, asked).runInNewContext(sandbox, asked);
}

function runInContext(code, context, given) {
  const asked = read(given, 'runInContext', COMMON);
  return scriptOf(code, asked).runInContext(context, asked);
}

function runInThisContext() {
  throw unsupported('runInThisContext', 'nothing of the program is within reach of a script');
}

function compileFunction() {
  throw unsupported('compileFunction', "use run() of 'sandtide', which takes the body of a function");
}

module.exports = {
  Script, compileFunction, createContext, isContext, runInContext, runInNewContext, runInThisContext,
};
