'use strict';
// Listening, closing, what keeps a program alive, and errors that a request's listener throws.

const assert = require('assert');
const http = require('http');
const net = require('net');
const { once } = require('events');
const { spawn } = require('child_process');

const pending = [];
function test(name, run) {
  pending.push([name, run]);
}

test('listening', async () => {
  const server = http.createServer();
  assert.ok(server instanceof http.Server);
  assert.ok(server instanceof net.Server);
  assert.strictEqual(server.listening, false);
  assert.strictEqual(server.address(), null);
  const order = [];
  assert.strictEqual(server.listen(0, '127.0.0.1', () => order.push('callback')), server);
  order.push('returned');
  await once(server, 'listening');
  assert.strictEqual(server.listening, true);
  assert.deepStrictEqual(order, ['returned', 'callback']);
  const address = server.address();
  assert.deepStrictEqual({ ...address, port: 0 }, { address: '127.0.0.1', family: 'IPv4', port: 0 });
  assert.ok(address.port > 0);
  assert.throws(() => server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' });

  const second = http.createServer();
  second.listen(address.port, '127.0.0.1');
  const [error] = await once(second, 'error');
  assert.strictEqual(error.code, 'EADDRINUSE');
  assert.strictEqual(error.message, `listen EADDRINUSE: address already in use 127.0.0.1:${address.port}`);
  assert.deepStrictEqual({ ...error }, { code: 'EADDRINUSE', errno: -98, syscall: 'listen', address: '127.0.0.1', port: address.port });

  server.close();
  assert.strictEqual(server.listening, false);
  await once(server, 'close');
  second.listen({ port: address.port, host: '127.0.0.1' });
  await once(second, 'listening');
  await new Promise((resolve, reject) => second.close((error) => (error ? reject(error) : resolve())));
  const notRunning = await new Promise((resolve) => second.close(resolve));
  assert.strictEqual(notRunning.code, 'ERR_SERVER_NOT_RUNNING');
});

test('the many ways to listen', async () => {
  for (const args of [[0], [], [{ port: 0 }], ['0'], [0, 'localhost'], [0, '127.0.0.1', 10], [{ port: 0, host: '::1' }], [null]]) {
    const server = net.createServer();
    try {
      server.listen(...args);
      await once(server, 'listening');
      assert.ok(server.address().port > 0);
    } catch (error) {
      if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error;
    }
    server.close();
  }
  assert.throws(() => net.createServer().listen({ port: 70000 }), { code: 'ERR_SOCKET_BAD_PORT' });
  assert.throws(() => net.createServer().listen({}), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('local sockets', async () => {
  const path = require('path').join(require('os').tmpdir(), `http-test-${process.pid}.sock`);
  const server = http.createServer((req, res) => res.end(`over ${req.url}`));
  server.listen(path);
  await once(server, 'listening');
  assert.strictEqual(server.address(), path);
  const [res] = await once(http.get({ socketPath: path, path: '/local', agent: false }), 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  assert.strictEqual(text, 'over /local');
  server.close();
  await once(server, 'close');
  assert.strictEqual(require('fs').existsSync(path), false);
});

test('close waits for requests, not for idle connections', async () => {
  let finish;
  const server = http.createServer((req, res) => {
    if (req.url === '/slow') finish = () => res.end('done');
    else res.end();
  });
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true });
  const [idle] = await once(http.get({ port, agent }), 'response');
  idle.resume();
  await once(idle, 'end');
  const slow = http.get({ port, agent, path: '/slow' });
  const other = http.get({ port, agent, path: '/other' });
  const [otherResponse] = await once(other, 'response');
  otherResponse.resume();
  await once(otherResponse, 'end');
  while (finish === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  const order = [];
  const closed = new Promise((resolve) => server.close(() => {
    order.push('closed');
    resolve();
  }));
  setTimeout(() => {
    order.push('finish');
    finish();
  }, 50);
  const [res] = await once(slow, 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  assert.strictEqual(text, 'done');
  agent.destroy();
  await closed;
  assert.deepStrictEqual(order, ['finish', 'closed']);
});

test('getConnections and closeAllConnections', async () => {
  const server = http.createServer(() => {});
  server.listen(0);
  await once(server, 'listening');
  const client = net.connect(server.address().port);
  await once(server, 'connection');
  assert.strictEqual(await new Promise((resolve) => server.getConnections((error, count) => resolve(count))), 1);
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(server, 'request');
  client.on('error', () => {});
  server.closeAllConnections();
  server.close();
  await Promise.all([once(server, 'close'), once(client, 'close')]);
});

test('a head that does not come in time', async () => {
  const server = http.createServer({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 });
  server.listen(0);
  await once(server, 'listening');
  const client = net.connect(server.address().port);
  client.write('GET / HTTP/1.1\r\n');
  let text = '';
  client.on('data', (chunk) => { text += chunk; });
  await once(client, 'close');
  assert.strictEqual(text, 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  server.close();
});

test('server.setTimeout', async () => {
  const server = http.createServer(() => {});
  server.setTimeout(50);
  server.listen(0);
  await once(server, 'listening');
  const client = net.connect(server.address().port);
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  // What the server did not read yet makes the end of the connection an error.
  client.on('error', () => {});
  const closed = new Promise((resolve) => client.on('close', resolve));
  const [socket] = await once(server, 'timeout');
  socket.destroy();
  client.resume();
  await closed;
  server.close();
});

async function run(source) {
  const child = spawn(process.execPath, ['-e', source]);
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk) => { text += chunk; });
  child.stderr.on('data', (chunk) => { errors += chunk; });
  const [code] = await once(child, 'close');
  return { code, text, errors };
}

test('an unreferenced server keeps nothing alive', async () => {
  const { code, text } = await run(`
    const alive = setTimeout(() => {}, 60_000);
    require('http').createServer().listen(0, () => {
      console.log('up');
      clearTimeout(alive);
      setTimeout(() => console.log('end'), 50);
    }).unref();
  `);
  assert.strictEqual(text, 'up\nend\n');
  assert.strictEqual(code, 0);
});

test('a kept connection of a client keeps nothing alive', async () => {
  const { code, text } = await run(`
    const http = require('http');
    const server = http.createServer((req, res) => res.end('x'));
    server.listen(0, () => http.get({ port: server.address().port, agent: new http.Agent({ keepAlive: true }) }, (res) => {
      res.resume();
      res.on('end', () => server.close(() => console.log('closed')));
    }));
  `);
  assert.strictEqual(text, 'closed\n');
  assert.strictEqual(code, 0);
});

test('what a listener throws ends the program', async () => {
  const source = (more) => `
    const http = require('http');
    ${more}
    http.createServer((req, res) => { throw new Error('thrown by a listener'); }).listen(0, function() {
      http.get({ port: this.address().port }).on('error', () => {});
    });
  `;
  const plain = await run(source(''));
  assert.strictEqual(plain.code, 1);
  assert.match(plain.errors, /Error: thrown by a listener/);
  const handled = await run(source('process.on("uncaughtException", (error) => { console.log(error.message); process.exit(3); });'));
  assert.strictEqual(handled.code, 3);
  assert.strictEqual(handled.text, 'thrown by a listener\n');
});

test('what was sent before the process ends arrives', async () => {
  const server = net.createServer();
  server.listen(0);
  await once(server, 'listening');
  const child = run(`
    const http = require('http');
    http.createServer((req, res) => { res.end('last words'); process.exit(); }).listen(0, '127.0.0.1', function() {
      require('net').connect(${server.address().port}, '127.0.0.1').end(String(this.address().port));
    });
  `);
  const [socket] = await once(server, 'connection');
  const [port] = await once(socket, 'data');
  socket.on('error', () => {});
  const [res] = await once(http.get({ port: String(port), host: '127.0.0.1' }), 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  assert.strictEqual(text, 'last words');
  assert.strictEqual((await child).code, 0);
  server.close();
});

let ran = 0;

process.on('exit', (code) => {
  if (code === 0) assert.strictEqual(ran, pending.length);
});

(async () => {
  for (const [name, run] of pending) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('takes too long')), 90_000);
    });
    try {
      await Promise.race([run(), late]);
    } catch (error) {
      console.error(`not ok: ${name}`);
      console.error(error);
      process.exit(1);
    }
    clearTimeout(timer);
    ran++;
  }
})();
