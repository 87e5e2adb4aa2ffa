'use strict';
// Timers and immediates. Timers of one duration stand in one list, in the order they expire; a heap
// holds the lists by their first expiry, so that starting and stopping a timer costs no search.

const { keepFrame, setFrame } = require('internal/async_context');
const { counts, current, emitDestroy, emitInit, enter, leave, setDestroySchedule } = require('internal/async_hooks');
const binding = internalBinding('timers');

const kMaxDelay = 2 ** 31 - 1;
const kHasPrimitive = Symbol('kHasPrimitive');
const kFrame = Symbol('kAsyncContextFrame');

const lists = new Map(); // duration -> list
const heap = []; // lists, by expiry
const byId = new Map(); // timers that were converted to their id
let nextListId = 1;
let refCount = 0;
let clock = 0; // the loop's time while timers run, else 0
let nextExpiry = Infinity;

function now() {
  return binding.now();
}

// --- the heap of lists ---

function before(a, b) {
  return a.expiry < b.expiry || (a.expiry === b.expiry && a.id < b.id);
}

function siftUp(at) {
  const list = heap[at];
  while (at > 0) {
    const up = (at - 1) >> 1;
    if (!before(list, heap[up])) break;
    heap[at] = heap[up];
    heap[at].at = at;
    at = up;
  }
  heap[at] = list;
  list.at = at;
}

function siftDown(at) {
  const list = heap[at];
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], list)) break;
    heap[at] = heap[child];
    heap[at].at = at;
    at = child;
  }
  heap[at] = list;
  list.at = at;
}

function removeList(list) {
  lists.delete(list.duration);
  const { at } = list;
  const last = heap.pop();
  if (last === list) return;
  heap[at] = last;
  last.at = at;
  siftDown(at);
  siftUp(last.at);
}

// --- timers in lists ---

function TimersList(duration, expiry) {
  this.duration = duration;
  this.expiry = expiry;
  this.id = nextListId++;
  this.at = 0;
  this._idleNext = this;
  this._idlePrev = this;
}

function unlink(timer) {
  timer._idlePrev._idleNext = timer._idleNext;
  timer._idleNext._idlePrev = timer._idlePrev;
  timer._idleNext = null;
  timer._idlePrev = null;
}

function changeRefs(by) {
  const before = refCount;
  refCount += by;
  if ((before > 0) !== (refCount > 0)) binding.setTimerRef(refCount > 0);
}

function insert(timer, start) {
  timer._idleStart = start;
  const duration = timer._idleTimeout;
  let list = lists.get(duration);
  if (list === undefined) {
    list = new TimersList(duration, start + duration);
    lists.set(duration, list);
    heap.push(list);
    siftUp(heap.length - 1);
    if (list.expiry < nextExpiry) {
      nextExpiry = list.expiry;
      binding.schedule(nextExpiry);
    }
  }
  const last = list._idlePrev;
  last._idleNext = timer;
  timer._idlePrev = last;
  timer._idleNext = list;
  list._idlePrev = timer;
}

class Timeout {
  constructor(callback, after, args, isRepeat) {
    after = +after;
    if (!(after >= 1 && after <= kMaxDelay)) {
      if (after > kMaxDelay) {
        process.emitWarning(`${after} does not fit into a 32-bit signed integer.` +
          '\nTimeout duration was set to 1.', 'TimeoutOverflowWarning');
      } else if (after < 0) {
        process.emitWarning(`${after} is a negative number.` +
          '\nTimeout duration was set to 1.', 'TimeoutNegativeWarning');
      } else if (Number.isNaN(after) && arguments[1] !== undefined) {
        process.emitWarning(`${after} is not a number.` +
          '\nTimeout duration was set to 1.', 'TimeoutNaNWarning');
      }
      after = 1;
    }
    this._idleTimeout = Math.trunc(after);
    this._idlePrev = null;
    this._idleNext = null;
    this._idleStart = 0;
    this._onTimeout = callback;
    this._timerArgs = args;
    this._repeat = isRepeat ? this._idleTimeout : null;
    this._destroyed = false;
    this[kRefed] = true;
    this[kHasPrimitive] = false;
    this[kId] = ++current.lastId;
    this[kTrigger] = current.id;
    const frame = keepFrame('Timeout');
    if (frame !== undefined) this[kFrame] = frame;
    changeRefs(1);
    insert(this, clock || now());
    if (counts.init > 0) emitInit(this[kId], 'Timeout', this[kTrigger], this);
  }

  ref() {
    if (!this[kRefed]) {
      this[kRefed] = true;
      if (!this._destroyed) changeRefs(1);
    }
    return this;
  }

  unref() {
    if (this[kRefed]) {
      this[kRefed] = false;
      if (!this._destroyed) changeRefs(-1);
    }
    return this;
  }

  hasRef() {
    return this[kRefed];
  }

  refresh() {
    if (this._idleTimeout < 0) return this; // cleared for good
    if (this._idleNext !== null) detach(this);
    else if (this._destroyed) {
      this._destroyed = false;
      if (this[kRefed]) changeRefs(1);
    }
    insert(this, clock || now());
    return this;
  }

  close() {
    clearTimeout(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    this[kHasPrimitive] = true;
    byId.set(this[kId], this);
    return this[kId];
  }

  [Symbol.dispose]() {
    clearTimeout(this);
  }
}

const kRefed = Symbol('refed');
const kId = Symbol('asyncId');
const kTrigger = Symbol('triggerId');

// Takes a waiting timer out of its list.
function detach(timer) {
  unlink(timer);
  const list = lists.get(timer._idleTimeout);
  if (list !== undefined && list._idleNext === list && list !== running) {
    removeList(list);
    if (list.expiry === nextExpiry) reschedule();
  }
}

function reschedule() {
  nextExpiry = heap.length === 0 ? Infinity : heap[0].expiry;
  if (clock === 0) binding.schedule(nextExpiry === Infinity ? 0 : nextExpiry);
}

function retire(timer) {
  if (timer._destroyed) return;
  timer._destroyed = true;
  if (timer[kRefed]) changeRefs(-1);
  if (timer[kHasPrimitive]) byId.delete(timer[kId]);
  if (counts.destroy > 0) emitDestroy(timer[kId]);
}

function clearTimeout(timer) {
  if (timer === null || timer === undefined) return;
  if (typeof timer === 'number' || typeof timer === 'string') {
    timer = byId.get(+timer);
    if (timer === undefined) return;
  }
  if (!(timer instanceof Timeout)) return;
  if (timer._idleNext !== null) detach(timer);
  retire(timer);
  timer._idleTimeout = -1;
  timer._onTimeout = null;
  timer._repeat = null;
}

let running = null; // the list whose timers are being run

function processTimers(time) {
  const { drain } = ticks;
  let ranOne = false;
  clock = time;
  try {
    while (heap.length > 0 && heap[0].expiry <= time) {
      const list = heap[0];
      running = list;
      for (;;) {
        const timer = list._idleNext;
        if (timer === list) {
          running = null;
          removeList(list);
          break;
        }
        // What becomes due while callbacks run waits for the next turn: immediates and I/O come first.
        if (timer._idleStart + list.duration > time) {
          list.expiry = Math.max(timer._idleStart + list.duration, time + 1);
          list.id = nextListId++;
          running = null;
          siftDown(list.at);
          break;
        }
        if (ranOne) drain();
        // What ran meanwhile may have taken the timer out.
        if (list._idleNext !== timer) continue;
        unlink(timer);
        // After an error the next timer comes before the ticks, as in Node.
        ranOne = fire(timer);
      }
    }
  } finally {
    running = null;
    clock = 0;
  }
  nextExpiry = heap.length === 0 ? Infinity : heap[0].expiry;
  if (nextExpiry === Infinity) return 0;
  return refCount > 0 ? nextExpiry : -nextExpiry;
}

// Runs a timer's callback; gives whether it ended without an error.
function fire(timer) {
  setFrame(timer[kFrame]);
  const isTracked = current.isTracked;
  if (isTracked) enter(timer[kId], timer[kTrigger], timer);
  try {
    const args = timer._timerArgs;
    if (args === undefined) timer._onTimeout();
    else timer._onTimeout(...args);
    if (isTracked) leave(timer[kId]);
    return true;
  } catch (error) {
    ticks.reportUncaught(error, false);
    return false;
  } finally {
    if (timer._repeat !== null && timer._idleTimeout !== -1) {
      if (timer._idleNext === null) {
        timer._idleTimeout = timer._repeat;
        insert(timer, clock === 0 ? now() : (clock = now()));
      }
    } else if (timer._idleNext === null) {
      retire(timer);
    }
  }
}

// --- immediates ---

let immediates = [];
let immediateRefs = 0;

class Immediate {
  constructor(callback, args) {
    this._onImmediate = callback;
    this._argv = args;
    this._destroyed = false;
    this[kRefed] = true;
    // Others get theirs when they run, should somebody follow by then.
    if (current.isTracked) {
      this[kId] = ++current.lastId;
      this[kTrigger] = current.id;
    }
    const frame = keepFrame('Immediate');
    if (frame !== undefined) this[kFrame] = frame;
    immediates.push(this);
    immediateRefs++;
    binding.setImmediates(true, true);
    if (counts.init > 0) emitInit(this[kId], 'Immediate', this[kTrigger], this);
  }

  ref() {
    if (!this[kRefed]) {
      this[kRefed] = true;
      if (!this._destroyed) changeImmediateRefs(1);
    }
    return this;
  }

  unref() {
    if (this[kRefed]) {
      this[kRefed] = false;
      if (!this._destroyed) changeImmediateRefs(-1);
    }
    return this;
  }

  hasRef() {
    return this[kRefed];
  }

  [Symbol.dispose]() {
    clearImmediate(this);
  }
}

function changeImmediateRefs(by) {
  immediateRefs += by;
  binding.setImmediates(immediates.length > 0 || beforehand !== undefined, immediateRefs > 0);
}

function clearImmediate(immediate) {
  if (!(immediate instanceof Immediate) || immediate._destroyed) return;
  immediate._destroyed = true;
  immediate._onImmediate = null;
  if (immediate[kRefed]) changeImmediateRefs(-1);
  if (counts.destroy > 0) emitDestroy(immediate[kId] ?? 0);
}

// What runs once before the next immediates, which nothing waits for.
let beforehand;

setDestroySchedule((run) => {
  beforehand = run;
  binding.setImmediates(true, immediateRefs > 0);
});

function processImmediates() {
  const { drain } = ticks;
  const run = beforehand;
  beforehand = undefined;
  if (run !== undefined) run();
  const batch = immediates;
  immediates = [];
  let first = true;
  for (const immediate of batch) {
    if (immediate._destroyed) continue;
    if (!first) {
      drain();
      if (immediate._destroyed) continue;
    }
    first = false;
    immediate._destroyed = true;
    if (immediate[kRefed]) immediateRefs--;
    setFrame(immediate[kFrame]);
    const isTracked = current.isTracked;
    if (isTracked) enter(immediate[kId] ??= ++current.lastId, immediate[kTrigger] ??= 0, immediate);
    try {
      const args = immediate._argv;
      if (args === undefined) immediate._onImmediate();
      else immediate._onImmediate(...args);
      if (isTracked) leave(immediate[kId]);
    } catch (error) {
      ticks.reportUncaught(error, false);
    }
    immediate._onImmediate = null;
    if (counts.destroy > 0) emitDestroy(immediate[kId] ?? 0);
  }
  binding.setImmediates(immediates.length > 0 || beforehand !== undefined, immediateRefs > 0);
}

// Set by whoever starts the program: what runs between two callbacks, and what takes errors.
const ticks = { drain: null, reportUncaught: null };

function setupTimers(drain, reportUncaught) {
  ticks.drain = drain;
  ticks.reportUncaught = reportUncaught;
  binding.setup(processTimers, processImmediates);
}

module.exports = { Timeout, Immediate, clearTimeout, clearImmediate, setupTimers, kMaxDelay };
