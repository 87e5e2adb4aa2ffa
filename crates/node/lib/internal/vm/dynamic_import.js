'use strict';
// Decides what `import()` in code compiled by vm does: which callback belongs to which host-defined
// option. Must not know how modules are found; the main context's loader registers itself here.

const {
  codes: { ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING, ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG, ERR_VM_MODULE_NOT_MODULE },
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { emitExperimentalWarning, experimentalVmModules } = require('internal/vm/experimental');

// The host-defined options that stand for no callback of their own.
const kMissing = Symbol('vm_dynamic_import_missing');
const kMissingFlag = Symbol('vm_dynamic_import_missing_flag');
const kMainContextDefaultLoader = Symbol('vm_dynamic_import_main_context_default');

// Host-defined option -> { callback, referrer }. The option lives as long as code that holds it.
const registry = new WeakMap();

let importFromMainContext = null;

// The ES module loader of the main context: load(specifier, referrerName, attributes) -> promise of a namespace.
function setMainContextLoader(load) {
  importFromMainContext = load;
}

// The host-defined option that code with this `importModuleDynamically` is compiled with.
function hostDefinedOption(importModuleDynamically, name, allowMainContextLoader = true) {
  if (importModuleDynamically === undefined) return kMissing;
  if (allowMainContextLoader && importModuleDynamically === kMainContextDefaultLoader) {
    emitExperimentalWarning('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER');
    return kMainContextDefaultLoader;
  }
  return experimentalVmModules() ? Symbol(name) : kMissingFlag;
}

function validateImportModuleDynamically(value, allowMainContextLoader = true) {
  if (value === undefined) return;
  if (allowMainContextLoader && value === kMainContextDefaultLoader) return;
  validateFunction(value, 'options.importModuleDynamically');
}

// Remembers whom to ask for code compiled with `option`, once the referrer exists.
function register(option, importModuleDynamically, referrer) {
  if (typeof importModuleDynamically !== 'function' || option === kMissingFlag) return;
  registry.set(option, { callback: importModuleDynamically, referrer });
}

async function importByCallback({ callback, referrer }, specifier, attributes, phase) {
  const { isModule, isModuleNamespaceObject, namespaceOf } = require('internal/vm/module');
  const answer = await Reflect.apply(callback, undefined, [specifier, referrer, attributes, phase]);
  if (isModuleNamespaceObject(answer)) return answer;
  if (!isModule(answer)) throw new ERR_VM_MODULE_NOT_MODULE();
  if (answer.status === 'errored') throw answer.error;
  return namespaceOf(answer);
}

// What the engine calls for every import(): rejects or gives a namespace.
async function importModuleDynamically(option, specifier, attributes, referrerName, phase = 'evaluation') {
  if (option === kMissing) throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
  if (option === kMissingFlag) throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG();
  const sealed = { __proto__: null, ...attributes };
  if (option === undefined || option === kMainContextDefaultLoader) {
    if (importFromMainContext === null) throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
    return importFromMainContext(specifier, referrerName, sealed);
  }
  const entry = registry.get(option);
  if (entry === undefined) throw new ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
  return importByCallback(entry, specifier, sealed, phase);
}

// Must have run before any code of the program can call import().
function install() {
  const { setImportModuleDynamicallyCallback } = internalBinding('contextify');
  setImportModuleDynamicallyCallback(importModuleDynamically);
}

module.exports = {
  hostDefinedOption,
  install,
  kMainContextDefaultLoader,
  register,
  setMainContextLoader,
  validateImportModuleDynamically,
};
