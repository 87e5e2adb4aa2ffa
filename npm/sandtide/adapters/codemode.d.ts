import type { Limits, Pool } from '../index.js';

/** As `Executor` of `@cloudflare/codemode`. */
export interface SandtideExecutor {
  execute(
    code: string,
    providersOrFns:
      | { name: string; fns: Record<string, (...args: any[]) => Promise<unknown>>; prelude?: string }[]
      | Record<string, (...args: any[]) => Promise<unknown>>,
    options?: { connectors?: unknown[] },
  ): Promise<{ result: unknown; error?: string; logs?: string[] }>;
}

/** An executor whose runs are pristine, each under these limits (30 s by default). */
export function createSandtideExecutor(
  options?: Limits & { pool?: Pool; tenant?: string },
): SandtideExecutor;
