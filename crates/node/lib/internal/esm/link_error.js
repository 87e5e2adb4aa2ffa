'use strict';
// Says of a missing export what Node says: which import asked for it, in which line, by what specifier.

const { readText } = internalBinding('loader');
const { filePath } = require('internal/esm/urls');

const kMissing = /^Could not find export '(.*)' in module '(.*)'$/s;

function escape(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

// The statement that imports `name` by `specifier`, and where the name stands in it.
function findImport(source, name, specifier) {
  const statement = new RegExp(`\\b(?:import|export)\\b([^;'"]*)\\bfrom\\s*(["'])${escape(specifier)}\\2`, 'g');
  for (const found of source.matchAll(statement)) {
    const at = found[1].search(new RegExp(`(?<![\\w$])${escape(name)}(?![\\w$])`));
    if (at < 0) continue;
    return { at: found.index + found[0].indexOf(found[1]) + at, names: found[1].replace(/\bas\b/g, ':').trim() };
  }
  return undefined;
}

function explainLinkError(error) {
  if (!(error instanceof SyntaxError)) return error;
  const missing = kMissing.exec(error.message);
  if (missing === null) return error;
  const [, name, url] = missing;
  const { importersOf } = require('internal/esm/resolve');
  for (const [base, specifier] of importersOf(url)) {
    const source = base.startsWith('file:') ? readText(filePath(base)) : undefined;
    const found = typeof source === 'string' ? findImport(source, name, specifier) : undefined;
    if (found === undefined) continue;
    rewrite(error, messageFor(name, specifier, url, found.names), arrow(source, found.at, name, base));
    return error;
  }
  rewrite(error, `The requested module '${url}' does not provide an export named '${name}'`, '');
  return error;
}

function messageFor(name, specifier, url, names) {
  if (!require('internal/esm/load').isCommonJs(url)) {
    return `The requested module '${specifier}' does not provide an export named '${name}'`;
  }
  const list = /\{[^}]*\}/.exec(names)?.[0].replace(/\s+:\s+/g, ': ') ?? `{ ${name} }`;
  return `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, ` +
    'which may not support all module.exports as named exports.\nCommonJS modules can always be imported ' +
    `via the default export, for example using:\n\nimport pkg from '${specifier}';\nconst ${list} = pkg;\n`;
}

function arrow(source, at, name, base) {
  const before = source.slice(0, at).split('\n');
  const line = source.split('\n')[before.length - 1];
  return `${base}:${before.length}\n${line}\n${' '.repeat(before.at(-1).length)}${'^'.repeat(name.length)}\n`;
}

function rewrite(error, message, place) {
  const stack = typeof error.stack === 'string' ? error.stack.replace(error.message, () => message) : message;
  hidden(error, 'message', message);
  hidden(error, 'stack', place + stack);
}

function hidden(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

module.exports = { explainLinkError };
