const money = (cents) => (cents / 100).toFixed(2);

function handle({ lines }) {
  const rows = lines.map(({ name, cents, count }) => `${count} ${name} ${money(cents * count)}`);
  return { rows, total: money(lines.reduce((sum, { cents, count }) => sum + cents * count, 0)) };
}
