//! What is read off a process's resident memory: each measurement in a process of its own, this
//! program started again, so that nothing else is in the figure.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use sandtide_bench::guests;
use sandtide_engine::RestoreStrategy;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{checked, instance};

#[derive(Args, Debug)]
pub(crate) struct ChildOptions {
    #[arg(value_enum)]
    what: What,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Resident,
    Images,
}

/// Resident memory of a process that makes many pristine runs of one script.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Resident {
    /// Runs so far, and KiB resident then.
    pub(super) after: Vec<(u64, u64)>,
}

/// Resident memory of a process that holds images of many small scripts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Images {
    pub(super) count: usize,
    /// KiB by which building and holding them made the process grow.
    pub(super) grown_kib: u64,
    /// Sum of what the images themselves say.
    pub(super) held_bytes: usize,
    /// Bytes of source in all of them.
    pub(super) source_bytes: usize,
    pub(super) build_ns_median: f64,
    /// Images that were run afterwards, each with the right answer.
    pub(super) ran: usize,
}

/// Runs at which the memory is looked at; the first and the last are the bar's.
const LOOK_AT: [u64; 5] = [10_000, 100_000, 250_000, 500_000, 1_000_000];
const IMAGES: usize = 10_000;
/// Every so many images one is run.
const RUN_EVERY: usize = 7;

pub(super) fn resident() -> Result<Resident> {
    eprintln!("resident memory over 1,000,000 runs ...");
    start("resident")
}

pub(super) fn images() -> Result<Images> {
    eprintln!("{IMAGES} images of small scripts ...");
    start("images")
}

fn start<T: DeserializeOwned>(what: &str) -> Result<T> {
    let output = Command::new(std::env::current_exe()?)
        .args(["in-process-child", what])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start the process for {what}"))?;
    if !output.status.success() {
        bail!("the process for {what} failed ({})", output.status);
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{what} wrote something else"))
}

pub(crate) fn child(options: &ChildOptions) -> Result<()> {
    let json = match options.what {
        What::Resident => serde_json::to_string(&run_many()?)?,
        What::Images => serde_json::to_string(&hold_many()?)?,
    };
    println!("{json}");
    Ok(())
}

fn run_many() -> Result<Resident> {
    let mut instance = instance(RestoreStrategy::Auto)?;
    let image = instance.build(&guests::fibonacci())?;
    let request = guests::fibonacci_of(10);
    let mut after = Vec::with_capacity(LOOK_AT.len());
    let mut done = 0;
    for runs in LOOK_AT {
        while done < runs {
            instance.run(&image, &request).result?;
            done += 1;
        }
        after.push((runs, resident_kib()?));
    }
    checked(&mut instance, &image, &request, "55")?;
    Ok(Resident { after })
}

fn hold_many() -> Result<Images> {
    let mut instance = instance(RestoreStrategy::Auto)?;
    // The arena's own pages and the code paths are there before the first look.
    let (plan, request, expected) = guests::small_script(IMAGES);
    let image = instance.build(&plan)?;
    checked(&mut instance, &image, &request, &expected)?;
    let mut images = Vec::with_capacity(IMAGES);
    let mut build_ns = Vec::with_capacity(IMAGES);
    let mut source_bytes = 0;
    let before = resident_kib()?;
    for number in 0..IMAGES {
        let (plan, _, _) = guests::small_script(number);
        source_bytes += guests::source_bytes(&plan);
        let image = instance.build(&plan)?;
        build_ns.push(image.build_time().as_nanos() as f64);
        images.push(image);
    }
    let grown_kib = resident_kib()?.saturating_sub(before);
    let mut ran = 0;
    for (number, image) in images.iter().enumerate().step_by(RUN_EVERY) {
        let (_, request, expected) = guests::small_script(number);
        checked(&mut instance, image, &request, &expected)
            .with_context(|| format!("script {number}"))?;
        ran += 1;
    }
    build_ns.sort_by(f64::total_cmp);
    Ok(Images {
        count: images.len(),
        grown_kib,
        held_bytes: images.iter().map(sandtide_engine::HeapImage::held_bytes).sum(),
        source_bytes,
        build_ns_median: build_ns[build_ns.len() / 2],
        ran,
    })
}

/// What of this process is in memory now.
fn resident_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("could not read /proc")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
        .context("/proc/self/status tells no VmRSS")
}
