// Sources in colours: to read, and to write in. What is written in is a text area, so that keyboards, screen readers
// and phones know it; the colours lie beneath it. Knows nothing of what runs.

import { h } from './dom.js';
import { lines } from './highlight.js';

/** Characters beyond which a source is shown without colours: they would have to be found at each key. */
const MOST_COLOURED = 100_000;

const colour = (line) => line.map(([kind, text]) => (kind ? h('span', { class: `t-${kind}` }, text) : text));

/** Characters of a line beyond which the same is so: what a regular expression is, is looked for from each slash on. */
const LONG_LINE = /[^\n]{2000}/;

export const byLine = (source) => (source.length > MOST_COLOURED || LONG_LINE.test(source) ? source.split('\n').map((text) => [['', text]]) : lines(source));

/** A source to read. `mark` is a line, from 1; `around` leaves out what is further from it. */
export function listing(source, { mark, around, label = 'Source' } = {}) {
  const all = byLine(source.replace(/\n$/, ''));
  const from = around === undefined ? 0 : Math.max(0, mark - 1 - around);
  const to = around === undefined ? all.length : Math.min(all.length, mark + around);
  return h('pre', { class: 'code listing', tabindex: '0', role: 'region', 'aria-label': label },
    all.slice(from, to).map((line, at) => numbered(from + at + 1, line, from + at + 1 === mark && 'marked')));
}

const numbered = (number, line, kind) =>
  h('span', { class: `row ${kind || ''}` }, h('span', { class: 'no', 'aria-hidden': 'true' }, String(number)), h('code', {}, ...colour(line), '\n'));

/** The lines of a diff. */
export function diffListing(all, label) {
  const sign = { less: '−', more: '+', same: ' ' };
  const spoken = { less: 'removed: ', more: 'added: ' };
  return h('pre', { class: 'code listing diff', tabindex: '0', role: 'region', 'aria-label': label }, all.map((line) => {
    if (line.kind === 'gap') return h('span', { class: 'row gap' }, `${line.count} ${line.count === 1 ? 'line' : 'lines'} alike\n`);
    return h('span', { class: `row ${line.kind}` },
      h('span', { class: 'no', 'aria-hidden': 'true' }, String(line.before ?? '')), h('span', { class: 'no', 'aria-hidden': 'true' }, String(line.after ?? '')),
      h('span', { class: 'sign', 'aria-hidden': 'true' }, sign[line.kind]),
      h('code', {}, spoken[line.kind] && h('span', { class: 'hidden' }, spoken[line.kind]), line.text, '\n'));
  }));
}

export class Editor {
  constructor({ id, label, value, onchange }) {
    this.under = h('pre', { class: 'code under', 'aria-hidden': 'true' });
    this.area = h('textarea', {
      id, class: 'code', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off', wrap: 'off', '.value': value,
      'aria-describedby': `${id}-error`,
      oninput: () => { this.mark(null); onchange?.(); }, onscroll: () => this.follow(),
    });
    this.error = h('p', { class: 'error', id: `${id}-error`, role: 'alert' });
    this.element = h('div', { class: 'editor-field' },
      h('label', { for: id }, label), h('div', { class: 'editor' }, this.under, this.area), this.error);
    this.marked = null;
    this.draw();
  }

  get value() { return this.area.value; }

  set value(text) {
    this.area.value = text;
    this.mark(null);
  }

  /** Marks the line, from 1, at which something went wrong; none with `null`. */
  mark(line, message = '') {
    this.marked = line;
    this.error.textContent = message;
    if (message) this.area.setAttribute('aria-invalid', 'true');
    else this.area.removeAttribute('aria-invalid');
    this.draw();
  }

  draw() {
    this.under.replaceChildren(...byLine(this.area.value).map((line, at) => numbered(at + 1, line, at + 1 === this.marked && 'marked')));
    this.follow();
  }

  follow() {
    this.under.scrollTop = this.area.scrollTop;
    this.under.scrollLeft = this.area.scrollLeft;
  }
}
