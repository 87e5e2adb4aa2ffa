// Flags: --expose-gc --experimental-vm-modules
'use strict';
// What a program makes and drops leaves nothing behind: of all of it the process is at most 2 MB larger than
// it was after a tenth.

const assert = require('assert');
const vm = require('vm');
const { test } = require('./harness');

const LARGER = 2 << 20;

async function grows(count, make) {
  let after;
  for (let i = 1; i <= count; i++) {
    await make(i);
    if (i === count / 10) {
      gc();
      after = process.memoryUsage().rss;
    }
  }
  gc();
  const larger = process.memoryUsage().rss - after;
  assert.ok(larger <= LARGER, `${larger} bytes`);
}

test.ours('weak maps that hold themselves through a key that lives long', async () => {
  const key = {};
  await grows(10_000, () => {
    const map = new WeakMap();
    map.set(key, { map });
  });
});

test.ours('weak maps of contexts with a key outside of them', async () => {
  const key = {};
  await grows(1000, () => vm.runInNewContext('const map = new WeakMap(); map.set(key, () => map);', { key }));
});

test.ours('modules', async () => {
  await grows(10_000, async () => {
    const module = new vm.SourceTextModule('export let a = new Array(10);');
    await module.link(() => {});
    await module.evaluate();
  });
});

test.ours('contexts in circles with functions of the program', async () => {
  await grows(1000, (i) => {
    const sandbox = vm.createContext({ i, give(f) { sandbox.f = f; } });
    vm.runInContext('give(() => globalThis)', sandbox);
  });
});
