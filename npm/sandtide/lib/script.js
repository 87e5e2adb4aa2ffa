'use strict';
// Scripts: checked and built once, run often. A host that is new is told of a script again.

const options = require('./options.js');
const { invalid, ofProblem } = require('./errors.js');
const { host, number } = require('./host.js');

/** Around a function's body. What is before it stands on its first line, so that lines stay right. */
const BODY = ['(async function () {', '\n})()'];
/** The frame of what is around it. */
const AROUND = /\n? {4}at <eval> \([^\n()]*\)$/;

/** A source in the form that it is said in. */
function source(text, { file, line, form }) {
  if (typeof text !== 'string') throw invalid('a source is a string');
  if (form === 'body') {
    return { source: BODY[0] + text + BODY[1], file, line, form: 'script', body: true };
  }
  return { source: text, file, line, form: form === 'script' ? 'script' : undefined };
}

/** A problem with the places that a body has without what is around it. */
function placed(problem, entry) {
  if (!entry?.body || problem.file !== entry.file) return problem;
  const shift = BODY[0].length;
  const first = `${entry.file}:${entry.line}:`;
  const stack = problem.stack
    .replace(AROUND, '')
    .split('\n')
    .map((frame) => {
      const at = frame.lastIndexOf(first);
      if (at < 0) return frame;
      const column = parseInt(frame.slice(at + first.length), 10);
      return `${frame.slice(0, at)}${first}${Math.max(1, column - shift)}${frame.endsWith(')') ? ')' : ''}`;
    })
    .join('\n');
  const onFirst = problem.line === entry.line;
  const column = onFirst ? Math.max(1, problem.column - shift) : problem.column;
  return { ...problem, stack, column };
}

function form(given, otherwise) {
  if (given === undefined) return otherwise;
  if (!['auto', 'body', 'script'].includes(given)) {
    throw invalid("form is 'auto', 'script' or 'body'");
  }
  return given;
}

const OPTIONS = [
  'file', 'line', 'form', 'setup', 'modules', 'globals', 'host', 'hostSync', 'timeZone', 'tenant',
  ...options.LIMITS,
];

/** Lets go of scripts in the host that nobody has any more. */
const unused = new FinalizationRegistry(({ host, script }) => {
  if (host.ended) return;
  host.functions.delete(script);
  host.say('forget', script);
});

class Script {
  #plan;
  #functions;
  #host = null;
  #number = 0;
  #ready = null;
  #facts = null;

  constructor(key, plan, functions) {
    if (key !== unused) throw invalid('scripts are made by await Script.compile(source, options)');
    this.#plan = plan;
    this.#functions = functions;
  }

  /**
   * Checks a script and builds its image: set-up and modules are evaluated once, and each run starts
   * from what they left.
   */
  static async compile(text, given, otherwise) {
    const asked = options.object(given, 'Script.compile', OPTIONS);
    const file = options.text(asked.file, 'file', 'script.js');
    const functions = [
      ...options.functions(asked.host, 'host', true),
      ...options.functions(asked.hostSync, 'hostSync', false),
    ];
    const plan = {
      tenant: options.text(asked.tenant, 'tenant', 'default'),
      entry: source(text, { file, line: options.line(asked.line), form: form(asked.form, 'auto') }),
      setup: options.setup(asked.setup),
      modules: { ...options.modules(asked.modules) },
      globals: { ...options.globals(asked.globals) },
      hosts: functions.map(({ name, promise }) => [name, promise]),
      limits: options.limits(asked, otherwise),
      timeZone: options.text(asked.timeZone, 'timeZone', undefined),
    };
    const script = new Script(unused, plan, functions);
    await Script.deployed(script);
    return script;
  }

  /** The host that has a script, and its number there; waits where it has to be told of it. */
  static deployed(script) {
    const now = host();
    if (script.#host === now) return script.#ready;
    return script.#deploy(now);
  }

  /** The same where it is there already, else null. */
  static ready(script) {
    const there = script.#facts && script.#host && !script.#host.ended;
    return there ? { host: script.#host, script: script.#number } : null;
  }

  #deploy(to) {
    const script = number();
    this.#host = to;
    this.#number = script;
    this.#facts = null;
    unused.register(this, { host: to, script });
    // The functions may hold the script, which is to be let go of all the same.
    to.functions.set(script, new WeakRef(this.#functions));
    this.#ready = new Promise((resolve, reject) => {
      const failed = (error) => {
        to.functions.delete(script);
        // The next run tries again.
        if (this.#number === script) this.#host = null;
        reject(error);
      };
      const waiting = {
        done: (version, facts) => {
          if (this.#number === script) this.#facts = { version, ...facts };
          resolve({ host: to, script });
        },
        failed: (problem) => failed(ofProblem(placed(problem, this.#plan.entry))),
        lost: failed,
      };
      try {
        to.ask(to.scripts, script, waiting, 'compile', script, this.#plan);
      } catch (error) {
        failed(error);
      }
    });
    return this.#ready;
  }

  /** The name of what it was made of, which is the same wherever that is the same. */
  get version() {
    return this.#facts?.version;
  }

  /** `script`, or `function` for a module. */
  get form() {
    return this.#facts?.form;
  }

  /** Lets go of it in its host, before nobody has it any more. */
  static forget(script) {
    script.#host?.functions.delete(script.#number);
    script.#host?.say('forget', script.#number);
    script.#host = null;
  }

  static entry(script) {
    return script.#plan.entry;
  }

  get file() {
    return this.#plan.entry.file;
  }
}

module.exports = { Script, form, placed, source };
