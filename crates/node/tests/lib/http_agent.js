'use strict';
// Agents: which connections are used again, how many there are, and what ends them.

const assert = require('assert');
const http = require('http');
const { once } = require('events');

const pending = [];
function test(name, run) {
  pending.push([name, run]);
}

async function withServer(handler, use, options = {}) {
  const server = http.createServer(options, handler);
  server.connections = 0;
  server.on('connection', () => { server.connections++; });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(server.address().port, server);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

async function get(options) {
  const req = http.get(options);
  const [res] = await once(req, 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  if (!req.destroyed) await once(req, 'close');
  return { req, res, text };
}

const echo = (req, res) => res.end(req.url);

test('a kept connection is used again', () => withServer(echo, async (port, server) => {
  const agent = new http.Agent({ keepAlive: true });
  for (let i = 0; i < 5; i++) {
    const { req, text } = await get({ port, agent, path: `/${i}` });
    assert.strictEqual(text, `/${i}`);
    assert.strictEqual(req.reusedSocket, i > 0);
    const name = agent.getName({ host: 'localhost', port });
    assert.strictEqual(agent.freeSockets[name].length, 1);
    assert.strictEqual(agent.sockets[name], undefined);
  }
  assert.strictEqual(server.connections, 1);
  agent.destroy();
}));

test('without keepAlive each request has its own', () => withServer(echo, async (port, server) => {
  const agent = new http.Agent();
  for (let i = 0; i < 3; i++) {
    const { res } = await get({ port, agent });
    assert.strictEqual(res.headers.connection, 'close');
  }
  assert.strictEqual(server.connections, 3);
  assert.deepStrictEqual(Object.keys(agent.freeSockets), []);
}));

test('the global agent keeps connections', () => withServer(echo, async (port, server) => {
  assert.strictEqual(http.globalAgent.keepAlive, true);
  await get({ port });
  await get({ port });
  assert.strictEqual(server.connections, 1);
  http.globalAgent.destroy();
}));

test('no more connections than maxSockets', () => {
  let now = 0;
  let most = 0;
  return withServer((req, res) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      res.end(req.url);
    }, 5);
  }, async (port, server) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => get({ port, agent, path: `/${i}` })));
    assert.deepStrictEqual(answers.map(({ text }) => text), Array.from({ length: 10 }, (_, i) => `/${i}`));
    assert.strictEqual(most, 2);
    assert.strictEqual(server.connections, 2);
    agent.destroy();
  });
});

test('requests wait for connections that end, too', () => withServer(echo, async (port) => {
  const agent = new http.Agent({ maxSockets: 1 });
  const answers = await Promise.all(['a', 'b', 'c'].map((name) => get({ port, agent, path: `/${name}` })));
  assert.deepStrictEqual(answers.map(({ text }) => text), ['/a', '/b', '/c']);
}));

test('a kept connection that the server closes is not used', () => withServer(echo, async (port, server) => {
  const agent = new http.Agent({ keepAlive: true });
  await get({ port, agent });
  const [socket] = agent.freeSockets[agent.getName({ host: 'localhost', port })];
  server.closeIdleConnections();
  await once(socket, 'close');
  assert.deepStrictEqual(Object.keys(agent.freeSockets), []);
  const { req } = await get({ port, agent });
  assert.strictEqual(req.reusedSocket, false);
  assert.strictEqual(server.connections, 2);
  agent.destroy();
}));

test('a server keeps connections only as long as it says', () => withServer(echo, async (port) => {
  const client = require('net').connect(port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  let text = '';
  client.on('data', (chunk) => { text += chunk; });
  await once(client, 'close');
  assert.match(text, /\r\nKeep-Alive: timeout=1\r\n/);
}, { keepAliveTimeout: 1000 }));

test('names of connections', () => {
  const agent = new http.Agent();
  assert.strictEqual(agent.getName({ host: 'h', port: 80, localAddress: '1.2.3.4' }), 'h:80:1.2.3.4');
  assert.strictEqual(agent.getName({ host: 'h', port: 80 }), 'h:80:');
  assert.strictEqual(agent.getName({}), 'localhost::');
  assert.strictEqual(agent.getName({ family: 6 }), 'localhost:::6');
  assert.strictEqual(agent.getName({ socketPath: '/x' }), 'localhost:::/x');
});

test('a program of its own connections', () => withServer(echo, async (port) => {
  const net = require('net');
  const { text } = await get({ createConnection: () => net.connect(port, '127.0.0.1'), path: '/own' });
  assert.strictEqual(text, '/own');
  class Own extends http.Agent {
    createConnection(options, callback) {
      assert.strictEqual(options.port, port);
      setTimeout(() => callback(null, net.connect(options)), 1);
    }
  }
  assert.strictEqual((await get({ port, agent: new Own(), path: '/later' })).text, '/later');
}));

test('maxRequestsPerSocket', () => withServer(echo, async (port, server) => {
  server.maxRequestsPerSocket = 2;
  const agent = new http.Agent({ keepAlive: true });
  const one = await get({ port, agent });
  assert.strictEqual(one.res.headers['keep-alive'], 'timeout=5, max=2');
  const two = await get({ port, agent });
  assert.strictEqual(two.res.headers.connection, 'close');
  await get({ port, agent });
  assert.strictEqual(server.connections, 2);
  agent.destroy();
}));

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
