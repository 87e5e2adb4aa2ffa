'use strict';
// Paths: the POSIX kind, which is this platform's, and Windows' on request.

const posix = require('internal/path/posix');

posix.posix = posix;
posix._makeLong = posix.toNamespacedPath;

// Few programs ask for the paths of the other platform.
Object.defineProperty(posix, 'win32', {
  __proto__: null,
  get() {
    const win32 = require('internal/path/win32');
    win32.posix = posix;
    win32.win32 = win32;
    win32._makeLong = win32.toNamespacedPath;
    Object.defineProperty(posix, 'win32', {
      __proto__: null, value: win32, writable: true, enumerable: true, configurable: true,
    });
    return win32;
  },
  enumerable: true,
  configurable: true,
});

module.exports = posix;
