// Frames of a stop, the console, and the table of all methods.

// ---- Frames of a stop ----

let frames = [];

function frameScopes(frame, number) {
  const groups = new Map();
  for (const variable of frame.variables) {
    // The scope of a function's body is the function's own.
    const level = variable[3] === 1 ? 0 : variable[3];
    if (!groups.has(level)) groups.set(level, []);
    groups.get(level).push(variable);
  }
  const get = (variable) => native.getVariable(number, variable[1], variable[2]);
  const set = (variable, value) => native.setVariable(number, variable[1], variable[2], value);
  const scopes = [];
  for (const [level, variables] of groups) {
    const type = level > 0 ? 'block' : level === 0 ? 'local' : level === -1 ? 'closure' : 'module';
    const scope = new Scope(variables, get, set);
    if (scope.entries().length === 0 && type !== 'local') continue;
    scopes.push({ type, object: scope, name: type === 'local' ? functionName(frame.name) : undefined });
  }
  if (!groups.has(0)) {
    const at = scopes.findIndex(({ type }) => type !== 'block');
    const local = { type: 'local', object: new Scope([], get, set), name: functionName(frame.name) };
    if (frame.name !== '<eval>') scopes.splice(at < 0 ? scopes.length : at, 0, local);
  }
  const script = scriptScope();
  if (script !== undefined) scopes.push({ type: 'script', object: script });
  scopes.push({ type: 'global', object: frame.global });
  return scopes;
}

function receiverOf(frame, number) {
  const own = frame.variables.find(([name]) => name === 'this');
  let receiver;
  if (own !== undefined) receiver = native.getVariable(number, own[1], own[2])?.[0];
  receiver ??= frame.receiver;
  return receiver ?? (frame.strict ? undefined : frame.global);
}

// The frames of the stop, for Debugger.paused; they are as numbers until the next stop.
function listFrames(session) {
  frames = native.frames(true);
  return frames.map((frame, number) => {
    frame.scopes = frameScopes(frame, number);
    frame.self = receiverOf(frame, number);
    return {
      name: functionName(frame.name), script: frame.script, file: frame.file,
      line: frame.line - 1, column: frame.column - 1,
      functionScript: frame.script, functionLine: frame.functionLine - 1, functionColumn: frame.functionColumn - 1,
      this: remote(session, frame.self, { group: 'backtrace' }),
      scopeChain: frame.scopes.map(({ type, object, name }) => {
        const scope = { type, object: remote(session, object, { group: 'backtrace' }) };
        if (name) scope.name = name;
        return scope;
      }),
    };
  });
}

function frameOf(number) {
  const frame = frames[number];
  if (frame === undefined) throw new ProtocolError('Invalid call frame id');
  return frame;
}

// The names that code at a frame sees before the global ones, for a `with` statement.
function namesAt(frame) {
  const table = new Map();
  for (const { type, object } of frame.scopes) {
    if (type === 'global' || type === 'script') continue;
    for (const variable of object.entries()) {
      if (!table.has(variable[0])) table.set(variable[0], { scope: object, variable });
    }
  }
  // What runs here runs in the main context: the names of another one's global are the frame's too.
  const global = frame.global === main.globalThis ? undefined : frame.global;
  const isGlobal = (name) => global !== undefined && name in global;
  const missing = (name) => new main.ReferenceError(`Cannot access '${name}' before initialization`);
  return new Proxy(create(null), {
    __proto__: null,
    has: (_, name) => name === 'eval' || table.has(name) || isGlobal(name),
    get(_, name) {
      if (name === Symbol.unscopables) return undefined;
      const found = table.get(name);
      if (found === undefined) return name === 'eval' ? main.eval : global?.[name];
      const box = found.scope.get(found.variable);
      if (box === null) throw missing(name);
      return box[0];
    },
    set(_, name, value) {
      const found = table.get(name);
      if (found === undefined) return isGlobal(name) && setProperty(global, name, value);
      if (found.variable[4]) throw new main.TypeError('Assignment to constant variable.');
      if (found.scope.get(found.variable) === null) throw missing(name);
      found.scope.set(found.variable, value);
      return true;
    },
  });
}

// Its text is its own script: the names in it are few, and it sees what the frame sees.
const kOnFrame = '(function (scope, source) { with (scope) { return eval(source); } })';
let onFrame;

function runOnFrame(frame, source) {
  onFrame ??= native.run(native.compile(kOnFrame, 'node:internal/inspector/frame'), null, -1);
  return apply(onFrame, frame.self, [namesAt(frame), source]);
}

function evaluateOnCallFrame(session, { frame: number, params }) {
  const { expression, objectGroup: group, returnByValue, generatePreview, throwOnSideEffect, includeCommandLineAPI } = params;
  const frame = frameOf(number);
  const options = { group, context: mainContext, returnByValue, generatePreview, remember: group === 'console' };
  if (throwOnSideEffect && !isHarmless(expression, frame)) return refuseSideEffects(session, options);
  return answer(session, () => withCommandLine(includeCommandLineAPI, () => runOnFrame(frame, expression)), options);
}

// A name, or this, changes nothing: editors ask for them where the mouse is.
function isHarmless(expression, frame) {
  const name = expression.trim();
  if (name === 'this') return true;
  if (!isName(name)) return false;
  for (const { type, object } of frame.scopes) {
    if (type !== 'global' && object.entries().some(([one]) => one === name)) return true;
  }
  // A global name may be an accessor, or the global object's parent a proxy.
  for (let owner = frame.global; owner !== null; owner = getPrototypeOf(owner)) {
    if (isProxy(owner)) return false;
    const descriptor = getOwnPropertyDescriptor(owner, name);
    if (descriptor !== undefined) return 'value' in descriptor;
  }
  return true;
}

// Whether a breakpoint's condition holds.
function condition(session, { expression }) {
  frames = native.frames(true);
  const [frame] = frames;
  frame.scopes = frameScopes(frame, 0);
  frame.self = receiverOf(frame, 0);
  try {
    return Boolean(runOnFrame(frame, expression));
  } catch {
    return false;
  } finally {
    frames = [];
  }
}

function setVariableValue(session, { frame: number, params }) {
  const { scopeNumber, variableName, newValue } = params;
  const scope = frameOf(number).scopes[scopeNumber];
  if (scope === undefined) throw new ProtocolError('Could not find scope with given number');
  const value = argument(session, newValue);
  if (!Scope.is(scope.object)) {
    scope.object[variableName] = value;
    return {};
  }
  const variable = scope.object.entries().find(([name]) => name === variableName);
  if (variable === undefined || scope.object.set === undefined || variable[4]) throw new ProtocolError('Internal error');
  scope.object.set(variable, value);
  return {};
}

// What an exception is, for Debugger.paused.
function thrownValue(session, { uncaught }) {
  const value = native.thrown();
  return { ...remote(session, value, { group: 'backtrace' }), uncaught };
}

// ---- Stacks of asynchronous callers ----

// The most that a client asked for: the engine keeps so many.
let asyncDepth = 0;

function keepAsyncStacks() {
  asyncDepth = 0;
  for (const session of sessions.values()) asyncDepth = Math.max(asyncDepth, session.asyncDepth);
  native.keepAsyncStacks(asyncDepth);
}

// ---- Console ----

const messages = [];

function consoleCalled(type, given, skip) {
  const args = listOf(given);
  const message = { type, args, timestamp: native.now(), callFrames: undefined, parent: asyncStack(asyncDepth) };
  const frames = currentFrames(skip);
  if (frames.length > 0) message.callFrames = frames;
  if (messages.push({ message }) > kKeptMessages) messages.shift();
  for (const session of sessions.values()) {
    if (session.enabled) sendConsole(session, message, true);
    if (session.console) sendAdded(session, message);
  }
}

function sendConsole(session, { type, args, timestamp, callFrames, parent }, generatePreview) {
  const params = {
    type,
    args: args.map((value) => remote(session, value, { group: 'console', generatePreview: generatePreview && value !== null && typeof value === 'object' })),
    executionContextId: mainContext,
    timestamp,
  };
  if (callFrames !== undefined) params.stackTrace = { callFrames };
  if (callFrames !== undefined && parent !== undefined && session.asyncDepth > 0) params.stackTrace.parent = parent;
  emit(session, 'Runtime.consoleAPICalled', params);
}

const kLevels = { warning: 'warning', error: 'error', assert: 'error', debug: 'debug', info: 'info' };

function sendAdded(session, { type, args, callFrames }) {
  const text = args.map((value) => (typeof value === 'string' ? value : describe(value).description ?? `${value}`)).join(' ');
  const message = { source: 'console-api', level: kLevels[type] ?? 'log', text };
  if (callFrames !== undefined) {
    const [{ url, lineNumber, columnNumber }] = callFrames;
    Object.assign(message, { url, line: lineNumber + 1, column: columnNumber + 1 });
  }
  emit(session, 'Console.messageAdded', { message });
}

function exceptionThrown(error, isPromise) {
  const kept = { error, timestamp: native.now(), isPromise };
  if (messages.push({ exception: kept }) > kKeptMessages) messages.shift();
  for (const session of sessions.values()) {
    if (session.enabled) sendException(session, kept);
  }
}

function sendException(session, { error, timestamp, isPromise }) {
  emit(session, 'Runtime.exceptionThrown', {
    timestamp,
    exceptionDetails: exceptionDetails(session, error, { group: 'console', context: mainContext, generatePreview: true },
                                       isPromise ? 'Uncaught (in promise)' : 'Uncaught'),
  });
}

// ---- Methods ----

const methods = {
  '__proto__': null,
  'Runtime.enable'(session) {
    if (session.enabled) return {};
    session.enabled = true;
    sweepContexts();
    for (const context of [...contexts.values()].reverse()) {
      if (context.object !== null) emit(session, 'Runtime.executionContextCreated', { context: describeContext(context) });
    }
    emit(session, 'Runtime.executionContextCreated', { context: describeContext(contexts.get(mainContext)) });
    for (const { message, exception } of messages) {
      if (message !== undefined) sendConsole(session, message, false);
      else sendException(session, exception);
    }
    return {};
  },
  'Runtime.disable'(session) {
    session.enabled = false;
    return {};
  },
  'Runtime.evaluate': evaluate,
  'Runtime.callFunctionOn': callFunctionOn,
  'Runtime.getProperties': getProperties,
  'Runtime.compileScript': compileScript,
  'Runtime.runScript': runScript,
  'Runtime.awaitPromise'(session, { promiseObjectId, returnByValue, generatePreview }, id) {
    const { value, group, context } = find(session, promiseObjectId);
    return later(session, value, { id, group, context, returnByValue, generatePreview, mustBePromise: true });
  },
  'Runtime.releaseObject'(session, { objectId }) {
    if (!session.objects.delete(objectId)) find(session, objectId);
    return {};
  },
  'Runtime.releaseObjectGroup'(session, { objectGroup }) {
    for (const [id, { group }] of session.objects) {
      if (group === objectGroup) session.objects.delete(id);
    }
    return {};
  },
  'Runtime.globalLexicalScopeNames'(session, params) {
    contextOf(params);
    return { names: native.lexicals() };
  },
  'Runtime.queryObjects'(session, { prototypeObjectId, objectGroup }) {
    const { value: prototype } = find(session, prototypeObjectId);
    if (prototype === null || typeof prototype !== 'object') throw new ProtocolError('Prototype should be instance of Object');
    return { objects: remote(session, native.queryObjects({ prototype }), { group: objectGroup }) };
  },
  'Runtime.discardConsoleEntries'() {
    messages.length = 0;
    return {};
  },
  'Runtime.addBinding'(session, { name }) {
    session.bindings.add(name);
    if (typeof main.globalThis[name] === 'function' && bindings.has(main.globalThis[name])) return {};
    const binding = { [name](payload) {
      if (arguments.length !== 1 || typeof payload !== 'string') throw new main.Error('Invalid arguments: should be exactly one string.');
      for (const one of sessions.values()) {
        if (one.enabled && one.bindings.has(name)) emit(one, 'Runtime.bindingCalled', { name, payload, executionContextId: mainContext });
      }
    } }[name];
    bindings.add(binding);
    defineProperty(main.globalThis, name, { __proto__: null, value: binding, writable: true, configurable: true, enumerable: false });
    return {};
  },
  'Runtime.removeBinding'(session, { name }) {
    session.bindings.delete(name);
    return {};
  },
  'Runtime.getExceptionDetails'(session, { errorObjectId }) {
    const { value, group, context } = find(session, errorObjectId);
    if (value === null || typeof value !== 'object' || classOf(value) !== 'Error') {
      throw new ProtocolError('errorObjectId is not a JS error object');
    }
    return { exceptionDetails: exceptionDetails(session, value, { group, context }) };
  },
  'Runtime.getIsolateId': () => ({ id: native.isolate }),
  'Runtime.getHeapUsage': () => ({ ...native.heapUsage() }),
  'Runtime.setAsyncCallStackDepth'(session, { maxDepth }) {
    session.asyncDepth = maxDepth > 0 ? maxDepth : 0;
    keepAsyncStacks();
    return {};
  },
  'Runtime.setMaxCallStackSizeToCapture': () => ({}),
  'Runtime.setCustomObjectFormatterEnabled': () => ({}),
  'Console.enable'(session) {
    session.console = true;
    for (const { message } of messages) {
      if (message !== undefined) sendAdded(session, message);
    }
    return {};
  },
  'Console.disable'(session) {
    session.console = false;
    return {};
  },
  'Console.clearMessages': () => ({}),
  'HeapProfiler.getHeapObjectId'(session, { objectId }) {
    find(session, objectId);
    throw new ProtocolError('Object is not available');
  },
  // What follows is asked by the debugger's own side.
  frames: listFrames,
  asyncStack: (session) => ({ stack: asyncStack(session.asyncDepth) }),
  thrown: thrownValue,
  condition,
  evaluateOnCallFrame,
  setVariableValue,
  resumed(session) {
    frames = [];
    return methods['Runtime.releaseObjectGroup'](session, { objectGroup: 'backtrace' });
  },
  gone(session) {
    sessions.delete(session.id);
    keepAsyncStacks();
    return {};
  },
  destroyed() {
    for (const session of sessions.values()) {
      if (!session.enabled) continue;
      const { id, uniqueId } = contexts.get(mainContext);
      emit(session, 'Runtime.executionContextDestroyed', { executionContextId: id, executionContextUniqueId: uniqueId });
    }
    return {};
  },
};
const bindings = new WeakSet();

// What is thrown here may be the program's.
function faultOf(error) {
  if (ProtocolError.is(error)) return { code: error.code, message: error.message, data: error.data };
  return { code: -32603, message: `Internal error: ${textOf(error)}` };
}

// `text`: the parameters as JSON. The answer is JSON: {result}, {error}, or nothing if it comes later.
function call(id, method, text) {
  let answered;
  try {
    const { params, request } = parse(text);
    const result = methods[method](sessionOf(id), params, request);
    if (result === undefined) return undefined;
    answered = { result };
  } catch (error) {
    answered = { error: faultOf(error) };
  }
  return stringify(answered);
}

{
  const generator = (function* () {})();
  const lists = [[].values(), new Map().keys(), new Set().keys(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)];
  freezeAll([globalThis, generator, (async function* () {})(), async () => {}, ...lists].flatMap((one) => [one, getPrototypeOf(one)]));
}
