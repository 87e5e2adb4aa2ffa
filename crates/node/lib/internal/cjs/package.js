'use strict';
// package.json files: read once, and what resolves by them: `exports`, `imports`, `main`, `type`.

const { readText } = internalBinding('loader');
const { resolve, dirname } = require('internal/cjs/path');

const cache = new Map(); // folder -> package or null
const scopes = new Map(); // folder -> package or null

// The package.json in `folder`, or null.
function readPackage(folder) {
  let found = cache.get(folder);
  if (found !== undefined) return found;
  const path = folder === '/' ? '/package.json' : `${folder}/package.json`;
  const text = readText(path);
  found = null;
  if (typeof text === 'string') {
    let json;
    try {
      json = JSON.parse(text);
    } catch (error) {
      const { codes: { ERR_INVALID_PACKAGE_CONFIG } } = require('internal/errors');
      throw new ERR_INVALID_PACKAGE_CONFIG(path, undefined, error.message);
    }
    if (typeof json !== 'object' || json === null) json = {};
    found = {
      folder,
      path,
      name: typeof json.name === 'string' ? json.name : undefined,
      main: typeof json.main === 'string' ? json.main : undefined,
      exports: json.exports ?? undefined,
      imports: typeof json.imports === 'object' && json.imports !== null ? json.imports : undefined,
      type: json.type === 'module' || json.type === 'commonjs' ? json.type : 'none',
    };
  }
  cache.set(folder, found);
  return found;
}

// The package that the file `path` belongs to, or null.
function packageScope(path) {
  const folder = dirname(path);
  let found = scopes.get(folder);
  if (found !== undefined) return found;
  found = null;
  for (let at = folder; !at.endsWith('/node_modules'); at = dirname(at)) {
    found = readPackage(at);
    if (found !== null || at === '/') break;
  }
  scopes.set(folder, found);
  return found;
}

// What `.js` files next to `path` are: 'module', 'commonjs' or 'none'.
function packageType(path) {
  return packageScope(path)?.type ?? 'none';
}

const kRequireConditions = new Set(['require', 'node', 'module-sync', 'node-addons', ...userConditions()]);
const kImportConditions = new Set(['import', 'node', 'module-sync', 'node-addons', ...userConditions()]);

function userConditions() {
  return require('internal/options').getOptionValue('--conditions') ?? [];
}

// Name and subpath ('.' or './x') of a bare specifier; undefined if it is not one.
function splitPackageName(specifier) {
  const found = /^((?:@[^/\\%]+\/)?[^./\\%@][^/\\%]*)(\/.*)?$/.exec(specifier);
  return found === null ? undefined : { name: found[1], subpath: `.${found[2] ?? ''}` };
}

// --- targets ---

const kBadSegment = /(?:^|[\\/])(?:\.\.?|node_modules|%2e%2e?|%2e\.|\.%2e)(?:[\\/]|$)/i;

// Resolves one target of `exports` or `imports`. Gives an absolute path, `{ specifier }` for something
// outside of the package, null if it is excluded, undefined if nothing applies.
function resolveTarget(pack, target, match, key, isImports, conditions, base) {
  if (typeof target === 'string') {
    if (!target.startsWith('./')) {
      if (isImports && !target.startsWith('../') && !target.startsWith('/') && !isUrl(target)) {
        return { specifier: target.replaceAll('*', () => match) };
      }
      throw badTarget(pack, key, target, isImports, base);
    }
    if (kBadSegment.test(target.slice(2))) throw badTarget(pack, key, target, isImports, base);
    if (match !== '' && kBadSegment.test(match)) {
      const { codes: { ERR_INVALID_MODULE_SPECIFIER } } = require('internal/errors');
      throw new ERR_INVALID_MODULE_SPECIFIER(key.replace('*', () => match),
                                             `request is not a valid match in pattern "${key}" for the ` +
        `"${isImports ? 'imports' : 'exports'}" resolution of ${pack.path}`, base);
    }
    return resolve(pack.folder, target.replaceAll('*', () => match));
  }
  if (Array.isArray(target)) {
    let lastError;
    for (const item of target) {
      let found;
      try {
        found = resolveTarget(pack, item, match, key, isImports, conditions, base);
      } catch (error) {
        if (error.code !== 'ERR_INVALID_PACKAGE_TARGET') throw error;
        lastError = error;
        continue;
      }
      if (found === undefined) continue;
      if (found === null) {
        lastError = null;
        continue;
      }
      return found;
    }
    if (lastError) throw lastError;
    return null;
  }
  if (typeof target === 'object' && target !== null) {
    for (const condition of Object.keys(target)) {
      if (condition === 'default' || conditions.has(condition)) {
        const found = resolveTarget(pack, target[condition], match, key, isImports, conditions, base);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
  if (target === null) return null;
  throw badTarget(pack, key, target, isImports, base);
}

function isUrl(text) {
  return /^[a-z][a-z\d+.-]*:/i.test(text) && !text.startsWith('node:');
}

function badTarget(pack, key, target, isImports, base) {
  const { codes: { ERR_INVALID_PACKAGE_TARGET } } = require('internal/errors');
  return new ERR_INVALID_PACKAGE_TARGET(`${pack.folder}/`, key, target, isImports, base);
}

// The longest pattern first: by what stands before its star, then by its length.
function comparePatterns(a, b) {
  return b.indexOf('*') - a.indexOf('*') || b.length - a.length;
}

// Looks `key` up in a map of keys and patterns. Gives what resolveTarget gives.
function resolveInMap(pack, map, key, isImports, conditions, base) {
  if (Object.hasOwn(map, key) && !key.includes('*') && !key.endsWith('/')) {
    return resolveTarget(pack, map[key], '', key, isImports, conditions, base);
  }
  const patterns = Object.keys(map).filter((pattern) => pattern.includes('*')).sort(comparePatterns);
  for (const pattern of patterns) {
    const star = pattern.indexOf('*');
    const tail = pattern.slice(star + 1);
    if (key.length >= pattern.length && key.startsWith(pattern.slice(0, star)) && key.endsWith(tail) &&
        !tail.includes('*')) {
      const match = key.slice(star, key.length - tail.length);
      return resolveTarget(pack, map[pattern], match, pattern, isImports, conditions, base);
    }
  }
  return undefined;
}

// The path of `subpath` ('.' or './x') by the package's `exports`.
function resolveExports(pack, subpath, conditions, base) {
  let { exports } = pack;
  if (!hasSubpaths(pack, base)) exports = { '.': exports };
  const found = resolveInMap(pack, exports, subpath, false, conditions, base);
  if (typeof found === 'string') return found;
  const { codes: { ERR_PACKAGE_PATH_NOT_EXPORTED } } = require('internal/errors');
  throw new ERR_PACKAGE_PATH_NOT_EXPORTED(`${pack.folder}/`, subpath, base);
}

function hasSubpaths({ exports, path }, base) {
  if (typeof exports !== 'object' || Array.isArray(exports)) return false;
  const keys = Object.keys(exports);
  const withDot = keys.filter((key) => key.startsWith('.')).length;
  if (withDot > 0 && withDot < keys.length) {
    const { codes: { ERR_INVALID_PACKAGE_CONFIG } } = require('internal/errors');
    throw new ERR_INVALID_PACKAGE_CONFIG(path, base, '"exports" cannot contain some keys starting with ' +
      '\'.\' and some not. The exports object must either be an object of package subpath keys or an ' +
      'object of main entry condition name keys only.');
  }
  return withDot > 0;
}

// What `#x` names for the file `from`: an absolute path or `{ specifier }`.
function resolveImports(specifier, from, conditions, base) {
  const { codes: { ERR_INVALID_MODULE_SPECIFIER, ERR_PACKAGE_IMPORT_NOT_DEFINED } } = require('internal/errors');
  if (specifier === '#' || specifier.startsWith('#/')) {
    throw new ERR_INVALID_MODULE_SPECIFIER(specifier, 'is not a valid internal imports specifier name', base);
  }
  const pack = packageScope(from);
  if (pack?.imports !== undefined) {
    const found = resolveInMap(pack, pack.imports, specifier, true, conditions, base);
    if (found !== undefined && found !== null) return found;
  }
  throw new ERR_PACKAGE_IMPORT_NOT_DEFINED(specifier, pack === null ? undefined : `${pack.folder}/`, base);
}

module.exports = {
  readPackage,
  packageScope,
  packageType,
  splitPackageName,
  resolveExports,
  resolveImports,
  kRequireConditions,
  kImportConditions,
};
