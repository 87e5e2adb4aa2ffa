// safe-eval: expressions evaluated in a fresh context (and, for all its name, no wall). The second
// part is what its users write when they do it by hand.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const safeEval = require('safe-eval');

const values = [
  safeEval('1 + 2'),
  safeEval('items.map((n) => n * factor)', { items: [1, 2, 3], factor: 2 }),
  safeEval('({ a: Math.max(...xs), b: typeof require, c: typeof process })', { xs: [3, 9, 4] }),
  safeEval('`${name}!`', { name: 'you' }, { filename: 'greeting.js', timeout: 100 }),
];
console.log(values);
assert.deepEqual(JSON.parse(JSON.stringify(values)), [3, [2, 4, 6], { a: 9, b: 'undefined', c: 'undefined' }, 'you!']);
assert.throws(() => safeEval('missing + 1'), /missing is not defined/);
assert.throws(() => safeEval('(() => { for (;;); })()', {}, { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });

// Nothing of one evaluation is there in the next.
safeEval('(leak = 1)');
assert.equal(safeEval('typeof leak'), 'undefined');
const shared = { n: 0 };
for (let i = 0; i < 3; i++) safeEval('shared.n++', { shared });
assert.equal(shared.n, 3);

function evaluate(code, context) {
  const result = {};
  const script = new vm.Script(`result.value = (function () { with (scope) { return (${code}) } })()`);
  script.runInNewContext({ result, scope: new Proxy(context, { has: () => true, get: (target, key) => key === Symbol.unscopables ? undefined : target[key] }) }, { timeout: 100 });
  return result.value;
}
console.log(evaluate('a + b', { a: 20, b: 22 }));
assert.equal(evaluate('typeof Array', {}), 'undefined');
