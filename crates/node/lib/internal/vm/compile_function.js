'use strict';
// vm.compileFunction(): a function from its body and the names of its parameters.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { validateArray, validateBoolean, validateObject, validateString } = require('internal/validators');
const { isContext } = require('internal/vm/contexts');
const { hostDefinedOption, register, validateImportModuleDynamically } = require('internal/vm/dynamic_import');
const { remember } = require('internal/vm/recent_sources');
const { asBuffer, bytesOf, validateCachedData, validateOffset } = require('internal/vm/run_options');

const binding = internalBinding('contextify');

function validateParsingContext(parsingContext) {
  if (parsingContext === undefined) return;
  if (parsingContext === null || typeof parsingContext !== 'object' || !isContext(parsingContext)) {
    throw new ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
  }
}

function compileFunction(code, params, options = kEmptyObject) {
  validateString(code, 'code');
  validateObject(options, 'options');
  if (params !== undefined) {
    validateArray(params, 'params');
    for (let i = 0; i < params.length; i++) validateString(params[i], `params[${i}]`);
  }
  const {
    filename = '',
    columnOffset = 0,
    lineOffset = 0,
    cachedData,
    produceCachedData = false,
    parsingContext,
    contextExtensions = [],
    importModuleDynamically,
  } = options;
  validateString(filename, 'options.filename');
  validateOffset(columnOffset, 'options.columnOffset');
  validateOffset(lineOffset, 'options.lineOffset');
  validateCachedData(cachedData);
  validateBoolean(produceCachedData, 'options.produceCachedData');
  validateParsingContext(parsingContext);
  validateArray(contextExtensions, 'options.contextExtensions');
  for (let i = 0; i < contextExtensions.length; i++) {
    validateObject(contextExtensions[i], `options.contextExtensions[${i}]`);
  }
  validateImportModuleDynamically(importModuleDynamically);

  const option = hostDefinedOption(importModuleDynamically);
  const compiled = binding.compileFunction(
    code,
    filename,
    lineOffset,
    columnOffset,
    bytesOf(cachedData),
    produceCachedData,
    parsingContext,
    contextExtensions,
    params === undefined ? [] : params,
    option,
  );
  const result = compiled.function;
  remember(filename, code, lineOffset);
  if (produceCachedData) {
    result.cachedDataProduced = compiled.cachedDataProduced;
    if (compiled.cachedDataProduced) result.cachedData = asBuffer(compiled.cachedData);
  }
  if (cachedData !== undefined) result.cachedDataRejected = compiled.cachedDataRejected;
  register(option, result, () => compileFunction(code, params, options));
  return result;
}

module.exports = { compileFunction };
