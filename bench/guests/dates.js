// Dates: parsed, moved on, formatted by hand.
const pad = (n) => String(n).padStart(2, '0');
function format(date) {
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
}
function work() {
  let last = '';
  for (let i = 0; i < 300; i++) {
    const date = new Date('2026-01-31T08:30:00Z');
    date.setUTCDate(date.getUTCDate() + i); date.setUTCMinutes(date.getUTCMinutes() + i * 7);
    last = format(date) + ' ' + date.toISOString();
  }
  return last;
}
