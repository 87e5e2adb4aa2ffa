/** A size: a number of bytes, or a text like `'16MiB'`. */
export type Size = number | string;

/**
 * What crosses between program and script: copied, with `Map`, `Set`, `Date`, BigInt, bytes, `undefined`,
 * NaN and -0 kept. An object is its own enumerable properties. Whatever else there is (functions,
 * symbols, promises, cycles) is refused with its path (`ERR_NOT_CROSSABLE`).
 */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ArrayBuffer
  | Date
  | Value[]
  | Map<Value, Value>
  | Set<Value>
  | { [name: string]: Value };

/** What a run, or a build, may take. Each limit is hard and ends it with its own code. */
export interface Limits {
  /** Wall time and CPU time in ms; 1000 by default. Waiting for a worker and for functions counts. */
  timeout?: number;
  /** CPU time alone, in ms. */
  cpu?: number;
  /** Heap; 64 MiB by default, and no more than `configure({ heap })` says. */
  heap?: Size;
  /** Native stack; 1 MiB by default. */
  stack?: Size;
  /** The value and globals that come back; 4 MiB by default. */
  output?: Size;
  /** What is logged; 64 KiB by default. */
  logs?: Size;
  /** Promise jobs; 100,000 by default. */
  jobs?: number;
}

/** What a run took: times in ms, sizes in bytes. */
export interface Usage {
  wall: number;
  /** The part of `wall` that it took to have the image ready. */
  build: number;
  cpu: number;
  /** The part of `wall` that it waited for its own timers. */
  timers: number;
  /** Putting the heap back, which is no part of `wall`. */
  restore: number;
  peakHeap: number;
  bytesRestored: number;
  output: number;
  logs: number;
  jobs: number;
}

export interface LogLine {
  level: 'debug' | 'log' | 'info' | 'warn' | 'error';
  text: string;
}

export interface Outcome<T = any> {
  value: T;
  logs: LogLine[];
  usage: Usage;
  /** The globals that were asked back with `globalsBack`. */
  globals?: { [name: string]: any };
}

/** A function of the program that a script may call by its name. */
export type HostFunction = (...args: any[]) => unknown;

/** What a script is granted, and what goes into its image beside it. */
export interface Surroundings {
  /** Classic scripts that run once, before: functions, libraries. */
  setup?: string | SetUp | (string | SetUp)[];
  /** Sources that it can import, by specifier. */
  modules?: { [specifier: string]: string };
  /** Functions of the program; the script gets promises of what they answer. */
  host?: { [name: string]: HostFunction };
  /** The same, but the script waits for each call: it gets the answer itself. */
  hostSync?: { [name: string]: HostFunction };
}

export interface SetUp {
  source: string;
  file?: string;
  line?: number;
}

export interface SourceOptions {
  /**
   * The name that errors and stacks show. Its ending tells the language: `.ts`, `.mts` and `.cts` are
   * TypeScript, whose types are erased and not checked, `.tsx` and `.jsx` have JSX; all else is JavaScript.
   */
  file?: string;
  /** The number of the first line; 1 by default. */
  line?: number;
  /**
   * `'auto'`: a module with a default export, which is called with the input, or else a classic script,
   * whose last expression is the value. `'script'`: the latter. `'body'`: the body of an asynchronous
   * function, with `return` and `await`.
   */
  form?: 'auto' | 'script' | 'body';
}

export interface CompileOptions extends SourceOptions, Surroundings, Limits {
  /** Globals that are set before the set-up runs. */
  globals?: { [name: string]: unknown };
  /** The time zone of its dates: an IANA name or an offset; UTC by default. */
  timeZone?: string;
  /**
   * In whose worker it is compiled, and set-up and modules are evaluated: `'default'` by default, a worker
   * that all sources share for which none is told. Any tenant may run it.
   */
  tenant?: string;
}

export interface RunOptions extends Limits {
  /** The argument of a module's function. */
  input?: unknown;
  /** Globals by name. */
  globals?: { [name: string]: unknown };
  /** Which globals come back: those that the run made or changed, or these. */
  globalsBack?: 'changed' | string[];
  /** Whose run it is: no process ever serves two tenants. `'default'` by default. */
  tenant?: string;
  /**
   * Cancels the run (`ERR_CANCELLED`, with the signal's reason as its cause). Of a run that has a set-up,
   * modules or functions of its own, what is still built goes on behind it until it is done or its time is over.
   */
  signal?: AbortSignal;
  /** Randomness and time: the same give the same run. */
  frozen?: { seed?: number | bigint; now?: number | Date };
  timeZone?: string;
}

export interface PoolOptions extends Limits {
  /** Runs at a time, 1 to 1024; as many as there are processors by default, and at least 2. */
  workers?: number;
  /** Each tenant's runs are in processes of their own, which is all there is. */
  isolation?: 'process';
}

/** A script that was checked and built. There is nothing to dispose of. */
export class Script {
  private constructor();
  /** Checks a script and builds its image; set-up and modules' top levels run once. */
  static compile(source: string, options?: CompileOptions): Promise<Script>;
  /** The SHA-256 of what it was made of, in hexadecimal. */
  readonly version: string | undefined;
  readonly form: 'script' | 'function' | undefined;
  readonly file: string;
}

/** So many runs at a time. Limits that are given here hold for runs that say nothing else. */
export class Pool {
  constructor(options?: PoolOptions);
  /** Runs a script, from the very state that its image has. */
  run<T = any>(script: Script, options?: RunOptions): Promise<Outcome<T>>;
  /** Compiles a source for this run alone, and runs it. */
  run<T = any>(
    source: string,
    options?: RunOptions & SourceOptions & Surroundings,
  ): Promise<Outcome<T>>;
  /** Cancels its runs, and takes no more. */
  close(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runs a source once: the body of a function, unless `form` says otherwise. */
export function run<T = any>(
  source: string,
  options?: RunOptions & SourceOptions & Surroundings,
): Promise<Outcome<T>>;

/** Says how the host process is started; only before the first script is compiled or run. */
export function configure(options: {
  /** The most heap that any run can be given; 256 MiB by default. */
  heap?: Size;
  /** Layers of the workers' confinement to go without, as `npx sandtide doctor` names them. */
  insecureWithout?: string[];
  /** A cgroup (version 2) that was delegated to the program. */
  cgroup?: string;
  /** The program `sandtide` to use, instead of the one of the platform's package. */
  binary?: string;
}): void;

export class SandtideError extends Error {
  constructor(code: string, message: string, more?: Partial<SandtideError>);
  /** What went wrong, the same from release to release: `ERR_EXCEPTION`, `ERR_HEAP_LIMIT`, … */
  code: string;
  /** The place in the script. */
  file?: string;
  line?: number;
  column?: number;
  /** What the script threw (`ERR_EXCEPTION`). */
  thrown?: { name: string; message: string; stack: string };
  usage?: Usage;
  logs?: LogLine[];
  globals?: { [name: string]: any };
  cause?: unknown;
}
