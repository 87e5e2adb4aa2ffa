'use strict';
// `node:console`, which is the global console.

const { Console, makeGlobalConsole } = require('internal/console/console');

const console = makeGlobalConsole();
console.Console = Console;

// For inspectors: there is none to tell.
for (const name of ['profile', 'profileEnd', 'timeStamp']) console[name] = { [name]() {} }[name];

const kContextMethods = ['dir', 'dirXml', 'table', 'groupEnd', 'clear', 'count', 'countReset', 'profile', 'profileEnd', 'debug',
  'error', 'info', 'log', 'warn', 'trace', 'group', 'groupCollapsed', 'assert', 'time', 'timeLog', 'timeEnd', 'timeStamp'];

const tasks = new WeakSet();

Object.assign(console, {
  // A console of its own, which only an inspector would show.
  context(name) {
    if (arguments.length > 0 && name !== undefined) `${name}`;
    const made = Object.create({});
    for (const method of kContextMethods) made[method] = { [method](data) {} }[method];
    return made;
  },
  createTask(...given) {
    if (typeof given[0] !== 'string' || given[0] === '') throw new Error('First argument must be a non-empty string.');
    const task = {
      run(...callbacks) {
        if (!tasks.has(this)) throw new Error("'run' called with illegal receiver.");
        const [callback] = callbacks;
        if (typeof callback !== 'function') throw new Error('First argument must be a function.');
        return callback();
      },
    };
    tasks.add(task);
    return task;
  },
});

module.exports = console;
