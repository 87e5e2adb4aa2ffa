'use strict';
// Values of contexts in the hands of the host's own modules: inspect, assert, timers, events, buffers.

const assert = require('assert');
const { EventEmitter, once } = require('events');
const util = require('util');
const vm = require('vm');
const { attempt, check, test } = require('./harness');

const run = (code, sandbox) => vm.runInNewContext(code, sandbox);

check.since('v24.0.0', 'util.inspect() of values of a context', () => {
  return ['({ a: 1 })', '[1, [2]]', 'new Map([[1, { a: 2 }]])', 'new Set([1])', '(function named() {})', '() => {}', 'class K {}; K', 'new (class K { constructor() { this.x = 1 } })',
    'new Date(0)', '/x/gi', 'Symbol("s")', '10n', 'new Uint8Array(2)', 'Promise.resolve(4)', 'Object.create(null)', 'Object.create({ inherited: 1 })', 'new Proxy({ p: 1 }, {})',
    'Object(1)', 'Object("s")', '(function* () {})()', 'new WeakMap', '(async () => {})', 'new Map().entries()', 'globalThis', 'Math', 'JSON', 'null', 'undefined', '-0', '[,1]', '({ get a() { return 1 } })'].map((code) => util.inspect(run(code)));
}, [
  '{ a: 1 }',                    '[ 1, [ 2 ] ]',
  'Map(1) { 1 => { a: 2 } }',    'Set(1) { 1 }',
  '[Function: named]',           '[Function (anonymous)]',
  '[class K]',                   'K { x: 1 }',
  '1970-01-01T00:00:00.000Z',    '/x/gi',
  'Symbol(s)',                   '10n',
  'Uint8Array(2) [ 0, 0 ]',      'Promise { 4 }',
  '[Object: null prototype] {}', '{}',
  '{ p: 1 }',                    '[Number: 1]',
  "[String: 's']",               'Object [Generator] {}',
  'WeakMap { <items unknown> }', '[AsyncFunction (anonymous)]',
  '[Map Entries] {  }',          '{}',
  'Object [Math] {}',            'Object [JSON] {}',
  'null',                        'undefined',
  '-0',                          '[ <1 empty item>, 1 ]',
  '{ a: [Getter] }'
]);

check('util.inspect() of an error of a context begins with its stack', () => {
  return [util.inspect(run('new TypeError("m")')).split('\n')[0], util.inspect(run('Object.assign(new Error("m"), { code: "C" })')).includes("code: 'C'")];
}, [ 'TypeError: m', true ]);

check.since('v24.0.0', 'util.inspect() of a contextified object, and of the inner global', () => {
  const context = vm.createContext({ x: 1, f() {} });
  vm.runInContext('y = { z: 2 }', context);
  return [util.inspect(context), util.inspect(vm.runInContext('globalThis', context))];
}, [ '{ x: 1, f: [Function: f], y: { z: 2 } }', '{ y: { z: 2 }, x: 1, f: [Function: f] }' ]);

check('util.types knows the kinds of values of a context', () => {
  const kinds = { isMap: 'new Map', isSet: 'new Set', isDate: 'new Date', isRegExp: '/x/', isPromise: 'Promise.resolve()', isNativeError: 'new Error', isProxy: 'new Proxy({}, {})', isTypedArray: 'new Int8Array', isUint8Array: 'new Uint8Array',
    isArrayBuffer: 'new ArrayBuffer(1)', isDataView: 'new DataView(new ArrayBuffer(1))', isGeneratorFunction: '(function* () {})', isAsyncFunction: '(async () => {})', isWeakMap: 'new WeakMap', isSymbolObject: 'Object(Symbol())', isNumberObject: 'Object(1)', isArgumentsObject: '(function () { return arguments })()', isMapIterator: 'new Map().keys()', isBoxedPrimitive: 'Object(1n)', isGeneratorObject: '(function* () {})()' };
  return Object.entries(kinds).filter(([name, code]) => !util.types[name](run(code))).map(([name]) => name);
}, []);

check('assert.deepStrictEqual() minds prototypes, deepEqual() does not', () => {
  const other = (code, mine) => [attempt(() => { assert.deepEqual(run(code), mine); return 'equal'; }), attempt(() => { assert.deepStrictEqual(run(code), mine); return 'equal'; })];
  return [other('({ a: 1 })', { a: 1 }), other('[1]', [1]), other('new Map([[1, 2]])', new Map([[1, 2]])), other('new Date(5)', new Date(5)), other('"s"', 's')];
}, [
  [ 'equal', 'throws AssertionError' ],
  [ 'equal', 'throws AssertionError' ],
  [ 'equal', 'throws AssertionError' ],
  [ 'equal', 'throws AssertionError' ],
  [ 'equal', 'equal' ]
]);

check('assert.throws() with errors of a context', () => {
  const throws = (...args) => attempt(() => { assert.throws(() => run('throw new RangeError("from inside")'), ...args); return 'ok'; });
  return [throws({ name: 'RangeError', message: 'from inside' }), throws(/from inside/), throws(RangeError), throws(Error), throws((error) => error.message === 'from inside')];
}, [ 'ok', 'ok', 'throws AssertionError', 'throws AssertionError', 'ok' ]);

check('JSON, structuredClone and Object.assign take values of a context', () => {
  return [JSON.stringify(run('({ a: [1, { b: new Date(0) }], m: new Map })')), structuredClone(run('({ a: [1, new Map([[1, 2]])] })')) instanceof Object, Object.assign({}, run('({ a: 1 })')), { ...run('({ b: 2 })') }, [...run('new Set([1, 2])')]];
}, [ '{"a":[1,{"b":"1970-01-01T00:00:00.000Z"}],"m":{}}', true, { a: 1 }, { b: 2 }, [ 1, 2 ] ]);

check('Buffer takes the bytes of a context', () => {
  return [Buffer.from(run('new Uint8Array([1, 2])')).toString('hex'), Buffer.from(run('new ArrayBuffer(2)')).length, Buffer.from(run('[3, 4]')).toString('hex'), Buffer.concat([run('new Uint8Array([5])')]).toString('hex'), Buffer.isBuffer(run('new Uint8Array(1)')), Buffer.byteLength(run('new Uint8Array(3)'))];
}, [ '0102', 2, '0304', '05', false, 3 ]);

test('timers and nextTick call functions of a context', async () => {
  const context = vm.createContext({ log: [] });
  const add = vm.runInContext('(what) => { log.push(what) }', context);
  setTimeout(add, 1, 'timeout');
  setImmediate(add, 'immediate');
  process.nextTick(add, 'tick');
  queueMicrotask(() => add('microtask'));
  await new Promise((resolve) => setTimeout(() => setImmediate(resolve), 20));
  assert.deepStrictEqual([...context.log], ['tick', 'microtask', 'immediate', 'timeout'].sort((a, b) => [...context.log].indexOf(a) - [...context.log].indexOf(b)));
  assert.strictEqual(context.log.length, 4);
});

test('a context uses timers given to it', async () => {
  const value = await new Promise((resolve) => run('setTimeout(() => resolve([1, 2].map((x) => x * 2).join()), 1)', { setTimeout, resolve }));
  assert.strictEqual(value, '2,4');
});

test('events: listeners of a context, and an emitter used inside', () => {
  const emitter = new EventEmitter();
  const context = vm.createContext({ emitter, seen: [] });
  vm.runInContext('emitter.on("x", (value) => seen.push(value)); emitter.emit("x", 1)', context);
  emitter.emit('x', 2);
  assert.deepStrictEqual([...context.seen], [1, 2]);
});

test('events: an error event with an error of a context is wrapped, as what is no Error of the program', () => {
  const error = run('new TypeError("inner")');
  assert.throws(() => new EventEmitter().emit('error', error), (thrown) => thrown.code === 'ERR_UNHANDLED_ERROR' && thrown.context === error);
});

test('util.promisify() and callbackify() with functions of a context', async () => {
  assert.strictEqual(await util.promisify(run('(value, callback) => callback(null, value + 1)'))(1), 2);
  const callbackify = util.callbackify(run('async (value) => value + 1'));
  assert.strictEqual(await new Promise((resolve, reject) => callbackify(1, (error, value) => (error ? reject(error) : resolve(value)))), 2);
});

test('Promise.all() and for await with promises of a context', async () => {
  assert.deepStrictEqual(await Promise.all([run('Promise.resolve(1)'), run('(async () => 2)()'), 3]), [1, 2, 3]);
  const values = [];
  for await (const value of [run('Promise.resolve(1)'), run('2')]) values.push(value);
  assert.deepStrictEqual(values, [1, 2]);
});

test('events.once() awaited inside a context', async () => {
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('go', 5));
  assert.strictEqual(await run('(async () => (await once(emitter, "go"))[0])()', { emitter, once }), 5);
});

test('an unhandled rejection of a context is reported once, with its reason and promise', async () => {
  const seen = [];
  const listen = (reason, promise) => seen.push(reason.message, typeof promise.then);
  process.on('unhandledRejection', listen);
  run('Promise.reject(new Error("nobody waits"))');
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('unhandledRejection', listen);
  assert.deepStrictEqual(seen, ['nobody waits', 'function']);
});

test('require given to a context loads modules of the program', () => {
  assert.strictEqual(run('require("path").join("a", "b")', { require }), require('path').join('a', 'b'));
  assert.ok(!run('new (require("events"))() instanceof Object', { require }));
});

test('console given to a context writes for the program', () => {
  const lines = [];
  const { Console } = require('console');
  const { Writable } = require('stream');
  const console = new Console(new Writable({ write(chunk, encoding, done) { lines.push(String(chunk)); done(); } }));
  run('console.log("%s is %d", "x", 5, { a: [1] })', { console });
  assert.deepStrictEqual(lines, ['x is 5 { a: [ 1 ] }\n']);
});
