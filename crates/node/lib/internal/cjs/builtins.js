'use strict';
// Which built-in modules a program may ask for, and under what names.

const { builtinIds, hasBuiltin, requireBuiltin } = require('internal/bootstrap/loader');

// These are only there with `node:` before them.
const schemeOnly = new Set(['sea', 'sqlite', 'test', 'test/reporters']);

const isInternal = (id) => id.startsWith('internal/');
const exposesInternals = require('internal/options').getOptionValue('--expose-internals') === true;

// Modules that Node does not have are named `sandtide:...`.
const ownIds = new Set(builtinIds.filter((id) => id.startsWith('sandtide/')));

const publicIds = new Set(builtinIds.filter((id) => !ownIds.has(id) && (exposesInternals || !isInternal(id))));

const builtinModules = [...publicIds].filter((id) => !schemeOnly.has(id) && !isInternal(id)).sort()
  .concat([...schemeOnly].filter((id) => publicIds.has(id)).map((id) => `node:${id}`));

// The id of the built-in that `specifier` names, or undefined.
function builtinId(specifier) {
  if (specifier.startsWith('node:')) {
    const id = specifier.slice(5);
    return publicIds.has(id) || ownIds.has(id) ? id : undefined;
  }
  if (specifier.startsWith('sandtide:')) {
    const id = `sandtide/${specifier.slice(9)}`;
    return ownIds.has(id) ? id : undefined;
  }
  return publicIds.has(specifier) && !schemeOnly.has(specifier) ? specifier : undefined;
}

function isBuiltin(specifier) {
  return builtinId(`${specifier}`) !== undefined;
}

function requirePublic(specifier) {
  const id = builtinId(specifier);
  if (id === undefined) {
    const { codes: { ERR_UNKNOWN_BUILTIN_MODULE } } = require('internal/errors');
    throw new ERR_UNKNOWN_BUILTIN_MODULE(specifier);
  }
  return requireBuiltin(id);
}

module.exports = { builtinModules, builtinId, isBuiltin, requirePublic, hasBuiltin };
