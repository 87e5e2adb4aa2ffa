// What a server answers in the place of a result.
import type { components } from './schema.js';

/** An error as the server tells it (RFC 9457). */
export type Problem = components['schemas']['Problem'];

/** An error that the server answered. What kept it from answering at all is thrown as `fetch` throws it. */
export class SandtideError extends Error {
  override readonly name = 'SandtideError';
  /** Tells errors apart, and stays: `ERR_WALL_TIME_LIMIT`, say. */
  readonly code: string;
  /** The status of the answer. */
  readonly status: number;
  /** Milliseconds after which to try again, where waiting helps. */
  readonly retryAfter: number | undefined;
  /** All that the server said: a run's place, stack, logs and usage too. */
  readonly problem: Problem;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** The error that an answer without success tells. */
export async function errorOf(response: Response): Promise<SandtideError> {
  const text = await response.text();
  let problem: Problem | undefined;
  try {
    problem = JSON.parse(text);
  } catch {
    // Told of below: something between here and the server answered.
  }
  if (typeof problem?.code !== 'string' || typeof problem.detail !== 'string') {
    const said = text.slice(0, 200);
    const detail = `${response.url} answered ${response.status} in no way that a Sandtide server does: ${said}`;
    problem = { title: 'No answer of a Sandtide server', status: response.status, code: 'ERR_NOT_SANDTIDE', detail };
  }
  return new SandtideError(problem, waitOf(response.headers.get('retry-after')));
}

/** `Retry-After` in milliseconds: a number of seconds, as the server writes it, or a date, as others may. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
