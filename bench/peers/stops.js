'use strict';
// A function that is stopped in, after it noted when it got there: see bench/src/stops.rs.
globalThis.stopped = (n) => {
  globalThis.before = performance.timeOrigin + performance.now();
  return { n, before: globalThis.before };
};
setInterval(() => {}, 1000);
