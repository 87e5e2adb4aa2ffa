// What users of the package have. Must not know how anything is sent.
export { Client } from './client.js';
export type {
  AcceptedRun, AdHocRun, Api, Canary, ClientOptions, Deploy, DeployOptions, Deployed, LaterRun, Outcome, Run,
  RunOptions, Script, StartOptions, Version, WaitOptions,
} from './client.js';
export { SandtideError } from './error.js';
export type { Problem } from './error.js';
export type { ServerEvent, EventOptions } from './events.js';
export type { components, paths } from './schema.js';
