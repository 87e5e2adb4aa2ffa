'use strict';
// Reading a stream line by line.

const { clearLine, clearScreenDown, cursorTo, moveCursor } = require('internal/readline/cursor');
const { Interface: InterfaceClass } = require('internal/readline/interface');

// Callable without `new`.
function Interface(input, output, completer, terminal) {
  return Reflect.construct(InterfaceClass, [input, output, completer, terminal], new.target ?? Interface);
}
Interface.prototype = InterfaceClass.prototype;
Object.setPrototypeOf(Interface, InterfaceClass);

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

// Keys are only told apart in raw mode, which there is not.
function emitKeypressEvents() {}

module.exports = {
  Interface,
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  moveCursor,
};

Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return require('readline/promises'); },
});
