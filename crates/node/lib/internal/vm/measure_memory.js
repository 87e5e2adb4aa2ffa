'use strict';
// vm.measureMemory(): how many bytes the contexts take.

const { kEmptyObject } = require('internal/util');
const { validateObject, validateOneOf } = require('internal/validators');
const { emitExperimentalWarning } = require('internal/vm/experimental');

const binding = internalBinding('contextify');

// The engine knows the bytes exactly, so that both ends of the range are the estimate.
function estimate(bytes) {
  return { jsMemoryEstimate: bytes, jsMemoryRange: [bytes, bytes] };
}

// Counting needs no collection, so `execution` only says when the promise may resolve: both do soon.
function measureMemory(options = kEmptyObject) {
  emitExperimentalWarning('vm.measureMemory');
  validateObject(options, 'options');
  const { mode = 'summary', execution = 'default' } = options;
  validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
  validateOneOf(execution, 'options.execution', ['default', 'eager']);
  const { total, contexts } = binding.measureMemory();
  const result = { total: estimate(total), WebAssembly: { code: 0, metadata: 0 } };
  if (mode === 'detailed') {
    const [current, ...others] = contexts;
    result.current = estimate(current.bytes);
    result.other = others.map(({ bytes }) => estimate(bytes));
  }
  return Promise.resolve(result);
}

module.exports = { measureMemory };
