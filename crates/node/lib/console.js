'use strict';
// `node:console`, which is the global console.

const { Console, makeGlobalConsole } = require('internal/console/console');

const console = makeGlobalConsole();
console.Console = Console;

// For inspectors: there is none to tell.
for (const name of ['profile', 'profileEnd', 'timeStamp']) console[name] = { [name]() {} }[name];
console.context = function context() {
  return makeGlobalConsole();
};
console.createTask = function createTask(name) {
  require('internal/validators').validateString(name, 'name');
  return { run: (fn) => fn() };
};

module.exports = console;
