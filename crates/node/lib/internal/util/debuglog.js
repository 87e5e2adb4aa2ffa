'use strict';
// `util.debuglog`: messages on stderr for the sections that NODE_DEBUG names.

const { formatParts } = require('internal/util/format');

let pattern;

function isEnabled(section) {
  if (pattern === undefined) {
    const wanted = (process.env.NODE_DEBUG ?? '').replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replaceAll('*', '.*').replaceAll(',', '$|^');
    pattern = wanted === '' ? /(?!)/ : new RegExp(`^${wanted}$`, 'i');
  }
  return pattern.test(section);
}

function write(section, args) {
  const { stderr } = process;
  const colors = Boolean(stderr.isTTY) && (stderr.getColorDepth?.() ?? 1) > 2;
  stderr.write(`${section} ${process.pid}: ${formatParts({ colors }, args)}\n`);
}

// `onReady` gets the plain function once it is known what it does: callers can save the check.
function debuglog(section, onReady) {
  section = `${section}`.toUpperCase();
  let enabled;
  const isOn = () => enabled ??= isEnabled(section);
  let logger = (...args) => {
    logger = isOn() ? (...more) => write(section, more) : () => {};
    if (typeof onReady === 'function') onReady(logger);
    logger(...args);
  };
  const result = { logger: (...args) => logger(...args) }.logger;
  Object.defineProperty(result, 'enabled', { __proto__: null, get: isOn, enumerable: true, configurable: true });
  return result;
}

module.exports = { debuglog };
