'use strict';
// Domains: which errors come to them, and when they are current.

const assert = require('assert');
const domain = require('domain');
const EventEmitter = require('events');

const seen = [];
const d = domain.create();
assert.ok(d instanceof domain.Domain);
assert.ok(d instanceof EventEmitter);
assert.strictEqual(EventEmitter.usingDomains, true);
d.on('error', (error) => {
  seen.push(error.message);
  assert.strictEqual(error.domain, d);
});

assert.strictEqual(d.run((a, b) => a + b, 1, 2), 3);
assert.ok(!process.domain);
d.run(() => {
  assert.strictEqual(process.domain, d);
  assert.strictEqual(domain.active, d);
  process.nextTick(() => { throw new Error('tick'); });
  setTimeout(() => { throw new Error('timeout'); }, 1);
  const emitter = new EventEmitter();
  assert.strictEqual(emitter.domain, d);
  assert.ok(!Object.keys(emitter).includes('domain'));
  setTimeout(() => {
    emitter.emit('error', new Error('emitted'));
    assert.strictEqual(process.domain, d);
  }, 10);
  Promise.resolve().then(() => assert.strictEqual(process.domain, d));
});

const bound = d.bind((value) => {
  assert.strictEqual(process.domain, d);
  return value * 2;
});
assert.strictEqual(bound(4), 8);
const intercepted = d.intercept((value) => seen.push(`value ${value}`));
intercepted(null, 5);
intercepted(new Error('intercepted'));

const outside = new EventEmitter();
assert.ok(!outside.domain);
d.add(outside);
assert.deepStrictEqual(d.members, [outside]);
assert.strictEqual(outside.domain, d);
d.remove(outside);
assert.deepStrictEqual(d.members, []);
assert.strictEqual(outside.domain, null);

setTimeout(() => {
  const inner = domain.create();
  inner.on('error', () => { throw new Error('thrown on'); });
  d.run(() => inner.run(() => { throw new Error('inner'); }));
}, 30);

assert.throws(() => process.setUncaughtExceptionCaptureCallback(() => {}),
              { code: 'ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE' });

process.on('exit', () => {
  assert.deepStrictEqual(seen, ['value 5', 'intercepted', 'tick', 'timeout', 'emitted', 'thrown on']);
});
