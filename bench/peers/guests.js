// Times a workload of `guests/` in vm contexts: `node guests.js fresh|reused FILE MILLISECONDS` prints one
// line of JSON, { engine, answer, first_ns, ns: [nanoseconds a run, one for each batch] }. The script is
// compiled once. `fresh` makes a context and runs the script in it for each run, `reused` once for all.
// `sandtide node` takes it as well.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

const [mode, file, budget] = process.argv.slice(2);
const script = new vm.Script(fs.readFileSync(file, 'utf8'), { filename: file });
const call = new vm.Script('work()');

function prepared() {
  const context = vm.createContext({});
  script.runInContext(context);
  return context;
}

const modes = {
  fresh: () => () => call.runInContext(prepared()),
  reused() {
    const context = prepared();
    return () => call.runInContext(context);
  },
};

async function timed(run, runs) {
  const start = process.hrtime.bigint();
  let answer;
  for (let i = 0; i < runs; i++) answer = await run();
  return { answer, ns: Number(process.hrtime.bigint() - start) / runs };
}

(async () => {
  const run = modes[mode]();
  const first = await timed(run, 1);
  const batches = 10, warmUp = 3;
  const { ns: each } = await timed(run, 3);
  const runs = Math.max(1, Math.ceil((Number(budget) * 1e6) / (batches + warmUp) / each));
  const ns = [];
  for (let batch = -warmUp; batch < batches; batch++) {
    const { answer, ns: elapsed } = await timed(run, runs);
    if (answer !== first.answer) throw new Error(`a run gave ${answer}, not ${first.answer}`);
    if (batch >= 0) ns.push(elapsed);
  }
  console.log(JSON.stringify({ engine: process.version, answer: String(first.answer), first_ns: first.ns, ns }));
})();
