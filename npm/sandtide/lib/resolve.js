'use strict';
// Where the program `sandtide` is: in the package of this platform, which npm installs beside this one.

const { existsSync } = require('node:fs');
const { SandtideError } = require('./errors.js');

/** The platforms that have a package, by `process.platform`, `process.arch` and libc. */
const PLATFORMS = ['linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl'];

/** gnu or musl, by what this very process was linked with. */
function libc() {
  if (process.platform !== 'linux') return '';
  // Deno and Bun have no such report, or one without the field.
  const report = process.report?.getReport?.();
  const header = typeof report === 'string' ? JSON.parse(report).header : report?.header;
  if (header?.glibcVersionRuntime) return 'gnu';
  const musl = ['/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-aarch64.so.1'].some(existsSync);
  const glibc = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].some(existsSync);
  return musl && !glibc ? 'musl' : 'gnu';
}

/** The name that this machine's package has, or would have. */
function platform() {
  return [process.platform, process.arch, libc()].filter(Boolean).join('-');
}

/** The program's path. */
function program(lookup = require.resolve) {
  const named = process.env.SANDTIDE_BINARY;
  if (named) {
    if (existsSync(named)) return named;
    throw new SandtideError('ERR_NO_BINARY', `SANDTIDE_BINARY names ${named}, which is not there`);
  }
  const here = platform();
  const name = `@sandtide/${here}`;
  if (!PLATFORMS.includes(here)) {
    throw new SandtideError(
      'ERR_PLATFORM',
      `there is no sandtide for ${here}, only for ${PLATFORMS.join(', ')}; ` +
        'where you have built the program yourself, name it in SANDTIDE_BINARY',
    );
  }
  try {
    return lookup(`${name}/bin/sandtide`);
  } catch (error) {
    const others = PLATFORMS.filter((other) => {
      try {
        lookup(`@sandtide/${other}/package.json`);
        return true;
      } catch {
        return false;
      }
    });
    const found = others.length
      ? `installed is ${others.map((other) => `@sandtide/${other}`).join(', ')}, as if for another ` +
        'machine: install on the machine that runs the program, or with --os, --cpu and --libc of it'
      : 'no package of any platform is installed: install without --omit=optional, and with a ' +
        'lockfile that was made with optional dependencies';
    throw new SandtideError(
      'ERR_NO_BINARY',
      `${name} cannot be loaded (${error.message.split('\n')[0]}); ${found}; ` +
        'or name the program in SANDTIDE_BINARY',
      { cause: error },
    );
  }
}

module.exports = { PLATFORMS, libc, platform, program };
