'use strict';
// A plug-in service on express, its plug-ins in node:vm or in sandboxes of ours, under the same requests
// without and with hostile plug-ins. Must not know how results are kept.

const { fork } = require('node:child_process');
const http = require('node:http');
const path = require('node:path');
const { performance } = require('node:perf_hooks');

/** Requests a second for a page that runs no plug-in; a fifth as many are for the good plug-in. */
const RATE = 100;
const PAGES_FOR_ONE = 5;
/** Calls of hostile plug-ins that are under way at all times. */
const HOSTILE = 8;
const HOSTILE_NAMES = ['loop', 'memory', 'regexp', 'promises', 'strings', 'recursion'];
/** A client gives up after so long. */
const PATIENCE_MS = 10_000;
/** The service's p99 may rise by so much. */
const MOST_MORE_MS = 10;

function get(port, target, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path: target, agent, host: '127.0.0.1', signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

function percentile(times, part) {
  times.sort((a, b) => a - b);
  return times.length ? times[Math.min(times.length - 1, Math.floor(times.length * part))] : NaN;
}

/** Sends requests at their own times, and counts from then: one that waits for another shows. */
async function load(port, seconds, rate, hostile) {
  // Of their own: a plug-in that is waited for must not keep a page's request back.
  const agents = [0, 1].map(() => new http.Agent({ keepAlive: true, maxSockets: 64 }));
  const [agent] = agents;
  const times = { '/page': [], '/plug-ins/good?n=20': [] };
  let failed = 0;
  let over = false;
  let attacks = 0;
  const attackers = Array.from({ length: hostile ? HOSTILE : 0 }, async (_, index) => {
    const attackAgent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = index; !over; turn++) {
      const name = HOSTILE_NAMES[turn % HOSTILE_NAMES.length];
      const { status } = await get(port, `/plug-ins/${name}`, attackAgent).catch(() => ({}));
      if (status === 200) throw new Error(`the hostile plug-in ${name} was answered as if it had ended`);
      attacks += status === 422 ? 1 : 0;
    }
    attackAgent.destroy();
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await get(port, '/delay?reset', agent);
  const begin = performance.now();
  const open = [];
  for (let number = 0; number < rate * seconds; number++) {
    const due = begin + (number * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    for (const [index, target] of Object.keys(times).entries()) {
      if (index === 1 && number % PAGES_FOR_ONE !== 0) continue;
      open.push(
        get(port, target, agents[index]).catch(() => ({})).then(({ status, body }) => {
          const right = status === 200 && (target === '/page' ? body === 'a page' : body === '{"value":6765}');
          if (!right) failed++;
          times[target].push(performance.now() - due);
        }),
      );
    }
  }
  await Promise.all(open);
  over = true;
  const { delay } = JSON.parse((await get(port, '/delay', agent)).body);
  await Promise.all(attackers);
  for (const one of agents) one.destroy();
  const [page, plugIn] = Object.values(times);
  const p = (list) => ({ p50: percentile(list, 0.5), p99: percentile(list, 0.99) });
  return { page: p(page), plugIn: p(plugIn), delay, failed, attacks };
}

async function turn(modules, way, seconds, rate, hostile) {
  const child = fork(path.join(__dirname, 'programs/plug-in-service.js'), [way], {
    env: { ...process.env, NODE_PATH: modules },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const { port } = await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`the service ended with code ${code}`)));
    });
    return await load(port, seconds, rate, hostile);
  } finally {
    child.kill();
  }
}

/** The table and the raw figures; the bar is that the service's p99 stays, and holds for a real run only. */
async function service(modules, seconds, rate = RATE, bars = true) {
  const raw = {};
  const rows = [['plug-ins run in', 'hostile', 'attacks', 'page p50', 'p99 ms', 'good plug-in p50', 'p99 ms', 'loop delay p99 ms', 'failed', '']];
  let misses = 0;
  for (const way of ['node:vm', 'sandtide']) {
    const [quiet, attacked] = [await turn(modules, way, seconds, rate, false), await turn(modules, way, seconds, rate, true)];
    raw[way] = { quiet, attacked };
    const more = attacked.page.p99 - quiet.page.p99;
    const bad = bars && way === 'sandtide' && (more > MOST_MORE_MS || attacked.failed > 0);
    if (bad) misses++;
    for (const [name, one] of [['no', quiet], ['yes', attacked]]) {
      rows.push([
        way, name, one.attacks, one.page.p50.toFixed(1), one.page.p99.toFixed(1), one.plugIn.p50.toFixed(1),
        one.plugIn.p99.toFixed(1), one.delay.toFixed(1), one.failed, bad && name === 'yes' ? 'MISSED' : '',
      ]);
    }
  }
  return { rows, misses, raw };
}

module.exports = { service };
