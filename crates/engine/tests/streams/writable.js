//# 5.2.4 a sink is an object without a type whose members are functions
log(thrown(() => new WritableStream(null)), thrown(() => new WritableStream({ write: 1 })), thrown(() => new WritableStream({ type: 'bytes' })), thrown(() => new WritableStream({ type: '' })));
log(thrown(() => new WritableStream({}, { highWaterMark: -1 })), thrown(() => WritableStream()));
//= TypeError TypeError RangeError RangeError|RangeError TypeError
//# 5.2.4 members of the sink are asked for in the order of their names
const seen = []; new WritableStream(new Proxy({}, { get(target, key) { seen.push(key); } })); log(seen);
//= [abort,close,start,type,write]
//# 5.2.4 chunks are written one at a time and in order, then the sink is closed
const seen = []; const writer = new WritableStream({ start(c) { log(c.constructor.name); }, async write(chunk, c) { seen.push('>' + chunk); await ticks(3); seen.push('<' + chunk); }, close() { seen.push('close'); } }).getWriter();
writer.write(1); writer.write(2); await writer.close(); log(seen, await settled(writer.closed));
//= WritableStreamDefaultController|[>1,<1,>2,<2,close] ok:undefined
//# 5.2.4 nothing is written before start is over
const seen = []; let go; const writer = new WritableStream({ start: () => new Promise((r) => { go = r; }), write() { seen.push('write'); } }).getWriter();
writer.write(1); await ticks(); log(seen.length); go(); await ticks(); log(seen.length);
//= 0|1
//# 5.2.4 what start throws is thrown, what it rejects with is the stream's error
log(thrown(() => new WritableStream({ start() { throw new RangeError(); } })));
const writer = new WritableStream({ start: () => Promise.reject(new EvalError()) }).getWriter(); log(await settled(writer.write(1)), await settled(writer.closed), await settled(writer.ready));
//= RangeError|no:EvalError no:EvalError no:EvalError
//# 5.2.4 locked streams are closed and aborted by their writers only
const stream = new WritableStream(); const writer = stream.getWriter();
log(stream.locked, await settled(stream.abort()), await settled(stream.close()), thrown(() => stream.getWriter())); writer.releaseLock(); log(stream.locked, await settled(stream.close()));
//= true no:TypeError no:TypeError TypeError|false ok:undefined
//# 5.2.4 a stream is closed once
const stream = new WritableStream(); const first = stream.close();
log(await settled(stream.close()), await settled(first), await settled(stream.close()), await settled(stream.getWriter().write(1)));
//= no:TypeError ok:undefined no:TypeError no:TypeError
//# 5.3.3 ready waits for backpressure to end
let done; const writer = new WritableStream({ write: () => new Promise((r) => { done = r; }) }, { highWaterMark: 1 }).getWriter();
const before = writer.ready; log(writer.desiredSize); await writer.ready; writer.write(1); log(writer.desiredSize, writer.ready === before);
let ready = false; writer.ready.then(() => { ready = true; }); await ticks(); log(ready); done(); await ticks(); log(ready, writer.desiredSize);
//= 1|0 false|false|true 1
//# 5.3.3 desiredSize is null after an error, and 0 after the end
const closed = new WritableStream().getWriter(); await closed.close(); log(closed.desiredSize);
let controller; const failed = new WritableStream({ start(c) { controller = c; } }).getWriter(); controller.error(1); log(failed.desiredSize, await settled(failed.closed)); failed.ready.catch(() => 0);
closed.releaseLock(); log(thrown(() => closed.desiredSize));
//= 0|null no:1|TypeError
//# 5.3.3 a released writer is good for nothing, and its promises are rejected
const stream = new WritableStream(), writer = stream.getWriter(), closed = writer.closed; writer.releaseLock(); writer.releaseLock();
log(await settled(closed), await settled(writer.ready), await settled(writer.write(1)), await settled(writer.close()), await settled(writer.abort()), stream.locked);
//= no:TypeError no:TypeError no:TypeError no:TypeError no:TypeError false
//# 5.3.3 writers are made of unlocked streams only
const stream = new WritableStream(); new WritableStreamDefaultWriter(stream);
log(thrown(() => new WritableStreamDefaultWriter(stream)), thrown(() => new WritableStreamDefaultWriter({})), thrown(() => new WritableStreamDefaultWriter()));
//= TypeError TypeError TypeError
//# 5.3.3 what write rejects with fails the write, those behind it, and the stream
const writer = new WritableStream({ write: () => Promise.reject(new RangeError()) }).getWriter();
const first = writer.write(1), second = writer.write(2), closed = writer.close();
log(await settled(first), await settled(second), await settled(closed), await settled(writer.closed), await settled(writer.write(3)));
//= no:RangeError no:RangeError no:RangeError no:RangeError no:RangeError
//# 5.3.3 what close of the sink throws is the stream's error
const writer = new WritableStream({ close() { throw new EvalError(); } }).getWriter();
log(await settled(writer.close()), await settled(writer.closed));
//= no:EvalError no:EvalError
//# 5.3.3 sizes that throw or are none fail the stream
for (const size of [() => { throw new EvalError(); }, () => -1, () => NaN]) { const writer = new WritableStream({}, { size }).getWriter(); log(await settled(writer.write(1)), await settled(writer.closed)); writer.ready.catch(() => 0); }
//= no:EvalError no:EvalError|no:RangeError no:RangeError|no:RangeError no:RangeError
//# 5.3.3 a size that releases the writer fails the write only
let writer; const stream = new WritableStream({}, { size() { writer.releaseLock(); return 1; } }); writer = stream.getWriter();
log(await settled(writer.write(1)), stream.locked); await settled(writer.closed); log(await settled(stream.close()));
//= no:TypeError false|ok:undefined
//# 5.2.4 aborting drops what was not written, tells the sink and fails the stream
const seen = []; let done; const writer = new WritableStream({ write(chunk) { seen.push(chunk); return new Promise((r) => { done = r; }); }, abort(reason) { seen.push(reason); } }).getWriter();
const first = writer.write(1), second = writer.write(2); await ticks(); const aborted = writer.abort('why'); await ticks(); log(seen); done();
log(await settled(aborted), await settled(first), await settled(second), await settled(writer.closed), seen);
//= [1]|ok:undefined ok:undefined no:why no:why [1,why]
//# 5.2.4 aborting again answers the same promise, and after the end nothing
const stream = new WritableStream({ abort: () => ticks() }); const first = stream.abort(1), second = stream.abort(2);
log(await settled(first), await settled(second), await settled(stream.abort(3)));
const closed = new WritableStream(); await closed.close(); log(await settled(closed.abort()));
//= ok:undefined ok:undefined ok:undefined|ok:undefined
//# 5.2.4 what abort of the sink rejects with is what aborting answers
const stream = new WritableStream({ abort() { throw new RangeError(); } }); log(await settled(stream.abort()), await settled(stream.getWriter().closed));
//= no:RangeError no:undefined
//# 5.4.3 the controller's signal is aborted with the reason, before anything else
let controller; const seen = []; const stream = new WritableStream({ start(c) { controller = c; }, abort() { seen.push('sink'); } }); await ticks();
controller.signal.addEventListener('abort', () => seen.push(controller.signal.reason)); await stream.abort('why'); log(seen, controller.signal.aborted);
//= [why,sink] true
//# 5.4.3 an error of the controller's fails the stream once what is written has ended
let controller, done; const writer = new WritableStream({ start(c) { controller = c; }, write: () => new Promise((r) => { done = r; }) }).getWriter();
const first = writer.write(1); await ticks(); controller.error(new RangeError()); log(writer.desiredSize, await settled(writer.ready)); let over = false; writer.closed.catch(() => { over = true; }); await ticks(); log(over); done(); log(await settled(first), await settled(writer.closed));
controller.error(1);
//= null no:RangeError|false|ok:undefined no:RangeError
//# 5.4.3 errors after the end change nothing
let controller; const stream = new WritableStream({ start(c) { controller = c; } }); await stream.close(); controller.error(1); log(await settled(stream.getWriter().closed));
//= ok:undefined
//# 5.2.4 aborting while the sink closes waits for that
let done; const writer = new WritableStream({ close: () => new Promise((r) => { done = r; }) }).getWriter(); const closed = writer.close(); await ticks(); const aborted = writer.abort(1); done();
log(await settled(closed), await settled(aborted), await settled(writer.closed));
//= ok:undefined ok:undefined ok:undefined
//# 5.3 methods on other objects reject where they answer promises and throw else
const { prototype } = WritableStreamDefaultWriter;
log(await settled(prototype.write.call({})), await settled(prototype.close.call({})), thrown(() => prototype.desiredSize), thrown(() => WritableStream.prototype.locked), await settled(WritableStream.prototype.abort.call({})));
//= no:TypeError no:TypeError TypeError TypeError no:TypeError
//# 7.2 the strategies take a mark, and their sizes are those of bytes and 1
log(new CountQueuingStrategy({ highWaterMark: 4 }).highWaterMark, new ByteLengthQueuingStrategy({ highWaterMark: '5' }).highWaterMark, thrown(() => new CountQueuingStrategy()), thrown(() => new ByteLengthQueuingStrategy({})));
const { size } = new ByteLengthQueuingStrategy({ highWaterMark: 0 }), count = new CountQueuingStrategy({ highWaterMark: 1 }).size;
log(size({ byteLength: 7 }), count(), size.name, size.length, count.length, size === new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size, thrown(() => size()), new CountQueuingStrategy({ highWaterMark: 'x' }).highWaterMark);
//= 4 5 TypeError TypeError|7 1 size 1 0 true TypeError NaN
