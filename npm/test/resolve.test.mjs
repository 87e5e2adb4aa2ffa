// Which package has the program, and what is said where none has.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const root = dirname(require.resolve('sandtide/package.json'));
const { PLATFORMS, platform, program } = require(join(root, 'lib/resolve.js'));
const { optionalDependencies, version } = require('sandtide/package.json');

function notFound(name) {
  const error = new Error(`Cannot find module '${name}'\nRequire stack:\n- here`);
  error.code = 'MODULE_NOT_FOUND';
  throw error;
}

function withoutBinary(f) {
  const named = process.env.SANDTIDE_BINARY;
  delete process.env.SANDTIDE_BINARY;
  try {
    return f();
  } finally {
    if (named !== undefined) process.env.SANDTIDE_BINARY = named;
  }
}

test('each platform that is named has an optional dependency of this very version', () => {
  const names = PLATFORMS.map((name) => `@sandtide/${name}`);
  assert.deepEqual(Object.keys(optionalDependencies), names);
  for (const name of names) assert.equal(optionalDependencies[name], version);
});

test('where no package is installed the error prints what failed, and what to do', () => {
  const error = withoutBinary(() => assert.throws(() => program(notFound)) ?? caught(() => program(notFound)));
  assert.equal(error.code, 'ERR_NO_BINARY');
  assert.match(error.message, new RegExp(`^@sandtide/${platform()} cannot be loaded`));
  assert.match(error.message, /Cannot find module '@sandtide/);
  assert.match(error.message, /--omit=optional/);
  assert.equal(error.cause.code, 'MODULE_NOT_FOUND');
});

test('where the package of another platform is installed the error names it', () => {
  const other = PLATFORMS.find((name) => name !== platform());
  const lookup = (name) => (name === `@sandtide/${other}/package.json` ? name : notFound(name));
  const error = withoutBinary(() => caught(() => program(lookup)));
  assert.match(error.message, new RegExp(`installed is @sandtide/${other}, as if for another machine`));
  assert.match(error.message, /--libc/);
});

function caught(f) {
  try {
    f();
  } catch (error) {
    return error;
  }
  return assert.fail('it did not throw');
}
