/** How a value crosses; without one primitives do, and functions become callbacks. */
export interface Transfer {
  promise?: boolean;
  copy?: boolean;
  externalCopy?: boolean;
  reference?: boolean;
}

/** Time in ms; a context ends with a script of it that takes longer. */
export interface Timeout {
  timeout?: number;
}

export interface Origin {
  filename?: string;
  lineOffset?: number;
}

export interface Both {
  arguments?: Transfer;
  result?: Transfer;
}

/** As `Isolate` of isolated-vm; each of its contexts is in a confined process of its own. */
export class Isolate {
  /** `memoryLimit`: MiB of each context's heap; 128 by default, 8 at least. */
  constructor(options?: { memoryLimit?: number });
  readonly isDisposed: boolean;
  createContext(): Promise<Context>;
  createContextSync(): Context;
  compileScript(code: string, origin?: Origin): Promise<Script>;
  /** Does not look at the text: what is wrong with it is told by `run`. */
  compileScriptSync(code: string, origin?: Origin): Script;
  dispose(): void;
}

export class Context {
  private constructor();
  readonly global: Reference;
  eval(code: string, options?: Timeout & { filename?: string } & Transfer): Promise<any>;
  evalIgnored(code: string, options?: Timeout & { filename?: string }): void;
  evalClosure(code: string, args?: any[], options?: Timeout & { filename?: string } & Both): Promise<any>;
  evalClosureIgnored(code: string, args?: any[], options?: Timeout & { filename?: string } & Both): void;
  release(): void;
}

export class Script {
  private constructor();
  run(context: Context, options?: Timeout & { release?: boolean } & Transfer): Promise<any>;
  runIgnored(context: Context, options?: Timeout & { release?: boolean }): void;
  release(): void;
}

export class Reference<T = any> {
  constructor(value: T);
  readonly typeof: string;
  get(name: string, options?: Transfer): Promise<any>;
  set(name: string, value: any, options?: Transfer): Promise<void>;
  /** Where it fails the next call that is awaited is told. */
  setSync(name: string, value: any, options?: Transfer): void;
  setIgnored(name: string, value: any, options?: Transfer): void;
  delete(name: string): Promise<void>;
  deleteIgnored(name: string): void;
  copy(): Promise<T>;
  apply(receiver?: any, args?: any[], options?: Timeout & Both): Promise<any>;
  applyIgnored(receiver?: any, args?: any[], options?: Timeout & Both): void;
  deref(): T;
  derefInto(): unknown;
  release(): void;
}

export class ExternalCopy<T = any> {
  constructor(value: T);
  copy(): T;
  copyInto(): unknown;
  release(): void;
}

export class Callback {
  constructor(
    call: (...args: any[]) => unknown,
    options?: { sync?: boolean; async?: boolean; ignored?: boolean },
  );
}
