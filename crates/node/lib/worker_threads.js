'use strict';
// The public module `worker_threads`: there is one thread, the main one.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
const EventEmitter = require('events');

const environmentData = new Map();
const untransferable = new WeakSet();
const uncloneable = new WeakSet();

class Worker extends EventEmitter {
  constructor(filename) {
    super();
    if (typeof filename !== 'string' && !(filename instanceof URL)) {
      throw new ERR_INVALID_ARG_TYPE('filename', ['string', 'URL'], filename);
    }
    throw new ERR_METHOD_NOT_IMPLEMENTED('new Worker()');
  }
}

module.exports = {
  isMainThread: true,
  isInternalThread: false,
  isMarkedAsUntransferable: (object) => untransferable.has(object),
  markAsUncloneable(object) {
    if (typeof object === 'object' && object !== null) uncloneable.add(object);
  },
  markAsUntransferable(object) {
    if (typeof object === 'object' && object !== null) untransferable.add(object);
  },
  moveMessagePortToContext() {
    throw new ERR_METHOD_NOT_IMPLEMENTED('moveMessagePortToContext()');
  },
  parentPort: null,
  postMessageToThread() {
    throw new ERR_METHOD_NOT_IMPLEMENTED('postMessageToThread()');
  },
  resourceLimits: {},
  SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
  threadId: 0,
  threadName: '',
  Worker,
  workerData: null,
  getEnvironmentData: (key) => environmentData.get(key),
  setEnvironmentData(key, value) {
    if (value === undefined) environmentData.delete(key);
    else environmentData.set(key, value);
  },
};

for (const name of ['BroadcastChannel', 'MessageChannel', 'MessagePort', 'receiveMessageOnPort']) {
  Object.defineProperty(module.exports, name, {
    get: () => require('internal/message_channel')[name],
    configurable: true,
    enumerable: true,
  });
}
