'use strict';
const vm = require('node:vm');

class Point {
  #secret = 7;
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
  get length() {
    return Math.hypot(this.x, this.y) + this.#secret - 7;
  }
}

function add(a, b) {
  const sum = a + b;
  return sum;
}

function outer(list) {
  let count = 0;
  function inner(value) {
    count += value;
    return count;
  }
  for (const value of list) {
    inner(value);
  }
  return count;
}

async function wait(value) {
  const first = await value;
  const second = await first + 1;
  return second;
}

function fails(caught) {
  try {
    throw new TypeError('planted');
  } catch (error) {
    if (!caught) throw error;
    return error.message;
  }
}

globalThis.planted = { Point, add, outer, wait, fails, point: new Point(3, 4) };
const context = vm.createContext({ inside: 5 }, { name: 'planted context', origin: 'https://planted.example' });
globalThis.planted.context = context;
console.log('planted %s', 'log', 1, { a: 1 }, [1, 2, 3]);
console.warn('planted warning');
console.table([{ a: 1 }]);
setInterval(() => {}, 1000);
