// What clients have evaluated or called, what is thrown then, and the properties of objects.

// ---- Exceptions ----

let lastException = 0;

const kFrame = /^ {4}at (?:(.*?) \()?(?:async )?((?:[a-z]+:)?[^()]*?):(\d+):(\d+)\)?$/;

function framesOfText(text) {
  const frames = [];
  for (const line of text.split('\n')) {
    const match = kFrame.exec(line);
    if (match === null) continue;
    const [, name = '', file, lineNumber, columnNumber] = match;
    const { id, url } = native.scriptOfFile(file);
    frames.push({
      functionName: name.replace(/^(?:async |new )/, ''), scriptId: id, url,
      lineNumber: lineNumber - 1, columnNumber: columnNumber - 1,
    });
  }
  return frames;
}

function currentFrames(skip) {
  return protocolFrames(native.frames(false).slice(skip));
}

function protocolFrames(frames) {
  return frames.filter((frame) => !isOwnFile(frame.file)).map((frame) => {
    const { id, url } = native.scriptOf(frame.script, frame.file);
    return {
      functionName: functionName(frame.name), scriptId: id, url,
      lineNumber: frame.line - 1, columnNumber: frame.column - 1,
    };
  });
}

// The stacks that led to what runs, the newest outermost; undefined: none is kept.
function asyncStack(depth) {
  const stacks = [];
  for (let record = native.asyncStack(); isArray(record) && stacks.length < depth; record = record[3]) {
    const list = record[2];
    const frames = [];
    for (let at = 0; at + 4 < list.length; at += 5) {
      frames.push({ name: list[at], file: list[at + 1], script: list[at + 2], line: list[at + 3], column: list[at + 4] });
    }
    const callFrames = protocolFrames(frames);
    if (callFrames.length > 0) stacks.push({ description: record[1], callFrames });
  }
  return stacks.reduceRight((parent, stack) => (parent === undefined ? stack : { ...stack, parent }), undefined);
}

// What an error is in a line.
function textOf(error) {
  const { description, value } = describe(error);
  return (description ?? `${value}`).split('\n')[0];
}

function isOwnFile(file) {
  return file.startsWith('node:internal/inspector') || file === 'node:inspector';
}

function functionName(name) {
  return name === '<eval>' || name === '<anonymous>' ? '' : name;
}

function exceptionDetails(session, error, options, text = 'Uncaught') {
  const details = { exceptionId: ++lastException, text, lineNumber: 0, columnNumber: 0 };
  if (error !== null && typeof error === 'object' && classOf(error) === 'Error') {
    const callFrames = framesOfText(describeError(error));
    if (callFrames.length > 0) {
      const [{ scriptId, url, lineNumber, columnNumber }] = callFrames;
      Object.assign(details, { lineNumber, columnNumber, scriptId });
      if (url !== '') details.url = url;
      details.stackTrace = { callFrames };
    }
  }
  details.exception = remote(session, error, { ...options, returnByValue: false });
  if (options.context !== undefined) details.executionContextId = options.context;
  return details;
}

function answer(session, run, options) {
  let value;
  try {
    value = run();
  } catch (error) {
    if (ProtocolError.is(error)) throw error;
    const errorOptions = { ...options, generatePreview: options.generatePreview };
    return { result: remote(session, error, { ...errorOptions, returnByValue: false }), exceptionDetails: exceptionDetails(session, error, errorOptions) };
  }
  if (options.remember && session !== undefined) lastResult = value;
  if (options.awaitPromise) return later(session, value, options);
  return { result: remote(session, value, options) };
}

// Replies when the promise has settled.
function later(session, value, options) {
  if (value === null || typeof value !== 'object' || classOf(value) !== 'Promise') {
    if (options.mustBePromise) throw new ProtocolError('Could not find promise with given id');
    return { result: remote(session, value, options) };
  }
  const { id } = options;
  const reply = (make) => {
    let message;
    try {
      message = { id, result: make() };
    } catch (error) {
      message = { id, error: faultOf(error) };
    }
    native.send(session.id, stringify(message));
  };
  apply(then, value, [
    (result) => reply(() => ({ result: remote(session, result, options) })),
    (error) => reply(() => ({
      result: remote(session, error, { ...options, returnByValue: false }),
      exceptionDetails: exceptionDetails(session, error, options, `Uncaught (in promise) ${textOf(error)}`),
    })),
  ]);
  return undefined;
}

// ---- Evaluation ----

let lastResult;

// Names that the console has beside the program's, while it evaluates.
function withCommandLine(wanted, run) {
  if (!wanted) return run();
  const added = [];
  const api = { __proto__: null, $_: lastResult, ...native.commandLine?.() };
  for (const name of ownKeys(api)) {
    if (getOwnPropertyDescriptor(main.globalThis, name) !== undefined) continue;
    defineProperty(main.globalThis, name, { __proto__: null, value: api[name], configurable: true, writable: true, enumerable: false });
    added.push(name);
  }
  try {
    return run();
  } finally {
    for (const name of added) {
      if (getOwnPropertyDescriptor(main.globalThis, name)?.value === api[name]) delete main.globalThis[name];
    }
  }
}

function isAwaiting(source) {
  return /\bawait\b/.test(source);
}

function refuseSideEffects(session, options) {
  const error = new main.EvalError('Possible side-effect in debug-evaluate');
  return { result: remote(session, error, options), exceptionDetails: exceptionDetails(session, error, options) };
}

function evaluate(session, params, id) {
  const { id: context, object } = contextOf(params);
  const {
    expression, objectGroup: group, returnByValue, generatePreview, awaitPromise, throwOnSideEffect,
    timeout, includeCommandLineAPI, replMode,
  } = params;
  const options = { group, context, returnByValue, generatePreview, awaitPromise, id, remember: group === 'console' };
  if (throwOnSideEffect) return refuseSideEffects(session, options);
  let source = expression;
  let unwrap = false;
  if (replMode && isAwaiting(source)) {
    const wrapped = `(async () => (${source}\n))()`;
    try {
      native.compile(wrapped, kUnnamed);
      source = wrapped;
      unwrap = true;
    } catch {
      // It is no expression: what the engine says of the text itself is right.
    }
  }
  return answer(session, () => withCommandLine(includeCommandLineAPI && object === null, () => {
    return native.run(native.compile(source, kUnnamed), object, timeout > 0 ? Math.max(1, Math.floor(timeout)) : -1);
  }), unwrap ? { ...options, awaitPromise: true } : options);
}

function argument(session, { value, unserializableValue, objectId }) {
  if (objectId !== undefined) return find(session, objectId).value;
  switch (unserializableValue) {
    case undefined: return value;
    case 'NaN': return NaN;
    case 'Infinity': return Infinity;
    case '-Infinity': return -Infinity;
    case '-0': return -0;
    default:
  }
  if (/^-?\d+n$/.test(unserializableValue)) return BigInt(unserializableValue.slice(0, -1));
  throw new ProtocolError("Couldn't parse value object in call argument");
}

// What a scope is to a function that is called on it.
function materialize(value) {
  if (Scope.is(value)) {
    const object = create(main.ObjectPrototype);
    for (const variable of value.entries()) {
      const box = value.get(variable);
      if (box !== null) defineProperty(object, variable[0], { value: box[0], writable: true, enumerable: true, configurable: true });
    }
    return object;
  }
  return Scopes.is(value) ? value.list.map(materialize) : value;
}

function callFunctionOn(session, params, id) {
  const {
    functionDeclaration, objectId, objectGroup, returnByValue, generatePreview, awaitPromise, throwOnSideEffect,
  } = params;
  let receiver;
  let context;
  let group = objectGroup;
  let object = null;
  if (objectId !== undefined) {
    const kept = find(session, objectId);
    receiver = materialize(kept.value);
    context = kept.context;
    group ??= kept.group;
    const owner = contexts.get(context);
    object = owner === undefined || owner.object === null ? null : owner.object.deref() ?? null;
  } else if (params.executionContextId !== undefined || params.uniqueContextId !== undefined) {
    ({ id: context, object } = contextOf(params));
    receiver = object === null ? main.globalThis : object;
  } else {
    throw new ProtocolError('Either objectId or executionContextId or uniqueContextId must be specified', -32602);
  }
  const options = { group, context, returnByValue, generatePreview, awaitPromise, id };
  if (throwOnSideEffect) return refuseSideEffects(session, options);
  const args = (params.arguments ?? []).map((one) => materialize(argument(session, one)));
  let callee;
  try {
    callee = native.run(native.compile(`(${functionDeclaration})`, kUnnamed), object, -1);
  } catch (error) {
    return { result: remote(session, error, { ...options, returnByValue: false }), exceptionDetails: exceptionDetails(session, error, options) };
  }
  if (typeof callee !== 'function') throw new ProtocolError('Given expression does not evaluate to a function');
  return answer(session, () => apply(callee, receiver, args), options);
}

const scripts = new Map();

function compileScript(session, params) {
  const { expression, sourceURL, persistScript } = params;
  const { id: context } = contextOf(params);
  let handle;
  try {
    handle = native.compile(expression, sourceURL);
  } catch (error) {
    return { exceptionDetails: exceptionDetails(session, error, { context }) };
  }
  if (!persistScript) return {};
  const scriptId = `${native.lastScript()}`;
  scripts.set(scriptId, handle);
  return { scriptId };
}

function runScript(session, params, id) {
  const { scriptId, objectGroup: group, returnByValue, generatePreview, awaitPromise, includeCommandLineAPI } = params;
  const { id: context, object } = contextOf(params);
  const handle = scripts.get(scriptId);
  if (handle === undefined) throw new ProtocolError('No script with given id');
  scripts.delete(scriptId);
  return answer(session, () => withCommandLine(includeCommandLineAPI && object === null, () => native.run(handle, object, -1)),
                { group, context, returnByValue, generatePreview, awaitPromise, id });
}

// ---- Properties ----

function scopeDescriptor(scope, name) {
  const variable = scope.entries().find(([one]) => one === name);
  const box = variable === undefined ? null : scope.get(variable);
  return { value: box === null ? undefined : box[0], writable: !variable?.[4], enumerable: true, configurable: true };
}

function propertyKeys(value) {
  if (classOf(value) === 'Proxy') return [];
  if (Scope.is(value)) return value.entries().map(([name]) => name);
  if (Scopes.is(value)) return value.list.map((_, index) => `${index}`);
  return ownKeys(value);
}

function getProperties(session, params) {
  const { objectId, ownProperties, accessorPropertiesOnly, generatePreview, nonIndexedPropertiesOnly } = params;
  const { value: object, group, context } = find(session, objectId);
  const options = { group, context, generatePreview };
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) {
    if (typeof object === 'symbol') return { result: [], internalProperties: [] };
    throw new ProtocolError('Value with given id is not an object');
  }
  const result = [];
  const seen = new Set();
  const special = Scope.is(object) || Scopes.is(object);
  for (let owner = object; owner !== null; owner = special ? null : getPrototypeOf(owner)) {
    for (const key of propertyKeys(owner)) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (nonIndexedPropertiesOnly && typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key)) continue;
      let descriptor;
      let thrown;
      try {
        if (Scope.is(owner)) descriptor = scopeDescriptor(owner, key);
        else if (Scopes.is(owner)) descriptor = { value: owner.list[key], writable: false, enumerable: true, configurable: false };
        else descriptor = getOwnPropertyDescriptor(owner, key);
      } catch (error) {
        thrown = error;
      }
      if (thrown !== undefined) {
        result.push({ name: keyText(key), wasThrown: true, value: remote(session, thrown, options), configurable: false, enumerable: false, isOwn: owner === object });
        continue;
      }
      if (descriptor === undefined) continue;
      const isAccessor = 'get' in descriptor || 'set' in descriptor;
      if (accessorPropertiesOnly && !isAccessor) continue;
      const property = { name: keyText(key) };
      if (isAccessor) {
        property.get = remote(session, descriptor.get, options);
        property.set = remote(session, descriptor.set, options);
      } else {
        property.value = remote(session, descriptor.value, options);
        property.writable = descriptor.writable;
      }
      property.configurable = descriptor.configurable;
      property.enumerable = descriptor.enumerable;
      property.isOwn = owner === object;
      if (typeof key === 'symbol') property.symbol = remote(session, key, options);
      result.push(property);
    }
    if (ownProperties || classOf(owner) === 'Proxy') break;
  }
  const answered = { result };
  if (!accessorPropertiesOnly && !special) {
    const privates = native.privates(object);
    if (privates.length > 0) {
      answered.privateProperties = privates.map(([name, value]) => ({ name, value: remote(session, value, options) }));
    }
    answered.internalProperties = internalProperties(object).map(([name, value]) => ({ name, value: remote(session, value, options) }));
  }
  return answered;
}

function keyText(key) {
  return typeof key === 'symbol' ? apply(describeSymbol, key, []) : key;
}

function internalProperties(object) {
  const list = [];
  const kind = classOf(object);
  if (kind === 'Proxy') {
    const [target, handler] = native.getProxyDetails(object);
    list.push(['[[Handler]]', handler], ['[[Target]]', target], ['[[IsRevoked]]', target === null]);
    return list;
  }
  if (kind === 'Promise') {
    const [state, result] = native.getPromiseDetails(object);
    list.push(['[[PromiseState]]', kPromiseStates[state]], ['[[PromiseResult]]', state === 0 ? undefined : result]);
  }
  const primitive = primitiveOf[kind];
  if (primitive !== undefined && typeof object === 'object') list.push(['[[PrimitiveValue]]', apply(primitive, object, [])]);
  if (typeof object === 'function') {
    const bound = native.bound(object);
    if (bound !== undefined) {
      const [target, receiver, ...args] = bound;
      list.push(['[[TargetFunction]]', target], ['[[BoundThis]]', receiver], ['[[BoundArgs]]', args]);
    }
    const described = native.describe(object);
    if (described !== undefined) {
      list.push(['[[Scopes]]', new Scopes(scopesOfFunction(object, described))]);
    }
  }
  const prototype = getPrototypeOf(object);
  if (prototype !== null) list.unshift(['[[Prototype]]', prototype]);
  const entries = entriesOf(object);
  if (entries !== undefined) list.push(['[[Entries]]', entries]);
  return list;
}

function scopesOfFunction(callee, { variables, name }) {
  const list = [];
  for (const [level, title] of [[-1, 'Closure'], [-2, 'Module']]) {
    const own = variables.filter((variable) => variable[3] === level);
    if (own.length === 0) continue;
    const scope = new Scope(own, (variable) => native.getCaptured(callee, variable[2]));
    scope.title = title === 'Closure' && name !== '' ? title : title;
    list.push(scope);
  }
  const script = scriptScope();
  if (script !== undefined) list.push(script);
  list.push(main.globalThis);
  return list;
}

function scriptScope() {
  const names = native.lexicals();
  if (names.length === 0) return undefined;
  const scope = new Scope(names.map((name) => [name, 3, 0, 0, false]), ([name]) => native.lexical(name));
  scope.title = 'Script';
  return scope;
}
