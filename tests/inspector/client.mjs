// Starts a program under a debugger's port, and speaks to it.

import { spawn } from 'node:child_process';
import CDP from 'chrome-remote-interface';

export const TIME = Number(process.env.TIME ?? 20_000);

// Programs that were started and have not ended: none outlives this process.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// `command`: program and its first words. Gives { client, events, child, until, send }.
export async function start(command, options, file) {
  const [program, ...words] = command;
  const child = spawn(program, [...words, ...options, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.on('exit', () => running.delete(child));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => { output[name] += data; });
  const url = await within('the port', new Promise((resolve) => {
    child.stderr.on('data', () => {
      const found = /ws:\/\/\S+/.exec(output.stderr);
      if (found) resolve(new URL(found[0]));
    });
  }));
  const client = await within('the connection', CDP({ host: '127.0.0.1', port: url.port }));
  const events = [];
  const waiting = [];
  client.on('event', (event) => {
    events.push(event);
    for (const [index, one] of [...waiting.entries()].reverse()) {
      if (one.method === event.method && one.test(event.params)) {
        waiting.splice(index, 1);
        one.resolve(event.params);
      }
    }
  });
  const until = (method, test = () => true) => within(method, new Promise((resolve) => {
    waiting.push({ method, test, resolve });
  }));
  // The result, or the error as { error }.
  const send = (method, params) => within(method, client.send(method, params).catch((error) => {
    if (error.response === undefined) throw error;
    return { error: error.response };
  }));
  const stop = async () => {
    await client.close().catch(() => {});
    child.kill('SIGKILL');
  };
  return { client, events, child, output, url, until, send, stop };
}

export function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${TIME} ms`)), TIME);
  });
  const raced = Promise.race([promise, late]).finally(() => clearTimeout(timer));
  // Some are not waited for.
  raced.catch(() => {});
  return raced;
}
