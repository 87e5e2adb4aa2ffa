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

module.exports = { gc };
