'use strict';
// What the builtin modules of the runtime that runs this have: by module and export, the type and the
// names of members. Run by itself it writes that as JSON; node24.json is what Node 24.21 writes:
//
//     npm install --prefix target/node24 node@24.21.0
//     target/node24/node_modules/.bin/node --no-warnings docs/node-builtins/facts.js > docs/node-builtins/node24.json

const { builtinModules } = require('module');

// A name that begins with an underscore is nobody's promise.
const isPublic = (name) => typeof name === 'string' && !name.startsWith('_');

// In sandtide, what says that it is not there when it is called says so in its text.
const SAYS_NO = /ERR_FEATURE_UNAVAILABLE_ON_PLATFORM|ERR_METHOD_NOT_IMPLEMENTED/;

function namesOf(object) {
  return Object.getOwnPropertyNames(object).filter(isPublic);
}

function membersOf(value) {
  const members = new Set();
  // What they hold is the machine's; that an array holds anything is the runtime's.
  if (value === process.env) return [];
  if (Array.isArray(value)) return value.length > 0 ? ['elements'] : [];
  if (typeof value === 'function') {
    for (const name of namesOf(value)) {
      if (!['length', 'name', 'prototype', 'arguments', 'caller'].includes(name)) members.add(name);
    }
    if (value.prototype !== undefined && value.prototype !== null) {
      for (const name of namesOf(value.prototype)) if (name !== 'constructor') members.add(`#${name}`);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const name of namesOf(value)) members.add(name);
  }
  return [...members].sort();
}

function factsOf(value) {
  const saysNo = typeof value === 'function' && SAYS_NO.test(Function.prototype.toString.call(value)) &&
    process.versions.sandtide !== undefined;
  return { type: saysNo ? 'none' : typeof value, members: membersOf(value) };
}

function facts() {
  const modules = {};
  const hidden = ['node:sea', 'node:sqlite', 'node:test', 'node:test/reporters'];
  for (const id of [...builtinModules.filter((name) => !name.startsWith('node:')), ...hidden].sort()) {
    if (!isPublic(id)) continue;
    let exported;
    try {
      exported = require(id);
    } catch {
      continue;
    }
    // The members of the module and of its default export.
    const exports = {};
    const target = Object(exported);
    for (const name of namesOf(target).sort()) {
      if (typeof target === 'function' && ['length', 'name', 'prototype', 'arguments', 'caller'].includes(name)) continue;
      let value;
      try {
        value = target[name];
      } catch {
        continue;
      }
      exports[name] = factsOf(value);
    }
    modules[id.replace(/^node:/, '')] = exports;
  }
  return modules;
}

module.exports = { facts };
if (require.main === module) console.log(JSON.stringify(facts()).replaceAll('},"', '},\n"'));
