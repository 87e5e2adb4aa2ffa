'use strict';
// Frames of the host as Node 24 has them. People, tools and tests know the last lines of a stack by
// heart; ours come from files of other names. Only what is written of an error changes: its `stack`
// has the frames as they are.

const FRAME = /^( *at )(async )?(?:(.*) \()?([^()]+?):(\d+):(\d+)\)?$/;

const LOADER = 'node:internal/modules/cjs/loader';

// Our frame, by file and function, and what Node writes for it.
const FRAMES = {
  '__proto__': null,
  'node:internal/cjs/script compileBody': [`wrapSafe (${LOADER}:1861:18)`],
  'node:internal/cjs/module compile': [],
  'node:internal/cjs/module _compile': [`Module._compile (${LOADER}:1929:14)`],
  'node:internal/cjs/module ': [`Object..js (${LOADER}:2060:10)`],
  'node:internal/cjs/module load': [`Module.load (${LOADER}:1651:32)`],
  'node:internal/cjs/module _load': [`Module._load (${LOADER}:1443:12)`],
  'node:internal/cjs/module notFound': [],
  'node:internal/cjs/module _resolveFilename': [
    `Module._resolveFilename (${LOADER}:1564:15)`,
    `wrapResolveFilename (${LOADER}:1118:27)`,
    `defaultResolveImplForCJSLoading (${LOADER}:1142:10)`,
    `resolveForCJSWithHooks (${LOADER}:1169:12)`,
  ],
  'node:internal/run_main runFile': [`wrapModuleLoad (${LOADER}:261:19)`],
  'node:internal/cjs/module runMain': ['Module.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:154:5)'],
  'node:internal/run_main run': ['node:internal/main/run_main_module:33:47'],
  'node:internal/bootstrap/loader ': [],
  'node:internal/esm/resolve finalize': ['finalizeResolution (node:internal/modules/esm/resolve:272:11)'],
  'node:internal/esm/resolve resolveAnew': ['moduleResolve (node:internal/modules/esm/resolve:879:10)'],
  'node:internal/esm/resolve resolve': [
    'defaultResolve (node:internal/modules/esm/resolve:1006:11)',
    '#cachedDefaultResolve (node:internal/modules/esm/loader:705:20)',
    '#resolveAndMaybeBlockOnLoaderThread (node:internal/modules/esm/loader:725:38)',
    'ModuleLoader.resolveSync (node:internal/modules/esm/loader:763:56)',
    '#resolve (node:internal/modules/esm/loader:687:17)',
    'ModuleLoader.getOrCreateModuleJob (node:internal/modules/esm/loader:607:35)',
    'ModuleJob.syncLink (node:internal/modules/esm/module_job:276:33)',
    'ModuleJob.link (node:internal/modules/esm/module_job:381:17)',
  ],
  'node:internal/esm/hooks resolveImport': [],
  'node:internal/esm/hooks importInMain': [],
  'node:internal/vm/dynamic_import importModuleDynamically': [],
  'node:internal/esm/hooks checkSyntax': [],
  'node:internal/timers fire': ['listOnTimeout (node:internal/timers:685:17)'],
  'node:internal/timers processTimers': ['process.processTimers (node:internal/timers:618:7)'],
  'node:internal/timers processImmediates': ['process.processImmediate (node:internal/timers:574:21)'],
  'node:internal/process/task_queues processTicks': ['process.processTicksAndRejections (node:internal/process/task_queues:85:11)'],
  'node:internal/process/task_queues ': [],
  'node:internal/process/task_queues runMicrotask': [],
  'node:internal/process/task_queues runTick': [],
  'node:internal/async_hooks runInScope': [],
  'node:events unhandledError': ['getUnhandledErrorException (node:events:477:15)'],
  'node:internal/process/exceptions dispatch': [],
  'node:internal/process/exceptions reportUncaught': ['process._fatalException (node:internal/process/execution:159:25)'],
  'node:events emit': ['EventEmitter.emit (node:events:514:28)'],
  'node:internal/vm/compile_function compileFunction': [
    'internalCompileFunction (node:internal/vm:137:18)', 'Object.compileFunction (node:vm:365:10)',
  ],
  'node:vm createScript': ['createScript (node:vm:269:10)'],
  'node:vm new ContextifyScript': [],
  'node:vm new Script': ['new Script (node:vm:117:7)'],
  'node:internal/process/exceptions asError': [
    'throwUnhandledRejectionsMode (node:internal/process/promises:392:7)',
    'processPromiseRejections (node:internal/process/promises:475:17)',
    'process.processTicksAndRejections (node:internal/process/task_queues:106:37)',
  ],
};

// Functions of `vm` and methods of its scripts have the same names; the function calls the method, or
// the constructor.
const RUNS = {
  '__proto__': null,
  'node:vm runInThisContext': ['Script.runInThisContext (node:vm:137:12)', 'Object.runInThisContext (node:vm:317:38)'],
  'node:vm runInContext': ['Script.runInContext (node:vm:149:12)', 'Object.runInContext (node:vm:301:6)'],
  'node:vm runInNewContext': ['Script.runInNewContext (node:vm:154:17)', 'Object.runInNewContext (node:vm:310:38)'],
};

function parse(line) {
  const found = FRAME.exec(line);
  if (found === null) return undefined;
  const [, indent, , name = '', file] = found;
  return { indent, name, file, key: `${file} ${name}` };
}

// What the host calls a function of the program on is named otherwise in Node.
function withReceiver(line, frame, caller) {
  if (frame.file.startsWith('node:')) return line;
  const at = line.slice(frame.indent.length);
  const place = frame.name === '' ? at : at.slice(frame.name.length + 2, -1);
  const bare = frame.name.replace(/^(?:Timeout|Immediate)\.|^<anonymous>$/, '').replace(/ \[as .*\]$|^<anonymous>$/, '');
  const named = (text) => `${frame.indent}${text} (${place})`;
  switch (caller?.key) {
    case 'node:internal/cjs/module _compile': return frame.name === '' ? named('Object.<anonymous>') : line;
    case 'node:internal/timers fire':
      return named(bare === '' || bare === '_onTimeout' ? 'Timeout._onTimeout' : `Timeout.${bare} [as _onTimeout]`);
    case 'node:internal/timers processImmediates': return named(`Immediate.${bare === '' || bare === '_onImmediate' ? '<anonymous>' : bare}`);
    default: return line;
  }
}

// What reads a module that does not parse: the main one, or one that another imports.
const SYNTAX = [
  'compileSourceTextModule (node:internal/modules/esm/utils:319:16)',
  'ModuleLoader.moduleStrategy (node:internal/modules/esm/translators:89:18)',
  '#translate (node:internal/modules/esm/loader:438:20)',
  'afterLoad (node:internal/modules/esm/loader:506:29)',
  'ModuleLoader.loadAndTranslate (node:internal/modules/esm/loader:511:12)',
  '#getOrCreateModuleJobAfterResolve (node:internal/modules/esm/loader:564:36)',
  'afterResolve (node:internal/modules/esm/loader:611:52)',
  'ModuleLoader.getOrCreateModuleJob (node:internal/modules/esm/loader:617:12)',
];
const SYNTAX_OF_MAIN = ['node:internal/modules/esm/loader:636:32', 'TracingChannel.tracePromise (node:diagnostics_channel:362:14)'];
const SYNTAX_OF_IMPORT = [
  'ModuleJob.syncLink (node:internal/modules/esm/module_job:276:33)', 'ModuleJob.link (node:internal/modules/esm/module_job:381:17)',
];

// What called a module of the program that was evaluated in one go.
const EVALUATION = [
  'ModuleJob.run (node:internal/modules/esm/module_job:561:25)',
  'async node:internal/modules/esm/loader:647:26',
  'async asyncRunEntryPointWithESMLoader (node:internal/modules/run_main:101:5)',
];

// Modules that do not fit together have no frames of their own.
function addLinkFrames(error, isMain = true) {
  const frames = [
    '#asyncInstantiate (node:internal/modules/esm/module_job:455:21)',
    'async ModuleJob.run (node:internal/modules/esm/module_job:553:5)',
    ...EVALUATION.slice(1, isMain ? undefined : -1),
  ];
  const stack = error.stack + frames.map((frame) => `\n    at ${frame}`).join('');
  Object.defineProperty(error, 'stack', { value: stack, writable: true, enumerable: false, configurable: true });
}

// Whether the last frame is that of a module, which has run without waiting.
function isEvaluated(lines, last, error) {
  return last?.name === '' && last.file.startsWith('file:') && error !== undefined &&
    !lines.some((line) => line.includes('at async ')) && require('internal/esm/main').isOfEvaluation(error);
}

// `lines` are the frames of a stack, one a line.
function asNodeWrites(lines, error) {
  const frames = lines.map(parse);
  const result = [];
  for (let i = 0; i < lines.length; i++) {
    const frame = frames[i];
    const line = lines[i];
    if (frame === undefined) {
      result.push(line);
      continue;
    }
    const put = (texts) => {
      for (const text of texts) result.push(`${frame.indent}${text}`);
    };
    const before = frames[i - 1]?.key;
    if (frame.key === 'node:internal/cjs/module require') {
      // Ours is called by another of the same name, which is what the program calls.
      if (before !== frame.key) put([`wrapModuleLoad (${LOADER}:261:19)`, `Module.require (${LOADER}:1674:12)`]);
      else put(['require (node:internal/modules/helpers:157:16)']);
    } else if (frame.key === 'node:internal/cjs/module _load' && before === 'node:internal/cjs/module _resolveFilename') {
      put([`Module._load (${LOADER}:1341:5)`]);
    } else if (frame.key === 'node:internal/cjs/module _compile' && before === 'node:internal/cjs/module compile') {
      put([`Module._compile (${LOADER}:1903:20)`]);
    } else if (frame.key === 'node:internal/esm/load checkSyntax') {
      const place = error === undefined ? undefined : require('internal/esm/load').syntaxPlaceOf(error);
      put([...SYNTAX, ...(place && require('internal/esm/main').isMainUrl(place.url) ? SYNTAX_OF_MAIN : SYNTAX_OF_IMPORT)]);
    } else if (frame.key === 'node:events emit' && before === 'node:events unhandledError') {
      put(['EventEmitter.emit (node:events:502:16)']);
    } else if (frame.key === 'node:events emit' && frames[i + 1]?.key === 'node:internal/process/exceptions dispatch') {
      put(['process.emit (node:events:514:28)']);
    } else if (RUNS[frame.key] !== undefined) {
      const [method, run] = RUNS[frame.key];
      if (before === 'node:vm createScript') put([run.replace(/38\)$/, '10)')]);
      else if (before === frame.key) put([run]);
      // The function for new contexts is one frame in ours.
      else if (frame.key === 'node:vm runInNewContext') put([method, run]);
      else put([method]);
    } else if (FRAMES[frame.key] !== undefined) {
      put(FRAMES[frame.key]);
      // What follows these is the host's own way to them.
      if (frame.key === 'node:internal/process/exceptions asError') break;
    } else {
      result.push(withReceiver(line, frame, frames[i + 1]));
    }
  }
  const { stackTraceLimit } = Error;
  const { length } = lines;
  const last = frames.at(-1);
  if (isEvaluated(lines, last, error) && length < stackTraceLimit) {
    for (const frame of EVALUATION) result.push(`${last.indent}${frame}`);
  } else if (last?.key === 'node:internal/run_main runFile' && length === stackTraceLimit) {
    // Frames of ours that Node has none for took the places of these.
    for (const key of ['node:internal/cjs/module runMain', 'node:internal/run_main run']) result.push(last.indent + FRAMES[key][0]);
  }
  // Where one of ours became several, as many stay as there would be.
  return typeof stackTraceLimit === 'number' && lines.length <= stackTraceLimit ? result.slice(0, stackTraceLimit) : result;
}

// The same of a module that an import does not find.
const NOT_FOUND = 'node:internal/modules/esm/resolve:272\n    throw new ERR_MODULE_NOT_FOUND(\n          ^\n';

// The source lines that Node shows for what its own code throws.
const ARROWS = {
  '__proto__': null,
  'node:internal/cjs/module': 'node:internal/modules/cjs/loader:1568\n  throw err;\n  ^\n',
  'node:internal/process/exceptions': 'node:internal/process/promises:392\n      new UnhandledPromiseRejection(reason);\n      ^\n',
  'node:events': 'node:events:505\n    throw er; // Unhandled \'error\' event\n    ^\n',
  // Of files that throw in several places: with the line.
  'node:assert throw new AssertionError(options);': 'node:assert:152\n  throw new AssertionError(obj);\n  ^\n',
  'node:assert throw error;': 'node:internal/assert/utils:77\n    throw err;\n    ^\n',
  'node:assert if (isError(message)) throw message;':
    'node:assert:186\n  if (message instanceof Error) throw message;\n                                ^\n',
  'node:internal/abort_controller if (this.#aborted) throw this.#reason;':
    'node:internal/abort_controller:274\n      throw this[kReason];\n      ^\n',
};

module.exports = { ARROWS, NOT_FOUND, addLinkFrames, asNodeWrites };
