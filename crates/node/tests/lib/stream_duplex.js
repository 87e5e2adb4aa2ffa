'use strict';
// Duplex, Transform and compose. Each case logs what happens; the log is what Node gives.
const assert = require('assert');
const { Readable, Writable, Duplex, Transform, PassThrough, Stream, compose } = require('stream');

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

const cases = {
  transform: {
    async run() {
      const t = watch(new Transform({ transform(c, e, cb) { cb(null, String(c).toUpperCase()) }, flush(cb) { this.push('!'); cb() } }), 't');
      t.on('data', d => note('data', d));
      t.write('a');
      t.end('b');
      await pass(5);
    },
    expected: [
      'data BA',
      'data BB',
      'data B!',
      't prefinish ',
      't resume ',
      't end ',
      't finish ',
      't close ',
    ],
  },
  terr: {
    async run() {
      const t = watch(new Transform({ transform(c, e, cb) { cb(new Error('t')) } }), 't');
      t.resume();
      t.write('a');
      await pass(5);
    },
    expected: [
      't resume ',
      't error Error:undefined:t',
      't close ',
    ],
  },
  half: {
    async run() {
      const d = watch(new Duplex({ allowHalfOpen: false, read() {}, write(c, e, cb) { cb() } }), 'd');
      d.resume();
      d.push(null);
      await pass(5);
    },
    expected: [
      'd resume ',
      'd end ',
      'd prefinish ',
      'd finish ',
      'd close ',
    ],
  },
  dup: {
    async run() {
      const d = watch(new Duplex({ read() { this.push('r'); this.push(null) }, write(c, e, cb) { note('w', c); cb() } }), 'd');
      d.on('data', x => note('data', x));
      d.end('x');
      await pass(5);
    },
    expected: [
      'w Bx',
      'd prefinish ',
      'd resume ',
      'data Br',
      'd finish ',
      'd end ',
      'd close ',
    ],
  },
  inst: {
    async run() {
      note(new Duplex() instanceof Writable, new Transform() instanceof Readable, new Readable() instanceof Writable, Readable() instanceof Stream, Object.getPrototypeOf(Stream) === require('events'));
    },
    expected: [
      'true true false true true',
    ],
  },
  compose: {
    async run() {
      const c = compose(new PassThrough(), new Transform({ transform(c, e, cb) { cb(null, c+'!') } }));
      c.end('a');
      for await (const x of c) note(x);
      note(await compose(async function*(s) { for await (const x of s)yield String(x).toUpperCase() }).end('q').toArray());
    },
    expected: [
      'Ba!',
      '["Q"]',
    ],
  },
};

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
