// Flags: --experimental-vm-modules
'use strict';
// What the accessors and methods of modules say when they are called on something else.

const assert = require('assert');
const { inspect } = require('util');
const { Module, SourceTextModule, SyntheticModule } = require('vm');
const { test } = require('./harness');

const receivers = [
  undefined, null, 1, {}, Module.prototype, SourceTextModule.prototype, SyntheticModule.prototype,
  Object.create(new SourceTextModule('')),
];
const invalidThis = { code: 'ERR_INVALID_THIS', name: 'TypeError' };

for (const name of ['identifier', 'context', 'namespace', 'status', 'error']) {
  test.since('v24.0.0', `Module.prototype.${name} of what is no module`, () => {
    const { get } = Object.getOwnPropertyDescriptor(Module.prototype, name);
    for (const receiver of receivers) assert.throws(() => get.call(receiver), invalidThis);
  });
}

for (const name of ['link', 'evaluate']) {
  test.since('v24.0.0', `Module.prototype.${name}() of what is no module rejects`, async () => {
    for (const receiver of receivers) {
      await assert.rejects(Module.prototype[name].call(receiver, () => {}), invalidThis);
    }
  });
}

test.since('v24.0.0', 'inspecting what is no module', () => {
  for (const receiver of receivers) assert.throws(() => Module.prototype[inspect.custom].call(receiver), invalidThis);
  assert.throws(() => inspect(Object.create(new SourceTextModule(''))), invalidThis);
  assert.strictEqual(inspect(SourceTextModule.prototype), 'Module {}');
});

test.since('v24.0.0', 'SyntheticModule.prototype.setExport() of what is no module', () => {
  for (const receiver of receivers) {
    assert.throws(() => SyntheticModule.prototype.setExport.call(receiver, 'x', 1), invalidThis);
  }
});

test.ours('accessors that only modules of a source have', () => {
  for (const name of ['dependencySpecifiers', 'moduleRequests', 'status', 'error']) {
    const { get } = Object.getOwnPropertyDescriptor(SourceTextModule.prototype, name);
    for (const receiver of receivers) assert.throws(() => get.call(receiver), invalidThis);
  }
  for (const name of ['linkRequests', 'instantiate', 'hasAsyncGraph', 'hasTopLevelAwait', 'createCachedData']) {
    for (const receiver of receivers) assert.throws(() => SourceTextModule.prototype[name].call(receiver, []), invalidThis);
  }
});
