'use strict';
// Signals that a program listens for: caught natively while there is a listener.

const { endScope, makeScope, runInScope } = require('internal/async_hooks');
const binding = internalBinding('process');

let table;

function numbers() {
  table ??= binding.signals();
  return table;
}

const caught = new Map(); // name -> { id of the native handle, scope }

let forDebugger; // SIGUSR1's native handle, while it is the debugger's

// Has SIGUSR1 open the port for debuggers, unless the program listens for it.
function watchForDebugger() {
  forDebugger = binding.watchSignal(numbers().SIGUSR1, () => {
    const inspector = require('inspector');
    if (inspector.url() === undefined) inspector.open();
  });
}

function start(name) {
  if (caught.has(name) || numbers()[name] === undefined) return;
  const number = numbers()[name];
  if (name === 'SIGUSR1' && forDebugger !== undefined) {
    binding.unwatchSignal(forDebugger);
    forDebugger = undefined;
  }
  const scope = makeScope('SIGNALWRAP');
  const id = binding.watchSignal(number, () => runInScope(scope, process.emit, process, [name, name, number]));
  if (id === undefined) {
    const { ErrnoException } = require('internal/errors');
    throw new ErrnoException(-22, 'uv_signal_start');
  }
  caught.set(name, { id, scope });
}

function stop(name) {
  const watched = caught.get(name);
  if (watched === undefined || process.listenerCount(name) > 0) return;
  caught.delete(name);
  binding.unwatchSignal(watched.id);
  endScope(watched.scope);
}

module.exports = { numbers, start, stop, watchForDebugger };
