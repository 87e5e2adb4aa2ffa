'use strict';
// Which asynchronous resource the running code belongs to, and the hooks that learn of each resource's
// life. Who makes resources tells of them here; only promises tell of themselves. Knows nothing of what a
// resource is. While a program has not loaded `async_hooks`, nobody has to tell of anything.

const { enqueueMicrotask, setPromiseHook } = internalBinding('async_hooks');

const kAsyncId = Symbol('async_id_symbol');
const kTriggerAsyncId = Symbol('trigger_async_id_symbol');

// The resource whose code runs: the main script is 1, native code 0.
const current = { id: 1, trigger: 0, resource: {}, isTracked: false, lastId: 1 };
let outer = []; // those around it, three values each

const newAsyncId = () => ++current.lastId;

// From now on ids are given to all resources.
function track() {
  current.isTracked = true;
}

// --- scopes ---

function enter(id, trigger, resource) {
  outer.push(current.id, current.trigger, current.resource);
  current.id = id;
  current.trigger = trigger;
  current.resource = resource;
  if (counts.before > 0) emit('before', id);
}

// Gives whether it had been entered. Scopes within that nobody left are left with it.
function leave(id) {
  if (current.id !== id) {
    let at = outer.length - 3;
    while (at >= 0 && outer[at] !== id) at -= 3;
    if (at < 0) return false;
    outer.length = at + 3;
    pop();
  }
  if (counts.after > 0) emit('after', id);
  pop();
  return true;
}

function pop() {
  current.resource = outer.pop() ?? none;
  current.trigger = outer.pop() ?? 0;
  current.id = outer.pop() ?? 0;
}

const none = {};

// The code of a turn is over, whatever it had entered: an error was dealt with.
function leaveAll() {
  leaveHooks(0);
  while (current.id !== 0) leave(current.id);
}

// Where the running code stands, for `returnTo`: a limit may cut code off where nothing catches it, also within
// scopes and hooks.
function standing() {
  const { id, trigger, resource } = current;
  return { id, trigger, resource, outer: outer.slice(), depth };
}

function returnTo(place) {
  ({ id: current.id, trigger: current.trigger, resource: current.resource, outer } = place);
  leaveHooks(place.depth);
}

// The main script has ended.
function leaveMain() {
  outer = [];
  current.id = current.trigger = 0;
}

// --- hooks ---

const kinds = ['init', 'before', 'after', 'destroy', 'promiseResolve'];
const counts = { init: 0, before: 0, after: 0, destroy: 0, promiseResolve: 0 };
let followsPromises = false;
let enabled = []; // never changed, only replaced
let changed; // what replaces it once no hook runs
let depth = 0;

function setEnabled(hooks) {
  if (depth > 0) {
    changed = hooks;
    return;
  }
  enabled = hooks;
  for (const kind of kinds) counts[kind] = hooks.filter((hook) => hook[kind] !== undefined).length;
  const follows = hooks.some((hook) => hook.followsPromises);
  if (follows === followsPromises) return;
  followsPromises = follows;
  // A reaction that has begun must end: its scope is to be left.
  if (follows) setPromiseHook(onPromise);
  else enqueueMicrotask(() => { if (!followsPromises) setPromiseHook(undefined); });
}

// `hook`: { init, before, after, destroy, promiseResolve, followsPromises, self }
function enableHook(hook) {
  track();
  const hooks = changed ?? enabled;
  if (!hooks.includes(hook)) setEnabled([...hooks, hook]);
}

function disableHook(hook) {
  const hooks = changed ?? enabled;
  if (hooks.includes(hook)) setEnabled(hooks.filter((each) => each !== hook));
}

function emit(kind, id, type, trigger, resource) {
  depth++;
  try {
    for (const hook of enabled) {
      const callback = hook[kind];
      if (callback === undefined) continue;
      if (kind === 'init') Reflect.apply(callback, hook.self, [id, type, trigger, resource]);
      else Reflect.apply(callback, hook.self, [id]);
    }
  } catch (error) {
    fail(error);
  }
  leaveHooks(depth - 1);
}

// `around`: how many hooks run from now on.
function leaveHooks(around) {
  depth = around;
  if (depth === 0 && changed !== undefined) {
    const hooks = changed;
    changed = undefined;
    setEnabled(hooks);
  }
}

// A hook that throws ends the program, whoever listens for uncaught errors.
function fail(error) {
  let text;
  if (typeof error?.stack === 'string') {
    text = error.stack;
  } else {
    const holder = { message: error };
    Error.captureStackTrace(holder, fail);
    text = holder.stack;
  }
  process._rawDebug(text);
  const { getOptionValue } = require('internal/options');
  if (getOptionValue('--abort-on-uncaught-exception') === true) internalBinding('process').abort();
  process.exit(1);
}

function emitInit(id, type, trigger, resource) {
  if (counts.init > 0) emit('init', id, type, trigger, resource);
}

// --- the end of resources ---

let destroyed = [];
let schedule; // set by the timers: calls `emitDestroyed` with the next immediates

function emitDestroy(id) {
  if (counts.destroy === 0 || id <= 0) return;
  destroyed.push(id);
  if (destroyed.length === 1) schedule(emitDestroyed);
}

// Also before the program ends, when there may be no immediates any more.
function emitDestroyed() {
  const ids = destroyed;
  destroyed = [];
  for (const id of ids) emit('destroy', id);
}

function hasHooks() {
  return enabled.length > 0;
}

function setDestroySchedule(run) {
  schedule = run;
}

let registry;

// `state.destroyed` says later that it is known already.
function emitDestroyWhenCollected(resource, id, state) {
  registry ??= new FinalizationRegistry(({ id, state }) => {
    if (state === undefined || !state.destroyed) emitDestroy(id);
  });
  registry.register(resource, { id, state });
}

// --- promises ---

const [INIT, BEFORE, AFTER] = [0, 1, 2];

function idOf(promise) {
  return promise[kAsyncId] ??= newAsyncId();
}

function follow(promise, parent) {
  if (promise[kAsyncId] !== undefined) return;
  promise[kAsyncId] = newAsyncId();
  promise[kTriggerAsyncId] = parent === undefined ? current.id : idOf(parent);
}

function onPromise(what, promise, parent) {
  if (what === INIT) {
    if (counts.init === 0) return;
    follow(promise, parent);
    if (counts.destroy > 0) emitDestroyWhenCollected(promise, promise[kAsyncId]);
    emitFromPromises('init', promise);
    return;
  }
  follow(promise);
  if (what === BEFORE) {
    enter(promise[kAsyncId], promise[kTriggerAsyncId], promise);
  } else if (what === AFTER) {
    // Hooks that were enabled within a reaction see only its end.
    if (!leave(promise[kAsyncId]) && counts.after > 0) emit('after', promise[kAsyncId]);
  } else if (counts.promiseResolve > 0) {
    emitFromPromises('promiseResolve', promise);
  }
}

function emitFromPromises(kind, promise) {
  emit(kind, promise[kAsyncId], 'PROMISE', promise[kTriggerAsyncId], promise);
}

// --- callbacks of native code ---

// What stands for a resource of native code in the hooks: each type has a class of its own.
const resources = {
  FSREQCALLBACK: class FSReqCallback {},
  FSREQPROMISE: class FSReqPromise {},
  GETADDRINFOREQWRAP: class GetAddrInfoReqWrap {},
  HTTPCLIENTREQUEST: class HTTPClientAsyncResource {},
  HTTPINCOMINGMESSAGE: class HTTPServerAsyncResource {},
  PIPEWRAP: class Pipe {},
  PROCESSWRAP: class Process {},
  RANDOMBYTESREQUEST: class RandomBytesJob {},
  PBKDF2REQUEST: class PBKDF2Job {},
  SIGNALWRAP: class Signal {},
  TCPSERVERWRAP: class TCP {},
  TCPWRAP: class TCP {},
  TTYWRAP: class TTY {},
  ZLIB: class Zlib {},
};

// Whose callbacks native code is going to call; undefined while nobody follows.
function makeScope(type, trigger = current.id) {
  if (!current.isTracked) return undefined;
  const scope = { id: newAsyncId(), trigger, resource: new resources[type]() };
  emitInit(scope.id, type, trigger, scope.resource);
  return scope;
}

// As the event loop calls code: its error is an uncaught one, and is told within the scope.
function runInScope(scope, callback, thisArg, args) {
  if (scope === undefined) {
    Reflect.apply(callback, thisArg, args);
    return;
  }
  enter(scope.id, scope.trigger, scope.resource);
  try {
    Reflect.apply(callback, thisArg, args);
  } catch (error) {
    require('internal/process/exceptions').reportUncaught(error, false);
    return;
  }
  leave(scope.id);
}

function endScope(scope) {
  if (scope !== undefined) emitDestroy(scope.id);
}

// A callback that native code calls once.
function onceCalled(type, callback) {
  const scope = makeScope(type);
  if (scope === undefined) return callback;
  return (...args) => {
    runInScope(scope, callback, undefined, args);
    endScope(scope);
  };
}

module.exports = {
  counts,
  current,
  disableHook,
  emitDestroy,
  emitDestroyWhenCollected,
  emitDestroyed,
  emitInit,
  enableHook,
  endScope,
  enter,
  hasHooks,
  kAsyncId,
  kTriggerAsyncId,
  leave,
  leaveAll,
  leaveMain,
  makeScope,
  newAsyncId,
  onceCalled,
  returnTo,
  runInScope,
  setDestroySchedule,
  standing,
  track,
};
