// Hono: an application of Requests and Responses, with its middleware.
'use strict';
const { Hono } = require('hono');
const { cors } = require('hono/cors');
const { jwt, sign } = require('hono/jwt');
const { stream } = require('hono/streaming');
const { getCookie, setCookie } = require('hono/cookie');
const { etag } = require('hono/etag');

async function main() {
  const app = new Hono();
  app.use('/api/*', cors());
  app.use('/private/*', jwt({ secret: 'secret', alg: 'HS256' }));
  app.use('/tagged', etag());
  app.get('/', (c) => c.text('hello'));
  app.get('/api/users/:id', (c) => c.json({ id: c.req.param('id'), q: c.req.query('q') ?? null }));
  app.post('/echo', async (c) => c.json(await c.req.json(), 201));
  app.post('/form', async (c) => c.json(Object.keys(await c.req.parseBody())));
  app.get('/stream', (c) => stream(c, async (out) => {
    for (const part of ['a', 'b', 'c']) await out.write(part);
  }));
  app.get('/cookie', (c) => {
    setCookie(c, 'seen', 'yes', { path: '/' });
    return c.text(getCookie(c, 'name') ?? 'none');
  });
  app.get('/tagged', (c) => c.text('tagged'));
  app.get('/private/data', (c) => c.json(c.get('jwtPayload')));
  app.get('/fail', () => { throw new Error('inside'); });
  app.onError((error, c) => c.text(error.getResponse === undefined ? error.message : 'refused', error.status ?? 500));

  const form = new FormData();
  form.append('a', '1');
  form.append('f', new File(['x'], 'x.txt'));
  const token = await sign({ user: 'ann' }, 'secret', 'HS256');
  for (const [path, init] of [
    ['/'], ['/api/users/7?q=x'], ['/echo', { method: 'POST', body: '{"a":[1,2]}' }], ['/form', { method: 'POST', body: form }],
    ['/stream'], ['/cookie', { headers: { cookie: 'name=value' } }], ['/tagged'], ['/private/data'],
    ['/private/data', { headers: { authorization: `Bearer ${token}` } }], ['/fail'], ['/none'],
    ['/api/x', { method: 'OPTIONS', headers: { origin: 'https://example.org' } }],
  ]) {
    const answer = await app.request(path, init);
    console.log(path, answer.status, [...answer.headers], await answer.text());
  }
}
main();
