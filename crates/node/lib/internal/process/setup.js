'use strict';
// Fills the `process` object. What is seldom used comes from other files when it is first asked for.

const binding = internalBinding('process');

const { setupTicks } = require('internal/process/task_queues');

process.version = 'v24.11.0';
process.versions = { node: '24.11.0', quickjs: '0.16.2', sandtide: '0.1.0' };
process.arch = binding.arch;
process.platform = binding.platform;
process.pid = binding.pid;
process.execPath = binding.execPath;
process.argv0 = binding.argv0;
process.execArgv = binding.execArgv;
process.argv = [binding.execPath];
if (binding.script !== undefined) process.argv.push(binding.script, ...binding.args);
process.exitCode = undefined;

process.cwd = binding.cwd;

process.exit = function exit(code) {
  if (code !== undefined) process.exitCode = code;
  process.reallyExit(process._exitCodeOf());
};

process.reallyExit = (code) => binding.reallyExit(code);
process._exitCodeOf = () => Number(process.exitCode ?? 0) | 0;

process.stdout = { fd: 1, write(text) { binding.writeStdio(1, text); return true; } };
process.stderr = { fd: 2, write(text) { binding.writeStdio(2, text); return true; } };

setupTicks();
