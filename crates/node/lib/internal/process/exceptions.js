'use strict';
// What becomes of errors that nothing catches and of rejected promises that nothing handles.

const binding = internalBinding('process');

function reportUncaught(error, fromPromise) {
  const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
  binding.writeStdio(2, `Uncaught:\n${text}\n`);
  binding.reallyExit(1);
}

let pending = [];

function trackRejection(promise, reason, handled) {
  if (handled) pending = pending.filter((entry) => entry.promise !== promise);
  else pending.push({ promise, reason });
}

function processRejections() {
  if (pending.length === 0) return false;
  const [{ reason }] = pending;
  pending = [];
  reportUncaught(reason, true);
  return true;
}

function emitBeforeExit() {}

function emitExit() {
  return process._exitCodeOf();
}

module.exports = { reportUncaught, trackRejection, processRejections, emitBeforeExit, emitExit };
