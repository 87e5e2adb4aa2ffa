'use strict';
// How an operation of `fs` is carried out: at once, with a callback, or with a promise. An operation comes down
// to a request, which knows its system call but not which of the three it is for.
//
// A request either names a function of the binding, which runs elsewhere for callbacks and promises, or has
// several steps. Those run at once even then, and only their result comes later.

const { onceCalled } = require('internal/async_hooks');
const { systemError } = require('internal/fs/utils');

function request(call, args, syscall, path, dest, map) {
  return { call, args, syscall, path, dest, map, steps: undefined, absentNow: undefined, absentLater: undefined, describe: undefined };
}

function steps(run) {
  return { steps: run };
}

function failure(errno, { syscall, path, dest, describe }) {
  // Some operations are several system calls in one.
  const other = describe?.(errno);
  return other === undefined ? systemError(errno, syscall, path, dest) : systemError(errno, other);
}

function failed(result) {
  return typeof result === 'number' && result < 0;
}

function performSync(op) {
  if (op.steps !== undefined) return op.steps();
  const result = op.call(...op.args, undefined);
  if (failed(result)) {
    if (op.absentNow?.includes(result)) return undefined;
    throw failure(result, op);
  }
  return op.map === undefined ? result : op.map(result);
}

// `done(error, value)`; without a value if there is none.
function performAsync(op, done, type = 'FSREQCALLBACK') {
  if (op.steps !== undefined) {
    let value;
    try {
      value = op.steps();
    } catch (error) {
      process.nextTick(done, error);
      return;
    }
    if (value === undefined) process.nextTick(done, null);
    else process.nextTick(done, null, value);
    return;
  }
  op.call(...op.args, onceCalled(type, (result) => {
    if (failed(result)) {
      if (op.absentLater?.includes(result)) done(null, undefined);
      else done(failure(result, op));
      return;
    }
    let value = result;
    if (op.map !== undefined) {
      try {
        value = op.map(result);
      } catch (error) {
        done(error);
        return;
      }
    }
    if (value === undefined) done(null);
    else done(null, value);
  }));
}

function performPromise(op) {
  return new Promise((resolve, reject) => {
    performAsync(op, (error, value) => {
      if (error) {
        // The system call's own stack says nothing; that of whoever waits is not known here.
        reject(error);
      } else {
        resolve(value);
      }
    }, 'FSREQPROMISE');
  });
}

module.exports = { failure, performAsync, performPromise, performSync, request, steps };
