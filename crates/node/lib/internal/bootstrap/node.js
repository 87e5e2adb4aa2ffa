'use strict';
// Makes `process` and the globals of the main context.

require('internal/process/setup');

const { setupGlobals } = require('internal/bootstrap/globals');
setupGlobals(globalThis);

const { definePrepareStackTrace, extendCallSites } = require('internal/bootstrap/call_sites');
extendCallSites();
definePrepareStackTrace();

const { setupTimers } = require('internal/timers');
const { drain } = internalBinding('task_queue');
setupTimers(drain, (error) => require('internal/process/exceptions').reportUncaught(error, false));
