'use strict';
// Modules of which a program asks whether it is one of several, or under inspection.
const assert = require('assert');
const cluster = require('cluster');
const inspector = require('inspector');

assert.deepStrictEqual([cluster.isPrimary, cluster.isMaster, cluster.isWorker], [true, true, false]);
assert.deepStrictEqual(cluster.workers, {});
assert.strictEqual(cluster.schedulingPolicy, cluster.SCHED_RR);
assert.strictEqual(typeof cluster.on, 'function');
assert.strictEqual(inspector.url(), undefined);
assert.strictEqual(typeof inspector.Session, 'function');
