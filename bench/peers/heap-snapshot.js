// Fills a heap with so many orders, and tells how long a snapshot of it takes and how much memory beside it.
// Usage: heap-snapshot.js COUNT FILE
'use strict';
const fs = require('fs');
const v8 = require('v8');

class Order {
  constructor(id) {
    this.id = id;
    this.customer = `customer ${id} of the shop`;
    this.lines = [{ article: id % 1000, price: id / 7 }, { article: id % 999, price: id / 3 }];
  }
}

const orders = new Map();
for (let id = 0; id < Number(process.argv[2]); id++) orders.set(`order ${id}`, new Order(id));
globalThis.gc?.();

const status = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
// From here on the peak is a new one.
fs.writeFileSync('/proc/self/clear_refs', '5');
const before = status('VmRSS');
const { heapUsed } = process.memoryUsage();
const began = process.hrtime.bigint();
v8.writeHeapSnapshot(process.argv[3]);
const ms = Number(process.hrtime.bigint() - began) / 1e6;
const more = status('VmHWM') - before;
console.log(JSON.stringify({ ms, heap: heapUsed, resident: before, more, orders: orders.size }));
