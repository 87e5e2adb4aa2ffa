'use strict';
// Duplex, Transform and compose. Each case logs what happens; the log is what Node gives.
const { Readable, Writable, Duplex, Transform, PassThrough, Stream, compose } = require('stream');

const { check, note, pass, watch } = require('./support/stream_log');

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

check(cases);
