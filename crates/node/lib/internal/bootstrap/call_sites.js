'use strict';
// What `Error.prepareStackTrace` is given has V8's methods: the engine has the most important ones,
// these are the others. Where the engine does not know an answer, they say what V8 says then.

function location(site) {
  const file = site.getFileName();
  const line = site.getLineNumber();
  if (site.isNative() || !file) return site.isNative() ? 'native' : '<anonymous>';
  const column = site.getColumnNumber();
  return line ? `${file}:${line}${column ? `:${column}` : ''}` : file;
}

const methods = {
  getThis() {
    return undefined;
  },
  getTypeName() {
    return null;
  },
  getMethodName() {
    return null;
  },
  getEvalOrigin() {
    return undefined;
  },
  getScriptNameOrSourceURL() {
    return this.getFileName() ?? null;
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
    return this.getFileName() === '<input>';
  },
  isPromiseAll() {
    return false;
  },
  isToplevel() {
    return this.getFunctionName() === null;
  },
  toString() {
    const name = this.getFunctionName();
    const where = location(this);
    if (!name) return where;
    return `${this.isConstructor() ? 'new ' : ''}${name} (${where})`;
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

module.exports = { extendCallSites };
