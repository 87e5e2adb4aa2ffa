'use strict';
// `--test`: finds the files with tests, runs each in a process of its own, and tells the reporter what
// comes of them, one file after the other.

const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const { relative, resolve } = require('path');
const { MARK, reporter } = require('internal/test/reporters');
const { settings } = internalBinding('options');

const TEST_FILE = /^(?:.*[._-]test|test-.*|test)\.[cm]?js$/;
const MODULE = /\.[cm]?js$/;

// The files that Node takes for tests where none are named.
function discover(folder, inTest, found) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') discover(path, inTest || entry.name === 'test', found);
    } else if (inTest ? MODULE.test(entry.name) : TEST_FILE.test(entry.name)) {
      found.push(path);
    }
  }
  return found;
}

function filesOf(patterns) {
  if (patterns.length === 0) return discover('.', false, []).sort();
  const found = new Set();
  for (const pattern of patterns) {
    for (const file of fs.existsSync(pattern) ? [pattern] : fs.globSync(pattern)) found.add(file);
  }
  return [...found].sort();
}

// What the program was started with, but for what is said to it alone.
function optionsOfFiles() {
  const words = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const word = process.execArgv[i];
    const at = word.indexOf('=');
    const name = (at === -1 ? word : word.slice(0, at)).replaceAll('_', '-');
    if (name === '--test-reporter' || name === '--test-concurrency') {
      if (at === -1) i++;
    } else if (name !== '--test') {
      words.push(word);
    }
  }
  return words;
}

// What one file's process wrote and told, in its order.
async function runFile(file) {
  const events = [];
  const start = performance.now();
  const child = spawn(process.execPath, [...optionsOfFiles(), file], {
    env: { ...process.env, NODE_TEST_CONTEXT: 'child-v8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  let rest = '';
  const plain = (text) => {
    if (text !== '') events.push(['output', text]);
  };
  child.stdout.on('data', (text) => {
    rest += text;
    for (;;) {
      const at = rest.indexOf(MARK);
      if (at === -1) {
        // The start of a mark may be there already.
        const safe = rest.includes('\0') ? rest.lastIndexOf('\0') : rest.length;
        plain(rest.slice(0, safe));
        rest = rest.slice(safe);
        return;
      }
      const end = rest.indexOf('\n', at);
      if (end === -1) return;
      plain(rest.slice(0, at));
      events.push(JSON.parse(rest.slice(at + MARK.length, end)));
      rest = rest.slice(end + 1);
    }
  });
  child.stderr.on('data', (text) => events.push(['output', text]));
  const [exitCode, signal] = await new Promise((done) => {
    child.on('error', (error) => {
      plain(`${error}\n`);
      done([1, null]);
    });
    child.on('close', (code, name) => done([code, name]));
  });
  plain(rest);
  return { file, events, exitCode, signal, duration: Number((performance.now() - start).toFixed(6)) };
}

// The file itself counts as a test where it has told of none.
function recordOfFile({ file, exitCode, signal, duration }) {
  const passed = exitCode === 0;
  const failure = {
    type: 'testCodeFailure', text: "'test failed'", message: 'test failed', code: 'ERR_TEST_FAILURE', exitCode, signal,
  };
  return {
    name: relative(process.cwd(), resolve(file)), nesting: 0, duration, passed, isSuite: false, opened: false, children: 0,
    diagnostics: [], location: passed ? undefined : `${relative(process.cwd(), resolve(file))}:1:1`,
    failure: passed ? undefined : failure,
  };
}

async function run(patterns) {
  const start = performance.now();
  // What is wrong with its options is wrong before any file is run.
  require('internal/test/runner');
  const files = filesOf(patterns);
  if (files.length === 0 && patterns.length > 0) {
    process.stderr.write(`Could not find '${patterns.join(', ')}'\n`);
    process.exitCode = 1;
    return;
  }
  const output = reporter();
  output.start();
  const counts = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  let number = 0;
  const finish = (record) => {
    if (record.nesting === 0) record.number = ++number;
    output.finish(record);
  };
  const report = (result) => {
    let told = false;
    for (const [kind, value] of result.events) {
      if (kind === 'end') {
        for (const name of Object.keys(counts)) counts[name] += value[name];
      } else if (kind === 'finish') {
        told = true;
        finish(value);
      } else {
        output[kind](value);
      }
    }
    if (!told) {
      counts.tests++;
      counts[result.exitCode === 0 ? 'pass' : 'fail']++;
      finish(recordOfFile(result));
    }
    if (result.exitCode !== 0) process.exitCode = 1;
  };
  const width = +(settings['--test-concurrency'] ?? 0) || Math.max(1, os.availableParallelism() - 1);
  const waiting = files.map(() => Promise.withResolvers());
  let next = 0;
  const work = async () => {
    while (next < files.length) {
      const at = next++;
      waiting[at].resolve(await runFile(files[at]));
    }
  };
  for (let i = 0; i < width; i++) work();
  for (const { promise } of waiting) report(await promise);
  output.end(counts, Number((performance.now() - start).toFixed(6)), number);
}

module.exports = { run };
