'use strict';
// Reads modules for the engine: what kind a URL is, its source, or its names and values.

const { readText } = internalBinding('loader');
const { extname, basename } = require('internal/cjs/path');
const { builtinId, requirePublic } = require('internal/cjs/builtins');
const { packageType } = require('internal/cjs/package');
const { filePath } = require('internal/esm/urls');
const { codes } = require('internal/errors');
const typescript = require('internal/typescript');

// Modules whose values JavaScript makes: URL -> function that gives an object of them.
const synthetic = new Map();

function formatOf(url) {
  if (url.startsWith('node:')) return 'builtin';
  if (url.startsWith('data:')) {
    const type = /^data:([^,;]*)/i.exec(url)[1].trim().toLowerCase();
    if (type === 'text/javascript' || type === 'application/javascript') return 'module';
    if (type === 'application/json') return 'json';
    throw new codes.ERR_UNKNOWN_MODULE_FORMAT(type, url);
  }
  const path = filePath(url);
  const extension = extname(path);
  if (typescript.isTypeScript(path)) {
    const type = typescript.formatOf(path) ?? packageType(path);
    return type !== 'none' ? type : isEsmSource(path) ? 'module' : 'commonjs';
  }
  switch (extension) {
    case '.mjs': return 'module';
    case '.cjs': return 'commonjs';
    case '.json': return 'json';
    case '.node': return 'commonjs';
    case '.js': case '': {
      const type = packageType(path);
      if (type !== 'none') return type;
      return extension === '' ? 'commonjs' : isEsmSource(path) ? 'module' : 'commonjs';
    }
    default:
      throw new codes.ERR_UNKNOWN_FILE_EXTENSION(extension, path);
  }
}

function isEsmSource(path) {
  const source = readScript(path);
  if (typeof source !== 'string' || !/\b(?:import|export|await)\b/.test(source)) return false;
  try {
    const { compileBody, withoutHashbang } = require('internal/cjs/script');
    compileBody(withoutHashbang(source), path);
    return false;
  } catch {
    return require('internal/esm/detect').declares(source);
  }
}

// A file's text as JavaScript, or the system's error number.
function readScript(path) {
  const text = readText(path);
  if (typeof text !== 'string' || !typescript.isTypeScript(path)) return text;
  return typescript.strip(text, path, require('internal/esm/urls').fileUrl(path));
}

const formats = new Map();

function cachedFormat(url) {
  let format = formats.get(url);
  if (format === undefined) {
    format = formatOf(url);
    formats.set(url, format);
  }
  return format;
}

// Throws if a module may not be imported with these attributes: the engine keeps modules by URL alone.
function checkAttributes(url, attributes) {
  for (const key of Object.keys(attributes ?? {})) {
    if (key !== 'type') throw new codes.ERR_IMPORT_ATTRIBUTE_UNSUPPORTED(key, attributes[key]);
  }
  const type = attributes?.type;
  if (type !== undefined && type !== 'json') {
    throw new codes.ERR_IMPORT_ATTRIBUTE_UNSUPPORTED('type', type);
  }
  const isJson = cachedFormat(url) === 'json';
  if (isJson && type === undefined) throw new codes.ERR_IMPORT_ATTRIBUTE_MISSING(url, 'type', 'json');
  if (!isJson && type === 'json') throw new codes.ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE(url, 'json');
}

function read(url) {
  if (url.startsWith('data:')) {
    const [, isBase64, data] = /^data:[^,]*?(;\s*base64)?,(.*)$/is.exec(url);
    const text = decodeURIComponent(data);
    return isBase64 ? Buffer.from(text, 'base64').toString() : text;
  }
  const path = filePath(url);
  const text = readScript(path);
  if (typeof text === 'string') return text.charCodeAt(0) === 0xFEFF ? text.slice(1) : text;
  const { UVException } = require('internal/errors');
  throw new UVException({ errno: -text, syscall: 'open', path });
}

// What the engine asks for a module it does not have: its source, or the names of its exports.
function load(url) {
  switch (cachedFormat(url)) {
    case 'module': {
      const source = read(url);
      if (url.startsWith('data:')) require('internal/process/fatal_message').setSource(url, source);
      return source;
    }
    case 'json': {
      if (url.startsWith('file:') && !/[?#]/.test(url)) {
        // The same object that `require` gives.
        synthetic.set(url, () => ({ default: require('internal/cjs/module').Module._load(filePath(url)) }));
        return ['default'];
      }
      const text = read(url);
      synthetic.set(url, () => {
        try {
          return { default: JSON.parse(text) };
        } catch (error) {
          error.message = `${url}: ${error.message}`;
          throw error;
        }
      });
      return ['default'];
    }
    case 'builtin': {
      const exports = requirePublic(url);
      const names = Object.keys(exports).filter((name) => name !== 'default');
      synthetic.set(url, () => {
        const values = { __proto__: null, default: exports };
        for (const name of names) values[name] = exports[name];
        return values;
      });
      return ['default', ...names];
    }
    default:
      return loadCommonJs(url);
  }
}

function loadCommonJs(url) {
  const path = filePath(url);
  const { Module } = require('internal/cjs/module');
  const names = namesOf(path, new Set());
  synthetic.set(url, () => {
    const isMain = require('internal/esm/main').isMainUrl(url);
    const exports = Module._load(path, undefined, isMain);
    const values = { __proto__: null, 'default': exports, 'module.exports': exports };
    for (const name of names) {
      if (exports !== null && exports !== undefined) values[name] = exports[name];
    }
    return values;
  });
  return ['default', 'module.exports', ...names];
}

// The names that the CommonJS module at `path` exports; `seen` are those that ask for it.
function namesOf(path, seen) {
  const { Module } = require('internal/cjs/module');
  const loaded = Module._cache[path];
  if (loaded?.loaded === true) {
    const { exports } = loaded;
    const isObject = typeof exports === 'function' || typeof exports === 'object' && exports !== null;
    return isObject ? Object.keys(exports).filter((name) => name !== 'default' && name !== 'module.exports') : [];
  }
  seen.add(path);
  const text = /\.(?:json|node)$/.test(basename(path)) ? '' : readScript(path);
  if (typeof text !== 'string') return [];
  const { names, reexports } = require('internal/esm/names').findNames(text);
  for (const specifier of reexports) {
    if (builtinId(specifier) !== undefined) {
      for (const name of Object.keys(requirePublic(specifier))) names.add(name);
      continue;
    }
    let target;
    try {
      target = Module.createRequire(path).resolve(specifier);
    } catch {
      continue; // An error only if the program asks for it.
    }
    if (seen.has(target)) continue;
    for (const name of namesOf(target, seen)) names.add(name);
  }
  names.delete('default');
  names.delete('module.exports');
  return [...names];
}

// The values of a module that `load` gave names for.
function evaluateSynthetic(url) {
  const make = synthetic.get(url);
  synthetic.delete(url);
  return make();
}

// Where in which module a syntax error is, for what is shown of one that ends the program.
const syntaxPlaces = new WeakMap();

// Throws if `source` is not a module, and keeps the place of the error.
function checkSyntax(url, source) {
  try {
    internalBinding('module_wrap').createSourceTextModule(url, undefined, source, 0, 0, undefined, undefined);
  } catch (error) {
    const [line, column, width] = internalBinding('util').lastSyntaxError();
    if (error instanceof SyntaxError && line > 0) {
      syntaxPlaces.set(error, { url, line, column, width, text: source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] });
    }
    throw error;
  }
}

// { url, line, column, width: how many characters are marked, text: the line }, or undefined.
function syntaxPlaceOf(error) {
  return syntaxPlaces.get(error);
}

function isCommonJs(url) {
  return cachedFormat(url) === 'commonjs';
}

module.exports = {
  checkSyntax,
  isCommonJs,
  load,
  checkAttributes,
  evaluateSynthetic,
  syntaxPlaceOf,
};
