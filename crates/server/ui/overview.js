// What happens on the server now: charts of the last minutes, and who takes most. Reads the metrics once a second
// while the page is seen.

import { api, Refused } from './api.js';
import { Chart } from './chart.js';
import { bytes, h, micros, number, seconds, setText, table } from './dom.js';
import { between, parse } from './metrics.js';

const EVERY = 1000;
/** Seconds that charts show: what there is, of these. */
const WINDOW = { least: 60, most: 300 };
/** Readings between two looks at the lists, which are longer; and where there are many scripts. */
const LISTS = 5;
const LONG_LISTS = 30;
const MANY = 500;

const range = (points) => {
  const now = points.at(-1)?.at ?? 0;
  return [now - Math.min(WINDOW.most, Math.max(WINDOW.least, now - (points[0]?.at ?? now))), now];
};
const time = (at, to) => (to - at < 2 ? 'now' : to - at < 90 ? `${Math.round(to - at)} s ago` : `${Math.round((to - at) / 60)} min ago`);

export class Overview {
  constructor() {
    this.points = [];
    this.last = null;
    this.paused = false;
    this.count = 0;
    this.every = LISTS;
    /** What this token may not read: it is not asked for again. */
    this.refused = new Set();
  }

  open(main) {
    const chart = (title, note, series, format, more) => new Chart({ title, note, series, format, range, time, ...more });
    const perSecond = (value) => (Number.isFinite(value) ? `${number(value)}/s` : '–');
    this.rate = chart('Runs', 'a second, by how they ended', [{ key: 'ok', label: 'well' }, { key: 'failed', label: 'in an error' }], perSecond, { stacked: true, least: 1 });
    this.latency = chart('Latency', 'from a run’s request to its outcome, waiting included', [{ key: 'p50', label: 'p50' }, { key: 'p95', label: 'p95' }, { key: 'p99', label: 'p99' }], seconds, { least: 1e-4 });
    this.memory = chart('Memory', 'resident, by role', [{ key: 'server', label: 'server' }, { key: 'zygote', label: 'zygote' }, { key: 'processes', label: 'workers' }], bytes, { stacked: true, least: 1e6 });
    this.cpu = chart('CPU of runs', 'processors that scripts kept busy', [{ key: 'cpu', label: 'processors' }], number, { least: 0.01 });
    this.charts = [this.rate, this.latency, this.memory, this.cpu];
    const tile = (label) => {
      const value = h('b', {}, '–');
      return { element: h('div', { class: 'tile' }, h('span', {}, label), value), set: (text) => setText(value, text) };
    };
    this.tiles = { rate: tile('Runs a second'), p99: tile('Latency, p99'), busy: tile('Running, waiting'), failed: tile('Ended in an error'), memory: tile('Memory') };
    this.why = h('div', { class: 'notice', hidden: true });
    this.pause = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => this.toggle() }, 'Pause');
    this.scripts = h('div', {});
    this.tenants = h('div', {});
    this.outcomes = h('div', {});
    main.replaceChildren(
      h('div', { class: 'head' }, h('h1', {}, 'Overview'), this.pause),
      h('div', { class: 'tiles' }, Object.values(this.tiles).map((one) => one.element)),
      this.why,
      h('div', { class: 'grid2' }, this.charts.map((one) => one.element)),
      h('div', { class: 'grid2' },
        h('section', { class: 'card' }, h('h2', {}, 'Scripts by use'), this.scripts),
        h('section', { class: 'card' }, h('h2', {}, 'Tenants by use'), this.tenants),
        h('section', { class: 'card' }, h('h2', {}, 'Outcomes since the start'), this.outcomes)));
    this.shown = true;
    this.count = 0;
    this.before = null;
    this.charts.forEach((one) => one.show(this.points));
    this.tick();
  }

  close() {
    this.shown = false;
    clearTimeout(this.timer);
  }

  toggle() {
    this.paused = !this.paused;
    this.pause.setAttribute('aria-pressed', String(this.paused));
    setText(this.pause, this.paused ? 'Go on' : 'Pause');
  }

  async tick() {
    clearTimeout(this.timer);
    if (!this.shown) return;
    if (!this.paused && document.visibilityState === 'visible') {
      try {
        await this.read();
      } catch (error) {
        // Until another token is given, which the page asks for, the answer stays the same.
        if (error instanceof Refused && error.status === 401) return;
        this.tell(error);
      }
    }
    if (this.shown) this.timer = setTimeout(() => this.tick(), EVERY);
  }

  async read() {
    const usage = await api.usage();
    let point;
    try {
      const reading = { at: performance.now() / 1000, all: parse(await this.unlessRefused('metrics')) };
      if (this.last?.all) point = this.ofServer(this.last, reading);
      this.last = reading;
      this.why.hidden = true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error, usage.tenant);
      const reading = { at: performance.now() / 1000, runs: usage.runs };
      if (this.last?.runs) point = this.ofTenant(this.last, reading);
      this.last = reading;
    }
    setText(this.tiles.busy.element.lastChild, `${number(point?.running ?? usage.running)}, ${number(point?.queued ?? usage.queued)}`);
    if (point) {
      this.points.push(point);
      while (this.points[0].at < point.at - WINDOW.most) this.points.shift();
      this.charts.forEach((one) => one.show(this.points));
    }
    if (this.count % this.every === 0) await this.lists(usage);
    this.count += 1;
  }

  async unlessRefused(what) {
    if (this.refused.has(what)) throw new Refused(401, {}, {});
    try {
      return await api[what]();
    } catch (error) {
      if (error instanceof Refused && (error.status === 401 || error.status === 403)) this.refused.add(what);
      throw error;
    }
  }

  ofServer(before, now) {
    const told = between(before.all, now.all, now.at - before.at);
    const { server, zygote, workers } = told.memory;
    const total = Object.values(told.memory).reduce((sum, value) => sum + value, 0);
    this.tiles.rate.set(number(told.ok + told.failed));
    this.tiles.p99.set(Number.isFinite(told.p99) ? seconds(told.p99) : 'no runs');
    this.tiles.memory.set(bytes(total));
    const rate = told.ok + told.failed;
    this.tiles.failed.set(rate > 0 ? `${number((100 * told.failed) / rate)} %` : 'no runs');
    const rows = Object.entries(told.outcomes).sort(([, a], [, b]) => b - a).map(([outcome, count]) => [h('code', {}, outcome), number(count)]);
    if (this.count % this.every <= 1) {
      this.outcomes.replaceChildren(rows.length ? table('Runs by outcome', [['Outcome'], ['Runs', 'n']], rows) : h('p', { class: 'empty' }, 'There was no run yet.'));
    }
    return { at: now.at, ...told, server, zygote, processes: workers };
  }

  ofTenant(before, now) {
    const elapsed = now.at - before.at;
    const failed = Math.max(0, now.runs.failed - before.runs.failed) / elapsed;
    const all = Math.max(0, now.runs.total - before.runs.total) / elapsed;
    this.tiles.rate.set(number(all));
    this.tiles.failed.set(all > 0 ? `${number((100 * failed) / all)} %` : 'no runs');
    return { at: now.at, ok: all - failed, failed };
  }

  tell(error, tenant) {
    this.why.hidden = false;
    const text = tenant === undefined
      ? error.message
      : `Latency, memory and CPU are told of all tenants together, so they need a token of the role admin or metrics, or a server that was started with --totals. Until then the chart of runs is that of the scripts of ${tenant}.`;
    setText(this.why, text);
    if (tenant !== undefined) setText(this.outcomes, 'These are told with the metrics.');
  }

  async lists(usage) {
    const scripts = await api.scripts();
    this.every = scripts.length > MANY ? LONG_LISTS : LISTS;
    const most = scripts.sort((a, b) => b.runs.total - a.runs.total).slice(0, 10);
    this.scripts.replaceChildren(scripts.length === 0
      ? h('p', { class: 'empty' }, `${usage.tenant} has no scripts yet. `, h('a', { href: '#/playground' }, 'Write one'), '.')
      : table(`Scripts of ${usage.tenant}`, [['Script'], ['Runs', 'n'], ['In an error', 'n'], ['CPU time', 'n']], most.map((one) => [
        h('a', { href: `#/scripts/${encodeURIComponent(one.name)}` }, one.name), number(one.runs.total), number(one.runs.failed),
        one.cost_us === undefined ? '–' : micros(one.cost_us)])));
    const rows = (all) => table('Tenants', [['Tenant'], ['Scripts', 'n'], ['Runs', 'n'], ['In an error', 'n'], ['Held', 'n']],
      all.map((one) => [one.tenant, number(one.scripts), number(one.runs.total), number(one.runs.failed), bytes(one.script_bytes)]));
    try {
      const { tenants, total } = await this.unlessRefused('tenants');
      this.tenants.replaceChildren(tenants.length ? rows(tenants.slice(0, 10)) : h('p', { class: 'empty' }, 'No tenant has a script yet.'));
      if (total > 10) this.tenants.append(h('p', { class: 'hint' }, `${number(total)} tenants have scripts.`));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tenants.replaceChildren(rows([usage]), h('p', { class: 'hint' }, 'A token of the role admin shows all tenants.'));
    }
  }
}
