'use strict';
// The text for an error that ends the program: where it came from, the source line, the error.

const binding = internalBinding('process');

const { kIsNodeError } = require('internal/errors');

const kFrame = /^\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?$/m;

// Sources that are in no file, by the names that stack frames give them.
const sources = new Map();

function setSource(name, source) {
  sources.set(name, source);
}

// [text, line of the text's first line], or undefined.
function sourceOf(name) {
  const known = sources.get(name);
  if (known !== undefined) return [known, 1];
  if (name.startsWith('node:')) return [internalBinding('builtins').source(name.slice(5)), 1];
  const recent = require('internal/vm/recent_sources').recall(name);
  if (recent !== undefined) return recent;
  const path = name.startsWith('file://') ? decodeURIComponent(name.slice(7).replace(/[?#].*$/s, '')) : name;
  if (!path.startsWith('/')) return undefined;
  const text = internalBinding('loader').readText(path);
  return typeof text === 'string' ? [text, 1] : undefined;
}

function lineOf(file, line) {
  const source = sourceOf(file);
  if (typeof source?.[0] !== 'string') return undefined;
  return source[0].split(/\r\n|[\n\r\u2028\u2029]/)[line - source[1]];
}

// `file:line`, the line, a caret under the column; '' if there is no such line.
function arrowAt(file, line, column, isThrown = true) {
  const known = isThrown ? require('internal/util/inspect/node_frames').ARROWS[file] : undefined;
  if (known !== undefined) return known;
  const text = lineOf(file, line);
  if (text === undefined) return '';
  let at = column - 1;
  // An error stands in its `throw` statement; the caret is under the statement.
  const statement = isThrown ? /\bthrow\s+$/.exec(text.slice(0, at)) : null;
  if (statement !== null) at = statement.index;
  return `${file}:${line}\n${text}\n${text.slice(0, at).replace(/[^\t]/g, ' ')}^\n`;
}

// The same of the `throw` statement at `place`. What `finally` throws on has the place of no statement.
function arrowOfThrow([file, line, column]) {
  return lineOf(file, line)?.startsWith('throw', column - 1) ? arrowAt(file, line, column) : '';
}

// The same of a module that does not parse; more than one line is not marked.
function arrowOfSyntax({ url, line, column, width, text }) {
  const marks = width < 0 ? '' : `${(text ?? '').slice(0, column - 1).replace(/[^\t]/g, ' ')}${'^'.repeat(width)}\n`;
  return `${url}:${line}\n${text ?? ''}\n${marks}`;
}

// Where an error was thrown, if that can be told from where it was made. `place` is the `throw` statement that ran
// last, which is none of this error's where the engine itself threw it: only what a constructor was called for
// must have been thrown by a statement.
function arrowFor(error, place, isRejection) {
  const syntax = error instanceof SyntaxError ? require('internal/esm/load').syntaxPlaceOf(error) : undefined;
  if (syntax !== undefined) return arrowOfSyntax(syntax);
  const { stack } = error;
  if (typeof stack !== 'string') return place === undefined ? '' : arrowOfThrow(place);
  if (error.code === 'ERR_MODULE_NOT_FOUND' && error[kIsNodeError] === true && stack.includes('(node:internal/esm/resolve:')) {
    return require('internal/util/inspect/node_frames').NOT_FOUND;
  }
  const found = kFrame.exec(stack);
  const [, shown, line, column] = found ?? [];
  // A text without a name, unless there is one of this name.
  const file = shown === '<anonymous>' && sourceOf(shown) === undefined ? '' : shown;
  const made = found === null ? undefined : lineOf(file, line)?.slice(column - 1);
  const isThrown = require('internal/events/unhandled').isUnhandled(error) || error[kIsNodeError] === true ||
    error.code === 'ERR_ASSERTION' ||
    (made !== undefined && /^(?:new\s|[\w$.]*Error\s*\()/.test(made));
  if (place !== undefined && isThrown) {
    const arrow = arrowOfThrow(place);
    if (arrow !== '') return arrow;
  }
  // What came as a rejection was not thrown where it is told of.
  return found === null ? '' : arrowAt(file, +line, +column, !isRejection || file.startsWith('node:'));
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
    if (!isError(error)) return text;
    // Brackets stand around errors that have no frames; here a message is all there is.
    const whole = typeof error.stack === 'string' ? `[${error.stack}]` : undefined;
    const shown = whole !== undefined && text.startsWith(whole) ? error.stack + text.slice(whole.length) : text;
    return withEmission(error, shown);
  } catch {
    return binding.describe(error);
  }
}

// The stack of an error that an 'error' event had is followed by the stack of the event.
function withEmission(error, text) {
  const emitted = require('internal/events/unhandled').emittedAt(error);
  if (emitted === '' || typeof error.stack !== 'string') return text;
  // The frames end where the properties begin.
  const found = /^[^]*?\n {4}at [^]*?(?=(?: \{)?(?:\n(?! {4}at )|$))/.exec(text);
  if (found === null) return text;
  return `${found[0]}\n${emitted}${text.slice(found[0].length)}`;
}

function describeFatal(error, place, isRejection = false) {
  const { kVersion } = require('internal/process/versions');
  const trailer = `\nNode.js ${kVersion}\n`;
  if (isOutOfMemory(error)) {
    return '\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n' +
      `${typeof error?.stack === 'string' ? error.stack.trimEnd() : ''}\n`;
  }
  if (!isError(error)) return `${describeThrown(error, place)}${trailer}`;
  const shown = withHeader(error, show(error).trimEnd());
  // A stack that begins with the place of a syntax error is shown as it is.
  if (/^[^\n]+:\d+\n[^\n]*\n(?:[ \t]*\^+\n|(?:[ \t]*\n)?\nSyntaxError: )/.test(shown)) return `${shown}\n${trailer}`;
  const arrow = arrowFor(error, place, isRejection);
  return `${arrow === '' ? 'Uncaught:\n' : `${arrow}\n`}${shown}\n${trailer}`;
}

// What is no error, where it was thrown.
function describeThrown(value, place) {
  const arrow = place === undefined ? '' : arrowOfThrow(place);
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const shown = typeof value === 'string' && arrow !== '' ? value : show(value);
  if (isObject) {
    // What a vm script threw stands apart.
    const isScript = arrow !== '' && require('internal/vm/recent_sources').recall(place[0]) !== undefined;
    return `${isScript ? `${arrow}\n` : `${arrow === '' ? 'Uncaught:' : ''}\n${arrow}`}${shown}\n`;
  }
  return `${arrow === '' ? 'Uncaught:' : ''}\n${arrow}${shown}\n` +
    `(Use \`node --trace-uncaught ...\` to show where the exception was thrown)\n`;
}

module.exports = { describeFatal, isOutOfMemory, setSource };
