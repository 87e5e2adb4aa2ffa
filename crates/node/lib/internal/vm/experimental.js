'use strict';
// What of vm is experimental: the flag that opens it, and the warnings.

let enabled;
const warned = new Set();

// Whether the program was started with --experimental-vm-modules.
function experimentalVmModules() {
  if (enabled === undefined) {
    const words = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
    enabled = words.lastIndexOf('--experimental-vm-modules') > words.lastIndexOf('--no-experimental-vm-modules');
  }
  return enabled;
}

// Warns once for each feature.
function emitExperimentalWarning(feature) {
  if (warned.has(feature)) return;
  warned.add(feature);
  process.emitWarning(`${feature} is an experimental feature and might change at any time`, 'ExperimentalWarning');
}

module.exports = { emitExperimentalWarning, experimentalVmModules };
