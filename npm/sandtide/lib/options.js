'use strict';
// What users give, checked: each option is one that there is, and is what it may be.

const { invalid } = require('./errors.js');

const UNITS = { '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const SIZE = /^(\d+(?:\.\d+)?) ?(|B|KB|MB|GB|KiB|MiB|GiB)$/;

/** What a run may take where nothing is said: as `Limits::default` of the crate. */
const DEFAULTS = {
  wall: 1000,
  cpu: 1000,
  heap: 64 * 2 ** 20,
  stack: 2 ** 20,
  output: 4 * 2 ** 20,
  logs: 64 * 2 ** 10,
  jobs: 100_000,
};

const LIMITS = ['timeout', 'cpu', 'heap', 'stack', 'output', 'logs', 'jobs'];

/** An object of options of which each is known. */
function object(given, what, known) {
  if (given === undefined) return {};
  if (given === null || typeof given !== 'object') throw invalid(`${what} takes an object of options`);
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw invalid(`${what} has no option ${name}; it has ${known.join(', ')}`);
    }
  }
  return given;
}

function text(given, name, otherwise) {
  if (given === undefined) return otherwise;
  if (typeof given !== 'string') throw invalid(`${name} is a string`);
  return given;
}

function size(given, name) {
  const [, digits, unit] = (typeof given === 'string' && SIZE.exec(given)) || [];
  const bytes = typeof given === 'number' ? given : Math.round(digits * UNITS[unit]);
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw invalid(`${name} is a size: a number of bytes, or a text like '16MiB'`);
  }
  return bytes;
}

function time(given, name) {
  if (typeof given !== 'number' || !(given > 0) || given > 2 ** 40) {
    throw invalid(`${name} is a time in ms, more than 0`);
  }
  return given;
}

function count(given, name, most) {
  if (!Number.isInteger(given) || given < 1 || given > most) {
    throw invalid(`${name} is a whole number from 1 to ${most}`);
  }
  return given;
}

/** The limits that these options name, beside others. */
function limits(given, otherwise = DEFAULTS) {
  const all = { ...otherwise };
  if (given.timeout !== undefined) all.wall = all.cpu = time(given.timeout, 'timeout');
  if (given.cpu !== undefined) all.cpu = time(given.cpu, 'cpu');
  for (const name of ['heap', 'stack', 'output', 'logs']) {
    if (given[name] !== undefined) all[name] = size(given[name], name);
  }
  if (given.jobs !== undefined) all.jobs = count(given.jobs, 'jobs', 2 ** 32 - 1);
  return all;
}

/** Only what is there may be asked for. */
function isolation(given) {
  if (given === undefined || given === 'process') return;
  if (given === 'thread') {
    throw invalid("isolation: 'thread' is not there yet; leave it out, which is 'process'");
  }
  throw invalid("isolation is 'process'");
}

function frozen(given) {
  if (given === undefined) return undefined;
  object(given, 'frozen', ['seed', 'now']);
  const { seed = 0, now = 0 } = given;
  let big;
  try {
    big = BigInt(seed);
  } catch {
    big = -1n;
  }
  if (big < 0n || big >= 2n ** 64n) throw invalid('frozen.seed is a whole number from 0 to 2^64 - 1');
  const ms = Number(now);
  if (!(Math.abs(ms) <= 8.64e15)) throw invalid('frozen.now is a Date or a time in ms since 1970');
  return { seed: big, now: ms };
}

function globals(given) {
  if (given === undefined) return {};
  if (given === null || typeof given !== 'object') throw invalid('globals is an object of values');
  return given;
}

function globalsBack(given) {
  if (given === undefined || given === 'changed') return given;
  if (!Array.isArray(given) || !given.every((name) => typeof name === 'string')) {
    throw invalid("globalsBack is 'changed' or a list of names");
  }
  return given;
}

function signal(given) {
  if (given === undefined) return undefined;
  if (given === null || typeof given.addEventListener !== 'function' || !('aborted' in given)) {
    throw invalid('signal is an AbortSignal');
  }
  return given;
}

/** Functions by name, with whether the guest gets a promise of their results. */
function functions(given, what, promise) {
  if (given === undefined) return [];
  if (given === null || typeof given !== 'object') throw invalid(`${what} is an object of functions`);
  return Object.keys(given).map((name) => {
    if (typeof given[name] !== 'function') throw invalid(`${what}.${name} is a function`);
    return { name, promise, call: given[name] };
  });
}

/** Set-up scripts: a text, an object with `source`, or a list of these. */
function setup(given) {
  if (given === undefined) return [];
  const list = Array.isArray(given) ? given : [given];
  return list.map((one, index) => {
    if (typeof one === 'string') return { source: one, file: 'setup.js', line: 1 };
    const named = object(one, `setup[${index}]`, ['source', 'file', 'line']);
    if (typeof named.source !== 'string') throw invalid(`setup[${index}].source is a string`);
    return {
      source: named.source,
      file: text(named.file, 'setup file', 'setup.js'),
      line: line(named.line),
    };
  });
}

function line(given) {
  return given === undefined ? 1 : count(given, 'line', 2 ** 31 - 1);
}

function modules(given) {
  if (given === undefined) return {};
  if (given === null || typeof given !== 'object') {
    throw invalid('modules is an object of sources by name');
  }
  for (const name of Object.keys(given)) {
    if (typeof given[name] !== 'string') throw invalid(`modules[${JSON.stringify(name)}] is a string`);
  }
  return given;
}

module.exports = {
  DEFAULTS, LIMITS, count, frozen, functions, globals, globalsBack, isolation, limits, line, modules,
  object, setup, signal, size, text, time,
};
