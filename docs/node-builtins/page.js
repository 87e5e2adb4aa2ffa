'use strict';
// Writes docs/node-builtins.md, under sandtide node:
//
//     cargo run -- node --no-warnings docs/node-builtins/page.js > docs/node-builtins.md

const { readFileSync } = require('fs');
const { join } = require('path');
const { facts } = require('./facts.js');

const node = JSON.parse(readFileSync(join(__dirname, 'node24.json'), 'utf8'));
const ours = facts();

const code = (names) => names.map((name) => `\`${name}\``).join(', ');

function compare(theirs, own) {
  const result = { there: [], partly: [], none: [] };
  for (const [name, wanted] of Object.entries(theirs)) {
    const found = own?.[name];
    if (found === undefined || found.type !== wanted.type) {
      result.none.push(name);
      continue;
    }
    const missing = wanted.members.filter((member) => !found.members.includes(member));
    if (missing.length === 0) result.there.push(name);
    else result.partly.push([name, missing]);
  }
  return result;
}

const compared = Object.entries(node).map(([id, theirs]) => [id, compare(theirs, ours[id])]);
const total = (kind) => compared.reduce((sum, [, result]) => sum + result[kind].length, 0);

const lines = [
  '# Builtin modules of `sandtide node`',
  '',
  'What of each builtin module of Node 24.21 is there. A program compares both runtimes and writes this',
  'page ([node-builtins/page.js](node-builtins/page.js)); a test fails when it is out of date. An export is',
  '*there* if it is of the same type and has all the members that it has in Node (`#` stands before those of',
  'a prototype), *partly* there if members are missing, and *not there* if it is missing, or says when it is',
  'called that it is not available. That a member is there says nothing of its details: for `vm` they are in',
  '[vm-differences.md](../crates/node/docs/vm-differences.md).',
  '',
  `Of ${total('there') + total('partly') + total('none')} exports ${total('there')} are there, ${
    total('partly')} partly, and ${total('none')} not.`,
  '',
  'Add-ons (`.node` files, Node-API) are not there: `require` says so, with the name of the package.',
  '',
  '| module | there | partly | not there |',
  '|---|---|---|---|',
];
for (const [id, { there, partly, none }] of compared) {
  lines.push(`| [\`${id}\`](#${id.replace(/[^a-z0-9_]/g, '')}) | ${there.length} | ${partly.length} | ${none.length} |`);
}
for (const [id, { there, partly, none }] of compared) {
  lines.push('', `## ${id}`, '');
  if (ours[id] === undefined) {
    lines.push('The module is not there.');
    continue;
  }
  if (there.length > 0) lines.push(`There: ${code(there)}.`);
  if (partly.length > 0) {
    lines.push('', 'Partly:', '');
    for (const [name, missing] of partly) lines.push(`- \`${name}\`, without ${code(missing)}`);
  }
  if (none.length > 0) lines.push('', `Not there: ${code(none)}.`);
}
process.stdout.write(`${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`);
