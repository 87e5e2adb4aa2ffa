// setTimeout and its kin. The run's loop asks for the next one that is due (`next`), waits or lets the
// clock jump, and has it called (`fire`).
(function (std, native) {
  'use strict';
  const { first, apply, list, push, need, toUint, mathTrunc } = std;
  const { TypeError } = first;
  const { clock } = native;

  // Sorted by time, then by age; what was cleared stays until it would be due.
  let queue = list();
  let begin = 0;
  let cleared = 0;
  let byId = { __proto__: null };
  let lastId = 0;
  // How deeply the timer that runs is nested in others, as HTML has it: deep ones are held back.
  let nesting = 0;
  // How many of them keep a run waiting that has nothing else to do.
  let holding = 0;

  const insert = (timer) => {
    push(queue, timer);
    let at = queue.length - 1;
    while (at > begin && queue[at - 1].due > timer.due) {
      queue[at] = queue[at - 1];
      at--;
    }
    queue[at] = timer;
  };

  const end = (timer) => {
    timer.live = false;
    if (timer.id !== 0) delete byId[timer.id];
    if (timer.holds) holding--;
  };

  const drop = (timer) => {
    end(timer);
    cleared++;
    // Without this, setting and clearing in turn would take ever more memory.
    if (cleared > 64 && cleared * 2 > queue.length) {
      const kept = list();
      for (let i = begin; i < queue.length; i++) {
        if (queue[i].live) push(kept, queue[i]);
      }
      queue = kept;
      begin = 0;
      cleared = 0;
    }
  };

  const wait = (delay, level) => (level > 5 && delay < 4 ? 4 : delay);

  // Timers of other modules have no number (0), so that no guest clears them.
  const start = (call, args, delay, repeat, holds, id) => {
    const timer = {
      __proto__: null, id, call, args, delay, repeat, holds, live: true, level: nesting + 1, due: 0,
    };
    timer.due = clock() + wait(delay, timer.level);
    if (id !== 0) byId[id] = timer;
    insert(timer);
    if (holds) holding++;
    return timer;
  };

  const delayOf = (value) => {
    const whole = toUint(value, 32);
    return whole >= 2 ** 31 ? 0 : whole;
  };

  const rest = (given) => {
    const args = list();
    for (let i = 2; i < given.length; i++) push(args, given[i]);
    return args;
  };

  const begun = (what, given, handler, timeout, repeat) => {
    need(given.length, 1, what);
    if (typeof handler !== 'function') {
      throw new TypeError(what + ': the handler is not a function; text is not compiled here');
    }
    return start(handler, rest(given), delayOf(timeout), repeat, true, ++lastId).id;
  };

  const clear = (id) => {
    const timer = byId[toUint(id, 32)];
    if (timer !== undefined) drop(timer);
  };

  const functions = {
    setTimeout(handler, timeout = undefined) { return begun('setTimeout', arguments, handler, timeout, false); },
    setInterval(handler, timeout = undefined) { return begun('setInterval', arguments, handler, timeout, true); },
    clearTimeout(id = undefined) { clear(id); },
    clearInterval(id = undefined) { clear(id); },
  };

  return {
    __proto__: null,
    setTimeout: functions.setTimeout,
    setInterval: functions.setInterval,
    clearTimeout: functions.clearTimeout,
    clearInterval: functions.clearInterval,
    // For other modules: what `stop` ends. It keeps no run waiting for it.
    after(delay, call) { return start(call, list(), mathTrunc(delay), false, false, 0); },
    // As soon as what runs is over, which a run waits for.
    task(call) { return start(call, list(), 0, false, true, 0); },
    stop(timer) { if (timer.live) drop(timer); },
    // For the run's loop: when the next one is due; undefined where there is none or, unless the run
    // waits for something else (`waits`), none that keeps it waiting.
    next(waits) {
      if (!waits && holding === 0) return undefined;
      while (begin < queue.length && !queue[begin].live) {
        begin++;
        cleared--;
      }
      if (begin === queue.length) {
        queue = list();
        begin = 0;
        cleared = 0;
        return undefined;
      }
      return queue[begin].due;
    },
    fire() {
      const timer = queue[begin];
      if (timer === undefined || !timer.live) return;
      begin++;
      if (begin > 64 && begin * 2 > queue.length) {
        const kept = list();
        for (let i = begin; i < queue.length; i++) push(kept, queue[i]);
        queue = kept;
        begin = 0;
      }
      if (!timer.repeat) end(timer);
      nesting = timer.level;
      try {
        apply(timer.call, first.global, timer.args);
      } finally {
        nesting = 0;
        if (timer.repeat && timer.live) {
          timer.level++;
          timer.due = clock() + wait(timer.delay < 1 ? 1 : timer.delay, timer.level);
          insert(timer);
        }
      }
    },
    forget() {
      queue = list();
      begin = 0;
      cleared = 0;
      byId = { __proto__: null };
      holding = 0;
    },
  };
})
