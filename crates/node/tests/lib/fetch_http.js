'use strict';
// fetch() over HTTP, of data: and blob: URLs, and how it fails.

const assert = require('assert');
const http = require('http');
const zlib = require('module').isBuiltin('zlib') ? require('zlib') : undefined;

const seen = [];
const server = http.createServer((req, res) => {
  seen.push(`${req.method} ${req.url}`);
  if (req.url === '/loop') {
    res.writeHead(302, { location: '/loop' }).end();
  } else if (req.url.startsWith('/to/')) {
    res.writeHead(+req.url.slice(4), { location: '/echo#part' }).end();
  } else if (req.url === '/echo') {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => res.end(JSON.stringify({
      method: req.method, headers: req.headers, body: Buffer.concat(chunks).toString(),
    })));
  } else if (req.url === '/fields') {
    res.setHeader('set-cookie', ['a=1', 'b=2']);
    res.setHeader('X-Y', ['1', '2']);
    res.statusMessage = 'Fine';
    res.end('ok');
  } else if (req.url === '/gzip') {
    res.setHeader('content-encoding', 'gzip');
    res.end(zlib.gzipSync('unpacked'));
  } else if (req.url === '/cut') {
    res.writeHead(200, { 'content-length': 10 });
    res.write('abc');
    setTimeout(() => res.destroy(), 20);
  } else if (req.url === '/reset') {
    req.socket.destroy();
  } else if (req.url === '/hang') {
    res.write('a');
  } else {
    res.writeHead(204).end();
  }
});

server.listen(0, '127.0.0.1', async () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  const echo = async (init) => (await fetch(`${base}/echo`, init)).json();

  const plain = await echo();
  assert.strictEqual(plain.method, 'GET');
  assert.strictEqual(plain.headers.accept, '*/*');
  assert.strictEqual(plain.headers['user-agent'], 'node');
  const posted = await echo({ method: 'POST', body: 'hé', headers: { 'X-A': '1' } });
  assert.strictEqual(posted.body, 'hé');
  assert.strictEqual(posted.headers['content-length'], '3');
  assert.strictEqual(posted.headers['x-a'], '1');
  assert.strictEqual(posted.headers['content-type'], 'text/plain;charset=UTF-8');
  const form = new FormData();
  form.append('a', '1');
  assert.match((await echo({ method: 'POST', body: form })).headers['content-type'], /^multipart\/form-data; boundary=/);
  const streamed = await echo({ method: 'PUT', body: (async function* () { yield Buffer.from('xyz'); })(), duplex: 'half' });
  assert.strictEqual(streamed.body, 'xyz');
  assert.strictEqual(streamed.headers['transfer-encoding'], 'chunked');
  const requested = await fetch(new Request(`${base}/echo`, { method: 'POST', body: 'q' }));
  assert.strictEqual((await requested.json()).body, 'q');

  for (const [status, method] of [[301, 'GET'], [302, 'GET'], [303, 'GET'], [307, 'POST'], [308, 'POST']]) {
    const response = await fetch(`${base}/to/${status}`, { method: 'POST', body: 'x' });
    assert.strictEqual(response.redirected, true);
    assert.strictEqual(response.url, `${base}/echo`);
    assert.strictEqual((await response.json()).method, method);
  }
  const manual = await fetch(`${base}/to/302`, { redirect: 'manual' });
  assert.strictEqual(manual.status, 302);
  await manual.text();
  const fails = async (promise, message) => {
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof TypeError);
      assert.strictEqual(error.message, 'fetch failed');
      assert.strictEqual(error.cause.message, message);
      return true;
    });
  };
  await fails(fetch(`${base}/to/302`, { redirect: 'error' }), 'unexpected redirect');
  await fails(fetch(`${base}/loop`), 'redirect count exceeded');

  const fields = await fetch(`${base}/fields`);
  assert.strictEqual(fields.statusText, 'Fine');
  assert.deepStrictEqual(fields.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.strictEqual(fields.headers.get('x-y'), '1, 2');
  assert.throws(() => fields.headers.set('a', 'b'), TypeError);
  assert.strictEqual(await fields.text(), 'ok');
  assert.strictEqual((await fetch(`${base}/none`)).status, 204);
  assert.strictEqual((await fetch(`${base}/fields`, { method: 'HEAD' })).status, 200);
  if (zlib !== undefined) assert.strictEqual(await (await fetch(`${base}/gzip`)).text(), 'unpacked');

  await fails(fetch(`${base}/reset`), 'other side closed');
  const cut = await fetch(`${base}/cut`);
  await assert.rejects(cut.text(), { name: 'TypeError', message: 'terminated' });

  await assert.rejects(fetch(base, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const controller = new AbortController();
  const reason = new Error('mine');
  const hanging = await fetch(`${base}/hang`, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 10);
  await assert.rejects(hanging.text(), (error) => error === reason);

  const closed = http.createServer().listen(0, '127.0.0.1', () => {
    const { port } = closed.address();
    closed.close(async () => {
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`), (error) => error.cause.code === 'ECONNREFUSED');
      await others();
      server.close();
      server.closeAllConnections();
    });
  });

  async function others() {
    const data = await fetch('data:text/html;charset=x;base64,PGI+');
    assert.strictEqual(data.headers.get('content-type'), 'text/html;charset=x');
    assert.strictEqual(await data.text(), '<b>');
    assert.strictEqual(await (await fetch('data:,a%20b')).text(), 'a b');
    await fails(fetch('data:bad'), 'failed to fetch the data URL');
    await fails(fetch('ftp://x'), 'unknown scheme');
    await fails(fetch('http://127.0.0.1:1/'), 'bad port');
    await fails(fetch('file:///x'), 'not implemented... yet...');
    await assert.rejects(fetch('/x'), { name: 'TypeError', message: 'Failed to parse URL from /x' });
    const url = URL.createObjectURL(new Blob(['blob!'], { type: 't/x' }));
    const blob = await fetch(url);
    assert.strictEqual(blob.headers.get('content-type'), 't/x');
    assert.strictEqual(await blob.text(), 'blob!');
    assert.ok(seen.includes('POST /echo'));
  }
});
