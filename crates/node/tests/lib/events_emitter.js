'use strict';
// EventEmitter: adding, removing, emitting, limits, errors and captured rejections.
const assert = require('assert');
const EventEmitter = require('events');

assert.strictEqual(EventEmitter, EventEmitter.EventEmitter);

{
  const e = new EventEmitter();
  const seen = [];
  e.on('a', (...args) => seen.push(args));
  assert.strictEqual(e.emit('a'), true);
  e.emit('a', undefined);
  e.emit('a', 1, 2, 3, 4, 5);
  assert.deepStrictEqual(seen, [[], [undefined], [1, 2, 3, 4, 5]]);
  assert.strictEqual(e.emit('b'), false);
}
{
  const e = new EventEmitter();
  const order = [];
  e.on('x', () => order.push(1));
  e.prependListener('x', () => order.push(0));
  e.once('x', () => order.push(2));
  e.prependOnceListener('x', () => order.push(-1));
  e.emit('x');
  e.emit('x');
  assert.deepStrictEqual(order, [-1, 0, 1, 2, 0, 1]);
  assert.strictEqual(e.listenerCount('x'), 2);
}
{
  const e = new EventEmitter();
  const log = [];
  e.on('newListener', (type, f) => log.push(['new', type, f.name]));
  e.on('removeListener', (type, f) => log.push(['removed', type, f.name]));
  function f() {}
  function g() {}
  e.on('x', f);
  e.once('x', g);
  e.off('x', g);
  e.removeListener('x', f);
  e.removeListener('x', f);
  assert.deepStrictEqual(log, [
    ['new', 'removeListener', ''], ['new', 'x', 'f'], ['new', 'x', 'g'], ['removed', 'x', 'g'], ['removed', 'x', 'f'],
  ]);
  assert.deepStrictEqual(e.eventNames(), ['newListener', 'removeListener']);
}
{
  const e = new EventEmitter();
  function f() {}
  const symbol = Symbol('s');
  e.on('x', f).once('x', f).on(symbol, f);
  assert.deepStrictEqual(e.listeners('x'), [f, f]);
  assert.notStrictEqual(e.rawListeners('x')[1], f);
  assert.strictEqual(e.rawListeners('x')[1].listener, f);
  assert.strictEqual(e.listenerCount('x', f), 2);
  assert.deepStrictEqual(e.eventNames(), ['x', symbol]);
  e.removeAllListeners('x');
  assert.deepStrictEqual(e.eventNames(), [symbol]);
  e.removeAllListeners();
  assert.strictEqual(e._eventsCount, 0);
}
{
  // Listeners added or removed meanwhile do not change a running emit.
  const e = new EventEmitter();
  const log = [];
  function late() { log.push('late'); }
  e.on('x', () => { log.push('first'); e.on('x', late); e.off('x', second); });
  function second() { log.push('second'); }
  e.on('x', second);
  e.emit('x');
  assert.deepStrictEqual(log, ['first', 'second']);
}
{
  const e = new EventEmitter();
  const error = new Error('boom');
  assert.throws(() => e.emit('error', error), (thrown) => thrown === error);
  assert.throws(() => e.emit('error', { a: 1 }), { code: 'ERR_UNHANDLED_ERROR', message: 'Unhandled error. ({ a: 1 })', context: { a: 1 } });
  let monitored;
  e.on(EventEmitter.errorMonitor, (value) => { monitored = value; });
  assert.throws(() => e.emit('error', error), error);
  assert.strictEqual(monitored, error);
}
assert.throws(() => new EventEmitter().on('x', null), { code: 'ERR_INVALID_ARG_TYPE', name: 'TypeError' });
assert.throws(() => new EventEmitter().setMaxListeners(-1), { code: 'ERR_OUT_OF_RANGE', name: 'RangeError' });
assert.throws(() => { EventEmitter.defaultMaxListeners = 'x'; }, { code: 'ERR_INVALID_ARG_TYPE' });
{
  function Old() { EventEmitter.call(this); }
  Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
  const a = new Old();
  const b = new Old();
  a.on('x', () => {});
  assert.strictEqual(b.listenerCount('x'), 0);
  assert.strictEqual(EventEmitter.listenerCount(a, 'x'), 1);
}
{
  const e = new EventEmitter();
  e.setMaxListeners(1);
  assert.strictEqual(e.getMaxListeners(), 1);
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  e.on('foo', () => {}).on('foo', () => {}).on('foo', () => {});
  setTimeout(() => {
    assert.strictEqual(warnings.length, 1);
    assert.strictEqual(warnings[0].name, 'MaxListenersExceededWarning');
    assert.strictEqual(warnings[0].message,
      'Possible EventEmitter memory leak detected. 2 foo listeners added to [EventEmitter]. ' +
      'MaxListeners is 1. Use emitter.setMaxListeners() to increase limit');
    assert.strictEqual(warnings[0].emitter, e);
    assert.strictEqual(warnings[0].count, 2);
  }, 5);
}
{
  const e = new EventEmitter({ captureRejections: true });
  const error = new Error('async');
  let caught;
  e.on('x', async () => { throw error; });
  e.on('error', (value) => { caught = value; });
  e.emit('x');
  const own = new EventEmitter({ captureRejections: true });
  let args;
  own.on('x', async () => { throw error; });
  own[Symbol.for('nodejs.rejection')] = (...rest) => { args = rest; };
  own.emit('x', 42);
  setTimeout(() => {
    assert.strictEqual(caught, error);
    assert.deepStrictEqual(args, [error, 'x', 42]);
  }, 5);
}
process.on('exit', (code) => assert.strictEqual(code, 0));
