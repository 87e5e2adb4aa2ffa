'use strict';
// Finds the source of the call that failed, for the message of `assert(value)`. Works on text around the position
// that the stack gives; knows of JavaScript only brackets, quotes and comments.

const { getCallSites } = require('internal/util/call_sites');

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

// The index at which the callee's expression begins, going back over names, dots and square brackets. What a
// call gave is not gone back over, as in Node: of `get().ok(0)` it is `ok(0)`.
function calleeStart(text, from, floor) {
  let i = from;
  while (i > floor) {
    const char = text[i - 1];
    if (/[\w$.?#]/.test(char)) {
      i--;
    } else if (char === ']') {
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

const KEYWORD = /(?:^|[^\w$.])(?:if|for|while|switch|catch|with|return|function|await|typeof|void|in|of|case|throw|new|yield|do|else)$/;

// The brackets that are open at `position`, outermost first.
function openBrackets(source, position) {
  const open = [];
  let previous = '';
  for (let i = 0; i < position; i++) {
    const end = skipToken(source, i, previous);
    if (end !== undefined) {
      previous = source[end - 1];
      i = end - 1;
      continue;
    }
    const char = source[i];
    if (char === '(' || char === '[' || char === '{') open.push(i);
    else if (char === ')' || char === ']' || char === '}') open.pop();
    if (!/\s/.test(char)) previous = char;
  }
  return open;
}

// The call whose arguments start at `open`, if this is one.
function callFrom(source, open) {
  if (source[open] !== '(') return undefined;
  const lineStart = source.lastIndexOf('\n', open) + 1;
  const calleeEnd = source.slice(0, open).trimEnd().length;
  let start = calleeStart(source, calleeEnd, lineStart);
  while (start < calleeEnd && source[start] === '.') start++;
  const callee = source.slice(start, calleeEnd);
  if (callee === '' ? source[calleeEnd - 1] !== ')' : KEYWORD.test(callee)) return undefined;
  return { start, open, column: start - lineStart };
}

// The position is that of the name that is called, or of something inside of a callee that has no name.
function callAt(source, line, column) {
  const lines = source.split('\n');
  if (line < 1 || line > lines.length) return undefined;
  let position = 0;
  for (let i = 0; i < line - 1; i++) position += lines[i].length + 1;
  position += Math.max(0, column - 1);
  let end = position;
  while (end < source.length && /[\w$.?#]/.test(source[end])) end++;
  let found = callFrom(source, end);
  const around = openBrackets(source, position + 1).reverse();
  // A callee in brackets: `object['name'](value)`.
  if (found === undefined && around.length > 0) found = callFrom(source, matchBracket(source, around[0]));
  for (const open of around) found ??= callFrom(source, open);
  if (found === undefined) return undefined;
  return { code: source.slice(found.start, matchBracket(source, found.open)), column: found.column };
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
  const site = getCallSites(depth + 2)[depth + 1];
  if (site === undefined || !site.scriptName) return undefined;
  const source = sourceOf(site.scriptName);
  if (source === undefined) return undefined;
  const call = callAt(source, site.lineNumber, site.columnNumber ?? site.column);
  return call === undefined ? undefined : dedent(call.code, call.column);
}

module.exports = { callAt, callSource };
