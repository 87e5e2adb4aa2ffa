// jexl: expressions of users over data, parsed and interpreted, also with promises.
'use strict';
const jexl = require('jexl');

async function main() {
  const context = { order: { lines: [{ sku: 'a', n: 2 }, { sku: 'b', n: 5 }], customer: { name: 'Ada', vip: true } } };
  jexl.addTransform('upper', (text) => text.toUpperCase());
  jexl.addTransform('later', async (value) => { await null; return value; });
  jexl.addFunction('max', Math.max);
  jexl.addBinaryOp('~=', 20, (left, right) => left.toLowerCase() === right.toLowerCase());
  for (const text of ['order.lines[.n > 2][0].sku', 'order.customer.name|upper + "!"', 'order.customer.vip ? 10 ^ 2 : 0',
    'max(1, 7, 3)|later * 2', '"ADA" ~= order.customer.name', '"a" in ["a", "b"]', '{ total: order.lines[0].n * 3 }.total']) {
    console.log(text, '=>', JSON.stringify(await jexl.eval(text, context)));
  }
  console.log(jexl.compile('a + b').evalSync({ a: 1, b: 2 }), jexl.expr`${1} + 2`.evalSync());
  await jexl.eval('order..lines', context).catch((error) => console.log(error.message));
}
main();
