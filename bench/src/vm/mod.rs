//! `node:vm` without HTTP: new contexts, compiling, runs in a context that stays, and the memory of
//! contexts that were dropped; the same programs under Node and under `sandtide node`, in turns.

mod peers;
mod report;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use crate::machine::{Machine, bench_dir};
use crate::runtimes::{self, Runtime, Runtimes};
pub(crate) use peers::node_fresh;
use peers::{MEMORY_VARIANTS, Resident, VARIANTS, Variant};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often each of the two has its turn
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Contexts made before the first look at the memory
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    first: u64,
    /// Contexts made before the last look; with fewer than at the first, memory is not measured
    #[arg(long, default_value_t = 100_000)]
    contexts: u64,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// Where the raw figures are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

/// Everything one invocation measured: the raw file is this.
#[derive(Debug, Serialize)]
struct Record {
    /// UTC, as in the name of the file.
    at: String,
    machine: Machine,
    rounds: u64,
    times: Vec<Times>,
    memory: Vec<Memory>,
}

/// One variant's times in ns a run: the median of each turn.
#[derive(Debug, Serialize)]
struct Times {
    #[serde(serialize_with = "name_only")]
    variant: Variant,
    node_ns: Vec<f64>,
    sandtide_ns: Vec<f64>,
}

fn name_only<S: serde::Serializer>(variant: &Variant, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(variant.name)
}

#[derive(Debug, Serialize)]
struct Memory {
    variant: &'static str,
    what: &'static str,
    runtime: Runtime,
    resident: Resident,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let runtimes = Runtimes { sandtide: runtimes::sandtide(options.sandtide.clone())? };
    let times = VARIANTS
        .into_iter()
        .map(|variant| take_turns(&runtimes, variant, options.rounds))
        .collect::<Result<_>>()?;
    let memory = if options.contexts >= options.first {
        look_at_memory(&runtimes, options.first, options.contexts)?
    } else {
        Vec::new()
    };
    let record = Record { at, machine: Machine::look(), rounds: options.rounds, times, memory };

    print!("{}", report::text(&record));
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("vm-{}.json", record.at));
    fs::write(&raw, serde_json::to_string_pretty(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    println!("\nraw figures: {}", raw.display());
    Ok(())
}

fn take_turns(runtimes: &Runtimes, variant: Variant, rounds: u64) -> Result<Times> {
    let mut times = Times { variant, node_ns: Vec::new(), sandtide_ns: Vec::new() };
    for round in 1..=rounds {
        let median = |runtime| {
            peers::in_process(runtimes.command(runtime), variant.name)
                .map(|measured| measured.ns.median)
                .with_context(|| format!("{} under {runtime}", variant.name))
        };
        let (node, sandtide) = (median(Runtime::Node)?, median(Runtime::Sandtide)?);
        eprintln!(
            "{}, round {round} of {rounds}: Node {:.2} us, sandtide node {:.2} us",
            variant.name,
            node / 1e3,
            sandtide / 1e3
        );
        times.node_ns.push(node);
        times.sandtide_ns.push(sandtide);
    }
    Ok(times)
}

fn look_at_memory(runtimes: &Runtimes, first: u64, last: u64) -> Result<Vec<Memory>> {
    let mut looks = Vec::new();
    for (variant, what) in MEMORY_VARIANTS {
        for runtime in Runtime::ALL {
            eprintln!("{last} contexts, {what}, under {runtime} ...");
            let resident = peers::memory(runtimes.command(runtime), variant, first, last)
                .with_context(|| format!("{variant} under {runtime}"))?;
            looks.push(Memory { variant, what, runtime, resident });
        }
    }
    Ok(looks)
}
