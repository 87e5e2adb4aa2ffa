#!/usr/bin/env node
'use strict';
// The whole program, in this one's place: its arguments, its streams, its end. And `mcp`, which is a
// Node program itself.

const { spawn } = require('node:child_process');
const { program } = require('../lib/resolve.js');

function main() {
  let file;
  try {
    file = program();
  } catch (error) {
    process.stderr.write(`sandtide: ${error.message}\n`);
    process.exit(5);
  }
  become(file);
}

function become(file) {
  const child = spawn(file, process.argv.slice(2), { stdio: 'inherit' });
  // Those of the terminal reach the child as well; it decides.
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`sandtide: ${file} cannot be started: ${error.message}\n`);
    process.exit(5);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (process.argv[2] === 'mcp') {
  const { mcp } = require('../lib/mcp.js');
  mcp(process.argv.slice(3)).then((code) => {
    process.exitCode = code;
  });
} else {
  main();
}
