// rewire: modules whose inner variables tests can read and set.
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const rewire = require('rewire');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rewire-'));
const file = path.join(folder, 'shop.js');
fs.writeFileSync(file, `
  const tax = 0.2;
  let currency = 'EUR';
  const { join } = require('path');
  function format(n) { return n.toFixed(2) + ' ' + currency; }
  exports.price = (n) => format(n * (1 + tax));
  exports.place = () => join('a', 'b');
`);
const shop = rewire(file);
console.log(shop.price(10), shop.place());
console.log(shop.__get__('tax'), shop.__get__('format')(3));
const revert = shop.__set__({ currency: 'USD', tax: 0 });
console.log(shop.price(10));
revert();
console.log(shop.price(10));
shop.__with__({ tax: 1 })(() => console.log(shop.price(10)));
assert.equal(rewire(file).price(10), '12.00 EUR');
fs.rmSync(folder, { recursive: true });
