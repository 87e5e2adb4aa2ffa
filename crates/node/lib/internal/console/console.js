'use strict';
// The class Console: what each method writes, and how it is indented by groups. The streams are given.

const { formatParts } = require('internal/util/format');

// Loaded when needed: most programs only log text.
function inspect(value, options) {
  return require('internal/util/inspect').inspect(value, options);
}

const kState = Symbol('state');
const withColors = { colors: true };
const withoutColors = {};

function streamIsColored(stream) {
  return Boolean(stream?.isTTY) && (typeof stream.getColorDepth !== 'function' || stream.getColorDepth() > 2);
}

// Everything of one console that is not its methods.
class State {
  constructor(options) {
    this.streams = options.streams;
    this.ignoreErrors = options.ignoreErrors;
    this.colorMode = options.colorMode;
    this.inspectOptions = options.inspectOptions;
    this.groupIndentation = ' '.repeat(options.groupIndentation);
    this.indent = '';
    this.counts = new Map();
    this.timers = new Map();
  }

  formatOptions(stream) {
    let { colorMode } = this;
    if (colorMode === 'auto') colorMode = streamIsColored(stream);
    if (this.inspectOptions !== undefined) {
      const own = this.inspectOptions.get(stream) ?? this.inspectOptions.get(undefined);
      if (own !== undefined) return own.colors === undefined ? { ...own, colors: colorMode } : own;
    }
    return colorMode ? withColors : withoutColors;
  }

  write(toStderr, args) {
    const stream = this.streams(toStderr);
    let text = formatParts(this.formatOptions(stream), args);
    if (this.indent !== '') text = this.indent + (text.includes('\n') ? text.replaceAll('\n', `\n${this.indent}`) : text);
    text += '\n';
    if (!this.ignoreErrors) {
      stream.write(text);
      return;
    }
    // A broken pipe must not end the program.
    if (stream.destroyed) return;
    const ignore = () => {};
    const hasListeners = typeof stream.once === 'function';
    if (hasListeners && stream.listenerCount('error') === 0) {
      stream.once('error', ignore);
      try {
        stream.write(text, (error) => {
          if (error !== null && error !== undefined && !stream._writableState?.errorEmitted) return;
          stream.removeListener('error', ignore);
        });
      } catch {
        // What write() throws is an error of the stream as well.
      }
      stream.removeListener('error', ignore);
      return;
    }
    try {
      stream.write(text);
    } catch {
      // As above.
    }
  }
}

function warn(message) {
  process.emitWarning(message);
}

function pad(number, digits = 2) {
  return `${number}`.padStart(digits, '0');
}

function formatTime(milliseconds) {
  if (milliseconds < 1000) return `${Number(milliseconds.toFixed(3))}ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(3)}s`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const [seconds, fraction] = ((milliseconds % 60_000) / 1000).toFixed(3).split('.');
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}.${fraction} (h:mm:ss.mmm)` :
    `${minutes}:${pad(seconds)}.${fraction} (m:ss.mmm)`;
}

function elapsed(start) {
  const [seconds, nanoseconds] = process.hrtime(start);
  return formatTime(seconds * 1000 + nanoseconds / 1e6);
}

function labelOf(label) {
  return label === undefined ? 'default' : `${label}`;
}

function timeLog(self, name, label, data) {
  const state = self[kState];
  const start = state.timers.get(label);
  if (start === undefined) {
    warn(`No such label '${label}' for console.${name}()`);
    return false;
  }
  const time = elapsed(start);
  if (data === undefined || data.length === 0) self.log('%s: %s', label, time);
  else self.log('%s: %s', label, time, ...data);
  return true;
}

const methods = {
  log(...args) {
    this[kState].write(false, args);
  },

  warn(...args) {
    this[kState].write(true, args);
  },

  dir(object, options) {
    const state = this[kState];
    state.write(false, [inspect(object, { customInspect: false, ...state.formatOptions(state.streams(false)), ...options })]);
  },

  time(label) {
    label = labelOf(label);
    const { timers } = this[kState];
    if (timers.has(label)) {
      warn(`Label '${label}' already exists for console.time()`);
      return;
    }
    timers.set(label, process.hrtime());
  },

  timeEnd(label) {
    label = labelOf(label);
    if (timeLog(this, 'timeEnd', label)) this[kState].timers.delete(label);
  },

  timeLog(label, ...data) {
    timeLog(this, 'timeLog', labelOf(label), data);
  },

  trace: function trace(...args) {
    const state = this[kState];
    const message = formatParts(state.formatOptions(state.streams(true)), args);
    const holder = { name: 'Trace', message };
    require('internal/errors').captureStackTrace(holder, trace);
    const frames = String(holder.stack).match(/(?:^|\n)(\s+at [^]*)/)?.[1] ?? '';
    const head = message === '' ? 'Trace' : `Trace: ${message}`;
    this.error(frames === '' ? head : `${head}\n${frames.trimEnd()}`);
  },

  assert(expression, ...args) {
    if (expression) return;
    args[0] = `Assertion failed${args.length === 0 ? '' : `: ${args[0]}`}`;
    Reflect.apply(this.warn, this, args);
  },

  clear() {
    const stdout = this[kState].streams(false);
    if (!stdout.isTTY || process.env.TERM === 'dumb') return;
    stdout.write('\u001b[1;1H\u001b[0J');
  },

  count(label = 'default') {
    label = `${label}`;
    const { counts } = this[kState];
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    this.log(`${label}: ${count}`);
  },

  countReset(label = 'default') {
    if (!this[kState].counts.delete(`${label}`)) warn(`Count for '${label}' does not exist`);
  },

  group(...data) {
    if (data.length > 0) Reflect.apply(this.log, this, data);
    const state = this[kState];
    state.indent += state.groupIndentation;
  },

  groupEnd() {
    const state = this[kState];
    state.indent = state.indent.slice(0, state.indent.length - state.groupIndentation.length);
  },

  table(data, properties) {
    if (data === null || typeof data !== 'object') {
      this.log(data);
      return;
    }
    if (properties !== undefined) require('internal/validators').validateArray(properties, 'properties');
    const state = this[kState];
    const options = state.formatOptions(state.streams(false));
    const { table } = require('internal/console/table');
    this.log(table(data, properties, (value) => {
      const deep = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 2;
      return inspect(value, { ...options, maxArrayLength: 3, breakLength: Infinity, depth: deep ? -1 : 0 });
    }));
  },
};
const aliases = { debug: 'log', info: 'log', dirxml: 'log', error: 'warn', groupCollapsed: 'group' };
for (const [alias, name] of Object.entries(aliases)) methods[alias] = methods[name];
// Programs list them: they stand in Node's order.
for (const name of ['info', 'debug', 'warn', 'error', 'dir', 'time', 'timeEnd', 'timeLog', 'trace', 'assert', 'clear', 'count',
  'countReset', 'group', 'groupEnd', 'table', 'dirxml', 'groupCollapsed']) {
  const method = methods[name];
  delete methods[name];
  methods[name] = method;
}

// Methods work without `this`, and stay what the prototype's are unless a subclass has its own.
function bindMethods(target, source) {
  for (const name of Object.keys(methods)) {
    const bound = source[name].bind(target);
    Object.defineProperty(bound, 'name', { __proto__: null, value: name, configurable: true });
    target[name] = bound;
  }
}

function defineHidden(target, key, value) {
  Object.defineProperty(target, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function attach(target, state) {
  Object.defineProperty(target, kState, { __proto__: null, value: state });
  Object.defineProperty(target, Symbol.toStringTag, { __proto__: null, value: 'console', writable: false, enumerable: false, configurable: true });
}

function inspectOptionsOf(options) {
  const { inspectOptions, colorMode } = options;
  if (inspectOptions === undefined) return undefined;
  require('internal/validators').validateObject(inspectOptions, 'options.inspectOptions');
  // A map gives each stream its own.
  const map = inspectOptions instanceof Map ? inspectOptions : new Map([[undefined, inspectOptions]]);
  for (const own of map.values()) {
    if (own.colors !== undefined && colorMode !== 'auto') {
      const { codes } = require('internal/errors');
      throw new codes.ERR_INCOMPATIBLE_OPTION_PAIR('options.inspectOptions.color', 'colorMode');
    }
  }
  return map;
}

function Console(options) {
  if (!new.target) return Reflect.construct(Console, arguments);
  if (!options || typeof options.write === 'function') {
    options = { stdout: options, stderr: arguments[1], ignoreErrors: arguments[2] };
  }
  const { codes } = require('internal/errors');
  const { validateInteger, validateOneOf } = require('internal/validators');
  const { stdout, stderr = stdout, ignoreErrors = true, colorMode = 'auto', groupIndentation } = options;
  if (!stdout || typeof stdout.write !== 'function') throw new codes.ERR_CONSOLE_WRITABLE_STREAM('stdout');
  if (!stderr || typeof stderr.write !== 'function') throw new codes.ERR_CONSOLE_WRITABLE_STREAM('stderr');
  validateOneOf(colorMode, 'colorMode', ['auto', true, false]);
  if (groupIndentation !== undefined) validateInteger(groupIndentation, 'groupIndentation', 0, 1000);
  bindMethods(this, this);
  attach(this, new State({
    streams: (toStderr) => (toStderr ? this._stderr : this._stdout),
    ignoreErrors,
    colorMode,
    inspectOptions: inspectOptionsOf({ ...options, colorMode }),
    groupIndentation: groupIndentation ?? 2,
  }));
  defineHidden(this, '_stdout', stdout);
  defineHidden(this, '_stderr', stderr);
}

for (const name of Object.keys(methods)) defineHidden(Console.prototype, name, methods[name]);
Object.defineProperty(Console, Symbol.hasInstance, {
  __proto__: null,
  value(instance) {
    return instance !== null && instance !== undefined && (typeof instance === 'object' || typeof instance === 'function') &&
      instance[kState] !== undefined;
  },
});

// The global console: its streams are the process's, whichever these are at the time of writing.
function makeGlobalConsole() {
  // An empty object lies between, as the Console Standard has it.
  const console = Object.create({});
  bindMethods(console, methods);
  attach(console, new State({
    streams: (toStderr) => plainOutput(toStderr) ?? (toStderr ? console._stderr : console._stdout),
    ignoreErrors: true,
    colorMode: 'auto',
    inspectOptions: undefined,
    groupIndentation: 2,
  }));
  let replaced = false;
  function plainOutput(toStderr) {
    return replaced ? undefined : require('internal/process/stdio').plainOutput(toStderr ? 2 : 1);
  }
  for (const [key, name] of [['_stdout', 'stdout'], ['_stderr', 'stderr']]) {
    Object.defineProperty(console, key, {
      __proto__: null,
      get: () => process[name],
      set(value) {
        replaced = true;
        defineHidden(console, key, value);
      },
      enumerable: false,
      configurable: true,
    });
  }
  return console;
}

module.exports = { Console, makeGlobalConsole };
