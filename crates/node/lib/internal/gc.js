'use strict';
// The global `gc` of `--expose-gc`.

const binding = internalBinding('process');

function gc(options) {
  if (options?.execution === 'async') {
    return new Promise((resolve) => {
      setImmediate(() => {
        binding.gc();
        resolve();
      });
    });
  }
  binding.gc();
  return undefined;
}

// Gives the main global its `gc`. Contexts get one of their own when they are made.
function defineGlobal(global) {
  Object.defineProperty(global, 'gc', { value: gc, writable: true, enumerable: true, configurable: false });
}

module.exports = { gc, defineGlobal };
