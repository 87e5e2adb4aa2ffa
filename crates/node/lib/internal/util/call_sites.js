'use strict';
// Where the callers of a function are, of call sites.

const { captureStackTrace } = require('internal/errors');

// Without the frame of this function. Frames of the engine itself have no position and are left out.
function getCallSites(count) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder = {};
  let frames = [];
  try {
    // Whatever the program makes of stacks is not for us.
    Error.prepareStackTrace = (error, sites) => {
      frames = sites;
    };
    Error.stackTraceLimit = count * 2 + 8;
  } catch {
    // Error is frozen: its own function and limit hold.
  }
  try {
    captureStackTrace(holder, getCallSites);
    void holder.stack;
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // As above.
    }
  }
  const sites = [];
  for (const frame of frames) {
    if (sites.length === count) break;
    if (frame.isNative()) continue;
    sites.push({
      functionName: frame.getFunctionName() ?? '',
      scriptId: '0',
      scriptName: frame.getFileName() ?? '',
      lineNumber: frame.getLineNumber(),
      columnNumber: frame.getColumnNumber(),
      column: frame.getColumnNumber(),
    });
  }
  return sites;
}

module.exports = { getCallSites };
