// JSON of a thousand records: read, changed, written.
const text = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ({ id: i, name: 'user ' + i, active: i % 3 === 0, score: i / 8, tags: ['a', 'b' + i % 7], address: { city: 'City ' + i % 50, zip: 10000 + i } })));
function work() {
  const records = JSON.parse(text);
  for (const record of records) { record.score *= 2; record.seen = true; }
  return String(JSON.stringify(records).length);
}
