// JSON Logic: rules as data, as feature flags and pricing engines use them.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const jsonLogic = require('json-logic-js');

jsonLogic.add_operation('days', (text) => Date.parse(text) / 86400e3);
const rule = {
  if: [
    { and: [{ '>=': [{ var: 'cart.total' }, 100] }, { in: [{ var: 'user.country' }, ['DE', 'AT']] }] }, 'free',
    { some: [{ var: 'cart.items' }, { '==': [{ var: 'kind' }, 'anchor'] }] }, 'heavy',
    { cat: ['pays ', { reduce: [{ var: 'cart.items' }, { '+': [{ var: 'current.kg' }, { var: 'accumulator' }] }, 0] }] },
  ],
};
const orders = [
  { cart: { total: 120, items: [] }, user: { country: 'AT' } },
  { cart: { total: 20, items: [{ kind: 'anchor', kg: 9 }] }, user: { country: 'FR' } },
  { cart: { total: 20, items: [{ kind: 'rope', kg: 2 }, { kind: 'cleat', kg: 0.5 }] }, user: { country: 'FR' } },
];
const answers = orders.map((order) => jsonLogic.apply(rule, order));
console.log(answers);
assert.deepEqual(answers, ['free', 'heavy', 'pays 2.5']);
assert.equal(jsonLogic.apply({ '-': [{ days: ['2026-03-05'] }, { days: ['2026-03-01'] }] }), 4);
assert.deepEqual(jsonLogic.uses_data(rule), ['cart.total', 'user.country', 'cart.items', 'kind', 'current.kg', 'accumulator']);

// Rules made in another realm are rules all the same.
assert.equal(jsonLogic.apply(vm.runInNewContext('({ "+": [1, { var: "x" }] })'), vm.runInNewContext('({ x: 41 })')), 42);
assert.throws(() => jsonLogic.apply({ constructor: [1] }), /Unrecognized operation/);
