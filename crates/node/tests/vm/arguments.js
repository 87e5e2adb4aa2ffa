'use strict';
// What vm refuses: every argument and option against values of every type, with the code and the message of the error.

const assert = require('assert');
const util = require('util');
const vm = require('vm');
const { test } = require('./harness');

const values = [undefined, null, 1000000, 1.5, -1, 0, NaN, Infinity, 'text', '', true, false, {}, [], () => {}, Symbol('s'), 1n, new Uint8Array(2)];
const show = (value) => (value instanceof Uint8Array ? 'Uint8Array' : util.inspect(value));

function received(value) {
  if (value === undefined || value === null) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') return ` Received an instance of ${value.constructor.name}`;
  return ` Received type ${typeof value} (${util.inspect(value)})`;
}

const isPlain = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const place = (name) => `"${name}" ${name.includes('.') ? 'property' : 'argument'}`;

// Kinds of argument: which values they take, and what they say of others.
const kinds = {
  object: (name) => ({ takes: (v) => v === undefined || isPlain(v), says: `The ${place(name)} must be of type object.` }),
  objectOrString: (name) => ({ takes: (v) => v === undefined || typeof v === 'string' || isPlain(v), says: `The ${place(name)} must be of type object.` }),
  string: (name) => ({ takes: (v) => v === undefined || typeof v === 'string', says: `The ${place(name)} must be of type string.` }),
  requiredString: (name) => ({ takes: (v) => typeof v === 'string', says: `The ${place(name)} must be of type string.` }),
  boolean: (name) => ({ takes: (v) => v === undefined || typeof v === 'boolean', says: `The ${place(name)} must be of type boolean.` }),
  callback: (name) => ({ takes: (v) => v === undefined || typeof v === 'function', says: `The ${place(name)} must be of type function.` }),
  array: (name) => ({ takes: (v) => v === undefined || Array.isArray(v), says: `The ${place(name)} must be an instance of Array.` }),
  bytes: (name) => ({ takes: (v) => v === undefined || ArrayBuffer.isView(v), says: `The ${place(name)} must be an instance of Buffer, TypedArray, or DataView.` }),
  int32: (name) => ({
    takes: (v) => v === undefined || Number.isInteger(v),
    range: (v) => typeof v === 'number',
    says: `The ${place(name)} must be of type number.`,
    saysRange: () => `The value of "${name}" is out of range. It must be an integer.`,
  }),
  timeout: (name) => ({
    takes: (v) => v === undefined || (Number.isInteger(v) && v > 0),
    range: (v) => typeof v === 'number',
    says: `The ${place(name)} must be of type number.`,
    saysRange: (v) => `The value of "${name}" is out of range. It must be ${Number.isInteger(v) ? '>= 1 && <= 4294967295' : 'an integer'}.`,
  }),
};

function refuses(title, kind, name, call) {
  const { takes, range = () => false, says, saysRange } = kinds[kind](name);
  test(`${title}: ${name} takes ${kind}`, () => {
    for (const value of values) {
      if (takes(value)) {
        call(value);
      } else if (range(value)) {
        assert.throws(() => call(value), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE', message: `${saysRange(value)} Received ${value}` }, show(value));
      } else {
        assert.throws(() => call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: says + received(value) }, show(value));
      }
    }
  });
}

const script = new vm.Script('1');
const context = vm.createContext({});

const compileOptions = { filename: 'string', lineOffset: 'int32', columnOffset: 'int32', cachedData: 'bytes', produceCachedData: 'boolean', importModuleDynamically: 'callback' };
const runOptions = { timeout: 'timeout', displayErrors: 'boolean', breakOnSigint: 'boolean' };
const contextOptions = { name: 'string', origin: 'string', codeGeneration: 'object', importModuleDynamically: 'callback' };
const newContextOptions = { contextName: 'string', contextOrigin: 'string', contextCodeGeneration: 'object' };

const table = [
  ['new vm.Script', (options) => new vm.Script('1', options), 'objectOrString', compileOptions],
  ['script.runInThisContext', (options) => script.runInThisContext(options), 'object', runOptions],
  ['script.runInContext', (options) => script.runInContext(context, options), 'object', runOptions],
  ['script.runInNewContext', (options) => script.runInNewContext({}, options), 'object', { ...runOptions, ...newContextOptions }],
  ['vm.runInThisContext', (options) => vm.runInThisContext('1', options), 'objectOrString', { ...compileOptions, ...runOptions }],
  ['vm.runInContext', (options) => vm.runInContext('1', context, options), undefined, { ...compileOptions, ...runOptions }],
  ['vm.runInNewContext', (options) => vm.runInNewContext('1', {}, options), undefined, { ...compileOptions, ...runOptions, ...newContextOptions }],
  ['vm.createContext', (options) => vm.createContext({}, options), 'object', contextOptions],
  ['vm.compileFunction', (options) => vm.compileFunction('', [], options), 'object', { ...compileOptions, contextExtensions: 'array' }],
];

for (const [title, call, optionsKind, options] of table) {
  if (optionsKind !== undefined) refuses(title, optionsKind, 'options', call);
  for (const [name, kind] of Object.entries(options)) {
    refuses(title, kind, `options.${name}`, (value) => call({ [name]: value }));
  }
}

for (const [title, option, call] of [
  ['vm.createContext', 'codeGeneration', (options) => vm.createContext({}, options)],
  ['vm.runInNewContext', 'contextCodeGeneration', (options) => vm.runInNewContext('1', {}, options)],
  ['script.runInNewContext', 'contextCodeGeneration', (options) => script.runInNewContext({}, options)],
]) {
  for (const name of ['strings', 'wasm']) refuses(title, 'boolean', `options.${option}.${name}`, (value) => call({ [option]: { [name]: value } }));
}

refuses('vm.compileFunction', 'requiredString', 'code', (value) => vm.compileFunction(value));
refuses('vm.compileFunction', 'array', 'params', (value) => vm.compileFunction('', value));

test('functions that run take any options that are no object for none, when they spread them', () => {
  for (const value of [null, 5, true, Symbol('s'), 1n, [], () => {}]) {
    assert.strictEqual(vm.runInContext('1', context, value), 1);
    assert.strictEqual(vm.runInNewContext('1', {}, value), 1);
  }
});

const contextTakers = [
  ['vm.createContext', (value) => vm.createContext(value), true],
  ['vm.isContext', (value) => vm.isContext(value), false],
  ['vm.runInContext', (value) => vm.runInContext('1', value), false],
  ['vm.runInNewContext', (value) => vm.runInNewContext('1', value), true],
  ['script.runInContext', (value) => script.runInContext(value), false],
  ['script.runInNewContext', (value) => script.runInNewContext(value), true],
];

for (const [title, call, optional] of contextTakers) {
  test(`${title}: what stands for a context must be an object, and no function`, () => {
    for (const value of values) {
      if ((value === undefined && optional) || (typeof value === 'object' && value !== null)) continue;
      assert.throws(() => call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: `The "object" argument must be of type object.${received(value)}` }, show(value));
    }
  });
}

test('an object that is no context is refused where one is needed', () => {
  const message = 'The "contextifiedObject" argument must be an vm.Context. Received an instance of Object';
  for (const call of [() => vm.runInContext('1', {}), () => script.runInContext({})]) {
    assert.throws(call, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message });
  }
});


test('offsets must fit 32 bits', () => {
  for (const name of ['lineOffset', 'columnOffset']) {
    for (const value of [2 ** 31, -(2 ** 31) - 1]) {
      assert.throws(() => new vm.Script('1', { [name]: value }), {
        code: 'ERR_OUT_OF_RANGE',
        message: `The value of "options.${name}" is out of range. It must be >= -2147483648 && <= 2147483647. Received ${value}`,
      });
    }
    for (const value of [2 ** 31 - 1, -(2 ** 31)]) assert.strictEqual(new vm.Script('1', { [name]: value }).runInThisContext(), 1);
  }
});

test('microtaskMode of the functions that make a context is a string, one of those documented', () => {
  for (const call of [(microtaskMode) => vm.runInNewContext('1', {}, { microtaskMode }), (microtaskMode) => script.runInNewContext({}, { microtaskMode })]) {
    assert.throws(() => call(5), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "options.microtaskMode" property must be of type string. Received type number (5)' });
    assert.throws(() => call('x'), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.strictEqual(call('afterEvaluate'), 1);
  }
});

test('which of several bad arguments is named first', () => {
  const first = [
    [() => new vm.Script('[', { importModuleDynamically: 1 }), /options\.importModuleDynamically/],
    [() => new vm.Script('1', { columnOffset: 'x', lineOffset: 'a' }), /options\.lineOffset/],
    [() => new vm.Script('1', { cachedData: 1, columnOffset: 'x' }), /options\.columnOffset/],
    [() => script.runInContext({}, { timeout: 0 }), /contextifiedObject/],
    [() => script.runInContext(context, { displayErrors: 1, timeout: 0 }), /options\.timeout/],
    [() => script.runInContext(context, { breakOnSigint: 1, displayErrors: 1 }), /options\.displayErrors/],
    [() => vm.createContext(1, 1), /"object"/],
    [() => vm.createContext({}, { microtaskMode: 1, codeGeneration: 1, origin: 1, name: 1 }), /options\.name/],
    [() => vm.createContext({}, { microtaskMode: 1, codeGeneration: { wasm: 1, strings: 1 } }), /options\.codeGeneration\.strings/],
    [() => vm.runInContext('[', context, { timeout: 0 }), /unexpected|expecting/i],
    [() => vm.runInNewContext('[', 1), /"object"/],
    [() => vm.runInNewContext('[', 1, { contextName: 1 }), /options\.contextName/],
    [() => vm.compileFunction(1, 1, 1), /"code"/],
    [() => vm.compileFunction('', 1, 1), /"options"/],
    [() => vm.compileFunction('', [1], { filename: 1 }), /"params\[0\]"/],
    [() => vm.compileFunction('', [], { lineOffset: 1n, columnOffset: 1n }), /options\.columnOffset/],
    [() => vm.compileFunction('', [], { importModuleDynamically: 1, contextExtensions: [1] }), /options\.contextExtensions\[0\]/],
  ];
  for (const [call, message] of first) assert.throws(call, (error) => message.test(error.message));
});
