'use strict';
// Runs the tests of node:test one after the other, with their hooks, and counts them. What is written of them is
// the reporter's.

const { codes } = require('internal/errors');
const { validateFunction, validateInteger, validateNumber, validateObject } = require('internal/validators');
const { MockTracker } = require('internal/test/mock');
const { failureOf, reporter } = require('internal/test/reporters');

const noop = () => {};
const never = new Promise(noop);
const counts = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
const { settings } = internalBinding('options');
// Where a file is run by itself, one test with `only` is enough; among others it takes the option.
const isToldOnly = settings['--test-only'] === true;
const mindsOnly = isToldOnly || process.env.NODE_TEST_CONTEXT !== 'child-v8';
const NEEDS_OPTION = "'only' and 'runOnly' require the --test-only command-line option.";
// The time of tests that say none.
const commonTimeout = settings['--test-timeout'] === undefined ? undefined : +settings['--test-timeout'] || Infinity;
const patternsOf = (option) => (settings[option] ?? []).map((text) => {
  const literal = /^\/(.*)\/([a-z]*)$/.exec(text);
  try {
    return literal === null ? new RegExp(text) : new RegExp(literal[1], literal[2]);
  } catch (error) {
    throw new codes.ERR_INVALID_ARG_VALUE(option, text, `is an invalid regular expression. ${error.message}`);
  }
});
const patterns = patternsOf('--test-name-pattern');
const skipped = patternsOf('--test-skip-pattern');

let running;
let collecting;
let startTime;

function now() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

function testFailure(message, type, cause) {
  const error = new codes.ERR_TEST_FAILURE(message, type);
  if (cause !== undefined) error.cause = cause;
  return error;
}

// Where the program called, for the report: the first frame that is not ours.
function callerLocation() {
  const { stack } = new Error();
  if (typeof stack !== 'string') return undefined;
  for (const line of stack.split('\n')) {
    const found = /^\s+at (?:.* )?\(?(.+?:\d+:\d+)\)?$/.exec(line);
    if (found === null || found[1].startsWith('node:') || found[1].includes('/lib/internal/test/')) continue;
    const directory = `${process.cwd()}/`;
    return found[1].startsWith(directory) ? found[1].slice(directory.length) : found[1];
  }
  return undefined;
}

// Calls a test or hook: it ends by returning, by its promise, or by its callback where it takes one.
async function invoke(fn, context, callbackAt) {
  if (fn.length <= callbackAt) {
    await Reflect.apply(fn, context, callbackAt === 0 ? [] : [context]);
    return;
  }
  await new Promise((resolve, reject) => {
    const done = (error) => (error ? reject(error) : resolve());
    const result = Reflect.apply(fn, context, [context, done].slice(callbackAt === 0 ? 1 : 0));
    if (typeof result?.then === 'function') {
      result.then(noop, noop);
      reject(testFailure('passed a callback but also returned a Promise', 'callbackAndPromisePresent'));
    }
  });
}

class Hooks {
  constructor() {
    this.before = [];
    this.after = [];
    this.beforeEach = [];
    this.afterEach = [];
  }
}

class Test {
  constructor(parent, name, options, fn, isSuite) {
    this.parent = parent;
    this.nesting = parent === undefined ? -1 : parent.nesting + 1;
    this.name = name;
    this.fn = fn;
    this.isSuite = isSuite;
    this.hooks = new Hooks();
    this.subtests = [];
    this.queue = [];
    this.diagnostics = [];
    this.options = options;
    this.skipped = options.skip === undefined || options.skip === false ? undefined : options.skip === true ? '' : options.skip;
    this.todo = options.todo === undefined || options.todo === false ? undefined : options.todo === true ? '' : options.todo;
    this.timeout = options.timeout ?? (parent === undefined ? undefined : commonTimeout ?? parent.timeout) ?? Infinity;
    this.passed = true;
    this.finished = false;
    this.reported = 0;
    this.opened = false;
    this.error = undefined;
    this.planned = options.plan;
    this.assertions = 0;
    this.controller = undefined;
    this.mock = undefined;
    this.location = parent === undefined ? undefined : callerLocation();
    this.duration = 0;
    this.runsOnlySome = parent === undefined && isToldOnly;
    if (options.only) this.markOnly();
    if (!mindsOnly && (options.only || parent?.runOnlySubtests)) this.diagnostics.push(NEEDS_OPTION);
  }

  // The suites around a test with `only`, and the file, run only what has it or holds it.
  markOnly() {
    for (let at = this.parent; at !== undefined && (at.isSuite || at.parent === undefined); at = at.parent) at.runsOnlySome = true;
  }

  get fullName() {
    return this.parent === undefined || this.parent.parent === undefined ? this.name : `${this.parent.fullName} > ${this.name}`;
  }

  get signal() {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  fail(error) {
    if (this.error !== undefined) return;
    this.passed = false;
    this.error = error?.code === 'ERR_TEST_FAILURE' ? error : testFailure(error, 'testCodeFailure', error);
  }

  // The reporter hears of a test with tests inside before it hears of these.
  open() {
    if (this.opened || this.parent === undefined) return;
    this.parent.open();
    this.opened = true;
    output().open(recordOf(this));
  }

  add(test) {
    this.subtests.push(test);
    return new Promise((resolve) => {
      this.queue.push([test, resolve]);
      if (!this.isSuite || this.started) this.drain();
    });
  }

  // One after the other, whenever there is one.
  drain() {
    this.draining ??= (async () => {
      await undefined;
      while (this.queue.length > 0) {
        const [test, resolve] = this.queue.shift();
        await test.run();
        resolve();
      }
      this.draining = undefined;
    })();
    return this.draining;
  }

  async runHooks(kind, context, owner = this) {
    for (const hook of owner.hooks[kind]) await withTimeout(invoke(hook.fn, context, hook.fn.length > 1 ? 1 : 0), hook.timeout);
  }

  ancestors() {
    const list = [];
    for (let at = this.parent; at !== undefined; at = at.parent) list.unshift(at);
    return list;
  }

  isFilteredOut() {
    const { parent } = this;
    const isLeftOut = parent.runsOnlySome || parent.runOnlySubtests;
    if (mindsOnly && isLeftOut && !this.options.only && !(this.isSuite && this.runsOnlySome)) return true;
    if (this.isSuite) return false;
    const fits = (pattern) => pattern.test(this.name) || pattern.test(this.fullName);
    if (patterns.length > 0 && !patterns.some(fits)) return true;
    return skipped.some(fits);
  }

  async run() {
    const start = now();
    // What is not asked for is not told of either.
    if (this.isFilteredOut()) {
      this.finished = true;
      return;
    }
    if (this.skipped === undefined) {
      const before = running;
      running = this;
      try {
        await (this.isSuite ? this.runSuite() : this.runTest());
      } finally {
        running = before;
      }
    }
    this.controller?.abort();
    this.duration = Number((now() - start).toFixed(6));
    this.finish();
  }

  async runTest() {
    const context = new TestContext(this);
    this.context = context;
    const before = async () => {
      for (const one of this.ancestors()) await one.ensureBefore();
      for (const one of this.ancestors()) await this.runHooks('beforeEach', context, one);
    };
    try {
      await before();
      const stop = new Promise((resolve, reject) => { this.reject = reject; });
      const body = (async () => {
        await invoke(this.fn, context, 1);
        await this.drain();
        while (this.queue.length > 0 || this.draining !== undefined) await this.drain();
      })();
      await withTimeout(Promise.race([body, stop, aborted(this.options.signal)]), this.timeout);
      if (this.planned !== undefined && this.planned !== this.assertions) {
        throw testFailure(`plan expected ${this.planned} assertions but received ${this.assertions}`, 'testCodeFailure');
      }
    } catch (error) {
      this.fail(error);
    }
    await this.settle('afterEach', context, this.ancestors().reverse());
    await this.settle('after', context, [this]);
    this.mock?.reset();
    this.checkSubtests();
  }

  async ensureBefore() {
    if (this.ranBefore) return this.ranBefore;
    this.ranBefore = this.runHooks('before', this.context ?? new SuiteContext(this));
    return this.ranBefore;
  }

  async runSuite() {
    this.context = new SuiteContext(this);
    try {
      await this.collected;
      if (this.subtests.some((test) => test.skipped === undefined)) {
        for (const one of this.ancestors()) await one.ensureBefore();
        await this.ensureBefore();
      }
      this.started = true;
      await withTimeout(Promise.race([this.drain(), aborted(this.options.signal)]), this.timeout);
    } catch (error) {
      this.fail(error);
      for (const [test, resolve] of this.queue.splice(0)) {
        test.cancel('test did not finish before its parent and was cancelled');
        resolve();
      }
    }
    await this.settle('after', this.context, [this]);
    this.checkSubtests();
  }

  async settle(kind, context, owners) {
    try {
      for (const owner of owners) await this.runHooks(kind, context, owner);
    } catch (error) {
      this.fail(error);
    }
  }

  checkSubtests() {
    const failed = this.subtests.filter((test) => !test.passed && test.todo === undefined).length;
    if (failed > 0) this.fail(testFailure(`${failed} subtest${failed > 1 ? 's' : ''} failed`, 'subtestsFailed'));
  }

  cancel(message, type = 'cancelledByParent') {
    this.passed = false;
    this.cancelled = true;
    this.error = testFailure(message, type);
    this.finish();
  }

  finish() {
    if (this.finished) return;
    this.finished = true;
    const { length } = this.subtests;
    if (this.isSuite && length > 0 && this.reported === 0 && this.passed && patterns.length > 0) return;
    this.number = ++this.parent.reported;
    if (this.error?.failureType === 'testTimeoutFailure' || this.error?.failureType === 'testAborted') this.cancelled = true;
    this.parent.open();
    this.count();
    output().finish(recordOf(this));
  }

  count() {
    if (this.isSuite) {
      counts.suites++;
      if (!this.passed && this.error.failureType !== 'subtestsFailed') counts.fail++;
      return;
    }
    counts.tests++;
    if (this.skipped !== undefined) counts.skipped++;
    else if (this.todo !== undefined) counts.todo++;
    else if (this.cancelled) counts.cancelled++;
    else if (this.passed) counts.pass++;
    else counts.fail++;
  }
}

function aborted(signal) {
  if (signal === undefined) return never;
  return new Promise((resolve, reject) => {
    const stop = () => reject(testFailure(signal.reason, 'testAborted', signal.reason));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function withTimeout(promise, timeout) {
  if (timeout === undefined || timeout === null || timeout === Infinity) return promise;
  let timer;
  const expired = new Promise((resolve, reject) => {
    timer = require('timers').setTimeout(() => reject(testFailure(`test timed out after ${timeout}ms`, 'testTimeoutFailure')), timeout);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    require('timers').clearTimeout(timer);
  }
}

// What reporters are told of a test: plain data, which can go to another process.
function recordOf(test) {
  const { name, nesting, number, duration, skipped, todo, passed, isSuite, opened, location, diagnostics } = test;
  return {
    name, nesting, number, duration, skipped, todo, passed, isSuite, opened, location, diagnostics,
    children: test.reported,
    cancelled: Boolean(test.cancelled),
    failure: passed ? undefined : failureOf(test.error),
  };
}

let used;

function output() {
  if (used === undefined) {
    used = reporter();
    used.start();
  }
  return used;
}

class SuiteContext {
  #suite;

  constructor(suite) {
    this.#suite = suite;
  }

  get name() {
    return this.#suite.name;
  }

  get fullName() {
    return this.#suite.fullName;
  }

  get signal() {
    return this.#suite.signal;
  }

  get filePath() {
    return process.argv[1];
  }
}

class TestContext {
  #test;
  #assert;

  constructor(test) {
    this.#test = test;
    this.test = (...args) => {
      const [name, options, fn] = normalize(...args);
      if (this.#test.planned !== undefined) this.#test.assertions++;
      return this.#test.add(new Test(this.#test, name, options, fn, false));
    };
  }

  get name() {
    return this.#test.name;
  }

  get fullName() {
    return this.#test.fullName;
  }

  get filePath() {
    return process.argv[1];
  }

  get signal() {
    return this.#test.signal;
  }

  get error() {
    return this.#test.error ?? null;
  }

  get passed() {
    return this.#test.passed;
  }

  get mock() {
    this.#test.mock ??= new MockTracker();
    return this.#test.mock;
  }

  // The functions of node:assert, counted for plan().
  get assert() {
    if (this.#assert === undefined) {
      const assert = require('assert');
      this.#assert = {};
      for (const name of Object.keys(assert)) {
        if (typeof assert[name] !== 'function' || /^[A-Z]|^strict$/.test(name)) continue;
        this.#assert[name] = (...args) => {
          this.#test.assertions++;
          return assert[name](...args);
        };
      }
    }
    return this.#assert;
  }

  diagnostic(message) {
    this.#test.diagnostics.push(`${message}`);
  }

  plan(count) {
    validateInteger(count, 'count', 0);
    if (this.#test.planned !== undefined) throw testFailure('cannot set plan more than once', 'testCodeFailure');
    this.#test.planned = count;
  }

  runOnly(value) {
    this.#test.runOnlySubtests = Boolean(value);
  }

  skip(message) {
    this.#test.skipped = message ?? '';
  }

  todo(message) {
    this.#test.todo = message ?? '';
  }

  async waitFor(condition, options = {}) {
    validateFunction(condition, 'condition');
    validateObject(options, 'options');
    const { interval = 50, timeout = 1000 } = options;
    validateNumber(interval, 'options.interval');
    const { setTimeout } = require('timers');
    const end = now() + timeout;
    for (;;) {
      try {
        return await condition();
      } catch (error) {
        if (now() + interval > end) throw new Error('waitFor() timed out', { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }

  before(fn, options) {
    addHook(this.#test, 'before', fn, options);
  }

  after(fn, options) {
    addHook(this.#test, 'after', fn, options);
  }

  beforeEach(fn, options) {
    addHook(this.#test, 'beforeEach', fn, options);
  }

  afterEach(fn, options) {
    addHook(this.#test, 'afterEach', fn, options);
  }
}

function addHook(test, kind, fn, options = {}) {
  validateFunction(fn, 'fn');
  validateObject(options, 'options');
  test.hooks[kind].push({ fn, timeout: options.timeout });
}

// test([name], [options], [fn]), in any choice of these.
function normalize(name, options, fn) {
  if (typeof name === 'function') {
    fn = name;
    name = undefined;
    options = undefined;
  } else if (name !== null && typeof name === 'object') {
    fn = options;
    options = name;
    name = undefined;
  } else if (typeof options === 'function') {
    fn = options;
    options = undefined;
  }
  options ??= {};
  validateObject(options, 'options');
  fn ??= noop;
  validateFunction(fn, 'fn');
  return [`${name || options.name || fn.name || '<anonymous>'}`, options, fn];
}

let root;

function getRoot() {
  if (root !== undefined) return root;
  root = new Test(undefined, '<root>', {}, noop, false);
  root.context = new SuiteContext(root);
  startTime = now();
  process.on('uncaughtException', onStrayError);
  process.on('unhandledRejection', onStrayError);
  process.on('beforeExit', onBeforeExit);
  process.on('exit', report);
  return root;
}

// Belongs to the test that runs, if one does.
function onStrayError(error) {
  if (running !== undefined && running.reject !== undefined && !running.finished) {
    running.reject(testFailure(error, 'uncaughtException', error));
    return;
  }
  output().diagnostic(`Error: A resource generated asynchronous activity after the test ended. This activity created the error "${
    error}" which triggered an uncaughtException event.`);
  counts.fail++;
}

let isOver = false;

async function onBeforeExit() {
  if (isOver) return;
  isOver = true;
  const message = 'Promise resolution is still pending but the event loop has already resolved';
  for (let at = running; at !== undefined && at.parent !== undefined; at = at.parent) {
    if (!at.finished) at.cancel(message);
  }
  for (const [test] of root.queue.splice(0)) test.cancel(message);
  try {
    await root.runHooks('after', root.context);
  } catch (error) {
    output().diagnostic(`after hook failed: ${error}`);
    counts.fail++;
  }
  report();
}

let isReported = false;

function report() {
  if (isReported) return;
  isReported = true;
  output().end(counts, Number((now() - startTime).toFixed(6)), root.reported);
  if (counts.fail > 0 || counts.cancelled > 0) process.exitCode = 1;
}

function addTest(name, options, fn, overrides) {
  const parent = collecting ?? getRoot();
  const [title, settings, body] = normalize(name, options, fn);
  return parent.add(new Test(parent, title, { ...settings, ...overrides }, body, false));
}

function addSuite(name, options, fn, overrides) {
  const parent = collecting ?? getRoot();
  const [title, settings, body] = normalize(name, options, fn);
  const suite = new Test(parent, title, { ...settings, ...overrides }, body, true);
  const outer = collecting;
  collecting = suite;
  let result;
  try {
    // What a skipped suite holds is not even looked at.
    if (suite.skipped === undefined) result = Reflect.apply(body, new SuiteContext(suite), [new SuiteContext(suite)]);
  } catch (error) {
    suite.fail(error);
  } finally {
    collecting = outer;
  }
  suite.collected = Promise.resolve(result);
  suite.collected.catch(noop);
  return parent.add(suite);
}

function hook(kind) {
  return { [kind](fn, options) { addHook(collecting ?? getRoot(), kind, fn, options); } }[kind];
}

module.exports = { addSuite, addTest, hook };
