'use strict';
// file: URLs and paths as the module loaders need them, so that starting a program loads no `url`.

const { resolve } = require('internal/cjs/path');

function encode(path) {
  return path.replace(/[^\w\-.~!$&'()*+,;=:@/[\]|]/gu, (letter) => {
    try {
      return encodeURIComponent(letter);
    } catch {
      return '%EF%BF%BD'; // a lone surrogate
    }
  });
}

function fileUrl(path) {
  return `file://${encode(path)}`;
}

// The path of a file: URL; its query and fragment are left out.
function filePath(url) {
  const { codes: { ERR_INVALID_FILE_URL_PATH, ERR_INVALID_URL_SCHEME } } = require('internal/errors');
  if (!/^file:/i.test(url)) {
    if (/^[a-z][a-z\d+.-]*:/i.test(url)) throw new ERR_INVALID_URL_SCHEME('file');
    return undefined;
  }
  const path = url.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, '').replace(/[?#].*$/s, '');
  if (/%2f/i.test(path)) {
    throw new ERR_INVALID_FILE_URL_PATH('must not include encoded / characters');
  }
  return path.includes('%') ? decodeURIComponent(path) : path;
}

// Scheme with its colon, in lower case, or undefined.
function schemeOf(text) {
  return /^[a-z][a-z\d+.-]*:/i.exec(text)?.[0].toLowerCase();
}

// A relative reference against the file: URL `base`. Percent signs are left as they are.
function resolveUrl(reference, base) {
  const [, path, rest] = /^([^?#]*)(.*)$/s.exec(reference);
  const basePath = base.slice(7).replace(/[?#].*$/s, '');
  const folder = basePath.slice(0, basePath.lastIndexOf('/') + 1);
  let resolved = resolve(folder, path.replaceAll('\\', '/'));
  if (/(?:^|\/)\.{0,2}$/.test(path) && !resolved.endsWith('/')) resolved += '/';
  return `file://${encode(resolved).replace(/%25(?=[\da-f]{2})/gi, '%')}${rest}`;
}

module.exports = { fileUrl, filePath, schemeOf, resolveUrl };
