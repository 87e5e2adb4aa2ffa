// Measures what the rules say of costs: `node --expose-gc crates/lint/figures.mjs`. Each figure is taken in
// a process of its own; memory is resident memory after a full collection.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const SOURCE = `function price(order) {
  let total = 0;
  for (const line of order.lines) total += line.count * line.price;
  return total > 100 ? total * 0.9 : total;
}
price(order);`;

const settle = async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const resident = () => process.memoryUsage().rss;
const order = { lines: [{ count: 3, price: 20 }, { count: 1, price: 70 }] };

/** Microseconds of a call, the median of nine rounds. */
function time(count, work) {
  const rounds = [];
  for (let round = 0; round < 9; round++) {
    const from = process.hrtime.bigint();
    for (let i = 0; i < count; i++) work(i);
    rounds.push(Number(process.hrtime.bigint() - from) / 1e3 / count);
  }
  return rounds.sort((a, b) => a - b)[4].toFixed(1);
}

/** Kilobytes that each of `count` keeps, beside those of an empty program. */
async function kept(count, make) {
  make(0);
  await settle();
  const before = resident();
  const all = [];
  for (let i = 0; i < count; i++) {
    all.push(make(i));
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  await settle();
  const after = resident();
  return `${((after - before) / 1024 / all.length).toFixed(1)} KB each (${count} of them)`;
}

/** Kilobytes of buffers that are still there per script, each of whose calls had one of 64 KB. */
async function buffers(count, keep, options) {
  const all = [];
  for (let i = 0; i < count; i++) {
    const script = new vm.Script(`${SOURCE}//${i}`, options(i, Buffer.alloc(64 << 10, 1)));
    if (keep) all.push(script);
    if (i % 100 === 0) await new Promise(setImmediate);
  }
  await settle();
  return `${(process.memoryUsage().arrayBuffers / 1024 / count).toFixed(1)} KB each (${count} of them, ${all.length} kept)`;
}

const measures = {
  'script compiled for each call, us': () => {
    const context = vm.createContext({ order });
    return time(2_000, () => new vm.Script(SOURCE).runInContext(context));
  },
  'script compiled for each call, each source another, us': () => {
    const context = vm.createContext({ order });
    let n = 0;
    return time(2_000, () => new vm.Script(`${SOURCE}//${n++}`).runInContext(context));
  },
  'script compiled once, us': () => {
    const context = vm.createContext({ order });
    const script = new vm.Script(SOURCE);
    return time(2_000, () => script.runInContext(context));
  },
  'context made for each run, us': () => time(200, () => vm.runInNewContext('a + 1', { a: 1 })),
  'one context for all runs, us': () => {
    const context = vm.createContext({ a: 1 });
    return time(2_000, () => vm.runInContext('a + 1', context));
  },
  'contexts kept in a map': () => kept(1_000, (a) => vm.createContext({ a })),
  'scripts kept, each source another': () => kept(5_000, (i) => new vm.Script(`${SOURCE}//${i}`)),
  'scripts kept, each run once in a context that is gone': () =>
    kept(300, (i) => {
      const script = new vm.Script(`${SOURCE}//${i}`);
      script.runInNewContext({ order });
      return script;
    }),
  'importModuleDynamically that holds 64 KB, scripts kept': () =>
    buffers(1_000, true, (i, data) => ({ importModuleDynamically: (it) => data && import(it) })),
  'importModuleDynamically that holds 64 KB, scripts dropped': () =>
    buffers(1_000, false, (i, data) => ({ importModuleDynamically: (it) => data && import(it) })),
  'importModuleDynamically that holds nothing, scripts kept': () => {
    const importModuleDynamically = (it) => import(it);
    return buffers(1_000, true, () => ({ importModuleDynamically }));
  },
  'endless loop with timeout: 50, ms until it ended': () => {
    const from = performance.now();
    try {
      vm.runInNewContext('for (;;);', {}, { timeout: 50 });
    } catch {}
    return (performance.now() - from).toFixed(0);
  },
  'exponential expression of our own, 22, 24, 26 characters, ms': () =>
    [22, 24, 26]
      .map((n) => {
        const from = performance.now();
        /^(?:z+)+$/.test('z'.repeat(n) + '.');
        return (performance.now() - from).toFixed(1);
      })
      .join(', '),
  'globals of one request that the next one sees, of 1,000': () => {
    const context = vm.createContext({});
    let seen = 0;
    for (let i = 0; i < 1_000; i++) {
      if (vm.runInContext('globalThis.left', context) !== undefined) seen++;
      vm.runInContext(`globalThis.left = ${i}`, context);
    }
    return seen;
  },
};

const which = process.argv[2];
if (which !== undefined) {
  console.log(String(await measures[which]()));
} else {
  console.log(`Node ${process.version}`);
  for (const name of Object.keys(measures)) {
    const args = ['--expose-gc', '--experimental-vm-modules', '--no-warnings', fileURLToPath(import.meta.url), name];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    console.log(`${name}: ${stdout.trim() || stderr.trim().split('\n').at(-1)}`);
  }
}
