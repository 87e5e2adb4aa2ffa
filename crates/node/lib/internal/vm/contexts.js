'use strict';
// Contexts: making, recognizing and dropping them.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateInteger, validateObject, validateOneOf, validateString } = require('internal/validators');
const { hostDefinedOption, register, validateImportModuleDynamically } = require('internal/vm/dynamic_import');

const binding = internalBinding('contextify');

const kDontContextify = Symbol('vm_context_no_contextify');

const { settings } = internalBinding('options');

let unnamedContexts = 0;

// Called with each context, its name and its origin, while somebody debugs.
let onContext;

function setOnContext(callback) {
  onContext = callback;
}

// What stands where an object must be, for people who pass something else. Arrays are objects here.
function validateContextObject(object) {
  if (object === null || typeof object !== 'object') throw new ERR_INVALID_ARG_TYPE('object', 'Object', object);
}

function isContext(object) {
  validateContextObject(object);
  return binding.isContext(object);
}

function validateContext(contextifiedObject) {
  if (!isContext(contextifiedObject)) {
    throw new ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', contextifiedObject);
  }
}

function validateCodeGeneration(codeGeneration, name) {
  if (codeGeneration === undefined) return;
  validateObject(codeGeneration, name);
  const { strings, wasm } = codeGeneration;
  if (strings !== undefined) validateBoolean(strings, `${name}.strings`);
  if (wasm !== undefined) validateBoolean(wasm, `${name}.wasm`);
}

function createContext(contextObject = {}, options = kEmptyObject) {
  const vanilla = contextObject === kDontContextify;
  if (!vanilla && isContext(contextObject)) return contextObject;

  validateObject(options, 'options');
  const { name, origin, codeGeneration, microtaskMode, importModuleDynamically, memoryLimit } = options;
  if (name !== undefined) validateString(name, 'options.name');
  if (origin !== undefined) validateString(origin, 'options.origin');
  validateCodeGeneration(codeGeneration, 'options.codeGeneration');
  validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  validateImportModuleDynamically(importModuleDynamically);
  if (memoryLimit !== undefined) validateInteger(memoryLimit, 'options.memoryLimit', 1);
  // A getter of the options may have made it one.
  if (!vanilla && isContext(contextObject)) return contextObject;

  const contextName = name === undefined ? `VM Context ${++unnamedContexts}` : name;
  const option = hostDefinedOption(importModuleDynamically);
  const context = binding.makeContext(
    vanilla ? undefined : contextObject,
    contextName,
    origin,
    codeGeneration?.strings ?? true,
    codeGeneration?.wasm ?? true,
    microtaskMode === 'afterEvaluate',
    option,
    memoryLimit ?? 0,
    settings['--expose-gc'] === true,
  );
  register(option, context);
  onContext?.(context, contextName, origin);
  return context;
}

// The options of createContext() among those of the functions that make a context and run in it.
function contextOptionsOf(options) {
  if (options === undefined || options === null) return undefined;
  const {
    contextName, contextOrigin, contextCodeGeneration, microtaskMode, contextMemoryLimit,
  } = options;
  if (contextName !== undefined) validateString(contextName, 'options.contextName');
  if (contextOrigin !== undefined) validateString(contextOrigin, 'options.contextOrigin');
  validateCodeGeneration(contextCodeGeneration, 'options.contextCodeGeneration');
  if (microtaskMode !== undefined) validateString(microtaskMode, 'options.microtaskMode');
  if (contextMemoryLimit !== undefined) validateInteger(contextMemoryLimit, 'options.contextMemoryLimit', 1);
  return {
    name: contextName,
    origin: contextOrigin,
    codeGeneration: contextCodeGeneration,
    microtaskMode,
    memoryLimit: contextMemoryLimit,
  };
}

// Our addition: gives the context's memory back now. What runs in it afterwards throws ERR_CONTEXT_DISPOSED.
function disposeContext(contextifiedObject) {
  validateContext(contextifiedObject);
  binding.disposeContext(contextifiedObject);
}

module.exports = {
  contextOptionsOf,
  createContext,
  disposeContext,
  isContext,
  kDontContextify,
  setOnContext,
  validateContext,
};
