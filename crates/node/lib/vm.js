'use strict';
// The vm module: scripts, and running them in contexts. Checks what it is given; the engine's half
// (internalBinding('contextify')) trusts it.

const { current } = require('internal/async_hooks');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateObject, validateString } = require('internal/validators');
const { compileFunction } = require('internal/vm/compile_function');
const {
  contextOptionsOf, createContext, disposeContext, isContext, kDontContextify, validateContext,
} = require('internal/vm/contexts');
const {
  hostDefinedOption, kMainContextDefaultLoader, register, validateImportModuleDynamically,
} = require('internal/vm/dynamic_import');
const { experimentalVmModules } = require('internal/vm/experimental');
const { measureMemory } = require('internal/vm/measure_memory');
const { remember } = require('internal/vm/recent_sources');
const {
  asBuffer, bytesOf, enterRun, leaveRun, runOptions, validateCachedData, validateOffset, withoutSigintListeners,
} = require('internal/vm/run_options');

const binding = internalBinding('contextify');

// What import() in a script without a callback finds.
const kNoImportCallback = hostDefinedOption(undefined);

// The context whose realm the errors of compiling belong to. Not for programs, hence a symbol.
const kParsingContext = Symbol('parsing context');

// The handle that was made last: its text is remembered already.
let lastHandle;

// The engine's handle of a script; throws for what is none.
let handleOf;

// What a script is to the engine.
class ContextifyScript {
  #handle;

  static {
    handleOf = (script) => {
      if (!(#handle in script)) throw new TypeError('Illegal invocation');
      return script.#handle;
    };
  }

  constructor(code, filename, lineOffset, columnOffset, option, cachedData, produceCachedData, parsingContext) {
    // A text that was compiled lately has its handle already.
    const handle = binding.compileScript(
      code, filename, lineOffset, columnOffset, option,
      cachedData === undefined ? undefined : bytesOf(cachedData), produceCachedData, parsingContext);
    this.#handle = handle;
    if (handle !== lastHandle) {
      lastHandle = handle;
      remember(filename, code, lineOffset);
    }
    if (cachedData !== undefined) this.cachedDataRejected = handle.cachedDataRejected;
    if (produceCachedData) {
      if (handle.cachedDataProduced) this.cachedData = asBuffer(handle.cachedData);
      this.cachedDataProduced = handle.cachedDataProduced;
    }
    this.sourceURL = handle.sourceURL;
    this.sourceMapURL = handle.sourceMapURL;
  }

  createCachedData() {
    return asBuffer(binding.createCachedData(handleOf(this)));
  }

  runInContext(contextifiedObject, timeout, displayErrors, breakOnSigint) {
    const place = enterRun(timeout, breakOnSigint);
    try {
      return binding.runScript(handleOf(this), contextifiedObject, timeout, displayErrors, breakOnSigint);
    } finally {
      leaveRun(place);
    }
  }
}

for (const name of ['createCachedData', 'runInContext']) {
  Object.defineProperty(ContextifyScript.prototype, name, { __proto__: null, enumerable: true });
}

class Script extends ContextifyScript {
  constructor(code, options = kEmptyObject) {
    code = `${code}`;
    // What most programs ask for: there is nothing to check.
    if (options === kEmptyObject || typeof options === 'string') {
      const filename = options === kEmptyObject ? 'evalmachine.<anonymous>' : options;
      super(code, filename, 0, 0, kNoImportCallback, undefined, false, undefined);
      return;
    }
    if (options === null || typeof options !== 'object' || Array.isArray(options)) validateObject(options, 'options');

    const {
      filename = 'evalmachine.<anonymous>',
      lineOffset = 0,
      columnOffset = 0,
      cachedData,
      produceCachedData = false,
      importModuleDynamically,
      [kParsingContext]: parsingContext,
    } = options;
    // What is plainly right is not handed on to be checked: scripts are made often.
    if (typeof filename !== 'string') validateString(filename, 'options.filename');
    if (lineOffset !== 0) validateOffset(lineOffset, 'options.lineOffset');
    if (columnOffset !== 0) validateOffset(columnOffset, 'options.columnOffset');
    if (cachedData !== undefined) validateCachedData(cachedData);
    if (produceCachedData !== false) validateBoolean(produceCachedData, 'options.produceCachedData');
    if (importModuleDynamically === undefined) {
      super(code, filename, lineOffset, columnOffset, kNoImportCallback, cachedData, produceCachedData, parsingContext);
      return;
    }
    validateImportModuleDynamically(importModuleDynamically);

    const option = hostDefinedOption(importModuleDynamically);
    super(code, filename, lineOffset, columnOffset, option, cachedData, produceCachedData, parsingContext);
    register(option, this, () => new Script(code, { filename, lineOffset, columnOffset, importModuleDynamically }));
  }

  // The engine is called by these methods themselves, so that few frames of ours stand in programs' stacks.
  runInThisContext(options) {
    if (options === undefined && !current.isTracked) return binding.runScript(handleOf(this), null, -1, true, false);
    const { timeout, displayErrors, breakOnSigint } = runOptions(options);
    const handle = handleOf(this);
    const place = enterRun(timeout, breakOnSigint);
    try {
      if (!breakOnSigint) return binding.runScript(handle, null, timeout, displayErrors, false);
      return withoutSigintListeners(() => binding.runScript(handle, null, timeout, displayErrors, true));
    } finally {
      leaveRun(place);
    }
  }

  runInContext(contextifiedObject, options) {
    validateContext(contextifiedObject);
    // What most programs ask for: there is nothing to check and nothing to return to.
    if (options === undefined && !current.isTracked) {
      return binding.runScript(handleOf(this), contextifiedObject, -1, true, false);
    }
    const { timeout, displayErrors, breakOnSigint } = runOptions(options);
    const handle = handleOf(this);
    const place = enterRun(timeout, breakOnSigint);
    try {
      if (!breakOnSigint) return binding.runScript(handle, contextifiedObject, timeout, displayErrors, false);
      return withoutSigintListeners(() => binding.runScript(handle, contextifiedObject, timeout, displayErrors, true));
    } finally {
      leaveRun(place);
    }
  }

  runInNewContext(contextObject, options) {
    if (options !== undefined) validateObject(options, 'options');
    const context = createContext(contextObject, contextOptionsOf(options));
    return this.runInContext(context, options);
  }
}

// The functions take a string for { filename }.
function withParsingContext(options, context) {
  if (options === undefined) return { [kParsingContext]: context };
  if (typeof options === 'string') return { filename: options, [kParsingContext]: context };
  return { ...options, [kParsingContext]: context };
}

function createScript(code, options) {
  return new Script(code, options);
}

function runInContext(code, contextifiedObject, options) {
  validateContext(contextifiedObject);
  options = withParsingContext(options, contextifiedObject);
  return createScript(code, options).runInContext(contextifiedObject, options);
}

function runInNewContext(code, contextObject, options) {
  if (typeof options === 'string') options = { filename: options };
  contextObject = createContext(contextObject, contextOptionsOf(options));
  options = withParsingContext(options, contextObject);
  return createScript(code, options).runInContext(contextObject, options);
}

function runInThisContext(code, options) {
  if (typeof options === 'string') options = { filename: options };
  return createScript(code, options).runInThisContext(options);
}

const constants = Object.freeze({
  __proto__: null,
  USE_MAIN_CONTEXT_DEFAULT_LOADER: kMainContextDefaultLoader,
  DONT_CONTEXTIFY: kDontContextify,
});

module.exports = {
  Script,
  createContext,
  createScript,
  runInContext,
  runInNewContext,
  runInThisContext,
  isContext,
  compileFunction,
  measureMemory,
  constants,
};

// Our addition, out of sight of programs that list what the module has.
Object.defineProperty(module.exports, 'disposeContext', {
  __proto__: null, value: disposeContext, writable: true, enumerable: false, configurable: true,
});

if (experimentalVmModules()) {
  const { Module, SourceTextModule, SyntheticModule } = require('internal/vm/module');
  Object.assign(module.exports, { Module, SourceTextModule, SyntheticModule });
}
