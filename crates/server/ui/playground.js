// A script to write and to run here, ad hoc: its value, its logs, what it took, and the memory that it gave back.

import { api, Refused } from './api.js';
import { bytes, h, micros, number, setText } from './dom.js';
import { Editor } from './editor.js';

/** A script that does nothing: what its run takes is what every run begins with. */
const NOTHING = '0';

/** Characters of a value that are shown. */
const MOST_SHOWN = 50_000;

const EXAMPLES = [
  {
    title: 'A rule over an order', source: `// The last expression is the value. Globals come from the field below.
const total = order.items.reduce((sum, item) => sum + item.price * item.count, 0);
console.log(\`\${order.items.length} items, \${total} in all\`);
({ total, discount: total > 100 ? 0.1 : 0, rush: order.rush === true });
`, globals: '{\n  "order": {\n    "rush": true,\n    "items": [{ "price": 40, "count": 2 }, { "price": 25, "count": 1 }]\n  }\n}', input: '',
  },
  {
    title: 'A function of its input', source: `// A default export is called with the input.
export default async function greet({ name, visits }) {
  const id = await digest(name);
  return \`Hello \${name.toUpperCase()} (\${id}), visit \${visits + 1}\`;
}

async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes, 0, 4)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
`, globals: '', input: '{ "name": "Ada", "visits": 2 }',
  },
  {
    title: 'Memory that is given back', source: `// Some megabytes, held by a global. The next run finds nothing of them.
globalThis.hoard ??= [];
for (let i = 0; i < 20_000; i++) {
  hoard.push({ i, text: "row " + i, nested: { even: i % 2 === 0 } });
}
hoard.length;
`, globals: '', input: '', back: false,
  },
  {
    title: 'An error with its line', source: `function price(item) {
  return item.price.amount * item.count;
}

function total(items) {
  return items.reduce((sum, item) => sum + price(item), 0);
}

total([{ price: { amount: 3 }, count: 2 }, { count: 1 }]);
`, globals: '', input: '',
  },
  { title: 'A loop without an end', source: '// Nothing that a script catches keeps it alive.\nfor (;;) {\n  try {\n    for (;;);\n  } catch {}\n}\n', globals: '', input: '' },
];

export class Playground {
  async open(main, script) {
    const first = this.draft ?? EXAMPLES[0];
    this.editor = new Editor({ id: 'source', label: 'Script', value: first.source, onchange: () => this.keep() });
    const area = (id, label, value, hint) => {
      const field = h('textarea', { id, rows: 4, class: 'code plain', spellcheck: 'false', autocapitalize: 'off', '.value': value, 'aria-describedby': `${id}-error`, oninput: () => this.keep() });
      const error = h('p', { class: 'error', id: `${id}-error`, role: 'alert' });
      return { field, error, element: h('div', { class: 'field' }, h('label', { for: id }, label, ' ', h('small', {}, hint)), field, error) };
    };
    this.globals = area('globals', 'Globals', first.globals, 'a JSON object of names to values');
    this.input = area('input', 'Input', first.input, 'JSON, for a script with a default export');
    this.back = h('input', { type: 'checkbox', id: 'globals-back', '.checked': first.back ?? true, onchange: () => this.keep() });
    this.language = h('select', { id: 'language', onchange: () => this.keep() }, h('option', { value: 'javascript' }, 'JavaScript'), h('option', { value: 'typescript' }, 'TypeScript'));
    this.language.value = first.language ?? 'javascript';
    const examples = h('select', { id: 'example', onchange: () => this.take(EXAMPLES[examples.value]) }, EXAMPLES.map(({ title }, at) => h('option', { value: at }, title)));
    this.button = h('button', { type: 'submit', class: 'primary', id: 'run' }, 'Run');
    this.cancel = h('button', { type: 'button', hidden: true, onclick: () => this.abort?.abort() }, 'Cancel');
    this.name = h('input', { id: 'deploy-name', placeholder: 'rules', maxlength: 128, pattern: '[A-Za-z0-9._\\-]+', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
    this.deployed = h('p', { class: 'status', role: 'status' });
    this.result = h('section', { class: 'card result', 'aria-live': 'polite', 'aria-label': 'Outcome' },
      h('p', { class: 'empty' }, 'Run the script to see its value, what it logged, and what it took.'));
    const form = h('form', { class: 'card', onsubmit: (event) => { event.preventDefault(); this.run(); } },
      h('div', { class: 'bar' }, h('div', { class: 'field row' }, h('label', { for: 'example' }, 'Example'), examples), h('div', { class: 'field row' }, h('label', { for: 'language' }, 'Language'), this.language)),
      this.editor.element,
      h('div', { class: 'grid2 tight' }, this.globals.element, this.input.element),
      h('label', { class: 'check' }, this.back, ' Show the globals that the run changed'),
      h('div', { class: 'bar' }, this.button, this.cancel, h('span', { class: 'hint' }, h('kbd', {}, 'Ctrl'), ' ', h('kbd', {}, 'Enter'), ' runs it, too')));
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.run();
      }
    });
    const deploy = h('form', { class: 'card bar', onsubmit: (event) => { event.preventDefault(); this.deploy(); } },
      h('div', { class: 'field row' }, h('label', { for: 'deploy-name' }, 'Deploy it as'), this.name), h('button', { type: 'submit' }, 'Deploy'), this.deployed);
    main.replaceChildren(h('h1', {}, 'Playground'),
      h('p', { class: 'hint' }, 'Each run has a fresh sandbox on this server, under its limits. Nothing of it is kept.'),
      h('div', { class: 'split' }, h('div', {}, form, deploy), this.result));
    if (script) {
      const name = decodeURIComponent(script);
      const { source, file } = await api.script(name);
      this.name.value = name;
      const language = /\.m?tsx?$/.test(file) ? 'typescript' : 'javascript';
      this.take({ source, language, globals: this.globals.field.value, input: this.input.field.value });
    }
  }

  close() { this.abort?.abort(); }

  take({ source, globals, input, language = 'javascript', back = true }) {
    this.language.value = language;
    this.back.checked = back;
    this.editor.value = source;
    this.globals.field.value = globals;
    this.input.field.value = input;
    this.keep();
  }

  /** What was written is there again after a look at another view. */
  keep() {
    this.draft = { source: this.editor.value, language: this.language.value, globals: this.globals.field.value, input: this.input.field.value, back: this.back.checked };
  }

  /** Reads a field's JSON; `undefined` where it is empty, and throws where it is none. */
  json({ field, error }, isObject) {
    error.textContent = '';
    field.removeAttribute('aria-invalid');
    if (field.value.trim() === '') return undefined;
    try {
      const value = JSON.parse(field.value);
      if (isObject && (value === null || typeof value !== 'object' || Array.isArray(value))) throw new Error('this has to be an object: {"name": value}');
      return value;
    } catch (problem) {
      error.textContent = problem.message;
      field.setAttribute('aria-invalid', 'true');
      field.focus();
      throw problem;
    }
  }

  async run() {
    if (this.abort) return;
    let body;
    try {
      body = { source: this.editor.value, file: 'playground.js', language: this.language.value, globals: this.json(this.globals, true), input: this.json(this.input), globals_back: this.back.checked ? 'changed' : undefined };
    } catch {
      return;
    }
    this.editor.mark(null);
    this.abort = new AbortController();
    this.button.disabled = true;
    this.cancel.hidden = false;
    const nothing = () => api.run({ source: NOTHING }, { signal: this.abort.signal });
    try {
      const before = await nothing();
      const outcome = await api.run(body, { signal: this.abort.signal });
      // A run of an endless loop may have used up a quota; what was found is shown all the same.
      const after = await nothing().catch(() => undefined);
      this.show(outcome, before, after);
    } catch (error) {
      this.result.replaceChildren(h('h2', {}, error.name === 'AbortError' ? 'Cancelled' : 'Not run'),
        h('p', { class: 'error' }, error instanceof Refused ? h('code', { class: 'code-name' }, error.code) : '', ' ', error.name === 'AbortError' ? 'The run was ended before it had an outcome.' : error.message));
    } finally {
      this.abort = null;
      this.button.disabled = false;
      this.cancel.hidden = true;
    }
  }

  show({ value, globals, error, logs, usage }, before, after) {
    const parts = [];
    if (error) {
      const here = error.line !== undefined && (error.file === undefined || error.file === 'playground.js');
      if (here) this.editor.mark(error.line, `Line ${error.line}: ${error.message ?? error.detail}`);
      parts.push(h('h2', {}, 'It ended in an error'),
        h('p', { class: 'error' }, h('code', { class: 'code-name' }, error.code), ' ', error.name ? `${error.name}: ` : '', error.message ?? error.detail));
      if (error.stack) parts.push(h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Stack' }, error.stack.trimEnd()));
    } else {
      parts.push(h('h2', {}, 'Value'), h('pre', { class: 'code value', tabindex: '0', role: 'region', 'aria-label': 'Value' }, written(value)));
      const names = Object.keys(globals ?? {});
      if (names.length > 0) parts.push(h('details', {}, h('summary', {}, `Globals that changed (${names.length})`), h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Globals' }, written(globals))));
    }
    if (logs.length > 0) parts.push(h('h2', {}, 'Logs'), h('ul', { class: 'logs' }, logs.map(({ level, text }) => h('li', { class: level }, h('span', { class: 'level' }, level), h('code', {}, text)))));
    const facts = [['CPU time', micros(usage.cpu_us)], ['Wall time', micros(usage.wall_us)], ['Built in', micros(usage.build_us)], ['Promise jobs', number(usage.jobs)], ['Output', bytes(usage.output_bytes)]];
    parts.push(h('h2', {}, 'Memory'), memory(usage, before.usage, after?.usage), h('h2', {}, 'Usage'),
      h('dl', { class: 'facts' }, facts.map(([term, told]) => h('div', {}, h('dt', {}, term), h('dd', {}, told)))));
    this.result.replaceChildren(...parts);
    // On a phone it lies below.
    this.result.scrollIntoView({ block: 'nearest' });
  }

  async deploy() {
    const name = this.name.value.trim();
    if (!name) {
      setText(this.deployed, 'Give it a name first.');
      this.name.focus();
      return;
    }
    try {
      const language = this.language.value;
      // By its ending a file tells later which language it is in.
      const file = `${name.replace(/\.[jt]s$/, '')}.${language === 'typescript' ? 'ts' : 'js'}`;
      const made = await api.deploy(name, { source: this.editor.value, language, file });
      this.deployed.replaceChildren('It answers at ', h('a', { href: `#/scripts/${encodeURIComponent(name)}` }, made.name), '.');
    } catch (error) {
      if (error instanceof Refused && error.error.line !== undefined) this.editor.mark(error.error.line, `Line ${error.error.line}: ${error.message}`);
      setText(this.deployed, error.message);
    }
  }
}

/** A value as JSON, or the beginning of it. */
function written(value) {
  const text = JSON.stringify(value, null, 2);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…\n(${number(text.length - MOST_SHOWN)} characters more)`;
}

/** The heap before, in and after a run, the first and the last measured by runs of a script that does nothing. */
function memory(run, before, after) {
  const most = Math.max(run.peak_heap_bytes, before.peak_heap_bytes, after?.peak_heap_bytes ?? 0);
  const bar = (label, value, kind) => {
    const fill = h('span', { class: `fill ${kind}` });
    // By the object model: the page's policy takes no style attributes.
    fill.style.width = `${Math.max(1, (100 * value) / most)}%`;
    return [h('dt', {}, label), h('dd', {}, h('span', { class: 'track', 'aria-hidden': 'true' }, fill), h('b', {}, bytes(value)))];
  };
  const same = after && after.peak_heap_bytes === before.peak_heap_bytes;
  return h('div', { class: 'memory' },
    h('dl', {}, bar('Before', before.peak_heap_bytes, 'rest'), bar('This run, at its peak', run.peak_heap_bytes, 'peak'), after && bar('After', after.peak_heap_bytes, 'rest')),
    h('p', { class: same ? 'good' : 'hint' }, after === undefined
      ? 'What is left was not measured: the server took no further run.'
      : same ? 'The heap is where it was, to the byte.' : `The heap is ${bytes(after.peak_heap_bytes)} now, and was ${bytes(before.peak_heap_bytes)}.`),
    h('p', { class: 'hint' }, `${bytes(run.bytes_restored)} were put back in ${micros(run.restore_us)}. Before and after are runs of an empty script, at their peak.`));
}
