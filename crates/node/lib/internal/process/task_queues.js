'use strict';
// `process.nextTick`, microtasks and when they run.

const {
  setHasTick,
  setTickCallback,
  setRejectionCallback,
  setUncaughtCallback,
  setBeforeExitCallback,
  setExitCallback,
  runMicrotasks,
} = internalBinding('task_queue');

const { keepFrame, runWith, setFrame } = require('internal/async_context');
const hooks = require('internal/async_hooks');
const { enqueueMicrotask } = internalBinding('async_hooks');

const { current, kAsyncId, kTriggerAsyncId } = hooks;

// A list that is appended to while it is walked through: `head` is the next to run.
let queue = [];
let head = 0;

function nextTick(callback, ...args) {
  if (typeof callback !== 'function') {
    const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_TYPE('callback', 'Function', callback);
  }
  if (process._exiting) return;
  if (queue.length === 0) setHasTick(true);
  queue.push(callback, args, keepFrame('TickObject'), current.isTracked ? makeTick(callback, args) : undefined);
}

function makeTick(callback, args) {
  const tick = {
    callback,
    args: args.length === 0 ? undefined : args,
    [kAsyncId]: hooks.newAsyncId(),
    [kTriggerAsyncId]: current.id,
  };
  hooks.emitInit(tick[kAsyncId], 'TickObject', current.id, tick);
  return tick;
}

function runTick(tick, callback, args) {
  hooks.enter(tick[kAsyncId], tick[kTriggerAsyncId], tick);
  try {
    callback(...args);
    hooks.leave(tick[kAsyncId]);
  } finally {
    hooks.emitDestroy(tick[kAsyncId]);
  }
}

function processTicks() {
  const { processRejections, reportUncaught } = require('internal/process/exceptions');
  do {
    while (head < queue.length) {
      const callback = queue[head];
      const args = queue[head + 1];
      const tick = queue[head + 3];
      setFrame(queue[head + 2]);
      head += 4;
      if (head > 4096) {
        queue = queue.slice(head);
        head = 0;
      }
      try {
        if (tick === undefined) callback(...args);
        else runTick(tick, callback, args);
      } catch (error) {
        reportUncaught(error, false);
      }
    }
    queue.length = 0;
    head = 0;
    setFrame(undefined);
    runMicrotasks();
  } while (queue.length > 0 || processRejections());
  setHasTick(false);
}

function queueMicrotask(callback) {
  if (typeof callback !== 'function') {
    const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_TYPE('callback', 'Function', callback);
  }
  if (hooks.hasHooks()) {
    enqueueTracked(callback);
    return;
  }
  const frame = keepFrame('Microtask');
  enqueueMicrotask(() => runMicrotask(frame === undefined ? callback : () => runWith(frame, callback, undefined, [])));
}

function runMicrotask(callback) {
  try {
    callback();
  } catch (error) {
    require('internal/process/exceptions').reportUncaught(error, false, undefined, 'microtask');
  }
}

function enqueueTracked(callback) {
  const { AsyncResource } = require('async_hooks');
  const resource = new AsyncResource('Microtask', { requireManualDestroy: true });
  resource.callback = callback;
  enqueueMicrotask(() => {
    runMicrotask(() => resource.runInAsyncScope(callback));
    resource.emitDestroy();
  });
}

function setupTicks() {
  const exceptions = () => require('internal/process/exceptions');
  process.nextTick = nextTick;
  setTickCallback(processTicks);
  setRejectionCallback((promise, reason, handled) => {
    exceptions().trackRejection(promise, reason, handled);
    setHasTick(true);
  });
  setUncaughtCallback((error, fromPromise) => exceptions().reportUncaught(error, fromPromise));
  setBeforeExitCallback(() => exceptions().emitBeforeExit());
  setExitCallback(() => exceptions().emitExit());
}

module.exports = { setupTicks, nextTick, queueMicrotask };
