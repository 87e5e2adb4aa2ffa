//! Random programs: contexts are made, run code that keeps, drops and changes things of each other and
//! of the language, and in the end nothing of them is left.

mod support;

use std::fmt::Write;

use proptest::{prelude::*, test_runner::Config};
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
  run(code, c) { return b.isContext(c) ? vm.run(code, c, 1000) : undefined },
  dispose(c) { if (b.isContext(c)) b.disposeContext(c) },
  collect() { gc() },
};
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
    "collect()",
    "throw get(#)",
    "throw new Error('x')",
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
        world.run("slots.length = 0; contexts.length = 0; try { null.x } catch {}");
        world.jobs();
        world.run("slots.length = 0");
        world.collect();
    }
}

proptest! {
    #![proptest_config(Config { cases: 60, failure_persistence: None, ..Config::default() })]

    #[test]
    fn random_programs_leave_nothing_of_their_contexts(steps in prop::collection::vec(step(), 1..40)) {
        let world = World::new();
        world.run(HOST);
        let mut before = None;
        // Twice: the first time the runtime's own tables grow.
        for round in 0..3 {
            for step in &steps {
                let options = format!("{{ own: {}, limit: {} }}", step.own_jobs, step.limit.unwrap_or(0));
                world.run(&format!("act({}, {}, {:?}, {options})", step.place, step.shape, step.code()));
                match step.then {
                    0 => world.collect(),
                    1 | 2 => world.turn(),
                    3 => world.jobs(),
                    _ => {}
                }
            }
            empty(&world);
            let heap = world.heap();
            prop_assert_eq!(heap.contexts, 0);
            if round == 1 {
                before = Some(heap.count);
            }
        }
        // The runtime's tables of names may have grown by a few.
        let count = world.heap().count;
        prop_assert!(count <= before.unwrap() + 8, "{before:?} {count}");
    }
}
