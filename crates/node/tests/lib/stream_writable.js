'use strict';
// Writable: order of callbacks and events, errors, ending. Each case logs what happens; the log is what Node gives.
const { Readable, Writable, pipeline } = require('stream');

const { check, note, pass, watch } = require('./support/stream_log');

const cases = {
  write: {
    async run() {
      const w = watch(new Writable({ highWaterMark: 3, write(c, e, cb) { note('write', c, e); setTimeout(cb, 1) } }), 'w');
      note(w.write('ab'), w.write('cd'), w.writableLength, w.writableNeedDrain);
      w.end('ef', (e) => note('ended', e));
      note(w.writable, w.writableEnded, w.writableFinished);
      await pass(20);
      note(w.destroyed, w.closed);
    },
    expected: [
      'write Bab buffer',
      'true false 4 true',
      'false true false',
      'write Bcd buffer',
      'write Bef buffer',
      'w prefinish ',
      'ended null',
      'w finish ',
      'w close ',
      'true true',
    ],
  },
  writev: {
    async run() {
      const w = watch(new Writable({ writev(ch, cb) { note('writev', ch.map(c => c.chunk+'')); cb() } }), 'w');
      w.cork();
      w.write('a');
      w.write('b');
      note(w.writableCorked);
      w.uncork();
      w.write('c');
      w.end();
      await pass(5);
    },
    expected: [
      '1',
      'writev ["a","b"]',
      'writev ["c"]',
      'w prefinish ',
      'w finish ',
      'w close ',
    ],
  },
  sync: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { note('write', c); cb() } }), 'w');
      w.write('a', () => note('cb a'));
      w.write('b', () => note('cb b'));
      w.end(() => note('end cb'));
      note('sync');
      await pass(5);
    },
    expected: [
      'write Ba',
      'write Bb',
      'w prefinish ',
      'sync',
      'cb a',
      'cb b',
      'end cb',
      'w finish ',
      'w close ',
    ],
  },
  werr: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb(new Error('bad')) } }), 'w');
      w.write('a', (e) => note('cb', e));
      w.write('b', (e) => note('cb2', e));
      await pass(5);
      note(w.errored, w.writable);
    },
    expected: [
      'cb Error:undefined:bad',
      'cb2 Error:undefined:bad',
      'w error Error:undefined:bad',
      'w close ',
      'Error:undefined:bad false',
    ],
  },
  wae: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb() } }), 'w');
      w.end();
      w.write('x', (e) => note('cb', e));
      await pass(5);
    },
    expected: [
      'w prefinish ',
      'cb Error:ERR_STREAM_WRITE_AFTER_END:write after end',
      'w error Error:ERR_STREAM_WRITE_AFTER_END:write after end',
      'w close ',
    ],
  },
  endtwice: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb() } }), 'w');
      w.end();
      w.end((e) => note('e2', e));
      await pass(5);
      w.end((e) => note('e3', e));
      await pass(5);
    },
    expected: [
      'w prefinish ',
      'e2 null',
      'w finish ',
      'w close ',
      'e3 Error:ERR_STREAM_ALREADY_FINISHED:Cannot call end after a stream was finished',
    ],
  },
  wdestroy: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { setTimeout(cb, 1) } }), 'w');
      w.write('a', (e) => note('a', e));
      w.write('b', (e) => note('b', e));
      w.end((e) => note('end', e));
      w.destroy(new Error('x'));
      await pass(10);
    },
    expected: [
      'w error Error:undefined:x',
      'w close ',
      'a null',
      'b Error:undefined:x',
      'end Error:undefined:x',
    ],
  },
  final: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb() }, final(cb) { note('final'); setTimeout(cb, 1) } }), 'w');
      w.end('x');
      await pass(5);
    },
    expected: [
      'final',
      'w prefinish ',
      'w finish ',
      'w close ',
    ],
  },
  finalerr: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb() }, final(cb) { cb(new Error('f')) } }), 'w');
      w.end('x', (e) => note('cb', e));
      await pass(5);
    },
    expected: [
      'w error Error:undefined:f',
      'w close ',
      'cb Error:undefined:f',
    ],
  },
  construct: {
    async run() {
      const w = watch(new Writable({ construct(cb) { note('construct'); setTimeout(cb, 1) }, write(c, e, cb) { note('w', c); cb() } }), 'w');
      w.write('a');
      w.end();
      await pass(10);
    },
    expected: [
      'construct',
      'w Ba',
      'w prefinish ',
      'w finish ',
      'w close ',
    ],
  },
  multicb: {
    async run() {
      const w = watch(new Writable({ write(c, e, cb) { cb(); cb() } }), 'w');
      w.write('a');
      await pass(5);
    },
    expected: [
      'w error Error:ERR_MULTIPLE_CALLBACK:Callback called multiple times',
      'w close ',
    ],
  },
  autodestroy: {
    async run() {
      const r = watch(new Readable({ autoDestroy: false, read() { this.push(null) } }), 'r');
      r.resume();
      await pass(5);
      note(r.destroyed);
      const w = watch(new Writable({ emitClose: false, write(c, e, cb) { cb() } }), 'w');
      w.end();
      await pass(5);
      note(w.destroyed);
    },
    expected: [
      'r resume ',
      'r end ',
      'false',
      'w prefinish ',
      'w finish ',
      'true',
    ],
  },
  errs: {
    async run() {
      for (const f of [() => new Writable().write(null), () => new Writable().write(5), () => new Writable().write('a', 'bad'), () => new Readable({ highWaterMark: -1 }), () => pipeline(1, 2), () => pipeline(() => {}), () => Readable.from(5)])try { const s = f(); if (s && s.on)s.on('error', (e) => note('ev', e)) } catch (e) { note(e) }
    },
    expected: [
      'TypeError:ERR_STREAM_NULL_VALUES:May not write null values to stream',
      'TypeError:ERR_INVALID_ARG_TYPE:The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)',
      'TypeError:ERR_UNKNOWN_ENCODING:Unknown encoding: bad',
      'TypeError:ERR_INVALID_ARG_VALUE:The property \'options.highWaterMark\' is invalid. Received -1',
      'TypeError:ERR_INVALID_ARG_TYPE:The "streams[stream.length - 1]" property must be of type function. Received type number (2)',
      'TypeError:ERR_MISSING_ARGS:The "streams" argument must be specified',
      'TypeError:ERR_INVALID_ARG_TYPE:The "iterable" argument must be an instance of Iterable. Received type number (5)',
    ],
  },
};

check(cases);
