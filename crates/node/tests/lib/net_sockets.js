'use strict';
// Connections of plain bytes: both ends, half-open, errors, timeouts, waiting for slow readers.

const assert = require('assert');
const net = require('net');
const { once } = require('events');

const pending = [];
function test(name, run) {
  pending.push([name, run]);
}

async function listen(...args) {
  const server = net.createServer(...args).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, server.address().port];
}

async function textOf(socket) {
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket) text += chunk;
  return text;
}

test('there and back', async () => {
  const [server, port] = await listen((socket) => socket.pipe(socket));
  const client = net.connect(port, '127.0.0.1');
  assert.ok(client instanceof net.Socket);
  assert.ok(client instanceof require('stream').Duplex);
  assert.strictEqual(client.connecting, true);
  assert.strictEqual(client.pending, true);
  assert.strictEqual(client.readyState, 'opening');
  client.write('before ');
  await once(client, 'connect');
  assert.strictEqual(client.connecting, false);
  assert.strictEqual(client.readyState, 'open');
  assert.strictEqual(client.remoteAddress, '127.0.0.1');
  assert.strictEqual(client.remotePort, port);
  assert.strictEqual(client.remoteFamily, 'IPv4');
  assert.strictEqual(client.localAddress, '127.0.0.1');
  assert.strictEqual(client.address().port, client.localPort);
  client.end('after');
  assert.strictEqual(await textOf(client), 'before after');
  assert.strictEqual(client.bytesRead, 12);
  assert.strictEqual(client.bytesWritten, 12);
  assert.strictEqual(client.destroyed, true);
  server.close();
  await once(server, 'close');
});

test('a server knows who connects', async () => {
  const [server, port] = await listen();
  const client = net.connect({ port, host: '127.0.0.1' });
  const [socket] = await once(server, 'connection');
  if (client.connecting) await once(client, 'connect');
  assert.strictEqual(socket.remotePort, client.localPort);
  assert.strictEqual(socket.localPort, port);
  assert.strictEqual(socket.server, server);
  client.destroy();
  const closed = once(socket, 'close');
  socket.resume();
  assert.deepStrictEqual(await closed, [false]);
  server.close();
});

test('the other half stays open if it is allowed to', async () => {
  const [server, port] = await listen({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('end', () => {
      assert.strictEqual(socket.writable, true);
      setTimeout(() => socket.end(`got ${text}`), 10);
    });
  });
  const client = net.connect(port, '127.0.0.1');
  client.end('all');
  assert.strictEqual(await textOf(client), 'got all');
  server.close();
});

test('a port where nobody listens', async () => {
  const [server, port] = await listen();
  server.close();
  await once(server, 'close');
  const client = net.connect(port, '127.0.0.1');
  const [error] = await once(client, 'error');
  assert.deepStrictEqual({ ...error }, { errno: -111, code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port });
  const [hadError] = await once(client, 'close');
  assert.strictEqual(hadError, true);
});

test('a path where nobody listens', async () => {
  const [error] = await once(net.connect('/nowhere/at/all'), 'error');
  assert.strictEqual(error.code, 'ENOENT');
  assert.strictEqual(error.message, 'connect ENOENT /nowhere/at/all');
});

test('a connection that is reset', async () => {
  const [server, port] = await listen((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.resetAndDestroy());
  });
  const client = net.connect(port, '127.0.0.1');
  client.write('x');
  const [error] = await once(client, 'error');
  assert.strictEqual(error.code, 'ECONNRESET');
  assert.strictEqual(error.message, 'read ECONNRESET');
  assert.strictEqual(error.syscall, 'read');
  server.close();
});

test('timeouts', async () => {
  const [server, port] = await listen(() => {});
  const client = net.connect(port, '127.0.0.1');
  let count = 0;
  client.setTimeout(50, () => count++);
  assert.strictEqual(client.timeout, 50);
  await once(client, 'timeout');
  client.destroy();
  await once(client, 'close');
  assert.strictEqual(count, 1);
  server.close();
});

test('much data to a slow reader', async () => {
  const size = 10_000_000;
  const [server, port] = await listen((socket) => {
    const chunk = Buffer.alloc(50_000, 'x');
    let left = size / chunk.length;
    let waited = 0;
    const more = () => {
      while (left > 0) {
        left--;
        if (!socket.write(chunk)) {
          waited++;
          socket.once('drain', more);
          return;
        }
      }
      assert.ok(waited > 0);
      socket.end();
    };
    more();
  });
  const client = net.connect(port, '127.0.0.1');
  let total = 0;
  client.on('data', (chunk) => {
    total += chunk.length;
    client.pause();
    setImmediate(() => client.resume());
  });
  await once(client, 'close');
  assert.strictEqual(total, size);
  server.close();
});

test('write calls back, and not after the end', async () => {
  const [server, port] = await listen((socket) => socket.resume());
  const client = net.connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => client.write('x', (error) => (error ? reject(error) : resolve())));
  client.end();
  client.on('error', () => {});
  const error = await new Promise((resolve) => client.write('y', resolve));
  assert.strictEqual(error.code, 'ERR_STREAM_WRITE_AFTER_END');
  server.close();
});

test('connecting is given up', async () => {
  const [server, port] = await listen();
  const client = net.connect(port, '127.0.0.1');
  client.destroy();
  assert.strictEqual(client.destroyed, true);
  await once(client, 'close');
  const socket = new net.Socket();
  assert.strictEqual(socket.pending, true);
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy(new Error('own'));
  assert.strictEqual((await once(socket, 'error'))[0].message, 'own');
  server.close();
});

test('wrong arguments', () => {
  assert.throws(() => net.connect(), { code: 'ERR_MISSING_ARGS' });
  assert.throws(() => net.connect({}), { code: 'ERR_MISSING_ARGS' });
  assert.throws(() => net.connect({ port: 70000 }), { code: 'ERR_SOCKET_BAD_PORT' });
  assert.throws(() => net.createServer(5), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('addresses', () => {
  assert.strictEqual(net.isIP('1.2.3.4'), 4);
  assert.strictEqual(net.isIP('::1'), 6);
  assert.strictEqual(net.isIP('fe80::1%lo'), 6);
  assert.strictEqual(net.isIP('1.2.3'), 0);
  assert.strictEqual(net.isIP(''), 0);
  assert.strictEqual(net.isIPv4('127.0.0.1'), true);
  assert.strictEqual(net.isIPv6('127.0.0.1'), false);
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
