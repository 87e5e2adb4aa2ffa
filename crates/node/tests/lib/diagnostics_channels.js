'use strict';
// diagnostics_channel: publishing, tracing, stores.

const assert = require('assert');
const dc = require('diagnostics_channel');

const channel = dc.channel('test');
assert.strictEqual(dc.channel('test'), channel);
assert.strictEqual(channel.name, 'test');
assert.strictEqual(channel.hasSubscribers, false);
assert.throws(() => dc.channel(5), { code: 'ERR_INVALID_ARG_TYPE' });
const got = [];
const listen = (message, name) => got.push([message, name]);
channel.subscribe(listen);
assert.strictEqual(dc.hasSubscribers('test'), true);
channel.publish(1);
assert.strictEqual(dc.unsubscribe('test', listen), true);
assert.strictEqual(dc.unsubscribe('test', listen), false);
channel.publish(2);
assert.deepStrictEqual(got, [[1, 'test']]);

if (dc.tracingChannel) {
  const events = [];
  const trace = dc.tracingChannel('work');
  const handlers = {};
  for (const name of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) handlers[name] = (context) => events.push(`${context.id} ${name}`);
  trace.subscribe(handlers);
  assert.strictEqual(trace.traceSync(function (x) { return this.y + x; }, { id: 's' }, { y: 1 }, 2), 3);
  assert.throws(() => trace.traceSync(() => { throw new Error('x'); }, { id: 'e' }), /x/);
  assert.deepStrictEqual(events.splice(0), ['s start', 's end', 'e start', 'e error', 'e end']);
  trace.traceCallback((callback) => setTimeout(callback, 1, null, 'v'), -1, { id: 'c' }, null, (error, value) => {
    assert.strictEqual(value, 'v');
    events.push('called');
  });
  const context = { id: 'p' };
  trace.tracePromise(async () => 5, context).then((value) => {
    assert.strictEqual(value, 5);
    assert.strictEqual(context.result, 5);
  });
  process.on('exit', () => assert.deepStrictEqual(events, ['c start', 'c end', 'p start', 'p end', 'p asyncStart', 'p asyncEnd', 'c asyncStart', 'called', 'c asyncEnd']));
}

if (channel.runStores) {
  const { AsyncLocalStorage } = require('async_hooks');
  const storage = new AsyncLocalStorage();
  channel.bindStore(storage, (data) => data.value);
  assert.strictEqual(channel.runStores({ value: 'stored' }, () => storage.getStore()), 'stored');
  assert.strictEqual(channel.unbindStore(storage), true);
}
