'use strict';
// Event, EventTarget, AbortController, AbortSignal, DOMException.
const assert = require('assert');

{
  const target = new EventTarget();
  const log = [];
  const listener = (event) => {
    log.push(event.type, event.target === target, event.eventPhase);
    assert.throws(() => target.dispatchEvent(event), { code: 'ERR_EVENT_RECURSION' });
  };
  target.addEventListener('a', listener);
  target.addEventListener('a', listener);
  target.addEventListener('a', { handleEvent() { log.push('object', this !== target); } }, { once: true });
  const event = new Event('a', { cancelable: true });
  assert.strictEqual(target.dispatchEvent(event), true);
  assert.strictEqual(event.currentTarget, null);
  target.dispatchEvent(new Event('a'));
  assert.deepStrictEqual(log, ['a', true, 2, 'object', true, 'a', true, 2]);
  target.removeEventListener('a', listener);
  target.dispatchEvent(new Event('a'));
  assert.strictEqual(log.length, 8);
}
{
  const target = new EventTarget();
  target.addEventListener('x', (event) => { event.preventDefault(); event.stopImmediatePropagation(); });
  target.addEventListener('x', () => assert.fail());
  const event = new Event('x', { cancelable: true });
  assert.strictEqual(target.dispatchEvent(event), false);
  assert(event.defaultPrevented);
  const custom = new CustomEvent('y', { detail: { a: 1 } });
  assert.deepStrictEqual(custom.detail, { a: 1 });
  assert(custom instanceof Event);
  const controller = new AbortController();
  let count = 0;
  target.addEventListener('z', () => count++, { signal: controller.signal });
  target.dispatchEvent(new Event('z'));
  controller.abort();
  target.dispatchEvent(new Event('z'));
  assert.strictEqual(count, 1);
}
assert.throws(() => new Event(), { code: 'ERR_MISSING_ARGS' });
assert.throws(() => new EventTarget().addEventListener('x', 1), { code: 'ERR_INVALID_ARG_TYPE' });
assert.throws(() => new EventTarget().dispatchEvent({}), { message: 'The "event" argument must be an instance of Event. Received an instance of Object' });
assert.throws(() => EventTarget.prototype.addEventListener.call({}, 'x', () => {}), { code: 'ERR_INVALID_THIS' });

{
  const controller = new AbortController();
  const { signal } = controller;
  const log = [];
  signal.onabort = function(event) { log.push('on', this === signal, event.isTrusted); };
  signal.addEventListener('abort', () => log.push('listener'));
  assert.strictEqual(signal.aborted, false);
  signal.throwIfAborted();
  controller.abort();
  controller.abort('again');
  assert.deepStrictEqual(log, ['on', true, true, 'listener']);
  assert.strictEqual(signal.reason.name, 'AbortError');
  assert.strictEqual(signal.reason.code, 20);
  assert(signal.reason instanceof DOMException);
  assert.throws(() => signal.throwIfAborted(), { name: 'AbortError', message: 'This operation was aborted' });
  assert.strictEqual(AbortSignal.abort('why').reason, 'why');
  assert.throws(() => new AbortSignal(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
}
{
  const a = new AbortController();
  const b = new AbortController();
  const any = AbortSignal.any([a.signal, b.signal]);
  const nested = AbortSignal.any([any]);
  let fired = 0;
  nested.addEventListener('abort', () => fired++);
  b.abort(7);
  assert.strictEqual(any.reason, 7);
  assert.strictEqual(nested.reason, 7);
  assert.strictEqual(fired, 1);
  assert.strictEqual(AbortSignal.any([a.signal, AbortSignal.abort(3)]).reason, 3);
  assert.strictEqual(AbortSignal.any([]).aborted, false);
}
{
  const signal = AbortSignal.timeout(5);
  let reason;
  // The signal's own timer does not keep the program alive.
  const alive = setTimeout(() => {}, 60_000);
  signal.addEventListener('abort', () => {
    reason = signal.reason;
    clearTimeout(alive);
  });
  process.on('exit', () => assert.strictEqual(reason.name, 'TimeoutError'));
}
{
  const error = new DOMException('message', { name: 'DataCloneError', cause: 1 });
  assert.deepStrictEqual([error.name, error.code, error.message, error.cause], ['DataCloneError', 25, 'message', 1]);
  assert(error instanceof Error);
  assert.match(error.stack, /^DataCloneError: message\n/);
  assert.strictEqual(DOMException.ABORT_ERR, 20);
  assert.strictEqual(Object.prototype.toString.call(error), '[object DOMException]');
}
