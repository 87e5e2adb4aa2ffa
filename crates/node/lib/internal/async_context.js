'use strict';
// Which values of AsyncLocalStorage are current: an immutable map that callbacks are run with again if they were
// scheduled under it. Costs nothing until a program makes its first storage.
//
// Continuations of `await` are scheduled inside of the engine, which offers no place to keep the map: after an
// `await` a storage is empty, unless the function was entered anew through a callback.

let current;
let isPatched = false;

function getFrame() {
  return current;
}

function setFrame(frame) {
  const previous = current;
  current = frame;
  return previous;
}

function runWith(frame, fn, thisArg, args) {
  const previous = setFrame(frame);
  try {
    return Reflect.apply(fn, thisArg, args);
  } finally {
    current = previous;
  }
}

// The callback as it shall be called later. The same function as long as there is nothing to keep.
function keep(fn) {
  if (current === undefined || typeof fn !== 'function') return fn;
  const frame = current;
  return function (...args) {
    return runWith(frame, fn, this, args);
  };
}

function withFrame(frame, key, value) {
  const next = new Map(frame);
  next.set(key, value);
  return next;
}

function withoutKey(frame, key) {
  if (frame === undefined || !frame.has(key)) return frame;
  const next = new Map(frame);
  next.delete(key);
  return next.size === 0 ? undefined : next;
}

function replace(target, name, wrap) {
  const original = target[name];
  if (typeof original !== 'function') return;
  const replacement = wrap(original);
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype') continue;
    Object.defineProperty(replacement, key, Object.getOwnPropertyDescriptor(original, key));
  }
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, {
    __proto__: null, value: replacement, writable: true, enumerable: descriptor?.enumerable ?? false, configurable: true,
  });
}

function keepsFirst(original) {
  return { method(callback, ...args) { return Reflect.apply(original, this, [keep(callback), ...args]); } }.method;
}

// From now on, what schedules callbacks keeps the map for them.
function activate() {
  if (isPatched) return;
  isPatched = true;
  replace(Promise.prototype, 'then', (original) => function then(onFulfilled, onRejected) {
    if (current === undefined) return Reflect.apply(original, this, [onFulfilled, onRejected]);
    return Reflect.apply(original, this, [keep(onFulfilled), keep(onRejected)]);
  });
  replace(process, 'nextTick', keepsFirst);
  const timers = require('timers');
  for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
    const same = globalThis[name] === timers[name];
    replace(timers, name, keepsFirst);
    if (same) globalThis[name] = timers[name];
  }
  replace(globalThis, 'queueMicrotask', keepsFirst);
}

module.exports = { activate, getFrame, keep, runWith, setFrame, withFrame, withoutKey };
