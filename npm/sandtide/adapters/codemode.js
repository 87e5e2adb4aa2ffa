'use strict';
// An executor for Cloudflare's code mode (`@cloudflare/codemode`): each execution is a pristine run.

const { Pool, SandtideError } = require('../index.js');
const { invalid } = require('../lib/errors.js');
const options = require('../lib/options.js');

const OPTIONS = ['pool', 'tenant', ...options.LIMITS];
const NAME = /^[A-Za-z_$][\w$]*$/;

/** Providers, of functions alone as well. */
function resolved(providers) {
  return Array.isArray(providers) ? providers : [{ name: 'codemode', fns: providers }];
}

/**
 * The functions of all providers under names of their own, and the script that makes namespaces of them
 * before the code runs.
 */
function granted(providers) {
  const host = {};
  const setup = [];
  providers.forEach(({ name, fns, prelude }, at) => {
    if (!NAME.test(name)) throw invalid(`a provider cannot be called ${JSON.stringify(name)}`);
    const lines = Object.keys(fns).map((tool, index) => {
      const global = `__codemode_${at}_${index}`;
      host[global] = fns[tool];
      const own = JSON.stringify(tool);
      return `{ const call = ${global}; delete globalThis.${global}; define(${own}, (...args) => call(...args)); }`;
    });
    const source = `(() => {
      const namespace = {};
      const define = (name, value) =>
        Object.defineProperty(namespace, name, { value, writable: true, enumerable: true, configurable: true });
      ${lines.join('\n')}
      globalThis.${name} = namespace;
    })()`;
    setup.push({ source, file: `${name}.js` });
    if (prelude) setup.push({ source: prelude, file: `${name}-prelude.js` });
  });
  return { host, setup };
}

/** Makes an executor; its limits are those of each run. */
function createSandtideExecutor(given) {
  const { pool, tenant, ...limits } = options.object(given, 'createSandtideExecutor', OPTIONS);
  if (pool !== undefined && !(pool instanceof Pool)) throw invalid('pool is a Pool');
  options.limits(limits); // Checks them.
  const on = pool ?? new Pool();
  return {
    async execute(code, providers, { connectors } = {}) {
      try {
        if (connectors?.length) {
          throw invalid('connectors are bindings of Cloudflare Workers; pass their tools as providers');
        }
        // The code is a function, as code mode normalises it.
        const source = `return await (${code}\n)()`;
        const { value, logs } = await on.run(source, {
          timeout: 30_000,
          ...limits,
          ...granted(resolved(providers)),
          tenant,
          form: 'body',
          file: 'code.js',
        });
        return { result: value, logs: logs.map(line) };
      } catch (error) {
        if (!(error instanceof SandtideError)) throw error;
        const message = error.thrown ? error.thrown.message : error.message;
        return { result: undefined, error: message, logs: (error.logs ?? []).map(line) };
      }
    },
  };
}

function line({ level, text }) {
  return level === 'log' ? text : `[${level}] ${text}`;
}

module.exports = { createSandtideExecutor };
