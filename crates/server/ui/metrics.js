// Reads OpenMetrics text, and makes rates and percentiles of what changed between two readings. Knows nothing of
// the page.

/** `Map` of names to `[{ labels, value }]`. */
export function parse(text) {
  const all = new Map();
  for (const line of text.split('\n')) {
    const found = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (line.startsWith('#') || !found) continue;
    const labels = {};
    for (const [, name, value] of (found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[name] = value;
    if (!all.has(found[1])) all.set(found[1], []);
    all.get(found[1]).push({ labels, value: Number(found[3]) });
  }
  return all;
}

/** The sum of a name's series, or of those with these labels. */
export function sum(all, name, pick = () => true) {
  return (all.get(name) ?? []).filter((one) => pick(one.labels)).reduce((total, one) => total + one.value, 0);
}

/** By the value of a label. */
export const by = (all, name, label) =>
  Object.fromEntries((all.get(name) ?? []).map((one) => [one.labels[label], one.value]));

/**
 * What a histogram's values between two readings were at these shares of them, in the histogram's unit; `NaN` where
 * there were none. Within a bucket values are taken to lie evenly, as Prometheus does.
 */
export function percentiles(before, after, name, shares) {
  const was = by(before, `${name}_bucket`, 'le');
  const buckets = (after.get(`${name}_bucket`) ?? [])
    .map(({ labels, value }) => ({ up: labels.le === '+Inf' ? Infinity : Number(labels.le), count: value - (was[labels.le] ?? 0) }))
    .sort((a, b) => a.up - b.up);
  const total = buckets.at(-1)?.count ?? 0;
  return shares.map((share) => {
    if (!(total > 0)) return NaN;
    const rank = share * total;
    const at = buckets.findIndex((bucket) => bucket.count >= rank);
    const low = at > 0 ? buckets[at - 1] : { up: 0, count: 0 };
    const { up, count } = buckets[at];
    if (up === Infinity) return low.up;
    return low.up + (up - low.up) * ((rank - low.count) / (count - low.count || 1));
  });
}

/** What happened between two readings, a second each. */
export function between(before, after, elapsed) {
  const rate = (name, pick) => Math.max(0, sum(after, name, pick) - sum(before, name, pick)) / elapsed;
  const [p50, p95, p99] = percentiles(before, after, 'sandtide_run_seconds', [0.5, 0.95, 0.99]);
  const ok = rate('sandtide_runs_total', (labels) => labels.outcome === 'ok');
  return {
    ok,
    failed: rate('sandtide_runs_total') - ok,
    p50, p95, p99,
    cpu: rate('sandtide_run_cpu_seconds_sum'),
    restored: rate('sandtide_restored_bytes_total'),
    queued: sum(after, 'sandtide_queue_depth'),
    running: sum(after, 'sandtide_runs_running'),
    workers: sum(after, 'sandtide_workers'),
    memory: by(after, 'sandtide_resident_memory_bytes', 'role'),
    outcomes: by(after, 'sandtide_runs_total', 'outcome'),
  };
}
