'use strict';
// What the engine calls for `import`: finding a module, reading it, filling `import.meta`.

const { setHooks, importResolved } = internalBinding('esm');

// One place for all: static imports and import(), in modules, CommonJS and evaluated text.
function resolveImport(specifier, referrer, attributes) {
  const url = require('internal/esm/resolve').resolve(specifier, referrer);
  require('internal/esm/load').checkAttributes(url, attributes);
  return url;
}

function load(url) {
  return require('internal/esm/load').load(url);
}

function evaluateSynthetic(url) {
  return require('internal/esm/load').evaluateSynthetic(url);
}

function initializeMeta(meta, url) {
  Object.setPrototypeOf(meta, null);
  delete meta.url;
  delete meta.main;
  const path = url.startsWith('file:') ? require('internal/esm/urls').filePath(url) : undefined;
  if (path !== undefined) {
    meta.dirname = require('internal/cjs/path').dirname(path);
    meta.filename = path;
  }
  meta.main = require('internal/esm/main').isMainUrl(url);
  meta.resolve = function resolve(specifier) {
    specifier = `${specifier}`;
    try {
      return require('internal/esm/resolve').resolve(specifier, url);
    } catch (error) {
      // What is only not there has an address all the same.
      if (error.code === 'ERR_MODULE_NOT_FOUND' && error.url !== undefined) return error.url;
      if (error.code === 'ERR_UNSUPPORTED_DIR_IMPORT' && error.url !== undefined) return error.url;
      throw error;
    }
  };
  meta.url = url;
}

// What the engine calls for text that it could not read as a module.
function checkSyntax(url, source) {
  require('internal/esm/load').checkSyntax(url, source);
}

// import() in code that was compiled for the program: gives a promise of a namespace.
async function importInMain(specifier, referrer, attributes, phase) {
  const url = resolveImport(specifier, referrer, attributes);
  if (phase === 'source') throw new (require('internal/errors').codes.ERR_SOURCE_PHASE_NOT_DEFINED)(url);
  try {
    return await importResolved(url);
  } catch (error) {
    throw require('internal/esm/link_error').explainLinkError(error);
  }
}

function setupEsm() {
  setHooks(resolveImport, load, evaluateSynthetic, initializeMeta, checkSyntax);
  const { install, setMainContextLoader } = require('internal/vm/dynamic_import');
  setMainContextLoader(importInMain);
  install();
}

module.exports = { setupEsm, resolveImport };
