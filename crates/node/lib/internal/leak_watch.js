'use strict';
// When the leak watch looks: each so many seconds, and after collections in between. What it finds goes to standard
// error, to `process.on('leak')` and to whoever else listens.

const binding = internalBinding('leak_watch');
const { gc, uptime, writeStdio } = internalBinding('process');

// What `--leak-watch` means without a number.
const kSeconds = 30;

const listeners = new Set();
let started = false;
let last = 0;
let looking = false;
// Collections of its own that it will be told of.
let ours = 0;

function look() {
  if (looking) return;
  looking = true;
  try {
    gc();
    ours++;
    tell(binding.sample());
  } finally {
    last = uptime();
    looking = false;
  }
}

function tell(found) {
  if (found === undefined || found === null) return;
  const [text, json] = found;
  const report = JSON.parse(json);
  writeStdio(2, text);
  for (const listener of listeners) listener(report);
  process.emit('leak', report);
}

// Begins to watch, once. The timer keeps no program alive.
function start(seconds = kSeconds) {
  if (started) return;
  started = true;
  binding.start();
  const { setInterval } = require('timers');
  setInterval(look, seconds * 1000).unref();
  // A collection is a good time, where the timer's turn is still far.
  require('internal/collections').add(() => {
    if (ours > 0) ours--;
    else if (uptime() - last > seconds / 2) look();
  });
}

module.exports = { start, listeners };
