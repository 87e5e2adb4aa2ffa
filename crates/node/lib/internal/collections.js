'use strict';
// Who is told of collections of garbage. The host keeps them only while somebody is.

const heap = internalBinding('heap_utils');

const listeners = new Set();

// Has `listener` called with start, duration (both in ms), kind, flags and the heap's bytes afterwards of each
// collection, at the end of the turn in which it was.
function add(listener) {
  listeners.add(listener);
  if (listeners.size > 1) return;
  heap.setCollectionCallback((numbers) => {
    for (let i = 0; i < numbers.length; i += 5) {
      const collection = numbers.slice(i, i + 5);
      for (const told of listeners) told(...collection);
    }
  });
  heap.observeCollections(true);
}

function remove(listener) {
  if (listeners.delete(listener) && listeners.size === 0) heap.observeCollections(false);
}

module.exports = { add, remove };
