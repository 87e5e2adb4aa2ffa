'use strict';
// NangoHQ/nango#7412: a runner compiles the customer's bundle and makes a context for each task, and dies of
// its heap after some ten thousand of them.

const vm = require('node:vm');
const crypto = require('node:crypto');
const url = require('node:url');

const BUNDLES = 20;

/** Some 40 KB each, as bundlers write them: the integration itself and what it imports. */
const bundles = Array.from({ length: BUNDLES }, (_, bundle) => {
  const library = Array.from(
    { length: 200 },
    (_, index) =>
      `function helper_${index}(record) {\n` +
      `  const fields = Object.entries(record).filter(([name]) => name !== 'deleted_${index}');\n` +
      `  return Object.fromEntries(fields.map(([name, value]) => [name + '', value]));\n}\n`,
  ).join('');
  return `${library}
exports.default = async function (nango, params) {
  const { records } = await nango.get({ endpoint: '/contacts', params });
  const mapped = records.map((record) => helper_${bundle}({ id: record.id, name: record.name.trim(), from: ${bundle} }));
  await nango.batchSave(mapped, 'Contact');
  await nango.log('saved ' + mapped.length);
  return mapped.length;
};`;
});

/** What the platform does for a task; `saved` is its work. */
class Nango {
  saved = 0;
  async get({ params }) {
    return { records: Array.from({ length: 20 }, (_, id) => ({ id: params.page * 20 + id, name: ` person ${id} ` })) };
  }
  async batchSave(records) {
    this.saved += records.length;
  }
  async log() {}
}

function check(answer, nango) {
  if (answer !== 20 || nango.saved !== 20) throw new Error(`the task answered ${answer}`);
}

async function before() {
  return async (task) => {
    const bundle = task % BUNDLES;
    const wrapped = `(function () { var module = { exports: {} }; var exports = module.exports;\n${bundles[bundle]}\nreturn module.exports; })();`;
    const nango = new Nango();
    const script = new vm.Script(wrapped, { filename: `sync-${bundle}.cjs` });
    const allowed = { url, crypto };
    const sandbox = { console, Buffer, setTimeout, require: (name) => allowed[name] };
    const exports = script.runInContext(vm.createContext(sandbox));
    check(await exports.default(nango, { page: task }), nango);
  };
}

async function after() {
  const { Pool, Script } = require('sandtide');
  const pool = new Pool({ timeout: 10_000 });
  const tasks = new Map(); // What is on, by the number that its script is told.
  const host = {
    get: (task, options) => tasks.get(task).get(options),
    batchSave: (task, records) => tasks.get(task).batchSave(records),
    log: (task, line) => tasks.get(task).log(line),
  };
  const setup = 'var exports = {}, module = { exports };';
  const scripts = await Promise.all(
    bundles.map((bundle, index) =>
      Script.compile(
        `const nango = Object.fromEntries(Object.entries({ get, batchSave, log })
           .map(([name, call]) => [name, (...args) => call(task, ...args)]));
         return await module.exports.default(nango, params);`,
        { form: 'body', file: `sync-${index}.cjs`, host, setup: [setup, bundle] },
      ),
    ),
  );
  return async (task) => {
    const nango = new Nango();
    tasks.set(task, nango);
    try {
      const { value } = await pool.run(scripts[task % BUNDLES], { globals: { task, params: { page: task } } });
      check(value, nango);
    } finally {
      tasks.delete(task);
    }
  };
}

module.exports = {
  title: 'A task runner: a script and a context for each task',
  report: 'NangoHQ/nango#7412',
  // "Every ~3 hours", at ten thousand tasks.
  hour: 3_600,
  tasks: 10_800,
  deep: 4,
  ways: { 'node:vm': before, sandtide: after },
};
