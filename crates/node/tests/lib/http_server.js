'use strict';
// What an HTTP server answers, byte for byte, and what its objects say. Raw sockets show what was sent.

const assert = require('assert');
const http = require('http');
const net = require('net');

const pending = [];

function exchange(handler, text, options = {}) {
  return new Promise((resolve, reject) => {
    const server = http.createServer(options, handler);
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const client = net.connect(server.address().port, '127.0.0.1', () => client.write(text));
      let received = '';
      client.setEncoding('latin1');
      client.on('data', (chunk) => { received += chunk; });
      client.on('error', reject);
      client.on('close', () => server.close(() => resolve(received.replace(/Date: [A-Z][^\r]*/, 'Date: D'))));
    });
  });
}

function test(name, run) {
  pending.push([name, run]);
}

const GET = 'GET /path?a=b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';

test('a request has what its head says', async () => {
  let seen;
  await exchange((req, res) => {
    seen = req;
    assert.ok(req instanceof http.IncomingMessage);
    assert.ok(req instanceof require('stream').Readable);
    assert.ok(res instanceof http.ServerResponse);
    assert.ok(res instanceof http.OutgoingMessage);
    assert.ok(res instanceof require('stream').Stream);
    assert.strictEqual(req.method, 'GET');
    assert.strictEqual(req.url, '/x');
    assert.strictEqual(req.httpVersion, '1.1');
    assert.strictEqual(req.httpVersionMajor, 1);
    assert.strictEqual(req.httpVersionMinor, 1);
    assert.deepStrictEqual(req.rawHeaders, [
      'HOST', 'h', 'X-Many', 'a', 'x-many', 'b', 'Cookie', 'c=1', 'cookie', 'd=2', 'User-Agent', 'one',
      'User-Agent', 'two', 'Set-Cookie', 's', 'X-Latin', '\xe9', 'Connection', 'close',
    ]);
    assert.deepStrictEqual(req.headers, {
      'host': 'h', 'x-many': 'a, b', 'cookie': 'c=1; d=2', 'user-agent': 'one', 'set-cookie': ['s'],
      'x-latin': '\xe9', 'connection': 'close',
    });
    assert.deepStrictEqual(req.headersDistinct['x-many'], ['a', 'b']);
    assert.strictEqual(Object.getPrototypeOf(req.headersDistinct), null);
    assert.strictEqual(req.socket.remoteAddress, '127.0.0.1');
    assert.strictEqual(req.socket.remoteFamily, 'IPv4');
    assert.strictEqual(typeof req.socket.remotePort, 'number');
    assert.strictEqual(req.connection, req.socket);
    assert.strictEqual(res.socket, req.socket);
    assert.strictEqual(res.req, req);
    assert.strictEqual(req.aborted, false);
    req.url = '/other';
    assert.strictEqual(req.url, '/other');
    res.end();
  }, Buffer.from('GET /x HTTP/1.1\r\nHOST: h\r\nX-Many: a\r\nx-many:b\r\nCookie: c=1\r\ncookie: d=2\r\n' +
    'User-Agent: one\r\nUser-Agent: two\r\nSet-Cookie: s\r\nX-Latin: \xe9\r\nConnection: close\r\n\r\n', 'latin1'));
  assert.strictEqual(seen.complete, true);
});

test('a response without a body', async () => {
  assert.strictEqual(await exchange((req, res) => res.end(), GET),
                     'HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
});

test('a response with a string of more than ASCII', async () => {
  assert.strictEqual(await exchange((req, res) => res.end('h\xe9\u20ac\ud800'), GET),
                     'HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\nContent-Length: 9\r\n\r\n' +
                     Buffer.from('h\xe9\u20ac\ufffd').toString('latin1'));
});

test('a response in parts is chunked', async () => {
  assert.strictEqual(await exchange((req, res) => {
    res.write('abc');
    res.write(Buffer.from('de'));
    res.write('4142', 'hex');
    res.write('');
    res.end('f'.repeat(17));
  }, GET), 'HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '3\r\nabc\r\n2\r\nde\r\n2\r\nAB\r\n11\r\nfffffffffffffffff\r\n0\r\n\r\n');
});

test('trailers come after the last chunk', async () => {
  assert.match(await exchange((req, res) => {
    res.setHeader('Trailer', 'X-T');
    res.write('a');
    res.addTrailers({ 'X-T': 'v' });
    res.addTrailers([['X-U', 'w']]);
    res.end();
  }, GET), /\r\n1\r\na\r\n0\r\nX-U: w\r\n\r\n$/);
});

test('header fields keep their case and order', async () => {
  assert.strictEqual(await exchange((req, res) => {
    res.setHeader('X-eTAG', 'a');
    res.setHeader('b', ['1', '2']);
    res.setHeader('number', 5);
    res.setHeader('gone', 'x');
    res.removeHeader('GONE');
    res.appendHeader('c', '3');
    res.appendHeader('C', ['4', '5']);
    assert.strictEqual(res.getHeader('x-ETAG'), 'a');
    assert.strictEqual(res.getHeader('number'), 5);
    assert.strictEqual(res.hasHeader('B'), true);
    assert.strictEqual(res.hasHeader('gone'), false);
    assert.deepStrictEqual(res.getHeaderNames(), ['x-etag', 'b', 'number', 'c']);
    assert.deepStrictEqual(res.getHeaders(), { '__proto__': null, 'x-etag': 'a', 'b': ['1', '2'], 'number': 5, 'c': ['3', '4', '5'] });
    res.writeHead(201, 'Made', { 'X-Z': 'z', 'B': 'over' });
    assert.strictEqual(res.headersSent, true);
    res.end('x');
  }, GET), 'HTTP/1.1 201 Made\r\nX-eTAG: a\r\nB: over\r\nnumber: 5\r\nc: 3\r\nc: 4\r\nc: 5\r\nX-Z: z\r\nDate: D\r\n' +
    'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n');
});

test('wrong headers are refused', async () => {
  await exchange((req, res) => {
    const code = (expected, run) => assert.throws(run, { code: expected });
    code('ERR_HTTP_INVALID_HEADER_VALUE', () => res.setHeader('a', undefined));
    code('ERR_INVALID_HTTP_TOKEN', () => res.setHeader('a b', 'x'));
    code('ERR_INVALID_HTTP_TOKEN', () => res.setHeader('', 'x'));
    code('ERR_INVALID_CHAR', () => res.setHeader('a', 'x\r\nb: c'));
    code('ERR_INVALID_CHAR', () => res.setHeader('a', '\u0100'));
    code('ERR_INVALID_CHAR', () => res.setHeader('a', ['ok', 'x\n']));
    code('ERR_HTTP_INVALID_STATUS_CODE', () => res.writeHead(99));
    code('ERR_HTTP_INVALID_STATUS_CODE', () => res.writeHead(1000));
    code('ERR_INVALID_CHAR', () => res.writeHead(200, 'x\r\n'));
    code('ERR_INVALID_ARG_TYPE', () => res.write(5));
    code('ERR_STREAM_NULL_VALUES', () => res.write(null));
    code('ERR_INVALID_ARG_TYPE', () => res.getHeader(5));
    res.statusMessage = undefined;
    res.writeHead(200);
    code('ERR_HTTP_HEADERS_SENT', () => res.setHeader('a', 'b'));
    code('ERR_HTTP_HEADERS_SENT', () => res.removeHeader('a'));
    code('ERR_HTTP_HEADERS_SENT', () => res.appendHeader('a', 'b'));
    code('ERR_HTTP_HEADERS_SENT', () => res.writeHead(200));
    res.end();
  }, GET);
});

test('validateHeaderName and validateHeaderValue', () => {
  assert.throws(() => http.validateHeaderName(''), { name: 'TypeError', code: 'ERR_INVALID_HTTP_TOKEN', message: 'Header name must be a valid HTTP token [""]' });
  assert.throws(() => http.validateHeaderValue('x', undefined), { name: 'TypeError', code: 'ERR_HTTP_INVALID_HEADER_VALUE', message: 'Invalid value "undefined" for header "x"' });
  assert.throws(() => http.validateHeaderValue('x', 'a\0'), { name: 'TypeError', code: 'ERR_INVALID_CHAR', message: 'Invalid character in header content ["x"]' });
  http.validateHeaderName('x');
  http.validateHeaderValue('x', 1);
});

test('HEAD, 204 and 304 have no body', async () => {
  const head = await exchange((req, res) => res.end('abc'), GET.replace('GET', 'HEAD'));
  assert.strictEqual(head, 'HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\n\r\n');
  for (const status of [204, 304]) {
    const text = await exchange((req, res) => {
      res.statusCode = status;
      res.end('abc');
    }, GET);
    assert.strictEqual(text.split('\r\n\r\n')[1], '');
  }
});

test('HTTP/1.0 gets no chunks', async () => {
  const text = await exchange((req, res) => {
    assert.strictEqual(req.httpVersion, '1.0');
    res.write('a');
    res.end('b');
  }, 'GET / HTTP/1.0\r\n\r\n');
  assert.strictEqual(text, 'HTTP/1.1 200 OK\r\nDate: D\r\nConnection: close\r\n\r\nab');
});

test('the state of a response and its events', async () => {
  const events = [];
  await exchange((req, res) => {
    assert.strictEqual(res.headersSent, false);
    assert.strictEqual(res.writableEnded, false);
    assert.strictEqual(res.finished, false);
    assert.strictEqual(res.statusCode, 200);
    for (const name of ['prefinish', 'finish', 'close']) res.on(name, () => events.push(name));
    res.end('x', () => events.push('callback'));
    assert.strictEqual(res.headersSent, true);
    assert.strictEqual(res.writableEnded, true);
    assert.strictEqual(res.finished, true);
    events.push('returned');
  }, GET);
  assert.deepStrictEqual(events, ['prefinish', 'returned', 'callback', 'finish', 'close']);
});

test('listeners added after end() hear of it, too', async () => {
  const events = [];
  await exchange((req, res) => {
    res.end();
    res.on('finish', () => events.push(res.writableFinished));
    req.on('close', () => events.push('close'));
  }, GET);
  assert.deepStrictEqual(events, [true, 'close']);
});

test('write after end', async () => {
  const errors = [];
  await exchange((req, res) => {
    res.on('error', (error) => errors.push(error.code));
    res.end();
    res.write('x', (error) => errors.push(error.code));
    res.end();
  }, GET);
  assert.deepStrictEqual(errors, ['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_WRITE_AFTER_END']);
});

test('requests on one connection', async () => {
  const urls = [];
  const text = await exchange((req, res) => {
    urls.push(req.url);
    setTimeout(() => res.end(req.url), req.url === '/1' ? 20 : 0);
  }, 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  assert.deepStrictEqual(urls, ['/1', '/2', '/3']);
  assert.deepStrictEqual(text.match(/\r\n\r\n\/\d/g), ['\r\n\r\n/1', '\r\n\r\n/2', '\r\n\r\n/3']);
});

test('bodies of requests, in pieces, with trailers', async () => {
  let got = '';
  const text = await exchange(async (req, res) => {
    req.setEncoding('utf8');
    for await (const chunk of req) got += chunk;
    assert.strictEqual(req.complete, true);
    assert.deepStrictEqual(req.trailers, { 'x-t': 'v' });
    assert.deepStrictEqual(req.rawTrailers, ['X-T', 'v']);
    res.end('done');
  }, 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: v\r\n\r\n');
  assert.strictEqual(got, 'hello world');
  assert.match(text, /done$/);
});

test('a body that nobody reads does not stand in the way', async () => {
  const text = await exchange((req, res) => res.end(req.url),
                              `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300000)}` +
                              'GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  assert.match(text, /\/a.*\/b$/s);
});

test('100-continue', async () => {
  const text = await exchange((req, res) => {
    req.resume();
    req.on('end', () => res.end());
  }, 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx');
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('what is no HTTP is refused', async () => {
  for (const bad of [
    'NONSENSE\r\n\r\n',
    'FOO / HTTP/1.1\r\nHost: h\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: h\r\nA b: c\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n0',
    'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n0',
  ]) {
    const text = await exchange(() => assert.fail('no request'), bad);
    assert.strictEqual(text, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', bad);
  }
  const long = await exchange(() => assert.fail('no request'), `GET / HTTP/1.1\r\nHost: h\r\nA: ${'x'.repeat(20000)}\r\n\r\n`);
  assert.match(long, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  const hostless = await exchange(() => assert.fail('no request'), 'GET / HTTP/1.1\r\n\r\n');
  assert.match(hostless, /^HTTP\/1\.1 400 Bad Request\r\n/);
});

test('clientError has the socket', async () => {
  const text = await new Promise((resolve) => {
    const server = http.createServer();
    server.on('clientError', (error, socket) => {
      assert.strictEqual(error.code, 'HPE_INVALID_METHOD');
      assert.ok(error.rawPacket.includes('BAD'));
      assert.strictEqual(socket.writable, true);
      socket.end('HTTP/1.1 499 Own\r\n\r\n');
    });
    server.listen(0, () => {
      const client = net.connect(server.address().port);
      client.end('BAD / HTTP/1.1\r\n\r\n');
      let received = '';
      client.on('data', (chunk) => { received += chunk; });
      client.on('close', () => server.close(() => resolve(received)));
    });
  });
  assert.strictEqual(text, 'HTTP/1.1 499 Own\r\n\r\n');
});

test('upgrades hand the connection over', async () => {
  const text = await new Promise((resolve) => {
    const server = http.createServer();
    server.on('upgrade', (req, socket, head) => {
      assert.strictEqual(req.headers.upgrade, 'echo');
      assert.ok(Buffer.isBuffer(head));
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      if (head.length > 0) socket.write(head);
      socket.pipe(socket);
    });
    server.listen(0, () => {
      const client = net.connect(server.address().port);
      client.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst ');
      let received = '';
      client.on('data', (chunk) => {
        received += chunk;
        if (received.endsWith('first ')) client.end('second');
      });
      client.on('close', () => server.close(() => resolve(received)));
    });
  });
  assert.strictEqual(text, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst second');
});

test('a client that goes away', async () => {
  const events = [];
  await new Promise((resolve) => {
    const server = http.createServer((req, res) => {
      req.on('aborted', () => events.push('aborted'));
      req.on('error', (error) => events.push(`req ${error.code} ${error.message}`));
      req.on('close', () => events.push('req close'));
      res.on('finish', () => events.push('finish'));
      res.on('close', () => {
        events.push(`res close ${res.writableFinished}`);
        server.close(resolve);
      });
      client.destroy();
    });
    let client;
    server.listen(0, () => {
      client = net.connect(server.address().port);
      client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc');
    });
  });
  assert.deepStrictEqual(events.sort(), ['aborted', 'req ECONNRESET aborted', 'req close', 'res close false'].sort());
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
