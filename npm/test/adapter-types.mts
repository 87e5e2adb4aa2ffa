// That adapters are what the packages that they are for take, checked by tsc; never run.

import type { IsolateDriver } from '@tanstack/ai-code-mode';
import type { createBrowserCodeTool } from '@cloudflare/codemode/browser';
import { createSandtideExecutor } from 'sandtide/adapters/codemode';
import ivm, { Isolate } from 'sandtide/adapters/isolated-vm';
import { createSandtideDriver } from 'sandtide/adapters/tanstack';

createSandtideDriver({ tenant: 'agent', heap: '64MiB' }) satisfies IsolateDriver;
createSandtideExecutor() satisfies NonNullable<Parameters<typeof createBrowserCodeTool>[0]['executor']>;

async function likeIsolatedVm() {
  const isolate: Isolate = new ivm.Isolate({ memoryLimit: 32 });
  const context = await isolate.createContext();
  await context.global.set('log', new ivm.Callback((line) => console.log(line), { ignored: true }));
  await context.global.set('given', new ivm.ExternalCopy({ a: 1 }).copyInto());
  const script = await isolate.compileScript('given.a', { filename: 'a.js' });
  await script.run(context, { timeout: 50, promise: true });
  await (await context.eval('Math.max', { reference: true })).apply(undefined, [1, 2], { result: { copy: true } });
  // @ts-expect-error: what would have to wait for another process.
  context.evalSync('1');
  // @ts-expect-error: an option that there is not.
  new ivm.Isolate({ inspector: true });
}
void likeIsolatedVm;
