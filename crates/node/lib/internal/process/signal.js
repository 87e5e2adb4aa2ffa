'use strict';
// Signals that a program listens for: caught natively while there is a listener.

const binding = internalBinding('process');

let table;

function numbers() {
  table ??= binding.signals();
  return table;
}

const caught = new Map(); // name -> id of the native handle

function start(name) {
  if (caught.has(name) || numbers()[name] === undefined) return;
  const number = numbers()[name];
  const id = binding.watchSignal(number, () => process.emit(name, name, number));
  if (id === undefined) {
    const { ErrnoException } = require('internal/errors');
    throw new ErrnoException(-22, 'uv_signal_start');
  }
  caught.set(name, id);
}

function stop(name) {
  const id = caught.get(name);
  if (id === undefined || process.listenerCount(name) > 0) return;
  caught.delete(name);
  binding.unwatchSignal(id);
}

module.exports = { numbers, start, stop };
