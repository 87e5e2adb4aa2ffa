'use strict';
// Lines of a stream: events, questions and iteration. A terminal edits its lines itself (it is not put into
// raw mode), so that there is no completion and no history here.

const EventEmitter = require('events');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_USE_AFTER_CLOSE },
} = require('internal/errors');
const {
  validateAbortSignal, validateArray, validateNumber, validateString, validateUint32,
} = require('internal/validators');
const { StringDecoder } = require('string_decoder');

const lineEnding = /\r\n|\n|\r(?!\n)|\u2028|\u2029/g;
const minCrlfDelay = 100;
const kQuestionCancel = Symbol('kQuestionCancel');

function readOptions(input, output, completer, terminal) {
  if (input && input.input) {
    return { ...input, input: input.input };
  }
  return { input, output, completer, terminal };
}

class Interface extends EventEmitter {
  #decoder = new StringDecoder('utf8');
  // What came after the last end of a line.
  #partial = '';
  #sawReturnAt = 0;
  #questionCallback = null;
  #prompt;
  #signalHandle;
  #onData;
  #onEnd;

  constructor(input, output, completer, terminal) {
    super();
    const options = readOptions(input, output, completer, terminal);
    if (options.input === undefined) throw new TypeError("Cannot read properties of undefined (reading 'input')");
    const { crlfDelay = minCrlfDelay, prompt = '> ', signal } = options;
    if (options.completer !== undefined && typeof options.completer !== 'function') {
      throw new ERR_INVALID_ARG_VALUE('completer', options.completer);
    }
    if (options.history !== undefined) validateArray(options.history, 'history');
    if (options.historySize !== undefined) {
      validateNumber(options.historySize, 'historySize', 0);
    }
    if (options.tabSize !== undefined) validateUint32(options.tabSize, 'tabSize', true);
    if (signal) validateAbortSignal(signal, 'options.signal');
    this.input = options.input;
    this.output = options.output;
    this.completer = options.completer;
    this.terminal = Boolean(options.terminal ?? options.output?.isTTY);
    this.line = '';
    this.cursor = 0;
    this.history = options.history ?? [];
    this.historySize = options.historySize ?? 30;
    this.crlfDelay = crlfDelay ? Math.max(minCrlfDelay, crlfDelay) : minCrlfDelay;
    this.escapeCodeTimeout = options.escapeCodeTimeout ?? 500;
    this.tabSize = options.tabSize ?? 8;
    this.closed = false;
    this.paused = false;
    this.#prompt = prompt;

    this.#onData = (data) => this.#receive(data);
    this.#onEnd = () => {
      const rest = this.#partial + this.#decoder.end();
      this.#partial = '';
      if (rest.length > 0) this.#emitLine(rest);
      this.close();
    };
    this.input.on('error', this.#onError);
    this.input.on('data', this.#onData);
    this.input.on('end', this.#onEnd);
    this.input.resume();
    if (signal) {
      if (signal.aborted) process.nextTick(() => this.close());
      else this.#signalHandle = EventEmitter.addAbortListener(signal, () => this.close());
    }
  }

  #onError = (error) => {
    this.emit('error', error);
  };

  get columns() {
    return this.output?.columns ?? Infinity;
  }

  #receive(data) {
    let text = typeof data === 'string' ? data : this.#decoder.write(data);
    if (text === '' || text === undefined) return;
    // The second half of a line ending that came in two parts.
    if (this.#sawReturnAt !== 0 && Date.now() - this.#sawReturnAt <= this.crlfDelay && text[0] === '\n') text = text.slice(1);
    this.#sawReturnAt = 0;
    if (text === '') return;
    text = this.#partial + text;
    if (text.endsWith('\r')) this.#sawReturnAt = Date.now();
    const lines = [];
    let start = 0;
    lineEnding.lastIndex = 0;
    for (let found = lineEnding.exec(text); found !== null; found = lineEnding.exec(text)) {
      lines.push(text.slice(start, found.index));
      start = lineEnding.lastIndex;
    }
    this.#partial = text.slice(start);
    for (const line of lines) this.#emitLine(line);
  }

  #emitLine(line) {
    if (this.closed) return;
    this.line = '';
    if (this.#questionCallback !== null) {
      const callback = this.#questionCallback;
      this.#questionCallback = null;
      callback(line);
    } else {
      this.emit('line', line);
    }
  }

  getPrompt() {
    return this.#prompt;
  }

  setPrompt(prompt) {
    this.#prompt = prompt;
  }

  prompt(preserveCursor) {
    if (this.paused) this.resume();
    this._writeToOutput(this.#prompt);
  }

  question(query, options, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = {};
    }
    if (options?.signal) {
      validateAbortSignal(options.signal, 'options.signal');
      if (options.signal.aborted) return;
      const handle = EventEmitter.addAbortListener(options.signal, () => this[kQuestionCancel]());
      const original = callback;
      callback = typeof original === 'function' ? (answer) => {
        handle[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
        return original(answer);
      } : original;
    }
    if (typeof callback !== 'function') return;
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    // Only one at a time; a second one shows its prompt again.
    if (this.#questionCallback === null) this.#questionCallback = callback;
    if (this.paused) this.resume();
    this._writeToOutput(`${query}`);
  }

  [kQuestionCancel]() {
    this.#questionCallback = null;
  }

  _writeToOutput(text) {
    validateString(text, 'stringToWrite');
    if (this.output !== null && this.output !== undefined) this.output.write(text);
  }

  close() {
    if (this.closed) return;
    this.pause();
    this.closed = true;
    this.input.removeListener('data', this.#onData);
    this.input.removeListener('end', this.#onEnd);
    this.input.removeListener('error', this.#onError);
    this.#signalHandle?.[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    this.emit('close');
  }

  pause() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) return this;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  }

  resume() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (!this.paused) return this;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  }

  write(data, key) {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (data !== undefined && data !== null) this.#receive(data);
  }

  getCursorPos() {
    return { rows: 0, cols: this.cursor };
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.close();
  }

  [Symbol.asyncIterator]() {
    const { kFirstEventParam, on } = require('internal/events/iteration');
    this.#lines ??= on(this, 'line', { close: ['close'], highWaterMark: 1024, [kFirstEventParam]: true });
    const lines = this.#lines;
    const { next } = lines;
    // Lines that were read before the end are given even though the interface is closed.
    lines.next = () => next.call(lines);
    return lines;
  }

  #lines;
}

// The promise of an answer; it is rejected when the signal aborts.
function questionPromise(readline, query, options) {
  return new Promise((resolve, reject) => {
    const signal = options?.signal;
    let handle;
    if (signal !== undefined) {
      validateAbortSignal(signal, 'options.signal');
      if (signal.aborted) {
        reject(new AbortError(undefined, { cause: signal.reason }));
        return;
      }
      handle = EventEmitter.addAbortListener(signal, () => {
        readline[kQuestionCancel]();
        reject(new AbortError(undefined, { cause: signal.reason }));
      });
    }
    Interface.prototype.question.call(readline, query, {}, (answer) => {
      handle?.[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
      resolve(answer);
    });
  });
}

Object.defineProperty(Interface.prototype.question, Symbol.for('nodejs.util.promisify.custom'), {
  __proto__: null,
  configurable: true,
  value(query, options) {
    return questionPromise(this, query, options);
  },
});

module.exports = { Interface, questionPromise };
