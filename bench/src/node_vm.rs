//! node:vm without HTTP, measured by `peers/vm-fresh.js` in a Node process of its own.
//! Sandtide's figures for the same work are `in_process`'s.

use std::fmt;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::machine::bench_dir;
use crate::stats::Spread;

/// How long one run takes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measurement {
    pub(crate) name: String,
    /// Nanoseconds a run, one figure for each batch of runs.
    pub(crate) ns: Spread,
    pub(crate) batches: usize,
    /// Runs in a batch.
    pub(crate) runs: u64,
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { median, min, max } = self.ns;
        write!(
            f,
            "{:<40} {:>10.2} us a run ({:.2} to {:.2}; {} batches of {})",
            self.name,
            median / 1e3,
            min / 1e3,
            max / 1e3,
            self.batches,
            self.runs
        )
    }
}

/// `vm.runInNewContext` of fib(10) with a new sandbox for each run.
///
/// # Errors
/// When there is no Node on the PATH, or its program fails.
pub(crate) fn node_vm_fresh() -> Result<Measurement> {
    measure("fresh", "vm.runInNewContext, new sandbox")
}

/// `script.runInContext` of fib(10) in one context that all runs share.
///
/// # Errors
/// When there is no Node on the PATH, or its program fails.
pub(crate) fn node_vm_hoisted() -> Result<Measurement> {
    measure("hoisted", "script.runInContext, one shared context")
}

#[derive(Deserialize)]
struct Report {
    node: String,
    runs: u64,
    ns: Vec<f64>,
}

fn measure(variant: &str, name: &str) -> Result<Measurement> {
    let output = Command::new("node")
        .arg(bench_dir().join("peers/vm-fresh.js"))
        .arg(variant)
        .output()
        .context("could not start node: is it on the PATH?")?;
    if !output.status.success() {
        bail!("vm-fresh.js {variant} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Report =
        serde_json::from_slice(&output.stdout).context("vm-fresh.js wrote something else")?;
    let batches = report.ns.len();
    Ok(Measurement {
        name: format!("Node {}: {name}", report.node),
        ns: Spread::of(report.ns).context("vm-fresh.js measured nothing")?,
        batches,
        runs: report.runs,
    })
}
