//! Graphs of modules of random shape, some of whose members fail: whatever fails at whatever step,
//! each module is there whole or not at all, and what an import answers is what the language says.
//!
//! `SANDTIDE_ROUNDS` and `SANDTIDE_SEED` are told in `generated`.

mod common;
mod generated;

use common::*;
use generated::{Choices, rounds};
use sandtide_engine::{EntryPoint, Error, Plan, Source};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// How a module asks for another.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    /// `import './m'`
    Bare,
    /// `import { a as x } from './m'`
    Known,
    /// `import { uN as x } from './m'`: there if `m` is `N` or passes its stars on.
    Unique(usize),
    /// `import { nowhere as x } from './m'`
    Nowhere,
    /// `import x from './m'`
    Default,
    /// `import * as x from './m'`
    Namespace,
    /// `import { hM as x } from './m'`: what `m` hands on from another, if it does.
    Handed,
    /// `export { hM as hN } from './m'`: may lead in a circle.
    HandOn,
    /// `export * from './m'`
    Star,
    /// `export * as sK from './m'`
    StarAs,
    /// `import { a as x } from './m'; export { x as eK }`
    Through,
    /// `import './absent'`
    Absent,
}

#[derive(Clone, Debug)]
struct Member {
    asks: Vec<(Ask, usize)>,
    /// Does not parse.
    broken: bool,
    /// Its body throws, before it has waited or after.
    throws: bool,
    waits: bool,
    /// Modules that its body imports and does not wait for.
    later: Vec<usize>,
    /// Whether it is exported by the name `hN` on its own.
    handing: bool,
}

struct Graph(Vec<Member>);

impl Graph {
    fn random(choices: &mut Choices) -> Graph {
        const ASKS: [Ask; 14] = [
            Ask::Bare,
            Ask::Bare,
            Ask::Known,
            Ask::Known,
            Ask::Default,
            Ask::Default,
            Ask::Namespace,
            Ask::Namespace,
            Ask::Star,
            Ask::Star,
            Ask::StarAs,
            Ask::Through,
            Ask::Handed,
            Ask::HandOn,
        ];
        let count = 1 + choices.below(9);
        // Few faults in most graphs: where all is faulty, the later steps are never reached.
        let rarity = *choices.of(&[4, 12, 40, 1000]);
        let asks_most = 1 + choices.below(4);
        let members = (0..count)
            .map(|_| {
                let mut member = Member {
                    asks: Vec::new(),
                    broken: choices.one_in(rarity),
                    throws: choices.one_in(rarity),
                    waits: choices.one_in(3),
                    later: Vec::new(),
                    handing: choices.one_in(2),
                };
                for _ in 0..choices.below(asks_most + 1) {
                    let to = choices.below(count);
                    let ask = if choices.one_in(rarity) {
                        *choices.of(&[Ask::Nowhere, Ask::Absent])
                    } else if choices.one_in(5) {
                        Ask::Unique(choices.below(count))
                    } else {
                        *choices.of(&ASKS)
                    };
                    // A name is exported once.
                    let hands_on = ask == Ask::HandOn;
                    if hands_on
                        && (member.handing
                            || member.asks.iter().any(|(ask, _)| *ask == Ask::HandOn))
                    {
                        continue;
                    }
                    member.asks.push((ask, to));
                }
                for _ in 0..choices.below(3) {
                    member.later.push(choices.below(count));
                }
                member
            })
            .collect();
        Graph(members)
    }

    fn source(&self, index: usize) -> String {
        let member = &self.0[index];
        let mut text = String::new();
        let mut touched = String::new();
        for (place, (ask, to)) in member.asks.iter().enumerate() {
            let from = format!("from './m{to}.js';");
            let x = format!("x{place}");
            let line = match ask {
                Ask::Bare => format!("import './m{to}.js';"),
                Ask::Known => format!("import {{ a as {x} }} {from}"),
                Ask::Unique(name) => format!("import {{ u{name} as {x} }} {from}"),
                Ask::Nowhere => format!("import {{ nowhere as {x} }} {from}"),
                Ask::Default => format!("import {x} {from}"),
                Ask::Namespace => format!("import * as {x} {from}"),
                Ask::Handed => format!("import {{ h{to} as {x} }} {from}"),
                Ask::HandOn => format!("export {{ h{to} as h{index} }} {from}"),
                Ask::Star => format!("export * {from}"),
                Ask::StarAs => format!("export * as s{place} {from}"),
                Ask::Through => {
                    format!("import {{ a as {x} }} {from} export {{ {x} as e{place} }};")
                }
                Ask::Absent => "import './absent.js';".to_owned(),
            };
            text += &line;
            text.push('\n');
            if line.contains(&format!("{x} ")) && line.starts_with("import") {
                touched += &format!("touch(() => {x});");
            }
        }
        writeln!(text, "export let a = {{ of: {index} }};").unwrap();
        writeln!(text, "export function u{index}() {{ return a; }}").unwrap();
        if member.handing {
            writeln!(text, "export class h{index} {{ static of = {index}; }}").unwrap();
        }
        writeln!(text, "export default function () {{ return [{index}, a]; }}").unwrap();
        writeln!(text, "ran({index}); {touched}").unwrap();
        for to in &member.later {
            writeln!(text, "later(import('./m{to}.js'), {to});").unwrap();
        }
        if member.waits {
            writeln!(text, "await (touch(() => import.meta), 0); {touched}").unwrap();
        }
        if member.throws {
            writeln!(text, "throw new Error('member {index}');").unwrap();
        }
        if member.broken {
            text.push_str("let let = ;\n");
        }
        text
    }

    fn sources(&self) -> Arc<BTreeMap<String, String>> {
        Arc::new((0..self.0.len()).map(|n| (format!("./m{n}.js"), self.source(n))).collect())
    }

    /// All that a module reaches by what stands at its top, itself first.
    fn reach(&self, from: usize) -> Vec<usize> {
        let mut met = vec![from];
        let mut at = 0;
        while at < met.len() {
            for (ask, to) in &self.0[met[at]].asks {
                if *ask != Ask::Absent && !met.contains(to) {
                    met.push(*to);
                }
            }
            at += 1;
        }
        met
    }

    /// Where the name of a function `uN` or a class `hN` that `module` exports is declared.
    fn resolve(
        &self,
        module: usize,
        name: (char, usize),
        met: &mut Vec<(usize, char, usize)>,
    ) -> Option<usize> {
        if met.contains(&(module, name.0, name.1)) {
            return None;
        }
        met.push((module, name.0, name.1));
        if name == ('u', module) || (name == ('h', module) && self.0[module].handing) {
            return Some(module);
        }
        if name == ('h', module) {
            if let Some((_, to)) = self.0[module].asks.iter().find(|(ask, _)| *ask == Ask::HandOn) {
                return self.resolve(*to, ('h', *to), met);
            }
        }
        let stars = self.0[module].asks.iter().filter(|(ask, _)| *ask == Ask::Star);
        // A name is declared in one module only, so that there is no ambiguity.
        stars.fold(None, |found, (_, to)| found.or(self.resolve(*to, name, met)))
    }

    fn links(&self, module: usize) -> bool {
        self.0[module].asks.iter().all(|(ask, to)| match ask {
            Ask::Nowhere => false,
            Ask::Unique(name) => self.resolve(*to, ('u', *name), &mut Vec::new()).is_some(),
            Ask::Handed | Ask::HandOn => self.resolve(*to, ('h', *to), &mut Vec::new()).is_some(),
            _ => true,
        })
    }

    /// What an import of the module answers, by the language.
    fn expected(&self, module: usize) -> &'static str {
        let reach = self.reach(module);
        let any = |fault: &dyn Fn(usize) -> bool| reach.iter().any(|&member| fault(member));
        if any(&|n| self.0[n].broken || self.0[n].asks.iter().any(|(ask, _)| *ask == Ask::Absent)) {
            "not loaded"
        } else if any(&|n| !self.links(n)) {
            "not linked"
        } else if any(&|n| self.0[n].throws) {
            "thrown"
        } else {
            "whole"
        }
    }
}

/// What modules and the driver call. Garbage is made all the time, so that what was freed is
/// overwritten.
const SETUP: &str = "
globalThis.bodies = [];
globalThis.ran = (n) => { bodies.push(n); churn(); };
globalThis.churn = () => { const kept = []; for (let i = 0; i < 30; i++) kept.push({ i, s: 'x'.repeat(i * 7) }, new Uint8Array(i * 8)); return kept; };
globalThis.touch = (f) => { try { const v = f(); if (typeof v === 'function') v.name; else Object.keys(v ?? {}); return v; } catch (e) { if (!(e instanceof ReferenceError || e instanceof SyntaxError)) throw e; } };
globalThis.outcomes = {};
globalThis.later = (promise, n) => promise.then((ns) => note(n, ns, undefined, false), (e) => note(n, undefined, e, true));
globalThis.note = (n, ns, e, failed) => {
  churn();
  const was = outcomes[n];
  const kind = !failed ? 'whole' : e.message.startsWith('member ') ? 'thrown'
    : e.message.includes('which was not given') || e.message.includes('expecting') || e.message.includes('nexpected') || !/export|circular|import/.test(e.message) ? 'not loaded' : 'not linked';
  if (!failed) for (const key of Object.getOwnPropertyNames(ns)) touch(() => ns[key]);
  if (was) {
    if (was.kind !== kind) throw new Error(`import of ${n} was ${was.kind} and is ${kind}: ${e}`);
    if (!failed && was.ns !== ns) throw new Error(`${n} has two namespaces`);
    if (kind === 'thrown' && was.e !== e) throw new Error(`${n} threw two errors`);
  }
  outcomes[n] = { kind, ns, e };
};
";

/// Imports all modules in some order, several times, with garbage collections between.
fn driver(count: usize, choices: &mut Choices) -> String {
    let mut text = String::from("(async () => {\nconst going = [];\n");
    for _ in 0..count * 3 {
        let to = choices.below(count);
        let waits = if choices.one_in(3) { "going.push" } else { "await " };
        writeln!(text, "{waits}(later(import('./m{to}.js'), {to})); churn();").unwrap();
        if choices.one_in(4) {
            text.push_str("await 0;\n");
        }
    }
    for to in 0..count {
        writeln!(text, "await later(import('./m{to}.js'), {to});").unwrap();
    }
    text.push_str(
        "await Promise.all(going);
        for (let i = 0; i < 40; i++) await 0;
        if (new Set(bodies).size !== bodies.length) throw new Error('a body ran twice: ' + bodies);
        return Object.keys(outcomes).map((n) => outcomes[n].kind);\n})()",
    );
    text
}

fn one(seed: u64) {
    let choices = &mut Choices::new(seed);
    let graph = Graph::random(choices);
    let count = graph.0.len();
    let expected: Vec<&str> = (0..count).map(|n| graph.expected(n)).collect();
    let show = || {
        let sources = graph.sources();
        sources.iter().map(|(name, text)| format!("// {name}\n{text}")).collect::<String>()
    };
    let setup = vec![Source::new("setup.js", SETUP)];
    let plan = Plan { setup, modules: graph.sources(), ..plan() };
    let mut bench = Bench::of(&plan);
    for _ in 0..2 {
        let driver = driver(count, choices);
        let result = bench.run(&ad_hoc(&driver)).result;
        let found = result.unwrap_or_else(|error| panic!("{error:?}\n{}\n{driver}", show()));
        let found: Vec<&str> = items(&found).iter().map(text).collect();
        assert_eq!(found, expected, "\n{}\n{driver}", show());
    }
    // The same modules as what is deployed: each as the entry of an image.
    for (n, expected) in expected.iter().enumerate() {
        let entry = EntryPoint::Module(Source::new(format!("./m{n}.js"), graph.source(n)));
        let built = bench.instance.build(&Plan { entry, ..plan.clone() });
        match (&built, *expected) {
            (Ok(_), "whole") | (Err(Error::Exception(_)), "thrown" | "not linked") => {}
            (
                Err(Error::Syntax(_) | Error::Exception(_) | Error::ModuleNotFound { .. }),
                "not linked" | "not loaded",
            ) => {}
            _ => panic!("m{n} is {expected}: {:?}\n{}", built.map(|_| ()), show()),
        }
    }
    bench.assert_sound();
}

#[test]
fn each_module_of_a_random_graph_is_there_whole_or_not_at_all() {
    rounds("each_module_of_a_random_graph_is_there_whole_or_not_at_all", 400, one);
}
