'use strict';
// Compiles the program's text: bodies of CommonJS modules, and scripts of the main context.

const { compileFunction, compileScript, runScript: run } = internalBinding('contextify');

const kParameters = ['exports', 'require', 'module', '__filename', '__dirname'];

// A hashbang line becomes a comment, so that line numbers stay true.
function withoutHashbang(source) {
  return source.startsWith('#!') ? `//${source}` : source;
}

// The function whose body is `source`; its parameters are what CommonJS modules are given.
function compileBody(source, filename) {
  return compileFunction(source, filename, 0, 0, undefined, false, undefined, [], kParameters, filename).function;
}

// Runs a script in the global scope; gives its completion value.
function runScript(source, filename) {
  return run(compileScript(source, filename, 0, 0, undefined, undefined, false), null, -1, true, false);
}

module.exports = { compileBody, runScript, withoutHashbang };
