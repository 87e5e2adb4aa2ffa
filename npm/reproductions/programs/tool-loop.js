'use strict';
// nodejs/node#63186: modules that are evaluated once each, as the code that a language model writes at each
// step of its loop, are kept longer than they are needed.

const vm = require('node:vm');

/** What a model would write: another text at each step, which awaits tools. */
function written(step) {
  return `
    const found = await search('step ${step}');
    const table = Array.from({ length: 20_000 }, (_, row) => ({ row, score: (row * 7 + ${step}) % 101 }));
    const best = table.reduce((a, b) => (b.score > a.score ? b : a));
    await remember('${step}', best.score);
    const answer = { found: found.length, best: best.score };`;
}

const tools = () => {
  const memory = new Map();
  return {
    search: async (query) => Array.from({ length: 5 }, (_, index) => `${query}: result ${index}`),
    remember: async (name, value) => void memory.set(name, value),
    memory,
  };
};

function check({ found, best }, memory, step) {
  if (found !== 5 || best !== 100 || memory.get(`${step}`) !== 100) throw new Error(`it answered ${found}, ${best}`);
}

async function before() {
  return async (step) => {
    const { search, remember, memory } = tools();
    const context = vm.createContext({ search, remember });
    const module = new vm.SourceTextModule(`${written(step)}\nexport default answer;`, {
      context,
      identifier: `step-${step}.mjs`,
    });
    await module.link(() => {
      throw new Error('nothing can be imported');
    });
    await module.evaluate({ timeout: 5_000 });
    check(module.namespace.default, memory, step);
  };
}

async function after() {
  const { Pool } = require('sandtide');
  const pool = new Pool({ timeout: 5_000 });
  return async (step) => {
    const { search, remember, memory } = tools();
    const { value } = await pool.run(`${written(step)}\nreturn answer;`, {
      form: 'body',
      file: `step-${step}.mjs`,
      host: { search, remember },
    });
    check(value, memory, step);
  };
}

module.exports = {
  title: 'A tool loop: a module for each step that a model writes',
  report: 'nodejs/node#63186',
  hour: 3_600,
  tasks: 3_600,
  deep: 2,
  node: ['--experimental-vm-modules', '--no-warnings'],
  ways: { 'node:vm': before, sandtide: after },
};
