// static-eval with esprima: expressions evaluated from their syntax tree, as query languages do.
'use strict';
const assert = require('node:assert/strict');
const evaluate = require('static-eval');
const { parseScript } = require('esprima');

const expression = (code) => parseScript(code).body[0].expression;
const scope = { price: 12, items: [{ n: 1 }, { n: 5 }], tax: (x) => x * 1.2, name: 'you' };
const values = ['price * 2 + tax(10)', 'items[1].n > 4 && !false', '`hello ${name}`', '[1, 2, 3].map(function (x) { return x * price })', '({ a: -price })', 'missing + 1', 'items.map(x => x.n)']
  .map((code) => evaluate(expression(code), scope));
console.log(values);
assert.equal(values[0], 36);
assert.deepEqual(values[3], [12, 24, 36]);
assert.equal(evaluate(expression('"".constructor.constructor("return process")()'), {}), undefined);
