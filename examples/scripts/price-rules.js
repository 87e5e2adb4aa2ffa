// A classic script: the caller gives `order` as a global; the last expression is the result, and
// `total` and `applied` can be asked back as globals.
var rules = [
  { name: 'ten of a kind', when: (o) => o.items.some((i) => i.count >= 10), take: 0.1 },
  { name: 'returning customer', when: (o) => o.customer.orders > 5, take: 0.05 },
  { name: 'big order', when: (_, sum) => sum > 500, take: 0.02 },
];

var sum = order.items.reduce((total, item) => total + item.price * item.count, 0);
var applied = rules.filter((rule) => rule.when(order, sum));
var total = applied.reduce((price, rule) => price * (1 - rule.take), sum);
applied = applied.map((rule) => rule.name);

({ sum, total: Math.round(total * 100) / 100, applied });
