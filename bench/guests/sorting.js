// Records sorted by two keys, grouped, the best of each group taken.
const records = Array.from({ length: 1500 }, (_, i) => ({ id: i, group: 'g' + (i * 7919) % 40, score: (i * 104729) % 1000, name: 'n' + (i * 31) % 977 }));
function work() {
  const sorted = [...records].sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const groups = {};
  for (const record of sorted) (groups[record.group] ??= []).push(record);
  const numbers = sorted.map((record) => record.score).sort((a, b) => a - b);
  return Object.entries(groups).map(([name, list]) => name + list[0].id).sort().join() + numbers[700];
}
