'use strict';
// Where the callers of a function are, read from the text of a stack.

const { captureStackTrace } = require('internal/errors');

const FRAME = /^\s+at (?:(.*?) \()?(.+?):(\d+):(\d+)\)?$/;

// Without the frame of this function. Frames of the engine itself have no position and are left out.
function getCallSites(count) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  try {
    // Whatever the program makes of stacks is not for us.
    Error.prepareStackTrace = undefined;
    Error.stackTraceLimit = count * 2 + 8;
  } catch {
    // Error is frozen: its own limit holds.
  }
  try {
    captureStackTrace(holder, getCallSites);
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // As above.
    }
  }
  const sites = [];
  for (const line of `${holder.stack}`.split('\n')) {
    const found = FRAME.exec(line);
    if (found === null || found[2].startsWith('<')) continue;
    const [, name, file, row, column] = found;
    const functionName = name === undefined || name === '<anonymous>' ? '' : name.replace(/^(?:async |new )/, '').replace(/^Object\.<anonymous>$/, '');
    sites.push({
      functionName,
      scriptId: '0',
      scriptName: file,
      lineNumber: Number(row),
      columnNumber: Number(column),
      column: Number(column),
    });
    if (sites.length === count) break;
  }
  return sites;
}

module.exports = { getCallSites };
