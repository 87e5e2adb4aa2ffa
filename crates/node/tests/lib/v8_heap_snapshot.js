'use strict';
// A heap snapshot of a program whose arrays lost values at their start.

const assert = require('assert');
const v8 = require('v8');

const values = [1, 'text', null, 2.5, {}, Symbol('s'), 7n, undefined];
const kept = [];
for (let length = 2; length <= 400; length++) {
  const array = Array.from({ length }, (_, i) => values[i % values.length]);
  const times = 1 + length % 5;
  for (let i = 0; i < times; i++) array.shift();
  kept.push(array);
  const cut = Array.from({ length }, (_, i) => values[i % values.length]);
  cut.splice(0, times);
  kept.push(cut);
}

let text = '';
v8.getHeapSnapshot().setEncoding('utf8').on('data', (chunk) => { text += chunk; }).on('end', () => {
  const { snapshot, nodes } = JSON.parse(text);
  assert.strictEqual(nodes.length, snapshot.node_count * snapshot.meta.node_fields.length);
  assert.strictEqual(kept.length, 798);
});
