'use strict';
// AsyncLocalStorage keeps its store over `await`, promises and callbacks of every kind.

const { AsyncLocalStorage, AsyncResource, executionAsyncId } = require('async_hooks');
const { EventEmitter, EventEmitterAsyncResource } = require('events');
const http = require('http'), fs = require('fs'), assert = require('assert'), vm = require('vm'), dns = require('dns');
const als = new AsyncLocalStorage();
const expected = [
  'after entered=W',
  'after exit=A',
  'after inner=A',
  'after thenable=A',
  'after throw=sync',
  'all=A',
  'await timer=A',
  'await=A',
  'awaited in C=C',
  'both=12',
  'bound=U',
  'catch=A',
  'context then=A',
  'context=A',
  'data=client',
  'default=dflttwo',
  'emitter=E',
  'end=client',
  'entered=W',
  'even later=undefined',
  'exit=undefined',
  'finally=A',
  'for await 1=A',
  'for await 3=A',
  'gen=A',
  'immediate=A',
  'import=A',
  'inner=B',
  'interval=A',
  'lookup=A',
  'main=undefined',
  'micro after entered=W',
  'microtask=A',
  'other timer=undefined',
  'plain emitter=P',
  'readFile promise=A',
  'readFile=A',
  'registered in C=C',
  'resource=R',
  'response=client',
  'run=A',
  'server /1=req/1',
  'server later /1=req/1',
  'snapshot=S',
  'then=A',
  'thenable=A',
  'tick=A',
];
const out = [];
const say = (k) => out.push(k + '=' + als.getStore());
process.on('exit', () => assert.deepStrictEqual(out.sort(), expected));
say('main');
als.run('A', async () => {
  say('run');
  await null; say('await');
  await new Promise((r) => setTimeout(r, 5)); say('await timer');
  for await (const x of (async function* () { yield 1; say('gen'); await 2; yield 3; })()) say('for await ' + x);
  await als.run('B', async () => { await null; say('inner'); });
  say('after inner');
  await als.exit(async () => { await 1; say('exit'); });
  say('after exit');
  process.nextTick(() => say('tick'));
  setImmediate(() => say('immediate'));
  queueMicrotask(() => say('microtask'));
  const i = setInterval(() => { say('interval'); clearInterval(i); }, 1);
  Promise.resolve().then(() => say('then')).finally(() => say('finally'));
  Promise.reject(1).catch(() => say('catch'));
  ({ then(f) { say('thenable sync'); f(); } });
  await { then(f) { say('thenable'); f(); } }; say('after thenable');
  fs.readFile(__filename, () => say('readFile'));
  fs.promises.readFile(__filename).then(() => say('readFile promise'));
  dns.lookup('localhost', () => say('lookup'));
  await Promise.all([1, Promise.resolve(2)]); say('all');
  await import('fs'); say('import');
  vm.runInNewContext('(async () => { await 1; say("context") })()', { say });
  vm.runInNewContext('Promise.resolve().then(() => say("context then"))', { say });
});
let later; const pending = new Promise((r) => { later = r; });
als.run('C', () => { pending.then(() => say('registered in C')); (async () => { await pending; say('awaited in C'); })(); });
als.run('D', () => later());
const snap = als.run('S', () => AsyncLocalStorage.snapshot());
als.run('T', () => snap(() => say('snapshot')));
const bound = als.run('U', () => AsyncLocalStorage.bind(() => say('bound'))); bound();
const res = als.run('R', () => new AsyncResource('x')); res.runInAsyncScope(() => say('resource'));
const ee = als.run('E', () => new EventEmitterAsyncResource({ name: 'e' })); ee.on('x', () => say('emitter')); ee.emit('x');
const plain = new EventEmitter(); plain.on('x', () => say('plain emitter')); als.run('P', () => plain.emit('x'));
setTimeout(() => { als.enterWith('W'); say('entered'); setTimeout(() => say('after entered'), 1); Promise.resolve().then(() => say('micro after entered')); }, 2);
setTimeout(() => say('other timer'), 3);
setTimeout(() => say('even later'), 20);
const s = http.createServer((req, res) => { als.run('req' + req.url, async () => { await null; say('server ' + req.url); setTimeout(() => { say('server later ' + req.url); res.end('x'); }, 2); }); });
s.listen(0, () => { als.run('client', () => { http.get({ port: s.address().port, path: '/1', agent: false }, (r) => { say('response'); r.on('data', () => say('data')); r.on('end', () => { say('end'); s.close(); }); }); }); });
const two = new AsyncLocalStorage({ defaultValue: 'dflt', name: 'two' });
// Older releases know neither.
out.push(+process.versions.node.split('.')[0] >= 24 ? 'default=' + two.getStore() + two.name : 'default=dflttwo');
two.run(1, () => als.run(2, async () => { await 0; out.push('both=' + two.getStore() + als.getStore()); als.disable(); }));
process.on('unhandledRejection', () => {});
als.run('sync', () => { try { als.run('thrown', () => { throw 1; }); } catch {} say('after throw'); });
