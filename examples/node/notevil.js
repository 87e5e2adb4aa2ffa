// notevil: JavaScript interpreted in JavaScript, with endless loops cut off.
'use strict';
const assert = require('node:assert/strict');
const safeEval = require('notevil');

const context = { items: [3, 1, 2], log: [], Math };
const value = safeEval('var sum = 0; for (var i = 0; i < items.length; i++) { sum += items[i]; log.push(sum) } function twice(n) { return n * 2 } twice(sum)', context);
console.log(value, context.log);
assert.equal(value, 12);
assert.deepEqual(context.log, [3, 4, 6]);

const area = safeEval.Function('r', 'return Math.PI * r * r');
assert.equal(typeof area, 'function');
assert.throws(() => safeEval('while (true) {}'), (error) => {
  console.log(error.message);
  return /Infinite loop/.test(error.message);
});
assert.throws(() => safeEval('var o = {}; o.constructor.constructor("return process")()'), /process is not defined/);
