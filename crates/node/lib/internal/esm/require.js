'use strict';
// `require` of an ES module: its namespace, if nothing in its graph waits.

const { evaluateSync } = internalBinding('esm');
const { fileUrl } = require('internal/esm/urls');

let count = 0;

function evaluate(source, url) {
  // A module of its own gives the namespace at once, which import() would only give later.
  const name = `node:internal/require-esm/${++count}`;
  try {
    return evaluateSync(source, name, url);
  } catch (error) {
    throw require('internal/process/exceptions').passOn(require('internal/esm/link_error').explainLinkError(error));
  }
}

function requireEsm(url, filename, requireStack) {
  const quoted = JSON.stringify(url);
  const namespace = evaluate(`import * as all from ${quoted}; export { all };`, url);
  if (namespace === undefined) {
    const { codes: { ERR_REQUIRE_ASYNC_MODULE } } = require('internal/errors');
    throw new ERR_REQUIRE_ASYNC_MODULE(filename, requireStack);
  }
  const { all } = namespace;
  if (Object.hasOwn(all, 'module.exports')) return all['module.exports'];
  if (!Object.hasOwn(all, 'default') || Object.hasOwn(all, '__esModule')) return all;
  // Transpiled callers look for __esModule to find `default`.
  return evaluate(`export * from ${quoted}; export { default } from ${quoted}; export const __esModule = true;`, url);
}

module.exports = { requireEsm, fileUrl };
