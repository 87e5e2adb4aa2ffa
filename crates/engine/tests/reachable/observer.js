// Set-up of the tests of what scripts can reach: notes every function of the pristine global, and then
// looks at whatever programs are given. A function that is neither of these nor the program's own text
// is a find. What the engine runs on scripts' behalf (reactions, closures, helpers) must never be one.
(() => {
  const { apply, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const textOf = Function.prototype.toString;
  const includes = String.prototype.includes;
  const known = new Set();
  const has = Set.prototype.has.bind(known);
  const seen = new WeakSet();
  const saw = WeakSet.prototype.has.bind(seen);
  const see = WeakSet.prototype.add.bind(seen);
  const push = (list, item) => { list[list.length] = item; };
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const finds = [];
  let collecting = true;

  function found(f, path) {
    let name = '?';
    const named = getOwnPropertyDescriptor(f, 'name');
    if (named && typeof named.value === 'string') name = named.value;
    push(finds, `${path}: ${name || 'a function without a name'}/${getOwnPropertyDescriptor(f, 'length')?.value}`);
  }

  // Breadth first: accessors are looked at, not called.
  function walk(start, path) {
    const queue = [[start, path]];
    for (let at = 0; at < queue.length; at++) {
      const [value, where] = queue[at];
      if (!isObject(value) || saw(value)) continue;
      see(value);
      if (typeof value === 'function') {
        if (collecting) known.add(value);
        else if (!has(value) && apply(includes, apply(textOf, value, []), ['[native code]'])) found(value, where);
      }
      let keys;
      try { keys = ownKeys(value); } catch { continue; }
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        let property;
        try { property = getOwnPropertyDescriptor(value, key); } catch { continue; }
        if (!property) continue;
        const name = where.length < 120 ? `${where}.${typeof key === 'symbol' ? '@' : key}` : where;
        push(queue, [property.value, name]);
        push(queue, [property.get, name]);
        push(queue, [property.set, name]);
      }
      try { push(queue, [getPrototypeOf(value), `${where}.__proto__`]); } catch {}
    }
  }

  // Prototypes that only syntax or calls lead to.
  walk(globalThis, 'globalThis');
  for (const value of [
    function () {}, async function () {}, function* () {}, async function* () {}, () => {}, class {},
    (function* () {})(), (async function* () {})(), [].values(), new Map().entries(), new Set().entries(),
    ''[Symbol.iterator](), 'a'.matchAll(/a/g), [].values().map((x) => x), Iterator.from({ next() {} }),
    (function () { 'use strict'; return arguments; })(), (function () { return arguments; })(),
    Iterator.concat?.([]), Iterator.zip?.([]), Iterator.zipKeyed?.({}), new Error(), Symbol(), 1n, true, 1,
    Object.getOwnPropertyDescriptor(function () { 'use strict'; }.__proto__, 'caller'),
  ]) walk(typeof value === 'object' || typeof value === 'function' ? value : Object(value), 'syntax');
  // Call sites' methods.
  Error.prepareStackTrace = (error, sites) => { walk(sites, 'sites'); return ''; };
  new Error().stack;
  delete Error.prepareStackTrace;
  collecting = false;

  globalThis.walk = walk;
  // Functions that the standard makes anew and gives to scripts.
  globalThis.standard = (f) => { if (typeof f === 'function') known.add(f); return f; };
  globalThis.finds = () => finds;

  let nested = false;
  const lookAtStack = (path) => {
    const was = Error.prepareStackTrace;
    Error.prepareStackTrace = (error, sites) => {
      walk(sites, `${path} stack`);
      for (let i = 0; i < sites.length; i++) {
        const proto = getPrototypeOf(sites[i]);
        const keys = ownKeys(proto);
        for (let j = 0; j < keys.length; j++) {
          const method = getOwnPropertyDescriptor(proto, keys[j]).value;
          if (typeof method !== 'function' || keys[j] === 'constructor') continue;
          let answer;
          try { answer = apply(method, sites[i], []); } catch {}
          if (isObject(answer)) push(finds, `${path} stack: ${keys[j]} of ${i} answers an object`);
          walk(answer, `${path} stack: ${keys[j]} of ${i}`);
        }
      }
      return '';
    };
    try { new Error().stack; null.x; } catch {} finally { Error.prepareStackTrace = was; }
  };

  // A sloppy function that looks at all that it can see of its caller, and then does as `body` does.
  globalThis.spy = (path, body) => {
    const f = function () {
      if (!nested) {
        nested = true;
        try {
          walk(this, `${path} this`);
          for (let i = 0; i < arguments.length; i++) walk(arguments[i], `${path} argument ${i}`);
          walk(new.target, `${path} new.target`);
          try { walk(arguments.callee, `${path} callee`); } catch {}
          for (const of of ['caller', 'arguments', 'callee']) {
            try { walk(f[of], `${path} f.${of}`); } catch {}
            try { walk(arguments[of], `${path} arguments.${of}`); } catch {}
          }
          lookAtStack(path);
        } finally { nested = false; }
      }
      return body && apply(body, this, arguments);
    };
    return f;
  };
  // An object whose every use is seen; `target` does the work.
  globalThis.spied = (path, target = {}) => {
    const handler = {};
    for (const trap of ownKeys(Reflect)) {
      if (typeof trap !== 'string') continue;
      const work = Reflect[trap];
      handler[trap] = spy(`${path} ${trap}`, (...args) => work(...args));
    }
    const proxy = new Proxy(target, handler);
    see(proxy);
    return proxy;
  };
})();
