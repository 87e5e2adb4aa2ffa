//# 4.2.4 pipeTo writes all chunks and closes the target
const [all, target] = collect(); const source = ReadableStream.from([1, 2, 3]);
const piped = source.pipeTo(target); log(source.locked, target.locked); log(await settled(piped), all, source.locked, target.locked, await settled(target.getWriter().closed));
//= true true|ok:undefined [1,2,3] false false ok:undefined
//# 4.2.4 pipeTo refuses what is no stream, is locked, and signals that are none
const locked = new ReadableStream(); locked.getReader(); const taken = new WritableStream(); taken.getWriter();
log(await settled(new ReadableStream().pipeTo({})), await settled(locked.pipeTo(new WritableStream())), await settled(new ReadableStream().pipeTo(taken)), await settled(new ReadableStream().pipeTo(new WritableStream(), { signal: 1 })), await settled(new ReadableStream().pipeTo()));
//= no:TypeError no:TypeError no:TypeError no:TypeError no:TypeError
//# 4.2.4 the options are asked for in the order of their names
const seen = []; await new ReadableStream({ start(c) { c.close(); } }).pipeTo(new WritableStream(), new Proxy({}, { get(target, key) { seen.push(key); } })); log(seen);
//= [preventAbort,preventCancel,preventClose,signal]
//# 4.9.1 an error of the source aborts the target, unless that is prevented
for (const preventAbort of [false, true]) {
  let given = 'not'; const target = new WritableStream({ abort(r) { given = r; } });
  log(await settled(new ReadableStream({ start(c) { c.error(new RangeError()); } }).pipeTo(target, { preventAbort })), given, target.locked);
}
//= no:RangeError RangeError false|no:RangeError not false
//# 4.9.1 an error of the target cancels the source, unless that is prevented
for (const preventCancel of [false, true]) {
  let given = 'not'; const source = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { given = r; } });
  log(await settled(source.pipeTo(new WritableStream({ write() { throw new EvalError(); } }), { preventCancel })), given, source.locked);
}
//= no:EvalError EvalError false|no:EvalError not false
//# 4.9.1 the end of the source closes the target, unless that is prevented
for (const preventClose of [false, true]) { let closed = false; const target = new WritableStream({ close() { closed = true; } }); log(await settled(ReadableStream.from([1]).pipeTo(target, { preventClose })), closed); }
//= ok:undefined true|ok:undefined false
//# 4.9.1 a target that is closed cancels the source
let given; const target = new WritableStream(); await target.close();
log(await settled(new ReadableStream({ cancel(r) { given = r; } }).pipeTo(target)), given);
//= no:TypeError TypeError
//# 4.9.1 a signal ends the pipe, and both streams, with its reason
for (const options of [{}, { preventAbort: true, preventCancel: true }]) {
  const seen = []; const controller = new AbortController();
  const source = new ReadableStream({ cancel(r) { seen.push('cancel', r); } }), target = new WritableStream({ abort(r) { seen.push('abort', r); } });
  const piped = settled(source.pipeTo(target, { signal: controller.signal, ...options })); await ticks(); controller.abort('why'); log(await piped, seen, source.locked, target.locked);
}
//= no:why [abort,why,cancel,why] false false|no:why [] false false
//# 4.9.1 a signal that was aborted before reads nothing
let pulls = 0; const source = new ReadableStream({ pull(c) { pulls++; } }, { highWaterMark: 0 });
log(await settled(source.pipeTo(new WritableStream(), { signal: AbortSignal.abort(new RangeError()) })), pulls, await settled(source.getReader().closed));
//= no:RangeError 0 ok:undefined
//# 4.9.1 what was read is written before the pipe ends
const all = []; let controller; const source = new ReadableStream({ start(c) { controller = c; } });
const piped = settled(source.pipeTo(new WritableStream({ async write(chunk) { await ticks(5); all.push(chunk); } }), { preventAbort: true })); await ticks();
controller.enqueue('a'); await ticks(3); controller.error(new RangeError()); log(await piped, all);
//= no:RangeError [a]
//# 4.9.1 no chunk is read while the target has no room
let pulls = 0; const source = new ReadableStream({ pull(c) { c.enqueue(pulls++); } }, { highWaterMark: 0 });
source.pipeTo(new WritableStream({ write: () => new Promise(() => 0) }, { highWaterMark: 2 })); await ticks(60); log(pulls);
//= 2
//# 4.9.1 enqueue does not write at once
const seen = []; let controller; new ReadableStream({ start(c) { controller = c; } }).pipeTo(new WritableStream({ write() { seen.push('write'); } }, { highWaterMark: 3 }));
await ticks(); controller.enqueue(1); seen.push('after'); await ticks(); log(seen);
//= [after,write]
//# 4.9.1 what ends the target by failing to close or abort is told
log(await settled(ReadableStream.from([]).pipeTo(new WritableStream({ close() { throw new EvalError(); } }))));
log(await settled(new ReadableStream({ start(c) { c.error(1); } }).pipeTo(new WritableStream({ abort() { throw new EvalError(); } }))));
log(await settled(new ReadableStream({ cancel() { throw new EvalError(); } }).pipeTo(new WritableStream({ start(c) { c.error(1); } }))));
//= no:EvalError|no:EvalError|no:EvalError
//# 4.9.1 bytes are piped as their chunks
const [all, target] = collect(); await new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2])); c.close(); } }).pipeTo(target); log(all);
//= [Uint8Array(1,2)]
//# 4.2.4 pipeThrough answers the readable side, and tells nobody of failures
const pair = { writable: new WritableStream({ write() { throw new RangeError(); } }), readable: new ReadableStream() };
log(ReadableStream.from([1]).pipeThrough(pair) === pair.readable); await ticks(); log('quiet');
//= true|quiet
//# 4.2.4 pipeThrough refuses pairs of which one is no stream, and locked ones
const readable = new ReadableStream(), writable = new WritableStream(), source = () => new ReadableStream();
for (const pair of [{}, { readable }, { writable }, { readable: {}, writable }, null, undefined, 1]) log(thrown(() => source().pipeThrough(pair)));
const locked = source(); locked.getReader(); log(thrown(() => locked.pipeThrough({ readable, writable }))); writable.getWriter(); log(thrown(() => source().pipeThrough({ readable, writable })));
//= TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError
