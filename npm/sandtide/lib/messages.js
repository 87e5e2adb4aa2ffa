'use strict';
// The messages of program and host. Must not know who sends them, nor when.

const codec = require('./codec.js');
const { malformed } = codec;

const MS = 1e6; // in ns
const LEVELS = ['debug', 'log', 'info', 'warn', 'error'];
const FORMS = ['script', 'function', 'handler'];
const JAVASCRIPT = 0;

function limits(to, { wall, cpu, heap, stack, output, logs, jobs }) {
  to.u64(Math.round(wall * MS));
  to.u64(Math.round(cpu * MS));
  for (const bytes of [heap, stack, output, logs]) to.u64(bytes);
  to.u32(jobs);
}

/** `plain`: JavaScript, whatever its file is called. */
function source(to, { source, file, line, plain }, what) {
  codec.text(to, source, what);
  codec.text(to, file, 'file');
  to.u32(line);
  // The language: without one, its file's ending tells.
  to.option(plain, () => to.byte(JAVASCRIPT));
}

/** Names and values; each is a value and not JSON. */
function globals(to, given) {
  const names = Object.keys(given);
  to.u32(names.length);
  for (const name of names) {
    codec.text(to, name, 'globals');
    to.byte(0);
    codec.value(to, given[name], name);
  }
}

function names(to, list) {
  to.list(list, (name) => codec.text(to, name, 'a name'));
}

/** What is said to a host. */
const say = {
  start(to, { heap, insecureWithout, cgroup }) {
    to.message(0, () => {
      to.u32(codec.PROTOCOL);
      to.u64(heap);
      names(to, insecureWithout);
      to.option(cgroup, (path) => codec.text(to, path, 'cgroup'));
    });
  },
  open(to, pool, workers) {
    to.message(1, () => {
      to.u64(pool);
      to.u32(workers);
    });
  },
  close(to, pool) {
    to.message(2, () => to.u64(pool));
  },
  compile(to, script, plan) {
    to.message(3, () => {
      to.u64(script);
      codec.text(to, plan.tenant, 'tenant');
      to.list(plan.setup, (setup) => source(to, setup, 'setup'));
      to.option(plan.entry, (entry) => {
        source(to, entry, 'source');
        // The form: a script where the program knows; else the worker finds out.
        to.option(entry.form, () => to.byte(FORMS.indexOf(entry.form)));
      });
      const modules = Object.keys(plan.modules);
      to.list(modules, (name) => {
        codec.text(to, name, 'modules');
        codec.text(to, plan.modules[name], `modules[${JSON.stringify(name)}]`);
      });
      globals(to, plan.globals);
      to.list(plan.hosts, ([name, promise]) => {
        codec.text(to, name, 'host');
        to.bool(promise);
      });
      limits(to, plan.limits);
      to.option(plan.timeZone, (name) => codec.text(to, name, 'timeZone'));
    });
  },
  forget(to, script) {
    to.message(4, () => to.u64(script));
  },
  run(to, run, pool, script, tenant, asked) {
    to.message(5, () => {
      to.u64(run);
      to.u64(pool);
      to.option(script, () => to.u64(script));
      codec.text(to, tenant, 'tenant');
      globals(to, asked.globals);
      to.bool(asked.hasInput);
      if (asked.hasInput) {
        to.byte(0);
        codec.value(to, asked.input, 'input');
      }
      to.option(asked.source, (given) => source(to, given, 'source'));
      if (asked.globalsBack === undefined) to.byte(0);
      else if (asked.globalsBack === 'changed') to.byte(1);
      else if (asked.globalsBack === 'data') to.byte(3);
      else {
        to.byte(2);
        names(to, asked.globalsBack);
      }
      limits(to, asked.limits);
      to.option(asked.frozen, ({ seed, now }) => {
        to.big64(seed);
        to.f64(now);
      });
      to.option(asked.timeZone, (name) => codec.text(to, name, 'timeZone'));
      to.byte(0); // Sampling is not asked for.
    });
  },
  cancel(to, run) {
    to.message(6, () => to.u64(run));
  },
  replyValue(to, call, value, name) {
    to.message(7, () => {
      to.u64(call);
      to.byte(0);
      codec.value(to, value, name);
    });
  },
  replyError(to, call, name, message) {
    to.message(7, () => {
      to.u64(call);
      to.byte(1);
      to.string(name.toWellFormed());
      to.string(message.toWellFormed());
    });
  },
};

function problem(from) {
  return {
    code: from.string(),
    message: from.string(),
    name: from.string(),
    stack: from.string(),
    file: from.string(),
    line: from.u32(),
    column: from.u32(),
  };
}

function readLimits(from) {
  return {
    wall: from.u64() / MS,
    cpu: from.u64() / MS,
    heap: from.u64(),
    stack: from.u64(),
    output: from.u64(),
    logs: from.u64(),
    jobs: from.u32(),
  };
}

/** Times in ms, sizes in bytes. */
function usage(from) {
  return {
    wall: from.u64() / MS,
    build: from.u64() / MS,
    cpu: from.u64() / MS,
    timers: from.u64() / MS,
    restore: from.u64() / MS,
    peakHeap: from.u64(),
    bytesRestored: from.u64(),
    output: from.u64(),
    logs: from.u64(),
    jobs: from.u32(),
  };
}

function line(from) {
  const level = LEVELS[from.byte()];
  if (level === undefined) throw malformed('a line of a log has no such level');
  return { level, text: from.string() };
}

function globalsBack(from) {
  return from.object();
}

function outcome(from) {
  const ended = { value: undefined, problem: undefined };
  if (from.bool()) ended.value = from.value();
  else ended.problem = problem(from);
  ended.globals = globalsBack(from);
  ended.logs = from.list(() => line(from));
  ended.usage = usage(from);
  return ended;
}

function facts(from) {
  const form = from.option(() => FORMS[from.byte()]);
  return { form, bytes: from.u64(), heapBytes: from.u64(), buildTime: from.u64() / MS };
}

/** What a host says, by its tag. */
const READ = [
  ['started', (from) => [from.string(), from.list(() => from.string()), readLimits(from)]],
  ['failed', (from) => [problem(from)]],
  ['compiled', (from) => [from.u64(), from.string(), facts(from)]],
  ['refused', (from) => [from.u64(), problem(from)]],
  ['call', (from) => [from.u64(), from.u64(), from.u32(), from.list(() => from.value())]],
  ['done', (from) => [from.u64(), outcome(from)]],
];

/** Reads one frame; answers the message's name and its parts. */
function read(bytes, start, end) {
  const from = new codec.Reader(bytes, start, end);
  const found = READ[from.byte()];
  if (found === undefined) throw malformed('its kind is not known');
  const parts = found[1](from);
  from.finish();
  return [found[0], parts];
}

module.exports = { read, say };
