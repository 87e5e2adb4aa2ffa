'use strict';
// patriksimek/vm2#232: a service makes a sandbox for each call of a plug-in.

const PLUG_INS = 10;
const plugIns = Array.from(
  { length: PLUG_INS },
  (_, index) => `
  const words = event.text.toLowerCase().split(/[^a-z]+/).filter(Boolean);
  const counts = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  notify('plug-in ${index}: ' + words.length);
  ({ words: words.length, distinct: Object.keys(counts).length });`,
);
const text = 'The quick brown fox jumps over the lazy dog; the dog does not mind. '.repeat(5);

function check({ words, distinct }, told) {
  if (words !== 70 || distinct !== 11 || !told.startsWith('plug-in ')) throw new Error(`it answered ${words}, ${distinct}`);
}

async function before() {
  const { VM } = require('vm2');
  return async (task) => {
    let told;
    const sandbox = { event: { text }, notify: (line) => (told = line) };
    const answer = new VM({ timeout: 1000, sandbox }).run(plugIns[task % PLUG_INS]);
    check(answer, told);
  };
}

async function after() {
  const { Pool, Script } = require('sandtide');
  const pool = new Pool({ timeout: 10_000 });
  const notified = new Map();
  const hostSync = { notifyOf: (call, line) => void notified.set(call, line) };
  const setup = 'function notify(line) { notifyOf(call, line) }';
  const scripts = await Promise.all(
    plugIns.map((plugIn, index) => Script.compile(plugIn, { form: 'script', file: `plug-in-${index}.js`, setup, hostSync })),
  );
  return async (task) => {
    const { value } = await pool.run(scripts[task % PLUG_INS], { globals: { event: { text }, call: task } });
    check(value, notified.get(task));
    notified.delete(task);
  };
}

module.exports = {
  title: 'A plug-in host: a sandbox for each call',
  report: 'patriksimek/vm2#232',
  hour: 18_000,
  tasks: 18_000,
  deep: 4,
  ways: { vm2: before, sandtide: after },
};
