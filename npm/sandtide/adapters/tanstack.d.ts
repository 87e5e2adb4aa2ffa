import type { Limits, Pool } from '../index.js';

/** As `IsolateDriver` of `@tanstack/ai-code-mode`. */
export interface SandtideDriver {
  createContext(config: {
    bindings: Record<string, { execute: (args: any) => Promise<unknown> }>;
    timeout?: number;
    memoryLimit?: number;
  }): Promise<{
    execute<T = unknown>(code: string): Promise<{
      success: boolean;
      value?: T;
      error?: { name: string; message: string; stack?: string; code?: string };
      logs?: string[];
    }>;
    dispose(): Promise<void>;
  }>;
}

/** A driver whose executions are pristine runs. Limits that are given here win over code mode's own. */
export function createSandtideDriver(
  options?: Limits & { pool?: Pool; tenant?: string },
): SandtideDriver;
