'use strict';
// The text for an error that ends the program: where it came from, the source line, the error.

const binding = internalBinding('process');

const { kIsNodeError } = require('internal/errors');

// What the engine calls code from strings.
const kFromString = '<input>';

const { madeAt } = internalBinding('util');

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

// `file:line`, the line, and so many carets under the column (fewer than none: not even their line); '' if there
// is no such line.
function arrowAt(file, line, column, width = 1, text = lineOf(file, line)) {
  const { ARROWS } = require('internal/util/inspect/node_frames');
  const known = ARROWS[file] ?? ARROWS[`${file} ${text?.trim()}`];
  if (known !== undefined) return known;
  if (text === undefined) return '';
  const name = file === kFromString ? '<anonymous_script>' : file;
  const carets = width < 0 ? '' : `${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}${'^'.repeat(width)}\n`;
  return `${name}:${line}\n${text}\n${carets}`;
}

// The same of a place that the engine noted.
function arrowOfThrow([file, line, column, width, text]) {
  return arrowAt(file, line, column, width, text ?? lineOf(file, line));
}

// The same of a module that does not parse.
function arrowOfSyntax({ url, line, column, width, text }) {
  return arrowAt(url, line, column, width, text ?? '');
}

// What Node shows where an error was made nowhere: its own code, that has a rejection or a microtask.
const kWithoutPlace = {
  rejection: 'node:internal/process/promises:394\n    triggerUncaughtException(err, true /* fromPromise */);\n    ^\n',
  main: 'node:internal/modules/run_main:107\n    triggerUncaughtException(\n    ^\n',
  microtask: '<anonymous_script>:0\n\n',
};

// Where an error was made whose stack is as it was then; '' if that is not known.
function arrowOfMaking(error) {
  const made = madeAt(error);
  if (made === undefined) return '';
  if (typeof made !== 'string') return arrowOfThrow(made);
  if (typeof error.stack !== 'string' || !error.stack.endsWith(made)) return '';
  const found = kFrame.exec(made);
  return found === null ? '' : arrowAt(found[1], +found[2], +found[3]);
}

// Where an error comes from: where it was thrown (`place`), or, with an `origin`, where it was made.
function arrowFor(error, place, origin) {
  const syntax = error instanceof SyntaxError ? require('internal/esm/load').syntaxPlaceOf(error) : undefined;
  if (syntax !== undefined) return arrowOfSyntax(syntax);
  if (error.code === 'ERR_MODULE_NOT_FOUND' && error[kIsNodeError] === true && typeof error.stack === 'string' &&
    error.stack.includes('(node:internal/esm/resolve:')) {
    return require('internal/util/inspect/node_frames').NOT_FOUND;
  }
  if (error.code === 'ERR_UNHANDLED_REJECTION' && error[kIsNodeError] === true) {
    return arrowAt('node:internal/process/exceptions');
  }
  const isOfText = place?.[5] === true;
  if (place !== undefined && (origin === undefined || isOfText)) return arrowOfThrow(place);
  const made = arrowOfMaking(error);
  return made === '' && origin !== undefined ? kWithoutPlace[origin] : made;
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

function show(error) {
  try {
    const text = require('internal/util/inspect').inspect(error, { colors: false, customInspect: false, depth: 5 });
    return isError(error) ? withEmission(error, text) : text;
  } catch {
    return undefined;
  }
}

// The stack of an error that an 'error' event had is followed by the stack of the event.
function withEmission(error, text) {
  const emitted = require('internal/events/unhandled').emittedAt(error);
  if (emitted === '' || typeof error.stack !== 'string') return text;
  if (text.startsWith(`[${error.stack}]`)) return `${error.stack}\n${emitted}${text.slice(error.stack.length + 2)}`;
  // The frames end where the properties begin.
  const found = /^[^]*?\n {4}at [^]*?(?=(?: \{)?(?:\n(?! {4}at )|$))/.exec(text);
  if (found === null) return text;
  return `${found[0]}\n${emitted}${text.slice(found[0].length)}`;
}

function describeFatal(error, place, origin) {
  const { kVersion } = require('internal/process/versions');
  const trailer = `\nNode.js ${kVersion}\n`;
  if (isOutOfMemory(error)) {
    return '\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n' +
      `${typeof error?.stack === 'string' ? error.stack.trimEnd() : ''}\n`;
  }
  if (!isError(error)) return `${describeThrown(error, place, origin)}${trailer}`;
  if (require('internal/esm/link_error').isExplained(error)) {
    require('internal/util/inspect/node_frames').addLinkFrames(error, origin === 'main');
  }
  const shown = hasStack(error) ? show(error) : undefined;
  const text = shown === undefined ? withoutStack(error) : `${shown.trimEnd()}\n`;
  // A stack that begins with the place is shown as it is.
  if (/^\[?[^\n]+:\d+\n[^\n]*\n(?:[ \t]*\^+\n|(?:[ \t]*\n)?\nSyntaxError: )/.test(text)) return `${text}${trailer}`;
  const arrow = arrowFor(error, place, origin);
  if (arrow.includes('node-do-not-add-exception-line')) return `${text}${trailer}`;
  return `${arrow === '' ? 'Uncaught:\n' : `${arrow}\n`}${text}${trailer}`;
}

const kHint = '(Use `node --trace-uncaught ...` to show where the exception was thrown)\n';

// Whether reading it throws nothing, nor did the program's own function that made it.
function hasStack(error) {
  try {
    return error.stack !== null || !Array.isArray(madeAt(error));
  } catch {
    return false;
  }
}

// An error whose stack cannot be read.
function withoutStack(error) {
  let text;
  try {
    text = `${error.name}: ${error.message}`;
  } catch {
    text = binding.describe(error);
  }
  return `${text}\n${kHint}`;
}

// What is no error, where it was thrown.
function describeThrown(value, place, origin) {
  let arrow = '';
  if (origin !== undefined) arrow = kWithoutPlace[origin];
  else if (place !== undefined) arrow = arrowOfThrow(place);
  const head = arrow === '' ? 'Uncaught:\n' : `\n${arrow}`;
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    // What a vm script threw stands apart.
    const isScript = arrow !== '' && place !== undefined && require('internal/vm/recent_sources').recall(place[0]) !== undefined;
    return `${isScript ? `${arrow}\n` : head}${show(value) ?? binding.describe(value)}\n`;
  }
  return `${head}${typeof value === 'symbol' ? '' : String(value)}\n${kHint}`;
}

module.exports = { describeFatal, isOutOfMemory, setSource };
