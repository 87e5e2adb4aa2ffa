'use strict';
// `dns/promises`: the functions of `dns` that give promises.

const dns = require('dns');
const { promisify } = require('internal/util');

const promises = module.exports = {};

for (const name of Object.keys(dns)) {
  const value = name === 'promises' ? undefined : dns[name];
  if (name === 'lookup') {
    promises.lookup = async function lookup(hostname, options) {
      if (!options?.all) return promisify(dns.lookup)(hostname, options ?? {});
      return new Promise((resolve, reject) => {
        dns.lookup(hostname, options, (error, addresses) => (error ? reject(error) : resolve(addresses)));
      });
    };
  } else if (name === 'lookupService' || name.startsWith('resolve') || name === 'reverse') {
    promises[name] = promisify(value);
  } else if (name !== 'promises' && name !== 'Resolver') {
    promises[name] = value;
  }
}

promises.Resolver = class Resolver {
  cancel() {}
};
for (const name of Object.keys(promises)) {
  if (name.startsWith('resolve') || name === 'reverse' || name.endsWith('Servers')) {
    promises.Resolver.prototype[name] = promises[name];
  }
}
