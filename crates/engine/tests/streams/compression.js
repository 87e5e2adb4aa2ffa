//# Compression 4: formats are known or refused
for (const of of [CompressionStream, DecompressionStream]) log(thrown(() => new of()), thrown(() => new of('zip')), thrown(() => new of('GZIP')), thrown(() => new of('deflate')), String(new of('gzip')), thrown(() => of.prototype.readable));
//= TypeError TypeError TypeError none [object CompressionStream] TypeError|TypeError TypeError TypeError none [object DecompressionStream] TypeError
//# Compression 4: what is compressed comes back, in chunks of any length
const joined = async (stream) => { let all = []; for await (const chunk of stream) all.push(...chunk); return all; };
for (const format of ['gzip', 'deflate', 'deflate-raw']) for (const length of [0, 1, 1000, 70_000]) {
  const bytes = new Uint8Array(length).map((_, at) => at % 251 ^ at >> 9), chunks = [];
  for (let at = 0; at < length; at += 33_000) chunks.push(bytes.subarray(at, at + 33_000));
  const packed = await joined(ReadableStream.from(chunks).pipeThrough(new CompressionStream(format)));
  const step = length > 1000 ? 999 : 1; const pieces = []; for (let at = 0; at < packed.length; at += step) pieces.push(new Uint8Array(packed.slice(at, at + step)));
  const back = await joined(ReadableStream.from(pieces).pipeThrough(new DecompressionStream(format)));
  if (back.length !== length || back.some((byte, at) => byte !== bytes[at])) log(format, length, back.length);
}
log('all');
//= all
//# Compression 4: containers begin as their formats have it
const head = async (format) => (await drain(ReadableStream.from([]).pipeThrough(new CompressionStream(format)))).flatMap((chunk) => [...chunk]).slice(0, 3);
log(await head('gzip'), await head('deflate'), await head('deflate-raw'));
//= [31,139,8] [120,156,3] [3,0]
//# Compression 4: chunks that are no bytes, and buffers and views of them
for (const of of [CompressionStream, DecompressionStream]) for (const chunk of ['a', {}, null]) log(await settled(drain(new ReadableStream({ start(c) { c.enqueue(chunk); } }).pipeThrough(new of('gzip')))));
const packed = await drain(ReadableStream.from([new Uint8Array([97]).buffer, new DataView(new Uint8Array([98]).buffer)]).pipeThrough(new CompressionStream('deflate')));
log(await new Response(ReadableStream.from(packed).pipeThrough(new DecompressionStream('deflate'))).text());
//= no:TypeError|no:TypeError|no:TypeError|no:TypeError|no:TypeError|no:TypeError|ab
//# Compression 4: what others compressed, with a name, a comment and a check in its header
const bytes = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, 0x6e, 0, 0x63, 0, 0, 0, 0x4b, 4, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0];
const read = async (bytes) => settled(new Response(ReadableStream.from([new Uint8Array(bytes)]).pipeThrough(new DecompressionStream('gzip'))).text());
log(await read(bytes)); const right = bytes.slice(); right[3] = 0x1c; log(await read(right.slice(0, 18).concat(right.slice(20))));
//= no:TypeError|ok:a
//# Compression 4: a header with the right check is accepted, wherever a chunk ends
const bytes = [0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, 0x6e, 0, 0x63, 0, 239, 64, 0x4b, 4, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0];
const read = (...chunks) => settled(new Response(ReadableStream.from(chunks.map((chunk) => new Uint8Array(chunk))).pipeThrough(new DecompressionStream('gzip'))).text());
log(await read(bytes), await read(...bytes.map((byte) => [byte])));
const wrong = []; for (let at = 1; at < bytes.length; at++) if (await read(bytes.slice(0, at), bytes.slice(at)) !== 'ok:a') wrong.push(at);
log(wrong); bytes[18] ^= 1; log(await read(...bytes.map((byte) => [byte])));
//= ok:a ok:a|[]|no:TypeError
//# Compression 4: data that is cut short, goes on, is broken or of another format is a TypeError
const pack = async (format) => { const all = []; for await (const chunk of ReadableStream.from([new Uint8Array([97, 98, 97, 98])]).pipeThrough(new CompressionStream(format))) all.push(...chunk); return all; };
const read = async (format, bytes) => settled(new Response(ReadableStream.from([new Uint8Array(bytes)]).pipeThrough(new DecompressionStream(format))).text());
for (const format of ['gzip', 'deflate', 'deflate-raw']) {
  const whole = await pack(format); const broken = whole.slice(); broken[broken.length - 1] ^= 1;
  log(await read(format, whole), await read(format, whole.slice(0, -1)), await read(format, [...whole, 0]), await read(format, []), format === 'deflate-raw' ? '' : await read(format, broken), await read(format, [1, 2, 3, 4, 5]));
}
//= ok:abab no:TypeError no:TypeError no:TypeError no:TypeError no:TypeError|ok:abab no:TypeError no:TypeError no:TypeError no:TypeError no:TypeError|ok:abab no:TypeError no:TypeError no:TypeError  no:TypeError
//# Compression 4: what was made before an error is there for who waits
const packed = []; for await (const chunk of ReadableStream.from([new Uint8Array([97])]).pipeThrough(new CompressionStream('gzip'))) packed.push(...chunk);
const { readable, writable } = new DecompressionStream('gzip'); const reader = readable.getReader(), read = reader.read(), writer = writable.getWriter(); writer.closed.catch(() => 0);
const written = settled(writer.write(new Uint8Array([...packed, 7]))); log(await read, await written, await settled(reader.read()));
//= {Uint8Array(97),false} no:TypeError no:TypeError
//# Compression 4: bytes that change after they were written do not matter
const { readable, writable } = new CompressionStream('deflate-raw'); const writer = writable.getWriter(), bytes = new Uint8Array([97]); const read = drain(readable); await writer.write(bytes); bytes[0] = 98; writer.close();
log(await new Response(ReadableStream.from(await read).pipeThrough(new DecompressionStream('deflate-raw'))).text());
//= a
