'use strict';
// The many ways to read a request's body, and to change one's mind on the way.

const assert = require('assert');
const http = require('http');
const { once } = require('events');
const { finished, PassThrough } = require('stream');

const pending = [];
function test(name, run) {
  pending.push([name, run]);
}

// Sends `pieces` one by one to a server whose listener is `handler`; resolves to what that resolves to.
async function send(pieces, handler) {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const handled = new Promise((resolve, reject) => {
    server.on('request', (req, res) => {
      handler(req, res).then(resolve, reject).finally(() => res.end());
    });
  });
  const req = http.request({ port: server.address().port, method: 'POST', agent: false });
  req.on('error', () => {});
  req.flushHeaders();
  for (const piece of pieces) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    req.write(piece);
  }
  req.end();
  const result = await handled;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  return result;
}

const PIECES = ['one ', 'two ', Buffer.from('three')];
const ALL = 'one two three';

test('data and end', async () => {
  const events = await send(PIECES, (req) => new Promise((resolve) => {
    const events = [];
    let text = '';
    req.on('data', (chunk) => {
      assert.ok(Buffer.isBuffer(chunk));
      text += chunk;
    });
    req.on('end', () => events.push(text, req.complete, req.readableEnded));
    req.on('close', () => {
      events.push('close', req.destroyed);
      resolve(events);
    });
  }));
  assert.deepStrictEqual(events, [ALL, true, true, 'close', true]);
});

test('characters in pieces', async () => {
  const bytes = Buffer.from('a\u20acb\u{1f600}c');
  const text = await send([...bytes].map((byte) => Buffer.from([byte])), async (req) => {
    let text = '';
    assert.strictEqual(req.setEncoding('utf8'), req);
    req.on('data', (chunk) => {
      assert.strictEqual(typeof chunk, 'string');
      text += chunk;
    });
    await once(req, 'end');
    return text;
  });
  assert.strictEqual(text, 'a\u20acb\u{1f600}c');
});

test('paused and resumed', async () => {
  const text = await send(PIECES, async (req) => {
    let text = '';
    let paused = 0;
    req.on('data', (chunk) => {
      text += chunk;
      req.pause();
      assert.strictEqual(req.isPaused(), true);
      paused++;
      setTimeout(() => req.resume(), 10);
    });
    await once(req, 'end');
    assert.ok(paused > 0);
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('paused at once', async () => {
  const text = await send(PIECES, async (req) => {
    let text = '';
    req.on('data', (chunk) => { text += chunk; });
    req.pause();
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.strictEqual(text, '');
    req.resume();
    await once(req, 'end');
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('a listener that comes late', async () => {
  const text = await send(PIECES, async (req) => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    let text = '';
    req.on('data', (chunk) => { text += chunk; });
    await once(req, 'end');
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('for await', async () => {
  const text = await send(PIECES, async (req) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('readable and read', async () => {
  const text = await send(PIECES, async (req) => {
    let text = '';
    req.on('readable', () => {
      for (let chunk = req.read(); chunk !== null; chunk = req.read()) text += chunk;
    });
    await once(req, 'end');
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('piped, with a listener besides', async () => {
  const text = await send(PIECES, async (req) => {
    const through = new PassThrough();
    let seen = '';
    req.on('data', (chunk) => { seen += chunk; });
    req.pipe(through);
    let text = '';
    for await (const chunk of through) text += chunk;
    assert.strictEqual(seen, ALL);
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('piped after some of it was seen', async () => {
  const text = await send(PIECES, async (req) => {
    let text = '';
    await new Promise((resolve) => req.once('data', (chunk) => {
      text += chunk;
      resolve();
    }));
    const through = new PassThrough();
    req.pipe(through);
    for await (const chunk of through) text += chunk;
    return text;
  });
  assert.strictEqual(text, ALL);
});

test('thrown away', async () => {
  const ended = await send(PIECES, async (req) => {
    req.resume();
    await once(req, 'end');
    return req.complete;
  });
  assert.strictEqual(ended, true);
});

test('finished', async () => {
  const error = await send(PIECES, (req) => new Promise((resolve) => {
    req.on('data', () => {});
    finished(req, resolve);
  }));
  assert.strictEqual(error, undefined);
});

test('destroyed on the way', async () => {
  const events = await send(PIECES, (req) => new Promise((resolve) => {
    const events = [];
    req.on('aborted', () => events.push('aborted'));
    req.on('error', (error) => events.push(error.message));
    req.on('end', () => events.push('end'));
    req.on('close', () => {
      events.push('close');
      resolve(events);
    });
    req.once('data', () => req.destroy(new Error('own')));
  }));
  assert.deepStrictEqual(events, ['aborted', 'own', 'close']);
});

test('no body at all', async () => {
  const events = await send([], (req) => new Promise((resolve) => {
    const events = [];
    req.on('data', () => events.push('data'));
    req.on('end', () => events.push('end'));
    req.on('close', () => {
      events.push('close');
      resolve(events);
    });
    events.push('returned');
  }));
  assert.deepStrictEqual(events, ['returned', 'end', 'close']);
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
