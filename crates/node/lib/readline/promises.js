'use strict';
// readline with promises for answers.

const { clearLine, clearScreenDown, cursorTo, moveCursor } = require('internal/readline/cursor');
const { Interface: InterfaceClass, questionPromise } = require('internal/readline/interface');

class Interface extends InterfaceClass {
  question(query, options = {}) {
    return questionPromise(this, query, options);
  }
}

// Collects what to do with the cursor, and does it at once.
class Readline {
  #stream;
  #autoCommit;
  #todo = [];

  constructor(stream, options = undefined) {
    this.#stream = stream;
    this.#autoCommit = Boolean(options?.autoCommit);
  }

  #add(run) {
    if (this.#autoCommit) process.nextTick(() => run(this.#stream));
    else this.#todo.push(run);
    return this;
  }

  cursorTo(x, y = undefined) {
    return this.#add((stream) => cursorTo(stream, x, y));
  }

  moveCursor(dx, dy) {
    return this.#add((stream) => moveCursor(stream, dx, dy));
  }

  clearLine(dir) {
    return this.#add((stream) => clearLine(stream, dir));
  }

  clearScreenDown() {
    return this.#add((stream) => clearScreenDown(stream));
  }

  async commit() {
    for (const run of this.#todo.splice(0)) run(this.#stream);
  }

  rollback() {
    this.#todo = [];
    return this;
  }
}

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

module.exports = { Interface, Readline, createInterface };
