'use strict';
// Runs the program's first module.

let mainUrl;
let running; // the promise of the main module, while it is not settled
let source;

const { enqueueMicrotask } = internalBinding('async_hooks');
const { getPromiseDetails } = internalBinding('util');
const kRejected = 2;

function isMainUrl(url) {
  return url === mainUrl;
}

const kOnlyInCommonJs = /^'?(require|module|exports|__filename|__dirname)'? is not defined$/;

function explain(error) {
  require('internal/esm/link_error').explainLinkError(error);
  if (!(error instanceof ReferenceError) || !kOnlyInCommonJs.test(error.message)) return;
  const message = `${error.message} in ES module scope`;
  const hint = error.message.startsWith('require') ? `${message}, you can use import instead` : message;
  const { stack } = error;
  if (typeof stack === 'string') error.stack = stack.replace(error.message, () => hint);
  error.message = hint;
}

// Errors of modules that were evaluated in one go, and whether such an evaluation is under way: Node's loader
// stands in their stacks, which it does not once a module has waited.
const inOneGo = new WeakSet();
let isEvaluating = false;

function isOfEvaluation(error) {
  return isEvaluating || inOneGo.has(error);
}

// The evaluation is the next microtask; what is put behind it here comes before anything that waits in a
// module, and before whoever hears of the promise.
function evaluate(load) {
  isEvaluating = true;
  const promise = load();
  enqueueMicrotask(() => {
    isEvaluating = false;
    enqueueMicrotask(() => {
      const [state, error] = getPromiseDetails(promise);
      if (state === kRejected && typeof error === 'object' && error !== null) inOneGo.add(error);
    });
  });
  return promise;
}

function settle(promise) {
  running = promise;
  promise.then(
    () => { running = undefined; },
    (error) => {
      running = undefined;
      explain(error);
      require('internal/process/exceptions').reportUncaught(error, true, undefined, 'main');
    },
  );
}

// Modules of `--import` first, then the main one.
function runModule(url) {
  mainUrl = url;
  settle(preload().then(() => evaluate(() => import(url))));
}

// Text of `--eval` or standard input.
function runSource(text, url) {
  mainUrl = url;
  source = text;
  require('internal/process/fatal_message').setSource(url, text);
  settle(preload().then(() => internalBinding('esm').evaluateSource(text, url)));
}

function preload() {
  const { getOptionValue } = require('internal/options');
  const requests = getOptionValue('--import') ?? [];
  let last = Promise.resolve();
  for (const request of requests) {
    last = last.then(() => {
      const { resolve } = require('internal/esm/resolve');
      return import(resolve(request, `${process.cwd()}/x`));
    });
  }
  return last;
}

// At the program's end: a main module that still waits will never be done.
function checkSettled() {
  if (running === undefined || process._exiting) return;
  process.exitCode ??= 13;
  if (process.exitCode !== 13 || require('internal/options').getOptionValue('--warnings') === false) return;
  let text = source;
  if (text === undefined && mainUrl.startsWith('file:')) {
    text = internalBinding('loader').readText(require('internal/esm/urls').filePath(mainUrl));
  }
  let place = '';
  if (typeof text === 'string') {
    const lines = text.split('\n');
    const at = lines.findIndex((line) => /\bawait\b/.test(line));
    if (at >= 0) place = `:${at + 1}\n${lines[at]}\n${' '.repeat(lines[at].search(/\bawait\b/))}^\n\n\n`;
  }
  internalBinding('process').writeStdio(2, `Warning: Detected unsettled top-level await at ${mainUrl}${place}\n`);
}

module.exports = { runModule, runSource, isMainUrl, isOfEvaluation, checkSettled, explain };
