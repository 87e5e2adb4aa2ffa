// eval: the module that build tools use to run the text of a module and get its exports.
'use strict';
const assert = require('node:assert/strict');
const path = require('node:path');
const evaluate = require('eval');

const here = path.join(__dirname, 'virtual.js');
const config = evaluate('const { join } = require("path"); exports.target = join("a", "b"); exports.here = module.filename; exports.extra = extra;', here, { extra: 7 }, true);
console.log(config.target, path.basename(config.here), config.extra);
assert.deepEqual({ ...config }, { target: 'a/b', here, extra: 7 });
assert.equal(evaluate('module.exports = function () { return require("acorn").version }', here, {}, true)(), require('acorn').version);
assert.equal(evaluate('module.exports = typeof process', here), 'undefined');
assert.throws(() => evaluate('\n\nnull.x', here), (error) => {
  console.log(error.name, /virtual\.js:3/.test(error.stack));
  return error.name === 'TypeError' && /virtual\.js:3/.test(error.stack);
});
assert.throws(() => evaluate('let = ;', here), { name: 'SyntaxError' });
