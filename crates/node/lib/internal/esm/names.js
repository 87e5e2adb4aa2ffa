'use strict';
// Finds the names that a CommonJS module exports, by reading its source: an `import` is linked before
// the module runs. Names that are only made while it runs are not found, as in Node.

const kName = '[\\p{ID_Start}$_][\\p{ID_Continue}$\\u200c\\u200d]*';
const kExports = '(?:module\\s*\\.\\s*exports|exports)';

const kAssigned = new RegExp(`(?<![.\\w$])${kExports}\\s*(?:\\.\\s*(${kName})|\\[\\s*(["'])((?:(?!\\2).)*)\\2\\s*\\])\\s*=(?!=)`, 'gu');
const kDefined = new RegExp(`Object\\s*\\.\\s*defineProperty\\s*\\(\\s*${kExports}\\s*,\\s*(["'])((?:(?!\\1).)*)\\1`, 'gu');
const kWhole = /(?<![.\w$])module\s*\.\s*exports\s*=\s*\{/gu;
const kReexported = new RegExp('(?<![.\\w$])module\\s*\\.\\s*exports\\s*=\\s*require\\s*\\(\\s*(["\'])(.*?)\\1\\s*\\)|' +
  '__(?:exportStar|export)\\s*\\(\\s*(?:[\\w.$]*\\s*\\(\\s*)?require\\s*\\(\\s*(["\'])(.*?)\\3\\s*\\)', 'gu');
const kEntry = new RegExp(`\\s*(?:(${kName})|(["'])((?:(?!\\2).)*)\\2)\\s*(:|,|\\}|\\()|\\s*\\.\\.\\.\\s*require\\s*\\(\\s*(["'])(.*?)\\5\\s*\\)\\s*(,|\\})`, 'uy');

// `{ names, reexports }`: a set of names, and the specifiers of modules whose names are exported too.
function findNames(source) {
  const names = new Set();
  const reexports = new Set();
  if (!source.includes('exports') && !source.includes('__export')) return { names, reexports };
  const text = withoutComments(source);
  for (const [, dotted, , bracketed] of text.matchAll(kAssigned)) names.add(dotted ?? bracketed);
  for (const [, , name] of text.matchAll(kDefined)) names.add(name);
  for (const { index, 0: { length } } of text.matchAll(kWhole)) {
    readLiteral(text, index + length, names, reexports);
  }
  for (const [, , whole, , starred] of text.matchAll(kReexported)) reexports.add(whole ?? starred);
  names.delete('default');
  return { names, reexports };
}

// The names of an object literal. Node stops at the first value that is not a plain name; more are
// found here, which no program can mind.
function readLiteral(text, at, names, reexports) {
  for (;;) {
    kEntry.lastIndex = at;
    const found = kEntry.exec(text);
    if (found === null) return;
    at = kEntry.lastIndex;
    if (found[6] !== undefined) {
      reexports.add(found[6]);
      if (found[7] === '}') return;
      continue;
    }
    names.add(found[1] ?? found[3]);
    if (found[4] === '}') return;
    if (found[4] !== ',') {
      at = endOfValue(text, found[4] === '(' ? at - 1 : at);
      if (text[at] !== ',') return;
      at++;
    }
  }
}

// Where the value that starts at `at` ends: a comma or bracket of the literal around it.
function endOfValue(text, at) {
  const token = /(["'`])(?:\\.|(?!\1)[^\\])*\1|[[({]|[\])}]|,/gs;
  token.lastIndex = at;
  let depth = 0;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [part] = found;
    if (depth === 0 && (part === ',' || part === '}')) return found.index;
    if (part === '(' || part === '[' || part === '{') depth++;
    else if (part === ')' || part === ']' || part === '}') depth--;
  }
  return text.length;
}

// Comments become spaces. Quoted text is stepped over, so that it is not taken for a comment.
function withoutComments(source) {
  if (!source.includes('//') && !source.includes('/*')) return source;
  return source.replace(/(["'`])(?:\\.|(?!\1)[^\\])*\1|\/\/[^\n]*|\/\*[^]*?\*\//gs,
                        (part) => (part[0] === '/' ? ' ' : part));
}

module.exports = { findNames, withoutComments };
