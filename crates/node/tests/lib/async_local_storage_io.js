'use strict';
// AsyncLocalStorage keeps its store over what waits for files, sockets, children and the like.

const { AsyncLocalStorage } = require('async_hooks'); const als = new AsyncLocalStorage(); const out = []; const say = (k) => { const s = k + '=' + als.getStore(); if (!out.includes(s)) out.push(s); };
const assert = require('assert');
const cp = require('child_process'), zlib = require('zlib'), crypto = require('crypto'), fs = require('fs'), net = require('net'), { pipeline, Readable } = require('stream');
const fileOut = require('path').join(require('os').tmpdir(), `als-${process.pid}`);
const expected = [
  'abort=A',
  'cp close=A',
  'cp data=A',
  'cp exit=A',
  'et=A',
  'exec=A',
  'fetch=F',
  'fh close=A',
  'fh=A',
  'gzip=A',
  'iter end=A',
  'iter=A',
  'net close=N',
  'net connect=N',
  'net data=N',
  'net sdata=undefined',
  'net server=undefined',
  'once=A',
  'pipe=A',
  'pipeline=A',
  'port=A',
  'promisified=A',
  'random=A',
  'rs close=A',
  'rs data=A',
  'rs end=A',
  'text=F',
  'tp=A',
  'z data=A',
];
process.on('exit', () => {
  fs.rmSync(fileOut, { force: true });
  assert.deepStrictEqual(out.sort(), expected);
});
als.run('A', () => {
  const c = cp.spawn('echo', ['hi']); c.stdout.on('data', () => say('cp data')); c.on('exit', () => say('cp exit')); c.on('close', () => say('cp close'));
  cp.exec('true', () => say('exec'));
  zlib.gzip('x', () => say('gzip')); crypto.randomBytes(4, () => say('random'));
  fs.createReadStream(__filename).on('data', () => say('rs data')).on('end', () => say('rs end')).on('close', () => say('rs close'));
  pipeline(Readable.from(['a']), async function* (s) { for await (const x of s) { say('pipe'); yield x; } }, fs.createWriteStream(fileOut), () => say('pipeline'));
  const z = zlib.createGzip(); z.on('data', () => say('z data')); z.end('abc');
  (async () => { for await (const x of fs.createReadStream(__filename)) say('iter'); say('iter end'); })();
  fs.promises.open(__filename).then(async (h) => { await h.stat(); say('fh'); await h.close(); say('fh close'); });
  const et = new EventTarget(); et.addEventListener('x', () => say('et')); et.dispatchEvent(new Event('x'));
  const ac = new AbortController(); ac.signal.addEventListener('abort', () => say('abort')); setTimeout(() => ac.abort(), 1);
  require('timers/promises').setTimeout(1).then(() => say('tp')); require('util').promisify(setTimeout)(1).then(() => say('promisified'));
  const { MessageChannel } = globalThis; const { port1, port2 } = new MessageChannel(); port2.on?.('message', () => { say('port'); port1.close(); }); port1.postMessage(1);
  require('events').once(process, 'foo').then(() => say('once')); setTimeout(() => process.emit('foo'), 2);
});
const s = net.createServer((k) => { say('net server'); k.on('data', (d) => { say('net sdata'); k.end(d); }); }).listen(0, () => als.run('N', () => { const k = net.connect(s.address().port, () => { say('net connect'); k.write('x'); }); k.on('data', () => say('net data')); k.on('close', () => { say('net close'); s.close(); }); }));
fetch && als.run('F', async () => { const h = require('http').createServer((q, r) => r.end('ok')); await new Promise((r) => h.listen(0, r)); const r = await fetch('http://localhost:' + h.address().port); say('fetch'); await r.text(); say('text'); h.close(); h.closeAllConnections(); });

// Who listens in a store hears of connections and requests in it.
const heard = [];
let unhandled;
als.run('S', () => {
  const server = require('http').createServer((request, response) => {
    heard.push(`request=${als.getStore()}`);
    request.on('end', () => { heard.push(`end=${als.getStore()}`); response.end(); }).resume();
  });
  server.on('connection', () => heard.push(`connection=${als.getStore()}`));
  server.listen(0, () => require('http').get({ port: server.address().port, agent: false }, (response) => response.resume().on('end', () => server.close())));
});
process.on('exit', () => assert.deepStrictEqual(heard, ['connection=S', 'request=S', 'end=S']));
process.on('unhandledRejection', () => { unhandled = als.getStore(); });
als.run('R', () => Promise.reject(new Error('nobody')));
process.on('exit', () => assert.strictEqual(unhandled, 'R'));
