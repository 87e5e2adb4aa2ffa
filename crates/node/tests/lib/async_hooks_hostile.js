'use strict';
// Hooks that collect, drop and make contexts, settle promises and disable themselves while a promise is made
// or settled: nothing may end the program.

const { AsyncResource, createHook } = require('async_hooks');
const v8 = require('v8');
const vm = require('vm');

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');

let seed = 7;
const random = (n) => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >> 8) % n;
};

const slots = [];
const contexts = [];
const SCRIPTS = [
  '(async () => { await 1; deed(); await Promise.resolve({ then(f) { deed(); f(); } }); return [globalThis]; })()',
  'Promise.reject(1).catch(deed)',
  'new Promise((resolve) => slots.push(resolve))',
  'Promise.all([1, new Promise((resolve) => resolve(Promise.resolve(2)))]).then(deed)',
  '(async function* () { yield 1; deed(); yield await 2; })().next()',
  'class Own extends Promise {} new Own((resolve) => resolve(1)).then(deed)',
];
const deeds = [
  () => gc(),
  () => { contexts[random(4)] = slots[random(8)] = undefined; },
  () => { contexts[random(4)] = vm.createContext({ slots, deed }, random(2) ? { microtaskMode: 'afterEvaluate' } : {}); },
  () => { if (contexts[0] && random(3) === 0) vm.disposeContext?.(contexts[0]); },
  () => { Promise.resolve().then(deed); },
  () => {
    const context = contexts[random(4)];
    if (context) slots[random(8)] = vm.runInContext(SCRIPTS[random(6)], context, random(3) ? undefined : { timeout: 1000 });
  },
  () => { const resolve = slots.pop(); if (typeof resolve === 'function') resolve(random(3)); },
  () => { hook[random(2) ? 'enable' : 'disable'](); },
  () => { slots[random(8)] = new AsyncResource('X'); },
  () => { setTimeout(deed, random(3)); },
  () => { queueMicrotask(deed); process.nextTick(deed); },
  () => { if (slots.length > 20) slots.length = 8; },
];

let depth = 0;
let count = 0;
function deed() {
  if (depth > 2 || count > 4000) return;
  depth++;
  count++;
  try {
    deeds[random(deeds.length)]();
  } catch {
    // A context that was disposed of, or a script that took too long.
  } finally {
    depth--;
  }
}

const hook = createHook({
  init(id, type, trigger, resource) {
    if (random(3) === 0) slots[random(8)] = resource;
    deed();
  },
  before: deed,
  after: deed,
  destroy: deed,
  promiseResolve: deed,
}).enable();
process.on('unhandledRejection', () => {});

let steps = 0;
function step() {
  for (let i = 0; i < 20; i++) deed();
  if (++steps < 20) setImmediate(step);
  else hook.disable();
}
step();
