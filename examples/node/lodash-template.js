// lodash.template, and the template function of lodash itself: what server and build tools use to
// make functions of text; with imports, other delimiters, and the text run by vm.
'use strict';
const assert = require('node:assert/strict');
const vm = require('node:vm');
const template = require('lodash.template');
const _ = require('lodash');

for (const make of [template, _.template]) {
  const compiled = make('<% list.forEach(function (x) { %><li><%- x %></li><% }); print(list.length) %> ${ note }', {
    sourceURL: '/lodash/template/list.js',
  });
  const text = compiled({ list: ['a & b', '<c>'], note: 'done' });
  console.log(text);
  assert.equal(text, '<li>a &amp; b</li><li>&lt;c&gt;</li>2 done');

  const imported = make('{{ shout(name) }}', { interpolate: /{{([\s\S]+?)}}/g, imports: { shout: (s) => s.toUpperCase() } });
  assert.equal(imported({ name: 'fred' }), 'FRED');

  // The source goes into a bundle, where nothing but its own text is there.
  const source = make('<%= data.a + data.b %>', { variable: 'data' }).source;
  assert.equal(vm.runInNewContext(`(${source})({ a: 1, b: 2 })`), '3');

  assert.throws(() => make('<% if (%>'), (error) => {
    console.log(error.name, 'source' in error);
    return error instanceof SyntaxError && typeof error.source === 'string';
  });
}

const global = vm.runInNewContext('this');
assert.equal(_.isPlainObject(vm.runInNewContext('({ a: [1] })')), true, 'a plain object of another realm');
assert.equal(_.isEqual(vm.runInNewContext('({ a: [1, new Date(5), /x/g, new Map([[1, 2]])] })'), { a: [1, new Date(5), /x/g, new Map([[1, 2]])] }), true);
assert.equal(_.isArray(global.Array.of(1)), true);
assert.equal(_.runInContext({ Date: { now: () => 7 }, Array, Error, Function, Math, Object, RegExp, String, TypeError }).now(), 7);
