'use strict';
// vm.Module and its two kinds: what programs see of module records. The records themselves, their
// linking and their evaluation are the engine's (internalBinding('module_wrap')).

const {
  codes: {
    ERR_INTERNAL_ASSERTION,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_THIS,
    ERR_MODULE_LINK_MISMATCH,
    ERR_VM_MODULE_ALREADY_LINKED,
    ERR_VM_MODULE_CACHED_DATA_REJECTED,
    ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA,
    ERR_VM_MODULE_DIFFERENT_CONTEXT,
    ERR_VM_MODULE_LINK_FAILURE,
    ERR_VM_MODULE_NOT_MODULE,
    ERR_VM_MODULE_STATUS,
  },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { inspect } = require('internal/util/inspect');
const { isModuleNamespaceObject } = require('internal/util/types');
const {
  validateArray, validateBoolean, validateFunction, validateObject, validateString, validateUint32,
} = require('internal/validators');
const { isContext } = require('internal/vm/contexts');
const { hostDefinedOption, register, validateImportModuleDynamically } = require('internal/vm/dynamic_import');
const { emitExperimentalWarning } = require('internal/vm/experimental');
const {
  asBuffer, bytesOf, enterRun, leaveRun, validateCachedData, validateOffset, withoutSigintListeners,
} = require('internal/vm/run_options');

const binding = internalBinding('module_wrap');
const { setInitializeImportMetaCallback } = internalBinding('contextify');

// What a handle keeps: its module, and how import.meta is filled. All of them go together.
const kModule = Symbol('module');
const kImportMeta = Symbol('import.meta');

setInitializeImportMetaCallback((handle, option, meta) => {
  const initialize = handle[kImportMeta];
  if (initialize !== undefined) Reflect.apply(initialize, undefined, [meta, handle[kModule]]);
});

// Context -> how many modules were named in it. The main context has a count of its own.
const namedIn = new WeakMap();
let namedInMainContext = 0;

function defaultIdentifier(context) {
  if (context === undefined) return `vm:module(${namedInMainContext++})`;
  const index = namedIn.get(context) ?? 0;
  namedIn.set(context, index + 1);
  return `vm:module(${index})`;
}

// The record of a module's state, or undefined for what is no module:
//   handle, context, identifier: as made
//   linking, error: what link() adds to the engine's status
//   requests: frozen, once asked for; modules: their answers, once linked
//   exportNames: of a synthetic module
let stateOf;

function stateOrThrow(module, kind = 'Module') {
  const state = stateOf(module);
  if (state === undefined) throw new ERR_INVALID_THIS(kind);
  return state;
}

function engineStatus(state) {
  return binding.getStatus(state.handle);
}

function isAtLeastLinked(state) {
  const status = engineStatus(state);
  return status !== 'unlinked' && status !== 'linking';
}

class Module {
  #state;

  static {
    stateOf = (value) => (value !== null && typeof value === 'object' && #state in value ? value.#state : undefined);
  }

  constructor(options) {
    emitExperimentalWarning('VM Modules');
    if (new.target === Module) throw new TypeError('Module is not a constructor');
    const { context, identifier, create, exportNames } = options;
    if (context !== undefined) {
      validateObject(context, 'context');
      if (!isContext(context)) throw new ERR_INVALID_ARG_TYPE('options.context', 'vm.Context', context);
    }
    if (identifier !== undefined) validateString(identifier, 'options.identifier');
    const name = identifier === undefined ? defaultIdentifier(context) : identifier;
    if (typeof create !== 'function') throw new ERR_INTERNAL_ASSERTION();
    this.#state = {
      handle: create(name, this),
      context,
      identifier: name,
      linking: false,
      error: undefined,
      requests: undefined,
      modules: undefined,
      exportNames,
    };
  }

  get identifier() {
    return stateOrThrow(this).identifier;
  }

  get context() {
    return stateOrThrow(this).context;
  }

  get namespace() {
    return namespaceOf(this);
  }

  get status() {
    return engineStatus(stateOrThrow(this));
  }

  get error() {
    const state = stateOrThrow(this);
    if (engineStatus(state) !== 'errored') throw new ERR_VM_MODULE_STATUS('must be errored');
    return binding.getError(state.handle);
  }

  async link(linker) {
    stateOrThrow(this);
    validateFunction(linker, 'linker');
    if (this.status === 'linked') throw new ERR_VM_MODULE_ALREADY_LINKED();
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    await linkRequestsWith(this, linker);
    instantiateGraph(this);
  }

  evaluate(options = kEmptyObject) {
    try {
      return evaluateNow(this, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  [customInspectSymbol](depth, options) {
    const state = stateOrThrow(this);
    const { constructor } = this;
    const name = typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'Module';
    if (typeof depth === 'number' && depth < 0) return `[${name}]`;
    const { status } = this;
    // Of the module's class, so that it is shown under its name, without being inspected by this method again.
    const shown = Object.create(Object.getPrototypeOf(this), {
      [customInspectSymbol]: { __proto__: null, value: undefined },
      [Symbol.toStringTag]: { __proto__: null, value: name },
      status: { __proto__: null, value: status, enumerable: true },
      identifier: { __proto__: null, value: state.identifier, enumerable: true },
      context: { __proto__: null, value: state.context, enumerable: true },
    });
    return inspect(shown, options);
  }
}

function namespaceOf(module) {
  const state = stateOrThrow(module);
  if (!isAtLeastLinked(state)) throw new ERR_VM_MODULE_STATUS('must not be unlinked or linking');
  return binding.getNamespace(state.handle);
}

function evaluateNow(module, options) {
  const state = stateOrThrow(module);
  validateObject(options, 'options');
  const { timeout, breakOnSigint = false } = options;
  if (timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
  const status = engineStatus(state);
  if (status !== 'linked' && status !== 'evaluated' && status !== 'errored') {
    throw new ERR_VM_MODULE_STATUS('must be one of linked, evaluated, or errored');
  }
  const milliseconds = timeout === undefined ? -1 : timeout;
  const place = enterRun(milliseconds, breakOnSigint);
  try {
    if (!breakOnSigint) return binding.evaluate(state.handle, milliseconds, false);
    return withoutSigintListeners(() => binding.evaluate(state.handle, milliseconds, true));
  } finally {
    leaveRun(place);
  }
}

// The requests of a module, frozen; the engine has them in the order of the source.
function requestsOf(state) {
  if (state.requests === undefined) {
    const found = binding.moduleRequests(state.handle).map(({ specifier, attributes, phase }) => Object.freeze({
      __proto__: null,
      specifier,
      attributes: Object.freeze({ __proto__: null, ...attributes }),
      phase,
    }));
    state.requests = Object.freeze(found);
  }
  return state.requests;
}

function checkedAnswer(state, module) {
  const answer = stateOf(module);
  if (answer === undefined) throw new ERR_VM_MODULE_NOT_MODULE();
  if (answer.context !== state.context) throw new ERR_VM_MODULE_DIFFERENT_CONTEXT();
  return answer;
}

function setModules(state, modules) {
  state.modules = modules;
  binding.link(state.handle, modules.map((module) => stateOf(module).handle));
}

async function answerOf(state, { specifier }, given, linker) {
  try {
    const module = await given;
    checkedAnswer(state, module);
    if (module.status === 'errored') {
      throw new ERR_VM_MODULE_LINK_FAILURE(`request for '${specifier}' resolved to an errored module`, module.error);
    }
    if (module.status === 'unlinked') await linkRequestsWith(module, linker);
    return module;
  } catch (error) {
    state.error = { value: error };
    throw error;
  }
}

// Asks `linker` for every request of the module, then for those of the modules it gave.
async function linkRequestsWith(module, linker) {
  const state = stateOf(module);
  state.linking = true;
  const answers = requestsOf(state).map((request) => {
    const { specifier, attributes } = request;
    return answerOf(state, request, linker(specifier, module, { attributes, assert: attributes }), linker);
  });
  setModules(state, await Promise.all(answers));
  state.linking = false;
}

// Every module that the engine is about to link must know whom its requests mean.
function requireLinkedGraph(state, seen) {
  seen.add(state);
  const requests = requestsOf(state);
  if (state.modules === undefined) {
    if (requests.length > 0) {
      const [{ specifier }] = requests;
      throw new ERR_VM_MODULE_LINK_FAILURE(
        `request for '${specifier}' can not be resolved on module '${state.identifier}' that is not linked`);
    }
    setModules(state, []);
  }
  for (const module of state.modules) {
    const next = stateOf(module);
    if (!seen.has(next) && next.exportNames === undefined && !isAtLeastLinked(next)) requireLinkedGraph(next, seen);
  }
}

function instantiateGraph(module) {
  const state = stateOf(module);
  requireLinkedGraph(state, new Set());
  binding.instantiate(state.handle);
}

class SourceTextModule extends Module {
  constructor(sourceText, options = kEmptyObject) {
    validateString(sourceText, 'sourceText');
    validateObject(options, 'options');
    const {
      lineOffset = 0, columnOffset = 0, initializeImportMeta, importModuleDynamically, context, identifier, cachedData,
    } = options;
    validateOffset(lineOffset, 'options.lineOffset');
    validateOffset(columnOffset, 'options.columnOffset');
    if (initializeImportMeta !== undefined) validateFunction(initializeImportMeta, 'options.initializeImportMeta');
    validateImportModuleDynamically(importModuleDynamically, false);
    validateCachedData(cachedData);

    super({
      context,
      identifier,
      create(name, module) {
        const option = hostDefinedOption(importModuleDynamically, false);
        const handle = binding.createSourceTextModule(
          name, context, sourceText, lineOffset, columnOffset, option, bytesOf(cachedData));
        if (handle.cachedDataRejected) throw new ERR_VM_MODULE_CACHED_DATA_REJECTED();
        // The record in the engine holds its handle, and so the module as long as its code can run.
        handle[kModule] = module;
        handle[kImportMeta] = initializeImportMeta;
        register(option, module);
        return handle;
      },
    });
  }

  linkRequests(modules) {
    const state = sourceStateOrThrow(this);
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    validateArray(modules, 'modules');
    const requests = requestsOf(state);
    if (requests.length !== modules.length) {
      throw new ERR_MODULE_LINK_MISMATCH(`Expected ${requests.length} modules, got ${modules.length}`);
    }
    // Read once: what is checked is what is linked.
    const list = [];
    for (let i = 0; i < requests.length; i++) list.push(modules[i]);
    for (const module of list) checkedAnswer(state, module);
    requireOneModulePerKey(requests, list);
    setModules(state, list);
  }

  instantiate() {
    const state = sourceStateOrThrow(this);
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    if (state.modules === undefined) throw new ERR_VM_MODULE_LINK_FAILURE('module is not linked');
    instantiateGraph(this);
  }

  get dependencySpecifiers() {
    const state = sourceStateOrThrow(this);
    state.specifiers ??= Object.freeze(requestsOf(state).map(({ specifier }) => specifier));
    return state.specifiers;
  }

  get moduleRequests() {
    return requestsOf(sourceStateOrThrow(this));
  }

  get status() {
    const state = sourceStateOrThrow(this);
    if (state.error !== undefined) return 'errored';
    if (state.linking) return 'linking';
    return super.status;
  }

  get error() {
    const { error } = sourceStateOrThrow(this);
    return error === undefined ? super.error : error.value;
  }

  hasAsyncGraph() {
    const state = sourceStateOrThrow(this);
    if (!isAtLeastLinked(state)) throw new ERR_VM_MODULE_STATUS('must be instantiated');
    return isGraphAsync(state, new Set());
  }

  hasTopLevelAwait() {
    return binding.hasTopLevelAwait(sourceStateOrThrow(this).handle);
  }

  createCachedData() {
    const { handle } = sourceStateOrThrow(this);
    const { status } = this;
    if (status === 'evaluating' || status === 'evaluated' || status === 'errored') {
      throw new ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA();
    }
    return asBuffer(binding.createCachedData(handle));
  }
}

function sourceStateOrThrow(module) {
  return stateOrThrow(module, 'SourceTextModule');
}

// Requests that differ only in their phase mean one module.
function requireOneModulePerKey(requests, modules) {
  const seen = new Map();
  requests.forEach(({ specifier, attributes }, index) => {
    const key = JSON.stringify([specifier, Object.entries(attributes).sort()]);
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, index);
    } else if (modules[before] !== modules[index]) {
      throw new ERR_MODULE_LINK_MISMATCH(
        `Module request 'ModuleCacheKey("${specifier}")' at index ${before} must be linked to the same module requested at index ${index}`);
    }
  });
}

function isGraphAsync(state, seen) {
  seen.add(state);
  if (state.exportNames !== undefined) return false;
  if (binding.hasTopLevelAwait(state.handle)) return true;
  return state.modules.some((module) => {
    const next = stateOf(module);
    return !seen.has(next) && isGraphAsync(next, seen);
  });
}

class SyntheticModule extends Module {
  constructor(exportNames, evaluateCallback, options = kEmptyObject) {
    if (!Array.isArray(exportNames) || exportNames.some((name) => typeof name !== 'string')) {
      throw new ERR_INVALID_ARG_TYPE('exportNames', 'Array of unique strings', exportNames);
    }
    exportNames.forEach((name, index) => {
      if (exportNames.indexOf(name) !== index) {
        throw new ERR_INVALID_ARG_VALUE(`exportNames.${name}`, name, 'is duplicated');
      }
    });
    validateFunction(evaluateCallback, 'evaluateCallback');
    validateObject(options, 'options');
    const { context, identifier } = options;
    const names = [...exportNames];
    super({
      context,
      identifier,
      exportNames: new Set(names),
      create(name, module) {
        const steps = () => { Reflect.apply(evaluateCallback, module, []); };
        const handle = binding.createSyntheticModule(name, context, names, steps);
        // It has nothing to link, so it is linked from the start.
        binding.link(handle, []);
        binding.instantiate(handle);
        return handle;
      },
    });
  }

  // Kept for programs that link every module alike.
  link() {
    stateOrThrow(this, 'SyntheticModule');
  }

  setExport(name, value) {
    const state = stateOrThrow(this, 'SyntheticModule');
    validateString(name, 'name');
    if (!isAtLeastLinked(state)) throw new ERR_VM_MODULE_STATUS('must be linked');
    if (!state.exportNames.has(name)) throw new ReferenceError(`Export '${name}' is not defined in module`);
    binding.setExport(state.handle, name, value);
  }
}

function isModule(value) {
  return stateOf(value) !== undefined;
}

module.exports = { Module, SourceTextModule, SyntheticModule, isModule, isModuleNamespaceObject, namespaceOf };
