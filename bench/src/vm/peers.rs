//! What `peers/vm-in-process.js` and `peers/vm-memory.js` measure, each in a process of its own.

use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::runtimes::{node, report_of};
use crate::stats::Spread;

/// How long one run takes.
#[derive(Clone, Debug)]
pub(crate) struct Measurement {
    /// The version that the runtime says it is.
    pub(crate) engine: String,
    /// Nanoseconds a run, one figure for each batch of runs.
    pub(crate) ns: Spread,
}

/// A variant of `vm-in-process.js`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    /// Its name there.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// A new context, one run in it and its release: what the project has a bar for.
    pub(super) barred: bool,
}

pub(super) const VARIANTS: [Variant; 9] = [
    Variant { name: "fresh", what: "new context, run of fib(10)", barred: true },
    Variant { name: "fresh-empty", what: "new context, run of nothing", barred: true },
    Variant {
        name: "fresh-declarations",
        what: "new context, functions and classes",
        barred: true,
    },
    Variant { name: "fresh-builtins", what: "new context, Map, RegExp and JSON", barred: true },
    Variant { name: "create-context", what: "createContext alone", barred: false },
    Variant { name: "compile-same", what: "new vm.Script, the same text again", barred: false },
    Variant { name: "compile-new", what: "new vm.Script, another text each time", barred: false },
    Variant { name: "hoisted", what: "script.runInContext, fib(10)", barred: false },
    Variant { name: "hoisted-least", what: "script.runInContext, `a = number`", barred: false },
];

#[derive(Deserialize)]
struct InProcess {
    engine: String,
    ns: Vec<f64>,
}

pub(super) fn in_process(runtime: Command, variant: &str) -> Result<Measurement> {
    let report: InProcess = report_of(runtime, "vm-in-process.js", &[variant])?;
    let ns = Spread::of(report.ns).context("vm-in-process.js measured nothing")?;
    Ok(Measurement { engine: report.engine, ns })
}

/// `vm.runInNewContext` of fib(10) with a new sandbox for each run, under Node.
///
/// # Errors
/// When there is no Node on the PATH, or its program fails.
pub(crate) fn node_fresh() -> Result<Measurement> {
    in_process(node(), VARIANTS[0].name)
}

/// A variant of `vm-memory.js`: its name there, and what it does.
pub(super) const MEMORY_VARIANTS: [(&str, &str); 3] = [
    ("turns", "run, dropped, a turn of the event loop after every 100"),
    ("loop", "run, dropped, all in one go"),
    ("cycles", "referring to their sandboxes and back, run, dropped"),
];

/// What is resident after contexts were made and dropped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Resident {
    /// How many contexts there were at the first look and at the last.
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) first_kib: u64,
    pub(super) last_kib: u64,
    pub(super) peak_kib: u64,
}

pub(super) fn memory(runtime: Command, variant: &str, first: u64, last: u64) -> Result<Resident> {
    report_of(runtime, "vm-memory.js", &[variant, &first.to_string(), &last.to_string()])
}
