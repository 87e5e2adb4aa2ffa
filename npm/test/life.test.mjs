// The host's life: with the program, and never longer.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, Script, run } from 'sandtide';

const patient = { timeout: 60_000 };

const require = createRequire(import.meta.url);

/** Processes by their parents' numbers. */
function children(of) {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) === of && state !== 'Z') found.push(Number(entry));
    } catch {
      // It has just ended.
    }
  }
  return found;
}

function tree(of) {
  return children(of).flatMap((child) => [child, ...tree(child)]);
}

function isThere(process) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${process}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until something holds, a minute at most. */
async function until(what, holds) {
  const end = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `${what}: not within a minute`);
    await sleep(10);
  }
}

function node(...args) {
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
}

test('a program ends by itself while its host is idle', () => {
  const source = `
    import { Pool, Script } from 'sandtide';
    const pool = new Pool({ timeout: 60000 });
    const script = await Script.compile('1 + 1', { timeout: 60000 });
    console.log((await pool.run(script)).value);`;
  const ended = node('--input-type=module', '-e', source);
  assert.deepEqual([ended.stdout, ended.stderr, ended.status], ['2\n', '', 0]);
});

test('a program goes on while a run is on', () => {
  const source = `
    const { run } = require('sandtide');
    run('await new Promise((resolve) => setTimeout(resolve, 100)); return "late"', { timeout: 60000 })
      .then(({ value }) => console.log(value));`;
  const ended = node('-e', source);
  assert.deepEqual([ended.stdout, ended.stderr, ended.status], ['late\n', '', 0]);
});

test('require and import give the same', async () => {
  const required = require('sandtide');
  assert.equal(required.Pool, Pool);
  assert.equal((await import('sandtide')).default, required);
});

test('host and workers end with a program that is killed', async () => {
  const source = `
    const { Pool } = require('sandtide');
    const pool = new Pool({ workers: 4 });
    for (const tenant of ['a', 'b']) pool.run('for (;;);', { tenant, timeout: 3600000 });
    pool.run('1', { tenant: 'c', timeout: 60000 }).then(() => console.log('on'));`;
  const program = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(program.stdout, 'data');
  const all = tree(program.pid);
  assert.ok(all.length >= 3, `the host, the zygote and workers: ${all}`);
  program.kill('SIGKILL');
  await until('all processes end', () => !all.some(isThere));
});

test('a host that is killed fails what is on, and the next run has a new one', async (t) => {
  const pool = new Pool({ workers: 2, ...patient });
  t.after(() => pool.close());
  const script = await Script.compile('n + 1', { setup: 'globalThis.made = 1', ...patient });
  assert.equal((await pool.run(script, { globals: { n: 1 } })).value, 2);
  const [host] = children(process.pid);
  const looping = pool.run('for (;;);', { timeout: 3_600_000 }).catch((error) => error);
  const queued = pool.run(script, { globals: { n: 5 }, timeout: 3_600_000, tenant: 'x' });
  await queued;
  process.kill(host, 'SIGKILL');
  const lost = await looping;
  assert.equal(lost.code, 'ERR_HOST_LOST');
  assert.match(lost.message, /SIGKILL/);
  assert.equal((await pool.run(script, { globals: { n: 2 } })).value, 3);
  assert.equal((await run('return 4', patient)).value, 4);
});

/** Processor time of a process in ticks; 0 where it has ended. */
function ticks(process) {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[11]);
  } catch {
    return 0;
  }
}

test('a worker that is killed fails its run alone', async (t) => {
  const pool = new Pool({ workers: 2, ...patient });
  t.after(() => pool.close());
  let begun;
  const begins = new Promise((resolve) => {
    begun = resolve;
  });
  const looping = pool
    .run('await begun(); for (;;);', {
      timeout: 3_600_000,
      form: 'body',
      tenant: 'victim',
      host: { begun: () => begun() },
    })
    .catch((error) => error);
  await begins;
  // The one that goes on computing: the zygote and all other workers sleep.
  const seen = new Map();
  const computing = () => {
    const hosts = children(process.pid);
    const below = tree(process.pid).filter((one) => !hosts.includes(one));
    return below.find((one) => {
      if (!seen.has(one)) seen.set(one, ticks(one));
      return ticks(one) - seen.get(one) >= 20;
    });
  };
  await until('the worker computes', () => computing() !== undefined);
  process.kill(computing(), 'SIGKILL');
  const lost = await looping;
  assert.equal(lost.code, 'ERR_WORKER_LOST', lost.message);
  assert.equal((await pool.run('2', { tenant: 'victim', timeout: 60_000 })).value, 2);
});

test('scripts and pools that nobody has any more are let go of', () => {
  const source = `
    const { Pool, Script } = require('sandtide');
    const { readFileSync, readdirSync } = require('fs');
    const threads = () => {
      const own = readdirSync('/proc').filter((entry) => /^\\d+$/.test(entry)).filter((entry) => {
        try {
          const stat = readFileSync('/proc/' + entry + '/stat', 'utf8');
          return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid);
        } catch { return false; }
      });
      return readdirSync('/proc/' + own[0] + '/task').length;
    };
    (async () => {
      await new Pool({ workers: 1 }).run('1', { timeout: 60000 });
      const before = threads();
      for (let n = 0; n < 50; n++) await new Pool({ workers: 10 }).run('1', { timeout: 60000 });
      const end = Date.now() + 60000;
      while (threads() > before + 100) {
        if (Date.now() > end) throw new Error('pools are kept: ' + threads());
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();`;
  const ended = node('--expose-gc', '-e', source);
  assert.deepEqual([ended.stderr, ended.status], ['', 0]);
});

test('a pool that nobody has any more goes on until its runs have ended', () => {
  const source = `
    const { Pool } = require('sandtide');
    const code = 'await new Promise((resolve) => setTimeout(resolve, 300)); return 5';
    const start = () => new Pool({ workers: 1 }).run(code, { form: 'body', timeout: 60000 });
    let over = false;
    start().then(({ value }) => { over = true; console.log(value); });
    const collect = () => { globalThis.gc(); if (!over) setTimeout(collect, 5); };
    collect();`;
  const ended = node('--expose-gc', '-e', source);
  assert.deepEqual([ended.stdout, ended.stderr, ended.status], ['5\n', '', 0]);
});

test('a script whose functions hold it is let go of, and one that runs is not', () => {
  const source = `
    const { Pool, Script } = require('sandtide');
    const pool = new Pool();
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    async function once() {
      const held = { script: null };
      const give = async () => {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
        globalThis.gc();
        return held.script instanceof Script;
      };
      held.script = await Script.compile('export default async () => [await give(), await give()]', { host: { give }, timeout: 60000 });
      registry.register(held.script);
      const running = pool.run(held.script, { timeout: 60000 });
      return running;
    }
    (async () => {
      const { value } = await once();
      if (!value.every(Boolean)) throw new Error('not the script');
      const end = Date.now() + 60000;
      while (gone === 0) {
        if (Date.now() > end) throw new Error('it is kept');
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();`;
  const ended = node('--expose-gc', '-e', source);
  assert.deepEqual([ended.stderr, ended.status], ['', 0]);
});

test('a binary that is not there, or not for here, is an error that says what to do', () => {
  const source = `require('sandtide').run('return 1').catch((error) => console.log(error.code, error.message))`;
  const ask = (env) =>
    spawnSync(process.execPath, ['-e', source], { encoding: 'utf8', env: { ...process.env, ...env } });
  const gone = ask({ SANDTIDE_BINARY: '/nonexistent/sandtide' });
  assert.match(gone.stdout, /^ERR_NO_BINARY SANDTIDE_BINARY names \/nonexistent\/sandtide/);
  const wrong = ask({ SANDTIDE_BINARY: process.execPath });
  assert.match(wrong.stdout, /^ERR_HOST_LOST the host is lost: it ended with code 1; it said: [^]*Cannot find module/);
  const text = ask({ SANDTIDE_BINARY: require.resolve('sandtide/package.json') });
  assert.match(text.stdout, /^ERR_HOST_START .*EACCES/);
});

test('npx sandtide is the whole program', () => {
  const bin = require.resolve('sandtide/package.json').replace('package.json', 'bin/sandtide.js');
  const version = node(bin, '--version');
  assert.match(version.stdout, /^sandtide \d+\.\d+\.\d+/);
  assert.equal(node(bin, 'no-such-command').status, 2);
});
