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
  queue.push(callback, args);
}

function processTicks() {
  const { processRejections, reportUncaught } = require('internal/process/exceptions');
  do {
    while (head < queue.length) {
      const callback = queue[head];
      const args = queue[head + 1];
      head += 2;
      if (head > 2048) {
        queue = queue.slice(head);
        head = 0;
      }
      try {
        callback(...args);
      } catch (error) {
        reportUncaught(error, false);
      }
    }
    queue.length = 0;
    head = 0;
    runMicrotasks();
  } while (queue.length > 0 || processRejections());
  setHasTick(false);
}

function queueMicrotask(callback) {
  if (typeof callback !== 'function') {
    const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_TYPE('callback', 'Function', callback);
  }
  promiseThen(resolved, () => {
    try {
      callback();
    } catch (error) {
      require('internal/process/exceptions').reportUncaught(error, false);
    }
  });
}

const resolved = Promise.resolve();
const promiseThen = Function.prototype.call.bind(Promise.prototype.then);

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
