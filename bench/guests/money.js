// Money in BigInts: interest in cents over years, shares without a remainder lost.
function share(total, parts) { const sum = parts.reduce((a, b) => a + b, 0n); let rest = total; return parts.map((part, i) => { const own = i === parts.length - 1 ? rest : (total * part) / sum; rest -= own; return own; }); }
function work() {
  let balance = 1234567n, text = '';
  for (let month = 0; month < 600; month++) { balance += (balance * 375n) / 120000n; if (month % 60 === 0) text += share(balance, [50n, 30n, 20n]).join('/') + ' '; }
  return text + balance + (2n ** 200n % 1000000007n);
}
