//! The soak: `sandtide serve` in processes at full load for a long time, one run in twenty of it
//! hostile, and workers and the zygote killed meanwhile. Every run has to be answered as it is meant
//! to be, and nothing may be left: memory, descriptors, processes. This module measures and judges; it
//! does not know how requests are sent.

mod clients;
mod plot;
mod processes;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use crate::machine::{Machine, bench_dir, cores};
use crate::report::Table;
use crate::runtimes;
use crate::served::{Launch, Server};
use crate::stats::Spread;
use clients::{Clients, Tally};
use processes::{Killer, Look};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Half a minute, for CI: --seconds 30, and no bar for what is noise after so little time: memory
    /// and threads
    #[arg(long)]
    short: bool,
    /// Seconds of load in all [default: 1800]
    #[arg(long, value_parser = clap::value_parser!(u64).range(8..=86_400))]
    seconds: Option<u64>,
    /// Clients, each of which asks again as soon as it is answered [default: four a worker]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    clients: Option<u32>,
    /// Workers of `sandtide serve` [default: two a core]
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=64))]
    workers: Option<u32>,
    /// Milliseconds between two workers that are killed; each twentieth time it is the zygote
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    kill_every: u64,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// Where the raw figures and the plot are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

/// The load pauses so often, and the server is looked at when it is quiet.
const QUARTERS: u32 = 4;
/// How long it is left alone before that.
const QUIET: Duration = Duration::from_secs(2);
/// So often it is looked at, at most, until nothing changes in it any more,
const LOOKS: u32 = 50;
/// and not more often than this.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How much memory may differ between the first quiet moment and the last.
const FLAT: f64 = 0.05;

/// Everything one invocation saw: the raw file is this.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    at: String,
    machine: Machine,
    workers: u32,
    clients: u32,
    seconds: u64,
    /// Each second, under load.
    loaded: Vec<Look>,
    /// After each quarter.
    quiet: Vec<Look>,
    killed_workers: u64,
    killed_zygotes: u64,
    tally: Tally,
}

impl Record {
    /// How much larger or smaller memory is at the last quiet moment than at the first.
    fn growth(&self, of: impl Fn(&Look) -> u64) -> f64 {
        let (Some(first), Some(last)) = (self.quiet.first(), self.quiet.last()) else { return 0.0 };
        of(last) as f64 / of(first).max(1) as f64 - 1.0
    }

    /// How much larger or smaller memory of all processes is under load in the last quarter than in the first,
    /// by medians: at any one moment as many workers have ended, or have just begun, as chance has it.
    fn growth_loaded(&self) -> f64 {
        let quarter = (self.loaded.len() / QUARTERS as usize).max(1);
        let median = |looks: &[Look]| {
            Spread::of(looks.iter().map(|look| look.all_kib as f64)).map_or(0.0, |all| all.median)
        };
        let first = median(self.loaded.get(..quarter).unwrap_or_default());
        let last = median(&self.loaded[self.loaded.len().saturating_sub(quarter)..]);
        last / first.max(1.0) - 1.0
    }

    fn bars(&self, short: bool) -> Vec<(String, String, &'static str, bool)> {
        let Tally { right, wrong, lost, .. } = &self.tally;
        let answered = right.values().sum::<u64>() + lost + wrong.values().sum::<u64>();
        let mut bars = vec![(
            "runs answered".to_owned(),
            format!("{answered}, {:.0}/s", answered as f64 / self.seconds as f64),
            "",
            true,
        )];
        let hostile: u64 =
            right.iter().filter(|(kind, _)| *kind != clients::GOOD).map(|(_, n)| n).sum();
        let part = hostile as f64 / (answered.max(1)) as f64;
        bars.push(("of them hostile".to_owned(), format!("{:.1} %", part * 100.0), "", true));
        bars.push((
            "answered otherwise than meant".to_owned(),
            format!("{wrong:?}"),
            "none",
            wrong.is_empty(),
        ));
        let killed = self.killed_workers;
        bars.push((
            "runs lost with workers that were killed".to_owned(),
            format!("{lost} with {killed} workers, {} zygotes killed", self.killed_zygotes),
            "at most one a worker",
            *lost <= killed,
        ));
        for (what, growth) in [
            (
                "memory of the broker, quiet, first quarter to last",
                self.growth(|look| look.broker_kib),
            ),
            ("memory of all under load, first quarter to last", self.growth_loaded()),
        ] {
            let measured = format!("{:+.1} %", growth * 100.0);
            let bar = if short { "" } else { "5 %" };
            bars.push((what.to_owned(), measured, bar, short || growth <= FLAT));
        }
        let quiet = |of: fn(&Look) -> u64| self.quiet.iter().map(of).collect::<Vec<u64>>();
        let zombies = quiet(|look| look.zombies);
        let none = zombies.iter().all(|zombies| *zombies == 0);
        bars.push(("zombies, quiet".to_owned(), format!("{zombies:?}"), "none", none));
        for (what, of, is_noise) in [
            (
                "descriptors of the broker beside two a worker, quiet",
                Look::own_descriptors as fn(&Look) -> u64,
                false,
            ),
            ("threads of the broker, quiet", |look| look.threads, short),
        ] {
            let counts = quiet(of);
            let same = counts.last() <= counts.first();
            let bar = if is_noise { "" } else { "no more than at first" };
            bars.push((what.to_owned(), format!("{counts:?}"), bar, is_noise || same));
        }
        bars
    }
}

/// The server once nothing changes in it any more: processes that end are waited for, and spares are
/// forked, in their own time.
fn settled(server: &Server, begun: Instant) -> Result<Look> {
    let mut last = Look::at(server.pid(), begun.elapsed())?;
    for _ in 0..LOOKS {
        std::thread::sleep(BETWEEN_LOOKS);
        let look = Look::at(server.pid(), begun.elapsed())?;
        let is_same = (look.children, look.descriptors) == (last.children, last.descriptors);
        if is_same && look.zombies == 0 {
            return Ok(look);
        }
        last = look;
    }
    Ok(last)
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let seconds = options.seconds.unwrap_or(if options.short { 30 } else { 1800 });
    let workers = options.workers.unwrap_or(u32::try_from(2 * cores())?);
    let count = options.clients.unwrap_or(4 * workers);
    let program = runtimes::sandtide(options.sandtide.clone())?;
    let server = Server::start(&Launch::new(&program, workers))?;
    clients::deploy_all(&server)?;
    let killer_pause = Duration::from_millis(options.kill_every);
    let quarter = Duration::from_secs(seconds) / QUARTERS;
    let (mut loaded, mut quiet) = (Vec::new(), Vec::new());
    let (mut killed_workers, mut killed_zygotes) = (0, 0);
    let mut tally = Tally::default();
    let begun = Instant::now();
    for number in 1..=QUARTERS {
        eprintln!("quarter {number} of {QUARTERS}: {count} clients for {} s", quarter.as_secs());
        let clients = Clients::start(server.address, count);
        let killer = Killer::start(server.pid(), killer_pause);
        let ends = Instant::now() + quarter;
        while Instant::now() < ends {
            std::thread::sleep(Duration::from_secs(1).min(ends - Instant::now().min(ends)));
            loaded.push(Look::at(server.pid(), begun.elapsed())?);
        }
        let (of_workers, of_zygotes) = killer.stop();
        (killed_workers, killed_zygotes) =
            (killed_workers + of_workers, killed_zygotes + of_zygotes);
        tally.add(clients.stop()?);
        std::thread::sleep(QUIET);
        // Those that were killed last are replaced by those that this asks for.
        clients::once(server.address)?;
        quiet.push(settled(&server, begun)?);
    }
    let record = Record {
        at: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        machine: Machine::look(),
        workers,
        clients: count,
        seconds,
        loaded,
        quiet,
        killed_workers,
        killed_zygotes,
        tally,
    };
    let mut table = Table::new(&["what", "measured", "bar", ""]);
    let bars = record.bars(options.short);
    for (what, measured, bar, met) in &bars {
        table.row(&[what, measured, bar], (!bar.is_empty()).then_some(*met));
    }
    print!("{}", table.text());
    println!("\nright answers by kind: {:?}", record.tally.right);
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("soak-{}.json", record.at));
    fs::write(&raw, serde_json::to_string(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    let path = options.out.join("soak.svg");
    plot::draw(&record, &path)?;
    println!("raw figures: {}\nplot: {}", raw.display(), path.display());
    for (sample, answer) in &record.tally.samples {
        println!("{sample} was answered with {answer}");
    }
    let missed: BTreeMap<_, _> =
        bars.iter().filter(|(.., met)| !met).map(|(what, measured, ..)| (what, measured)).collect();
    if !missed.is_empty() {
        bail!("the soak did not go as it must: {missed:?}");
    }
    Ok(())
}
