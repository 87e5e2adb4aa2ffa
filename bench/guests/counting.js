// Map and Set: words counted, ids made unique, two lists joined by number.
const words = Array.from({ length: 3000 }, (_, i) => 'word' + (i * 7919) % 500);
const orders = Array.from({ length: 1500 }, (_, i) => ({ id: 1000 + i, customer: (i * 31) % 300 }));
function work() {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const byId = new Map(orders.map((order) => [order.id, order]));
  const customers = new Set(orders.map((order) => order.customer));
  let found = 0;
  for (let id = 0; id < 3000; id++) if (byId.has(id)) found += byId.get(id).customer;
  return [counts.size, counts.get('word7'), customers.size, found].join();
}
