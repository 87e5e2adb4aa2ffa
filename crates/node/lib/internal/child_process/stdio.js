'use strict';
// What programs write for `stdio`, made into what the binding takes.

const {
  codes: { ERR_INVALID_ARG_VALUE, ERR_IPC_ONE_PIPE, ERR_IPC_SYNC_FORK, ERR_INVALID_SYNC_FORK_INPUT },
} = require('internal/errors');

// As the binding numbers them; other numbers are descriptors.
const IGNORE = -1;
const PIPE = -2;
const CHANNEL = -3;

function listOf(stdio, channel) {
  if (stdio === undefined || stdio === null) stdio = 'pipe';
  let list;
  switch (stdio) {
    case 'ignore':
    case 'overlapped':
    case 'pipe':
      list = [stdio, stdio, stdio];
      break;
    case 'inherit':
      list = [0, 1, 2];
      break;
    default:
      if (!Array.isArray(stdio)) throw new ERR_INVALID_ARG_VALUE('stdio', stdio);
      list = stdio.slice();
  }
  if (channel) list.push(channel);
  while (list.length < 3) list.push(undefined);
  return list;
}

function descriptorOf(item) {
  if (typeof item === 'number' && item >= 0) return item;
  if (item !== null && typeof item === 'object') {
    if (typeof item.fd === 'number' && item.fd >= 0) return item.fd;
    if (typeof item._handle?.fd === 'number' && item._handle.fd >= 0) return item._handle.fd;
  }
  return undefined;
}

// Gives { stdio, ipcIndex }: numbers for the binding.
function parseStdio(stdio, sync, channel) {
  let ipcIndex = -1;
  const numbers = listOf(stdio, channel).map((item, index) => {
    if (item === undefined || item === null) item = index < 3 ? 'pipe' : 'ignore';
    switch (item) {
      case 'ignore':
        return IGNORE;
      case 'pipe':
      case 'overlapped':
        return PIPE;
      case 'inherit':
        return index;
      case 'ipc':
        if (sync) throw new ERR_IPC_SYNC_FORK();
        if (ipcIndex >= 0) throw new ERR_IPC_ONE_PIPE();
        ipcIndex = index;
        return CHANNEL;
      default: {
        const fd = descriptorOf(item);
        if (fd !== undefined) return fd;
        if (!sync && (typeof item === 'string' || ArrayBuffer.isView(item))) {
          throw new ERR_INVALID_SYNC_FORK_INPUT(require('internal/util/inspect').inspect(item));
        }
        throw new ERR_INVALID_ARG_VALUE('stdio', item);
      }
    }
  });
  return { stdio: numbers, ipcIndex };
}

module.exports = { CHANNEL, IGNORE, PIPE, parseStdio };
