'use strict';
// Joins the script of values (crates/inspect) with the program: what it needs of the engine, the contexts
// that there are, and the console. Loaded when somebody may debug, and only then.

const binding = internalBinding('inspector');
const util = internalBinding('util');
const { compileScript, makeContext, runScript } = internalBinding('contextify');
const { keepStacks } = require('internal/async_context');
const { setOnContext } = require('internal/vm/contexts');

const { now } = Date;

function heapUsage() {
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  return { usedSize: heapUsed, totalSize: heapTotal, embedderHeapUsedSize: external, backingStorageSize: arrayBuffers };
}

// The same text for the same number and process.
function uniqueNumber(number) {
  return (BigInt(process.pid) * 6364136223846793005n + BigInt(number) * 1442695040888963407n) % (1n << 63n);
}

function script(number, file) {
  const found = binding.scriptOf(number, file);
  return { __proto__: null, id: found[0], url: found[1] };
}

const native = {
  __proto__: binding.debug(),
  main: {
    __proto__: null, globalThis, Error, EvalError, ReferenceError, TypeError, Uint8Array, eval, ObjectPrototype: Object.prototype,
  },
  classOf: util.classOf,
  getProxyDetails: util.getProxyDetails,
  getPromiseDetails: util.getPromiseDetails,
  previewEntries: util.previewEntries,
  queryObjects: util.queryObjects,
  isolate: uniqueNumber(1).toString(16).padStart(16, '0'),
  now: () => now(),
  heapUsage,
  uniqueNumber,
  lastScript: binding.lastScript,
  send: binding.send,
  scriptOf: script,
  compile: (source, name) => compileScript(source, name, 0, 0, undefined, undefined, false),
  run: (handle, context, timeout) => runScript(handle, context, timeout, false, false),
  commandLine() {
    const { makeRequire, Module } = require('internal/cjs/module');
    const module = new Module('<inspector console>');
    module.paths = Module._nodeModulePaths(process.cwd());
    return { require: process.mainModule === undefined ? makeRequire(module) : makeRequire(process.mainModule) };
  },
};

// The script has a realm of its own: what it is made of is nothing that the program can change.
const realm = makeContext(undefined, 'inspector', '', true, false, false, undefined, 0, false);
const makeValues = runScript(
  compileScript(binding.values(), 'node:internal/inspector/values', 0, 0, undefined, undefined, false), realm, -1, false, false);
const values = makeValues(native);
binding.setValues(values.call);
values.addContext(null, `${process.execPath}[${process.pid}]`, '');
setOnContext(values.addContext);
keepStacks(native.keepFrame);

const { setOnUncaught } = require('internal/process/exceptions');
setOnUncaught(values.exceptionThrown);

// What the protocol calls the console's methods.
const kTypes = {
  __proto__: null,
  log: 'log', debug: 'debug', info: 'info', error: 'error', warn: 'warning', dir: 'dir', dirxml: 'dirxml', table: 'table',
  trace: 'trace', clear: 'clear', group: 'startGroup', groupCollapsed: 'startGroupCollapsed', groupEnd: 'endGroup',
};

const kOwnFrames = 2;

function tell(type, args) {
  values.consoleCalled(type, args, kOwnFrames);
}

function wrap(console, name, before) {
  const original = console[name];
  const wrapped = { [name](...args) {
    before(args);
    return Reflect.apply(original, this, args);
  } }[name];
  Object.defineProperty(console, name, { __proto__: null, value: wrapped, writable: true, enumerable: true, configurable: true });
}

function joinConsole(console) {
  for (const name of Object.keys(kTypes)) wrap(console, name, (args) => tell(kTypes[name], args));
  wrap(console, 'assert', (args) => {
    if (!args[0]) tell('assert', args.length > 1 ? args.slice(1) : ['console.assert']);
  });
  const counts = new Map();
  wrap(console, 'count', ([label = 'default']) => {
    const count = (counts.get(`${label}`) ?? 0) + 1;
    counts.set(`${label}`, count);
    tell('count', [`${label}: ${count}`]);
  });
  wrap(console, 'countReset', ([label = 'default']) => counts.delete(`${label}`));
  const timers = new Map();
  wrap(console, 'time', ([label = 'default']) => timers.set(`${label}`, performance.now()));
  for (const [name, type] of [['timeEnd', 'timeEnd'], ['timeLog', 'log']]) {
    wrap(console, name, ([label = 'default', ...data]) => {
      const start = timers.get(`${label}`);
      if (start === undefined) return;
      tell(type, [`${label}: ${performance.now() - start} ms`, ...data]);
      if (name === 'timeEnd') timers.delete(`${label}`);
    });
  }
}

joinConsole(globalThis.console);

// What `inspector.console` does.
const silent = {};
for (const name of [...Object.keys(kTypes), 'assert', 'count', 'countReset', 'time', 'timeEnd', 'timeLog']) silent[name] = () => {};
joinConsole(silent);

module.exports = { silent };
