'use strict';
// Headers, Request, Response and FormData by themselves.

const assert = require('assert');

const h = new Headers([['b', '1'], ['A', 'x'], ['a', 'y'], ['Set-Cookie', '1'], ['set-cookie', '2']]);
assert.deepStrictEqual([...h], [['a', 'x, y'], ['b', '1'], ['set-cookie', '1'], ['set-cookie', '2']]);
assert.deepStrictEqual(h.getSetCookie(), ['1', '2']);
assert.strictEqual(h.get('B'), '1');
assert.strictEqual(h.get('c'), null);
assert.strictEqual(h.has('a'), true);
h.set('a', ' z ');
h.delete('set-cookie');
assert.deepStrictEqual([...h.keys()], ['a', 'b']);
assert.strictEqual(h.get('a'), 'z');
assert.throws(() => new Headers({ 'a b': '1' }), TypeError);
assert.throws(() => new Headers({ a: '\u0100' }), TypeError);
assert.throws(() => new Headers().append('a'), TypeError);
assert.throws(() => Headers.prototype.get.call({}, 'a'), TypeError);
assert.strictEqual(Object.prototype.toString.call(h), '[object Headers]');
assert.deepStrictEqual(Object.keys(globalThis).filter((name) => /^(fetch|Headers|Request|Response|FormData)$/.test(name)), ['fetch']);

const form = new FormData();
form.append('a', '1');
form.append('a', '2');
form.append('f', new Blob(['é']), 'n.txt');
assert.deepStrictEqual(form.getAll('a'), ['1', '2']);
assert.strictEqual(form.get('f').name, 'n.txt');
form.set('a', '3');
assert.deepStrictEqual([...form.keys()], ['a', 'f']);
assert.throws(() => form.append('a', 'b', 'c'), TypeError);

const request = new Request('http://host/path?q#f', { method: 'post', body: 'text', headers: { x: '1' } });
assert.strictEqual(request.method, 'POST');
assert.strictEqual(request.url, 'http://host/path?q#f');
assert.strictEqual(request.headers.get('content-type'), 'text/plain;charset=UTF-8');
assert.strictEqual(request.bodyUsed, false);
assert.strictEqual(request.signal.aborted, false);
assert.throws(() => new Request('/x'), { name: 'TypeError', message: 'Failed to parse URL from /x' });
assert.throws(() => new Request('http://x', { method: 'TRACE' }), TypeError);
assert.throws(() => new Request('http://x', { body: '1' }), TypeError);
assert.throws(() => new Request('http://u:p@x'), TypeError);
const controller = new AbortController();
const followed = new Request('http://x', { signal: controller.signal });
controller.abort('why');
assert.strictEqual(followed.signal.reason, 'why');

assert.throws(() => new Response('', { status: 1 }), RangeError);
assert.throws(() => new Response('', { status: 204 }), TypeError);
assert.strictEqual(Response.error().type, 'error');
assert.throws(() => Response.error().headers.set('a', 'b'), TypeError);
assert.strictEqual(Response.redirect('http://x', 301).headers.get('location'), 'http://x/');
assert.strictEqual(Response.json({}).headers.get('content-type'), 'application/json');
assert.strictEqual(new Response('', { status: 404, statusText: 'No' }).ok, false);

(async () => {
  const clone = request.clone();
  assert.strictEqual(await request.text(), 'text');
  assert.strictEqual(request.bodyUsed, true);
  await assert.rejects(request.text(), TypeError);
  assert.throws(() => request.clone(), TypeError);
  assert.strictEqual(await clone.text(), 'text');
  assert.deepStrictEqual(await new Response('{"a":1}').json(), { a: 1 });
  await assert.rejects(new Response('{').json(), SyntaxError);
  assert.strictEqual(await new Response(null).text(), '');
  assert.strictEqual(await new Response('\ufeffx').text(), 'x');
  assert.deepStrictEqual(new Uint8Array(await new Response(new Uint8Array([1, 2])).arrayBuffer()), new Uint8Array([1, 2]));
  const blob = await new Response(new Blob(['x'], { type: 'a/b' })).blob();
  assert.strictEqual(blob.type, 'a/b');
  assert.strictEqual(await new Response((async function* () { yield Buffer.from('a'); yield Buffer.from('b'); })()).text(), 'ab');

  const back = await new Response(form).formData();
  assert.strictEqual(back.get('a'), '3');
  assert.strictEqual(await back.get('f').text(), 'é');
  assert.strictEqual(back.get('f').name, 'n.txt');
  assert.deepStrictEqual([...await new Response(new URLSearchParams('a=1&b=%20')).formData()], [['a', '1'], ['b', ' ']]);
  await assert.rejects(new Response('a').formData(), TypeError);

  if (typeof ReadableStream === 'function') {
    const response = new Response('streamed');
    let text = '';
    for await (const chunk of response.body) text += Buffer.from(chunk);
    assert.strictEqual(text, 'streamed');
    assert.strictEqual(response.bodyUsed, true);
    const made = new ReadableStream({
      start(c) {
        c.enqueue(new Uint8Array([104, 105]));
        c.close();
      },
    });
    const streamed = new Response(made);
    const other = streamed.clone();
    assert.strictEqual(await streamed.text(), 'hi');
    assert.strictEqual(await other.text(), 'hi');
    assert.throws(() => new Request('http://x', { method: 'POST', body: new ReadableStream() }), TypeError);
  }
})();
