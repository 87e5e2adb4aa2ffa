'use strict';
// AssertionError, and the messages that it makes of what was compared.

const { captureStackTrace, restoreTraces, suppressTraces } = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { diffLines } = require('internal/assert/diff');
const { validateObject, validateOneOf } = require('internal/validators');

const readable = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

// Values as short as this together are shown on one line.
const SHORT = 12;
const MAX_LINES = 50;

const withoutColors = { blue: String, green: String, red: String };
const withColors = {
  blue: (text) => `\u001b[34m${text}\u001b[39m`,
  green: (text) => `\u001b[32m${text}\u001b[39m`,
  red: (text) => `\u001b[31m${text}\u001b[39m`,
};

function painter() {
  const { stderr } = process;
  return stderr?.isTTY && stderr.hasColors?.() ? withColors : withoutColors;
}

function inspectValue(value) {
  return inspect(value, {
    compact: false,
    customInspect: false,
    depth: 1000,
    maxArrayLength: Infinity,
    maxStringLength: Infinity,
    showHidden: false,
    showProxy: false,
    sorted: true,
    getters: true,
    breakLength: 80,
  });
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

function shorten(lines) {
  return lines.length > MAX_LINES ? [...lines.slice(0, 46), painter().blue('...')] : lines;
}

function isReferences(a, b) {
  return (isObject(a) && isObject(b)) || (typeof a === 'function' && typeof b === 'function');
}

function differenceMessage(actual, expected, operator, customMessage) {
  if (operator === 'strictEqual' && isReferences(actual, expected)) operator = 'strictEqualObject';
  const head = customMessage || readable[operator];
  const actualText = inspectValue(actual);
  const expectedText = inspectValue(expected);
  const paint = painter();
  const oneLine = !actualText.includes('\n') && !expectedText.includes('\n');
  if (oneLine && !(isObject(actual) && isObject(expected))) {
    const length = actualText.length + expectedText.length;
    const quotes = (typeof actual === 'string' ? 2 : 0) + (typeof expected === 'string' ? 2 : 0);
    if (length - quotes <= SHORT && (actual !== 0 || expected !== 0)) return `${head}\n\n${actualText} !== ${expectedText}\n`;
    return `${head}\n${paint.green('+ actual')} ${paint.red('- expected')}\n\n` +
      `${paint.green('+')} ${actualText}\n${paint.red('-')} ${expectedText}\n${indicator(actualText, expectedText)}`;
  }
  const difference = diffLines(actualText, expectedText, paint);
  if (difference === undefined) return `${readable.notIdentical}\n\n${shorten(actualText.split('\n')).join('\n')}\n`;
  const skipped = difference.skipped ? `\n${paint.blue('...')} Skipped lines` : '';
  return `${head}\n${paint.green('+ actual')} ${paint.red('- expected')}${skipped}\n\n${difference.lines.join('\n')}\n`;
}

// A mark under the first character in which the second of two lines differs, where that is hard to see.
function indicator(actual, expected) {
  const width = process.stderr?.isTTY ? process.stderr.columns : 80;
  if (actual.length + expected.length > width) return '';
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  return at > 2 && at < actual.length ? `  ${' '.repeat(at)}^\n` : '';
}

function inequalityMessage(actual, operator) {
  const head = operator === 'notStrictEqual' && (isObject(actual) || typeof actual === 'function') ?
    readable.notStrictEqualObject : readable[operator];
  const lines = shorten(inspectValue(actual).split('\n'));
  if (lines.length === 1) return `${head}${lines[0].length > 5 && head === readable.notStrictEqualObject ? '\n\n' : ' '}${lines[0]}`;
  return `${head}\n\n${lines.join('\n')}\n`;
}

function otherMessage(actual, expected, operator) {
  let left = inspectValue(actual);
  let right = inspectValue(expected);
  if (operator === 'notDeepEqual' && left === right) {
    left = `${readable.notDeepEqual}\n\n${left}`;
    return left.length > 1024 ? `${left.slice(0, 1021)}...` : left;
  }
  if (left.length > 512) left = `${left.slice(0, 509)}...`;
  if (right.length > 512) right = `${right.slice(0, 509)}...`;
  if (operator === 'deepEqual') return `${readable.deepEqual}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  if (operator === 'notDeepEqual') return `${readable.notDeepEqualUnequal}\n\n${left}\n\nshould not loosely deep-equal\n\n${right}`;
  return `${left} ${operator} ${right}`;
}

function messageOf(options) {
  const { actual, expected, operator, message } = options;
  const isDifference = operator === 'deepStrictEqual' || operator === 'strictEqual' || operator === 'partialDeepStrictEqual';
  if (message !== undefined && message !== null) {
    return operator === 'deepStrictEqual' || operator === 'strictEqual' ?
      differenceMessage(actual, expected, operator, String(message)) : String(message);
  }
  // The stacks of errors would differ in every line.
  const plain = isErrorWithStack(actual) && isErrorWithStack(expected);
  const [left, right] = plain ? [withoutStack(actual), withoutStack(expected)] : [actual, expected];
  if (isDifference) return differenceMessage(left, right, operator);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') return inequalityMessage(left, operator);
  return otherMessage(left, right, operator);
}

function isErrorWithStack(value) {
  return isObject(value) && 'stack' in value && value instanceof Error;
}

function withoutStack(error) {
  const copy = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
  Object.defineProperty(copy, 'stack', { __proto__: null, value: '', writable: true, enumerable: false, configurable: true });
  Object.defineProperty(copy, 'message', { __proto__: null, value: error.message, writable: true, enumerable: false, configurable: true });
  return copy;
}

function define(error, key, value, enumerable) {
  Object.defineProperty(error, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
}

class AssertionError extends Error {
  constructor(options) {
    validateObject(options, 'options');
    const { message, operator, stackStartFn, stackStartFunction, details, diff = 'simple' } = options;
    validateOneOf(diff, 'options.diff', ['simple', 'full']);
    const limit = suppressTraces();
    try {
      super(messageOf(options));
    } finally {
      restoreTraces(limit);
    }
    this.generatedMessage = !message;
    define(this, 'name', 'AssertionError [ERR_ASSERTION]', false);
    this.code = 'ERR_ASSERTION';
    if (details) {
      this.actual = undefined;
      this.expected = undefined;
      this.operator = undefined;
      for (let i = 0; i < details.length; i++) {
        this[`message ${i}`] = details[i].message;
        this[`actual ${i}`] = details[i].actual;
        this[`expected ${i}`] = details[i].expected;
        this[`operator ${i}`] = details[i].operator;
        this[`stack trace ${i}`] = details[i].stack;
      }
    } else {
      this.actual = options.actual;
      this.expected = options.expected;
      this.operator = operator;
    }
    this.diff = diff;
    captureStackTrace(this, stackStartFn ?? stackStartFunction);
    putHead(this);
    this.name = 'AssertionError';
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  // Long values are in the message already.
  [inspect.custom](depth, context) {
    const { actual, expected } = this;
    for (const key of ['actual', 'expected']) {
      if (typeof this[key] !== 'string') continue;
      const lines = this[key].split('\n');
      if (lines.length > 10) this[key] = [...lines.slice(0, 10), '...'].join('\n');
      else if (this[key].length > 512) this[key] = `${this[key].slice(0, 512)}...`;
    }
    const text = inspect(this, { ...context, customInspect: false, depth: 0 });
    this.actual = actual;
    this.expected = expected;
    return text;
  }
}

// The code belongs to the head of the stack.
function putHead(error) {
  const { stack } = error;
  if (typeof stack !== 'string') return;
  const head = 'AssertionError [ERR_ASSERTION]';
  let text = stack;
  if (/^\s*at /.test(stack) || stack === '') text = `${head}: ${error.message}${stack === '' ? '' : '\n'}${stack}`;
  else if (!stack.startsWith(head)) text = stack.replace(/^\w*Error/, head);
  define(error, 'stack', text, false);
}

module.exports = AssertionError;
