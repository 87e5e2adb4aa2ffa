'use strict';
// The CommonJS loader: `Module`, `require`.

const { readText } = internalBinding('loader');
const { compileBody, runScript, withoutHashbang } = require('internal/cjs/script');
const { dirname, basename } = require('internal/cjs/path');
const typescript = require('internal/typescript');
const { builtinId, builtinModules, isBuiltin, requirePublic } = require('internal/cjs/builtins');
const { packageType, packageScope, resolveImports, kRequireConditions } = require('internal/cjs/package');
const {
  isRelative,
  nodeModulePaths,
  globalPaths,
  findPath,
  trySelf,
  checkedTarget,
} = require('internal/cjs/resolve');

const kParent = Symbol('parent');
const kIsMain = Symbol('isMain');

function Module(id = '', parent) {
  this.id = id;
  this.path = dirname(id);
  Object.defineProperty(this, kParent, { value: parent, writable: true });
  this.exports = {};
  addChild(parent, this, false);
  this.filename = null;
  this.loaded = false;
  this.children = [];
}

Object.defineProperty(Module.prototype, 'parent', {
  configurable: true,
  enumerable: false,
  get() {
    return this[kParent];
  },
  set(value) {
    this[kParent] = value;
  },
});

Object.defineProperty(Module.prototype, 'isPreloading', {
  configurable: true,
  get: () => preloading,
});

let preloading = false;

Module._cache = { __proto__: null };
Module._pathCache = { __proto__: null };
Module._extensions = { __proto__: null };
Module.globalPaths = [];
Module.Module = Module;
Module.builtinModules = Object.freeze(builtinModules);
Module.isBuiltin = isBuiltin;
Module._debug = () => {};
Module._nodeModulePaths = nodeModulePaths;
Module.constants = Object.freeze({
  __proto__: null,
  compileCacheStatus: Object.freeze({ __proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }),
});

Module._initPaths = function _initPaths() {
  Module.globalPaths = globalPaths();
};

function addChild(parent, child, scan) {
  const children = parent?.children;
  if (children && !(scan && children.includes(child))) children.push(child);
}

// --- the wrapper ---

const kWrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
let wrapper = kWrapper;
let wrapperChanged = false;

let wrap = function (script) {
  return Module.wrapper[0] + script + Module.wrapper[1];
};

Object.defineProperty(Module, 'wrap', {
  configurable: true,
  enumerable: false,
  get: () => wrap,
  set(value) {
    wrapperChanged = true;
    wrap = value;
  },
});

Object.defineProperty(Module, 'wrapper', {
  configurable: true,
  enumerable: false,
  get: () => wrapperView,
  set(value) {
    wrapperChanged = true;
    wrapper = value;
    wrapperView = watched(value);
  },
});

// A program may change the parts in place.
function watched(parts) {
  return new Proxy(parts, {
    set(target, key, value) {
      wrapperChanged = true;
      return Reflect.set(target, key, value);
    },
    defineProperty(target, key, descriptor) {
      wrapperChanged = true;
      return Reflect.defineProperty(target, key, descriptor);
    },
  });
}

let wrapperView = watched(wrapper);

// --- resolving ---

const extensionNames = () => Object.keys(Module._extensions);

Module._findPath = function _findPath(request, paths, isMain = false) {
  const key = `${request}\x00${paths?.join('\x00')}`;
  const cached = Module._pathCache[key];
  if (cached !== undefined) return cached;
  const found = findPath(request, paths, isMain, extensionNames);
  if (found !== false) Module._pathCache[key] = found;
  return found;
};

Module._resolveLookupPaths = function _resolveLookupPaths(request, parent) {
  if (builtinId(request) !== undefined) return null;
  if (!isRelative(request)) {
    const paths = Module.globalPaths;
    return parent?.paths?.length ? parent.paths.concat(paths) : paths;
  }
  if (!parent || !parent.id || !parent.filename) return ['.', ...nodeModulePaths('.'), ...Module.globalPaths];
  return [dirname(parent.filename)];
};

function lookupPaths(request, parent, options) {
  if (options === undefined || options === null || options.paths === undefined) {
    return Module._resolveLookupPaths(request, parent);
  }
  if (!Array.isArray(options.paths)) {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('options.paths', options.paths);
  }
  if (isRelative(request)) return options.paths;
  const fake = new Module('', null);
  const paths = new Set();
  for (const path of options.paths) {
    fake.paths = nodeModulePaths(path);
    for (const each of Module._resolveLookupPaths(request, fake)) paths.add(each);
  }
  return [...paths];
}

Module._resolveFilename = function _resolveFilename(request, parent, isMain, options) {
  if (builtinId(request) !== undefined) return request;
  const paths = lookupPaths(request, parent, options);
  const from = parent?.filename ?? undefined;
  if (request[0] === '#' && (from !== undefined || parent?.id === '<repl>')) {
    const found = resolveImports(request, from ?? `${process.cwd()}/x`, kRequireConditions, from);
    if (typeof found === 'string') return checkedTarget(found, request, packageScope(from));
    return Module._resolveFilename(found.specifier, parent, isMain, options);
  }
  const self = isRelative(request) || request[0] === '/' ? undefined : trySelf(from, request);
  if (self !== undefined) return self;
  const found = Module._findPath(request, paths, isMain);
  if (found) return found;
  throw notFound(request, parent);
};

function requireStackOf(parent) {
  const requireStack = [];
  for (let cursor = parent; cursor; cursor = cursor[kParent]) requireStack.push(cursor.filename || cursor.id);
  return requireStack;
}

function notFound(request, parent) {
  const requireStack = requireStackOf(parent);
  let message = `Cannot find module '${request}'`;
  if (requireStack.length > 0) message += `\nRequire stack:\n- ${requireStack.join('\n- ')}`;
  const error = new Error(message);
  error.code = 'MODULE_NOT_FOUND';
  error.requireStack = requireStack;
  return error;
}

// --- loading ---

const relativeCache = { __proto__: null }; // folder and request -> filename

Module._load = function _load(request, parent, isMain) {
  let key;
  if (parent) {
    key = `${parent.path}\x00${request}`;
    const filename = relativeCache[key];
    if (filename !== undefined) {
      const cached = Module._cache[filename];
      if (cached !== undefined) {
        addChild(parent, cached, true);
        return cached.exports;
      }
      delete relativeCache[key];
    }
  }
  if (request.startsWith('node:')) return requirePublic(request);
  const filename = Module._resolveFilename(request, parent, isMain);
  const cached = Module._cache[filename];
  if (cached !== undefined) {
    addChild(parent, cached, true);
    if (key !== undefined) relativeCache[key] = filename;
    return cached.exports;
  }
  if (builtinId(filename) !== undefined) return requirePublic(filename);
  const module = new Module(filename, parent);
  if (isMain) {
    process.mainModule = module;
    mainModule = module;
    module.id = '.';
    module[kIsMain] = true;
  }
  Module._cache[filename] = module;
  if (key !== undefined) relativeCache[key] = filename;
  try {
    module.load(filename);
  } catch (error) {
    delete Module._cache[filename];
    if (key !== undefined) delete relativeCache[key];
    const at = parent?.children?.indexOf(module) ?? -1;
    if (at >= 0) parent.children.splice(at, 1);
    throw require('internal/process/exceptions').passOn(error);
  }
  return module.exports;
};

let mainModule;

function findLongestExtension(filename) {
  const name = basename(filename);
  for (let at = name.indexOf('.', 1); at > 0; at = name.indexOf('.', at + 1)) {
    const extension = name.slice(at);
    if (extension !== '.' && Module._extensions[extension]) return extension;
  }
  return '.js';
}

Module.prototype.load = function load(filename) {
  this.filename ??= filename;
  this.paths ??= nodeModulePaths(dirname(filename));
  const extension = findLongestExtension(filename);
  Module._extensions[extension](this, filename);
  this.loaded = true;
};

Module.prototype.require = function (id) {
  if (typeof id !== 'string') require('internal/validators').validateString(id, 'id');
  if (id === '') {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('id', id, 'must be a non-empty string');
  }
  return Module._load(id, this, false);
};

// The text of a file that a loader reads, or an error as `fs` throws it.
function readSource(filename) {
  const text = readText(filename);
  if (typeof text === 'string') return text;
  const { UVException } = require('internal/errors');
  throw new UVException({ errno: -text, syscall: 'open', path: filename });
}

function withoutBom(text) {
  return text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text;
}

Module._extensions['.js'] = function (module, filename) {
  let format;
  if (filename.endsWith('.cjs')) format = 'commonjs';
  else if (filename.endsWith('.mjs')) format = 'module';
  else if (typescript.isTypeScript(filename)) format = typescript.formatOf(filename) ?? packageType(filename);
  else if (filename.endsWith('.js') || !/\.[^/]*$/.test(basename(filename))) format = packageType(filename);
  else format = 'commonjs';
  if (format === 'module') {
    loadEsm(module, filename);
    return;
  }
  module._compile(readSource(filename), filename, format === 'none' ? undefined : format);
};

Module._extensions['.json'] = function (module, filename) {
  const text = readSource(filename);
  try {
    module.exports = JSON.parse(withoutBom(text));
  } catch (error) {
    error.message = `${filename}: ${error.message}`;
    throw error;
  }
};

Module._extensions['.node'] = function (module, filename) {
  return process.dlopen(module, filename);
};

function loadEsm(module, filename) {
  const { requireEsm, fileUrl } = require('internal/esm/require');
  module.exports = requireEsm(fileUrl(filename), filename, requireStackOf(module[kParent]));
}

// A file without a package type may be an ES module by what stands in it.
function looksLikeEsm(source) {
  return /^\s*(?:import\b(?!\s*\()|export\b)|\bimport\s*\.\s*meta\b|[;}]\s*(?:import|export)\b|\bawait\b/m.test(source);
}

function compile(source, filename) {
  let name = filename;
  if (typescript.isTypeScript(filename)) {
    name = require('internal/esm/urls').fileUrl(filename);
    source = typescript.strip(source, filename, name);
  }
  if (wrapperChanged) {
    return runScript(wrap(source), name);
  }
  return compileBody(source, name);
}

Object.defineProperty(Module.prototype.require, 'name', { value: 'require' });

Module.prototype._compile = function _compile(content, filename, format) {
  const source = withoutHashbang(withoutBom(`${content}`));
  let wrapped;
  try {
    wrapped = compile(source, filename);
  } catch (error) {
    if (format === undefined && !/\.c[jt]s$/.test(filename) && error instanceof SyntaxError && looksLikeEsm(source)) {
      const { declares } = require('internal/esm/detect');
      if (declares(source, filename)) {
        if (this[kIsMain]) throw new EsmMain(filename);
        loadEsm(this, filename);
        return undefined;
      }
    }
    throw error;
  }
  const require_ = makeRequire(this);
  return Reflect.apply(wrapped, this.exports, [this.exports, require_, this, filename, dirname(filename)]);
};

// Thrown through the loader of the main file when that turns out to be an ES module.
class EsmMain {
  constructor(filename) {
    this.filename = filename;
  }
}

function makeRequire(module) {
  const require_ = function require(path) {
    return Reflect.apply(module.require, module, [path]);
  };
  require_.resolve = function resolve(request, options) {
    require('internal/validators').validateString(request, 'request');
    return Module._resolveFilename(request, module, false, options);
  };
  require_.resolve.paths = function paths(request) {
    require('internal/validators').validateString(request, 'request');
    return Module._resolveLookupPaths(request, module);
  };
  require_.main = mainModule;
  require_.extensions = Module._extensions;
  require_.cache = Module._cache;
  return require_;
}

Module.createRequire = function createRequire(filename) {
  let path = filename;
  if (typeof filename === 'object' && filename !== null && filename.href !== undefined ||
      typeof filename === 'string' && !filename.startsWith('/')) {
    const { filePath } = require('internal/esm/urls');
    path = filePath(`${filename?.href ?? filename}`);
  }
  if (typeof path !== 'string') {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('filename', filename,
                                    'must be a file URL object, file URL string, or absolute path string');
  }
  const inFolder = path.endsWith('/');
  const proxy = inFolder ? `${path}noop.js` : path;
  const module = new Module(proxy);
  module.filename = proxy;
  module.paths = nodeModulePaths(dirname(proxy));
  return makeRequire(module);
};

Module._preloadModules = function _preloadModules(requests) {
  if (!Array.isArray(requests)) return;
  preloading = true;
  const parent = new Module('internal/preload', null);
  parent.paths = nodeModulePaths(process.cwd());
  for (const request of requests) parent.require(request);
  preloading = false;
};

Module.syncBuiltinESMExports = function syncBuiltinESMExports() {
  require('internal/esm/builtins').sync();
};

Module.runMain = function runMain(main = process.argv[1]) {
  require('internal/run_main').runFile(main);
};

Module.findPackageJSON = function findPackageJSON(specifier, base = `${process.cwd()}/x`) {
  const { filePath } = require('internal/esm/urls');
  const from = `${base?.href ?? base}`;
  const path = from.startsWith('file:') ? filePath(from) : from;
  const target = `${specifier?.href ?? specifier}`;
  const file = target.startsWith('file:') ? filePath(target) : Module.createRequire(path).resolve(target);
  return packageScope(file)?.path;
};

Module.findSourceMap = () => undefined;
Module.register = () => {
  const { codes: { ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
  throw new ERR_METHOD_NOT_IMPLEMENTED('module.register()');
};
Module.enableCompileCache = () => ({ status: Module.constants.compileCacheStatus.DISABLED });
Module.getCompileCacheDir = () => undefined;
Module.flushCompileCache = () => {};

module.exports = { Module, EsmMain, makeRequire, readSource, withoutBom };
