// Babel: a program of today's dialects made plain, and run by vm.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const Babel = require('@babel/standalone');

const source = `
interface Item { name: string; price?: number }
enum Kind { Rope, Anchor = 5 }
const list = (items: Item[]) => <ul id="x">{items.map((item) => <li key={item.name}>{item.name}: {item.price ?? 'free'}</li>)}</ul>;
class Counter { #n = 0; static made = 0; constructor() { Counter.made++; } get next() { return ++this.#n; } }
export default [list([{ name: 'rope' }]), Kind.Anchor, new Counter().next, Counter.made];
`;
const { code } = Babel.transform(source, { filename: 'x.tsx', presets: ['env', ['react', { runtime: 'classic' }], 'typescript'], targets: 'defaults' });
console.log(code.split('\n').length > 20, code.includes('interface'));
const built = { exports: {} };
const React = { createElement: (tag, props, ...children) => `<${tag}>${children.flat().join('')}</${tag}>` };
vm.runInNewContext(code, { module: built, exports: built.exports, React });
console.log(JSON.stringify(built.exports.default));
assert.deepEqual(JSON.parse(JSON.stringify(built.exports.default)), ['<ul><li>rope: free</li></ul>', 5, 1, 1]);
assert.throws(() => Babel.transform('let a = ;', {}), (error) => {
  console.log(error.code, error.reasonCode, error.name);
  return error instanceof SyntaxError;
});
