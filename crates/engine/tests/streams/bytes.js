//# 4.7 bytes that are enqueued are moved, and read as Uint8Arrays by default readers
let controller; const reader = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader();
const chunk = new Uint16Array([1, 2]); controller.enqueue(chunk);
log(chunk.byteLength, await reader.read());
//= 0 {Uint8Array(1,0,2,0),false}
//# 4.7 the mark counts bytes and is 0 where none is given
let controller; new ReadableStream({ type: 'bytes', start(c) { controller = c; } }); log(controller.desiredSize);
new ReadableStream({ type: 'bytes', start(c) { controller = c; } }, { highWaterMark: 9 }); controller.enqueue(new Uint8Array(4)); log(controller.desiredSize, controller.constructor.name);
//= 0|5 ReadableByteStreamController
//# 4.7 chunks that are no views, or have no bytes, are refused
let controller; const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
for (const chunk of [undefined, 'a', {}, new ArrayBuffer(1), new Uint8Array(0)]) log(thrown(() => controller.enqueue(chunk)));
const gone = new Uint8Array(1); structuredClone(0, { transfer: [gone.buffer] }); log(thrown(() => controller.enqueue(gone)), stream.locked);
//= TypeError|TypeError|TypeError|TypeError|TypeError|TypeError false
//# 4.7 after the end no bytes are taken
let controller; new ReadableStream({ type: 'bytes', start(c) { controller = c; } }); controller.close();
log(thrown(() => controller.enqueue(new Uint8Array(1))), thrown(() => controller.close()), controller.desiredSize);
let failed; const stream = new ReadableStream({ type: 'bytes', start(c) { failed = c; } }); failed.enqueue(new Uint8Array(1)); failed.error(new RangeError());
log(thrown(() => failed.enqueue(new Uint8Array(1))), failed.desiredSize, await settled(stream.getReader().read()));
//= TypeError TypeError 0|TypeError null no:RangeError
//# 4.5.3 a reader's own buffer is moved and comes back filled
const buffer = new ArrayBuffer(8), view = new Uint8Array(buffer, 2, 4);
const reader = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); } }).getReader({ mode: 'byob' });
const { value, done } = await reader.read(view);
log(buffer.byteLength, value, value.byteOffset, value.buffer.byteLength, done);
//= 0 Uint8Array(1,2,3) 2 8 false
//# 4.5.3 what does not fit stays for the next read, of whatever kind of view
const reader = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3, 4, 5, 6, 7])); } }).getReader({ mode: 'byob' });
log(await reader.read(new Uint8Array(2)), await reader.read(new DataView(new ArrayBuffer(1))), await reader.read(new Uint16Array(1)), await reader.read(new Uint8ClampedArray(9)));
//= {Uint8Array(1,2),false} {DataView(3),false} {Uint16Array(4,5),false} {Uint8ClampedArray(6,7),false}
//# 4.5.3 views of other buffers, empty ones and what is none are refused
const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
for (const view of [undefined, {}, new ArrayBuffer(1), new Uint8Array(0)]) log(await settled(reader.read(view)));
log(await settled(reader.read()));
//= no:TypeError|no:TypeError|no:TypeError|no:TypeError|no:TypeError
//# 4.5.3 the least number of elements is between 1 and the view's
const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' });
log(await settled(reader.read(new Uint16Array(2), { min: 0 })), await settled(reader.read(new Uint16Array(2), { min: 3 })), await settled(reader.read(new DataView(new ArrayBuffer(2)), { min: 3 })), await settled(reader.read(new Uint8Array(1), { min: -1 })));
//= no:TypeError no:RangeError no:RangeError no:TypeError
//# 4.5.3 a read with min is answered once so many elements are there
let controller; const reader = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader({ mode: 'byob' });
let got; const read = reader.read(new Uint8Array(5), { min: 3 }).then((r) => { got = r; });
controller.enqueue(new Uint8Array([1])); await ticks(); log(got); controller.enqueue(new Uint8Array([2])); await ticks(); log(got);
controller.enqueue(new Uint8Array([3, 4])); await read; log(got);
//= undefined|undefined|{Uint8Array(1,2,3,4),false}
//# 4.5.3 closing with pulled bytes that make no element is an error
let controller; const reader = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader({ mode: 'byob' });
const read = reader.read(new Uint16Array(2)); controller.enqueue(new Uint8Array([1]));
log(thrown(() => controller.close()), await settled(read), await settled(reader.closed));
//= TypeError no:TypeError no:TypeError
//# 4.8.3 the source writes into the reader's view and says how much
let requests = 0;
const stream = new ReadableStream({ type: 'bytes', pull(c) { requests++; const { view } = c.byobRequest; log(view, view.byteOffset); view[0] = 9; c.byobRequest.respond(1); } });
const reader = stream.getReader({ mode: 'byob' });
log(await reader.read(new Uint8Array(new ArrayBuffer(4), 1, 2)), requests);
//= Uint8Array(0,0) 1|{Uint8Array(9),false} 1
//# 4.8.3 an element that is written in parts is answered when it is whole
let n = 0; const stream = new ReadableStream({ type: 'bytes', pull(c) { c.byobRequest.view[0] = ++n; c.byobRequest.respond(1); } });
log(await stream.getReader({ mode: 'byob' }).read(new Uint16Array(1)), n);
//= {Uint16Array(1,2),false} 2
//# 4.8.3 bytes that are left of an element are kept for the next read
const stream = new ReadableStream({ type: 'bytes', pull(c) { const { view } = c.byobRequest; view[0] = 1; view[1] = 2; view[2] = 3; c.byobRequest.respond(3); } });
const reader = stream.getReader({ mode: 'byob' });
log(await reader.read(new Uint16Array(2)), await reader.read(new Uint8Array(1)));
//= {Uint16Array(1,2),false} {Uint8Array(3),false}
//# 4.8.3 answers of no bytes, of too many, and second ones are refused
let seen = []; const reader = new ReadableStream({ type: 'bytes', pull(c) {
  const request = c.byobRequest; seen.push(thrown(() => request.respond(0)), thrown(() => request.respond(5)), thrown(() => request.respond(-1)), thrown(() => request.respond())); request.respond(4); seen.push(thrown(() => request.respond(1)), request.view);
} }).getReader({ mode: 'byob' });
await reader.read(new Uint8Array(4)); log(seen);
//= [TypeError,RangeError,TypeError,TypeError,TypeError,null]
//# 4.8.3 a new view has to be of the same place, and no longer
const seen = []; const reader = new ReadableStream({ type: 'bytes', pull(c) {
  const request = c.byobRequest, { view } = request;
  for (const other of [new Uint8Array(view.buffer, 1), new Uint8Array(3), new Uint8Array(8), 5]) seen.push(thrown(() => request.respondWithNewView(other)));
  seen.push(thrown(() => request.respondWithNewView(new Uint8Array(view.buffer, 0, 0)))); view[0] = 8; request.respondWithNewView(new Uint8Array(view.buffer, 0, 1));
} }).getReader({ mode: 'byob' });
log(await reader.read(new Uint8Array(4)), seen);
//= {Uint8Array(8),false} [RangeError,RangeError,RangeError,TypeError,TypeError]
//# 4.8.3 a view whose buffer was moved meanwhile is answered by the new one
const reader = new ReadableStream({ type: 'bytes', pull(c) { const { view } = c.byobRequest; view[0] = 5; const moved = structuredClone(view, { transfer: [view.buffer] }); log(thrown(() => c.byobRequest.respond(1))); c.byobRequest.respondWithNewView(moved.subarray(0, 1)); } }).getReader({ mode: 'byob' });
log(await reader.read(new Uint8Array(2)));
//= TypeError|{Uint8Array(5),false}
//# 4.7.3 there is a request only while somebody waits with a view, the same one until it is answered
let controller; const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
log(controller.byobRequest); const reader = stream.getReader({ mode: 'byob' }); reader.read(new Uint8Array(1));
const request = controller.byobRequest; log(request === controller.byobRequest, request.view); controller.enqueue(new Uint8Array([1])); log(controller.byobRequest, request.view);
//= null|true Uint8Array(0)|null null
//# 4.7.3 buffers that are allocated for default readers have the size that was asked for
const stream = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 3, pull(c) { const { view } = c.byobRequest; log(view); view[1] = 1; c.byobRequest.respond(2); } });
log(await stream.getReader().read());
//= Uint8Array(0,0,0)|{Uint8Array(0,1),false}
//# 4.7.3 closing and answering nothing ends reads with an empty view of the reader's buffer
let controller; const reader = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader({ mode: 'byob' });
const read = reader.read(new Uint8Array(new ArrayBuffer(6), 2, 3)); controller.close(); controller.byobRequest.respond(0);
const { value, done } = await read; log(value, value.byteOffset, value.buffer.byteLength, done); log(await reader.read(new Uint8Array(2)));
//= Uint8Array() 2 6 true|{Uint8Array(),true}
//# 4.7.3 canceling ends reads without a view
const reader = new ReadableStream({ type: 'bytes' }).getReader({ mode: 'byob' }), read = reader.read(new Uint8Array(1));
await reader.cancel(); log(await read);
//= {undefined,true}
//# 4.7.3 what a released reader waited for is kept for the next one
let controller; const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
const first = stream.getReader({ mode: 'byob' }), read = first.read(new Uint8Array(2)); const { byobRequest } = controller;
first.releaseLock(); log(await settled(read)); const second = stream.getReader({ mode: 'byob' }); const next = second.read(new Uint8Array(1));
byobRequest.view[0] = 4; byobRequest.respond(1); log(await next);
//= no:TypeError|{Uint8Array(4),false}
//# 4.7.3 what is enqueued while a released reader's view is there goes to the next reader
let controller; const stream = new ReadableStream({ type: 'bytes', start(c) { controller = c; } });
const first = stream.getReader({ mode: 'byob' }); settled(first.read(new Uint8Array(2))); first.releaseLock();
controller.enqueue(new Uint8Array([6])); log(controller.byobRequest, await stream.getReader().read());
//= null {Uint8Array(6),false}
//# 4.9.1 tees of bytes copy them, and read into a branch's own view
let calls = 0; const [a, b] = new ReadableStream({ type: 'bytes', pull(c) { calls++; if (c.byobRequest) { c.byobRequest.view[0] = calls; c.byobRequest.respond(1); } else { c.enqueue(new Uint8Array([calls])); } } }).tee();
const first = a.getReader({ mode: 'byob' }), second = b.getReader();
const one = await first.read(new Uint8Array(4)), two = await second.read();
log(one, two, one.value.buffer === two.value.buffer, calls);
//= {Uint8Array(1),false} {Uint8Array(1),false} false 1
//# 4.9.1 the end reaches both branches of bytes, and those that wait with views
let controller; const [a, b] = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).tee();
const one = a.getReader({ mode: 'byob' }).read(new Uint8Array(1)), two = b.getReader({ mode: 'byob' }).read(new Uint8Array(1)); await ticks();
controller.close(); controller.byobRequest?.respond(0); log(await one, await two);
//= {Uint8Array(),true} {Uint8Array(),true}
//# 4.9.1 canceling both branches of bytes cancels the stream, and an error reaches both
let given; const [a, b] = new ReadableStream({ type: 'bytes', cancel(r) { given = r; } }).tee();
const first = a.cancel(1); b.cancel(2); await first; log(given);
let controller; const [c, d] = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).tee(); controller.error(new RangeError());
log(await settled(c.getReader().read()), await settled(d.getReader().closed));
//= [1,2]|no:RangeError no:RangeError
//# 4.9.1 a branch of bytes goes on where the other is canceled
const [a, b] = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1])); c.enqueue(new Uint8Array([2])); c.close(); } }).tee();
b.cancel(); log(await drain(a));
//= [Uint8Array(1),Uint8Array(2)]
//# 4.7 buffers that may change their size are refused
let controller; const reader = new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader({ mode: 'byob' });
const view = () => new Uint8Array(new ArrayBuffer(2, { maxByteLength: 4 }));
log(thrown(() => controller.enqueue(view())), await settled(reader.read(view())));
//= TypeError no:TypeError
//# Streams 4.9.5: a getter of `then` that releases the reader meanwhile loses no bytes
const meddling = (reader, act) => { let armed = true; Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { if (armed) { armed = false; reader.releaseLock(); } } }); try { act(); } finally { delete Object.prototype.then; } };
let controller; const stream = () => new ReadableStream({ type: 'bytes', start(c) { controller = c; } }).getReader({ mode: 'byob' });
let reader = stream(), reads = [1, 1, 1].map((length) => reader.read(new Uint8Array(length))); await ticks();
meddling(reader, () => controller.enqueue(new Uint8Array([1, 2]))); log(...await Promise.all(reads.map(settled)));
reader = stream(); reads = [reader.read(new Uint16Array(2)), reader.read(new Uint8Array(1))]; await ticks();
const { byobRequest } = controller; byobRequest.view.set([1, 2, 3]); meddling(reader, () => byobRequest.respond(3)); log(...await Promise.all(reads.map(settled)));
reader = stream(); reads = [1, 1].map((length) => reader.read(new Uint8Array(length))); await ticks(); controller.close();
meddling(reader, () => controller.byobRequest.respond(0)); log(...await Promise.all(reads.map(settled)));
//= ok:{Uint8Array(1),false} ok:{Uint8Array(2),false} no:TypeError|ok:{Uint16Array(1,2),false} ok:{Uint8Array(3),false}|ok:{Uint8Array(),true} ok:{Uint8Array(),true}
