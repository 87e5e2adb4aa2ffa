// What happens on a server, as it happens.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { SandtideError } from './error.js';

/** One thing that happened; what it has beside these members is in the server's reference. */
export interface ServerEvent {
  /** Where to go on: `events({ after: id })` tells what came after this one. */
  id: string;
  /** `deploy`, `failure`, `quarantine`, …; `lost` where events before this one are missing. */
  type: string;
  at_ms?: number;
  tenant?: string;
  script?: string;
  version?: string;
  code?: string;
  [member: string]: unknown;
}

export interface EventOptions {
  /** The `id` of the last event that was seen. */
  after?: string;
  /** Ends the iteration. */
  signal?: AbortSignal;
}

/** How long, in ms, until a stream that broke is asked for again: doubled each time, up to the second figure. */
const AGAIN_AFTER = [500, 30_000] as const;

/** Asks for a stream, from the event with this `id` on, and throws where there is none. */
type Ask = (after: string | undefined, signal: AbortSignal | undefined) => Promise<Response>;

/**
 * Events until `signal`. A stream that ends or breaks is asked for again, from its last event on. What keeps
 * the first one away is thrown, and later what the server refuses for good (a token that was revoked).
 */
export async function* events(ask: Ask, options: EventOptions): AsyncGenerator<ServerEvent, void, undefined> {
  const { signal } = options;
  let { after } = options;
  let pause: number = AGAIN_AFTER[0];
  let begun = false;
  while (!signal?.aborted) {
    try {
      const response = await ask(after, signal);
      begun = true;
      const lines = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const { id, event, data } of lines) {
        pause = AGAIN_AFTER[0];
        if (id !== undefined) after = id;
        const members = JSON.parse(data) as { type?: string };
        yield { ...members, id: after ?? '', type: members.type ?? event ?? 'message' };
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!begun || isFinal(error)) throw error;
    }
    await sleep(pause, signal);
    pause = Math.min(pause * 2, AGAIN_AFTER[1]);
  }
}

/** Whether asking again would be answered the same. */
function isFinal(error: unknown): boolean {
  return error instanceof SandtideError && error.status < 500 && error.status !== 429;
}

/** Until `ms` are over or the signal comes; it ends in either case. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
