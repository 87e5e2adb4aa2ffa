'use strict';
// The service that is measured by ../service.js: `/page` runs no plug-in, `/plug-ins/NAME` runs one.

const vm = require('node:vm');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const express = require('express');

/** What a call of a plug-in may compute, in ms. */
const MOST_MS = 50;
/** What it may take with waiting for its turn, in ms: `node:vm` knows nothing of the kind. */
const TIMEOUT_MS = 2_000;

const PLUG_INS = {
  good: 'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(Number(query.n))',
  loop: 'for (;;);',
  memory: 'const all = []; for (;;) all.push(new Array(10_000).fill(all.length));',
  regexp: '/^(a+)+$/.test("a".repeat(40) + "b")',
  promises: 'const all = []; for (;;) all.push(Promise.resolve(all.length).then((count) => count + 1));',
  strings: 'let text = "x"; for (;;) text = (text + text).slice(0, 1_000_000).toUpperCase();',
  recursion: '(function deeper(n) { try { return deeper(n + 1) } finally { for (;;); } })(0)',
};

function inVm() {
  return async (name, query) =>
    vm.runInNewContext(PLUG_INS[name], { query }, { timeout: MOST_MS, filename: `${name}.js` });
}

async function inSandtide() {
  const { Pool, Script } = require('sandtide');
  const pool = new Pool({ timeout: TIMEOUT_MS, cpu: MOST_MS });
  const scripts = {};
  for (const name of Object.keys(PLUG_INS)) {
    scripts[name] = await Script.compile(PLUG_INS[name], { file: `${name}.js`, form: 'script', tenant: name });
  }
  return async (name, query) => (await pool.run(scripts[name], { globals: { query }, tenant: name })).value;
}

async function main([way]) {
  const run = await (way === 'node:vm' ? inVm() : inSandtide());
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const app = express();
  app.get('/page', (_, response) => response.send('a page'));
  app.get('/delay', (request, response) => {
    response.json({ delay: delay.percentile(99) / 1e6 });
    if ('reset' in request.query) delay.reset();
  });
  app.get('/plug-ins/:name', async (request, response) => {
    try {
      response.json({ value: await run(request.params.name, { ...request.query }) });
    } catch (error) {
      response.status(422).json({ code: error.code, message: error.message });
    }
  });
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

main(process.argv.slice(2));
