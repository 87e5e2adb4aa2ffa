'use strict';
// What util has besides inspect and format.

const assert = require('assert');
const util = require('util');

// inherits
function A() {}
function B() {}
B.prototype.x = 1;
util.inherits(A, B);
assert.strictEqual(A.super_, B);
assert.strictEqual(new A().x, 1);
assert.throws(() => util.inherits(A, null), { code: 'ERR_INVALID_ARG_TYPE', message: 'The "superCtor" argument must be of type function. Received null' });
assert.throws(() => util.inherits(A, () => {}), { message: 'The "superCtor.prototype" property must be of type object. Received undefined' });

// types
assert.strictEqual(require('util/types'), util.types);
const { types } = util;
const vm = require('vm');
const inContext = (code) => vm.runInNewContext(code);
for (const [name, code] of Object.entries({
  isDate: 'new Date()', isRegExp: '/x/', isMap: 'new Map()', isSet: 'new Set()', isWeakMap: 'new WeakMap()', isWeakSet: 'new WeakSet()',
  isPromise: 'Promise.resolve()', isNativeError: 'new RangeError()', isArrayBuffer: 'new ArrayBuffer(1)', isDataView: 'new DataView(new ArrayBuffer(1))',
  isUint8Array: 'new Uint8Array(1)', isFloat64Array: 'new Float64Array(1)', isBigInt64Array: 'new BigInt64Array(1)', isTypedArray: 'new Int8Array(1)',
  isArrayBufferView: 'new Uint16Array(1)', isAnyArrayBuffer: 'new SharedArrayBuffer(1)', isSharedArrayBuffer: 'new SharedArrayBuffer(1)',
  isAsyncFunction: 'async () => {}', isGeneratorFunction: '(function* () {})', isGeneratorObject: '(function* () {})()', isMapIterator: 'new Map().keys()',
  isSetIterator: 'new Set().values()', isProxy: 'new Proxy({}, {})', isArgumentsObject: '(function () { return arguments })()',
  isBooleanObject: 'Object(true)', isNumberObject: 'Object(1)', isStringObject: 'Object("x")', isSymbolObject: 'Object(Symbol())', isBigIntObject: 'Object(1n)',
  isBoxedPrimitive: 'Object(1)',
})) {
  assert.strictEqual(types[name](eval(code)), true, name);
  assert.strictEqual(types[name](inContext(code)), true, `${name} of another realm`);
  for (const other of [undefined, null, 1, 'x', {}, [], () => {}, Object.create(Map.prototype), { [Symbol.toStringTag]: 'Date' }]) {
    assert.strictEqual(types[name](other), false, `${name} of ${util.inspect(other)}`);
  }
}

// promisify and callbackify
assert.throws(() => util.promisify(1), { code: 'ERR_INVALID_ARG_TYPE' });
const custom = () => Promise.resolve('custom');
const withCustom = () => {};
withCustom[util.promisify.custom] = custom;
assert.strictEqual(util.promisify(withCustom), custom);
const callbackified = util.callbackify(async function named(x) { return x * 2; });
assert.strictEqual(callbackified.name, 'namedCallbackified');
assert.strictEqual(callbackified.length, 2);
assert.throws(() => callbackified(1), { code: 'ERR_INVALID_ARG_TYPE', message: 'The last argument must be of type function. Received type number (1)' });

let pending = 0;
const later = (promise) => { pending++; promise.then(() => { pending--; }); };
later((async () => {
  assert.strictEqual(await util.promisify(function (a, callback) { callback(null, this.b + a); }).call({ b: 2 }, 1), 3);
  await assert.rejects(util.promisify((callback) => callback(new Error('rejected')))(), /rejected/);
  assert.strictEqual(await util.promisify(setTimeout)(1, 'value'), 'value');
  assert.deepStrictEqual(await new Promise((resolve) => callbackified(4, (...args) => resolve(args))), [null, 8]);
  const [error] = await new Promise((resolve) => util.callbackify(async () => { throw null; })((...args) => resolve(args)));
  assert.strictEqual(error.code, 'ERR_FALSY_VALUE_REJECTION');
  assert.strictEqual(error.reason, null);
})());
process.on('exit', () => assert.strictEqual(pending, 0));

// deprecate warns once
const warnings = [];
process.on('warning', (warning) => warnings.push([warning.name, warning.code, warning.message]));
const old = util.deprecate((a, b) => a + b, 'old is old', 'DEP_TEST');
assert.strictEqual(old(1, 2), 3);
assert.strictEqual(old(3, 4), 7);
const OldClass = util.deprecate(class Old { constructor(x) { this.x = x; } static s = 1; }, 'Old is old');
assert.strictEqual(new OldClass(3).x, 3);
assert.strictEqual(OldClass.s, 1);
setTimeout(() => {
  assert.deepStrictEqual(warnings, [
    ['DeprecationWarning', 'DEP_TEST', 'old is old'],
    ['DeprecationWarning', undefined, 'Old is old'],
    ['DeprecationWarning', 'DEP0044', 'The `util.isArray` API is deprecated. Please use `Array.isArray()` instead.'],
    ['DeprecationWarning', 'DEP0060', 'The `util._extend` API is deprecated. Please use Object.assign() instead.'],
  ]);
}, 5);

// smaller ones
assert.strictEqual(util.isArray([]), true);
assert.deepStrictEqual(util._extend({ a: 1 }, { b: 2 }), { a: 1, b: 2 });
assert.strictEqual(util.isDeepStrictEqual({ a: [1] }, { a: [1] }), true);
assert.strictEqual(util.isDeepStrictEqual({ a: [1] }, { a: ['1'] }), false);
assert.strictEqual(util.stripVTControlCharacters('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007'), 'red link');
assert.strictEqual(util.toUSVString('a\ud800b'), 'a\ufffdb');
assert.strictEqual(util.getSystemErrorName(-2), 'ENOENT');
assert.deepStrictEqual(util.getSystemErrorMap().get(-13), ['EACCES', 'permission denied']);
assert.throws(() => util.getSystemErrorName(2), { code: 'ERR_OUT_OF_RANGE' });
assert.throws(() => util.getSystemErrorName('x'), { code: 'ERR_INVALID_ARG_TYPE' });
assert.strictEqual(util.styleText('red', 'x', { validateStream: false }), '\u001b[31mx\u001b[39m');
assert.strictEqual(util.styleText(['bold', 'blue'], 'x', { validateStream: false }), '\u001b[1m\u001b[34mx\u001b[39m\u001b[22m');
assert.throws(() => util.styleText('nope', 'x'), { code: 'ERR_INVALID_ARG_VALUE' });
assert.throws(() => util.styleText('red', 5), { code: 'ERR_INVALID_ARG_TYPE' });
assert.strictEqual(util.debuglog('never').enabled, false);
assert.deepStrictEqual(util.parseEnv('A=1\nB="x\\ny"\n# c\nexport C=\'q\' # z\nD=a b # c\nE=\nF="multi\nline"\n G = 5 \n'),
  { A: '1', B: 'x\ny', C: 'q', D: 'a b', E: '', F: 'multi\nline', G: '5' });
const mime = new util.MIMEType('text/HTML; Charset="utf-8"; q=a b');
assert.strictEqual(String(mime), 'text/html;charset=utf-8;q="a b"');
assert.strictEqual(mime.essence, 'text/html');
mime.params.set('x', '1');
assert.deepStrictEqual([...mime.params.keys()], ['charset', 'q', 'x']);
assert.throws(() => new util.MIMEType('nope'), { code: 'ERR_INVALID_MIME_SYNTAX' });
assert.strictEqual(new util.TextDecoder().decode(new util.TextEncoder().encode('ä')), 'ä');

// aborted
const controller = new AbortController();
later(util.aborted(controller.signal, {}));
controller.abort();

if (util.getCallSites) {
  function here() { return util.getCallSites(); }
  const [site] = here();
  assert.strictEqual(site.functionName, 'here');
  assert.ok(site.scriptName.endsWith('util_functions.js'));
  assert.throws(() => util.getCallSites(0), { code: 'ERR_OUT_OF_RANGE' });
}
if (util.diff) {
  assert.deepStrictEqual(util.diff(['a', 'b'], ['a', 'c']).map(([, item]) => item).sort(), ['a', 'b', 'c']);
  assert.deepStrictEqual(util.diff('same', 'same'), []);
}
