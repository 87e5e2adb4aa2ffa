'use strict';
// Which values of AsyncLocalStorage are current: an immutable map, the frame. The engine keeps it for
// what follows `await` and `then`, and the event loop for callbacks of its own; who keeps callbacks in
// JavaScript asks for the frame here and runs them with it. Costs next to nothing until a program
// makes its first storage.

const { get, swap } = internalBinding('async_context');

let active = false;

function activate() {
  active = true;
}

function getFrame() {
  return active ? get() : undefined;
}

// Gives the frame that was current before.
function setFrame(frame) {
  return active ? swap(frame) : undefined;
}

function runWith(frame, fn, thisArg, args) {
  const previous = setFrame(frame);
  try {
    return Reflect.apply(fn, thisArg, args);
  } finally {
    setFrame(previous);
  }
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

module.exports = { activate, getFrame, runWith, setFrame, withFrame, withoutKey };
