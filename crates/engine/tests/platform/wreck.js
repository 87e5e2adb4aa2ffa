{
  const constructors = [Object, Function, Array, String, Number, Boolean, Symbol, BigInt, Promise, Error, TypeError,
    RangeError, Date, RegExp, Map, Set, WeakMap, WeakSet, WeakRef, ArrayBuffer, DataView, Uint8Array,
    Object.getPrototypeOf(Uint8Array), Iterator, Proxy];
  const prototypes = [Object.getPrototypeOf([].values()), Object.getPrototypeOf(new Map().values()),
    Object.getPrototypeOf(function* () {}).prototype, Reflect, Math, JSON];
  const trap = () => { throw 'wrecked'; };
  const { ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect;
  const objects = [...constructors, ...constructors.map((c) => c.prototype), ...prototypes].filter(Boolean);
  const names = ['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Promise',
    'Error', 'TypeError', 'RangeError', 'Date', 'RegExp', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef',
    'ArrayBuffer', 'DataView', 'Uint8Array', 'Iterator', 'Proxy', 'Reflect', 'Math', 'JSON', 'DOMException',
    'parseInt', 'isNaN', 'queueMicrotask', 'eval', 'console', 'atob', 'btoa'];
  const all = [];
  for (let i = 0; i < objects.length; i++) {
    const keys = ownKeys(objects[i]);
    for (let k = 0; k < keys.length; k++) all[all.length] = [objects[i], keys[k]];
  }
  for (let i = 0; i < all.length; i++) {
    const object = all[i][0], key = all[i][1];
    const d = getOwnPropertyDescriptor(object, key);
    if (!d.configurable) continue;
    // The built-ins that ask an object what to make find it here.
    if (key === 'constructor') defineProperty(object, key, { __proto__: null, get: trap, configurable: true });
    else if (typeof d.value === 'function') { d.value = trap; defineProperty(object, key, d); }
    else if (d.get) { d.get = trap; defineProperty(object, key, d); }
  }
  for (let i = 0; i < names.length; i++) delete globalThis[names[i]];
  const prototype = objects[constructors.length];
  const traps = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'done', 'next', 'return', 'length',
    '0', '1', '2', 'then', 'constructor', 'parse', 'decode'];
  for (let i = 0; i < traps.length; i++) {
    defineProperty(prototype, traps[i], { __proto__: null, get: trap, set: trap, configurable: true });
    defineProperty(objects[constructors.length + 2], traps[i] === 'length' ? 'size' : traps[i],
      { __proto__: null, get: trap, set: trap, configurable: true });
  }
}
