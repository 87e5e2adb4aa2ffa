'use strict';
// Remembers which 'error' event nobody listened for: if the error ends the program, it is told where that event
// came from.

let last;

// `skip`: the function whose caller emitted the event.
function rememberUnhandled(error, emitter, skip) {
  const holder = {};
  Error.captureStackTrace(holder, skip);
  const name = emitter?.constructor?.name;
  last = {
    error,
    trace: typeof holder.stack === 'string' ? holder.stack.split('\n').filter((line) => /^\s+at /.test(line)) : [],
    on: typeof name === 'string' && name !== '' && name !== 'EventEmitter' ? ` on ${name} instance` : '',
  };
}

const isUnhandled = (error) => last !== undefined && last.error === error;

// The lines to show below the stack of `error`.
function emittedAt(error) {
  if (!isUnhandled(error) || last.trace.length === 0) return '';
  return `Emitted 'error' event${last.on} at:\n${require('internal/util/inspect/node_frames').asNodeWrites(last.trace).join('\n')}`;
}

module.exports = { emittedAt, isUnhandled, rememberUnhandled };
