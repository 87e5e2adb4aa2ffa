'use strict';
// `dns`: names of hosts, as the system resolves them. Records other than addresses are not asked for.

const { DNSException, codes } = require('internal/errors');
const {
  validateBoolean, validateFunction, validateNumber, validateOneOf, validatePort, validateString, validateArray,
} = require('internal/validators');
const { onceCalled } = require('internal/async_hooks');
const { customPromisifyArgs } = require('internal/util');

const { ERR_INVALID_ARG_VALUE } = codes;
const ADDRCONFIG = 32;
const ALL = 16;
const V4MAPPED = 8;
const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'];

const lazyNet = () => require('net');
let defaultOrder;

function getDefaultResultOrder() {
  return defaultOrder ??= require('internal/options').getOptionValue('--dns-result-order') ?? 'verbatim';
}

function setDefaultResultOrder(order) {
  validateOneOf(order, 'dnsOrder', ORDERS);
  defaultOrder = order;
}

function inOrder(addresses, order) {
  if (order === 'verbatim') return addresses;
  const first = order === 'ipv4first' ? 4 : 6;
  return [...addresses.filter(({ family }) => family === first), ...addresses.filter(({ family }) => family !== first)];
}

const FAMILIES = { IPv4: 4, IPv6: 6 };

// family, all and order.
function lookupOptions(options) {
  const result = { family: 0, all: false, order: getDefaultResultOrder() };
  if (options === undefined || options === null || typeof options === 'function') return result;
  if (typeof options === 'number') {
    validateOneOf(options, 'family', [0, 4, 6]);
    result.family = options;
    return result;
  }
  if (typeof options !== 'object') throw new codes.ERR_INVALID_ARG_TYPE('options', ['integer', 'object'], options);
  if (options.hints !== undefined && options.hints !== null) {
    validateNumber(options.hints, 'options.hints');
    if ((options.hints >>> 0) & ~(ADDRCONFIG | ALL | V4MAPPED)) throw new ERR_INVALID_ARG_VALUE('hints', options.hints);
  }
  if (options.family !== undefined && options.family !== null) {
    const family = FAMILIES[options.family] ?? options.family;
    validateOneOf(family, 'options.family', [0, 4, 6]);
    result.family = family;
  }
  if (options.all !== undefined && options.all !== null) {
    validateBoolean(options.all, 'options.all');
    result.all = options.all;
  }
  if (options.verbatim !== undefined && options.verbatim !== null) {
    validateBoolean(options.verbatim, 'options.verbatim');
    result.order = options.verbatim ? 'verbatim' : 'ipv4first';
  }
  if (options.order !== undefined && options.order !== null) {
    validateOneOf(options.order, 'options.order', ORDERS);
    result.order = options.order;
  }
  return result;
}

// Calls back with a list of { address, family }.
function addressesOf(hostname, { family, order }, done) {
  const own = lazyNet().isIP(hostname);
  if (own !== 0) {
    process.nextTick(done, null, [{ address: hostname, family: own }]);
    return;
  }
  internalBinding('dns').lookup(hostname, onceCalled('GETADDRINFOREQWRAP', (found) => {
    if (typeof found === 'number') {
      done(DNSException(found, 'getaddrinfo', hostname));
      return;
    }
    const all = found.map((address) => ({ address, family: lazyNet().isIP(address) }));
    const wanted = family === 0 ? all : all.filter((each) => each.family === family);
    if (wanted.length === 0) done(DNSException(-3008, 'getaddrinfo', hostname));
    else done(null, inOrder(wanted, order));
  }));
}

function checkHostname(hostname) {
  if (hostname) validateString(hostname, 'hostname');
}

function lookup(hostname, options, callback) {
  checkHostname(hostname);
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  } else {
    validateFunction(callback, 'callback');
  }
  const settings = lookupOptions(options);
  if (!hostname) {
    if (settings.all) process.nextTick(callback, null, []);
    else process.nextTick(callback, null, null, settings.family === 6 ? 6 : 4);
    return {};
  }
  addressesOf(hostname, settings, (error, addresses) => {
    if (error) callback(error);
    else if (settings.all) callback(null, addresses);
    else callback(null, addresses[0].address, addresses[0].family);
  });
  return {};
}
Object.defineProperty(lookup, customPromisifyArgs, { __proto__: null, value: ['address', 'family'], enumerable: false });

// Names that the machine itself has for an address, and for ports.
function tableOf(path) {
  const { readText } = internalBinding('os');
  return readText(path).split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)).filter((words) => words.length > 1);
}

function lookupService(address, port, callback) {
  if (arguments.length !== 3) throw new codes.ERR_MISSING_ARGS('address', 'port', 'callback');
  if (lazyNet().isIP(address) === 0) throw new ERR_INVALID_ARG_VALUE('address', address);
  port = validatePort(port);
  validateFunction(callback, 'callback');
  const name = tableOf('/etc/hosts').find(([host]) => host === address)?.[1] ?? address;
  const service = tableOf('/etc/services').find(([, what]) => what === `${port}/tcp`)?.[0] ?? String(port);
  process.nextTick(callback, null, name, service);
  return {};
}
Object.defineProperty(lookupService, customPromisifyArgs, { __proto__: null, value: ['hostname', 'service'], enumerable: false });

const codesOf = {
  NODATA: 'ENODATA', FORMERR: 'EFORMERR', SERVFAIL: 'ESERVFAIL', NOTFOUND: 'ENOTFOUND', NOTIMP: 'ENOTIMP',
  REFUSED: 'EREFUSED', BADQUERY: 'EBADQUERY', BADNAME: 'EBADNAME', BADFAMILY: 'EBADFAMILY', BADRESP: 'EBADRESP',
  CONNREFUSED: 'ECONNREFUSED', TIMEOUT: 'ETIMEOUT', EOF: 'EOF', FILE: 'EFILE', NOMEM: 'ENOMEM',
  DESTRUCTION: 'EDESTRUCTION', BADSTR: 'EBADSTR', BADFLAGS: 'EBADFLAGS', NONAME: 'ENONAME', BADHINTS: 'EBADHINTS',
  NOTINITIALIZED: 'ENOTINITIALIZED', LOADIPHLPAPI: 'ELOADIPHLPAPI', ADDRGETNETWORKPARAMS: 'EADDRGETNETWORKPARAMS',
  CANCELLED: 'ECANCELLED',
};

let servers;

function getServers() {
  return servers ??= tableOf('/etc/resolv.conf').filter(([key]) => key === 'nameserver').map(([, address]) => address);
}

function setServers(list) {
  validateArray(list, 'servers');
  for (let i = 0; i < list.length; i++) {
    validateString(list[i], `servers[${i}]`);
    if (lazyNet().isIP(list[i].replace(/^\[|\](:\d+)?$/g, '').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')) === 0) {
      throw new codes.ERR_INVALID_IP_ADDRESS(list[i]);
    }
  }
  servers = [...list];
}

// Addresses come by way of the system; other records would need a resolver of our own.
function resolver(name, syscall, family) {
  return {
    [name](hostname, options, callback) {
      if (typeof options === 'function') [callback, options] = [options, undefined];
      validateString(hostname, 'name');
      validateFunction(callback, 'callback');
      if (family === undefined) {
        process.nextTick(callback, DNSException('ENOTIMP', syscall, hostname));
        return {};
      }
      addressesOf(hostname, { family, order: 'verbatim' }, (error, addresses) => {
        if (error) callback(DNSException(error.code, syscall, hostname));
        else callback(null, addresses.map(({ address }) => (options?.ttl ? { address, ttl: 0 } : address)));
      });
      return {};
    },
  }[name];
}

const resolvers = {
  resolve4: resolver('resolve4', 'queryA', 4),
  resolve6: resolver('resolve6', 'queryAaaa', 6),
  reverse: resolver('reverse', 'getHostByAddr'),
};
for (const record of ['Any', 'Caa', 'Cname', 'Mx', 'Naptr', 'Ns', 'Ptr', 'Soa', 'Srv', 'Tlsa', 'Txt']) {
  resolvers[`resolve${record}`] = resolver(`resolve${record}`, `query${record}`);
}

function resolve(hostname, rrtype, callback) {
  if (typeof rrtype === 'function') [callback, rrtype] = [rrtype, 'A'];
  validateString(rrtype, 'rrtype');
  const key = rrtype === 'A' ? 'resolve4' : rrtype === 'AAAA' ? 'resolve6' :
    `resolve${rrtype[0]}${rrtype.slice(1).toLowerCase()}`;
  if (resolvers[key] === undefined) throw new ERR_INVALID_ARG_VALUE('rrtype', rrtype);
  return resolvers[key](hostname, callback);
}

class Resolver {
  cancel() {}
}
Object.assign(Resolver.prototype, { getServers, resolve, setServers, setLocalAddress() {}, ...resolvers });

module.exports = {
  lookup,
  lookupService,
  Resolver,
  getDefaultResultOrder,
  setDefaultResultOrder,
  setServers,
  ADDRCONFIG,
  ALL,
  V4MAPPED,
  ...codesOf,
  getServers,
  resolve,
  ...resolvers,
};

Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  get: () => require('dns/promises'),
  enumerable: true,
  configurable: true,
});
