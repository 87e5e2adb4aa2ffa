// What the declarations say, checked by tsc; never run.

import sandtide, { Pool, SandtideError, Script, configure, run } from 'sandtide';
import type { Outcome, Usage, Value } from 'sandtide';
import { createSandtideExecutor } from 'sandtide/adapters/codemode';
import { createSandtideDriver } from 'sandtide/adapters/tanstack';
import vm, { runInNewContext } from 'sandtide/vm';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const same = <A, B>(_: Same<A, B>): void => {};

async function check(db: { get(id: string): Promise<{ name: string }> }): Promise<void> {
  configure({ heap: '512MiB', insecureWithout: ['landlock'] });
  using block = new Pool({ workers: 1 });
  const pool = new Pool({ workers: 4, heap: '16MiB', isolation: 'process' });
  const rule = await Script.compile('…', {
    file: 'rule.js',
    setup: ['a', { source: 'b', file: 'b.js' }],
    modules: { './c.js': '' },
    host: { lookup: async (id: string) => db.get(id) },
  });
  const controller = new AbortController();
  const done = await pool.run<number>(rule, {
    input: new Map([[1n, undefined]]),
    globals: { a: 1 },
    timeout: 50,
    tenant: 'acme',
    signal: controller.signal,
    frozen: { seed: 1n, now: new Date() },
  });
  same<typeof done, Outcome<number>>(true);
  same<typeof done.usage, Usage>(true);
  const { value } = await run('return a + b', { globals: { a: 1, b: 2 } });
  const crossed: Value = value;
  const error = new SandtideError('ERR_EXCEPTION', String(crossed));
  same<typeof error.line, number | undefined>(true);
  same<typeof sandtide.Pool, typeof Pool>(true);
  runInNewContext('a', { a: 1 }, { timeout: 5 });
  new vm.Script('1', 'file.js').runInNewContext();
  createSandtideDriver({ tenant: 'agent', heap: '64MiB' });
  createSandtideExecutor({ pool });
  block.close();

  // @ts-expect-error: threads are not there.
  new Pool({ isolation: 'thread' });
  // @ts-expect-error: an option that there is not.
  await run('', { timeot: 5 });
  // @ts-expect-error: scripts are compiled.
  new Script();
  // @ts-expect-error: functions are.
  await Script.compile('', { host: { f: 1 } });
  // @ts-expect-error: a script's source is none of its options.
  await pool.run(rule, { file: 'a.js' });
  // @ts-expect-error: Node's option that is not there.
  runInNewContext('', {}, { breakOnSigint: true });
}
void check;
