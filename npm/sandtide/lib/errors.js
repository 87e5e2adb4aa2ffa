'use strict';
// The one class of errors that this package throws.

/**
 * Whatever goes wrong: in a script, at one of its limits, with what was given, or with the host.
 * `code` says which and stays the same from release to release.
 */
class SandtideError extends Error {
  constructor(code, message, more) {
    super(message, more && more.cause !== undefined ? { cause: more.cause } : undefined);
    this.code = code;
    for (const name of ['file', 'line', 'column', 'thrown', 'usage', 'logs', 'globals']) {
      if (more && more[name] !== undefined) this[name] = more[name];
    }
  }
}

// As the names of built-in errors: not enumerable, on the prototype.
Object.defineProperty(SandtideError.prototype, 'name', {
  value: 'SandtideError',
  writable: true,
  configurable: true,
});

/** What the host says went wrong, as an error. */
function ofProblem(problem, outcome) {
  const { code, message, name, stack, file, line, column } = problem;
  const more = { ...outcome };
  if (file) more.file = file;
  if (line) more.line = line;
  if (column) more.column = column;
  let text = message;
  if (code === 'ERR_EXCEPTION') {
    more.thrown = { name, message, stack };
    text = name ? (message ? `${name}: ${message}` : name) : `Uncaught ${message}`;
  } else if (code === 'ERR_SYNTAX') {
    text = `SyntaxError: ${message}`;
  } else if (code === 'ERR_INVALID_LIMIT' && message.includes('heap_bytes')) {
    text += "; configure({ heap: '…' }) before the first script raises the most";
  }
  if (file && line) text += ` (${file}:${line}${column ? `:${column}` : ''})`;
  return new SandtideError(code, text, more);
}

/** An option that is not what it may be. */
function invalid(message) {
  return new SandtideError('ERR_INVALID_OPTION', message);
}

module.exports = { SandtideError, invalid, ofProblem };
