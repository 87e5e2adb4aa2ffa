'use strict';
// Decides what `import()` in code compiled by vm does: which callback belongs to which host-defined
// option. Must not know how modules are found; the main context's loader registers itself here.

const { codes } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { emitExperimentalWarning, experimentalVmModules } = require('internal/vm/experimental');

// The host-defined options that stand for no callback of their own. Others are objects with the callback.
const kMissing = Symbol('vm_dynamic_import_missing');
const kMissingFlag = Symbol('vm_dynamic_import_missing_flag');
const kMainContextDefaultLoader = Symbol('vm_dynamic_import_main_context_default');

let importFromMainContext = null;

// The ES module loader of the main context:
// load(specifier, referrerName, attributes, phase) -> promise of a namespace.
function setMainContextLoader(load) {
  importFromMainContext = load;
}

// The host-defined option that code with this `importModuleDynamically` is compiled with.
function hostDefinedOption(importModuleDynamically, allowMainContextLoader = true) {
  if (importModuleDynamically === undefined) return kMissing;
  if (allowMainContextLoader && importModuleDynamically === kMainContextDefaultLoader) {
    emitExperimentalWarning('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER');
    return kMainContextDefaultLoader;
  }
  return experimentalVmModules() ? { callback: importModuleDynamically, referrer: undefined, makeReferrer: undefined } : kMissingFlag;
}

function validateImportModuleDynamically(value, allowMainContextLoader = true) {
  if (value === undefined) return;
  if (allowMainContextLoader && value === kMainContextDefaultLoader) return;
  validateFunction(value, 'options.importModuleDynamically');
}

// Tells an option with a callback who its referrer is, once there is one. The option lives as long as the code and
// the engine does not look for cycles through it, so it must not hold the referrer, which holds the code. Where code
// outlives its referrer, `makeReferrer` gives another.
function register(option, referrer, makeReferrer) {
  if (typeof option !== 'object') return;
  option.referrer = new WeakRef(referrer);
  option.makeReferrer = makeReferrer;
}

function referrerOf(option) {
  let referrer = option.referrer?.deref();
  if (referrer === undefined && option.makeReferrer !== undefined) {
    referrer = option.makeReferrer();
    option.referrer = new WeakRef(referrer);
  }
  return referrer;
}

async function importByCallback(option, specifier, attributes, phase) {
  const { isModule, isModuleNamespaceObject, namespaceOf } = require('internal/vm/module');
  const answer = await Reflect.apply(option.callback, undefined, [specifier, referrerOf(option), attributes, phase]);
  if (isModuleNamespaceObject(answer) && phase !== 'source') return answer;
  if (!isModule(answer)) throw new codes.ERR_VM_MODULE_NOT_MODULE();
  if (phase === 'source') throw new codes.ERR_SOURCE_PHASE_NOT_DEFINED(answer.identifier);
  if (answer.status === 'errored') throw answer.error;
  return namespaceOf(answer);
}

// What the engine calls for every import() and import.source(): rejects or gives a namespace.
async function importModuleDynamically(option, specifier, attributes, referrerName, asksForSource) {
  const phase = asksForSource ? 'source' : 'evaluation';
  if (option === kMissing) throw new codes.ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
  if (option === kMissingFlag) throw new codes.ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG();
  const sealed = { __proto__: null, ...attributes };
  // Modules of the program are compiled with their names: text that they evaluate has none of its own.
  if (typeof option === 'string') return importFromMainContext(specifier, option, sealed, phase);
  if (option === undefined || option === kMainContextDefaultLoader) {
    if (importFromMainContext === null) throw new codes.ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING();
    return importFromMainContext(specifier, referrerName, sealed, phase);
  }
  return importByCallback(option, specifier, sealed, phase);
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
