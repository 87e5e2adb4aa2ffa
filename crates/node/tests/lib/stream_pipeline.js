'use strict';
// pipe, pipeline, finished and aborting. Each case logs what happens; the log is what Node gives.
const { Readable, Writable, Transform, PassThrough, pipeline, finished, Stream, addAbortSignal } = require('stream');
const streams = require('stream/promises');

const { check, note, pass, watch } = require('./support/stream_log');

const cases = {
  pipe: {
    async run() {
      const r = watch(Readable.from(['a', 'b', 'c']), 'r');
      const w = watch(new Writable({ highWaterMark: 1, write(c, e, cb) { note('w', c); setTimeout(cb, 1) } }), 'w');
      r.pipe(w);
      await new Promise((resolve) => w.on('close', resolve));
    },
    expected: [
      'w pipe ',
      'r resume ',
      'w Ba',
      'r pause ',
      'w drain ',
      'r resume ',
      'w Bb',
      'r pause ',
      'w drain ',
      'r resume ',
      'w Bc',
      'r pause ',
      'r end ',
      'r close ',
      'w prefinish ',
      'w finish ',
      'w unpipe ',
      'w close ',
    ],
  },
  pipe2: {
    async run() {
      const r = new PassThrough();
      const a = watch(new PassThrough(), 'a'), b = watch(new PassThrough(), 'b');
      r.pipe(a);
      r.pipe(b, { end: false });
      a.on('data', d => note('a', d));
      b.on('data', d => note('b', d));
      r.write('1');
      await 0;
      r.unpipe(b);
      r.end('2');
      await pass(10);
    },
    expected: [
      'a pipe ',
      'b pipe ',
      'a B1',
      'b B1',
      'b unpipe ',
      'a B2',
      'a resume ',
      'b resume ',
      'a prefinish ',
      'a end ',
      'a finish ',
      'a unpipe ',
      'a close ',
    ],
  },
  oldpipe: {
    async run() {
      const s = new Stream();
      s.readable = true;
      const w = watch(new Writable({ write(c, e, cb) { note('w', c); cb() } }), 'w');
      s.pipe(w);
      s.emit('data', 'q');
      s.emit('end');
      await pass(5);
    },
    expected: [
      'w pipe ',
      'w Bq',
      'w prefinish ',
      'w finish ',
      'w close ',
    ],
  },
  pipeline: {
    async run() {
      await new Promise(k => pipeline(Readable.from(['a', 'b']), new Transform({ transform(c, e, cb) { cb(null, c+'x') } }), new Writable({ write(c, e, cb) { note('w', c); cb() } }), (e, v) => { note('done', e, v); k() }));
    },
    expected: [
      'w Bax',
      'w Bbx',
      'done undefined undefined',
    ],
  },
  pipelineerr: {
    async run() {
      const r = new Readable({ read() { this.push('a') } });
      const w = new Writable({ write(c, e, cb) { cb(new Error('w')) } });
      await new Promise(k => pipeline(r, w, (e) => { note('done', e, r.destroyed, w.destroyed); k() }));
    },
    expected: [
      'done Error:undefined:w true true',
    ],
  },
  pipelinegen: {
    async run() {
      await streams.pipeline(async function*() { yield 'a'; yield 'b' }, async function*(src) { for await (const x of src)yield x+x }, new Writable({ objectMode: true, write(c, e, cb) { note('w', c); cb() } }));
      note(await streams.pipeline(['x', 'y'], async function(src) { let s = ''; for await (const c of src)s += c; return s }));
    },
    expected: [
      'w aa',
      'w bb',
      'xy',
    ],
  },
  pipelineabort: {
    async run() {
      const ac = new AbortController();
      setTimeout(() => ac.abort(), 2);
      await streams.pipeline(new Readable({ read() {} }), new PassThrough(), { signal: ac.signal }).catch (e => note(e, e.cause && e.cause.name));
    },
    expected: [
      'AbortError:ABORT_ERR:The operation was aborted AbortError',
    ],
  },
  finished: {
    async run() {
      const r = new Readable({ read() {} });
      const p = streams.finished(r);
      r.push(null);
      r.resume();
      await p;
      note('ok');
      const r2 = new Readable({ read() {} });
      setTimeout(() => r2.destroy(), 1);
      await streams.finished(r2).catch (e => note(e));
      const w = new Writable({ write(c, e, cb) { cb() } });
      w.end();
      await streams.finished(w);
      note('w');
      await streams.finished(w);
      note('w2');
      try { finished({}, () => {}) } catch (e) { note(e) }
    },
    expected: [
      'ok',
      'Error:ERR_STREAM_PREMATURE_CLOSE:Premature close',
      'w',
      'w2',
      'TypeError:ERR_INVALID_ARG_TYPE:The "stream" argument must be an instance of ReadableStream, WritableStream, or Stream. Received an instance of Object',
    ],
  },
  abort: {
    async run() {
      const ac = new AbortController();
      const r = watch(addAbortSignal(ac.signal, new Readable({ read() {} })), 'r');
      ac.abort();
      await pass(5);
      const w = watch(new Writable({ signal: AbortSignal.abort(), write(c, e, cb) { cb() } }), 'w');
      await pass(5);
    },
    expected: [
      'r error AbortError:ABORT_ERR:The operation was aborted',
      'r close ',
      'w error AbortError:ABORT_ERR:The operation was aborted',
      'w close ',
    ],
  },
};

check(cases);
