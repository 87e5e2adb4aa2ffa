'use strict';

const { SandtideError } = require('./lib/errors.js');
const options = require('./lib/options.js');
const hosts = require('./lib/host.js');
const { Pool, run } = require('./lib/pool.js');
const { Script } = require('./lib/script.js');

const OPTIONS = ['heap', 'insecureWithout', 'cgroup', 'binary'];

/** Says how the host is started; only before the first script is compiled or run. */
function configure(given) {
  const asked = options.object(given, 'configure', OPTIONS);
  const without = asked.insecureWithout ?? [];
  if (!Array.isArray(without) || !without.every((layer) => typeof layer === 'string')) {
    throw new SandtideError('ERR_INVALID_OPTION', 'insecureWithout is a list of layers by name');
  }
  hosts.configure({
    heap: asked.heap === undefined ? 0 : options.size(asked.heap, 'heap'),
    insecureWithout: without,
    cgroup: options.text(asked.cgroup, 'cgroup', undefined),
    program: options.text(asked.binary, 'binary', undefined),
  });
}

module.exports = { Pool, SandtideError, Script, configure, run };
