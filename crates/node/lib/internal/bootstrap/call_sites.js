'use strict';
// What `Error.prepareStackTrace` is given has V8's methods: the engine has the most important ones,
// these are the others. Where the engine does not know an answer, they say what V8 says then.

const { saidByCallSite } = internalBinding('util');

// What a site says beside its place: see the engine's `call_sites.c`.
const kText = 0;
const kOrigin = 1;
const kType = 2;
const kMethod = 3;
const kTopLevel = 4;

const methods = {
  getThis() {
    return undefined;
  },
  getTypeName() {
    return saidByCallSite(this, kType) ?? null;
  },
  getMethodName() {
    return saidByCallSite(this, kMethod) ?? null;
  },
  getEvalOrigin() {
    return saidByCallSite(this, kOrigin) ?? undefined;
  },
  getScriptNameOrSourceURL() {
    const origin = saidByCallSite(this, kOrigin);
    if (origin === undefined) return this.getFileName() ?? null;
    return `${origin}`.startsWith('eval at ') ? undefined : origin;
  },
  getScriptHash() {
    return '';
  },
  getEnclosingLineNumber() {
    return this.getLineNumber();
  },
  getEnclosingColumnNumber() {
    return this.getColumnNumber();
  },
  getPosition() {
    return 0;
  },
  getPromiseIndex() {
    return null;
  },
  isAsync() {
    return false;
  },
  isConstructor() {
    return false;
  },
  isEval() {
    return saidByCallSite(this, kOrigin) !== undefined;
  },
  isPromiseAll() {
    return false;
  },
  isToplevel() {
    return saidByCallSite(this, kTopLevel) ?? true;
  },
  toString() {
    return saidByCallSite(this, kText) ?? `${this.getFileName()}`;
  },
};

function extendCallSites() {
  const saved = Error.prepareStackTrace;
  let prototype;
  Error.prepareStackTrace = (error, sites) => {
    if (sites.length > 0) prototype = Object.getPrototypeOf(sites[0]);
    return '';
  };
  void new Error().stack;
  Error.prepareStackTrace = saved;
  if (prototype === undefined || prototype === Object.prototype) return;
  for (const name of Object.keys(methods)) {
    if (Object.hasOwn(prototype, name)) continue;
    Object.defineProperty(prototype, name, {
      value: methods[name], writable: true, enumerable: false, configurable: true,
    });
  }
}

// In the main realm `Error.prepareStackTrace` is a function to begin with, as in Node. While it is that one,
// the engine writes stacks by itself.
function definePrepareStackTrace() {
  const { get, set } = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  function ErrorPrepareStackTrace(error, trace) {
    const head = Error.prototype.toString.call(error);
    return trace.length === 0 ? head : `${head}\n    at ${trace.join('\n    at ')}`;
  }
  let isDefault = true;
  Object.defineProperty(Error, 'prepareStackTrace', {
    __proto__: null,
    get() {
      return isDefault ? ErrorPrepareStackTrace : Reflect.apply(get, Error, []);
    },
    set(value) {
      isDefault = value === ErrorPrepareStackTrace;
      Reflect.apply(set, Error, [isDefault ? undefined : value]);
    },
    enumerable: false,
    configurable: true,
  });
}

module.exports = { definePrepareStackTrace, extendCallSites };
