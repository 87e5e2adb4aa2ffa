'use strict';
// HTTP requests: what is sent, what comes back, what is told when it does not.

const assert = require('assert');
const http = require('http');
const net = require('net');
const { once } = require('events');

const pending = [];
function test(name, run) {
  pending.push([name, run]);
}

async function withServer(handler, use, options = {}) {
  const server = http.createServer(options, handler);
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

// Resolves to the response with its text.
function fetchText(options, body) {
  return new Promise((resolve, reject) => {
    const req = http.request(options, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => { text += chunk; });
      res.on('end', () => {
        res.text = text;
        resolve(res);
      });
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

// Asserts what a client sends, as bytes: it is answered when as much is there.
async function sends(expected, make) {
  const server = net.createServer((socket) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      server.text = text.replaceAll(String(port), 'PORT');
      if (server.text.length >= expected.length && socket.writable) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const req = make(port);
  req.on('error', () => {});
  if (!req.closed) await once(req, 'close');
  server.close();
  await once(server, 'close');
  assert.strictEqual(server.text, expected);
}

test('a request as it is sent', async () => {
  await sends('GET /a?b HTTP/1.1\r\nX-Case: kept\r\nlist: 1\r\nlist: 2\r\nHost: 127.0.0.1:PORT\r\nConnection: keep-alive\r\n\r\n',
              (port) => http.get({ port, host: '127.0.0.1', path: '/a?b', headers: { 'X-Case': 'kept', 'list': ['1', '2'] } }));
  await sends('GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Basic dTpw\r\nConnection: close\r\n\r\n',
              (port) => http.get({ port, host: '127.0.0.1', agent: false, auth: 'u:p' }));
  await sends('GET /x?y=z HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: Basic dXNlcjpwdw==\r\nConnection: keep-alive\r\n\r\n',
              (port) => http.get(`http://user:pw@127.0.0.1:${port}/x?y=z#f`));
});

test('bodies as they are sent', async () => {
  const options = (port) => ({ port, host: '127.0.0.1', method: 'POST', agent: false });
  await sends('POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc',
              (port) => http.request(options(port)).end('abc'));
  await sends('POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
              (port) => http.request(options(port)).end());
  await sends('POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', (port) => {
    const req = http.request(options(port));
    req.write('abc');
    req.end('de');
    return req;
  });
  await sends('POST / HTTP/1.1\r\nContent-Length: 5\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\nabcde', (port) => {
    const req = http.request({ ...options(port), headers: { 'Content-Length': 5 } });
    req.write('abc');
    setTimeout(() => req.end('de'), 5);
    return req;
  });
});

test('a response has what its head says', async () => {
  await withServer((req, res) => {
    res.writeHead(418, 'Tea', { 'X-A': '1', 'Set-Cookie': ['a=1', 'b=2'] });
    res.end('short and stout');
  }, async (port) => {
    const res = await fetchText({ port });
    assert.ok(res instanceof http.IncomingMessage);
    assert.strictEqual(res.statusCode, 418);
    assert.strictEqual(res.statusMessage, 'Tea');
    assert.strictEqual(res.httpVersion, '1.1');
    assert.strictEqual(res.headers['x-a'], '1');
    assert.deepStrictEqual(res.headers['set-cookie'], ['a=1', 'b=2']);
    assert.deepStrictEqual(res.rawHeaders.slice(0, 2), ['X-A', '1']);
    assert.strictEqual(res.text, 'short and stout');
    assert.strictEqual(res.complete, true);
    assert.strictEqual(res.method, null);
    assert.strictEqual(res.url, '');
  });
});

test('bodies there and back, of any size', async () => {
  await withServer((req, res) => req.pipe(res), async (port) => {
    for (const size of [0, 1, 1000, 65536, 1_000_000, 5_000_000]) {
      const body = Buffer.alloc(size, 'abcdefg');
      const res = await new Promise((resolve, reject) => {
        const req = http.request({ port, method: 'PUT' }, async (res) => {
          const chunks = [];
          for await (const chunk of res) chunks.push(chunk);
          resolve(Buffer.concat(chunks));
        });
        req.on('error', reject);
        req.end(body);
      });
      assert.ok(res.equals(body), `${size} bytes`);
    }
  });
});

test('bodies of which much waits at their end, one after the other over one connection', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await withServer((req, res) => req.pipe(res), async (port) => {
    for (let i = 0; i < 6; i++) {
      const body = Buffer.alloc(1_000_000 * i, 'abcdefg');
      const res = await new Promise((resolve, reject) => {
        const req = http.request({ port, agent, method: 'PUT' }, async (res) => {
          const chunks = [];
          for await (const chunk of res) chunks.push(chunk);
          resolve(Buffer.concat(chunks));
        });
        req.on('error', reject);
        req.end(body);
      });
      assert.ok(res.equals(body), `${body.length} bytes`);
    }
  });
  agent.destroy();
});

test('write tells when to wait, and drain when to go on', async () => {
  let total = 0;
  await withServer((req, res) => {
    const chunk = Buffer.alloc(100_000);
    let left = 200;
    const more = () => {
      while (left > 0) {
        left--;
        if (!res.write(chunk)) {
          res.once('drain', more);
          return;
        }
      }
      res.end();
    };
    more();
  }, (port) => new Promise((resolve, reject) => {
    http.get({ port }, (res) => {
      res.on('data', (chunk) => {
        total += chunk.length;
        if (total % 7 === 0) {
          res.pause();
          setTimeout(() => res.resume(), 1);
        }
      });
      res.on('end', resolve);
      res.on('error', reject);
    });
  }));
  assert.strictEqual(total, 20_000_000);
});

test('events of a request come in order', async () => {
  const events = [];
  await withServer((req, res) => {
    req.resume();
    res.end('x');
  }, async (port) => {
    const req = http.request({ port, method: 'POST', agent: false });
    for (const name of ['socket', 'finish', 'response', 'close']) req.on(name, () => events.push(name));
    req.on('response', (res) => {
      res.on('end', () => events.push('end'));
      res.resume();
    });
    assert.strictEqual(req.method, 'POST');
    assert.strictEqual(req.path, '/');
    assert.strictEqual(req.host, 'localhost');
    assert.strictEqual(req.protocol, 'http:');
    assert.strictEqual(req.getHeader('host'), `localhost:${port}`);
    req.end('abc');
    await once(req, 'close');
    assert.strictEqual(req.destroyed, true);
  });
  assert.deepStrictEqual(events, ['socket', 'finish', 'response', 'end', 'close']);
});

test('a port where nobody listens', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  const req = http.get({ port, host: '127.0.0.1' });
  const [error] = await once(req, 'error');
  assert.strictEqual(error.message, `connect ECONNREFUSED 127.0.0.1:${port}`);
  assert.deepStrictEqual({ ...error }, { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port });
  if (!req.closed) await once(req, 'close');
});

test('a name that nobody has', async () => {
  const [error] = await once(http.get({ host: 'nobody.invalid' }), 'error');
  assert.match(error.code, /^(ENOTFOUND|EAI_AGAIN)$/);
  assert.strictEqual(error.syscall, 'getaddrinfo');
  assert.strictEqual(error.hostname, 'nobody.invalid');
});

test('a server that hangs up', async () => {
  const server = net.createServer((socket) => {
    socket.on('data', () => socket.destroy());
    socket.on('error', () => {});
  }).listen(0);
  await once(server, 'listening');
  const req = http.get({ port: server.address().port });
  const [error] = await once(req, 'error');
  assert.strictEqual(error.code, 'ECONNRESET');
  assert.strictEqual(error.message, 'socket hang up');
  server.close();
});

test('a response that breaks off', async () => {
  const server = net.createServer((socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
    socket.on('error', () => {});
  }).listen(0);
  await once(server, 'listening');
  const req = http.get({ port: server.address().port });
  const [res] = await once(req, 'response');
  const events = [];
  res.on('data', (chunk) => events.push(`data ${chunk}`));
  res.on('aborted', () => events.push('aborted'));
  res.on('error', (error) => events.push(`error ${error.code} ${error.message}`));
  res.on('end', () => events.push('end'));
  await new Promise((resolve) => res.on('close', resolve));
  assert.deepStrictEqual(events, ['data abc', 'aborted', 'error ECONNRESET aborted']);
  assert.strictEqual(res.complete, false);
  assert.strictEqual(res.aborted, true);
  server.close();
});

test('a response that lasts as long as its connection', async () => {
  const server = net.createServer((socket) => {
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
  }).listen(0);
  await once(server, 'listening');
  const res = await fetchText({ port: server.address().port });
  assert.strictEqual(res.text, 'all of it');
  assert.strictEqual(res.complete, true);
  server.close();
});

test('a response that is none', async () => {
  const server = net.createServer((socket) => {
    socket.on('data', () => socket.end('NONSENSE\r\n\r\n'));
    socket.on('error', () => {});
  }).listen(0);
  await once(server, 'listening');
  const [error] = await once(http.get({ port: server.address().port }), 'error');
  assert.match(error.message, /^Parse Error/);
  assert.match(error.code, /^HPE_/);
  server.close();
});

test('destroying and aborting', async () => {
  await withServer(() => {}, async (port) => {
    const one = http.get({ port });
    one.destroy();
    const [error] = await once(one, 'error');
    assert.strictEqual(error.message, 'socket hang up');
    assert.strictEqual(error.code, 'ECONNRESET');
    assert.strictEqual(one.destroyed, true);

    const two = http.get({ port });
    const own = new Error('own');
    setTimeout(() => two.destroy(own), 20);
    assert.strictEqual((await once(two, 'error'))[0], own);

    const three = http.get({ port });
    let aborted = false;
    three.on('abort', () => { aborted = true; });
    setTimeout(() => three.abort(), 20);
    await once(three, 'error');
    assert.strictEqual(three.aborted, true);
    assert.strictEqual(aborted, true);

    const controller = new AbortController();
    const four = http.get({ port, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    const [abortError] = await once(four, 'error');
    assert.strictEqual(abortError.name, 'AbortError');
    assert.strictEqual(abortError.code, 'ABORT_ERR');
  });
});

test('timeouts', async () => {
  await withServer(() => {}, async (port) => {
    const req = http.get({ port, timeout: 50 });
    await once(req, 'timeout');
    req.destroy();
    await once(req, 'error');

    const other = http.get({ port });
    other.setTimeout(50, () => other.destroy(new Error('late')));
    const [error] = await once(other, 'error');
    assert.strictEqual(error.message, 'late');
  });
});

test('informational responses', async () => {
  await withServer((req, res) => {
    res.writeProcessing();
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
    req.resume();
    req.on('end', () => res.end('ok'));
  }, async (port) => {
    const req = http.request({ port, method: 'POST', headers: { Expect: '100-continue' } });
    const seen = [];
    req.on('information', (info) => seen.push(info.statusCode));
    req.on('continue', () => {
      seen.push('continue');
      req.end('body');
    });
    req.flushHeaders();
    const [res] = await once(req, 'response');
    res.resume();
    await once(res, 'end');
    assert.deepStrictEqual(seen, ['continue', 100, 102, 103]);
  });
});

test('an upgrade', async () => {
  const server = http.createServer();
  server.on('upgrade', (req, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello');
    socket.on('data', (chunk) => socket.end(chunk));
  });
  server.listen(0);
  await once(server, 'listening');
  const req = http.get({ port: server.address().port, headers: { Connection: 'upgrade', Upgrade: 'x' } });
  const [res, socket, head] = await once(req, 'upgrade');
  assert.strictEqual(res.statusCode, 101);
  let text = head.toString();
  socket.on('data', (chunk) => { text += chunk; });
  socket.write(' back');
  await once(socket, 'close');
  assert.strictEqual(text, 'hello back');
  server.close();
});

test('a tunnel', async () => {
  const server = http.createServer();
  server.on('connect', (req, socket) => {
    assert.strictEqual(req.url, 'example.com:80');
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0);
  await once(server, 'listening');
  const req = http.request({ port: server.address().port, method: 'CONNECT', path: 'example.com:80' }).end();
  const [res, socket] = await once(req, 'connect');
  assert.strictEqual(res.statusCode, 200);
  socket.end('through');
  let text = '';
  socket.on('data', (chunk) => { text += chunk; });
  await once(socket, 'close');
  assert.strictEqual(text, 'through');
  server.close();
});

test('wrong arguments are refused', () => {
  const code = (expected, options) => assert.throws(() => http.request(options), { code: expected });
  code('ERR_UNESCAPED_CHARACTERS', { path: '/a b' });
  code('ERR_INVALID_PROTOCOL', { protocol: 'https:' });
  code('ERR_INVALID_HTTP_TOKEN', { method: 'A B' });
  code('ERR_INVALID_ARG_TYPE', { method: 5 });
  code('ERR_INVALID_ARG_TYPE', { agent: {} });
  code('ERR_INVALID_ARG_TYPE', { hostname: 5 });
  code('ERR_INVALID_CHAR', { headers: { a: 'b\n' } });
  code('ERR_INVALID_HTTP_TOKEN', { headers: { 'a b': 'b' } });
  assert.throws(() => http.request('nonsense'), { code: 'ERR_INVALID_URL' });
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
  process.exit();
})();
