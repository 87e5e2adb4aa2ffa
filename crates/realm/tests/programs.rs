//! Random programs: contexts are made, run code that keeps, drops and changes things of each other and
//! of the language, with traps, getters and conversions that do the worst in the middle of it, and in
//! the end nothing of them is left.
//!
//! A bounded number of programs runs by default. `SANDTIDE_PROGRAMS_MINUTES` says how long to go on
//! instead; with the feature `sandtide-quickjs/poison` each use of freed memory shows. The program that
//! is under way is kept in the build's folder for temporary files, as `program.txt`, should it end the
//! process; `SANDTIDE_PROGRAM` names such a file to be run again.

mod support;

use std::{
    env,
    fmt::Write,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use support::World;

/// What the programs may use: `slots` hold values of any context.
const HOST: &str = r#"
globalThis.slots = [];
globalThis.contexts = [];
const at = i => slots[i % 8];
const ours = new Set();
globalThis.api = {
  keep(i, v) { slots[i % 8] = v; return v },
  get: at,
  drop(i) { slots[i % 8] = undefined },
  make(o) { return ours.has(o) || b.isContext(o) ? o : vm.context(o) },
  vanilla() { return vm.vanilla() },
  start(i, j) { return vm.start(shared(i), somewhere(j), 1000) },
  text(i) { slots[i % 8] = shared(i) },
  run(code, c) { return b.isContext(c) ? vm.run(code, c, 1000) : undefined },
  dispose(c) { if (b.isContext(c)) b.disposeContext(c) },
  collect() { gc() },
  deed(i) { deed(i) },
  bad(i, v) { return ours.has(v) ? v : bad(i, Object(v)) },
  odd(i) { return odd(i) },
  rebase(i, v) { if (contexts[i % 4] && !ours.has(v)) Object.setPrototypeOf(contexts[i % 4], bad(i, Object(v))) },
  compile(i, j) {
    return b.compileFunction(i % 3 ? 'return [a, typeof x]' : odd(i), 'f.js', 0, 0, undefined, false, somewhere(j),
      i % 2 ? badList(i, odd(j)) : [odd(j)], i % 5 ? badList(j, 'a') : ['a'], undefined).function(at(i));
  },
  contextify(i) { const o = {}; return b.makeContext(o, 'x', undefined, true, true, false, undefined, { valueOf() { deed(i); vm.context(o); return 0 } }) },
  module(i, j) {
    const code = ['export let a = 1; export const f = () => import.meta', 'import { a } from "x"; keep(1, () => a); export * from "x"',
      'export let a = await get(2)', 'import * as a from "x"; import { a as c } from "y"; export { a }; await 1; keep(3, c)',
      'throw globalThis', 'import "x"; import "y"; import("z").catch(() => {}); export * as a from "x"'][i % 6];
    slots[i % 8] = i % 7 ? vm.module(code, somewhere(j)) : m.createSyntheticModule('s', somewhere(j), badList(i, 'a', 'b'), () => deed(i));
  },
  link(i, j, k) { m.link(at(i), k % 3 ? badList(k, at(j), at(k)) : [at(j), at(k)]) },
  instantiate(i) { m.instantiate(at(i)) },
  evaluate(i) { return m.evaluate(at(i), 500, false) },
  namespace(i) { return m.getNamespace(at(i)) },
  give(i, v) { m.setExport(at(i), 'a', v) },
  weak(i, j) { if (ours.has(at(i))) return; hostMap.set(Object(at(i)), at(j)); hostRegistry.register(Object(at(i)), j, Object(at(j))) },
  measure() { b.measureMemory(); u.previewEntries(at(1)); u.getProxyDetails(at(2)); u.getOwnNonIndexProperties(Object(at(3)), 0) },
};
const hostMap = new WeakMap(), hostRegistry = new FinalizationRegistry(i => deed(i));
// scripts that many contexts run, each of which keeps some of the code
const TEXTS = [
  '(() => { let n = 0; const f = () => n++; return keep(1, { f, g: (function* () { yield f(); deed(2) })() }) })()',
  'function f1() { return () => f1 } keep(2, f1()); 7',
  'keep(3, (async () => { await get(4); return () => globalThis })()); start(4, 1)',
  'var again = (globalThis.again | 0) + 1; if (again < 3) start(3, 2); keep(4, () => again)',
  '(class { static #p = () => get(1); static m() { return this.#p } }).m()',
  'deed(5); (() => (x => x)`a${1}`)()',
  'globalThis.own = get(6); text(6); drop(6); () => own',
];
const scripts = [];
const shared = i => scripts[i % TEXTS.length] ??= vm.script(TEXTS[i % TEXTS.length]);
const somewhere = i => contexts[i % 4] ?? vm.context({ ...api });
let depth = 0;
const worst = [
  i => { slots.fill(undefined) },
  i => { slots[i % 8] = undefined; gc() },
  i => { if (contexts[i % 4]) b.disposeContext(contexts[i % 4]) },
  i => { contexts[i % 4] = undefined; for (let k = 0; k < 20; k++) slots[7] = { k } },
  i => { contexts.fill(undefined); slots.fill(undefined); gc() },
  i => { if (contexts[i % 4]) Object.setPrototypeOf(contexts[i % 4], null) },
  i => { const c = contexts[i % 4]; if (c) vm.run('Object.setPrototypeOf(Object.getPrototypeOf(globalThis), null); delete globalThis.x1', c, 500) },
  i => { contexts[i % 4] = vm.context({ ...api }) },
  i => { api.contextify(i) },
  i => { api.link(i, i + 1, i + 2); api.instantiate(i) },
  i => { api.evaluate(i) },
  i => { gc() },
  i => { scripts[i % TEXTS.length] = undefined },
  i => { contexts[i % 4] = undefined; slots[i % 8] = undefined; api.start(i, i + 1) },
  i => { throw at(i) },
];
function deed(i) {
  if (depth > 2) return;
  depth++;
  try { worst[i % worst.length](i) } finally { depth-- }
}
const reflect = { ...Reflect };
function bad(i, target) {
  return new Proxy(target, new Proxy({}, { get(t, trap) {
    deed(i);
    return i % 3 ? undefined : (...args) => { deed(i + 1); return reflect[trap](...args) };
  } }));
}
function badList(i, ...v) { return new Proxy(v, { get(t, k) { deed(i); return reflect.get(t, k) } }) }
function odd(i) {
  return {
    get a() { deed(i); return 1 }, set a(v) { deed(i) }, get x1() { deed(i + 1) }, get constructor() { deed(i); return Array },
    toString() { deed(i); return 'return 1' }, valueOf() { deed(i); return 1 }, then(r) { deed(i); r(1) },
    get message() { deed(i); return 'm' }, get name() { deed(i + 1); return 'n' },
    *[Symbol.iterator]() { deed(i); yield [{}, 1]; deed(i + 1); yield at(i) },
    get length() { deed(i); return 1 }, get 0() { deed(i); return at(i) }, [Symbol.toPrimitive]: undefined,
  };
}
for (const f of Object.values(api)) { Object.freeze(f); Object.freeze(f.prototype); ours.add(f); ours.add(f.prototype) }
for (const name of Reflect.ownKeys(globalThis)) {
  const value = globalThis[name];
  if (typeof value === 'function') { ours.add(value); if (value.prototype) { Object.freeze(value.prototype); ours.add(value.prototype) } Object.freeze(value) }
}
globalThis.sandbox = shape => {
  const s = { ...api };
  switch (shape % 6) {
    case 0: return new Proxy(s, {});
    case 1: return Object.create(s);
    case 2: return Object.assign(() => 1, s);
    case 3: s.self = s; return s;
    case 4: return Object.freeze(s);
    default: return s;
  }
};
globalThis.act = (where, shape, code, options) => {
  let c = contexts[where % 4];
  if (!c || shape % 3 === 0) {
    c = vm.context(sandbox(shape), options);
    contexts[where % 4] = shape % 2 ? c : undefined;
  }
  try { vm.run(code, c, 1000) } catch (e) { if (shape % 5 === 0) slots[shape % 8] = e }
};
"#;

/// What may be done; `#` stands for a small number.
const SNIPPETS: &[&str] = &[
    "keep(#, () => globalThis)",
    "keep(#, globalThis)",
    "keep(#, {})",
    "keep(#, Object.create(null))",
    "keep(#, (function* () { const x = {}; yield () => x })())",
    "keep(#, (async () => { await get(#); keep(#, globalThis) })())",
    "keep(#, Promise.resolve(get(#)).then(v => keep(#, v)))",
    "keep(#, new Map([[get(#), {}]])).self = get(#)",
    "{ const w = new WeakMap(); w.set(w, get(#)); keep(#, w) }",
    "keep(#, new WeakRef(globalThis)).x = 1",
    "new FinalizationRegistry(v => keep(#, v)).register({}, get(#))",
    "{ const r = new FinalizationRegistry(v => keep(#, globalThis)); r.register(keep(#, {}), 1); globalThis.r = r }",
    "keep(#, new Proxy(get(#), { get: () => globalThis }))",
    "keep(#, new Error('x', { cause: get(#) })).stack",
    "keep(#, new (class extends Array { #p = globalThis })())",
    "keep(#, /a/g)[Symbol.replace]('a', () => 'b')",
    "keep(#, [1, 2].values().map(x => get(x)))",
    "keep(#, Symbol('s')); globalThis[Symbol('t')] = get(#)",
    "get(#).p# = globalThis",
    "get(#)[0] = get(#)",
    "Object.setPrototypeOf(get(#), Object.prototype)",
    "Object.setPrototypeOf(get(#), get(#))",
    "get(#)(get(#))",
    "new (get(#))(get(#))",
    "get(#).next(get(#))",
    "get(#).set({}, globalThis)",
    "keep(#, get(#).constructor)",
    "Object.defineProperty(globalThis, 'd#', { get: () => get(#), configurable: true })",
    "var v# = get(#); let l# = () => v#",
    "function f#() { return f# } keep(#, f#)",
    "x# = get(#); delete globalThis.x#",
    "Array.prototype.extra# = get(#)",
    "Array.prototype.push(get(#)); Array.prototype.length = 0",
    "delete Object.prototype.toString; delete globalThis.Array",
    "for (const k of Reflect.ownKeys(globalThis)) try { delete globalThis[k] } catch {}",
    "for (const k of Reflect.ownKeys(globalThis)) try { globalThis[k].tag = get(#) } catch {}",
    "Object.freeze(Array); Object.freeze(Object.prototype)",
    "Object.defineProperty(Map.prototype, Symbol.toStringTag, { value: 'm#' })",
    "Object.setPrototypeOf(Object.getPrototypeOf(globalThis), null)",
    "Error.prepareStackTrace = (e, s) => keep(#, s); new Error().stack",
    "keep(#, eval('() => eval'))",
    "keep(#, new Function('a', 'return [a, this]'))",
    "keep(#, (x => x)`a${#}`)",
    "keep(#, make({ keep, get, up: globalThis }))",
    "run('keep(#, () => globalThis)', make({ keep, get }))",
    "make(get(#))",
    "make(Math); make(globalThis)",
    "keep(#, vanilla()); run('globalThis.up = 1', get(#))",
    "run('y = {}; globalThis.z = () => y', get(#))",
    "dispose(get(#))",
    "dispose(globalThis); keep(#, () => Map)",
    "drop(#)",
    "drop(#)",
    "keep(#, start(#, #))",
    "start(#, #); keep(#, start(#, #))",
    "get(#).g.next(); get(#).f()",
    "text(#)",
    "collect()",
    "throw get(#)",
    "throw new Error('x')",
    "deed(#)",
    "keep(#, bad(#, get(#)))",
    "keep(#, bad(#, {})).p",
    "Object.setPrototypeOf(globalThis, bad(#, {}))",
    "Object.setPrototypeOf(Object.getPrototypeOf(globalThis), bad(#, get(#)))",
    "rebase(#, get(#)); x1; nope#",
    "rebase(#, {}); x1 = 1; typeof x2; delete globalThis.x1",
    "rebase(#, {}); 'x1' in globalThis; Reflect.ownKeys(globalThis); Object.getOwnPropertyDescriptor(globalThis, 'q')",
    "rebase(#, {}); Object.defineProperty(globalThis, 'x#', { value: 1, configurable: true })",
    "rebase(#, {}); Reflect.set(globalThis, 'x1', 1, {}); Object.create(globalThis).x1 = 2",
    "make(bad(#, {})); run('x1; y1 = 1; function f1() {}', get(#))",
    "keep(#, odd(#)); get(#).a = get(#).a",
    "keep(#, compile(#, #))",
    "keep(#, contextify(#)); run('a = 1', get(#))",
    "module(#, #); link(#, #, #)",
    "module(#, #); link(#, #, #); instantiate(#); evaluate(#)",
    "instantiate(#); keep(#, evaluate(#))",
    "keep(#, namespace(#)); give(#, get(#)); get(#).a",
    "keep(#, namespace(#).f()); namespace(#).a",
    "weak(#, #); weak(#, #)",
    "keep(#, new WeakMap([[get(#), get(#)], [globalThis, get(#)]]))",
    "get(#).set(get(#), () => get(#))",
    "{ const s = Symbol(); const w = new WeakMap(); w.set(s, { r: new WeakRef(s), w }); keep(#, w) }",
    "{ let s = Symbol(); const r = new WeakRef(s); keep(#, new WeakMap([[s, [r]]])); keep(#, new FinalizationRegistry(() => r)).register(s, s.t, s) }",
    "measure()",
    "[...odd(#)]; new Map(odd(#)); new WeakMap(odd(#)); Promise.all(odd(#))",
    "keep(#, (async () => await odd(#))()); Promise.resolve(odd(#))",
    "keep(#, Object.assign(new Error('x'), { stack: get(#) })).stack; throw Object.setPrototypeOf(new Error(), odd(#))",
    "Object.defineProperty(Error.prototype, 'name', { get() { deed(#) } }); null.x",
    "Object.defineProperty(Array.prototype, #, { set(v) { keep(#, v) }, get() { deed(#) }, configurable: true })",
    "`${odd(#)}${odd(#)}`; odd(#) + odd(#); new Uint8Array(odd(#)); [].concat(odd(#))",
];

#[derive(Clone, Debug)]
struct Step {
    place: u8,
    shape: u8,
    snippets: Vec<(usize, [u8; 4])>,
    own_jobs: bool,
    limit: Option<u32>,
    then: u8,
}

impl Step {
    fn code(&self) -> String {
        let mut code = String::new();
        for (snippet, numbers) in &self.snippets {
            let mut numbers = numbers.iter().cycle();
            let text: String = SNIPPETS[*snippet]
                .replace("#p", "\u{1}")
                .chars()
                .map(|c| if c == '#' { numbers.next().unwrap().to_string() } else { c.to_string() })
                .collect();
            let text = text.replace('\u{1}', "#p");
            // declarations stay at the top level
            if text.starts_with("var") || text.starts_with("function") {
                writeln!(code, "{text};").unwrap();
            } else {
                writeln!(code, "try {{ {text} }} catch {{}}").unwrap();
            }
        }
        code
    }
}

fn step() -> impl Strategy<Value = Step> {
    let snippets = prop::collection::vec((0..SNIPPETS.len(), prop::array::uniform4(0..8u8)), 1..6);
    let limit = prop::option::weighted(0.1, 1_000..200_000u32);
    (0..4u8, 0..30u8, snippets, prop::bool::weighted(0.1), limit, 0..8u8).prop_map(
        |(place, shape, snippets, own_jobs, limit, then)| Step {
            place,
            shape,
            snippets,
            own_jobs,
            limit,
            then,
        },
    )
}

fn empty(world: &World) {
    for _ in 0..4 {
        world.run(
            "slots.length = 0; contexts.length = 0; scripts.length = 0; try { null.x } catch {}",
        );
        world.jobs();
        world.run("slots.length = 0");
        world.collect();
    }
}

/// How many programs a run of the test tries unless it is told how long to go on.
const PROGRAMS: u32 = 120;

/// A program as text: a line for each step, with what follows it before what it runs.
fn text_of(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let options = format!("{{ own: {}, limit: {} }}", step.own_jobs, step.limit.unwrap_or(0));
        let Step { place, shape, then, .. } = step;
        let code = step.code();
        writeln!(text, "{then} act({place}, {shape}, {code:?}, {options})").unwrap();
    }
    text
}

fn leaves_nothing(program: &str) -> Result<(), TestCaseError> {
    let world = World::new();
    world.run(HOST);
    let mut counts = Vec::new();
    // At first the runtime's own tables grow, some of them once more later: only what grows again and
    // again is lost.
    for round in 0..9 {
        for line in program.lines() {
            let (then, act) = line.split_once(' ').expect("a digit and a call");
            world.run(act);
            match then {
                "0" => world.collect(),
                "1" | "2" => world.turn(),
                "3" => world.jobs(),
                _ => {}
            }
        }
        empty(&world);
        let heap = world.heap();
        prop_assert_eq!(heap.contexts, 0);
        counts.push(heap.count);
        if round >= 2 && counts[round] <= counts[round - 1] + 8 {
            return Ok(());
        }
    }
    Err(TestCaseError::fail(format!("allocations after each round: {counts:?}")))
}

#[test]
fn random_programs_leave_nothing_of_their_contexts() {
    let minutes = env::var("SANDTIDE_PROGRAMS_MINUTES")
        .map_or(0, |text| text.parse().expect("SANDTIDE_PROGRAMS_MINUTES is a number of minutes"));
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    if let Ok(file) = env::var("SANDTIDE_PROGRAM") {
        let program = fs::read_to_string(file).expect("SANDTIDE_PROGRAM names a program's file");
        leaves_nothing(&program).unwrap();
        return;
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program.txt");
    loop {
        let config = Config { cases: PROGRAMS, failure_persistence: None, ..Config::default() };
        let ran = TestRunner::new(config).run(&prop::collection::vec(step(), 1..40), |steps| {
            let program = text_of(&steps);
            fs::write(&kept, &program).expect("the build's folder is writable");
            leaves_nothing(&program)
        });
        match ran {
            Ok(()) => {}
            Err(TestError::Fail(why, steps)) => {
                panic!("{why}\n{}", text_of(&steps));
            }
            Err(why) => panic!("{why}"),
        }
        if Instant::now() >= until {
            break;
        }
    }
}
