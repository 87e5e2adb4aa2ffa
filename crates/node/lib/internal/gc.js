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

// Gives a new context a `gc` of its own. It goes to the global behind `contextObject`, which keeps what is assigned in
// the context, and not to that object itself; where the object would notice, there is none.
function defineInContext(contextObject) {
  const { compileScript, runScript } = internalBinding('contextify');
  const isProxy = internalBinding('util').getProxyDetails(contextObject) !== undefined;
  if (isProxy || 'gc' in contextObject) return;
  const script = compileScript('(run) => { gc = function gc() { return run(...arguments); }; }', 'node:internal/gc',
                               0, 0, undefined, undefined, false);
  runScript(script, contextObject, -1, true, false)(gc);
  delete contextObject.gc;
}

// The same, where there is no object before the context's global.
function defineGlobal(global) {
  Object.defineProperty(global, 'gc', { value: gc, writable: true, enumerable: true, configurable: false });
}

module.exports = { gc, defineGlobal, defineInContext };
