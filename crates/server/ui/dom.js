// Makes elements and writes figures. Whatever comes from scripts goes through here as text: nothing in the page
// takes HTML.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes, listeners (`onclick`), properties (`.value`) and children. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of an SVG picture. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.startsWith('.')) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Writes a text only where it changed, so that screen readers and selections are left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A number with as many digits as one reads. */
export function number(value) {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 || value === 0 ? whole.format(value) : fine.format(value);
}

const scaled = (value, base, units) => {
  let at = 0;
  while (Math.abs(value) >= base && at < units.length - 1) {
    value /= base;
    at += 1;
  }
  return `${number(value)} ${units[at]}`;
};

export const bytes = (value) => (Number.isFinite(value) ? scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']) : '–');

/** Seconds as a time. */
export function seconds(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0 ms';
  if (value < 1e-3) return `${number(value * 1e6)} µs`;
  if (value < 1) return `${number(value * 1e3)} ms`;
  return `${number(value)} s`;
}

export const micros = (value) => seconds(value / 1e6);

/** How long ago a moment in milliseconds since 1970 was. */
export function ago(at) {
  const s = Math.max(0, (Date.now() - at) / 1000);
  if (s < 60) return `${Math.floor(s)} s ago`;
  if (s < 3600) return `${Math.floor(s / 60)} min ago`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
  return new Date(at).toLocaleDateString('en', { year: 'numeric', month: 'short', day: 'numeric' });
}

/** The moment itself, for whoever points at it. */
export const moment = (at) => h('time', { datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString('en') }, ago(at));

/** A version as short as it is still told from others. */
export const short = (version) => version.slice(0, 10);

/** A table; columns are `[title, class]`, rows arrays of texts or elements. */
export function table(caption, columns, rows) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {},
      h('caption', { class: 'hidden' }, caption),
      h('thead', {}, h('tr', {}, columns.map(([title, kind]) => h('th', { scope: 'col', class: kind }, title)))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, at) => h('td', { class: columns[at][1] }, cell)))))));
}
