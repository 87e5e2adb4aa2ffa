// Adapters, each with the real package that it is for, at the version that `run-tests` installs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowserCodeTool } from '@cloudflare/codemode/browser';
import { toolDefinition } from '@tanstack/ai';
import { createCodeMode } from '@tanstack/ai-code-mode';
import { z } from 'zod';
import { Pool } from 'sandtide';
import { createSandtideExecutor } from 'sandtide/adapters/codemode';
import { createSandtideDriver } from 'sandtide/adapters/tanstack';

const pool = new Pool();

test("TanStack AI's code mode executes TypeScript with its tools", async () => {
  const weather = toolDefinition({
    name: 'fetchWeather',
    description: 'Get weather for a city',
    inputSchema: z.object({ city: z.string() }),
    outputSchema: z.object({ degrees: z.number() }),
  }).server(async ({ city }) => {
    if (city === 'Atlantis') throw new RangeError('it is gone');
    return { degrees: city.length };
  });
  const driver = createSandtideDriver({ pool, tenant: 'agent' });
  const { tool } = createCodeMode({ driver, tools: [weather], timeout: 60_000 });
  const run = (typescriptCode) => tool.execute({ typescriptCode });
  const done = await run(`
    const cities: string[] = ['Rome', 'Paris'];
    console.warn('asking', cities.length);
    const all = await Promise.all(cities.map((city) => external_fetchWeather({ city })));
    return all.map(({ degrees }: { degrees: number }) => degrees);`);
  assert.equal(done.success, true, JSON.stringify(done));
  assert.deepEqual(done.result, [4, 5]);
  assert.deepEqual(done.logs, ['WARN: asking 2']);
  const failed = await run("await external_fetchWeather({ city: 'Atlantis' })");
  assert.deepEqual([failed.success, failed.error], [false, { name: 'RangeError', message: 'it is gone' }]);
  const full = await run('const all = []; for (;;) all.push(new Array(1000).fill(0))');
  assert.equal(full.success, false);
  assert.match(full.error.message, /heap of 134217728 bytes/);
});

test("a context of TanStack AI's code mode that is disposed of ends what is on", async () => {
  const context = await createSandtideDriver({ pool }).createContext({ bindings: {}, timeout: 3_600_000 });
  const endless = context.execute('for (;;);');
  await context.dispose();
  const { success, error } = await endless;
  assert.deepEqual([success, error.code], [false, 'ERR_CANCELLED']);
});

test("Cloudflare's code mode runs code over namespaces of tools", async () => {
  const executor = createSandtideExecutor({ pool, timeout: 60_000 });
  const tool = createBrowserCodeTool({
    executor,
    tools: [
      {
        name: 'add-numbers',
        description: 'Adds.',
        inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
        execute: async ({ a, b }) => a + b,
      },
    ],
  });
  const code = 'async () => { console.log("adding"); return await codemode.add_numbers({ a: 1, b: 2 }) }';
  assert.deepEqual(await tool.execute({ code }), { result: 3, logs: ['adding'] });
  await assert.rejects(tool.execute({ code: 'async () => { throw new Error("no") }' }), /failed: no$/);
  await assert.rejects(tool.execute({ code: 'async () => nothing.there' }), /nothing is not defined/);
  const providers = [
    { name: 'db', fns: { get: async (id) => new Map([[id, 1]]), 'odd name': async () => 2 }, prelude: 'db.twice = async (id) => [await db.get(id), await db.get(id)]' },
    { name: 'mail', fns: {} },
  ];
  const { result } = await executor.execute(
    'async () => [await db.twice("x"), await db["odd name"](), typeof mail.send, Object.keys(globalThis).filter((name) => name.startsWith("__codemode"))]',
    providers,
  );
  assert.deepEqual(result, [[new Map([['x', 1]]), new Map([['x', 1]])], 2, 'undefined', []]);
  const refused = await executor.execute('async () => 1', {}, { connectors: [{}] });
  assert.match(refused.error, /connectors are bindings of Cloudflare Workers/);
});
