//! What the process wall costs: requests a second of `sandtide serve` in processes against threads;
//! and, with workers of this program's own, the time from a fork to the first run's end and from a
//! killed worker to its replacement's first answer.

mod own;
mod workers;

pub(crate) use own::namespaces;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use crate::article::load::{Generator, LoadResult, Target};
use crate::machine::{Machine, bench_dir, cores};
use crate::neighbours::load::{deploy, quantile, run_once};
use crate::report::{Table, spread};
use crate::runtimes;
use crate::served::{Launch, Server};
use crate::stats::Spread;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Seconds of load, for each server and round
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often each server has its turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Connections that the load generator keeps open
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1000))]
    connections: u64,
    /// Workers that are forked, and as many that are killed
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    forks: u32,
    /// Workers of `sandtide serve` [default: one for each core]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: Option<u32>,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// The load generator [default: wrk if it is on the PATH, else oha]
    #[arg(long, value_enum)]
    load: Option<Generator>,
    /// Where the raw figures are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

const SCRIPT: &str = "1 + 1";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Isolation {
    Thread,
    Process,
}

#[derive(Debug, Serialize)]
struct Turn {
    isolation: Isolation,
    round: u64,
    load: LoadResult,
}

/// Everything one invocation measured: the raw file is this.
#[derive(Debug, Serialize)]
struct Record {
    at: String,
    machine: Machine,
    generator: String,
    seconds: u64,
    connections: u64,
    workers: u32,
    turns: Vec<Turn>,
    times: workers::Times,
    own_namespaces_ms: Vec<f64>,
}

impl Record {
    fn rates(&self, isolation: Isolation) -> impl Iterator<Item = f64> {
        let of = self.turns.iter().filter(move |turn| turn.isolation == isolation);
        of.map(|turn| turn.load.requests_per_second)
    }

    fn text(&self) -> String {
        let mut table = Table::new(&["what", "measured", "bar", ""]);
        let rates = |isolation| Spread::of(self.rates(isolation));
        let ratios = || {
            self.rates(Isolation::Process).zip(self.rates(Isolation::Thread)).map(|(p, t)| p / t)
        };
        for (what, isolation) in [("threads", Isolation::Thread), ("processes", Isolation::Process)]
        {
            if let Some(rates) = rates(isolation) {
                table.row(&[&format!("requests/s, {what}"), &spread(rates, 0), ""], None);
            }
        }
        if let Some(ratio) = Spread::of(ratios()) {
            let cells = ["processes against threads, by rounds", &spread(ratio, 2), "0.75"];
            table.row(&cells, Some(ratio.median >= 0.75));
        }
        let mut times = |what: &str, times: &[f64], bars: &[(f64, f64)]| {
            let measured: Vec<f64> =
                [0.5, 0.99].map(|part| quantile(times.iter().copied(), part)).to_vec();
            let cells = [
                what.to_owned(),
                format!("p50 {:.2} ms, p99 {:.2} ms", measured[0], measured[1]),
                bars.iter()
                    .map(|(part, most)| format!("p{:.0} {most} ms", part * 100.0))
                    .collect::<Vec<_>>()
                    .join(", "),
            ];
            let met =
                bars.iter().all(|(part, most)| quantile(times.iter().copied(), *part) <= *most);
            table.row(&[&cells[0], &cells[1], &cells[2]], Some(met));
        };
        times(
            "fork of a worker to its first run's end, in the zygote's namespaces",
            &self.times.forked_ms,
            &[(0.5, 0.8)],
        );
        let with_own: Vec<f64> = std::iter::zip(&self.times.forked_ms, &self.own_namespaces_ms)
            .map(|(forked, own)| forked + own)
            .collect();
        times("the same, and what namespaces of its own would take", &with_own, &[(0.5, 1.5)]);
        times(
            "worker killed to its replacement's first answer",
            &self.times.replaced_ms,
            &[(0.5, 1.0), (0.99, 8.0)],
        );
        table.text()
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let generator = Generator::choose(options.load)?;
    let workers = options.workers.unwrap_or(u32::try_from(cores())?);
    let program = runtimes::sandtide(options.sandtide.clone())?;
    let mut turns = Vec::new();
    for round in 1..=options.rounds {
        for isolation in [Isolation::Thread, Isolation::Process] {
            eprint!("round {round} of {}: {isolation:?} ... ", options.rounds);
            let load = take_turn(&program, workers, isolation, generator, options)?;
            eprintln!("{:.0} requests/s", load.requests_per_second);
            turns.push(Turn { isolation, round, load });
        }
    }
    eprintln!("{} workers that are forked, and as many that are killed", options.forks);
    let record = Record {
        at: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        machine: Machine::look(),
        generator: generator.version(),
        seconds: options.seconds,
        connections: options.connections,
        workers,
        turns,
        times: workers::measure(options.forks)?,
        own_namespaces_ms: own::measure(options.forks)?,
    };
    print!("{}", record.text());
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("wall-{}.json", record.at));
    fs::write(&raw, serde_json::to_string(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    println!("\nraw figures: {}", raw.display());
    Ok(())
}

fn take_turn(
    program: &Path,
    workers: u32,
    isolation: Isolation,
    generator: Generator,
    options: &Options,
) -> Result<LoadResult> {
    let name = match isolation {
        Isolation::Thread => "thread",
        Isolation::Process => "process",
    };
    let server = Server::start(&Launch::new(program, workers).option("--isolation", name))?;
    deploy(server.address, "default", "trivial", SCRIPT)?;
    // Until its cost is known.
    for _ in 0..100 {
        let status = run_once(server.address, "default", "trivial")?;
        if status != 200 {
            bail!("the trivial script was answered with {status}");
        }
    }
    let url = format!("http://{}/v1/scripts/trivial/runs", server.address);
    let target = Target { url, bodies: Some("{}\n".to_owned()) };
    let load = generator.run(&target, options.connections, options.seconds)?;
    if load.refused > 0 || load.socket_errors > 0 {
        bail!("{} requests were refused, {} failed", load.refused, load.socket_errors);
    }
    Ok(load)
}
