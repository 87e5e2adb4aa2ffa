// Times node:vm without HTTP: `node vm-fresh.js fresh|hoisted` prints one line of JSON,
// { node, batches, runs, ns: [nanoseconds a run, one for each batch] }.
'use strict';
const vm = require('node:vm');

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

function expect55(value) {
  if (value !== 55) throw new Error(`fibonacci(10) is 55, not ${value}`);
}

const variants = {
  // A new sandbox for each run.
  fresh: {
    runs: 200,
    prepare: () => () => vm.runInNewContext('a = fibonacci(number)', { fibonacci, number: 10 }),
  },
  // One context and one compiled script for all runs: nothing is kept apart.
  hoisted: {
    runs: 50_000,
    prepare() {
      const context = vm.createContext({ fibonacci, number: 10 });
      const script = new vm.Script('a = fibonacci(number)');
      return () => script.runInContext(context);
    },
  },
};

const variant = variants[process.argv[2]];
if (!variant) {
  console.error('usage: node vm-fresh.js fresh|hoisted');
  process.exit(64);
}

const batches = 15;
const warmUp = 3;
const run = variant.prepare();
const ns = [];
for (let batch = -warmUp; batch < batches; batch++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < variant.runs; i++) expect55(run());
  const elapsed = process.hrtime.bigint() - start;
  if (batch >= 0) ns.push(Number(elapsed) / variant.runs);
}
console.log(JSON.stringify({ node: process.version, batches, runs: variant.runs, ns }));
