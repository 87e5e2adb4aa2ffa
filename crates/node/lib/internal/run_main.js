'use strict';
// Starts the program that the command line names.

const { settings } = internalBinding('options');
const { resolve, dirname, extname } = require('internal/cjs/path');
const { packageType } = require('internal/cjs/package');
const { leaveMain } = require('internal/async_hooks');

function run() {
  const { script } = internalBinding('process');
  const snapshotSignal = settings['--heapsnapshot-signal'];
  if (snapshotSignal !== undefined) {
    require('internal/validators').validateSignalName(snapshotSignal, '--heapsnapshot-signal');
    process.on(snapshotSignal, () => {
      try {
        require('v8').writeHeapSnapshot();
      } catch (error) {
        // Whoever sent the signal did not mean to end the program.
        internalBinding('process').writeStdio(2, `${process.argv0}: no heap snapshot: ${error.message}\n`);
      }
    });
  }
  const leakWatch = settings['--leak-watch'];
  if (leakWatch !== undefined && leakWatch !== false) {
    require('internal/leak_watch').start(leakWatch === true ? undefined : Number(leakWatch));
  }
  require('internal/esm/hooks').setupEsm();
  const { Module } = require('internal/cjs/module');
  loadEnvFiles('--env-file', true);
  loadEnvFiles('--env-file-if-exists', false);
  Module._initPaths();
  const { channelFd } = internalBinding('child_process');
  if (channelFd !== undefined) require('internal/child_process/channel').setupParentChannel(channelFd);
  startInspector();
  if (settings['--test'] === true) {
    const patterns = script === undefined ? [] : [script, ...process.argv.slice(1)];
    require('internal/test/files').run(patterns);
  } else if (settings['--eval'] !== undefined) {
    preload(Module);
    runText(settings['--eval'], '[eval]');
  } else if (script === undefined || script === '-') {
    if (script === '-') process.argv.splice(1, 0, '-');
    preload(Module);
    const text = internalBinding('process').readAllStdin();
    if (settings['--check'] === true) checkSyntax(text, '[stdin]');
    else runText(text, '[stdin]');
  } else {
    let main = script;
    if (!/^[a-z]+:\/\//.test(script)) main = resolve(process.cwd(), script);
    process.argv.splice(1, 0, main);
    if (settings['--check'] === true) {
      checkFile(main, Module);
      return;
    }
    preload(Module);
    Module.runMain();
  }
  leaveMain();
}

// Waits for a debugger, and stops at the first statement, if the command line says so.
function startInspector() {
  const inspector = internalBinding('inspector');
  require('internal/process/signal').watchForDebugger();
  if (!inspector.isActive()) return;
  require('internal/inspector/setup');
  inspector.start();
}

function loadEnvFiles(option, mustExist) {
  for (const path of settings[option] ?? []) {
    try {
      process.loadEnvFile(path);
    } catch (error) {
      if (!mustExist && error.code === 'ENOENT') continue;
      internalBinding('process').writeStdio(2, `${process.argv0}: ${path}: not found\n`);
      process.reallyExit(9);
    }
  }
}

function preload(Module) {
  if (settings['--require'] !== undefined) Module._preloadModules(settings['--require']);
}

// Whether a file's name or its package says that it is an ES module.
function isModule(path) {
  const extension = extname(path);
  if (extension === '.mjs') return true;
  if (extension === '.js') return packageType(path) === 'module';
  const { isTypeScript, formatOf } = require('internal/typescript');
  return isTypeScript(path) && (formatOf(path) ?? packageType(path)) === 'module';
}

function runFile(main) {
  const { Module, EsmMain } = require('internal/cjs/module');
  const { fileUrl } = require('internal/esm/urls');
  const found = Module._findPath(resolve(process.cwd(), main), null, true);
  const isEsm = found && isModule(found);
  if (isEsm || (found && settings['--import'] !== undefined)) {
    require('internal/esm/main').runModule(fileUrl(found));
    return;
  }
  try {
    Module._load(main, null, true);
  } catch (error) {
    if (!(error instanceof EsmMain)) throw require('internal/process/exceptions').passOn(error);
    require('internal/esm/main').runModule(fileUrl(error.filename));
  }
}

// Text that is in no file: as a script with the names that CommonJS modules have, or as a module.
function runText(text, name) {
  const { Module, makeRequire } = require('internal/cjs/module');
  const { setSource } = require('internal/process/fatal_message');
  const folder = process.cwd();
  const url = require('internal/esm/urls').fileUrl(`${folder}/[eval1]`);
  if (settings['--input-type'] === 'module') {
    require('internal/esm/main').runSource(text, url);
    return;
  }
  const module = new Module(name);
  module.filename = resolve(folder, name);
  module.paths = Module._nodeModulePaths(folder);
  globalThis.module = module;
  globalThis.exports = module.exports;
  globalThis.__filename = name;
  globalThis.__dirname = dirname(name);
  globalThis.require = makeRequire(module);
  for (const key of ['module', 'exports', '__filename', '__dirname', 'require']) {
    Object.defineProperty(globalThis, key, { enumerable: false });
  }
  if (name === '[eval]') defineBuiltinGlobals();
  setSource(name, text);
  let result;
  try {
    result = require('internal/cjs/script').runScript(text, name);
  } catch (error) {
    const isSyntax = error instanceof SyntaxError && settings['--input-type'] !== 'commonjs';
    if (isSyntax && require('internal/esm/detect').declares(text)) {
      require('internal/esm/main').runSource(text, url);
      return;
    }
    throw require('internal/process/exceptions').passOn(error);
  }
  if (settings['--print'] === true) console.log(result);
}

// In evaluated text the built-in modules have globals of their names.
function defineBuiltinGlobals() {
  const { builtinModules, requirePublic } = require('internal/cjs/builtins');
  for (const name of builtinModules) {
    if (name.includes('/') || Object.hasOwn(globalThis, name)) continue;
    const define = (value) => Object.defineProperty(globalThis, name, {
      value, writable: true, configurable: true, enumerable: false,
    });
    Object.defineProperty(globalThis, name, {
      get() {
        const value = requirePublic(name);
        define(value);
        return value;
      },
      set: define,
      configurable: true,
      enumerable: false,
    });
  }
}

function checkFile(main, Module) {
  const found = Module._findPath(main, null, true);
  if (!found) Module._resolveFilename(main, null, true);
  const { readSource } = require('internal/cjs/module');
  let source = readSource(found);
  const { isTypeScript, strip } = require('internal/typescript');
  if (isTypeScript(found)) source = strip(source, found, require('internal/esm/urls').fileUrl(found));
  if (isModule(found)) {
    require('internal/esm/load').checkSyntax(require('internal/esm/urls').fileUrl(found), source);
    return;
  }
  checkSyntax(source, found);
}

function checkSyntax(source, name) {
  require('internal/process/fatal_message').setSource(name, source);
  const { compileBody, withoutHashbang } = require('internal/cjs/script');
  compileBody(withoutHashbang(source), name);
}

module.exports = { run, runFile };
