'use strict';
// TypeScript as Node takes it: types become spaces, so that places stay what they were, and what types
// alone do not explain is refused. Stack frames name such files by their URLs.

const { stripTypes } = internalBinding('loader');

const { isOnByDefault } = require('internal/options');

const isSupported = stripTypes !== undefined && isOnByDefault('--strip-types') &&
  isOnByDefault('--experimental-strip-types');

function isTypeScript(path) {
  return isSupported && /\.[cm]?ts$/.test(path);
}

// The JavaScript of a file's text, for which `url` stands in frames.
function strip(source, path, url) {
  const { codes } = require('internal/errors');
  if (path.includes('/node_modules/')) throw new codes.ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING(path);
  const code = stripTypes(source);
  if (typeof code !== 'string') throw explain(code, source, url, codes);
  require('internal/process/fatal_message').setSource(url, code);
  return code;
}

// { isUnsupported, message, line, column, width } as an error that shows the place.
function explain({ isUnsupported, message, line, column, width }, source, url, codes) {
  const error = isUnsupported ? new codes.ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX(message) :
    new codes.ERR_INVALID_TYPESCRIPT_SYNTAX(message);
  const text = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
  const marks = ' '.repeat(column - 1) + '^'.repeat(width);
  error.stack = `${url}:${line}\n${text}\n${marks}\n\n${error.stack}`;
  return error;
}

// What an extension says of a file: 'module', 'commonjs', or undefined where its package does.
function formatOf(path) {
  return path.endsWith('.mts') ? 'module' : path.endsWith('.cts') ? 'commonjs' : undefined;
}

module.exports = { isSupported, isTypeScript, strip, formatOf };
