// Times node:vm without HTTP: `node vm-in-process.js VARIANT` prints one line of JSON,
// { engine, batches, runs, ns: [nanoseconds a run, one for each batch] }. `sandtide node` takes it as well.
'use strict';
const vm = require('node:vm');

function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

const declarations = `
  'use strict';
  const limit = 3;
  function area(shape) { return shape.width * shape.height; }
  class Shape {
    #name;
    constructor(name, width, height) { this.#name = name; this.width = width; this.height = height; }
    get name() { return this.#name; }
    scaled(factor) { return new Shape(this.#name, this.width * factor, this.height * factor); }
  }
  class Square extends Shape {
    constructor(side) { super('square', side, side); }
    static unit = new Square(1);
  }
  var total = 0;
  for (let i = 1; i <= limit; i++) total += area(Square.unit.scaled(i));
  total + Square.unit.name.length;
`;

const builtins = `
  const words = text.match(/[a-z]+/gi).map((word) => word.toLowerCase());
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  JSON.stringify({ words: words.length, first: Object.fromEntries(sorted.slice(0, 2)), ...JSON.parse(more) });
`;
const builtinsGlobals = () => ({ text: 'The cat and the dog, and the bird', more: '{"ok":[1,2.5,null]}' });

// Each makes its run, whose value has to be `value`. `runs` are the runs in a batch.
const variants = {
  // A new context for each run.
  fresh: {
    runs: 200, value: 55,
    prepare: () => () => vm.runInNewContext('a = fibonacci(number)', { fibonacci, number: 10 }),
  },
  'fresh-empty': {
    runs: 200, value: undefined,
    prepare: () => () => vm.runInNewContext('', {}),
  },
  'fresh-declarations': {
    runs: 200, value: 20,
    prepare: () => () => vm.runInNewContext(declarations, {}),
  },
  'fresh-builtins': {
    runs: 200, value: '{"words":8,"first":{"the":3,"and":2},"ok":[1,2.5,null]}',
    prepare: () => () => vm.runInNewContext(builtins, builtinsGlobals()),
  },
  'create-context': {
    runs: 200, value: true,
    prepare: () => () => vm.isContext(vm.createContext({})),
  },
  // A script compiled again: an engine may remember the text.
  'compile-same': {
    runs: 5_000, value: true,
    prepare: () => () => new vm.Script(declarations) instanceof vm.Script,
  },
  'compile-new': {
    runs: 1_000, value: true,
    prepare() {
      let number = 0;
      return () => new vm.Script(`${declarations}// ${number++}`) instanceof vm.Script;
    },
  },
  // One context and one compiled script for all runs: nothing is kept apart.
  hoisted: {
    runs: 20_000, value: 55,
    prepare() {
      const context = vm.createContext({ fibonacci, number: 10 });
      const script = new vm.Script('a = fibonacci(number)');
      return () => script.runInContext(context);
    },
  },
  // The same with next to nothing to run: what entering a context costs.
  'hoisted-least': {
    runs: 50_000, value: 10,
    prepare() {
      const context = vm.createContext({ number: 10 });
      const script = new vm.Script('a = number');
      return () => script.runInContext(context);
    },
  },
};

const variant = variants[process.argv[2]];
if (!variant) {
  console.error(`usage: node vm-in-process.js ${Object.keys(variants).join('|')}`);
  process.exit(64);
}

const batches = 15;
const warmUp = 3;
const { runs, value: expected } = variant;
const run = variant.prepare();
const ns = [];
for (let batch = -warmUp; batch < batches; batch++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < runs; i++) {
    const value = run();
    if (value !== expected) throw new Error(`a run gave ${value}, not ${expected}`);
  }
  const elapsed = process.hrtime.bigint() - start;
  if (batch >= 0) ns.push(Number(elapsed) / runs);
}
console.log(JSON.stringify({ engine: process.version, batches, runs, ns }));
