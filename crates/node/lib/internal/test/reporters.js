'use strict';
// How results of tests are written: for people (spec), as TAP, as dots, or for the process that runs
// the files of `--test`. Gets records of finished tests, knows nothing of how they run.

const { inspect } = require('internal/util/inspect');

function write(text) {
  process.stdout.write(text);
}

function colorsWanted() {
  const { stdout } = process;
  return Boolean(stdout.isTTY) && (stdout.getColorDepth?.() ?? 1) > 2;
}

function paint(name, text) {
  if (!colorsWanted()) return text;
  const [on, off] = inspect.colors[name];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

function indented(text, indent) {
  return text.replaceAll('\n', `\n${indent}`);
}

function errorText(error) {
  return inspect(error, { colors: colorsWanted(), breakLength: Infinity });
}

// What is said of a failure is its cause: the wrapper only tells how it came about.
function causeOf(error) {
  return error?.code === 'ERR_TEST_FAILURE' && error.failureType !== 'subtestsFailed' && error.cause !== undefined ? error.cause : error;
}

// What is told of an error that a test ended with.
function failureOf(error) {
  const cause = causeOf(error);
  const failure = {
    type: error?.failureType ?? 'testCodeFailure',
    text: errorText(cause),
    message: String(cause?.message ?? cause),
    code: cause?.code ?? 'ERR_TEST_FAILURE',
    name: cause?.name,
    stack: typeof cause?.stack === 'string' ? cause.stack : undefined,
  };
  if (failure.code === 'ERR_ASSERTION') {
    for (const key of ['expected', 'actual', 'operator']) failure[key] = yamlValue(cause[key], '    ');
  }
  return failure;
}

function note(test) {
  if (test.skipped !== undefined) return ` # ${typeof test.skipped === 'string' && test.skipped !== '' ? test.skipped : 'SKIP'}`;
  if (test.todo !== undefined) return ` # ${typeof test.todo === 'string' && test.todo !== '' ? test.todo : 'TODO'}`;
  return '';
}

function specLine(test, indent) {
  let symbol = '✔';
  let color = 'green';
  if (test.skipped !== undefined) [symbol, color] = ['﹣', 'gray'];
  else if (!test.passed) [symbol, color] = test.todo === undefined ? ['✖', 'red'] : ['⚠', 'yellow'];
  return paint(color, `${indent}${symbol} ${test.name} ${paint('gray', `(${test.duration}ms)`)}${note(test)}`);
}

function specError(test, indent) {
  const inner = `${indent}  `;
  return `${inner}${indented(test.failure.text, inner)}\n`;
}

const spec = {
  output: write,
  failures: [],

  start() {},

  // Tests with tests inside are opened before the first of these.
  open(test) {
    write(`${'  '.repeat(test.nesting)}▶ ${test.name}\n`);
  },

  finish(test) {
    const indent = '  '.repeat(test.nesting);
    write(`${specLine(test, indent)}\n`);
    // What went wrong stands at the end.
    if (!test.passed && test.failure.type !== 'subtestsFailed') this.failures.push(test);
    for (const message of test.diagnostics) write(`${indent}${paint('blue', `ℹ ${message}`)}\n`);
  },

  diagnostic(message) {
    write(`${paint('blue', `ℹ ${message}`)}\n`);
  },

  end(counts, duration) {
    for (const [name, count] of Object.entries(counts)) this.diagnostic(`${name} ${count}`);
    this.diagnostic(`duration_ms ${duration}`);
    if (this.failures.length === 0) return;
    write(`\n${paint('red', '✖ failing tests:')}\n`);
    for (const test of this.failures) {
      if (test.location !== undefined) write(`\ntest at ${test.location}\n`);
      else write('\n');
      write(`${specLine(test, '')}\n${specError(test, '')}`);
    }
  },
};

function tapEscape(text) {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

function yamlValue(value, indent) {
  if (typeof value === 'string') {
    if (!value.includes('\n')) return `'${value.replaceAll("'", "\\'")}'`;
    return `|-\n${value.split('\n').map((line) => `${indent}  ${line}`).join('\n')}`;
  }
  return inspect(value, { colors: false, breakLength: Infinity }).replaceAll('\n', ' ');
}

const tap = {
  output(text) {
    for (const line of text.split('\n')) if (line.trim() !== '') write(`# ${tapEscape(line)}\n`);
  },
  started: false,
  counters: [],

  start() {
    write('TAP version 13\n');
  },

  open(test) {
    write(`${'    '.repeat(test.nesting)}# Subtest: ${tapEscape(test.name)}\n`);
    this.counters[test.nesting + 1] = 0;
  },

  finish(test) {
    const indent = '    '.repeat(test.nesting);
    if (!test.opened) this.open(test);
    else if (test.children > 0) write(`${indent}    1..${test.children}\n`);
    let line = `${indent}${test.passed ? 'ok' : 'not ok'} ${test.number} - ${tapEscape(test.name)}`;
    const detail = (value) => (typeof value === 'string' && value !== '' ? ` ${tapEscape(value)}` : '');
    if (test.skipped !== undefined) line += ` # SKIP${detail(test.skipped)}`;
    else if (test.todo !== undefined) line += ` # TODO${detail(test.todo)}`;
    write(`${line}\n${indent}  ---\n${indent}  duration_ms: ${test.duration}\n`);
    write(`${indent}  type: '${test.isSuite ? 'suite' : 'test'}'\n`);
    if (!test.passed) this.writeError(test, `${indent}  `);
    write(`${indent}  ...\n`);
    for (const message of test.diagnostics) write(`${indent}# ${tapEscape(message)}\n`);
  },

  writeError(test, indent) {
    const { failure } = test;
    const line = (key, value) => write(`${indent}${key}: ${yamlValue(value, indent)}\n`);
    if (test.location !== undefined) line('location', test.location);
    line('failureType', failure.type);
    if (failure.exitCode !== undefined) {
      line('exitCode', failure.exitCode);
      write(`${indent}signal: ${failure.signal ?? '~'}\n`);
    }
    line('error', failure.message);
    line('code', failure.code);
    if (failure.name && failure.name !== 'Error') line('name', failure.name);
    for (const key of ['expected', 'actual', 'operator']) {
      if (failure[key] !== undefined) write(`${indent}${key}: ${failure[key]}\n`);
    }
    if (failure.stack !== undefined) {
      const frames = failure.stack.split('\n').filter((frame) => /^\s+at /.test(frame)).map((frame) => frame.replace(/^\s+at /, ''));
      if (frames.length > 0) line('stack', frames.length === 1 ? frames[0] : frames.join('\n'));
    }
  },

  diagnostic(message) {
    write(`# ${tapEscape(message)}\n`);
  },

  end(counts, duration, total) {
    write(`1..${total}\n`);
    for (const [name, count] of Object.entries(counts)) this.diagnostic(`${name} ${count}`);
    this.diagnostic(`duration_ms ${duration}`);
  },
};

const dot = {
  output() {},
  column: 0,
  failures: [],
  start() {},
  open() {},
  finish(test) {
    write(test.passed ? '.' : 'X');
    if (!test.passed) this.failures.push(test);
    if (++this.column === 20) {
      write('\n');
      this.column = 0;
    }
  },
  diagnostic() {},
  end() {
    write('\n');
    if (this.failures.length === 0) return;
    write('\nFailed tests:\n\n');
    for (const test of this.failures) write(`${specLine(test, '')}\n${specError(test, '')}`);
  },
};

// Before each record that goes to the process that runs the files: nothing else writes this.
const MARK = '\u0000sandtide-test ';

const forward = {
  start() {},
  tell(kind, value) {
    write(`${MARK}${JSON.stringify([kind, value])}\n`);
  },
  open(test) { this.tell('open', test); },
  finish(test) { this.tell('finish', test); },
  diagnostic(message) { this.tell('diagnostic', message); },
  end(counts) { this.tell('end', counts); },
};

function reporter() {
  if (process.env.NODE_TEST_CONTEXT === 'child-v8') return forward;
  const chosen = internalBinding('options').settings['--test-reporter']?.at(-1);
  return { spec, tap, dot }[chosen] ?? spec;
}

module.exports = { MARK, failureOf, reporter };
