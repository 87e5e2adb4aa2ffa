'use strict';
// URLs: the Web's, and Node's own from before.

const {
  URL, URLSearchParams, domainToASCII, domainToUnicode, fileURLToPath, pathToFileURL, urlToHttpOptions,
} = require('internal/url');
const { Url, format, parse, resolve, resolveObject } = require('internal/url_legacy');

module.exports = {
  Url,
  parse,
  resolve,
  resolveObject,
  format,
  URL,
  URLSearchParams,
  domainToASCII,
  domainToUnicode,
  pathToFileURL,
  fileURLToPath,
  urlToHttpOptions,
};

// Made when it is first read.
Object.defineProperty(module.exports, 'URLPattern', {
  __proto__: null, get: () => require('internal/url_pattern').URLPattern, enumerable: true, configurable: true,
});
