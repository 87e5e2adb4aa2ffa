'use strict';
// Names of hosts: this machine's own, and those that cannot be.
const assert = require('assert');
const dns = require('dns');

const call = (fn, ...args) => new Promise((resolve) => fn(...args, (...results) => resolve(results)));

let done = false;
process.on('exit', () => assert.ok(done));
(async () => {
  const [error, address, family] = await call(dns.lookup, 'localhost');
  assert.strictEqual(error, null);
  assert.ok((family === 4 && address === '127.0.0.1') || (family === 6 && address === '::1'));
  assert.deepStrictEqual(await call(dns.lookup, 'localhost', 4), [null, '127.0.0.1', 4]);
  assert.deepStrictEqual(await call(dns.lookup, '127.0.0.1'), [null, '127.0.0.1', 4]);
  assert.deepStrictEqual(await call(dns.lookup, '::1', { all: true }), [null, [{ address: '::1', family: 6 }]]);
  const [, all] = await call(dns.lookup, 'localhost', { all: true, order: 'ipv4first' });
  assert.deepStrictEqual(all[0], { address: '127.0.0.1', family: 4 });
  assert.deepStrictEqual(await dns.promises.lookup('localhost', { family: 4 }), { address: '127.0.0.1', family: 4 });
  assert.deepStrictEqual(await dns.promises.lookup('localhost', { family: 4, all: true }), [{ address: '127.0.0.1', family: 4 }]);
  assert.deepStrictEqual(await require('util').promisify(dns.lookup)('localhost', 4), { address: '127.0.0.1', family: 4 });

  const [failed] = await call(dns.lookup, 'no.such.name.invalid');
  assert.ok(['ENOTFOUND', 'EAI_AGAIN'].includes(failed.code), failed.code);
  assert.strictEqual(failed.message, `getaddrinfo ${failed.code} no.such.name.invalid`);
  assert.strictEqual(failed.hostname, 'no.such.name.invalid');
  assert.strictEqual(failed.syscall, 'getaddrinfo');

  assert.throws(() => dns.lookup(5, () => {}), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => dns.lookup('a'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => dns.lookup('a', { family: 5 }, () => {}), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => dns.lookup('a', { hints: 1 << 20 }, () => {}), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.strictEqual(dns.NOTFOUND, 'ENOTFOUND');
  assert.ok(Array.isArray(dns.getServers()));
  assert.deepStrictEqual((await call(dns.lookupService, '127.0.0.1', 80))[0], null);
  done = true;
})();
