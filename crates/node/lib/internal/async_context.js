'use strict';
// Which values of AsyncLocalStorage are current: an immutable map, the frame. The engine keeps it for
// what follows `await` and `then`, and the event loop for callbacks of its own; who keeps callbacks in
// JavaScript asks for the frame here and runs them with it. Costs next to nothing until a program
// makes its first storage.
//
// Where a debugger may ask for stacks of asynchronous callers, what is kept for a callback may be a record
// of the engine's, an array whose first element is the frame, and the rest the stack.

const { get, swap } = internalBinding('async_context');
const { isArray } = Array;

let active = false;
let keep = get;

function activate() {
  active = true;
}

// `keepFrame(description)` answers a record where a debugger wants one.
function keepStacks(keepFrame) {
  keep = keepFrame;
  activate();
}

function getFrame() {
  if (!active) return undefined;
  const frame = get();
  return isArray(frame) ? frame[0] : frame;
}

// What is to be current again while a callback runs: for `setFrame` only. `description` is what debuggers
// call it.
function keepFrame(description) {
  return active ? keep(description) : undefined;
}

// Makes what was kept for a callback current. Gives what was before.
function setFrame(frame) {
  return active ? swap(frame) : undefined;
}

// Makes a frame current in what runs now, whose callers stay what they are. Gives what was before.
function changeFrame(frame) {
  if (!active) return undefined;
  const before = get();
  swap(isArray(before) ? [frame, before[1], before[2], before[3], before[4]] : frame);
  return before;
}

function runWith(frame, fn, thisArg, args) {
  const previous = isArray(frame) ? setFrame(frame) : changeFrame(frame);
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

module.exports = { activate, changeFrame, getFrame, keepFrame, keepStacks, runWith, setFrame, withFrame, withoutKey };
