'use strict';
// `repl`: reads lines, runs them as scripts and shows what they give. Lines are those of readline: there is no
// completion, and no history that is kept.

const { Interface } = require('readline');
const vm = require('vm');
const { inspect } = require('util');
const { codes: { ERR_INVALID_REPL_EVAL_CONFIG } } = require('internal/errors');

const REPL_MODE_SLOPPY = Symbol('repl-sloppy');
const REPL_MODE_STRICT = Symbol('repl-strict');

// Text that more lines may complete.
class Recoverable extends SyntaxError {
  constructor(error) {
    super();
    this.err = error;
  }
}

const writer = Object.assign((value) => inspect(value, writer.options), {
  options: { ...inspect.defaultOptions, showProxy: true },
});

// Whether a syntax error is only that the text, which ends with a line's end, ends too early.
function endsTooEarly(code, error) {
  if (/unexpected end of|unterminated template/i.test(error.message)) return true;
  const place = /^[^\n]*:(\d+)\n/.exec(error.stack);
  if (place !== null && +place[1] >= code.split('\n').length) return true;
  return /unexpected token$/i.test(error.message) && (code.split('`').length & 1) === 0;
}

function isValidSyntax(code) {
  for (const text of [`(${code}\n)`, code]) {
    try {
      new vm.Script(text);
      return true;
    } catch {
      // The other way is tried.
    }
  }
  return false;
}

function readOptions(prompt, source, evaluate, useGlobal, ignoreUndefined, replMode) {
  if (prompt !== null && typeof prompt === 'object') return { ...prompt };
  return { prompt, input: source?.stdin ?? source, output: source?.stdout ?? source, eval: evaluate, useGlobal, ignoreUndefined, replMode };
}

class Server extends Interface {
  #buffered = '';

  constructor(options) {
    const input = options.input ?? process.stdin;
    const output = options.output ?? process.stdout;
    if (options.eval && options.breakEvalOnSigint) throw new ERR_INVALID_REPL_EVAL_CONFIG();
    super({ input, output, prompt: options.prompt ?? '> ', terminal: options.terminal ?? output.isTTY ?? false });
    this.useColors = options.useColors ?? false;
    this.useGlobal = Boolean(options.useGlobal);
    this.ignoreUndefined = Boolean(options.ignoreUndefined);
    this.replMode = options.replMode ?? REPL_MODE_SLOPPY;
    this.underscoreAssigned = false;
    this.last = undefined;
    this.underscoreErrAssigned = false;
    this.lastError = undefined;
    this.breakEvalOnSigint = Boolean(options.breakEvalOnSigint);
    this.editorMode = false;
    this.eval = options.eval || ((...args) => this.#evaluate(...args));
    this._initialPrompt = this.getPrompt();
    this.writer = options.writer || writer;
    this.commands = { __proto__: null };
    this.#defineCommands();
    this.resetContext();
    this.on('line', (line) => this.#onLine(line));
    this.once('close', () => process.nextTick(() => this.emit('exit')));
    this.displayPrompt();
  }

  createContext() {
    if (this.useGlobal) return globalThis;
    const context = vm.createContext();
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (vm.runInContext(`Object.hasOwn(globalThis, ${JSON.stringify(name)})`, context)) continue;
      Object.defineProperty(context, name, { __proto__: null, ...Object.getOwnPropertyDescriptor(globalThis, name) });
    }
    context.global = context;
    context.console = new (require('console').Console)(this.output);
    return context;
  }

  resetContext() {
    this.context = this.createContext();
    this.underscoreAssigned = false;
    this.underscoreErrAssigned = false;
    this.lines = [];
    const { builtinModules, Module } = require('module');
    const define = (name, descriptor) => Object.defineProperty(this.context, name, {
      __proto__: null, configurable: true, enumerable: false, ...descriptor,
    });
    const own = new Module('<repl>');
    own.paths = Module._nodeModulePaths(process.cwd());
    define('module', { value: own, writable: true });
    define('require', { value: require('module').createRequire(`${process.cwd()}/<repl>`), writable: true });
    for (const id of builtinModules) {
      if (id.includes('/') || id.includes(':') || id.startsWith('_') || Object.hasOwn(this.context, id)) continue;
      define(id, {
        get: () => this.context.require(id),
        set(value) { define(id, { value, writable: true }); },
      });
    }
    this.#defineUnderscores();
    this.emit('reset', this.context);
  }

  #defineUnderscores() {
    const last = (name, value, assigned) => Object.defineProperty(this.context, name, {
      __proto__: null,
      configurable: true,
      get: () => this[value],
      set: (given) => {
        this[value] = given;
        if (!this[assigned]) {
          this[assigned] = true;
          this.output.write(`Expression assignment to ${name} now disabled.\n`);
        }
      },
    });
    last('_', 'last', 'underscoreAssigned');
    last('_error', 'lastError', 'underscoreErrAssigned');
  }

  #defineCommands() {
    this.defineCommand('break', {
      help: 'Sometimes you get stuck, this gets you out',
      action() {
        this.clearBufferedCommand();
        this.displayPrompt();
      },
    });
    this.defineCommand('clear', {
      help: this.useGlobal ? 'Alias for .break' : 'Break, and also clear the local context',
      action() {
        this.clearBufferedCommand();
        if (!this.useGlobal) {
          this.output.write('Clearing context...\n');
          this.resetContext();
        }
        this.displayPrompt();
      },
    });
    this.defineCommand('exit', { help: 'Exit the REPL', action() { this.close(); } });
    this.defineCommand('help', {
      help: 'Print this help message',
      action() {
        const names = Object.keys(this.commands).sort();
        const width = Math.max(...names.map((name) => name.length));
        for (const name of names) {
          const { help } = this.commands[name];
          this.output.write(help ? `.${name.padEnd(width)}   ${help}\n` : `.${name}\n`);
        }
        this.output.write('\nPress Ctrl+C to abort current expression, Ctrl+D to exit the REPL\n');
        this.displayPrompt();
      },
    });
    this.defineCommand('save', {
      help: 'Save all evaluated commands in this REPL session to a file',
      action(file) {
        try {
          require('fs').writeFileSync(file, this.lines.join('\n'));
          this.output.write(`Session saved to: ${file}\n`);
        } catch {
          this.output.write(`Failed to save: ${file}\n`);
        }
        this.displayPrompt();
      },
    });
    this.defineCommand('load', {
      help: 'Load JS from a file into the REPL session',
      action(file) {
        let text;
        try {
          text = require('fs').readFileSync(file, 'utf8');
        } catch {
          this.output.write(`Failed to load: ${file}\n`);
        }
        if (text !== undefined) for (const line of text.split('\n')) this.#onLine(line);
        this.displayPrompt();
      },
    });
  }

  defineCommand(keyword, command) {
    if (typeof command === 'function') command = { action: command };
    else require('internal/validators').validateFunction(command.action, 'cmd.action');
    this.commands[keyword] = command;
  }

  clearBufferedCommand() {
    this.#buffered = '';
  }

  setPrompt(prompt) {
    super.setPrompt(prompt);
    this._initialPrompt = prompt;
  }

  displayPrompt(preserveCursor) {
    const isContinued = this.#buffered !== '';
    super.setPrompt(isContinued ? '| ' : this._initialPrompt);
    this.prompt(preserveCursor);
    super.setPrompt(this._initialPrompt);
  }

  #onLine(line) {
    const trimmed = line.trim();
    const found = /^\.([^\s.\d]\S*)\s*(.*)$/.exec(trimmed);
    if (found !== null && this.#buffered === '' || (found !== null && found[1] in this.commands)) {
      const command = this.commands[found[1]];
      if (command !== undefined) {
        Reflect.apply(command.action, this, [found[2]]);
        return;
      }
      this.output.write('Invalid REPL keyword\n');
      this.displayPrompt();
      return;
    }
    if (trimmed !== '') this.lines.push(line);
    const code = `${this.#buffered}${line}\n`;
    if (code.trim() === '') {
      this.displayPrompt();
      return;
    }
    const finish = (error, value) => {
      if (error instanceof Recoverable) {
        this.#buffered = code;
        this.displayPrompt();
        return;
      }
      this.#buffered = '';
      if (error !== null && error !== undefined) this.#showError(error);
      else this.#showValue(value);
      if (!this.closed) this.displayPrompt();
    };
    this.eval(code, this.context, 'REPL1', (error, value) => finish(error, value));
  }

  #showValue(value) {
    if (!this.underscoreAssigned) this.last = value;
    if (value !== undefined || !this.ignoreUndefined) this.output.write(`${this.writer(value)}\n`);
  }

  #showError(thrown) {
    // Strings and the like are told from results.
    const error = thrown instanceof Thrown ? thrown.value : thrown;
    if (!this.underscoreErrAssigned) this.lastError = error;
    const isError = internalBinding('util').classOf(error) === 'Error';
    let text = isError && typeof error.stack === 'string' ? error.stack : this.writer(error);
    // The frames of the loop itself say nothing.
    if (isError) text = text.replace(/\n {4}at (?=[^\n]*(?:node:|REPL\d))[^]*$/, '').replace(/^REPL\d+:\d+\n/, '');
    const head = text.startsWith('Uncaught') ? '' : 'Uncaught ';
    const syntax = /^([^]*\n\s*\^+\n)\n([^]*)$/.exec(text);
    this.output.write(syntax === null ? `${head}${text}\n` : `${syntax[1]}\n${head}${syntax[2]}\n`);
  }

  // An object literal is no block: both ways are tried.
  #evaluate(code, context, file, callback) {
    let script;
    const isObject = /^\s*\{/.test(code) && !/;\s*$/.test(code);
    try {
      if (isObject) {
        try {
          script = new vm.Script(`(${code.trim()})\n`, { filename: file });
        } catch {
          script = undefined;
        }
      }
      const strict = this.replMode === REPL_MODE_STRICT ? "'use strict'; void 0; " : '';
      script ??= new vm.Script(strict + code, { filename: file });
    } catch (error) {
      callback(endsTooEarly(code, error) ? new Recoverable(error) : error);
      return;
    }
    let value;
    try {
      const options = { displayErrors: false, breakOnSigint: this.breakEvalOnSigint };
      value = this.useGlobal ? script.runInThisContext(options) : script.runInContext(context, options);
    } catch (error) {
      callback(new Thrown(error));
      return;
    }
    callback(null, value);
  }
}

// What a script threw, which may be anything, also null.
class Thrown {
  constructor(value) {
    this.value = value;
  }
}

// Callable without `new`.
function REPLServer(prompt, stream, evaluate, useGlobal, ignoreUndefined, replMode) {
  const options = readOptions(prompt, stream, evaluate, useGlobal, ignoreUndefined, replMode);
  return Reflect.construct(Server, [options], new.target ?? REPLServer);
}
REPLServer.prototype = Server.prototype;
Object.defineProperty(REPLServer.prototype, 'constructor', { value: REPLServer, writable: true, configurable: true });
Object.setPrototypeOf(REPLServer, Interface);

function start(prompt, source, evaluate, useGlobal, ignoreUndefined, replMode) {
  return new REPLServer(prompt, source, evaluate, useGlobal, ignoreUndefined, replMode);
}

module.exports = { start, writer, REPLServer, REPL_MODE_SLOPPY, REPL_MODE_STRICT, Recoverable, isValidSyntax };

Object.defineProperty(module.exports, 'builtinModules', {
  __proto__: null,
  get: () => require('module').builtinModules.filter((id) => !id.startsWith('_')),
  configurable: true,
});
