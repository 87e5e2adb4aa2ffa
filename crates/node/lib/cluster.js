'use strict';
// `cluster` of a program that is not part of one: it is the primary, and starts no workers.

const EventEmitter = require('events');
const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');

const cluster = module.exports = new EventEmitter();

class Worker extends EventEmitter {
  constructor(options = {}) {
    super();
    this.exitedAfterDisconnect = undefined;
    this.state = options?.state ?? 'none';
    this.id = options?.id | 0;
  }
}

cluster.isWorker = false;
cluster.isMaster = true;
cluster.isPrimary = true;
cluster.Worker = Worker;
cluster.workers = {};
cluster.settings = {};
cluster.SCHED_NONE = 1;
cluster.SCHED_RR = 2;
cluster.schedulingPolicy = cluster.SCHED_RR;

cluster.setupPrimary = function setupPrimary(options) {
  cluster.settings = {
    args: process.argv.slice(2),
    exec: process.argv[1],
    execArgv: process.execArgv,
    silent: false,
    ...cluster.settings,
    ...options,
  };
  process.nextTick(() => cluster.emit('setup', cluster.settings));
};
cluster.setupMaster = cluster.setupPrimary;

cluster.fork = function fork() {
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('cluster.fork');
};

cluster.disconnect = function disconnect(callback) {
  process.nextTick(() => {
    cluster.emit('disconnect');
    if (typeof callback === 'function') callback();
  });
};
