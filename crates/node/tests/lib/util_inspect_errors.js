'use strict';
// How errors are inspected: class names, codes, causes, further properties, nesting.

const assert = require('assert');
const { inspect } = require('util');

const FRAMES = '\n    at one (file.js:1:2)\n    at two (file.js:3:4)';

function error(Class, message, head, options) {
  const made = new Class(message, options);
  made.stack = `${head}${FRAMES}`;
  return made;
}

class Custom extends Error {}
class ValidationError extends TypeError {}

const e = error(Error, 'm', 'Error: m');
assert.strictEqual(inspect(e), `Error: m${FRAMES}`);
assert.strictEqual(inspect({ e }), `{\n  e: Error: m${FRAMES.replaceAll('\n', '\n  ')}\n}`);
assert.strictEqual(inspect([[e]], { depth: 0 }), '[ [Array] ]');
assert.strictEqual(inspect(error(Custom, 'm', 'Error: m')), `Custom [Error]: m${FRAMES}`);
assert.strictEqual(inspect(error(ValidationError, 'm', 'TypeError: m')), `ValidationError [TypeError]: m${FRAMES}`);

const coded = Object.assign(error(Error, 'm', 'Error: m'), { code: 'E_CODE', errno: -2 });
assert.strictEqual(inspect(coded), `Error: m${FRAMES} {\n  code: 'E_CODE',\n  errno: -2\n}`);
assert.strictEqual(inspect(coded, { compact: true }), `{ Error: m${FRAMES}\n  code: 'E_CODE',\n  errno: -2 }`);

const noStack = new Error('none');
noStack.stack = '';
assert.strictEqual(inspect(noStack), '[Error: none]');
assert.strictEqual(inspect(Object.assign(noStack, { code: 1 })), '[Error: none] { code: 1 }');
assert.strictEqual(inspect([noStack]), '[ [Error: none] { code: 1 } ]');

const cause = error(Error, 'outer', 'Error: outer', { cause: 'inner' });
assert.strictEqual(inspect(cause), `Error: outer${FRAMES} {\n  [cause]: 'inner'\n}`);
const aggregate = new AggregateError([1, 2], 'all');
aggregate.stack = `AggregateError: all${FRAMES}`;
assert.strictEqual(inspect(aggregate), `AggregateError: all${FRAMES} {\n  [errors]: [ 1, 2 ]\n}`);

const common = Array.from({ length: 6 }, (_, i) => `    at frame${i} (f.js:${i}:1)`).join('\n');
const inner = new Error('inner');
inner.stack = `Error: inner\n    at first (f.js:9:9)\n${common}`;
const outer = new Error('outer', { cause: inner });
outer.stack = `Error: outer\n    at other (g.js:1:1)\n${common}`;
assert.strictEqual(inspect(outer), `Error: outer
    at other (g.js:1:1)
    at frame0 (f.js:0:1)
    ... 4 lines matching cause stack trace ...
    at frame5 (f.js:5:1) {
  [cause]: Error: inner
      at first (f.js:9:9)
${common.replace(/^/gm, '  ')}
}`);

const self = error(Error, 's', 'Error: s');
self.self = self;
assert.strictEqual(inspect(self), `<ref *1> Error: s${FRAMES} {\n  self: [Circular *1]\n}`);

// Errors of the host show their code in the head of the stack, but not in the name.
let thrown;
try {
  Buffer.alloc('x');
} catch (caught) {
  thrown = caught;
}
assert.strictEqual(thrown.name, 'TypeError');
assert.strictEqual(thrown.code, 'ERR_INVALID_ARG_TYPE');
assert.strictEqual(`${thrown}`, `TypeError [ERR_INVALID_ARG_TYPE]: ${thrown.message}`);
assert.strictEqual(thrown.stack.split('\n')[0], `TypeError [ERR_INVALID_ARG_TYPE]: ${thrown.message}`);
assert.deepStrictEqual(Object.keys(thrown), ['code']);
assert.match(inspect(thrown), /^TypeError \[ERR_INVALID_ARG_TYPE\]: The "size" argument[^]*\{\n {2}code: 'ERR_INVALID_ARG_TYPE'\n\}$/);
