/** Options of Node's `vm` that there are here, and limits of each run. */
export interface RunOptions {
  filename?: string;
  lineOffset?: number;
  columnOffset?: 0;
  displayErrors?: true;
  /** Wall and CPU time in ms. */
  timeout?: number;
  cpu?: number;
  heap?: number | string;
  stack?: number | string;
  output?: number | string;
  logs?: number | string;
  jobs?: number;
}

export interface ContextOptions {
  microtaskMode?: 'afterEvaluate';
}

export interface Context {
  [name: string]: any;
}

export class Script {
  constructor(code: string, options?: (RunOptions & ContextOptions) | string);
  runInContext(context: Context, options?: RunOptions): any;
  runInNewContext(sandbox?: Context, options?: (RunOptions & ContextOptions) | string): any;
  /** Throws: nothing of the program is within reach of a script. */
  runInThisContext(options?: RunOptions): never;
  /** Throws: images are kept by the host. */
  createCachedData(): never;
}

/** Notes that an object is a context: its own enumerable properties go into each run and come back. */
export function createContext(sandbox?: Context, options?: ContextOptions): Context;
export function isContext(sandbox: Context): boolean;
export function runInContext(code: string, context: Context, options?: RunOptions | string): any;
export function runInNewContext(
  code: string,
  sandbox?: Context,
  options?: (RunOptions & ContextOptions) | string,
): any;
/** Throws: nothing of the program is within reach of a script. */
export function runInThisContext(...args: unknown[]): never;
/** Throws: `run` of `sandtide` takes the body of a function. */
export function compileFunction(...args: unknown[]): never;
