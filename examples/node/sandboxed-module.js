// sandboxed-module: modules loaded into contexts of their own, with what they require replaced.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const SandboxedModule = require('sandboxed-module');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sandboxed-'));
fs.writeFileSync(path.join(folder, 'client.js'), `
const transport = require('./transport');
let calls = 0;
exports.ask = (what) => { calls++; return transport.send(what) + clock.now(); };
exports.calls = () => calls;
exports.where = __dirname;
exports.secret = function () { return hidden; };
const hidden = 'h';
`);
fs.writeFileSync(path.join(folder, 'transport.js'), 'throw new Error("not to be loaded")');
try {
  const load = () => SandboxedModule.load(path.join(folder, 'client.js'), {
    requires: { './transport': { send: (what) => `sent ${what} at ` } },
    globals: { clock: { now: () => 12 } },
  });
  const first = load();
  const second = load();
  console.log(first.exports.ask('hello'), first.exports.calls(), second.exports.calls());
  assert.equal(first.exports.ask('x'), 'sent x at 12');
  assert.equal(first.exports.calls(), 2);
  assert.equal(second.exports.calls(), 0);
  assert.equal(first.exports.where, folder);
  first.locals?.hidden === undefined || assert.equal(first.locals.hidden, 'h');
} finally {
  fs.rmSync(folder, { recursive: true });
}
