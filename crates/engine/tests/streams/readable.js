//# 4.2.4 a source that is null or no object, and members that are no functions, are refused
log(thrown(() => new ReadableStream(null)), thrown(() => new ReadableStream(1)), thrown(() => new ReadableStream({ pull: 1 })));
log(thrown(() => new ReadableStream({ type: 'other' })), thrown(() => new ReadableStream({ type: undefined })), thrown(() => ReadableStream()));
//= TypeError TypeError TypeError|TypeError none TypeError
//# 4.2.4 members of the source are asked for in the order of their names, after the strategy's
const seen = [];
const spy = (name) => new Proxy({}, { get(target, key) { seen.push(name + '.' + String(key)); } });
new ReadableStream(spy('source'), spy('strategy'));
log(seen);
//= [strategy.highWaterMark,strategy.size,source.autoAllocateChunkSize,source.cancel,source.pull,source.start,source.type]
//# 4.2.4 the high-water mark is a number of at least 0, and streams of bytes take no size
log(thrown(() => new ReadableStream({}, { highWaterMark: -1 })), thrown(() => new ReadableStream({}, { highWaterMark: NaN })));
log(thrown(() => new ReadableStream({}, { highWaterMark: Infinity })), thrown(() => new ReadableStream({ type: 'bytes' }, { size() {} })));
log(thrown(() => new ReadableStream({}, { size: 1 })), thrown(() => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 0 })));
//= RangeError RangeError|none RangeError|TypeError TypeError
//# 4.2.4 what start throws is thrown, and what it rejects with is the stream's error
log(thrown(() => new ReadableStream({ start() { throw new RangeError(); } })));
const stream = new ReadableStream({ start: () => Promise.reject(new SyntaxError()) });
log(await settled(stream.getReader().read()));
//= RangeError|no:SyntaxError
//# 4.2.4 start is called at once with the controller, as the source's method
const source = { start(c) { log(this === source, c.constructor.name, c.desiredSize); } };
new ReadableStream(source, { highWaterMark: 3 });
log('after');
//= true ReadableStreamDefaultController 3|after
//# 4.2.4 pull waits for start, and is called once at a time
const calls = []; let release;
const stream = new ReadableStream({ start: () => new Promise((r) => { release = r; }), pull() { calls.push('pull'); } }, { highWaterMark: 2 });
await ticks(); log(calls.length); release(); await ticks(); log(calls.length);
//= 0|1
//# 4.2.4 pull is called again and again until the queue is full
let n = 0;
new ReadableStream({ pull(c) { c.enqueue(n++); } }, { highWaterMark: 4 });
await ticks(40); log(n);
//= 4
//# 4.2.4 nothing is pulled ahead of a mark of 0, but for a reader
let n = 0;
const stream = new ReadableStream({ pull(c) { c.enqueue(n++); } }, { highWaterMark: 0 });
await ticks(); log(n); log(await stream.getReader().read()); log(n);
//= 0|{0,false}|1
//# 4.2.4 what pull throws or rejects with is the stream's error
for (const pull of [() => { throw new RangeError(); }, () => Promise.reject(new EvalError())]) log(await settled(new ReadableStream({ pull }).getReader().closed));
//= no:RangeError|no:EvalError
//# 4.2.4 a stream that is read from is locked until it is released
const stream = new ReadableStream();
log(stream.locked); const reader = stream.getReader(); log(stream.locked, thrown(() => stream.getReader())); reader.releaseLock(); log(stream.locked); stream.getReader();
//= false|true TypeError|false
//# 4.2.4 getReader takes the mode byob of streams of bytes only
log(thrown(() => new ReadableStream().getReader({ mode: 'byob' })), thrown(() => new ReadableStream().getReader({ mode: 'x' })), thrown(() => new ReadableStream().getReader({ mode: null })));
log(new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' }).constructor.name, new ReadableStream().getReader(null).constructor.name);
//= TypeError TypeError TypeError|ReadableStreamBYOBReader ReadableStreamDefaultReader
//# 4.2.4 canceling hands the reason to the source, empties the queue and closes the stream
let given; const stream = new ReadableStream({ start(c) { c.enqueue(1); }, cancel(reason) { given = reason; return 5; } });
log(await settled(stream.cancel('why')), given); log(await stream.getReader().read());
//= ok:undefined why|{undefined,true}
//# 4.2.4 canceling a locked stream is refused, a closed one does nothing, a failed one tells its error
const locked = new ReadableStream(); locked.getReader();
let asked = 0;
const closed = new ReadableStream({ start(c) { c.close(); }, cancel() { asked++; } }), failed = new ReadableStream({ start(c) { c.error(new RangeError()); } });
log(await settled(locked.cancel()), await settled(closed.cancel()), await settled(failed.cancel()), asked);
//= no:TypeError ok:undefined no:RangeError 0
//# 4.2.4 what cancel throws or rejects with is what canceling answers
log(await settled(new ReadableStream({ cancel() { throw new RangeError(); } }).cancel()), await settled(new ReadableStream({ cancel: () => Promise.reject(3) }).cancel()));
//= no:RangeError no:3
//# 4.2.4 methods on other objects reject where they answer promises and throw else
const { prototype } = ReadableStream;
log(await settled(prototype.cancel.call({})), await settled(prototype.pipeTo.call({}, new WritableStream())), thrown(() => prototype.getReader.call({})), thrown(() => prototype.locked));
log(await settled(Object.getOwnPropertyDescriptor(ReadableStreamDefaultReader.prototype, 'closed').get.call({})), thrown(() => prototype.tee.call({})));
//= no:TypeError no:TypeError TypeError TypeError|no:TypeError TypeError
//# 4.3.3 reads are answered in turn, and at the end with done
let controller; const reader = new ReadableStream({ start(c) { controller = c; } }).getReader();
const reads = [reader.read(), reader.read(), reader.read(), reader.read()];
controller.enqueue('a'); controller.enqueue('b'); controller.close();
log(await Promise.all(reads));
//= [{a,false},{b,false},{undefined,true},{undefined,true}]
//# 4.3.3 what is queued is read before the stream is closed
const reader = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }).getReader();
let closed = false; reader.closed.then(() => { closed = true; });
await ticks(); log(closed, await reader.read()); await ticks(); log(closed, await reader.read()); await ticks(); log(closed, await reader.read());
//= false {1,false}|false {2,false}|true {undefined,true}
//# 4.3.3 an error drops what is queued and rejects what waits
let controller; const stream = new ReadableStream({ start(c) { controller = c; c.enqueue(1); } }), reader = stream.getReader();
await reader.read(); const read = reader.read(); controller.enqueue(2); controller.enqueue(3); controller.error(new RangeError());
log(await read, await settled(reader.read()), await settled(reader.closed));
//= {2,false} no:RangeError no:RangeError
//# 4.3.3 releasing rejects what waits, and closed, which is another promise then
const stream = new ReadableStream(), reader = stream.getReader(), closed = reader.closed, read = reader.read();
reader.releaseLock(); reader.releaseLock();
log(reader.closed === closed, await settled(closed), await settled(read), await settled(reader.read()), await settled(reader.cancel()), stream.locked);
const done = new ReadableStream({ start(c) { c.close(); } }).getReader(), before = done.closed; done.releaseLock();
log(done.closed === before, await settled(before), await settled(done.closed));
//= true no:TypeError no:TypeError no:TypeError no:TypeError false|false ok:undefined no:TypeError
//# 4.3.3 nobody is told of a closed promise that failed and was not asked for
new ReadableStream({ start(c) { c.error(1); } }).getReader().releaseLock(); new ReadableStream().getReader().releaseLock();
await ticks(); log('quiet');
//= quiet
//# 4.3.3 readers are made of unlocked streams only
const stream = new ReadableStream(); new ReadableStreamDefaultReader(stream);
log(thrown(() => new ReadableStreamDefaultReader(stream)), thrown(() => new ReadableStreamDefaultReader({})), thrown(() => new ReadableStreamDefaultReader()));
//= TypeError TypeError TypeError
//# 4.3.3 canceling by a reader closes what waits
let given; const reader = new ReadableStream({ cancel(r) { given = r; } }).getReader(), read = reader.read();
log(await settled(reader.cancel(7)), given, await read, await settled(reader.closed));
//= ok:undefined 7 {undefined,true} ok:undefined
//# 4.6 desiredSize is the mark less what is queued, null after an error and 0 after the end
const sizes = []; let controller;
new ReadableStream({ start(c) { controller = c; sizes.push(c.desiredSize); c.enqueue('abc'); sizes.push(c.desiredSize); } }, { highWaterMark: 2, size: (chunk) => chunk.length });
controller.close(); sizes.push(controller.desiredSize); controller.error(1); sizes.push(controller.desiredSize);
new ReadableStream({ start(c) { c.close(); sizes.push(c.desiredSize); } });
log(sizes);
//= [2,-1,-1,null,0]
//# 4.6 a controller that is closed or failed takes no more
let controller; new ReadableStream({ start(c) { controller = c; } });
controller.close(); log(thrown(() => controller.close()), thrown(() => controller.enqueue(1)));
let failed; new ReadableStream({ start(c) { failed = c; } }); failed.error(1); failed.error(2); log(thrown(() => failed.close()), thrown(() => failed.enqueue(1)));
//= TypeError TypeError|TypeError TypeError
//# 4.6 a size that is none, and one that throws, are thrown by enqueue and are the stream's error
for (const size of [() => -1, () => NaN, () => Infinity, () => { throw new EvalError(); }]) {
  let controller; const stream = new ReadableStream({ start(c) { controller = c; } }, { size });
  log(thrown(() => controller.enqueue(1)), await settled(stream.getReader().closed));
}
//= RangeError no:RangeError|RangeError no:RangeError|RangeError no:RangeError|EvalError no:EvalError
//# 4.6 a size is asked for without a this, and not for chunks that somebody waits for
'use strict'; let controller, asked = 0; const size = function () { asked++; log(this === undefined); return 1; };
const reader = new ReadableStream({ start(c) { controller = c; } }, { size }).getReader();
reader.read(); controller.enqueue(1); log(asked); controller.enqueue(2);
//= 0|true
//# 4.6 controllers cannot be made
for (const of of [ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest, WritableStreamDefaultController, TransformStreamDefaultController]) log(thrown(() => new of()));
//= TypeError|TypeError|TypeError|TypeError|TypeError
//# 4.2.5 for await reads to the end and releases the stream
const stream = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } });
log(await drain(stream), stream.locked);
//= [1,2] false
//# 4.2.5 leaving the loop cancels the stream, unless that is prevented
for (const preventCancel of [false, true]) {
  let given = 'not'; const stream = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { given = r; } });
  for await (const chunk of stream.values({ preventCancel })) { log(chunk); break; }
  log(given, stream.locked);
}
//= 1|undefined false|1|not false
//# 4.2.5 an error ends the iterator
let n = 0; const stream = new ReadableStream({ pull(c) { if (n++) c.error(new RangeError()); else c.enqueue(1); } }, { highWaterMark: 0 });
const iterator = stream.values();
log(await settled(iterator.next()), await settled(iterator.next()), await settled(iterator.next()), stream.locked);
//= ok:{1,false} no:RangeError ok:{undefined,true} false
//# 4.2.5 what an iterator is asked for is answered in turn
const stream = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }), iterator = stream[Symbol.asyncIterator]();
log(await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.return('x'), iterator.next()]));
//= [{1,false},{2,false},{undefined,true},{x,true},{undefined,true}]
//# 4.2.5 the prototype of iterators
const iterator = new ReadableStream().values(), prototype = Object.getPrototypeOf(iterator);
log(Object.keys(prototype), prototype[Symbol.toStringTag], Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype)));
log(ReadableStream.prototype[Symbol.asyncIterator] === ReadableStream.prototype.values, await settled(prototype.next.call({})), await settled(prototype.return.call({})));
//= [next,return] ReadableStream AsyncIterator true|true no:TypeError no:TypeError
//# 4.2.6 from takes iterables of both kinds
log(await drain(ReadableStream.from([1, Promise.resolve(2)])), await drain(ReadableStream.from((async function* () { yield 3; yield 4; })())), await drain(ReadableStream.from(new Set([5]))));
log(await drain(ReadableStream.from(ReadableStream.from(['x']))), await drain(ReadableStream.from('ab')));
//= [1,2] [3,4] [5]|[x] [a,b]
//# 4.2.6 from refuses what is not iterable
for (const value of [undefined, null, 1, {}, { [Symbol.iterator]: 1 }, { [Symbol.asyncIterator]: 1 }, { [Symbol.iterator]: () => 1 }]) log(thrown(() => ReadableStream.from(value)));
log(thrown(() => ReadableStream.from()));
//= TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError
//# 4.2.6 canceling a stream from an iterable returns from it
const seen = []; const iterable = { [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1, done: false }), return: async (reason) => { seen.push(reason); return {}; } }) };
const reader = ReadableStream.from(iterable).getReader(); await reader.read();
log(await settled(reader.cancel('r')), seen);
const bad = { [Symbol.asyncIterator]: () => ({ next: async () => 1, return: async () => 1 }) };
log(await settled(ReadableStream.from(bad).getReader().read()), await settled(ReadableStream.from(bad).cancel()));
const without = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true }) }) };
log(await settled(ReadableStream.from(without).cancel()), await drain(ReadableStream.from(without)));
//= ok:undefined [r]|no:TypeError no:TypeError|ok:undefined []
//# 4.2.6 nothing is asked of an iterable before it is read
let asked = 0; const stream = ReadableStream.from({ [Symbol.iterator]: () => ({ next() { asked++; return { value: asked, done: asked > 2 }; } }) });
await ticks(); log(asked); log(await drain(stream), asked);
//= 0|[1,2] 3
//# 4.9.1 both branches of a tee get all chunks, at their own pace
const [a, b] = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }).tee();
log(await drain(a), await drain(b));
//= [1,2] [1,2]
//# 4.9.1 a tee locks its stream, and cancels it once both branches are canceled
let given; const stream = new ReadableStream({ cancel(r) { given = r; return 'x'; } }), [a, b] = stream.tee();
log(stream.locked, thrown(() => stream.tee())); const first = a.cancel(1); await ticks(); log(given); const second = b.cancel(2);
log(await settled(first), await settled(second), given);
//= true TypeError|undefined|ok:undefined ok:undefined [1,2]
//# 4.9.1 an error reaches both branches, and what cancel throws both promises
const [a, b] = new ReadableStream({ start(c) { c.error(new RangeError()); } }).tee();
log(await settled(a.getReader().read()), await settled(b.getReader().closed));
const [c, d] = new ReadableStream({ cancel() { throw new EvalError(); } }).tee();
log(await Promise.all([settled(c.cancel()), settled(d.cancel())]));
//= no:RangeError no:RangeError|[no:EvalError,no:EvalError]
//# 4.9.1 a branch goes on where the other is canceled
const [a, b] = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }).tee();
a.cancel(); log(await drain(b));
//= [1,2]
//# 4.9.1 a tee pulls no more than its branches ask for
let pulls = 0; const [a] = new ReadableStream({ pull(c) { pulls++; c.enqueue(pulls); } }, { highWaterMark: 0 }).tee();
await ticks(40); log(pulls); const reader = a.getReader(); log(await reader.read(), await reader.read()); await ticks(40); log(pulls);
//= 1|{1,false} {2,false}|3
//# 4.9.1 the branches of a tee share their chunks
const chunk = {}; const [a, b] = ReadableStream.from([chunk]).tee();
log((await a.getReader().read()).value === (await b.getReader().read()).value);
//= true
