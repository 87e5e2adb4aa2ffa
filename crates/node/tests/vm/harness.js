'use strict';
// A small test harness that real node and `sandtide node` both run. Knows nothing of vm but how to tell the two apart.
//
//   test(name, fn)                  fn may be async
//   test.since(version, name, fn)   skipped on a real node older than that
//   test.original(name, fn)         what real node (24) does and we do not: a row of docs/vm-differences.md
//   test.ours(name, fn)             what only we have
//   check(name, fn, expected)       fn's answer, as plain data, must equal expected
//
// With HARNESS_RECORD set, check() prints what it got in place of comparing.

const assert = require('assert');

const sandtide = typeof require('vm').disposeContext === 'function';
const queue = [];
let passed = 0;
let failed = 0;
let skipped = 0;
let finished = false;
const recorded = [];

function olderThan(version) {
  const here = process.version.slice(1).split('.').map(Number);
  const there = version.replace(/^v/, '').split('.').map(Number);
  for (let i = 0; i < there.length; i++) {
    if (here[i] !== there[i]) return here[i] < there[i];
  }
  return false;
}

function skip(name, why) {
  queue.push({ name, why });
}

function test(name, fn) {
  queue.push({ name, fn });
}

test.since = (version, name, fn) => {
  if (!sandtide && olderThan(version)) skip(name, `needs ${version}`);
  else test(name, fn);
};

test.original = (name, fn) => {
  if (sandtide) skip(name, 'differs, see docs/vm-differences.md');
  else test.since('v24.0.0', name, fn);
};

test.ours = (name, fn) => {
  if (sandtide) test(name, fn);
  else skip(name, 'not in the original');
};

// Data of any realm as data of this one; functions, symbols and errors by what they are called.
function plain(value, depth = 0) {
  if (typeof value === 'function') return '[function]';
  if (typeof value === 'symbol') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (depth > 6) return '[deep]';
  if (Array.isArray(value)) return Array.from(value, (item) => plain(item, depth + 1));
  if (Object.prototype.toString.call(value) === '[object Error]') return `[${value.name}]`;
  const copy = {};
  for (const key of Reflect.ownKeys(value)) copy[key.toString()] = plain(value[key], depth + 1);
  return copy;
}

// What fn gives, or the name of what it throws.
function attempt(fn) {
  try {
    return fn();
  } catch (error) {
    return `throws ${error !== null && typeof error === 'object' ? error.name : String(error)}`;
  }
}

function literal(value) {
  return require('util').inspect(value, { depth: 10, breakLength: 100, maxArrayLength: null, maxStringLength: null });
}

function checkOn(add, name, fn, expected) {
  add(name, async () => {
    const got = plain(await attempt(fn));
    if (process.env.HARNESS_RECORD) recorded.push(literal(got));
    else assert.deepStrictEqual(got, expected);
  });
}

const check = (name, fn, expected) => checkOn(test, name, fn, expected);
check.since = (version, name, fn, expected) => checkOn((...a) => test.since(version, ...a), name, fn, expected);
check.original = (name, fn, expected) => checkOn(test.original, name, fn, expected);

async function runAll() {
  for (const { name, fn, why } of queue) {
    if (fn === undefined) {
      skipped++;
      console.log(`ok - ${name} # skip ${why}`);
      continue;
    }
    try {
      await fn();
      passed++;
      console.log(`ok - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok - ${name}`);
      const text = error !== null && typeof error === 'object' ? error.stack || error.message : String(error);
      console.log(String(text).split('\n').map((line) => `    ${line}`).join('\n'));
    }
  }
  finished = true;
  if (process.env.HARNESS_RECORD) {
    require('fs').writeFileSync(process.env.HARNESS_RECORD, JSON.stringify(recorded));
  }
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0) process.exitCode = 1;
}

process.on('exit', () => {
  if (finished) return;
  console.log(`not ok - ${queue[passed + failed + skipped].name} # never finished`);
  console.log(`${passed} passed, ${failed + 1} failed, ${skipped} skipped`);
  process.exitCode = 1;
});

setImmediate(runAll);

module.exports = { attempt, check, plain, sandtide, test };
