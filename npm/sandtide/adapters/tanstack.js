'use strict';
// A driver for the code mode of TanStack AI (`@tanstack/ai-code-mode`): each execution is a pristine run.

const { Pool, SandtideError } = require('../index.js');
const { invalid } = require('../lib/errors.js');
const options = require('../lib/options.js');

const OPTIONS = ['pool', 'tenant', ...options.LIMITS];
/** The prefixes that code mode reads levels from. */
const PREFIX = { error: 'ERROR: ', warn: 'WARN: ', info: 'INFO: ' };

/** What went wrong, as code mode has it: what the script threw by its own name. */
function normalized(error) {
  const { name, message, stack } = error.thrown ?? error;
  return error.thrown
    ? { name: name || 'Error', message, stack, code: error.code }
    : { name, message, code: error.code };
}

/** Makes a driver. Limits that are given here hold where code mode does not say its own. */
function createSandtideDriver(given) {
  const { pool, tenant, ...limits } = options.object(given, 'createSandtideDriver', OPTIONS);
  if (pool !== undefined && !(pool instanceof Pool)) throw invalid('pool is a Pool');
  options.limits(limits); // Checks them.
  const on = pool ?? new Pool();
  return {
    async createContext({ bindings, timeout = 30_000, memoryLimit = 128 }) {
      const host = {};
      for (const [name, { execute }] of Object.entries(bindings)) host[name] = (args) => execute(args);
      const cancel = new AbortController();
      return {
        async execute(code) {
          const run = { timeout, heap: memoryLimit * 2 ** 20, ...limits, tenant, host };
          try {
            const { value, logs } = await on.run(code, {
              ...run,
              form: 'body',
              file: 'code.js',
              signal: cancel.signal,
            });
            return { success: true, value, logs: logs.map(line) };
          } catch (error) {
            if (!(error instanceof SandtideError)) throw error;
            return { success: false, error: normalized(error), logs: (error.logs ?? []).map(line) };
          }
        },
        /** Ends what is still on. */
        async dispose() {
          cancel.abort();
        },
      };
    },
  };
}

function line({ level, text }) {
  return `${PREFIX[level] ?? ''}${text}`;
}

module.exports = { createSandtideDriver };
