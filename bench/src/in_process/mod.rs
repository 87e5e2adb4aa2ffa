//! Runs in process: what a pristine run costs against node:vm and against a run without a restore,
//! what a restore and a change of image cost, and whether memory stays. Everything that is compared
//! takes turns within one invocation.

mod children;
mod report;
mod runs;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use sandtide_engine::{HeapImage, Instance, InstanceConfig, Outcome, Request, RestoreStrategy};
use serde::Serialize;

use crate::machine::{Machine, bench_dir};
use crate::stats::Spread;
pub(crate) use children::{ChildOptions, child};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often each of two things that are compared has its turn
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Runs in each turn
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u64).range(100..=1_000_000))]
    runs: u64,
    /// Where the raw figures are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

/// Everything one invocation measured: the raw file is this. Times are in ns, a run's where they
/// are of runs, one figure for each turn.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    /// UTC, as in the name of the file.
    at: String,
    machine: Machine,
    rounds: u64,
    /// Runs in a turn.
    runs: u64,
    node: String,
    node_fresh_ns: Vec<f64>,
    against_node_ns: Vec<f64>,
    pristine: Vec<Pristine>,
    restores: Vec<Restores>,
    switching: Switching,
    resident: children::Resident,
    images: children::Images,
}

/// One script, run pristine and in an instance that is never put back.
#[derive(Debug, Serialize)]
struct Pristine {
    script: String,
    pristine_ns: Vec<f64>,
    reused_ns: Vec<f64>,
}

impl Pristine {
    /// Each turn's ratio: what disturbs the machine disturbs both halves of a turn.
    fn ratio(&self) -> Option<Spread> {
        Spread::of(self.pristine_ns.iter().zip(&self.reused_ns).map(|(fresh, used)| fresh / used))
    }
}

/// Restores of one image by one strategy.
#[derive(Debug, Serialize)]
struct Restores {
    image: String,
    strategy: String,
    image_bytes: usize,
    /// Median of each turn, as the outcomes' usage tells it.
    restore_ns: Vec<f64>,
    /// The most that one restore copied and zeroed.
    bytes: usize,
}

/// Runs that stay with one image, and runs that take two in turn.
#[derive(Debug, Serialize)]
struct Switching {
    staying_ns: Vec<f64>,
    switching_ns: Vec<f64>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let (node, node_fresh_ns, against_node_ns) = runs::against_node(options)?;
    let record = Record {
        at,
        machine: Machine::look(),
        rounds: options.rounds,
        runs: options.runs,
        node,
        node_fresh_ns,
        against_node_ns,
        pristine: runs::pristine_against_reused(options)?,
        restores: runs::restores(options)?,
        switching: runs::switching(options)?,
        resident: children::resident()?,
        images: children::images()?,
    };
    print!("{}", report::text(&record));
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("in-process-{}.json", record.at));
    fs::write(&raw, serde_json::to_string_pretty(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    println!("\nraw figures: {}", raw.display());
    Ok(())
}

fn instance(restore: RestoreStrategy) -> Result<Instance> {
    let mut config = InstanceConfig::default();
    config.restore = restore;
    Ok(Instance::new(config)?)
}

/// A pristine run whose value must be `expected`, as JSON.
fn checked(
    instance: &mut Instance,
    image: &HeapImage,
    request: &Request,
    expected: &str,
) -> Result<Outcome> {
    let outcome = instance.run(image, request);
    let value = outcome.result.clone()?.to_json();
    if value != expected {
        bail!("a run answered {value}, not {expected}");
    }
    Ok(outcome)
}
