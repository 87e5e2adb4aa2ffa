'use strict';
// events.once, events.on, addAbortListener, getEventListeners.
const assert = require('assert');
const { EventEmitter, once, on, addAbortListener, getEventListeners, getMaxListeners, setMaxListeners } = require('events');

async function main() {
  const e = new EventEmitter();
  setTimeout(() => e.emit('x', 1, 2), 1);
  assert.deepStrictEqual(await once(e, 'x'), [1, 2]);
  assert.strictEqual(e.listenerCount('error'), 0);

  setTimeout(() => e.emit('error', new Error('bad')), 1);
  await assert.rejects(once(e, 'x'), /bad/);
  assert.strictEqual(e.listenerCount('x'), 0);

  const aborted = new AbortController();
  setTimeout(() => aborted.abort(), 1);
  await assert.rejects(once(e, 'x', { signal: aborted.signal }), { name: 'AbortError', code: 'ABORT_ERR' });
  await assert.rejects(once(e, 'x', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(once(1, 'x'), { code: 'ERR_INVALID_ARG_TYPE' });

  const target = new EventTarget();
  setTimeout(() => target.dispatchEvent(new Event('go')), 1);
  assert.strictEqual((await once(target, 'go'))[0].type, 'go');

  const seen = [];
  setTimeout(() => { e.emit('n', 1); e.emit('n', 2); e.emit('end'); }, 1);
  for await (const [value] of on(e, 'n', { close: ['end'] })) seen.push(value);
  assert.deepStrictEqual(seen, [1, 2]);
  assert.strictEqual(e.listenerCount('n'), 0);
  assert.strictEqual(e.listenerCount('end'), 0);

  const stop = new AbortController();
  setTimeout(() => { e.emit('n', 3); stop.abort('why'); }, 1);
  await assert.rejects(async () => {
    for await (const [value] of on(e, 'n', { signal: stop.signal })) seen.push(value);
  }, (error) => error.name === 'AbortError' && error.cause === 'why');
  assert.deepStrictEqual(seen, [1, 2, 3]);

  const iterator = on(e, 'n');
  const pending = iterator.next();
  await iterator.return();
  assert.deepStrictEqual(await pending, { value: undefined, done: true });

  function f() {}
  e.on('q', f);
  target.addEventListener('q', f);
  assert.deepStrictEqual(getEventListeners(e, 'q'), [f]);
  assert.deepStrictEqual(getEventListeners(target, 'q'), [f]);
  setMaxListeners(3, e, target);
  assert.strictEqual(getMaxListeners(e), 3);
  assert.strictEqual(getMaxListeners(target), 3);

  const controller = new AbortController();
  let called = 0;
  addAbortListener(controller.signal, () => called++);
  controller.abort();
  assert.strictEqual(called, 1);
}
let finished = false;
main().then(() => { finished = true; });
process.on('exit', () => assert(finished));
