// expr-eval: formulas of users, evaluated and compiled to functions.
'use strict';
const assert = require('node:assert/strict');
const { Parser } = require('expr-eval');

const parser = new Parser({ operators: { assignment: true } });
parser.functions.clamp = (x, low, high) => Math.min(Math.max(x, low), high);

const formula = parser.parse('clamp(price * (1 - discount / 100), 10, 99) + shipping(kg)');
console.log(formula.toString(), formula.variables());
const price = formula.evaluate({ price: 120, discount: 50, kg: 3, shipping: (kg) => kg ** 2 });
console.log(price);
assert.equal(price, 69);
const compiled = parser.parse('sin(x)^2 + cos(x)^2 + y').toJSFunction('x,y');
assert.ok(Math.abs(compiled(0.3, 1) - 2) < 1e-12);
assert.equal(parser.evaluate('f(n) = n < 2 ? n : f(n - 1) + f(n - 2); f(12)'), 144);
assert.equal(parser.parse('a + 0 * b').simplify({ a: 5 }).toString(), '(5 + (0 * b))');
assert.throws(() => parser.parse('1 +'), (error) => {
  console.log(error.message);
  return /unexpected/.test(error.message);
});
