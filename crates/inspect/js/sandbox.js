// Joins the script of values with a sandbox, whose engine offers `binding` and no modules. Runs in the
// context that is debugged, before anything of the script's does: what is used later is taken here.
(function (binding, makeValues) {
  'use strict';
  const { apply, ownKeys } = Reflect;
  const { defineProperty } = Object;
  const { scriptOf, heapUsage } = binding;

  // The same text for the same number.
  const uniqueNumber = (number) => (BigInt(number) * 1442695040888963407n + 6364136223846793005n) % (1n << 63n);

  const values = makeValues({
    __proto__: binding,
    main: {
      __proto__: null, globalThis, Error, EvalError, ReferenceError, TypeError, Uint8Array, eval, ObjectPrototype: Object.prototype,
    },
    isolate: '0000000000000001',
    uniqueNumber,
    heapUsage() {
      const [usedSize, totalSize] = heapUsage();
      return { __proto__: null, usedSize, totalSize, embedderHeapUsedSize: 0, backingStorageSize: 0 };
    },
    scriptOf(number, file) {
      const found = scriptOf(number, file);
      return { __proto__: null, id: found[0], url: found[1] };
    },
  });
  values.addContext(null, 'sandtide serve', '');

  // What the protocol calls the console's functions.
  const types = {
    __proto__: null,
    debug: 'debug', log: 'log', info: 'info', warn: 'warning', error: 'error', trace: 'trace', dir: 'dir', assert: 'assert',
  };
  const ownFrames = 1;
  const { consoleCalled } = values;
  for (const name of ownKeys(types)) {
    const original = console[name];
    const wrapped = { [name](...args) {
      if (name !== 'assert') consoleCalled(types[name], args, ownFrames);
      else if (!args[0]) consoleCalled('assert', args.length > 1 ? args.slice(1) : ['console.assert'], ownFrames);
      return apply(original, this, args);
    } }[name];
    defineProperty(console, name, { __proto__: null, value: wrapped, writable: true, enumerable: true, configurable: true });
  }
  return values;
})
