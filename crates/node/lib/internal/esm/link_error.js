'use strict';
// Says of a missing export what Node says beside the engine's words: in which line it was asked for, and what
// CommonJS modules export.

const { readText } = internalBinding('loader');
const { filePath } = require('internal/esm/urls');

const { placeOfThrow } = internalBinding('util');

const kMissing = /^The requested module '(.*)' (?:does not provide an export named|contains conflicting star exports for name) '(.*)'$/s;

function escape(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

// The statement that imports `name` by `specifier`, and where the name stands in it.
function findImport(source, name, specifier) {
  const statement = new RegExp(`\\b(?:import|export)\\b([^;'"]*)\\bfrom\\s*(["'])${escape(specifier)}\\2`, 'g');
  for (const found of source.matchAll(statement)) {
    // A default export has the name that the importer gives it.
    const named = name === 'default' ? /^\s*([\w$]+)/.exec(found[1])?.[1] ?? name : name;
    const at = found[1].search(new RegExp(`(?<![\\w$])${escape(named)}(?![\\w$])`));
    if (at < 0) continue;
    return {
      at: found.index + found[0].indexOf(found[1]) + at,
      width: named.length,
      names: found[1].replace(/\bas\b/g, ':').trim(),
    };
  }
  return undefined;
}

// Errors that begin with the line.
const explained = new WeakSet();

function explainLinkError(error) {
  const missing = error instanceof SyntaxError && !explained.has(error) ? kMissing.exec(error.message) : null;
  const base = missing === null ? undefined : placeOfThrow(error)?.[0];
  if (base === undefined || !base.startsWith('file:')) return error;
  const [, specifier, name] = missing;
  const source = readText(filePath(base));
  const found = typeof source === 'string' ? findImport(source, name, specifier) : undefined;
  if (found === undefined) return error;
  explained.add(error);
  rewrite(error, messageFor(error.message, name, specifier, base, found.names), arrow(source, found.at, found.width, base));
  return error;
}

function isExplained(error) {
  return explained.has(error);
}

function messageFor(message, name, specifier, base, names) {
  if (!require('internal/esm/load').isCommonJs(require('internal/esm/resolve').resolve(specifier, base))) return message;
  const list = /\{[^}]*\}/.exec(names)?.[0].replace(/\s+:\s+/g, ': ') ?? `{ ${name} }`;
  return `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, ` +
    'which may not support all module.exports as named exports.\nCommonJS modules can always be imported ' +
    `via the default export, for example using:\n\nimport pkg from '${specifier}';\nconst ${list} = pkg;\n`;
}

function arrow(source, at, width, base) {
  const before = source.slice(0, at).split('\n');
  const line = source.split('\n')[before.length - 1];
  return `${base}:${before.length}\n${line}\n${' '.repeat(before.at(-1).length)}${'^'.repeat(width)}\n`;
}

function rewrite(error, message, place) {
  const stack = typeof error.stack === 'string' ? error.stack.replace(error.message, () => message) : message;
  hidden(error, 'message', message);
  hidden(error, 'stack', place + stack);
}

function hidden(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

module.exports = { explainLinkError, isExplained };
