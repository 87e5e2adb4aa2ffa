// A chart of lines over time, or of areas on top of each other, drawn as SVG. Knows nothing of what is drawn.

import { h, s, setText } from './dom.js';

const LEFT = 56;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;

/** The least of 1, 2 and 5 times a power of ten that is no less. */
function step(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((times) => times * power).find((nice) => nice >= value * 0.999999);
}

const nearest = (points, at) =>
  points.reduce((best, one) => (!best || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best), null);

export class Chart {
  /**
   * `series` are `{ key, label }`; `format` writes a value; points are `{ at, [key]: value }`, `at` in seconds.
   * `range` has the time that is shown by the points, and `time` writes it.
   */
  constructor({ title, note, series, format, stacked = false, range, time, least = 0, height = 180 }) {
    Object.assign(this, { series, format, stacked, range, time, title, least, height, points: [], cursor: null });
    this.values = series.map(() => h('b', {}, '–'));
    this.legend = h('ul', { class: 'legend' }, series.map(({ label }, at) =>
      h('li', {}, h('i', { class: `key c${at}` }), label, ' ', this.values[at])));
    this.svg = s('svg', { 'aria-hidden': 'true', height, focusable: 'false' });
    this.plot = h('div', {
      class: 'plot', role: 'img', 'aria-label': title,
      onpointermove: (event) => this.point(event), onpointerleave: () => { this.cursor = null; this.draw(); },
    }, this.svg);
    this.rows = h('tbody');
    this.details = h('details', { ontoggle: () => this.tabulate() }, h('summary', {}, 'Figures'),
      h('div', { class: 'scroll short', tabindex: '0', role: 'region', 'aria-label': `Figures: ${title}` },
        h('table', {},
          h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'When'), series.map(({ label }) => h('th', { scope: 'col', class: 'n' }, label)))),
          this.rows)));
    this.element = h('figure', { class: 'card chart' },
      h('figcaption', {}, h('h2', {}, title), note && h('p', { class: 'hint' }, note)), this.legend, this.plot, this.details);
    this.width = 0;
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width !== this.width) { this.width = width; this.draw(); }
    }).observe(this.plot);
  }

  /** Draws these points. */
  show(points) {
    this.points = points;
    this.draw();
    if (this.details.open) this.tabulate();
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const [from, to] = this.range(this.points);
    const at = from + ((event.clientX - box.left - LEFT) / (this.width - LEFT - RIGHT)) * (to - from);
    this.cursor = nearest(this.points, at);
    this.draw();
  }

  /** What a series reaches at a point, on top of those below it where they are stacked. */
  top(point, at) {
    if (!this.stacked) return point[this.series[at].key];
    return this.series.slice(0, at + 1).reduce((total, { key }) => total + (point[key] ?? 0), 0);
  }

  draw() {
    const { points, width } = this;
    this.series.forEach(({ key }, at) => {
      // Lines may have their points at different times: each tells its own that is nearest.
      const own = points.filter((point) => Number.isFinite(point[key]));
      const told = this.cursor ? nearest(own, this.cursor.at) : own.at(-1);
      setText(this.values[at], told ? this.format(told[key]) : '–');
    });
    if (width < LEFT + RIGHT + 40) return;
    const [from, to] = this.range(points);
    const tops = points.flatMap((point) => this.series.map((_, at) => this.top(point, at)).filter(Number.isFinite));
    const most = Math.max(...tops, this.least) || 1;
    const tick = step(most / 3);
    const high = Math.ceil(most / tick - 1e-9) * tick;
    const x = (at) => LEFT + ((at - from) / (to - from || 1)) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - value / high) * (this.height - TOP - BOTTOM);
    const parts = [];
    for (let value = 0; value <= high * 1.0001; value += tick) {
      parts.push(s('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }));
      parts.push(s('text', { class: 'tick', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, this.format(value)));
    }
    parts.push(s('text', { class: 'tick', x: LEFT, y: this.height - 5 }, this.time(from, to)));
    parts.push(s('text', { class: 'tick', x: width - RIGHT, y: this.height - 5, 'text-anchor': 'end' }, this.time(to, to)));
    const shapes = this.series.map((_, at) => {
      const place = (point, value) => `${x(point.at).toFixed(1)} ${y(value).toFixed(1)}`;
      const drawn = points.filter((point) => point.at >= from);
      let line = '';
      let open = false;
      for (const point of drawn) {
        const value = this.top(point, at);
        const is = Number.isFinite(value);
        if (is) line += `${open ? 'L' : 'M'}${place(point, value)}`;
        open = is;
      }
      if (this.stacked && drawn.length > 1) {
        const above = drawn.map((point) => place(point, this.top(point, at)));
        const below = drawn.map((point) => place(point, at > 0 ? this.top(point, at - 1) : 0)).reverse();
        parts.push(s('path', { class: `area c${at}`, d: `M${[...above, ...below].join('L')}Z` }));
      }
      return s('path', { class: `line c${at}`, d: line });
    });
    // The first last, so that those on top of it hide it nowhere.
    parts.push(...shapes.reverse());
    if (this.cursor) parts.push(s('line', { class: 'cursor', x1: x(this.cursor.at), x2: x(this.cursor.at), y1: TOP, y2: this.height - BOTTOM }));
    this.svg.setAttribute('width', width);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${this.height}`);
    this.svg.replaceChildren(...parts);
    const told = this.series.map(({ label }, at) => `${label} ${this.values[at].textContent}`).join(', ');
    this.plot.setAttribute('aria-label', `${this.title}: ${told}`);
  }

  tabulate() {
    if (!this.details.open) return;
    const [, to] = this.range(this.points);
    this.rows.replaceChildren(...this.points.slice(-60).reverse().map((point) => h('tr', {},
      h('th', { scope: 'row' }, this.time(point.at, to)), this.series.map(({ key }) => h('td', { class: 'n' }, this.format(point[key]))))));
  }
}
