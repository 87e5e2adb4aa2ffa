// CoffeeScript: its eval runs programs in contexts by vm, and its register makes them modules.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const CoffeeScript = require('coffeescript');

const list = CoffeeScript.eval('(x * factor for x in [1..3]).join()', { sandbox: { factor: 2 } });
console.log(list);
assert.equal(list, '2,4,6');

const context = vm.createContext({ z: 4 });
assert.equal(CoffeeScript.eval('w = z + 1', { sandbox: context }), 5);
assert.equal(context.w, 5);
assert.equal(CoffeeScript.eval('require("path").join "a", "b"', { filename: 'q.coffee' }), path.join('a', 'b'));

assert.throws(() => CoffeeScript.eval('a b c: ['), (error) => {
  console.log(error.name, error.message, error.location.first_line);
  return error.name === 'SyntaxError';
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coffee-'));
try {
  CoffeeScript.register();
  fs.writeFileSync(path.join(folder, 'greeter.coffee'), 'module.exports = class Greeter\n  greet: (name) -> "hello #{name}"\n');
  const Greeter = require(path.join(folder, 'greeter'));
  console.log(new Greeter().greet('you'));
  assert.equal(new Greeter().greet('you'), 'hello you');
} finally {
  fs.rmSync(folder, { recursive: true });
}
