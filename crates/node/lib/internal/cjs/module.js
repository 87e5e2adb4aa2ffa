'use strict';
// The CommonJS loader: `require` of user modules, `Module`.

const { stat, realpath, readText, compileWrapper } = internalBinding('loader');
const { resolve: resolvePath, dirname, extname } = require('internal/cjs/path');
const { requireBuiltin, hasBuiltin } = require('internal/bootstrap/loader');

function isPublicBuiltin(id) {
  return hasBuiltin(id) && !id.startsWith('internal/');
}

function Module(id = '', parent) {
  this.id = id;
  this.path = dirname(id);
  this.exports = {};
  this.filename = null;
  this.loaded = false;
  this.children = [];
}

Module._cache = Object.create(null);

Module._resolveFilename = function (request, parent) {
  if (isPublicBuiltin(request)) return request;
  const base = parent?.path ?? process.cwd();
  const path = resolvePath(base, request);
  for (const suffix of ['', '.js', '.json', '/index.js']) {
    if (stat(path + suffix) === 0) return realpath(path + suffix);
  }
  const error = new Error(`Cannot find module '${request}'`);
  error.code = 'MODULE_NOT_FOUND';
  throw error;
};

Module._load = function (request, parent, isMain) {
  if (request.startsWith('node:')) return requireBuiltin(request.slice(5));
  if (isPublicBuiltin(request)) return requireBuiltin(request);
  const filename = Module._resolveFilename(request, parent);
  const cached = Module._cache[filename];
  if (cached !== undefined) return cached.exports;
  const module = new Module(filename, parent);
  if (isMain) module.id = '.';
  Module._cache[filename] = module;
  module.load(filename);
  return module.exports;
};

Module.prototype.load = function (filename) {
  this.filename = filename;
  const source = readText(filename);
  if (extname(filename) === '.json') this.exports = JSON.parse(source);
  else this._compile(source, filename);
  this.loaded = true;
};

Module.prototype._compile = function (source, filename) {
  const require = (request) => Module._load(request, this, false);
  const wrapper = compileWrapper(source, filename);
  return wrapper.call(this.exports, this.exports, require, this, filename, this.path);
};

module.exports = { Module };
