// The client against a real server, whose address is in SANDTIDE_URL.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { Client, SandtideError } from '@sandtide/client';

const url = process.env.SANDTIDE_URL;
assert.ok(url, 'SANDTIDE_URL says where the server is: clients/run sets it');

/** A client of a tenant that no other test has. */
let tenants = 0;
const client = (options) => new Client({ url, tenant: `client-${process.pid}-${++tenants}`, ...options });

test('a deployed script is run with globals and answers its value, logs and usage', async () => {
  const sandtide = client();
  const deployed = await sandtide.deploy('sum', { source: 'console.log("adding"); a + b', globals: { a: 1 } });
  assert.equal(deployed.form, 'classic');
  const outcome = await sandtide.run('sum', { globals: { b: 41 } });
  assert.equal(outcome.value, 42);
  assert.deepEqual(outcome.logs, [{ level: 'log', text: 'adding' }]);
  assert.ok(outcome.usage.cpu_us >= 0);
});

test('an error of a script has its code, its place and what it said before', async () => {
  const sandtide = client();
  await sandtide.deploy('fails', 'console.log("here");\nmissing()');
  await assert.rejects(sandtide.run('fails'), (error) => {
    assert.ok(error instanceof SandtideError);
    assert.equal(error.code, 'ERR_EXCEPTION');
    assert.equal(error.status, 422);
    assert.equal(error.problem.line, 2);
    assert.match(error.message, /missing is not defined/);
    assert.equal(error.problem.logs[0].text, 'here');
    return true;
  });
});

test('a source that comes with its run is held to the limits that it is given', async () => {
  const sandtide = client();
  assert.equal((await sandtide.runSource('6 * 7')).value, 42);
  const endless = { source: 'for (;;) {}', limits: { wall_ms: 50 } };
  await assert.rejects(sandtide.runSource(endless), { code: 'ERR_WALL_TIME_LIMIT' });
});

test('a run that was started is waited for, with what it threw', async () => {
  const sandtide = client();
  await sandtide.deploy('later', 'export default ({ fail }) => { if (fail) throw new TypeError("as asked"); return "done" }');
  const { id } = await sandtide.start('later', { input: {} }, { idempotencyKey: 'once' });
  assert.equal((await sandtide.start('later', { input: {} }, { idempotencyKey: 'once' })).id, id);
  assert.equal((await sandtide.wait(id, { every: 10 })).value, 'done');
  const failing = await sandtide.start('later', { input: { fail: true } });
  await assert.rejects(sandtide.wait(failing.id, { every: 10 }), { code: 'ERR_EXCEPTION', message: /as asked/ });
  await sandtide.cancel(id);
  await assert.rejects(sandtide.wait(id), { code: 'ERR_RUN_NOT_FOUND' });
});

test('versions are listed, activated, rolled back and given a share of the runs', async () => {
  const sandtide = client();
  const one = await sandtide.deploy('v', '1');
  const two = await sandtide.deploy('v', '2', { ifMatch: one.version });
  await assert.rejects(sandtide.deploy('v', '3', { ifMatch: one.version }), { status: 412 });
  const listed = await all(sandtide.versions('v'));
  assert.deepEqual(listed.map(({ version }) => version), [two.version, one.version]);
  assert.equal((await sandtide.rollBack('v')).version, one.version);
  assert.equal((await sandtide.activate('v', two.version)).version, two.version);
  assert.equal((await sandtide.canary('v', one.version, 50)).canary.version, one.version);
  const keys = Array.from({ length: 40 }, (_, at) => `customer ${at}`);
  const answers = async () => {
    const outcomes = await Promise.all(keys.map((canaryKey) => sandtide.run('v', {}, { canaryKey })));
    return outcomes.map(({ value }) => value);
  };
  const first = await answers();
  assert.deepEqual(new Set(first), new Set([1, 2]));
  assert.deepEqual(await answers(), first, 'a key stays with its version');
});

test('scripts are listed beyond a page', async () => {
  const sandtide = client();
  const names = Array.from({ length: 130 }, (_, at) => `script-${String(at).padStart(3, '0')}`);
  for (const name of names) await sandtide.deploy(name, '1');
  assert.deepEqual((await all(sandtide.scripts())).map(({ name }) => name), names);
  await sandtide.remove(names[0]);
  assert.equal((await all(sandtide.scripts())).length, 129);
});

test('what a tenant does is heard by it alone, until the signal', async () => {
  const sandtide = client();
  const ends = new AbortController();
  const heard = sandtide.events({ signal: ends.signal });
  const first = heard.next();
  await client().deploy('of-another', '1');
  await sandtide.deploy('heard', '1');
  const { value } = await first;
  assert.equal(value.type, 'deploy');
  assert.equal(value.script, 'heard');
  await sandtide.deploy('next', '1');
  for await (const event of sandtide.events({ after: value.id })) {
    assert.equal(event.script, 'next', 'goes on after the event that is known');
    break;
  }
  ends.abort();
  assert.ok((await drain(heard)).done);
});

test('a stream of events that breaks is asked for again from its last event on', async (t) => {
  const asked = [];
  const server = listening(t, (request, response) => {
    asked.push(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: ${asked.length}\nevent: deploy\ndata: {"type":"deploy","script":"s${asked.length}"}\n\n`);
    setTimeout(() => response.destroy(), 20);
  });
  const sandtide = new Client({ url: await server });
  const scripts = [];
  for await (const { script } of sandtide.events()) {
    scripts.push(script);
    if (scripts.length === 2) break;
  }
  assert.deepEqual(scripts, ['s1', 's2']);
  assert.deepEqual(asked, [undefined, '1']);
});

test('a server that is none, or refuses, is told of at once', async (t) => {
  await assert.rejects(client({ token: 'sandtide_none' }).run('x'), { code: 'ERR_TOKEN_INVALID', status: 401 });
  await assert.rejects(client({ token: 'sandtide_none' }).events().next(), { code: 'ERR_TOKEN_INVALID' });
  const between = listening(t, (_, response) => response.writeHead(502, { 'retry-after': '7' }).end('<html>'));
  const other = new Client({ url: await between });
  await assert.rejects(other.run('x'), { code: 'ERR_NOT_SANDTIDE', status: 502, retryAfter: 7000 });
  await assert.rejects(new Client({ url: 'http://127.0.0.1:1' }).run('x'), TypeError);
});

test('all else is there by method and path, and throws the same errors', async () => {
  const sandtide = client();
  const { data } = await sandtide.api.GET('/healthz');
  assert.equal(data.status, 'ok');
  await assert.rejects(sandtide.api.GET('/v1/scripts/{name}', { params: { path: { name: 'none' } } }), {
    code: 'ERR_SCRIPT_NOT_FOUND',
  });
});

/** A server of the test's own, and its address. */
async function listening(t, answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

async function all(items) {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
}

async function drain(items) {
  for (;;) {
    const next = await items.next();
    if (next.done) return next;
  }
}
