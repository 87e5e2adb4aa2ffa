'use strict';
// Starts the program that the command line names.

function run() {
  const { script } = internalBinding('process');
  const { Module } = require('internal/cjs/module');
  const { resolve } = require('internal/cjs/path');
  const main = resolve(process.cwd(), script);
  process.argv[1] = main;
  Module._load(main, null, true);
}

module.exports = { run };
