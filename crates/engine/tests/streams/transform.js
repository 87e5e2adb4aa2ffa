//# 6.2 without a transformer chunks pass
const { readable, writable } = new TransformStream(); const writer = writable.getWriter(); writer.write('a'); writer.write('b'); writer.close();
log(await drain(readable));
//= [a,b]
//# 6.2 transformers are objects with functions, and have no types
log(thrown(() => new TransformStream(null)), thrown(() => new TransformStream({ transform: 1 })), thrown(() => new TransformStream({ readableType: 'bytes' })), thrown(() => new TransformStream({ writableType: 'bytes' })));
log(thrown(() => new TransformStream({}, { highWaterMark: -1 })), thrown(() => new TransformStream({}, {}, { size: 1 })));
//= TypeError TypeError RangeError RangeError|RangeError TypeError
//# 6.2 members of the transformer are asked for in the order of their names
const seen = []; new TransformStream(new Proxy({}, { get(target, key) { seen.push(key); } })); log(seen);
//= [cancel,flush,readableType,start,transform,writableType]
//# 6.2 transform gets each chunk and the controller, flush comes at the end
const source = ReadableStream.from([1, 2]);
log(await drain(source.pipeThrough(new TransformStream({ start(c) { c.enqueue('start'); }, transform(chunk, c) { c.enqueue(chunk * 2); c.enqueue(chunk * 3); }, async flush(c) { await 0; c.enqueue('flush'); } }, {}, { highWaterMark: 1 }))));
//= [start,2,3,4,6,flush]
//# 6.2 the writable side has room for one chunk, the readable one for none
const { readable, writable } = new TransformStream(); const writer = writable.getWriter(); log(writer.desiredSize);
let controller; new TransformStream({ start(c) { controller = c; } }); log(controller.desiredSize, controller.constructor.name);
new TransformStream({ start(c) { controller = c; } }, {}, { highWaterMark: 3 }); log(controller.desiredSize);
//= 1|0 TransformStreamDefaultController|3
//# 6.2 writes wait until somebody reads
const { readable, writable } = new TransformStream(); const writer = writable.getWriter(); let written = false;
writer.write(1).then(() => { written = true; }); await ticks(); log(written); log(await readable.getReader().read()); await ticks(); log(written);
//= false|{1,false}|true
//# 6.2 what transform throws fails both sides
const { readable, writable } = new TransformStream({ transform() { throw new RangeError(); } }); const writer = writable.getWriter(), reader = readable.getReader();
const write = settled(writer.write(1)); log(await settled(reader.read()), await write, await settled(writer.closed), await settled(reader.closed));
//= no:RangeError no:RangeError no:RangeError no:RangeError
//# 6.2 what flush throws fails the close and the readable side
const { readable, writable } = new TransformStream({ flush: () => Promise.reject(new EvalError()) }); const read = settled(readable.getReader().read());
log(await settled(writable.close()), await read);
//= no:EvalError no:EvalError
//# 6.2 what start throws is thrown, what it rejects with fails both sides
log(thrown(() => new TransformStream({ start() { throw new RangeError(); } })));
const { readable, writable } = new TransformStream({ start: () => Promise.reject(new EvalError()) }); log(await settled(readable.getReader().closed), await settled(writable.getWriter().closed));
//= RangeError|no:EvalError no:EvalError
//# 6.3 terminate closes the readable side and fails the writable one
let controller; const { readable, writable } = new TransformStream({ start(c) { controller = c; } }); controller.terminate();
log(await settled(readable.getReader().read()), await settled(writable.getWriter().closed), thrown(() => controller.enqueue(1)));
//= ok:{undefined,true} no:TypeError TypeError
//# 6.3 error fails both sides
let controller; const { readable, writable } = new TransformStream({ start(c) { controller = c; } }); controller.error(new RangeError());
log(await settled(readable.getReader().read()), await settled(writable.getWriter().closed), controller.desiredSize, thrown(() => controller.enqueue(1)));
//= no:RangeError no:RangeError null TypeError
//# 6.3 a size of the readable side that throws fails both sides and is thrown
let controller; const { readable, writable } = new TransformStream({ start(c) { controller = c; } }, {}, { size() { throw new EvalError(); }, highWaterMark: 1 });
log(thrown(() => controller.enqueue(1)), await settled(readable.getReader().closed), await settled(writable.getWriter().closed));
//= EvalError no:EvalError no:EvalError
//# 6.2 canceling the readable side calls cancel and fails the writable one
const seen = []; const { readable, writable } = new TransformStream({ cancel(r) { seen.push('cancel', r); }, flush() { seen.push('flush'); } }); const writer = writable.getWriter();
log(await settled(readable.cancel('why')), seen, await settled(writer.closed), await settled(writer.write(1)));
//= ok:undefined [cancel,why] no:why no:why
//# 6.2 aborting the writable side calls cancel and fails the readable one
const seen = []; const { readable, writable } = new TransformStream({ cancel(r) { seen.push('cancel', r); } });
log(await settled(writable.abort('why')), seen, await settled(readable.getReader().read()));
//= ok:undefined [cancel,why] no:why
//# 6.2 what cancel throws is told by both, and it is called once
let calls = 0; const { readable, writable } = new TransformStream({ cancel() { calls++; throw new EvalError(); } });
const first = settled(readable.cancel(1)), second = settled(writable.abort(2)); log(await first, await second, calls);
//= no:EvalError no:EvalError 1
//# 6.2 closing waits for flush, and cancels nothing
let calls = 0, go; const { readable, writable } = new TransformStream({ cancel() { calls++; }, flush: () => new Promise((r) => { go = r; }) });
const closed = settled(writable.close()); const read = settled(readable.getReader().read()); await ticks(); go(); log(await closed, await read, calls);
//= ok:undefined ok:{undefined,true} 0
//# 6.1 the members of a transform are its own streams
const stream = new TransformStream(); log(stream.readable === stream.readable, stream.writable instanceof WritableStream, thrown(() => TransformStream.prototype.readable), thrown(() => TransformStreamDefaultController.prototype.enqueue.call({})));
//= true true TypeError TypeError
//# Encoding 8: TextEncoderStream makes UTF-8 of chunks, and of halves of pairs that meet
const encoder = new TextEncoderStream(); log(encoder.encoding, String(encoder));
log(await drain(ReadableStream.from(['a', '', 'é', '\ud83e', '\udd80', '\ud83e', 'x', 5, null]).pipeThrough(encoder)));
//= utf-8 [object TextEncoderStream]|[Uint8Array(97),Uint8Array(195,169),Uint8Array(240,159,166,128),Uint8Array(239,191,189,120),Uint8Array(53),Uint8Array(110,117,108,108)]
//# Encoding 8: a half of a pair at the end, and chunks that are no text
log(await drain(ReadableStream.from(['a\ud83e']).pipeThrough(new TextEncoderStream())));
log(await settled(drain(ReadableStream.from([{ toString() { throw new RangeError(); } }]).pipeThrough(new TextEncoderStream()))), await settled(drain(new ReadableStream({ start(c) { c.enqueue(Symbol()); } }).pipeThrough(new TextEncoderStream()))));
//= [Uint8Array(97),Uint8Array(239,191,189)]|no:RangeError no:TypeError
//# Encoding 8: TextDecoderStream keeps what is undecided for the next chunk
const bytes = [0xef, 0xbb, 0xbf, 0x61, 0xf0, 0x9f, 0xa6, 0x80].map((byte) => new Uint8Array([byte]));
log(await drain(ReadableStream.from(bytes).pipeThrough(new TextDecoderStream())), (await drain(ReadableStream.from(bytes).pipeThrough(new TextDecoderStream('utf-8', { ignoreBOM: true })))).join('').length);
log(await drain(ReadableStream.from([new Uint8Array([0x61, 0, 0x62]).buffer, new DataView(new ArrayBuffer(1))]).pipeThrough(new TextDecoderStream('utf-16le'))));
//= [a,🦀] 4|[a,b]
//# Encoding 8: what cannot be decoded is replaced, or an error where it is fatal
const bytes = () => ReadableStream.from([new Uint8Array([0x61, 0xff]), new Uint8Array([0xe2, 0x82])]);
log(await drain(bytes().pipeThrough(new TextDecoderStream())), await settled(drain(bytes().pipeThrough(new TextDecoderStream('utf-8', { fatal: true })))));
log(await settled(drain(ReadableStream.from([new Uint8Array([0xe2])]).pipeThrough(new TextDecoderStream('utf-8', { fatal: true })))), await settled(drain(ReadableStream.from(['text']).pipeThrough(new TextDecoderStream()))));
//= [a�,�] no:TypeError|no:TypeError no:TypeError
//# Encoding 8: the members of TextDecoderStream
const decoder = new TextDecoderStream('latin1', { fatal: true }); log(decoder.encoding, decoder.fatal, decoder.ignoreBOM, thrown(() => new TextDecoderStream('klingon')), thrown(() => TextDecoderStream.prototype.fatal), thrown(() => TextEncoderStream.prototype.encoding));
//= windows-1252 true false RangeError TypeError TypeError
//# 6.3 a transform that is terminated while it is aborted before its start is aborted
let controller, go; const { writable, readable } = new TransformStream({ start(c) { controller = c; return new Promise((r) => { go = r; }); }, cancel() { log('never'); } });
const aborted = settled(writable.abort('why')); controller.terminate(); go(); log(await aborted, await settled(writable.getWriter().closed), await settled(readable.getReader().closed));
//= ok:undefined no:why ok:undefined
