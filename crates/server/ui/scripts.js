// The scripts of a tenant with their versions: what one of them changed, and which of them answers.

import { api } from './api.js';
import { bytes, h, micros, moment, number, setText, short, table } from './dom.js';
import { diff, folded } from './diff.js';
import { diffListing, listing } from './editor.js';

export class Scripts {
  async open(main, name) {
    this.main = main;
    if (name) await this.one(decodeURIComponent(name));
    else await this.all();
  }

  close() {}

  async all() {
    const scripts = await api.scripts();
    scripts.sort((a, b) => b.runs.total - a.runs.total);
    this.main.replaceChildren(h('h1', {}, 'Scripts'), scripts.length === 0
      ? h('p', { class: 'empty card' }, 'No script is deployed here yet. ', h('a', { href: '#/playground' }, 'Write one'), ', or deploy a file:',
        h('pre', { class: 'code' }, `curl -T rules.js ${location.origin}/v1/scripts/rules`))
      : h('section', { class: 'card' }, table('Scripts', [['Script'], ['Form'], ['Version'], ['Runs', 'n'], ['In an error', 'n'], ['CPU time', 'n'], ['Heap', 'n']],
        scripts.map((one) => [h('a', { href: `#/scripts/${encodeURIComponent(one.name)}` }, one.name), one.form, h('code', {}, short(one.version)),
          number(one.runs.total), number(one.runs.failed), one.cost_us === undefined ? '–' : micros(one.cost_us), bytes(one.heap_bytes)]))));
  }

  async one(name) {
    const [script, { versions }, schedules] = await Promise.all([api.script(name), api.versions(name), api.schedules(name)]);
    // Where it ended meanwhile there is none.
    const beside = versions.some((one) => one.percent) ? await api.canary(name).catch(() => undefined) : undefined;
    const facts = [['Version', h('code', {}, short(script.version))], ['Form', script.form], ['Runs', number(script.runs.total)], ['In an error', number(script.runs.failed)],
      ['CPU time', script.cost_us === undefined ? '–' : micros(script.cost_us)], ['Heap', bytes(script.heap_bytes)], ['Image', bytes(script.image_bytes)], ['Built in', micros(script.build_ms * 1e3)]];
    const active = versions.find((one) => one.active);
    const back = active?.rolls_back_to;
    this.status = h('p', { class: 'status', role: 'status' });
    const act = (what, of) => async () => {
      if (!(await sure(what, `${name} answers from version ${short(of)} from then on. Runs that have begun end in the version they began in.`))) return;
      try {
        const made = await (what === 'Roll back' ? api.rollBack(name) : api.activate(name, of));
        await this.one(name);
        setText(this.status, `${short(made.version)} answers now.`);
      } catch (error) {
        setText(this.status, error.message);
      }
    };
    const end = async () => {
      if (!(await sure('End the canary', `All runs of ${name} are given version ${short(beside.active.version)} from then on. Runs that have begun end in the version they began in.`))) return;
      try {
        await api.endCanary(name);
        await this.one(name);
        setText(this.status, 'The canary has ended.');
      } catch (error) {
        setText(this.status, error.message);
      }
    };
    const label = (one) => `${short(one.version)}${one.active ? ' (active)' : ''}`;
    const choice = (id, text, chosen) => [h('label', { for: id }, text), h('select', { id, onchange: () => this.compare(name) },
      versions.map((one) => h('option', { value: one.version, selected: one.version === chosen }, label(one))))];
    this.changes = h('div', {});
    this.main.replaceChildren(
      h('p', { class: 'crumbs' }, h('a', { href: '#/scripts' }, 'Scripts')),
      h('div', { class: 'head' }, h('h1', {}, name), h('a', { class: 'button', href: `#/playground/${encodeURIComponent(name)}` }, 'Open in the playground')),
      this.status,
      h('dl', { class: 'facts card' }, facts.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value)))),
      h('section', { class: 'card' },
        h('div', { class: 'head' }, h('h2', {}, 'Versions'),
          h('button', { type: 'button', id: 'roll-back', disabled: !back, onclick: back && act('Roll back', back) }, back ? `Roll back to ${short(back)}` : 'Nothing to roll back to')),
        table('Versions', [['Version'], ['Answers'], ['Deployed'], ['By'], ['Size', 'n']], versions.map((one) => [
          h('code', {}, short(one.version)),
          one.active ? h('b', { class: 'badge' }, 'active') : h('span', {}, one.percent ? `canary, ${one.percent} % ` : '',
            h('button', { type: 'button', onclick: act('Activate', one.version), 'aria-label': `Activate ${short(one.version)}` }, 'Activate')),
          moment(one.deployed_ms), one.deployed_by, bytes(one.body_bytes)]))),
      beside && h('section', { class: 'card' },
        h('div', { class: 'head' }, h('h2', {}, 'Canary'), h('button', { type: 'button', id: 'end-canary', onclick: end }, 'End the canary')),
        beside.canary.held_back && h('p', { class: 'error' }, 'Its runs are held back, because they lost their workers: the active version has them all.'),
        table('Canary', [['Version'], ['Side'], ['Share', 'n'], ['Runs', 'n'], ['In an error', 'n'], ['CPU time of a run', 'n']], [
          side(beside.active, 'active', 100 - beside.canary.percent), side(beside.canary, 'canary', beside.canary.percent)]),
        h('p', { class: 'hint' }, 'As this server counted them since each version was built.')),
      schedules.length > 0 && h('section', { class: 'card' }, h('h2', {}, 'Schedules'),
        table('Schedules', [['Schedule'], ['Times'], ['Next'], ['Last runs'], ['Set by']], schedules.map((one) => [
          one.id, h('span', {}, h('code', {}, one.cron), ` ${one.time_zone}`), due(one), last(one.runs), one.set_by]))),
      versions.length > 1 && h('section', { class: 'card' },
        h('div', { class: 'head' }, h('h2', {}, 'Changes'), h('div', { class: 'compare' }, choice('from', 'from', back ?? versions.find((one) => !one.active)?.version), choice('to', 'to', active?.version))),
        this.changes),
      h('section', { class: 'card' }, h('h2', {}, 'Source'), h('p', { class: 'hint' }, script.file), listing(script.source)));
    if (versions.length > 1) await this.compare(name);
  }

  async compare(name) {
    const [from, to] = ['from', 'to'].map((id) => document.getElementById(id).value);
    try {
      const [before, after] = await Promise.all([api.version(name, from), api.version(name, to)]);
      const lines = diff(...without(before.source, after.source));
      const count = (kind) => lines.filter((line) => line.kind === kind).length;
      const [more, less] = [count('more'), count('less')];
      this.changes.replaceChildren(
        h('p', { class: 'hint', role: 'status' }, more + less === 0 ? 'The sources are the same; what they are built with may differ.' : `${more} added, ${less} removed`),
        more + less > 0 && diffListing(folded(lines), `Changes from ${short(from)} to ${short(to)}`));
    } catch (error) {
      this.changes.replaceChildren(h('p', { class: 'error' }, error.message));
    }
  }
}

/** A row of what one of two versions came to. */
const side = (one, name, percent) => [h('code', {}, short(one.version)), name, `${percent} %`, number(one.runs.total), number(one.runs.failed),
  one.cost_us === undefined ? '–' : micros(one.cost_us)];

/** When a schedule runs next, or why it does not. */
const due = (one) => (one.off || one.next_ms === undefined ? h('b', { class: 'badge' }, `off: ${one.off ?? 'never due'}`)
  : h('time', { datetime: new Date(one.next_ms).toISOString() }, new Date(one.next_ms).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })));

/** The newest runs of a schedule first, as what they came to. */
const last = (runs) => (runs.length === 0 ? 'none yet' : h('span', {}, runs.slice(0, 3).flatMap((one, at) => [at > 0 && ', ', `${one.outcome ?? 'running'} `, moment(one.began_ms)])));

/** Without the line ends that both end in, which would be an empty line. */
const without = (...texts) => (texts.every((text) => text.endsWith('\n')) ? texts.map((text) => text.slice(0, -1)) : texts);

/** Asks before something changes that others rely on. */
function sure(what, text) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { 'aria-labelledby': 'sure', onclose: () => { resolve(dialog.returnValue === 'yes'); dialog.remove(); } },
      h('form', { method: 'dialog' }, h('h2', { id: 'sure' }, `${what}?`), h('p', {}, text),
        h('div', { class: 'actions' }, h('button', { value: 'no' }, 'Cancel'), h('button', { value: 'yes', class: 'primary' }, what))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
