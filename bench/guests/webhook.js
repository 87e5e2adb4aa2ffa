// A webhook: JSON in, checked, reshaped, JSON out.
const body = JSON.stringify({ event: 'order.created', at: '2026-11-20T10:00:00Z', data: { id: 'o-1', customer: { first: 'Ada', last: 'Lovelace', email: 'Ada@Example.com' }, lines: Array.from({ length: 40 }, (_, i) => ({ sku: 'sku-' + i, quantity: i % 4 + 1, price: i * 1.5, tags: ['new', 'sale'] })) } });
function work() {
  const { event, data } = JSON.parse(body);
  if (event !== 'order.created' || !/^[^@\s]+@[^@\s]+$/.test(data.customer.email)) throw new Error('not for us');
  const lines = data.lines.filter((line) => line.quantity > 1).map(({ sku, quantity, price, ...rest }) => ({ sku: sku.toUpperCase(), quantity, amount: quantity * price, ...rest }));
  return JSON.stringify({ kind: 'invoice', reference: data.id, to: `${data.customer.first} ${data.customer.last}`, email: data.customer.email.toLowerCase(), lines, total: lines.reduce((sum, line) => sum + line.amount, 0) });
}
