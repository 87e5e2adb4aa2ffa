'use strict';
// Loads built-in modules, each once, and starts the rest. Runs before anything else: it must not
// use any other built-in at its top level.

const nativeBinding = internalBinding;
const bindings = new Map();
let loadList;

function getBinding(name) {
  let binding = bindings.get(name);
  if (binding === undefined) {
    binding = nativeBinding(name);
    bindings.set(name, binding);
    loadList?.push(`Internal Binding ${name}`);
  }
  return binding;
}

const { ids, compile } = getBinding('builtins');
const known = new Set(ids);
const modules = new Map();
loadList = [];
Object.defineProperty(process, 'moduleLoadList', { value: loadList, enumerable: true, configurable: true });

function requireBuiltin(id) {
  const loaded = modules.get(id);
  if (loaded !== undefined) return loaded.exports;
  if (id.startsWith('node:')) return requireBuiltin(id.slice(5));
  if (!known.has(id)) {
    throw new Error(`No such built-in module: ${id}`);
  }
  const builtin = { id, filename: `node:${id}`, exports: {}, loaded: false };
  modules.set(id, builtin);
  loadList.push(`NativeModule ${id}`);
  try {
    compile(id).call(builtin.exports, builtin.exports, requireBuiltin, builtin, process, getBinding);
    builtin.loaded = true;
  } catch (error) {
    modules.delete(id);
    throw error;
  }
  return builtin.exports;
}

modules.set('internal/bootstrap/loader', {
  loaded: true,
  exports: {
    internalBinding: getBinding,
    requireBuiltin,
    // Whether there is such a built-in, internal ones included.
    hasBuiltin: (id) => known.has(id),
    builtinIds: ids,
  },
});

requireBuiltin('internal/bootstrap/node');
requireBuiltin('internal/run_main').run();
