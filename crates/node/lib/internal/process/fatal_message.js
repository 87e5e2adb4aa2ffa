'use strict';
// The text for an error that ends the program: where it came from, the source line, the error.

const binding = internalBinding('process');

const kFrame = /^\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?$/m;

// Sources that are in no file, by the names that stack frames give them.
const sources = new Map();

function setSource(name, source) {
  sources.set(name, source);
}

function sourceOf(name) {
  const known = sources.get(name);
  if (known !== undefined) return known;
  if (name.startsWith('node:')) return internalBinding('builtins').source(name.slice(5));
  const path = name.startsWith('file://') ? decodeURIComponent(name.slice(7).replace(/[?#].*$/s, '')) : name;
  if (!path.startsWith('/')) return undefined;
  const text = internalBinding('loader').readText(path);
  return typeof text === 'string' ? text : undefined;
}

// `file:line`, the line, a caret under the column; '' if the place is not known.
function arrowFor(error) {
  const { stack } = error;
  if (typeof stack !== 'string') return '';
  const found = kFrame.exec(stack);
  if (found === null) return '';
  const [, file, line, column] = found;
  const source = sourceOf(file);
  const text = source?.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1];
  if (text === undefined) return '';
  let at = column - 1;
  // An error stands in its `throw` statement; the caret is under the statement.
  const statement = /\bthrow\s+$/.exec(text.slice(0, at));
  if (statement !== null) at = statement.index;
  return `${file}:${line}\n${text}\n${text.slice(0, at).replace(/[^\t]/g, ' ')}^\n`;
}

// Errors of vm contexts too.
function isError(value) {
  return typeof value === 'object' && value !== null && internalBinding('util').classOf(value) === 'Error';
}

// Where not even an error object can be made, the engine throws null.
function isOutOfMemory(error) {
  try {
    if (error === null) return internalBinding('options').settings['--max-old-space-size'] !== undefined;
    return isError(error) && error.name === 'InternalError' && error.message === 'out of memory';
  } catch {
    return false;
  }
}

// The engine's stacks have no header line where prepareStackTrace is not the host's.
function withHeader(error, text) {
  if (!/^\s+at /.test(text) && text !== '') return text;
  const name = String(error.name);
  const message = String(error.message);
  return `${name}${message === '' ? '' : `: ${message}`}${text === '' ? '' : `\n${text}`}`;
}

function show(error) {
  try {
    const text = require('internal/util/inspect').inspect(error, { colors: false, customInspect: false, depth: 5 });
    // Brackets stand around errors that have no frames; here a message is all there is.
    const whole = typeof error?.stack === 'string' ? `[${error.stack}]` : undefined;
    return whole !== undefined && text.startsWith(whole) ? error.stack + text.slice(whole.length) : text;
  } catch {
    return binding.describe(error);
  }
}

function describeFatal(error) {
  const { kVersion } = require('internal/process/versions');
  const trailer = `\nNode.js ${kVersion} (sandtide)\n`;
  if (isOutOfMemory(error)) {
    return '\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n' +
      `${typeof error?.stack === 'string' ? error.stack.trimEnd() : ''}\n`;
  }
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
    const { basename } = require('internal/cjs/path');
    return `Uncaught:\n${show(error)}\n(Use \`${basename(process.argv0 || 'node')} --trace-uncaught ...\` ` +
      `to show where the exception was thrown)\n${trailer}`;
  }
  const shown = isError(error) || typeof error.stack === 'string' ?
    withHeader(error, show(error).trimEnd()) : show(error);
  // A stack that begins with the place of a syntax error is shown as it is.
  if (/^[^\n]+:\d+\n/.test(shown)) return `${shown}\n${trailer}`;
  const arrow = arrowFor(error);
  return `${arrow === '' ? 'Uncaught:\n' : `${arrow}\n`}${shown}\n${trailer}`;
}

module.exports = { describeFatal, isOutOfMemory, setSource };
