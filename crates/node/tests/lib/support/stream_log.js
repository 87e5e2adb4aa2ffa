'use strict';
// What the tests of streams share: cases that log what happens, and the log that Node gives.
const assert = require('assert');

let log = [];

function show(value) {
  if (value instanceof Error) return `${value.name}:${value.code}:${value.message}`;
  if (Buffer.isBuffer(value)) return `B${value}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const note = (...values) => log.push(values.map(show).join(' '));

// Gives whatever waits for a timer its turn so many times, however long that takes.
async function pass(turns) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

// Notes every event of the stream but 'data' and 'readable'.
function watch(stream, name) {
  for (const event of ['end', 'close', 'error', 'finish', 'drain', 'pipe', 'unpipe', 'prefinish', 'pause', 'resume']) {
    stream.on(event, (value) => {
      note(name, event, event === 'pipe' || event === 'unpipe' || value === undefined ? '' : value);
    });
  }
  return stream;
}

// Runs the cases one after the other; the program fails unless all have ended.
function check(cases) {
  let done = false;
  (async () => {
    for (const [name, { run, expected }] of Object.entries(cases)) {
      log = [];
      await run();
      assert.deepStrictEqual(log, expected, `${name}: ${JSON.stringify(log, null, 1)}`);
    }
    done = true;
  })();
  process.on('exit', () => assert(done));
}

module.exports = { check, note, pass, watch };
