// The errors that a tenant's runs ended in lately, each with its stack and the line that it came from.

import { api } from './api.js';
import { bytes, h, micros, moment, number, short } from './dom.js';
import { listing } from './editor.js';

/** Lines shown before and after the one where it went wrong. */
const AROUND = 4;

export class Errors {
  async open(main) {
    const list = h('div', { class: 'errors' });
    const load = async () => {
      const errors = await api.errors();
      list.replaceChildren(...(errors.length === 0
        ? [h('p', { class: 'empty card' }, 'No run ended in an error since the server started.')]
        : errors.map((one) => entry(one))));
    };
    main.replaceChildren(
      h('div', { class: 'head' }, h('h1', {}, 'Errors'), h('button', { type: 'button', onclick: load }, 'Look again')),
      h('p', { class: 'hint' }, 'What runs of this tenant ended in since the server started, the last first. Runs that failed alike are counted together.'),
      list);
    await load();
  }

  close() {}
}

function entry(one) {
  const title = one.name ? `${one.name}: ${one.message}` : one.message;
  const at = one.line === undefined ? '' : `${one.file ?? ''}:${one.line}${one.column === undefined ? '' : `:${one.column}`}`;
  const body = h('div', { class: 'body' });
  const details = h('details', { class: 'card' },
    h('summary', {},
      h('span', { class: 'what' }, h('code', { class: 'code-name' }, one.code), h('span', { class: 'message' }, title)),
      h('span', { class: 'where' }, one.script ? h('span', {}, one.script) : h('span', {}, 'ad hoc'), at && h('code', {}, at),
        h('span', {}, `${number(one.times)} ${one.times === 1 ? 'time' : 'times'}`), moment(one.last_ms))),
    body);
  details.addEventListener('toggle', () => {
    if (details.open && !body.firstChild) fill(body, one);
  });
  return details;
}

async function fill(body, one) {
  const source = h('div', {});
  body.append(source);
  if (one.stack) body.append(h('h2', {}, 'Stack'), h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Stack' }, one.stack.trimEnd()));
  body.append(h('p', { class: 'hint' }, 'First seen ', moment(one.first_ms), ` · the last took ${micros(one.cpu_us)} of CPU time and ${bytes(one.peak_heap_bytes)} of heap`,
    one.version && [' · version ', h('code', {}, short(one.version))],
    one.script && [' · ', h('a', { href: `#/scripts/${encodeURIComponent(one.script)}` }, 'the script')]));
  if (!one.script || one.line === undefined) return;
  try {
    const version = await api.version(one.script, one.version);
    // A set-up script's or a module's lines are not the source's.
    if (version.file !== one.file) return;
    source.append(h('h2', {}, `${version.file}, line ${one.line}`), listing(version.source, { mark: one.line, around: AROUND, label: `Source around line ${one.line}` }));
  } catch {
    source.append(h('p', { class: 'hint' }, 'The version that failed is no longer kept.'));
  }
}
