'use strict';
// simstudioai/sim PRs 4108 and 4543: an isolate for each execution, whose handles are let go of with it only;
// the memory that V8 keeps beside its heap grows until the system ends the process.

const CODE = `
  const orders = params.orders.filter((order) => order.total > 10);
  console.log('orders', orders.length);
  const rates = await (await fetch('https://rates.example/' + params.currency)).json();
  return { count: orders.length, sum: orders.reduce((sum, order) => sum + order.total * rates.factor, 0) };`;

const orders = Array.from({ length: 200 }, (_, id) => ({ id, total: id % 40, note: `order number ${id}` }));
const rates = async () => JSON.stringify({ ok: true, status: 200, body: JSON.stringify({ factor: 2 }) });

const EXPECTED = orders.filter(({ total }) => total > 10);

function check({ count, sum }) {
  const expected = EXPECTED.reduce((all, { total }) => all + total * 2, 0);
  if (count !== EXPECTED.length || sum !== expected) throw new Error(`it answered ${count} and ${sum}`);
}

const CONSOLE = 'const console = { log: (...args) => __log(...args) };';
const RESPONSE = 'return { ok: answer.ok, json: async () => JSON.parse(answer.body), text: async () => answer.body };';

function withIsolates(release) {
  return async () => {
    const ivm = require('isolated-vm');
    return async () => {
      const lines = [];
      const handles = [];
      const kept = (handle) => (handles.push(handle), handle);
      const isolate = new ivm.Isolate({ memoryLimit: 128 });
      try {
        const context = kept(await isolate.createContext());
        const jail = context.global; // Is let go of with its context.
        await jail.set('global', jail.derefInto());
        await jail.set('__log', new ivm.Callback((...args) => lines.push(args.join(' '))));
        await jail.set('params', kept(new ivm.ExternalCopy({ orders, currency: 'EUR' })).copyInto());
        await jail.set('__fetch', kept(new ivm.Reference(rates)));
        const bootstrap = kept(
          await isolate.compileScript(
            `${CONSOLE} async function fetch(url) {
               const answer = JSON.parse(await __fetch.apply(undefined, [url], { result: { promise: true } }));
               ${RESPONSE} }`,
          ),
        );
        await bootstrap.run(context);
        const script = kept(await isolate.compileScript(`(async () => JSON.stringify(await (async () => {${CODE}})()))()`));
        check(JSON.parse(await script.run(context, { timeout: 5_000, promise: true })));
      } finally {
        // Last made, first let go of: what PR 4108 added.
        if (release) for (const handle of handles.reverse()) handle.release();
        isolate.dispose();
      }
    };
  };
}

async function after() {
  const { Pool } = require('sandtide');
  const pool = new Pool({ heap: '128MiB', timeout: 5_000 });
  const host = { __fetch: rates };
  const setup = `async function fetch(url) { const answer = JSON.parse(await __fetch(url)); ${RESPONSE} }`;
  return async () => {
    const { value } = await pool.run(CODE, { form: 'body', setup, host, globals: { params: { orders, currency: 'EUR' } } });
    check(value);
  };
}

module.exports = {
  title: 'isolated-vm under load: an isolate for each execution',
  report: 'simstudioai/sim PR 4108, PR 4543',
  hour: 3_600,
  tasks: 3_600,
  deep: 10,
  node: ['--no-node-snapshot'], // As isolated-vm asks for.
  ways: { 'isolated-vm': withIsolates(false), 'isolated-vm, all handles released': withIsolates(true), sandtide: after },
};
