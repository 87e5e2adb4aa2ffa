'use strict';
// `npx sandtide mcp`: the tool `run`, and tools of a configuration, for clients of the Model Context Protocol
// over standard input and output. Must not know how runs are carried out.

const { readFileSync } = require('node:fs');
const { dirname, resolve } = require('node:path');
const { createInterface } = require('node:readline');
const { Pool, SandtideError, Script } = require('../index.js');
const options = require('./options.js');
const { version } = require('../package.json');

/** Versions of the protocol whose messages these are; the first is what others are offered. */
const VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'];
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const NO_METHOD = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
/** Characters that a value's JSON may have: well below the longest string, also where all are escaped. */
const MOST_JSON = 2 ** 25;

const USAGE = `Usage: sandtide mcp [--config FILE]

Serves the tool \`run\` to a client of the Model Context Protocol, over standard input and output: the body
of an asynchronous function is run once, in a pristine sandbox in a confined process.

  --config FILE   JSON with any of
                    limits   {"timeout": MS, "heap": "16MiB", "stack", "output", "logs", "jobs"} of each run
                    workers  runs at a time
                    run      false: without the tool \`run\`
                    tools    {NAME: {"description", "file", "inputSchema"}}: modules whose default export is
                             called with the arguments; files are found beside the configuration
`;

const RUN_TOOL = {
  name: 'run',
  title: 'Run JavaScript',
  description:
    'Runs the body of an asynchronous JavaScript function in a sandbox without network, files or state, and ' +
    'answers the value that it returns, and what it logged. Its argument is the global `input`.',
  inputSchema: {
    type: 'object',
    properties: {
      code: { type: 'string', description: 'The body of the function, with `return` and `await`.' },
      input: { description: 'Any JSON; the code finds it as the global `input`.' },
    },
    required: ['code'],
    additionalProperties: false,
  },
};

class ConfigError extends Error {}

/** Reads and checks the configuration. */
function configured(args) {
  const [flag, file, ...more] = args;
  if (flag === undefined) return { limits: {}, run: true, tools: {}, beside: '.' };
  if (flag !== '--config' || file === undefined || more.length) throw new ConfigError(USAGE);
  let given;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${error.message}`);
  }
  try {
    options.object(given, file, ['limits', 'workers', 'run', 'tools']);
    const { limits = {}, workers, run = true, tools = {} } = given;
    options.object(limits, 'limits', options.LIMITS);
    options.object(tools, 'tools', Object.keys(tools));
    for (const name of Object.keys(tools)) {
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(name) || (run && name === 'run')) {
        throw new ConfigError(`a tool cannot be called ${JSON.stringify(name)}`);
      }
      const tool = options.object(tools[name], `tools.${name}`, ['description', 'file', 'inputSchema']);
      if (typeof tool.file !== 'string') throw new ConfigError(`tools.${name}.file is missing`);
    }
    if (typeof run !== 'boolean') throw new ConfigError('run is true or false');
    new Pool({ workers, ...limits }); // Checks them.
    return { limits, workers, run, tools, beside: dirname(file) };
  } catch (error) {
    throw new ConfigError(`${file}: ${error.message}`);
  }
}

/** Bytes as a data URL, which is no longer than 4/3 of them. */
function dataUrl(bytes) {
  const { buffer, byteOffset, byteLength } = bytes;
  const base64 = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return `data:application/octet-stream;base64,${base64}`;
}

/** A value as JSON, with what JSON has no form for as near as it comes. Throws where it is too long. */
function json(value) {
  const text = JSON.stringify(value, (_, item) => {
    if (typeof item === 'bigint') return item.toString();
    if (item instanceof Map) return [...item];
    if (item instanceof Set) return [...item];
    if (item instanceof Uint8Array) return dataUrl(item);
    if (item instanceof ArrayBuffer) return dataUrl(new Uint8Array(item));
    return item;
  });
  if (text?.length > MOST_JSON) throw new RangeError(`it has ${text.length} characters, of at most ${MOST_JSON}`);
  return text ?? 'undefined';
}

function log(lines) {
  return lines.map(({ level, text }) => `${level}: ${text}`).join('\n');
}

/** What a tool answers: the value, then what was logged. */
function answered({ value, logs }) {
  let text;
  try {
    text = json(value);
  } catch (error) {
    // The run went well; its value is longer, or deeper, than JSON can be made of.
    const message = `the value cannot be shown as JSON: ${error.message}`;
    return failed({ code: 'ERR_TOO_LARGE', message, logs });
  }
  const content = [{ type: 'text', text }];
  if (logs.length) content.push({ type: 'text', text: log(logs) });
  return { content };
}

function failed(error) {
  const thrown = error.thrown?.stack ? `\n${error.thrown.stack}` : '';
  const content = [{ type: 'text', text: `${error.code}: ${error.message}${thrown}` }];
  if (error.logs?.length) content.push({ type: 'text', text: log(error.logs) });
  return { content, isError: true };
}

class Server {
  #pool;
  #tools = new Map();
  #running = new Map();

  constructor({ limits, workers, run }, scripts) {
    this.#pool = new Pool({ workers, ...limits });
    if (run) {
      this.#tools.set('run', {
        shown: RUN_TOOL,
        call: ({ code, input }, signal) => {
          if (typeof code !== 'string') throw new InvalidParams('code is a string');
          return this.#pool.run(code, { form: 'body', file: 'code.js', globals: { input }, signal });
        },
      });
    }
    for (const { name, description = name, inputSchema = { type: 'object' }, script } of scripts) {
      this.#tools.set(name, {
        shown: { name, description, inputSchema },
        call: (input, signal) => this.#pool.run(script, { input, signal }),
      });
    }
  }

  /** The answer to a message, or undefined where none is due. */
  async answer(message) {
    const { id, method, params } = message ?? {};
    if (message?.jsonrpc !== '2.0' || typeof method !== 'string') {
      // An answer to a request of ours, of which there are none, or nothing at all.
      const due = message !== null && typeof message === 'object' && !('result' in message || 'error' in message);
      return due ? fault(id ?? null, INVALID_REQUEST, 'this is no request') : undefined;
    }
    if (id === undefined) {
      if (method === 'notifications/cancelled') this.#running.get(params?.requestId)?.abort();
      return undefined;
    }
    try {
      const result = await this.#do(method, params ?? {}, id);
      return result === undefined ? undefined : { jsonrpc: '2.0', id, result };
    } catch (error) {
      if (error instanceof InvalidParams) return fault(id, INVALID_PARAMS, error.message);
      if (error instanceof NoMethod) return fault(id, NO_METHOD, error.message);
      // One answer that fails must not end those that are on.
      return fault(id, INTERNAL_ERROR, `the call failed: ${error?.message ?? error}`);
    }
  }

  async #do(method, params, id) {
    switch (method) {
      case 'initialize': {
        const asked = params.protocolVersion;
        return {
          protocolVersion: VERSIONS.includes(asked) ? asked : VERSIONS[0],
          capabilities: { tools: {} },
          serverInfo: { name: 'sandtide', version },
        };
      }
      case 'ping':
        return {};
      case 'tools/list':
        return { tools: [...this.#tools.values()].map(({ shown }) => shown) };
      case 'tools/call':
        return this.#call(params, id);
      default:
        throw new NoMethod(`there is no method ${method}`);
    }
  }

  async #call({ name, arguments: given }, id) {
    const tool = this.#tools.get(name);
    if (!tool) throw new InvalidParams(`there is no tool ${name}`);
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      return answered(await tool.call(given ?? {}, controller.signal));
    } catch (error) {
      if (!(error instanceof SandtideError)) throw error;
      // Nobody waits for the answer of what was cancelled.
      return controller.signal.aborted ? undefined : failed(error);
    } finally {
      this.#running.delete(id);
    }
  }

  /** Ends what is on. */
  close() {
    this.#pool.close();
  }
}

class InvalidParams extends Error {}
class NoMethod extends Error {}

function fault(id, code, message) {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

/** Serves until the input ends; answers the exit code. */
async function mcp(args, input = process.stdin, output = process.stdout, words = process.stderr) {
  if (args.includes('--help') || args.includes('-h')) {
    output.write(USAGE);
    return 0;
  }
  let server;
  try {
    const config = configured(args);
    const scripts = await Promise.all(
      Object.entries(config.tools).map(async ([name, tool]) => {
        const file = resolve(config.beside, tool.file);
        const source = readFileSync(file, 'utf8');
        return { ...tool, name, script: await Script.compile(source, { file: tool.file, ...config.limits }) };
      }),
    );
    for (const { name, script } of scripts) {
      if (script.form !== 'function') throw new ConfigError(`tools.${name}: its file has no default export`);
    }
    server = new Server(config, scripts);
  } catch (error) {
    words.write(`sandtide mcp: ${error.message}\n`);
    return error instanceof ConfigError || error instanceof SandtideError ? 2 : 5;
  }
  const say = (message) => output.write(`${JSON.stringify(message)}\n`);
  const open = new Set();
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    let message;
    try {
      message = JSON.parse(line);
    } catch (error) {
      say(fault(null, PARSE_ERROR, `this is no JSON: ${error.message}`));
      continue;
    }
    const answering = server
      .answer(message)
      .then((answer) => answer && say(answer))
      .catch((error) => say(fault(message?.id ?? null, INTERNAL_ERROR, `the answer cannot be said: ${error.message}`)))
      .finally(() => open.delete(answering));
    open.add(answering);
  }
  // Whoever asked may still read.
  await Promise.all(open);
  server.close();
  return 0;
}

module.exports = { mcp };
