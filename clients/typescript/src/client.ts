// The calls that most programs make, each one request; `api` has all others, typed by the server's own document.
import createClient, { type Client as FetchClient } from 'openapi-fetch';
import { SandtideError, errorOf } from './error.js';
import { type EventOptions, type ServerEvent, events, sleep } from './events.js';
import type { components, paths } from './schema.js';

type Schemas = components['schemas'];
export type Deploy = Schemas['Deploy'];
export type Deployed = Schemas['Deployed'];
export type Run = Schemas['Run'];
export type AdHocRun = Schemas['AdHocRun'];
export type Outcome = Schemas['Outcome'];
export type AcceptedRun = Schemas['AcceptedRun'];
export type LaterRun = Schemas['LaterRun'];
export type Script = Schemas['Script'];
export type Version = Schemas['Version'];
export type Canary = Schemas['Canary'];
/** Every operation of the server, by its method and path. */
export type Api = FetchClient<paths>;

export interface ClientOptions {
  /** Where the server is: `https://scripts.example`, say. */
  url: string;
  /** The token that requests bear. */
  token?: string;
  /** Whose requests these are, where the token does not say it. */
  tenant?: string;
  /** What sends requests; the global `fetch` by default. */
  fetch?: typeof fetch;
}

/** What any call takes. */
interface Cancellable {
  signal?: AbortSignal;
}

export interface DeployOptions extends Cancellable {
  /** The share of runs, in percent, that this version is given beside the active one. */
  canary?: number;
  /** Only where the script's version is this one. */
  ifMatch?: string;
  /** The same deploy, sent again with the same key, is made once. */
  idempotencyKey?: string;
}

export interface RunOptions extends Cancellable {
  /** Runs of one key are all given one version, while there is a canary. */
  canaryKey?: string;
}

export interface StartOptions extends RunOptions {
  /** Whom the server tells of the outcome; its host has to be in the script's `allow_net`. */
  callback?: string;
  /** The same run, sent again with the same key, is one run. */
  idempotencyKey?: string;
}

export interface WaitOptions extends Cancellable {
  /** Milliseconds between two questions for the outcome; 250 by default. */
  every?: number;
}

/** A Sandtide server, as one tenant sees it. Each call that the server refuses throws a {@link SandtideError}. */
export class Client {
  /** All operations of the server: `client.api.PUT('/v1/quotas/{tenant}', …)`. They throw as the methods do. */
  readonly api: Api;

  constructor(options: ClientOptions) {
    const headers: Record<string, string> = {};
    if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
    if (options.tenant !== undefined) headers['sandtide-tenant'] = options.tenant;
    const send = options.fetch ?? globalThis.fetch;
    this.api = createClient<paths>({
      baseUrl: options.url.replace(/\/+$/, ''),
      headers,
      fetch: (request) => send(request),
    });
    this.api.use({
      async onResponse({ response }) {
        if (!response.ok) throw await errorOf(response);
      },
    });
  }

  /** Deploys a script, and answers its new version. */
  async deploy(name: string, script: string | Deploy, options: DeployOptions = {}): Promise<Deployed> {
    const { data } = await this.api.PUT('/v1/scripts/{name}', {
      params: {
        path: { name },
        header: {
          ...(options.ifMatch !== undefined && { 'if-match': `"${options.ifMatch}"` }),
          ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
        },
        query: options.canary === undefined ? {} : { canary: options.canary },
      },
      body: typeof script === 'string' ? { source: script } : script,
      ...signalOf(options),
    });
    return data!;
  }

  /** Runs a script that is deployed, until its outcome is there. */
  async run(name: string, run: Run = {}, options: RunOptions = {}): Promise<Outcome> {
    const { data } = await this.api.POST('/v1/scripts/{name}/runs', {
      params: { path: { name }, header: canaryOf(options) },
      body: run,
      ...signalOf(options),
    });
    return data as Outcome;
  }

  /** Runs a source that comes with its run. */
  async runSource(source: string | AdHocRun, options: Cancellable = {}): Promise<Outcome> {
    const body = typeof source === 'string' ? { source } : source;
    const { data } = await this.api.POST('/v1/runs', { body, ...signalOf(options) });
    return data as Outcome;
  }

  /** Has a script run, and does not wait for it: {@link wait} does, or the server calls back. */
  async start(name: string, run: Run = {}, options: StartOptions = {}): Promise<AcceptedRun> {
    const { data } = await this.api.POST('/v1/scripts/{name}/runs', {
      params: {
        path: { name },
        query: { async: '', ...(options.callback !== undefined && { callback: options.callback }) },
        header: {
          ...canaryOf(options),
          ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
        },
      },
      body: run,
      ...signalOf(options),
    });
    return data as AcceptedRun;
  }

  /** The outcome of a run that was started. Throws what a run that was waited for would have thrown. */
  async wait(id: string, options: WaitOptions = {}): Promise<Outcome> {
    for (;;) {
      options.signal?.throwIfAborted();
      const { data } = await this.api.GET('/v1/runs/{id}', { params: { path: { id } }, ...signalOf(options) });
      if (data!.state === 'done') {
        const outcome = data!.outcome!;
        if ('code' in outcome) throw new SandtideError(outcome);
        return outcome;
      }
      await sleep(options.every ?? 250, options.signal);
    }
  }

  /** Cancels a run that was started, or forgets its outcome. */
  async cancel(id: string, options: Cancellable = {}): Promise<void> {
    await this.api.DELETE('/v1/runs/{id}', { params: { path: { id } }, ...signalOf(options) });
  }

  /** The tenant's scripts, in the order of their names. */
  async *scripts(options: Cancellable = {}): AsyncGenerator<Script, void, undefined> {
    for (let cursor: string | undefined; ;) {
      const query = cursor === undefined ? {} : { cursor };
      const { data } = await this.api.GET('/v1/scripts', { params: { query }, ...signalOf(options) });
      yield* data!.scripts;
      cursor = data!.next_cursor;
      if (cursor === undefined) return;
    }
  }

  /** A script's versions, the newest first. */
  async *versions(name: string, options: Cancellable = {}): AsyncGenerator<Version, void, undefined> {
    for (let cursor: string | undefined; ;) {
      const query = cursor === undefined ? {} : { cursor };
      const { data } = await this.api.GET('/v1/scripts/{name}/versions', {
        params: { path: { name }, query },
        ...signalOf(options),
      });
      yield* data!.versions;
      cursor = data!.next_cursor;
      if (cursor === undefined) return;
    }
  }

  /** Has all runs from now on be of a version that was deployed before. */
  async activate(name: string, version: string, options: Cancellable = {}): Promise<Deployed> {
    const { data } = await this.api.POST('/v1/scripts/{name}/versions/{version}/activate', {
      params: { path: { name, version } },
      ...signalOf(options),
    });
    return data!;
  }

  /** Goes back to the version that was active before. */
  async rollBack(name: string, options: Cancellable = {}): Promise<Deployed> {
    const { data } = await this.api.POST('/v1/scripts/{name}/rollback', {
      params: { path: { name } },
      ...signalOf(options),
    });
    return data!;
  }

  /** Gives a version a share of the script's runs, in percent, beside the active one. */
  async canary(name: string, version: string, percent: number, options: Cancellable = {}): Promise<Canary> {
    const { data } = await this.api.PUT('/v1/scripts/{name}/canary', {
      params: { path: { name } },
      body: { version, percent },
      ...signalOf(options),
    });
    return data!;
  }

  /** Removes a script with all its versions. */
  async remove(name: string, options: Cancellable = {}): Promise<void> {
    await this.api.DELETE('/v1/scripts/{name}', { params: { path: { name } }, ...signalOf(options) });
  }

  /** What happens, from now on or after an event that is known, until `signal`. */
  events(options: EventOptions = {}): AsyncGenerator<ServerEvent, void, undefined> {
    const ask = async (after: string | undefined, signal: AbortSignal | undefined) => {
      const { response } = await this.api.GET('/v1/events', {
        params: { header: after === undefined ? {} : { 'last-event-id': after } },
        parseAs: 'stream',
        ...(signal !== undefined && { signal }),
      });
      return response;
    };
    return events(ask, options);
  }
}

function signalOf({ signal }: Cancellable): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function canaryOf({ canaryKey }: RunOptions): { 'sandtide-canary-key'?: string } {
  return canaryKey === undefined ? {} : { 'sandtide-canary-key': canaryKey };
}
