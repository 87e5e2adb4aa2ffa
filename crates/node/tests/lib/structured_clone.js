'use strict';
// What `structuredClone` makes of built-in and platform objects: what has no clone is named as V8 names it.

const assert = require('assert');
const vm = require('vm');
const { MessageChannel } = require('worker_threads');

const wasm = () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
const values = {
  'Intl.Collator': () => new Intl.Collator('en'),
  'Intl.NumberFormat': () => new Intl.NumberFormat('en'),
  'Intl.DateTimeFormat': () => new Intl.DateTimeFormat('en'),
  'Intl.PluralRules': () => new Intl.PluralRules('en'),
  'Intl.ListFormat': () => new Intl.ListFormat('en'),
  'Intl.RelativeTimeFormat': () => new Intl.RelativeTimeFormat('en'),
  'Intl.DisplayNames': () => new Intl.DisplayNames('en', { type: 'region' }),
  'Intl.Segmenter': () => new Intl.Segmenter('en'),
  'Intl.Locale': () => new Intl.Locale('en'),
  'segments': () => new Intl.Segmenter('en').segment('a b'),
  'iterator of segments': () => new Intl.Segmenter('en').segment('a b')[Symbol.iterator](),
  'Intl': () => Intl,
  'subclass of Intl': () => new (class Mine extends Intl.NumberFormat {})('en'),
  'own property': () => Object.assign(new Intl.NumberFormat('en'), { x: 1 }),
  'inherits': () => Object.create(Intl.NumberFormat.prototype),
  'prototype': () => Intl.NumberFormat.prototype,
  'in an array': () => [new Intl.Locale('en')],
  'in a map': () => new Map([[1, new Intl.Collator()]]),
  'in a property': () => ({ a: { b: new Intl.Collator() } }),
  'Intl of a context': () => vm.runInNewContext("new Intl.NumberFormat('en')"),
  'WeakMap of a context': () => vm.runInNewContext('new WeakMap()'),
  'Promise of a context': () => vm.runInNewContext('Promise.resolve()'),
  'WeakMap': () => new WeakMap(),
  'WeakSet': () => new WeakSet(),
  'WeakRef': () => new WeakRef({}),
  'FinalizationRegistry': () => new FinalizationRegistry(() => {}),
  'Promise': () => Promise.resolve(1),
  'generator': () => (function* g() {})(),
  'asynchronous generator': () => (async function* g() {})(),
  'iterator of an array': () => [][Symbol.iterator](),
  'iterator of a map': () => new Map().entries(),
  'iterator of a set': () => new Set().values(),
  'iterator of a string': () => ''[Symbol.iterator](),
  'iterator of matches': () => 'a'.matchAll(/a/g),
  'iterator helper': () => [1].values().map((x) => x),
  'proxy': () => new Proxy({ a: 1 }, { get() { throw new Error('asked'); } }),
  'proxy of an array': () => new Proxy([1], {}),
  'proxy of a function': () => new Proxy(function () {}, {}),
  'function': () => function named(a) { return a; },
  'arrow function': () => (x) => x,
  'class': () => class A {},
  'asynchronous function': () => async () => {},
  'symbol': () => Symbol('s'),
  'object of a symbol': () => Object(Symbol('s')),
  'arguments': () => (function () { return arguments; })(1, 2),
  'Math': () => Math,
  'Reflect': () => Reflect,
  'global': () => globalThis,
  'global of a context': () => vm.runInNewContext('globalThis'),
  'global of a context over an object of a class': () => vm.runInNewContext('globalThis', new (class User {})()),
  'global of a context without a sandbox': () => vm.runInContext('globalThis', vm.createContext(vm.constants.DONT_CONTEXTIFY)),
  'sandbox': () => vm.createContext({ a: 1 }),
  'DisposableStack': () => new DisposableStack(),
  'named without a call': () => Object.defineProperty(new WeakMap(), 'constructor', { get() { throw new Error('asked'); } }),
  'with a tag': () => Object.defineProperties(new WeakMap(), { toString: { value() { throw new Error('asked'); } }, [Symbol.toStringTag]: { value: 'Mine' } }),
  'URL': () => new URL('http://a/'),
  'URLSearchParams': () => new URLSearchParams('a=1'),
  'inherits from a URL': () => Object.create(new URL('http://a/')),
  'subclass of URL': () => new (class Mine extends URL {})('http://a/'),
  'TextEncoder': () => new TextEncoder(),
  'Headers': () => new Headers({ a: '1' }),
  'Request': () => new Request('http://a/'),
  'Response': () => new Response('x'),
  'FormData': () => new FormData(),
  'AbortController': () => new AbortController(),
  'Event': () => new Event('x'),
  'ReadableStream': () => new ReadableStream(),
  'WritableStream': () => new WritableStream(),
  'TransformStream': () => new TransformStream(),
  'CompressionStream': () => new CompressionStream('gzip'),
  'URLPattern': () => new URLPattern({ pathname: '/a' }),
  'MessagePort': () => { const { port1, port2 } = new MessageChannel(); port1.close(); port2.close(); return port1; },
  'open MessagePort': () => { const { port1, port2 } = new MessageChannel(); setImmediate(() => port2.close()); return port1; },
  'MessageChannel': () => { const channel = new MessageChannel(); setImmediate(() => channel.port1.close()); return channel; },
  'crypto.subtle': () => crypto.subtle,
  'DOMException': () => new DOMException('m', 'AbortError'),
  'error of a class': () => Object.assign(new (class E extends TypeError {})('m'), { extra: 1 }),
  'Blob': () => new Blob(['ab'], { type: 'a/b' }),
  'File': () => new File(['ab'], 'n', { type: 'a/b', lastModified: 5 }),
  'WebAssembly.Module': wasm,
  'WebAssembly.Instance': () => new WebAssembly.Instance(wasm()),
  'WebAssembly.Memory': () => new WebAssembly.Memory({ initial: 1 }),
  'WebAssembly.Table': () => new WebAssembly.Table({ initial: 1, element: 'anyfunc' }),
  'WebAssembly.Global': () => new WebAssembly.Global({ value: 'i32' }, 1),
  'object of a class': () => new (class User { #x = 1; y = 2; })(),
};

function made(value) {
  try {
    const clone = structuredClone(value);
    const more = clone instanceof Blob ? ` ${[clone.size, clone.type, clone.name, clone.lastModified]}` : clone instanceof DOMException ? ` ${clone.name} ${clone.message} ${clone.code}` : '';
    return `${Object.prototype.toString.call(clone)} of ${Object.getPrototypeOf(clone)?.constructor?.name}${more}`;
  } catch (error) {
    return `${error.name} ${error.code} ${error instanceof DOMException}: ${error.message}`;
  }
}

const answers = Object.entries(values).map(([name, make]) => [name, made(make())]);
if (process.env.HARNESS_RECORD) console.log(JSON.stringify(Object.fromEntries(answers), null, 2));
else for (const [name, answer] of answers) assert.strictEqual(answer, require('./support/structured_clone.json')[name], name);
