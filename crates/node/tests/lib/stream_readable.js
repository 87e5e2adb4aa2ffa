'use strict';
// Readable: what is emitted, read and iterated, and in which order. Each case logs what happens; the log is what Node gives.
const { Readable } = require('stream');

const { check, note, pass, watch } = require('./support/stream_log');

const cases = {
  flow: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      r.on('data', d => note('data', d));
      r.push('a');
      r.push('b');
      r.push(null);
      await pass(5);
    },
    expected: [
      'r resume ',
      'data Ba',
      'data Bb',
      'r end ',
      'r close ',
    ],
  },
  readable: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      r.on('readable', () => { let c; note('readable', r.readableLength); while ((c = r.read(2)) !== null) note('read', c) });
      r.push('abcde');
      await 0;
      r.push(null);
      await pass(5);
    },
    expected: [
      'readable 5',
      'read Bab',
      'read Bcd',
      'read Be',
      'r end ',
      'r close ',
    ],
  },
  obj: {
    async run() {
      const r = Readable.from([1, 2, 3]);
      for await (const x of r) note(x);
      note(r.destroyed);
    },
    expected: [
      '1',
      '2',
      '3',
      'true',
    ],
  },
  destroy: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      r.destroy(new Error('d'));
      r.destroy(new Error('again'));
      note(r.destroyed, r.readable);
      await pass(5);
      note(r.push('x'));
    },
    expected: [
      'true false',
      'r error Error:undefined:d',
      'r close ',
      'false',
    ],
  },
  enc: {
    async run() {
      const r = new Readable({ encoding: 'utf8', read() {} });
      r.push(Buffer.from([0xe2, 0x82]));
      r.push(Buffer.from([0xac]));
      r.push(null);
      for await (const x of r) note(x, typeof x);
      const q = new Readable({ read() {} });
      q.push('aé');
      q.setEncoding('hex');
      q.push(null);
      for await (const x of q) note(x);
    },
    expected: [
      '€ string',
      '61c3a9',
    ],
  },
  iterbreak: {
    async run() {
      const r = new Readable({ read() { this.push('a') } });
      for await (const x of r) { note(x); break } note(r.destroyed);
      const q = Readable.from([1, 2, 3]);
      for await (const x of q.iterator({ destroyOnReturn: false })) { note(x); break } note(q.destroyed);
    },
    expected: [
      'Ba',
      'true',
      '1',
      'false',
    ],
  },
  itererr: {
    async run() {
      const r = new Readable({ read() { this.destroy(new Error('i')) } });
      try { for await (const x of r); } catch (e) { note(e) }
    },
    expected: [
      'Error:undefined:i',
    ],
  },
  unshift: {
    async run() {
      const r = new Readable({ read() {} });
      r.push('bc');
      r.unshift('a');
      r.push(null);
      note(r.read(1), r.read());
    },
    expected: [
      'Ba Bbc',
    ],
  },
  ops: {
    async run() {
      note(await Readable.from([1, 2, 3, 4]).filter(x => x % 2).map(async x => x * 2).toArray());
      note(await Readable.from([1, 2, 3]).reduce((a, b) => a+b, 0), await Readable.from([1, 2]).some(x => x > 1), await Readable.from([1, 2]).every(x => x > 1), await Readable.from([1, 2, 3]).find(x => x > 1));
      note(await Readable.from([1, 2, 3]).take(2).toArray(), await Readable.from([1, 2, 3]).drop(1).toArray(), await Readable.from([1, 2]).flatMap(x => [x, x]).toArray());
      await Readable.from([1, 2]).forEach(x => note(x));
    },
    expected: [
      '[2,6]',
      '6 true false 2',
      '[1,2] [2,3] [1,1,2,2]',
      '1',
      '2',
    ],
  },
  pause: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      r.on('data', d => { note(d); r.pause(); setTimeout(() => r.resume(), 1) });
      r.push('a');
      r.push('b');
      r.push(null);
      note(r.isPaused(), r.readableFlowing);
      await pass(10);
    },
    expected: [
      'false true',
      'r resume ',
      'Ba',
      'r pause ',
      'r resume ',
      'Bb',
      'r pause ',
      'r end ',
      'r close ',
      'r resume ',
    ],
  },
  pushafter: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      r.push(null);
      r.push('x');
      await pass(5);
    },
    expected: [
      'r error Error:ERR_STREAM_PUSH_AFTER_EOF:stream.push() after EOF',
      'r close ',
    ],
  },
  badpush: {
    async run() {
      const r = watch(new Readable({ read() {} }), 'r');
      note(r.push(5));
      await pass(5);
    },
    expected: [
      'false',
      'r error TypeError:ERR_INVALID_ARG_TYPE:The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received type number (5)',
      'r close ',
    ],
  },
  from: {
    async run() {
      const e = Readable.from((async function*() { yield 1; throw new Error('g') })());
      try { for await (const x of e) note(x) } catch (x) { note(x) };
      note(await Readable.from('abc').toArray());
      const n = Readable.from([1, null]);
      try { for await (const x of n) note(x) } catch (x) { note(x) }
    },
    expected: [
      '1',
      'Error:undefined:g',
      '["abc"]',
      '1',
      'TypeError:ERR_STREAM_NULL_VALUES:May not write null values to stream',
    ],
  },
  wrapold: {
    async run() {
      const E = require('events');
      const o = new E();
      o.pause = () => {};
      o.resume = () => {};
      const r = new Readable().wrap(o);
      setTimeout(() => { o.emit('data', Buffer.from('z')); o.emit('end') }, 1);
      for await (const x of r) note(x);
    },
    expected: [
      'Bz',
    ],
  },
  zerolen: {
    async run() {
      const r = new Readable({ read() {} });
      r.push('');
      r.push('a');
      r.push(null);
      note(await r.toArray());
    },
    expected: [
      '[{"type":"Buffer","data":[97]}]',
    ],
  },
  hwm0: {
    async run() {
      const r = new Readable({ highWaterMark: 0, read() { note('_read'); this.push(null) } });
      r.on('end', () => note('end'));
      r.resume();
      await pass(5);
    },
    expected: [
      '_read',
      'end',
    ],
  },
  backp: {
    async run() {
      let n = 0;
      const r = new Readable({ highWaterMark: 2, objectMode: true, read() { n++; this.push(n <= 6 ? n: null) } });
      await pass(2);
      note(n);
      r.read();
      await pass(2);
      note(n, r.readableLength);
    },
    expected: [
      '0',
      '3 2',
    ],
  },
  constructerr: {
    async run() {
      const r = watch(new Readable({ construct(cb) { cb(new Error('c')) }, read() { note('never') } }), 'r');
      r.resume();
      await pass(5);
    },
    expected: [
      'r resume ',
      'r error Error:undefined:c',
      'r close ',
    ],
  },
};

check(cases);
