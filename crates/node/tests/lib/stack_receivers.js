'use strict';
// What a function was called on stands before its name in the frames of a stack.
const assert = require('assert');

// The function of the topmost frame, or '' where that shows its place alone.
function first(run) {
  try {
    run();
  } catch (error) {
    const frame = error.stack.split('\n    at ')[1];
    return /^(.*) \((?:[^()]*:\d+:\d+|<anonymous>)\)$/.exec(frame)?.[1] ?? '';
  }
  throw new Error('did not fail');
}

function fail() {
  throw new Error('fails');
}

class Shop {
  constructor(fails) { if (fails) throw new Error('fails'); }
  open() { throw new Error('fails'); }
  static found() { throw new Error('fails'); }
  get closed() { throw new Error('fails'); }
  set closed(value) { throw new Error('fails'); }
  #secret() { throw new Error('fails'); }
  tell() { this.#secret(); }
  [Symbol.iterator]() { throw new Error('fails'); }
  field = () => { throw new Error('fails'); };
  *each() { throw new Error('fails'); }
}
class Market extends Shop {}
class Cache extends Map {
  load() { throw new Error('fails'); }
}
function Old() {}
Old.prototype.run = function() { throw new Error('fails'); };
const shop = new Shop();
const object = {
  open() { throw new Error('fails'); },
  other: fail,
  arrow: () => { throw new Error('fails'); },
  'two words'() { throw new Error('fails'); },
};

for (const [run, expected] of [
  [() => shop.open(), 'Shop.open'],
  [() => new Market().open(), 'Market.open'],
  [() => Shop.found(), 'Shop.found'],
  [() => Market.found(), 'Market.found'],
  [() => new Shop(true), 'new Shop'],
  [() => shop.closed, 'get closed'],
  [() => { shop.closed = 1; }, 'set closed'],
  [() => shop.tell(), '#secret'],
  [() => [...shop], '[Symbol.iterator]'],
  [() => shop.field(), 'Shop.field'],
  [() => shop.each().next(), 'Shop.each'],
  [() => new Cache().load(), 'Cache.load'],
  [() => object.open(), 'Object.open'],
  [() => object.other(), 'Object.fail [as other]'],
  [() => object.arrow(), 'Object.arrow'],
  [() => object['two words'](), 'two words'],
  [() => Object.create({ open() { throw new Error('fails'); } }).open(), 'Object.open'],
  [() => (class { static make() { throw new Error('fails'); } }).make(), 'Function.make'],
  [() => fail(), 'fail'],
  [() => fail.call(null), 'fail'],
  [() => fail.call(globalThis), 'fail'],
  [() => fail.call(5), 'Number.fail'],
  [() => fail.call('text'), 'String.fail'],
  [() => fail.call(true), 'Boolean.fail'],
  [() => fail.call(1n), 'BigInt.fail'],
  [() => fail.call([]), 'Array.fail'],
  [() => fail.call(new Date()), 'Date.fail'],
  [() => fail.call(Object.create(null)), 'Object.fail'],
  [() => fail.call(new Proxy({}, {})), 'Proxy.fail'],
  [() => fail.call({ [Symbol.toStringTag]: 'Tagged' }), 'Tagged.fail'],
  [() => fail.call(Math), 'Math.fail'],
  [() => fail.call(Shop), 'Shop.fail'],
  [() => fail.call(() => {}), 'Function.fail'],
  [() => [1].forEach(fail, object), 'Object.fail [as other]'],
  [() => (function() { throw new Error('fails'); }).call(object), 'Object.<anonymous>'],
  [() => (function() { throw new Error('fails'); })(), ''],
  [() => JSON.parse('{'), 'JSON.parse'],
  [() => Reflect.ownKeys(1), 'Reflect.ownKeys'],
  [() => Object.defineProperty(1, 'a', {}), 'Object.defineProperty'],
  [() => [].reduce((a) => a), 'Array.reduce'],
  [() => 'a'.repeat(-1), 'String.repeat'],
  [() => (5).toFixed(101), 'Number.toFixed'],
  [() => Symbol.keyFor(1), 'Symbol.keyFor'],
  [() => new Array(-1), ''],
]) {
  assert.strictEqual(first(run), expected, String(run));
}

// Asking runs nothing of the program's.
const silent = {};
Object.defineProperty(silent, 'constructor', { get() { throw new Error('asked'); } });
Object.defineProperty(silent, Symbol.toStringTag, { get() { throw new Error('asked'); } });
Object.defineProperty(silent, 'other', { get() { throw new Error('asked'); } });
assert.strictEqual(first(() => fail.call(silent)), 'Object.fail');

// Functions that wait are shown so, too.
class Service {
  async outer() { await 1; await this.inner(); }
  async inner() { await 2; throw new Error('fails'); }
}
let done = false;
new Service().outer().catch(({ stack }) => {
  assert.match(stack, /^ {4}at Service\.inner \(/m);
  assert.match(stack, /^ {4}at async Service\.outer \(/m);
  done = true;
});
process.on('exit', () => assert.ok(done));
