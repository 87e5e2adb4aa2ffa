//! The article's workload: `a = fibonacci(number)` for each HTTP request, `number` random in
//! 0..=19; the Node programs under Node and under `sandtide node`, and `sandtide serve`. Each server gets a new process for each round, the servers take turns, and all of them
//! get the same load. This module runs the rounds; it does not know how any of them is started.

pub(crate) mod load;
mod memory;
mod plot;
mod report;
mod sandtide;
mod servers;
mod sockets;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use crate::machine::{Machine, bench_dir, cores};
use crate::report::megabytes;
use crate::runtimes::{self, Runtimes};
use load::{Generator, LoadResult};
use memory::{Sample, Sampler};
use servers::{Kind, Launcher, Running};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Seconds of load, for each server and round
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often each server has its turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Connections that the load generator keeps open
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1000))]
    connections: u64,
    /// Which servers, in the order of their turns
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::ALL)]
    servers: Vec<Kind>,
    /// Where naive.js, opt1.js and opt2.js are taken from; they may listen on a port of their own
    /// choice [default: the project's own]
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Workers of `sandtide serve` [default: one for each core]
    #[arg(long)]
    workers: Option<usize>,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// The load generator [default: wrk if it is on the PATH, else oha]
    #[arg(long, value_enum)]
    load: Option<Generator>,
    /// Where the raw figures and the plots are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

/// How long a server is left alone before and after the load.
const IDLE_BEFORE: Duration = Duration::from_millis(500);
const IDLE_AFTER: Duration = Duration::from_secs(5);

/// One turn of one server.
#[derive(Debug, Serialize)]
pub(crate) struct Turn {
    server: Kind,
    round: u64,
    load: LoadResult,
    /// The most that was resident at once, from the start of the process.
    peak_rss_kib: u64,
    /// The most that it and all processes that it started took at a moment, with what they share
    /// counted once (PSS).
    peak_pss_kib: u64,
    /// What is resident five seconds after the load.
    after_rss_kib: u64,
    /// Resident memory over time; 0 ms is the start of the load.
    memory: Vec<Sample>,
}

/// Everything one invocation measured: the raw file is this.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    /// UTC, as in the name of the file.
    at: String,
    machine: Machine,
    generator: String,
    seconds: u64,
    connections: u64,
    workers: usize,
    /// Where other programs than the project's own were taken from.
    programs: Option<PathBuf>,
    turns: Vec<Turn>,
}

#[cfg(test)]
impl Record {
    fn of_turns(turns: Vec<Turn>) -> Self {
        Self {
            at: String::new(),
            machine: Machine::look(),
            generator: String::new(),
            seconds: 1,
            connections: 1,
            workers: 1,
            programs: None,
            turns,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let generator = Generator::choose(options.load)?;
    let workers = options.workers.unwrap_or_else(cores);
    let mut record = Record {
        at: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        machine: Machine::look(),
        generator: generator.version(),
        seconds: options.seconds,
        connections: options.connections,
        workers,
        programs: options.programs.clone(),
        turns: Vec::new(),
    };
    let launcher = Launcher {
        runtimes: Runtimes { sandtide: runtimes::sandtide(options.sandtide.clone())? },
        programs: options.programs.clone().unwrap_or_else(|| bench_dir().join("peers")),
        workers,
    };

    for round in 1..=options.rounds {
        for &server in &options.servers {
            eprint!("round {round} of {}: {server} ... ", options.rounds);
            let turn = take_turn(&launcher, generator, server, round, options)
                .with_context(|| format!("{server}, round {round}"))?;
            eprintln!(
                "{:.0} requests/s, peak {:.1} MB",
                turn.load.requests_per_second,
                megabytes(turn.peak_rss_kib as f64)
            );
            record.turns.push(turn);
        }
    }

    print!("{}", report::text(&record));
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("article-{}.json", record.at));
    fs::write(&raw, serde_json::to_string(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    println!("\nraw figures: {}", raw.display());
    for plot in plot::PLOTS.iter().filter(|plot| plot.is_possible(&record)) {
        let path = options.out.join(plot.file);
        plot.draw(&record, &path)?;
        println!("plot: {}", path.display());
    }
    Ok(())
}

fn take_turn(
    launcher: &Launcher,
    generator: Generator,
    server: Kind,
    round: u64,
    options: &Options,
) -> Result<Turn> {
    let mut running: Running = launcher.start(server)?;
    let target = launcher.prepare(server, &running)?;

    let sampler = Sampler::start(running.pid());
    std::thread::sleep(IDLE_BEFORE);
    sampler.mark_start_of_load();
    let load = generator.run(&target, options.connections, options.seconds)?;
    std::thread::sleep(IDLE_AFTER);
    let memory = sampler.stop();

    if let Some(status) = running.ended()? {
        bail!("the server ended under the load ({status})");
    }
    Ok(Turn {
        server,
        round,
        load,
        peak_rss_kib: memory.peak_kib,
        peak_pss_kib: memory.peak_pss_kib,
        after_rss_kib: memory.samples.last().map_or(0, |sample| sample.rss_kib),
        memory: memory.samples,
    })
}
