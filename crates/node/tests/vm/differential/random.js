'use strict';
// Random programs over sandboxes of many kinds: prints, for each, what every step gave and what the sandbox and the
// global looked like after it. Run with the same arguments by two engines, the lines must be equal.
//
//   random.js FIRST_SEED HOW_MANY [quirks]
//
// Without `quirks`, steps are left out whose answer in V8 is an accident of its API (docs/vm-differences.md).

const vm = require('vm');

const [first, many, quirks] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 100), process.argv[4] === 'quirks'];

function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { below: (n) => next() % n, pick: (list) => list[next() % list.length] };
}

const names = ['a', 'b', 'c', 'Map'];

const sandboxes = {
  plain: () => ({ a: 1 }),
  empty: () => ({}),
  accessor: () => { let stored = 1; return { get a() { return stored; }, set a(value) { stored = value; }, b: 2 }; },
  hidden: () => Object.defineProperty({}, 'a', { value: 1, writable: true, configurable: true, enumerable: false }),
  inherited: () => Object.create({ a: 1 }, { b: { value: 2, writable: true, enumerable: true, configurable: true } }),
  bare: () => Object.assign(Object.create(null), { a: 1, b: 2 }),
  instance: () => new (class Box { constructor() { this.a = 1; } get b() { return this.a; } })(),
  array: () => ['x', 'y'],
  shadowing: () => ({ Map: 1, a: undefined }),
};
const quirky = {
  getter: () => ({ get a() { return 1; } }),
  readonly: () => Object.defineProperty({ b: 2 }, 'a', { value: 1, enumerable: true, configurable: true }),
  fixed: () => Object.defineProperty({ b: 2 }, 'a', { value: 1 }),
  frozen: () => Object.freeze({ a: 1 }),
  sealed: () => Object.seal({ a: 1, b: 2 }),
  closed: () => Object.preventExtensions({ a: 1 }),
  proxy: () => new Proxy({ a: 1 }, {}),
  setterThrows: () => ({ get a() { return 1; }, set a(value) { throw new RangeError('set'); } }),
};
if (quirks) Object.assign(sandboxes, quirky);

const inside = [
  (n) => n, (n) => `typeof ${n}`, (n, v) => `${n} = ${v}`, (n, v) => `var ${n} = ${v}`, (n) => `var ${n}`,
  (n, v) => `let ${n} = ${v}`, (n, v) => `const ${n} = ${v}; ${n}`, (n, v) => `function ${n}() { return ${v} } typeof ${n}`,
  (n) => `class ${n} {} typeof ${n}`, (n) => `delete globalThis.${n}`, (n) => `delete ${n}`, (n) => `"${n}" in globalThis`,
  (n, v) => `"use strict"; ${n} = ${v}`, (n, v) => `(function () { "use strict"; ${n} = ${v} })()`, (n, v) => `globalThis.${n} = ${v}`,
  (n) => `globalThis.${n}`, (n) => `${n}++`, (n, v) => `${n} ??= ${v}`, (n, v) => `${n} += ${v}`,
  (n, v) => `eval("var ${n} = ${v}")`, (n, v) => `(0, eval)("var ${n} = ${v}")`, (n, v) => `eval("let ${n} = ${v}; ${n}")`,
  (n, v) => `Function("${n} = ${v}")()`, (n) => `Object.hasOwn(globalThis, "${n}")`, (n) => `Object.getOwnPropertyDescriptor(globalThis, "${n}")`,
  (n, v) => `Object.defineProperty(globalThis, "${n}", { value: ${v}, writable: true, enumerable: true, configurable: true }), 0`,
  (n, v) => `Object.defineProperty(globalThis, "${n}", { get() { return ${v} }, set(x) {}, enumerable: true, configurable: true }), 0`,
  (n, v) => `Reflect.set(globalThis, "${n}", ${v})`, (n) => `Reflect.has(globalThis, "${n}")`, (n) => `Reflect.deleteProperty(globalThis, "${n}")`,
  (n, v) => `if (true) { var ${n} = ${v} }`, (n, v) => `for (var ${n} of [1, ${v}]);`, (n, v) => `{ let ${n} = ${v}; ${n} }`,
  (n, v) => `[${n}] = [${v}]`, (n, v) => `({ ${n} } = { ${n}: ${v} })`, (n, v) => `var { ${n} } = { ${n}: ${v} }`,
  (n, v) => `with ({ ${n}: ${v} }) { ${n} = ${n} + 1 }`, (n) => `try { ${n} } catch (e) { e instanceof ReferenceError }`,
  () => 'Object.keys(globalThis).sort()', () => 'const seen = []; for (const k in globalThis) seen.push(k); seen.sort()',
];
const insideQuirky = [
  (n, v) => `Object.defineProperty(globalThis, "${n}", { value: ${v} }), 0`,
  (n, v) => `Object.defineProperty(globalThis, "${n}", { get() { return ${v} }, configurable: true }), 0`,
  (n, v) => `"use strict"; globalThis.${n} = ${v}`,
  (n) => `"use strict"; delete globalThis.${n}`,
  () => 'Object.freeze(globalThis)',
];
const outside = [
  (s, n, v) => { s[n] = v; }, (s, n) => delete s[n], (s, n) => s[n], (s, n) => n in s,
  (s, n, v) => { Object.defineProperty(s, n, { value: v, writable: true, enumerable: false, configurable: true }); },
  (s, n, v) => { Object.defineProperty(s, n, { get: () => v, set() {}, enumerable: true, configurable: true }); },
];
const outsideQuirky = [
  (s) => { Object.freeze(s); }, (s) => { Object.preventExtensions(s); },
  (s, n, v) => { Object.defineProperty(s, n, { value: v, enumerable: true, configurable: true }); },
];
if (quirks) {
  inside.push(...insideQuirky);
  outside.push(...outsideQuirky);
}

function show(value, depth = 0) {
  if (typeof value === 'function') return 'function';
  if (value === null || typeof value !== 'object') return String(value);
  if (depth > 3) return '...';
  if (Array.isArray(value)) return `[${Array.from(value, (item) => show(item, depth + 1)).join(' ')}]`;
  return `{${Object.keys(value).sort().map((key) => `${key}:${show(value[key], depth + 1)}`).join(' ')}}`;
}

function attempt(step) {
  try {
    return show(step());
  } catch (error) {
    return `!${error?.name}`;
  }
}

function describe(sandbox) {
  return names.map((name) => {
    const d = Object.getOwnPropertyDescriptor(sandbox, name);
    if (d === undefined) return '-';
    const flags = `${d.writable ? 'w' : ''}${d.enumerable ? 'e' : ''}${d.configurable ? 'c' : ''}`;
    return `${'value' in d ? show(d.value) : `${d.get ? 'get' : ''}${d.set ? 'set' : ''}`}/${flags}`;
  }).join(' ');
}

function program(seed) {
  const random = randomFrom(seed);
  const kind = random.pick(Object.keys(sandboxes));
  const sandbox = vm.createContext(sandboxes[kind]());
  const lines = [`${seed} ${kind}`];
  const steps = 3 + random.below(8);
  for (let i = 0; i < steps; i++) {
    const name = random.pick(names);
    const value = random.below(5);
    let told;
    let answer;
    if (random.below(4) === 0) {
      const step = random.below(outside.length);
      told = `outside ${step} ${name} ${value}`;
      answer = attempt(() => outside[step](sandbox, name, value));
    } else {
      told = random.pick(inside)(name, value);
      answer = attempt(() => vm.runInContext(told, sandbox, { displayErrors: false }));
    }
    const seen = attempt(() => vm.runInContext(`[${names.map((n) => `(() => { try { return typeof ${n} === 'function' ? 'function' : ${n} } catch (e) { return '!' + e.name } })()`)}]`, sandbox));
    lines.push(`${told} => ${answer} | ${describe(sandbox)} | ${seen}`);
  }
  return lines.join('\n  ');
}

const out = [];
for (let seed = first; seed < first + many; seed++) out.push(program(seed));
process.stdout.write(`${out.join('\n')}\n`);
