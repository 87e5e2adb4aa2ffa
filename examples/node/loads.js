// Packages that are known to load, or not to, under sandtide node (loads.json). Under Node all load.
'use strict';
const assert = require('node:assert/strict');
const known = require('./loads.json');

// What a package begins and does not wait for is its own.
process.on('unhandledRejection', () => {});

async function main() {
  for (const [name, expected] of Object.entries(known)) {
    let result = 'loads';
    try {
      await import(name);
    } catch (error) {
      result = String(error.message).split('\n')[0];
    }
    const wanted = process.versions.sandtide === undefined ? 'loads' : expected;
    assert.equal(result, wanted, name);
  }
  console.log(Object.keys(known).join(', '));
}
main();
