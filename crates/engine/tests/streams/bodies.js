//# File API 3.3: stream gives the bytes of a blob, to readers with views of their own too
const blob = new Blob(['abc', 'd']); log(await drain(blob.stream()), await new Response(blob.stream()).text());
const reader = blob.stream().getReader({ mode: 'byob' }); log(await reader.read(new Uint8Array(3)), await reader.read(new Uint8Array(3)), await reader.read(new Uint8Array(3)));
log(await drain(new Blob().stream()), blob.stream() === blob.stream(), thrown(() => Blob.prototype.stream.call({})), (await drain(new Blob(['x'.repeat(200_000)]).stream())).length > 1);
//= [Uint8Array(97,98,99,100)] abcd|{Uint8Array(97,98,99),false} {Uint8Array(100),false} {Uint8Array(),true}|[] false TypeError true
//# Fetch 5.5: a response without anything
const { type, url, redirected, status, ok, statusText, body, bodyUsed, headers } = new Response();
log(type, url, redirected, status, ok, statusText, body, bodyUsed, [...headers], await new Response().text(), (await new Response(null).arrayBuffer()).byteLength);
//= default  false 200 true  null false []  0
//# Fetch 5.5: the status is between 200 and 599, and its text has no line ends
for (const init of [{ status: 199 }, { status: 600 }, { status: 0 }, { statusText: 'a\n' }, { statusText: 'ä' }, { statusText: '漢' }, { headers: { 'a b': '1' } }, 5]) log(thrown(() => new Response('', init)));
log(new Response('', { status: 65536 + 404 }).status, new Response('', { status: 404, statusText: 'Not here' }).statusText, new Response('', { status: 299 }).ok, new Response('', { status: 300 }).ok);
//= RangeError|RangeError|RangeError|TypeError|none|TypeError|TypeError|TypeError|404 Not here true false
//# Fetch 5.5: statuses without a body have none
for (const status of [204, 205, 304]) log(thrown(() => new Response('', { status })), new Response(null, { status }).status);
//= TypeError 204|TypeError 205|TypeError 304
//# Fetch 5.2: what is given as a body tells its type
const type = (body) => new Response(body).headers.get('content-type');
log(type('a'), type(new URLSearchParams('a=1')), type(new Blob(['x'], { type: 'A/b' })), type(new Blob(['x'])), type(new Uint8Array(1)), type(new ReadableStream()), type(5), /^multipart\/form-data; boundary=/.test(type(new FormData())));
log(new Response('a', { headers: { 'content-type': 'x/y' } }).headers.get('Content-Type'));
//= text/plain;charset=UTF-8 application/x-www-form-urlencoded;charset=UTF-8 a/b null null null text/plain;charset=UTF-8 true|x/y
//# Fetch 5.2: bodies of every kind as text
const text = (body) => new Response(body).text();
log(await text('aé\ud800'), await text(new URLSearchParams({ a: 'ä b' })), await text(new Blob(['x', 'y'])), await text(new Uint8Array([97, 98]).subarray(1)), await text(new Uint8Array([99]).buffer), await text(new DataView(new Uint8Array([100]).buffer)), await text({}), await text(null), await text(undefined), '.');
//= aé� a=%C3%A4+b xy b c d [object Object]   .
//# Fetch 5.2: a body's bytes are those of the moment
const bytes = new Uint8Array([97]); const response = new Response(bytes); bytes[0] = 98; log(await response.text());
//= a
//# Fetch 5.3: the methods of bodies
const make = () => new Response('{"a":[1]}', { headers: { 'content-type': 'Text/X; Y=z ;q="a b"' } });
log((await make().json()).a, new Uint8Array(await make().arrayBuffer()).length, (await make().blob()).type, (await make().blob()).size);
log(await settled(new Response('{').json()), await settled(new Response('').json()), await new Response('\ufeffx').text(), await new Response('\ufeff1').json());
//= [1] 9 text/x;y=z;q="a b" 9|no:SyntaxError no:SyntaxError x 1
//# Fetch 5.3: bytes are a copy each
const response = new Response('abc'), bytes = await response.clone().bytes(); bytes[0] = 0; log(bytes, await response.text());
//= Uint8Array(0,98,99) abc
//# Fetch 5.3: a body is used once
const response = new Response('a'); log(response.bodyUsed); const first = response.text(); log(response.bodyUsed, await settled(response.text()), await first, await settled(response.json()), thrown(() => response.clone()));
const empty = new Response(); await empty.text(); log(empty.bodyUsed, await settled(empty.text()), empty.clone().body);
//= false|true no:TypeError a no:TypeError TypeError|false ok: null
//# Fetch 5.3: a body whose stream is locked or was read from is not read
const locked = new Response('a'); locked.body.getReader(); log(locked.bodyUsed, await settled(locked.text()), thrown(() => locked.clone()));
const read = new Response('a'), reader = read.body.getReader(); await reader.read(); reader.releaseLock(); log(read.bodyUsed, await settled(read.text()), thrown(() => new Response(read.body)));
//= false no:TypeError TypeError|true no:TypeError TypeError
//# Fetch 5.3: the body is the same stream each time, and a stream of bytes
const response = new Response('ab'); log(response.body === response.body, response.body.constructor === ReadableStream, await response.body.getReader({ mode: 'byob' }).read(new Uint8Array(1)));
const looked = new Response('ab'); looked.body; log(await looked.text(), looked.bodyUsed);
const used = new Response('ab'); await used.text(); log(used.body.locked);
//= true true {Uint8Array(97),false}|ab true|true
//# Fetch 5.3: streams are read to their ends, and have to be of bytes
const stream = (...chunks) => new Response(ReadableStream.from(chunks));
log(await stream(new Uint8Array([97]), new Uint8Array([98])).text(), await settled(stream('a').text()), await settled(stream([1]).text()));
log(await settled(new Response(new ReadableStream({ start(c) { c.error(new RangeError()); } })).text()), await settled(stream(new Uint8Array([123])).json()));
//= ab no:TypeError no:TypeError|no:RangeError no:SyntaxError
//# Fetch 5.5: clones have a body of their own, also where it is a stream
const text = new Response('a', { status: 201, statusText: 'x', headers: { a: 'b' } }), copy = text.clone(); copy.headers.set('a', 'c');
log(await text.text(), await copy.text(), copy.status, copy.statusText, text.headers.get('a'));
const stream = new Response(ReadableStream.from([new Uint8Array([97])])), other = stream.clone(); log(await stream.text(), await other.text());
//= a a 201 x b|a a
//# Fetch 5.5: errors, JSON and redirections
const error = Response.error(); log(error.type, error.status, error.ok, error.body, thrown(() => error.headers.set('a', 'b')));
const json = Response.json({ a: 1 }, { status: 202 }); log(json.status, json.headers.get('content-type'), await json.text(), thrown(() => Response.json(undefined)), thrown(() => Response.json(Symbol())), thrown(() => Response.json(1n)), thrown(() => Response.json()), thrown(() => Response.json(1, { status: 204 })));
const away = Response.redirect('http://a/b c', 301); log(away.status, away.headers.get('location'), thrown(() => away.headers.append('a', 'b')), thrown(() => away.headers.delete('a')), Response.redirect('x:y').status, thrown(() => Response.redirect('nowhere')), thrown(() => Response.redirect('a:b', 200)), thrown(() => Response.redirect()));
//= error 0 false null TypeError|202 application/json {"a":1} TypeError TypeError TypeError TypeError TypeError|301 http://a/b%20c TypeError TypeError 302 TypeError RangeError TypeError
//# Fetch 5.3: forms go there and back
const form = new FormData(); form.append('a', 'one\ntwo'); form.append('"b"', 'ü'); form.append('f', new File(['abc'], 'n"\n.txt', { type: 'text/x' })); form.append('g', new Blob(['z']));
const back = await new Response(form).formData();
log([...back.keys()], back.get('a') === 'one\r\ntwo', back.get('"b"'), back.get('f').name === 'n"\n.txt', back.get('f').type, await back.get('f').text(), back.get('g').name, back.get('g').type);
const params = await new Response(new URLSearchParams('a=1&a=2&%3F=x')).formData(); log(params.getAll('a'), params.get('?'));
log([...(await new Response('?a=1', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData()).keys()]);
//= [a,"b",f,g] true ü true text/x abc blob application/octet-stream|[1,2] x|[?a]
//# Fetch 5.3: bodies that are no forms are refused
const form = (body, type) => settled(new Response(body, { headers: type ? { 'content-type': type } : {} }).formData());
log(await form('a'), await form('a', 'multipart/form-data'), await form('a', 'multipart/form-data; boundary=b'), await form('', 'text/html'), await settled(new Response().formData()));
//= no:TypeError no:TypeError no:TypeError no:TypeError no:TypeError
//# Fetch 5.3: what others send as forms is read
const body = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="n"\r\nContent-Type: image/png\r\n\r\n\r\n--x--\r\n';
const form = await new Response(body, { headers: { 'content-type': 'multipart/form-data; boundary="x"' } }).formData(); log(form.get('a'), form.get('f').size, form.get('f').type, form.get('f').name);
//= 1 0 image/png n
//# Fetch 5.4: a request's parts, as they are where nothing is said
const request = new Request('http://a/b?c#d');
log(request.method, request.url, request.destination, request.referrer, request.referrerPolicy, request.mode, request.credentials, request.cache, request.redirect, request.integrity, request.keepalive, request.duplex);
log(request.body, request.bodyUsed, [...request.headers], request.signal.aborted, request.signal === request.signal, await request.text() === '');
//= GET http://a/b?c#d  about:client  cors same-origin default follow  false half|null false [] false true true
//# Fetch 5.4: URLs are absolute, and have no credentials
for (const url of ['nowhere', '', 'http://u@a/', 'http://u:p@a/', 'http://']) log(thrown(() => new Request(url)));
log(new Request(new URL('http://a/x y')).url, thrown(() => new Request()));
//= TypeError|TypeError|TypeError|TypeError|TypeError|http://a/x%20y TypeError
//# Fetch 5.4: methods are tokens, some of them known and some refused
const method = (method) => { try { return new Request('http://a', { method }).method; } catch (e) { return e.name; } };
log(method('get'), method('Post'), method('delete'), method('options'), method('patch'), method('PATCH'), method('x-y'), method('a b'), method(''), method('connect'), method('TRACE'), method('Track'));
//= GET POST DELETE OPTIONS patch PATCH x-y TypeError TypeError TypeError TypeError TypeError
//# Fetch 5.4: words that are none are refused
for (const init of [{ cache: 'x' }, { credentials: 'x' }, { duplex: 'full' }, { mode: 'navigate' }, { mode: 'x' }, { redirect: 'x' }, { referrerPolicy: 'x' }, { signal: {} }, { window: 1 }, { cache: 'only-if-cached' }, { referrer: 'http://' }, { mode: 'no-cors', method: 'PUT' }, 5]) log(thrown(() => new Request('http://a', init)));
log(new Request('http://a', { signal: null, window: null, referrerPolicy: '', mode: 'same-origin', cache: 'only-if-cached', keepalive: 1, integrity: 'i', redirect: 'manual', credentials: 'omit' }).cache);
//= TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|TypeError|only-if-cached
//# Fetch 5.4: requests that get have no body, and those with a stream are of half a duplex
const init = (method, body, more) => thrown(() => new Request('http://a', { method, body, ...more }));
log(init('GET', ''), init('HEAD', 'a'), init('POST', 'a'), init('POST', new ReadableStream()), init('POST', new ReadableStream(), { duplex: 'half' }), init('GET', null));
//= TypeError TypeError none TypeError none none
//# Fetch 5.4: a request of a request takes what is not said, and its body
const first = new Request('http://a', { method: 'POST', body: 'text', headers: { a: 'b' }, redirect: 'error' });
const second = new Request(first, { headers: { c: 'd' } });
log(first.bodyUsed, second.method, second.redirect, [...second.headers.keys()], await second.text(), thrown(() => new Request(first)), thrown(() => first.clone()));
const other = new Request('http://a', { method: 'PUT', body: 'x' }); log(await new Request(other, { body: 'y' }).text(), other.bodyUsed, thrown(() => new Request(other, { method: 'GET' })));
//= true POST error [c] text TypeError TypeError|y false TypeError
//# Fetch 5.4: clones have a body, headers and a signal of their own, which follows
const controller = new AbortController(); const request = new Request('http://a', { method: 'POST', body: 'x', signal: controller.signal }), copy = request.clone();
copy.headers.set('a', 'b'); log(await request.text(), await copy.text(), request.headers.has('a'), request.signal === controller.signal);
controller.abort('why'); log(request.signal.aborted, copy.signal.reason, new Request(request.url, { signal: controller.signal }).signal.reason);
//= x x false false|true why why
//# Fetch 5.4: a request with a stream as its body is read, and given on
const stream = () => ({ method: 'POST', duplex: 'half', body: ReadableStream.from([new Uint8Array([97]), new Uint8Array([98])]) });
log(await new Request('http://a', stream()).text(), await new Request(new Request('http://a', stream())).text());
//= ab ab
//# Fetch 5.3: methods on other objects reject, and getters throw
const own = (of, name) => Object.getOwnPropertyDescriptor(of.prototype, name).get;
log(await settled(Response.prototype.text.call({})), await settled(Request.prototype.json.call(new Response('1'))), thrown(() => own(Response, 'status').call({})), thrown(() => own(Request, 'duplex').call({})), thrown(() => Response.prototype.url), thrown(() => Response.prototype.clone.call({})), thrown(() => structuredClone(new Response())), thrown(() => structuredClone(new Request('a:b'))));
//= no:TypeError no:TypeError TypeError TypeError TypeError TypeError DataCloneError DataCloneError
//# Fetch 5.3: chunks of a stream are those of the moment
const chunk = new Uint8Array(1); let n = 0; const source = { pull(c) { if (n === 3) return c.close(); chunk[0] = 97 + n++; c.enqueue(chunk); } };
log(await new Response(new ReadableStream(source, { highWaterMark: 0 })).text());
let one; const alone = await new Response(new ReadableStream({ start(c) { c.enqueue(one = new Uint8Array([97])); c.close(); } })).bytes(); one[0] = 98; log(alone);
//= abc|Uint8Array(97)
//# Fetch 5.3: the bytes of a clone, of a blob and of nothing are nobody else's
const blob = new Blob(['ab']), response = new Response(blob), copy = response.clone();
for (const of of [response, copy]) new Uint8Array(await of.arrayBuffer())[0] = 0;
log(await blob.bytes(), await new Response(blob).bytes()); const bytes = await new Response('ab').bytes(); bytes[0] = 0; log(bytes.buffer.byteLength);
const request = new Request('http://a', { method: 'POST', body: blob }); (await new Request(request).bytes())[0] = 0; log(await blob.text(), request.bodyUsed, await new Response().bytes() === await new Response().bytes());
//= Uint8Array(97,98) Uint8Array(97,98)|2|ab true false
//# Fetch 5.3: a form of many fields is read to its end
const form = new FormData(); for (let i = 0; i < 10_000; i++) form.append('n' + i, i); const back = await new Response(form).formData();
let right = 0; for (const [name, value] of back) if (name === 'n' + value) right++; log(right, back.get('n9999'));
//= 10000 9999
//# Fetch 5.3: the values of forms keep a mark at their beginnings
const part = (value) => '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + value + '\r\n--x--\r\n';
const read = async (body, type) => (await new Response(body, { headers: { 'content-type': type } }).formData()).get('a')?.length;
log(await read(part('\ufeffb'), 'multipart/form-data; boundary=x'), await read(part('b'), 'multipart/form-data; boundary=x'), await read('a=\ufeffb', 'application/x-www-form-urlencoded'), await read('\ufeffa=b', 'application/x-www-form-urlencoded'));
//= 2 1 2 undefined
//# Fetch 5.3: types of blobs and files are in lower case, and of ASCII
const type = async (type) => (await new Response('', { headers: { 'content-type': type } }).blob()).type;
log(await type('Text/X; Charset="UTF 8"'), await type('a/b; c=\u00e4'), await type('a/b; c="\u0001"; d=e'), await type('a/b; c=\u007f;d=f'));
const part = (type) => '--x\r\nContent-Disposition: form-data; name="a"; filename=f\r\nContent-Type: ' + type + '\r\n\r\n\r\n--x--\r\n';
for (const of of ['Image/PNG', 'a/\u00e4']) log('<' + (await new Response(part(of), { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).formData()).get('a').type + '>');
//= text/x;charset="utf 8"  a/b;d=e a/b;d=f|<image/png>|<>
//# Fetch 5.5: clones of what has immutable headers have such too
for (const response of [Response.error(), Response.redirect('a:b'), new Response()]) log(thrown(() => response.clone().headers.set('a', 'b')), thrown(() => response.clone().clone().headers.set('a', 'b')));
//= TypeError TypeError|TypeError TypeError|none none
//# Fetch 5.4: who changes anything of a request has another referrer
const request = new Request('http://a', { referrer: 'http://b/', referrerPolicy: 'origin', redirect: 'error' });
for (const init of [undefined, null, {}, { unknown: 1, method: undefined }, { method: 'GET' }, { signal: null }, { window: null }, { referrer: 'http://c/' }, { referrerPolicy: 'no-referrer' }]) { const { referrer, referrerPolicy, redirect } = new Request(request, init); log(referrer, referrerPolicy, redirect); }
//= http://b/ origin error|http://b/ origin error|http://b/ origin error|http://b/ origin error|about:client  error|about:client  error|about:client  error|http://c/  error|about:client no-referrer error
//# Fetch 5.4: a body that is a stream is for some modes, and for requests that nobody keeps alive
const init = (more, body = new ReadableStream()) => ({ method: 'POST', duplex: 'half', body, ...more });
for (const more of [{ mode: 'no-cors' }, { keepalive: true }, { mode: 'same-origin' }, { mode: 'cors', keepalive: false }]) log(thrown(() => new Request('http://a', init(more))), thrown(() => new Request('http://a', init(more, 'text'))));
const streaming = () => new Request('http://a', init()), text = new Request('http://a', init({}, 'text')); text.body;
log(thrown(() => new Request(streaming(), { mode: 'no-cors' })), thrown(() => new Request(streaming().clone(), { mode: 'no-cors' })), thrown(() => new Request(new Request(streaming()), { mode: 'no-cors' })), thrown(() => new Request(streaming(), { mode: 'same-origin' })), thrown(() => new Request(text, { mode: 'no-cors' })));
//= TypeError none|TypeError none|none none|none none|TypeError TypeError TypeError none none
//# Fetch 5.4: a signal that is looked at late tells what happened before
const controller = new AbortController(), { signal } = controller; const request = new Request('http://a', { signal }), second = new Request(request), third = request.clone();
const early = new Request('http://a', { signal }).signal; let events = 0; early.onabort = () => events++; controller.abort('why');
log(request.signal.aborted, request.signal.reason, second.signal.reason, third.signal.reason, new Request(request).signal.reason, events, request.signal === request.signal, new Request(request, { signal: null }).signal.aborted);
//= true why why why why 1 true false
