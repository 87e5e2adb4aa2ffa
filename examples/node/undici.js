// undici: requests to a server of the program's own, by its client, pool and fetch; headers and forms.
'use strict';
const http = require('node:http');
const { once } = require('node:events');
const undici = require('undici');

async function main() {
  const server = http.createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ method: req.method, url: req.url, type: req.headers['content-type'] ?? null, body }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;

  const { statusCode, headers, body } = await undici.request(`${origin}/a?b=1`);
  console.log(statusCode, headers['content-type'], await body.json());
  const posted = await undici.request(`${origin}/post`, { method: 'POST', body: 'text', headers: { 'content-type': 'text/plain' } });
  console.log(await posted.body.json());

  const response = await undici.fetch(`${origin}/fetch`, { method: 'PUT', body: JSON.stringify({ x: 1 }) });
  console.log(response.status, response.ok, response.headers.get('content-type'), await response.json());
  const form = new undici.FormData();
  form.append('name', 'value');
  const sent = await (await undici.fetch(`${origin}/form`, { method: 'POST', body: form })).json();
  console.log(sent.type.split(';')[0], sent.body.includes('name="name"'));
  const streamed = await undici.fetch(`${origin}/stream`, {
    method: 'POST', duplex: 'half',
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('one '));
        controller.enqueue(new TextEncoder().encode('two'));
        controller.close();
      },
    }),
  });
  let text = '';
  for await (const chunk of streamed.body) text += Buffer.from(chunk);
  console.log(text);
  try {
    await undici.fetch('http://127.0.0.1:1/');
  } catch (error) {
    console.log(error.name, error.message, error.cause.code);
  }
  const controller = new AbortController();
  controller.abort();
  await undici.fetch(origin, { signal: controller.signal }).catch((error) => console.log(error.name));
  console.log(new undici.Headers({ a: '1', B: '2' }), new undici.Response('x').status);
  await undici.getGlobalDispatcher().close();
  server.close();
}
main();
