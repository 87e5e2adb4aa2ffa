// Runs one plug-in for one request: a fresh context each time, limits on time and (under sandtide)
// memory, and text in both directions, so that no object of the program is within the plug-in's
// reach. Knows nothing of HTTP.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

// Memory limits and disposing are sandtide's additions to vm; under Node this is undefined.
const { disposeContext } = vm;

class PluginError extends Error {
  constructor(kind, cause) {
    super(cause.message, { cause });
    this.kind = kind;
  }
}

const kinds = {
  ERR_SCRIPT_EXECUTION_TIMEOUT: 'time',
  ERR_CONTEXT_MEMORY_LIMIT: 'memory',
};

// The plug-in's file sets `handle`; what it answers may be a promise of something that is there
// once the context's own microtasks have run.
const call = new vm.Script(`
Promise.resolve(JSON.parse(inputText)).then(handle).then(
  (value) => { outputText = JSON.stringify(value) ?? 'null'; },
  (error) => { failureText = String(error?.message ?? error); });
`, { filename: 'call.js' });

class Runner {
  constructor(folder, { timeout = 100, memoryLimit } = {}) {
    this.timeout = timeout;
    this.memoryLimit = memoryLimit;
    this.scripts = new Map();
    for (const file of fs.readdirSync(folder).sort()) {
      const filename = path.join(folder, file);
      this.scripts.set(path.basename(file, '.js'), new vm.Script(fs.readFileSync(filename, 'utf8'), { filename: `plugins/${file}` }));
    }
  }

  has(name) {
    return this.scripts.has(name);
  }

  run(name, input) {
    const { timeout, memoryLimit } = this;
    const exchange = { __proto__: null, inputText: JSON.stringify(input), outputText: undefined, failureText: undefined };
    const context = vm.createContext(exchange, {
      codeGeneration: { strings: false, wasm: false },
      microtaskMode: 'afterEvaluate',
      ...(disposeContext && { memoryLimit }),
    });
    try {
      this.scripts.get(name).runInContext(context, { timeout });
      call.runInContext(context, { timeout });
      const { outputText, failureText } = exchange;
      if (failureText !== undefined) throw new Error(`${failureText}`);
      if (outputText === undefined) throw new Error('The plug-in gave no answer');
      return JSON.parse(outputText);
    } catch (error) {
      throw new PluginError(kinds[error?.code] ?? 'plug-in', error ?? new Error('Nothing was thrown'));
    } finally {
      disposeContext?.(context);
    }
  }
}

module.exports = { PluginError, Runner };
