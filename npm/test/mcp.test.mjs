// `sandtide mcp`, as a client has it: the official SDK's, and lines of our own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const bin = join(dirname(require.resolve('sandtide/package.json')), 'bin/sandtide.js');
const folder = mkdtempSync(join(tmpdir(), 'sandtide-mcp-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function config(content, name = 'config.json') {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

writeFileSync(join(folder, 'add.mjs'), 'export default ({ a, b }) => a + b');
const withTools = config({
  limits: { timeout: 60_000, heap: '8MiB' },
  tools: {
    add: {
      description: 'Adds two numbers.',
      file: 'add.mjs',
      inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
    },
  },
});

/** Sends lines, and answers what comes back with these ids. */
async function lines(args, sent) {
  const server = spawn(process.execPath, [bin, 'mcp', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = [];
  const wanted = sent.filter((line) => typeof line === 'string' || line.id !== undefined).length;
  for (const line of sent) {
    server.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }
  for await (const line of createInterface({ input: server.stdout })) {
    answers.push(JSON.parse(line));
    if (answers.length === wanted) server.stdin.end();
  }
  const code = await new Promise((resolve) => {
    if (server.exitCode !== null) resolve(server.exitCode);
    else server.on('exit', resolve);
  });
  assert.equal(code, 0);
  return answers;
}

function call(id, name, given) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } };
}

test('the SDK of the protocol lists and calls tools', async () => {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const client = new Client({ name: 'test', version: '1' });
  const env = process.env.SANDTIDE_BINARY ? { SANDTIDE_BINARY: process.env.SANDTIDE_BINARY } : {};
  const args = [bin, 'mcp', '--config', withTools];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env }));
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), ['run', 'add']);
  const summed = await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } });
  assert.deepEqual(summed.content, [{ type: 'text', text: '3' }]);
  const code = 'console.log("hello"); return { twice: input.map((n) => n * 2), big: 2n ** 64n }';
  const ran = await client.callTool({ name: 'run', arguments: { code, input: [1, 2] } });
  assert.deepEqual(JSON.parse(ran.content[0].text), { twice: [2, 4], big: '18446744073709551616' });
  assert.equal(ran.content[1].text, 'log: hello');
  const thrown = await client.callTool({ name: 'run', arguments: { code: '\nnull.x' } });
  assert.equal(thrown.isError, true);
  assert.match(thrown.content[0].text, /^ERR_EXCEPTION: TypeError: .* \(code\.js:2:6\)\n {4}at /);
  const hungry = 'const all = []; for (;;) all.push(new Array(1000).fill(0))';
  const full = await client.callTool({ name: 'run', arguments: { code: hungry } });
  assert.match(full.content[0].text, /^ERR_HEAP_LIMIT: /);
  await assert.rejects(client.callTool({ name: 'no', arguments: {} }), /there is no tool no/);
  await client.close();
});

test('what is no request is answered as JSON-RPC says, and cancelled calls are not answered', async () => {
  const answers = await lines(['--config', withTools], [
    { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '1999-01-01' } },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    call(undefined, 'run', {}),
    'no JSON',
    '[1]',
    { jsonrpc: '2.0', id: 2, method: 'resources/list' },
    { jsonrpc: '2.0', id: 'three', method: 'ping' },
    call(4, 'run', { code: 5 }),
  ]);
  const of = (id) => answers.find((answer) => answer.id === id);
  assert.equal(of(1).result.protocolVersion, '2025-06-18');
  assert.deepEqual(of(1).result.serverInfo.name, 'sandtide');
  assert.deepEqual(answers.filter((answer) => answer.id === null).map((answer) => answer.error.code), [
    -32700, -32600,
  ]);
  assert.equal(of(2).error.code, -32601);
  assert.deepEqual(of('three').result, {});
  assert.equal(of(4).error.code, -32602);

  const server = spawn(process.execPath, [bin, 'mcp', '--config', withTools], { stdio: ['pipe', 'pipe', 'inherit'] });
  const say = (message) => server.stdin.write(`${JSON.stringify(message)}\n`);
  say(call(7, 'run', { code: 'for (;;);' }));
  say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } });
  say(call(8, 'run', { code: 'return 8' }));
  const read = createInterface({ input: server.stdout });
  for await (const line of read) {
    assert.equal(JSON.parse(line).id, 8);
    break;
  }
  server.stdin.end();
  await new Promise((resolve) => server.on('exit', resolve));
});

test('a configuration that cannot be is refused, with code 2', async () => {
  const cases = [
    [['--config', config('{', 'a.json')], /a\.json cannot be read/],
    [['--config', config({ limit: {} }, 'b.json')], /has no option limit; it has limits, workers, run, tools/],
    [['--config', config({ limits: { heap: 'much' } }, 'c.json')], /heap is a size/],
    [['--config', config({ tools: { run: { file: 'add.mjs' } } }, 'd.json')], /cannot be called "run"/],
    [['--config', config({ tools: { a: {} } }, 'e.json')], /tools\.a\.file is missing/],
    [['--what'], /^sandtide mcp: Usage/],
  ];
  for (const [args, message] of cases) {
    const server = spawn(process.execPath, [bin, 'mcp', ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
    let words = '';
    for await (const text of server.stderr.setEncoding('utf8')) words += text;
    assert.match(words, message);
    assert.equal(server.exitCode ?? (await new Promise((resolve) => server.on('exit', resolve))), 2);
  }
});

test('what cannot be shown is an answer, and the server goes on; the end of its input waits for answers', async () => {
  const nested = 'let value = new Uint8Array(2 ** 18); for (let i = 0; i < 200; i++) value = [value]; return value';
  const long = 'return Array.from({ length: 9 }, () => "x".repeat(2 ** 22))';
  const config_ = config({ limits: { timeout: 60_000, heap: '256MiB', output: '64MiB' } }, 'large.json');
  const server = spawn(process.execPath, [bin, 'mcp', '--config', config_], { stdio: ['pipe', 'pipe', 'inherit'] });
  const sent = [
    call(1, 'run', { code: nested }),
    call(2, 'run', { code: long }),
    call(3, 'run', null),
    call(4, 'run', { code: 'return new Uint8Array([1, 2, 3])' }),
  ];
  // All at once, and then nothing more: each is answered all the same.
  server.stdin.end(sent.map((message) => `${JSON.stringify(message)}\n`).join(''));
  const answers = new Map();
  for await (const line of createInterface({ input: server.stdout })) {
    const answer = JSON.parse(line);
    answers.set(answer.id, answer);
  }
  assert.equal(server.exitCode ?? (await new Promise((resolve) => server.on('exit', resolve))), 0);
  assert.deepEqual([...answers.keys()].sort(), [1, 2, 3, 4]);
  assert.ok(answers.get(1).result.content[0].text.length < 2 ** 19);
  assert.equal(answers.get(2).result.isError, true);
  assert.match(answers.get(2).result.content[0].text, /^ERR_TOO_LARGE: the value cannot be shown as JSON/);
  assert.equal(answers.get(3).error.code, -32602);
  const bytes = 'data:application/octet-stream;base64,AQID';
  assert.equal(JSON.parse(answers.get(4).result.content[0].text), bytes);
});
