'use strict';
// Terminals.

const {
  codes: { ERR_INVALID_FD },
} = require('internal/errors');

const { stdioKind } = internalBinding('process');

function isatty(fd) {
  if (!Number.isInteger(fd) || fd < 0 || fd > 2147483647) return false;
  // Which other descriptors are terminals is not known.
  return fd <= 2 && stdioKind(fd) === 'tty';
}

// Of a standard stream, that stream; other terminals are not opened.
function open(fd, stream) {
  if (fd >> 0 !== fd || fd < 0) throw new ERR_INVALID_FD(fd);
  if (stream?.isTTY) return stream;
  const error = new Error('TTY initialization failed: uv_tty_init returned EINVAL (invalid argument)');
  error.name = 'SystemError';
  error.code = 'ERR_TTY_INIT_FAILED';
  throw error;
}

function ReadStream(fd) {
  return open(fd, fd === 0 ? process.stdin : undefined);
}

function WriteStream(fd) {
  return open(fd, fd === 1 ? process.stdout : fd === 2 ? process.stderr : undefined);
}

module.exports = { ReadStream, WriteStream, isatty };
