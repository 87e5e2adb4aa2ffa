'use strict';
// assert.CallTracker, and assert.Assert where there is one.

const assert = require('assert');

if (assert.CallTracker) {
  const tracker = new assert.CallTracker();
  function named(a) { return a + 1; }
  const tracked = tracker.calls(named, 2);
  assert.strictEqual(tracked(1), 2);
  const [report] = tracker.report();
  assert.strictEqual(report.message, 'Expected the named function to be executed 2 time(s) but was executed 1 time(s).');
  assert.deepStrictEqual([report.actual, report.expected, report.operator], [1, 2, 'named']);
  assert.throws(() => tracker.verify(), { code: 'ERR_ASSERTION', message: report.message });
  tracked.call('this', 3);
  tracker.verify();
  assert.deepStrictEqual(tracker.getCalls(tracked).map((call) => call.arguments), [[1], [3]]);
  tracker.reset();
  assert.strictEqual(tracker.getCalls(tracked).length, 0);
  assert.throws(() => tracker.getCalls(() => {}), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => tracker.calls(() => {}, 0), { code: 'ERR_OUT_OF_RANGE' });
}

if (assert.Assert) {
  const strict = new assert.Assert();
  assert.throws(() => strict.equal(1, '1'), { code: 'ERR_ASSERTION', operator: 'strictEqual' });
  const loose = new assert.Assert({ strict: false });
  loose.equal(1, '1');
  const shapes = new assert.Assert({ skipPrototype: true });
  shapes.deepStrictEqual(new (class A { a = 1; })(), { a: 1 });
  assert.throws(() => shapes.deepStrictEqual({ a: 1 }, { a: 2 }), { code: 'ERR_ASSERTION' });
}
