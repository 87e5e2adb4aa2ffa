// jsonata: queries of users over JSON, with functions of the host.
'use strict';
const jsonata = require('jsonata');

const data = { account: { orders: [{ id: 1, lines: [{ name: 'hat', price: 20, n: 2 }, { name: 'cap', price: 5, n: 1 }] }, { id: 2, lines: [{ name: 'hat', price: 20, n: 1 }] }] } };

async function main() {
  for (const text of ['$sum(account.orders.lines.(price * n))', 'account.orders.lines{name: $sum(n)}', 'account.orders[id = 2].lines.name',
    '$map(account.orders, function($o) { $count($o.lines) })', 'account.orders.lines^(>price, name).name', '$uppercase("ü") & $string(1/3)',
    '$replace("a-b-c", /-(\\w)/, function($m) { $uppercase($m.groups[0]) })', '($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(10))', '$sort([3, 1, 2])']) {
    console.log(text, '=>', JSON.stringify(await jsonata(text).evaluate(data)));
  }
  const query = jsonata('$double($x) + $later(1)');
  query.assign('x', 21);
  query.registerFunction('double', (n) => n * 2, '<n:n>');
  query.registerFunction('later', async (n) => { await null; return n; });
  console.log(await query.evaluate({}));
  await jsonata('$sum("a")').evaluate({}).catch((error) => console.log(error.code, error.message));
  try { jsonata('a.['); } catch (error) { console.log(error.code, error.position); }
}
main();
