//! What people's scripts do all day (`guests/`, with packages from npm in `guests/packages`): each workload
//! as pristine runs through the `sandtide` crate and in vm contexts, beside Node and an earlier build of
//! ours, in turns.

mod report;
mod subjects;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;

use crate::machine::{Machine, bench_dir};
use crate::runtimes;
use crate::stats::Spread;
use subjects::Subject;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often each has its turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// How long the batches of a turn take together
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    milliseconds: u64,
    /// Only these, by the names of their files [default: all]
    #[arg(long, value_delimiter = ',')]
    workloads: Vec<String>,
    /// Node programs, each with a name: `24=/path/to/node`
    #[arg(long, default_values_t = [String::from("node=node")])]
    node: Vec<String>,
    /// A commit of ours that is built beside, for its pristine runs
    #[arg(long)]
    base: Option<String>,
    /// The `sandtide` program of an earlier build, for its vm contexts
    #[arg(long)]
    base_program: Option<PathBuf>,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// Where the raw figures and the chart are written
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
    base: Option<String>,
    /// By name, in the order of the table's columns; the first one is what the others are compared with.
    subjects: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    workload: String,
    /// One for each subject.
    figures: Vec<Figures>,
}

/// One subject's times of one workload in ns, one for each turn.
#[derive(Debug, Default, Serialize)]
struct Figures {
    /// The first run of a process.
    first: Vec<f64>,
    /// The median batch of those after the warm-up, for one run.
    warm: Vec<f64>,
}

impl Figures {
    fn median(&self) -> Option<f64> {
        Spread::of(self.warm.iter().copied()).map(|warm| warm.median)
    }

    fn first_median(&self) -> Option<f64> {
        Spread::of(self.first.iter().copied()).map(|first| first.median)
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let files = files(&options.workloads)?;
    let sandtide = runtimes::sandtide(options.sandtide.clone())?;
    let subjects = subjects::all(
        &sandtide,
        options.base.as_deref(),
        options.base_program.as_deref(),
        &options.node,
    )?;
    let mut rows = Vec::new();
    for file in &files {
        let figures = take_turns(&subjects, file, options)?;
        rows.push(Row { workload: name(file), figures });
    }
    let record = Record {
        at,
        machine: Machine::look(),
        rounds: options.rounds,
        base: options.base.clone(),
        subjects: subjects.iter().map(|subject| subject.name.clone()).collect(),
        rows,
    };

    print!("{}", report::text(&record));
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("guests-{}.json", record.at));
    fs::write(&raw, serde_json::to_string_pretty(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    let chart = options.out.join("guests.svg");
    report::chart(&record, &chart)?;
    println!("\nraw figures: {}, chart: {}", raw.display(), chart.display());
    Ok(())
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The workloads' files, by name: those that use no packages, and bundles of those that do.
fn files(asked: &[String]) -> Result<Vec<PathBuf>> {
    let folder = bench_dir().join("guests");
    let bundles = folder.join("packages/bundles");
    ensure!(
        bundles.is_dir(),
        "the workloads that use packages are not bundled: run bench/guests/packages/bundle"
    );
    let mut files = Vec::new();
    for folder in [folder, bundles] {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("could not read {}", folder.display()))?
        {
            files.push(entry?.path());
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "js"));
    files.sort_by_key(|file| name(file));
    for workload in asked {
        ensure!(
            files.iter().any(|file| name(file) == *workload),
            "there is no workload {workload}; there are {}",
            files.iter().map(|file| name(file)).collect::<Vec<_>>().join(", ")
        );
    }
    files.retain(|file| asked.is_empty() || asked.contains(&name(file)));
    Ok(files)
}

fn take_turns(subjects: &[Subject], file: &Path, options: &Options) -> Result<Vec<Figures>> {
    let mut figures: Vec<Figures> = subjects.iter().map(|_| Figures::default()).collect();
    let mut answer = None;
    for round in 1..=options.rounds {
        eprintln!("{}, round {round} of {}", name(file), options.rounds);
        for (subject, figures) in subjects.iter().zip(&mut figures) {
            let turn = subject
                .turn(file, options.milliseconds)
                .with_context(|| format!("{} of {}", name(file), subject.name))?;
            let expected = answer.get_or_insert_with(|| turn.answer.clone());
            ensure!(
                *expected == turn.answer,
                "{} of {}: {:?}, others have {expected:?}",
                name(file),
                subject.name,
                turn.answer
            );
            figures.first.push(turn.first_ns);
            figures.warm.push(Spread::of(turn.ns).context("nothing was measured")?.median);
        }
    }
    Ok(figures)
}
