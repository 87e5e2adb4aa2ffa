// Asynchronous: stations are asked one beside the other, and one that fails costs only its own
// line. The run ends when every promise has settled.
async function read(station) {
  await null;
  if (station.heights.length === 0) throw new Error(`${station.name} sent nothing`);
  return { name: station.name, high: Math.max(...station.heights) };
}

export default async function forecast({ stations }) {
  const readings = await Promise.allSettled(stations.map(read));
  for (const { reason } of readings) {
    if (reason) console.warn(reason.message);
  }
  const good = readings.filter((r) => r.status === 'fulfilled').map((r) => r.value);
  return { high: new Map(good.map((r) => [r.name, r.high])), missing: readings.length - good.length };
}
