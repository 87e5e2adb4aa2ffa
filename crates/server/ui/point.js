// What this program is for, in six seconds: the load of the article that it answers, sent to this server from this page,
// beside what was measured of Node once. What is recorded says so, and is drawn from the recording.

import { api, Refused } from './api.js';
import { Chart } from './chart.js';
import { bytes, h, micros, number, setText } from './dom.js';
import { parse, sum } from './metrics.js';
import { RECORDED } from './recorded.js';

const SECONDS = 6;
/** What a browser sends to one server at a time with HTTP/1.1, less one for the readings. */
const AT_A_TIME = 5;
const READ_EVERY = 200;
/** The article's script, and whether anything of a former run was found: `a` is what it leaves behind. */
const SOURCE = `const found = typeof a !== "undefined";
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
a = fibonacci(number);
found;`;

export class Point {
  async open(main) {
    const points = RECORDED.memory.map(([at, recorded]) => ({ at, recorded }));
    this.recorded = points;
    this.chart = new Chart({
      title: 'Memory of the server under the load',
      series: [{ key: 'live', label: 'this server, live' }, { key: 'recorded', label: 'Node 20.20, recorded' }],
      format: bytes, range: () => [0, SECONDS], time: (at, to) => (at === to ? `${SECONDS} s` : `${number(at)} s`), least: 1e8, height: 240,
    });
    this.button = h('button', { type: 'button', class: 'primary', onclick: () => this.load() }, 'Run the load here');
    this.status = h('p', { class: 'status', role: 'status' });
    const row = (label) => ({ label, live: h('b', {}, '–') });
    this.rows = { rate: row('Runs a second'), memory: row('Peak memory'), grown: row('Memory grew by'), cpu: row('CPU time of a run, median'), left: row('Left over from other runs'), runs: row('Runs') };
    const recorded = { rate: number(RECORDED.node.rate), memory: bytes(RECORDED.node.peak), grown: bytes(RECORDED.node.peak - RECORDED.memory[0][1]), cpu: '–', left: '–', runs: number(RECORDED.node.runs) };
    const own = { rate: number(RECORDED.sandtide.rate), memory: bytes(RECORDED.sandtide.peak), grown: '–', cpu: '–', left: '–', runs: '–' };
    main.replaceChildren(
      h('h1', {}, 'A fresh sandbox for each run, and memory that stays where it was'),
      h('p', { class: 'lead' }, 'A service that runs its users’ code wants a clean context for every request. With Node’s ', h('code', {}, 'vm'),
        ' each one stays until a full garbage collection. Here the heap is put back in microseconds.'),
      h('div', { class: 'bar' }, this.button, this.status),
      this.chart.element,
      h('section', { class: 'card' }, h('h2', {}, 'The figures'),
        h('div', { class: 'scroll figures', tabindex: '0', role: 'region', 'aria-label': 'The figures' }, h('table', {},
          h('thead', {}, h('tr', {}, ['', 'This server, live', 'Node 20.20, recorded', 'Sandtide, recorded'].map((title, at) => (at === 0 ? h('td', {}) : h('th', { scope: 'col', class: 'n' }, title))))),
          h('tbody', {}, Object.entries(this.rows).map(([key, { label, live }]) => h('tr', {}, h('th', { scope: 'row' }, label),
            h('td', { class: 'n' }, live), h('td', { class: 'n' }, recorded[key]), h('td', { class: 'n' }, own[key])))))),
        h('p', { class: 'hint' }, `Live: ${AT_A_TIME} requests at a time from this browser for ${SECONDS} s, each an ad hoc run of `, h('code', {}, 'a = fibonacci(number)'),
          ' with a number below 20, compiled anew. The browser is what bounds the rate. Memory is that of the server and of all its processes, and what they share counts in each.'),
        h('p', { class: 'hint' }, `Recorded: ${RECORDED.how} Source: `, h('code', {}, RECORDED.source), `; medians of ${RECORDED.rounds} turns, the curve is that of the turn with the median peak.`)));
    this.chart.show(points);
  }

  close() { this.abort?.abort(); }

  async load() {
    if (this.abort) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.button.disabled = true;
    setText(this.status, 'The load is on…');
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    const told = { runs: 0, left: 0, cpu: [], peak: 0, live: [] };
    try {
      const memory = this.memory(elapsed, told, signal);
      await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
        while (elapsed() < SECONDS && !signal.aborted) {
          const outcome = await api.run({ source: SOURCE, globals: { number: Math.floor(Math.random() * 20) } }, { signal });
          if (outcome.error) throw new Error(outcome.error.message ?? outcome.error.detail);
          told.runs += 1;
          if (outcome.value !== false) told.left += 1;
          told.cpu.push(outcome.usage.cpu_us);
        }
      }));
      const why = await memory;
      this.tell(told, elapsed());
      setText(this.status, `${number(told.runs)} runs, each in a fresh sandbox. ${told.left === 0 ? 'None found anything of another.' : `${told.left} found something of another.`}${why ? ` ${why}` : ''}`);
    } catch (error) {
      setText(this.status, signal.aborted ? '' : `The load ended early: ${error.message}`);
    } finally {
      this.abort.abort();
      this.abort = null;
      this.button.disabled = false;
    }
  }

  tell(told, elapsed) {
    setText(this.rows.runs.live, number(told.runs));
    setText(this.rows.rate.live, number(told.runs / elapsed));
    setText(this.rows.left.live, told.left === 0 ? 'nothing' : `in ${told.left} runs`);
    if (told.peak) {
      setText(this.rows.memory.live, bytes(told.peak));
      setText(this.rows.grown.live, bytes(told.peak - told.live[0].live));
    }
    const sorted = told.cpu.toSorted((a, b) => a - b);
    if (sorted.length > 0) setText(this.rows.cpu.live, micros(sorted[Math.floor(sorted.length / 2)]));
  }

  /** Reads the server's memory while the load is on; answers why it cannot, where it cannot. */
  async memory(elapsed, told, signal) {
    while (elapsed() < SECONDS && !signal.aborted) {
      try {
        const resident = sum(parse(await api.metrics()), 'sandtide_resident_memory_bytes');
        told.peak = Math.max(told.peak, resident);
        told.live.push({ at: Math.min(elapsed(), SECONDS), live: resident });
        this.chart.show([...this.recorded, ...told.live]);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        this.tell(told, elapsed());
        if (told.live.length === 0) await new Promise((resolve) => setTimeout(resolve, (SECONDS - elapsed()) * 1000));
        return 'The server’s memory is told to tokens of the role admin or metrics, or with --totals.';
      }
      this.tell(told, elapsed());
      await new Promise((resolve) => setTimeout(resolve, READ_EVERY));
    }
    return '';
  }
}
