'use strict';
// Finds the source of the call that failed, for the message of `assert(value)`. Works on text around the position
// that the stack gives; knows of JavaScript only brackets, quotes and comments.

const { getCallSites } = internalBinding('util');

// Where strings, templates, comments and regular expressions end; the index after them, or undefined.
function skipToken(text, at, previous) {
  const char = text[at];
  if (char === "'" || char === '"') {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === char) return i + 1;
    }
    return text.length;
  }
  if (char === '`') {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '`') return i + 1;
      else if (text[i] === '$' && text[i + 1] === '{') i = matchBracket(text, i + 1) - 1;
    }
    return text.length;
  }
  if (char === '/' && text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end === -1 ? text.length : end;
  }
  if (char === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end === -1 ? text.length : end + 2;
  }
  // A slash after a value divides, elsewhere it starts a regular expression.
  if (char === '/' && !/[\w$)\]}'"`]/.test(previous)) {
    let inClass = false;
    for (let i = at + 1; i < text.length && text[i] !== '\n'; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '[') inClass = true;
      else if (text[i] === ']') inClass = false;
      else if (text[i] === '/' && !inClass) return i + 1;
    }
  }
  return undefined;
}

// The index after the bracket that closes the one at `open`.
function matchBracket(text, open) {
  let depth = 0;
  let previous = '';
  for (let i = open; i < text.length; i++) {
    const end = skipToken(text, i, previous);
    if (end !== undefined) {
      previous = text[end - 1];
      i = end - 1;
      continue;
    }
    const char = text[i];
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
    if (depth === 0) return i + 1;
    if (!/\s/.test(char)) previous = char;
  }
  return text.length;
}

// The index before which the callee's expression ends, going back over names, dots and brackets.
function calleeStart(text, from, floor) {
  let i = from;
  while (i > floor) {
    const char = text[i - 1];
    if (/[\w$.?#]/.test(char)) {
      i--;
    } else if (char === ')' || char === ']') {
      let depth = 0;
      let k = i - 1;
      for (; k >= floor; k--) {
        if (text[k] === ')' || text[k] === ']') depth++;
        else if (text[k] === '(' || text[k] === '[') depth--;
        if (depth === 0) break;
      }
      if (k < floor) return i;
      i = k;
    } else {
      return i;
    }
  }
  return i;
}

function callAt(source, line, column) {
  const lines = source.split('\n');
  if (line < 1 || line > lines.length) return undefined;
  let lineStart = 0;
  for (let i = 0; i < line - 1; i++) lineStart += lines[i].length + 1;
  let position = lineStart + Math.max(0, column - 1);
  // Engines point at the start of the call, at the name called, or at its bracket.
  if (source[position] === '.') position++;
  let open = position;
  while (open < source.length && /[\w$.?#\s]/.test(source[open])) open++;
  if (source[open] !== '(') {
    open = source.indexOf('(', position);
    if (open === -1) return undefined;
  }
  let start = calleeStart(source, open, lineStart);
  // Back over what stands before a name on the same line is one expression only as far as dots go.
  while (start < open && /[.?\s]/.test(source[start])) start++;
  let end = matchBracket(source, open);
  // `require('assert').ok(false)` starts with a call of its own.
  while (position > end || /^\s*\.[\w$]+\s*\(/.test(source.slice(end, end + 80))) {
    const next = source.indexOf('(', end);
    if (next === -1 || next - end > 80) break;
    end = matchBracket(source, next);
  }
  return { code: source.slice(start, end), column: start - lineStart };
}

// Lines after the first are moved left as far as the first was.
function dedent(code, column) {
  const lines = code.split('\n');
  return lines.map((text, index) => {
    if (index === 0) return text;
    let at = 0;
    while (at < column && (text[at] === ' ' || text[at] === '\t')) at++;
    return text.slice(at);
  }).join('\n  ');
}

const sources = new Map();

function sourceOf(filename) {
  if (sources.has(filename)) return sources.get(filename);
  let source;
  try {
    const path = filename.startsWith('file:') ? require('url').fileURLToPath(filename) : filename;
    source = require('fs').readFileSync(path, 'utf8');
  } catch {
    source = undefined;
  }
  sources.set(filename, source);
  return source;
}

// The call that frame number `depth` is at, counted from the caller of this function, or undefined.
function callSource(depth) {
  let site;
  try {
    site = getCallSites(depth + 2)[depth + 1];
  } catch {
    return undefined;
  }
  if (site === undefined || !site.scriptName) return undefined;
  const source = sourceOf(site.scriptName);
  if (source === undefined) return undefined;
  const call = callAt(source, site.lineNumber, site.columnNumber ?? site.column);
  return call === undefined ? undefined : dedent(call.code, call.column);
}

module.exports = { callAt, callSource };
