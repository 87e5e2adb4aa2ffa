// Starts the service, calls well-behaved and hostile plug-ins over HTTP, prints what happens, and
// fails if it is not as expected. With --limits also those that only a memory limit holds, which
// is sandtide's addition, and a look at the process's memory after a thousand requests.
'use strict';
const assert = require('node:assert/strict');
const http = require('node:http');
const path = require('node:path');
const { Runner } = require('./runner');
const { createService } = require('./service');

const megabyte = 1024 * 1024;
const memoryLimit = 8 * megabyte;
const limits = process.argv.includes('--limits');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const runner = new Runner(path.join(__dirname, 'users'), { timeout: 250, memoryLimit });
const service = createService(runner);

function post(name, input, text = JSON.stringify(input)) {
  return new Promise((resolve, reject) => {
    const { port } = service.address();
    const request = http.request({ agent, port, path: `/${name}`, method: 'POST', headers: { 'Content-Length': Buffer.byteLength(text) } });
    request.on('error', reject);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => { body += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, ...JSON.parse(body) }));
    });
    request.end(text);
  });
}

async function expect(name, input, expected) {
  const answer = await post(name, input);
  console.log(`${name} ${JSON.stringify(input)} -> ${JSON.stringify(answer)}`);
  assert.deepEqual(answer, expected);
}

const timedOut = { status: 504, error: 'Script execution timed out after 250ms', kind: 'time' };
const outOfMemory = { status: 507, error: `The context's memory limit of ${memoryLimit} bytes is reached`, kind: 'memory' };

async function everyday() {
  await expect('shout', { text: 'hello' }, { status: 200, value: 'HELLO!' });
  await expect('invoice', { lines: [{ name: 'rope', cents: 4800, count: 2 }, { name: 'cleat', cents: 350, count: 4 }] },
               { status: 200, value: { rows: ['2 rope 96.00', '4 cleat 14.00'], total: '110.00' } });
  await expect('later', 20, { status: 200, value: 42 });
  await expect('shout', {}, { status: 500, error: 'text is missing', kind: 'plug-in' });
  await expect('none', {}, { status: 404, error: 'No plug-in none' });
  assert.deepEqual(await post('shout', undefined, '{'), { status: 400, error: 'Not JSON' });

  // Hostile ones: they neither stop the service nor see each other or the program.
  for (let i = 0; i < 3; i++) await expect('counter', i, { status: 200, value: { calls: 1, seen: 'undefined' } });
  await expect('loop', null, timedOut);
  await expect('promises', null, timedOut);
  await expect('reach', null, { status: 200, value: { process: 'undefined', require: 'undefined', strings: 'EvalError', constructor: 'EvalError' } });
  await expect('vandal', null, { status: 200, value: 'done' });
  await expect('deep', null, { status: 200, value: 'RangeError' });
  await expect('shout', { text: 'still here' }, { status: 200, value: 'STILL HERE!' });
}

async function withLimits() {
  await expect('hoard', 'objects', outOfMemory);
  await expect('hoard', 'buffers', outOfMemory);
  await expect('hoard', 'stubborn', outOfMemory);
  await expect('shout', { text: 'still here' }, { status: 200, value: 'STILL HERE!' });

  const load = async (times) => {
    for (let i = 0; i < times; i++) assert.equal((await post(i % 10 === 0 ? 'hoard' : 'shout', { text: 'x' })).status, i % 10 === 0 ? 507 : 200);
    return process.memoryUsage().rss;
  };
  // Contexts that have ended may wait for a collection, but few of them do.
  const before = await load(200);
  const growth = await load(1000) - before;
  console.log(`1000 requests more, 100 of them out of memory: ${Math.round(growth / megabyte)} MB more`);
  assert.ok(growth < 2 * memoryLimit);
}

async function main() {
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  try {
    await everyday();
    if (limits) await withLimits();
  } finally {
    agent.destroy();
    service.close();
  }
}

main();
