//! Which functions scripts can reach: the standard's, those that the host gave, and their own. Never one
//! that the engine or we run on their behalf, whose callers are trusted.

mod common;

use common::*;
use sandtide_engine::{HostFunction, Plan, Source, Value};

/// `(name, text)` of each program.
fn programs() -> Vec<(&'static str, &'static str)> {
    let all = include_str!("reachable/programs.js");
    all.split("\n//# ").skip(1).map(|part| part.split_once('\n').expect("a name")).collect()
}

/// A set-up that hides a host function behind a check, before anything is noted.
const CHECKED: &str = "
{ const raw = guarded; delete globalThis.guarded;
  globalThis.checked = (n) => { if (typeof n !== 'number') throw new TypeError('a number, please'); return raw(n); }; }
globalThis.bodies = [];
";

fn plan_with_observer() -> Plan {
    let answer = |call: sandtide_engine::HostCall<'_>| Ok(Value::from(call.args().len() as u32));
    let mut hosts: Vec<HostFunction> =
        ["host", "guarded"].iter().map(|name| HostFunction::new(*name, answer)).collect();
    hosts.push(HostFunction::new_async("slow", |_| async { Ok(Value::from(1)) }));
    let setup = vec![
        Source::new("checked.js", CHECKED),
        Source::new("observer.js", include_str!("reachable/observer.js")),
    ];
    let modules = modules(&[
        (
            "./thenable.js",
            "bodies.push(1); export function then(f, r) { standard(f); standard(r); spy('then').call(this, f, r); f(1); }",
        ),
        (
            "./waits.js",
            "spy('body')(); await spied('awaited', {}); spy('after')(); walk(import.meta, 'meta'); export let a = 1;",
        ),
        ("./throws.js", "await 0; spy('body')(); throw spied('thrown', {});"),
        (
            "./parent.js",
            "import * as a from './waits.js'; export * from './waits.js'; export * as b from './thenable.js'; spy('body')(); import './throws.js';",
        ),
        ("./broken.js", "let let = 1;"),
    ]);
    Plan { setup, hosts, modules, ..plan() }
}

#[test]
fn programs_meet_no_function_but_the_standards_and_their_own() {
    let mut bench = Bench::of(&plan_with_observer());
    let mut finds = Vec::new();
    for (name, program) in programs() {
        // What crosses does so before the list of finds is asked for.
        let made = if name.contains("crosses") { "made" } else { "null" };
        let source = format!(
            "(async () => {{
                let made, error;
                try {{ made = await (0, eval)({program:?}); walk(made, 'value'); }} catch (e) {{ error = String(e) + e?.stack; }}
                for (let i = 0; i < 50; i++) await 0;
                return {{ made: {made}, error, get finds() {{ return finds(); }} }};
            }})()"
        );
        let outcome = bench.run(&ad_hoc(&source));
        let value = outcome.result.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let Value::Object(fields) = &value else { panic!("{name}: {value:?}") };
        let field = |key| &fields.iter().find(|(name, _)| name == key).expect("a field").1;
        if *field("error") != Value::Undefined {
            finds.push(format!("{name}: ended with {:?}", field("error")));
        }
        finds.extend(items(field("finds")).iter().map(|find| format!("{name}: {}", text(find))));
    }
    assert!(finds.is_empty(), "{} finds:\n{}", finds.len(), finds.join("\n"));
}
