// Koa 3: middleware, errors, bodies of several kinds.
'use strict';
const { once } = require('node:events');
const { Readable } = require('node:stream');
const Koa = require('koa');

async function main() {
  const app = new Koa();
  app.silent = true;
  app.use(async (ctx, next) => {
    await next();
    ctx.set('X-Steps', '2');
  });
  app.use(async (ctx) => {
    switch (ctx.path) {
      case '/json': ctx.body = { query: ctx.query, ip: ctx.ip.includes('127.0.0.1') }; break;
      case '/text': ctx.body = 'text'; ctx.type = 'text/plain'; break;
      case '/stream': ctx.body = Readable.from(['a', 'b']); break;
      case '/web': ctx.body = new Blob(['of the web']); break;
      case '/response': ctx.body = new Response('answered', { status: 201, headers: { 'x-own': '1' } }); break;
      case '/fail': ctx.throw(418, 'no tea'); break;
      case '/go': ctx.redirect('/json'); break;
      case '/crash': throw new Error('inside');
      default: break;
    }
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  for (const path of ['/json?a=1&b=2', '/text', '/stream', '/web', '/response', '/fail', '/go', '/crash', '/none']) {
    const answer = await fetch(origin + path, { redirect: 'manual' });
    console.log(path, answer.status, answer.headers.get('content-type'), answer.headers.get('x-steps'), await answer.text());
  }
  server.close();
  server.closeAllConnections();
}
main();
