// Makes and drops contexts, each with a run in it, and tells what is resident after `first` and after `last`
// of them: `node vm-memory.js VARIANT FIRST LAST` prints one line of JSON,
// { engine, first, last, first_kib, last_kib, peak_kib }. `sandtide node` takes it as well.
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const variants = {
  // The article's script; the event loop has its turn after every 100.
  turns: { perTurn: 100, run: () => vm.runInNewContext('a = fibonacci(number)', { fibonacci, number: 5 }) },
  // The same in one go: nothing else of the program runs in between.
  loop: { perTurn: Infinity, run: () => vm.runInNewContext('a = fibonacci(number)', { fibonacci, number: 5 }) },
  // Context and sandbox refer to each other, which only a collection of cycles can tell to be garbage.
  cycles: {
    perTurn: 100,
    run() {
      const sandbox = { number: 5, calls: [] };
      sandbox.self = sandbox;
      vm.runInNewContext('calls.push(() => self.number + globalThis.number)', sandbox);
    },
  },
};

const [name, first, last] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const variant = variants[name];
if (!variant || !(first > 0) || !(last >= first)) {
  console.error(`usage: node vm-memory.js ${Object.keys(variants).join('|')} FIRST LAST`);
  process.exit(64);
}

// Read from the kernel, which tells it in the same way of every program.
function resident() {
  const status = fs.readFileSync('/proc/self/status', 'latin1');
  const field = (key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)[1]);
  return { rss: field('VmRSS'), peak: field('VmHWM') };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let done = 0;
async function makeUntil(count) {
  while (done < count) {
    const stop = Math.min(count, done + variant.perTurn);
    for (; done < stop; done++) variant.run();
    await sleep(0);
  }
  await sleep(100);
  return resident();
}

async function main() {
  const after = { first: await makeUntil(first), last: await makeUntil(last) };
  console.log(JSON.stringify({
    engine: process.version, first, last,
    first_kib: after.first.rss, last_kib: after.last.rss, peak_kib: after.last.peak,
  }));
}
main();
