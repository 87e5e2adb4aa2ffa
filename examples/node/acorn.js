// Acorn: parses programs; here it looks for what a plug-in's code asks for before vm runs it.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const vm = require('node:vm');
const acorn = require('acorn');

function freeNames(code) {
  const free = new Set();
  const declared = new Set();
  (function visit(node) {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') declared.add(node.id.name);
    if (node.type === 'MemberExpression') return visit(node.object);
    if (node.type === 'Identifier') free.add(node.name);
    for (const key of Object.keys(node)) visit(node[key]);
  })(acorn.parse(code, { ecmaVersion: 'latest', sourceType: 'script' }));
  return [...free].filter((name) => !declared.has(name)).sort();
}

const code = 'const total = items.reduce(add, 0); function add(a, b) { return a + b } report(total ?? nothing)';
console.log(freeNames(code));
assert.deepEqual(freeNames(code), ['a', 'b', 'items', 'nothing', 'report']);
let reported;
vm.runInNewContext(code, { items: [1, 2, 3], report: (total) => { reported = total; } });
assert.equal(reported, 6);

assert.throws(() => acorn.parse('let a = 1;\nlet a', { ecmaVersion: 2022 }), (error) => {
  console.log(error.message, error.loc);
  return error instanceof SyntaxError && error.loc.line === 2;
});

// A large program: acorn itself.
const text = fs.readFileSync(require.resolve('acorn'), 'utf8');
const tree = acorn.parse(text, { ecmaVersion: 'latest', locations: true });
console.log(tree.body.length, tree.loc.end);
assert.equal(tree.end, text.length);
