//! Noisy neighbours: what one tenant of `sandtide serve` notices of the others. A tenant with a
//! short script while another one has a hundred endless loops; a new tenant behind forty loops of
//! forty others; and many tenants that are deployed while few are asked for. This module has the
//! measurements; it does not know how requests are sent.

pub(crate) mod load;
mod plot;

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
use load::{Load, Sample, Steady, deploy, quantile, run_once};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// A few seconds and a few tenants, for a look or for CI: --seconds 3 --tenants 300
    #[arg(long)]
    short: bool,
    /// Seconds of load before the attack, and as many under it
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: Option<u64>,
    /// Requests a second of the tenant that is watched
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// Endless loops of the attacker at a time
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    loops: u32,
    /// Tenants that are deployed for the figure of memory, 100 of them asked for
    #[arg(long, value_parser = clap::value_parser!(u32).range(200..=10_000))]
    tenants: Option<u32>,
    /// Workers of `sandtide serve`
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=64))]
    workers: u32,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
    /// Where the raw figures and the plot are written
    #[arg(long, default_value_os_t = bench_dir().join("runs"))]
    out: PathBuf,
}

/// The short script, and what it answers.
const SHORT: &str = "var s = 0; for (var i = 0; i < 2000; i++) s += i; s";
const LOOP: &str = "for (;;) {}";
/// The server's default.
const DEADLINE: Duration = Duration::from_secs(1);
const HOT: u32 = 100;

/// Everything one invocation measured: the raw file is this.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    at: String,
    machine: Machine,
    workers: u32,
    seconds: u64,
    rate: u32,
    loops: u32,
    /// The tenant alone, on half of the cores and with half of the workers.
    on_half: Vec<Sample>,
    /// On all of the machine; the attack starts after `seconds`.
    attacked: Vec<Sample>,
    /// When the attack started in fact.
    attack_ms: f64,
    /// From its first request to its first answer, behind the forty loops.
    forty_ms: f64,
    memory: Memory,
}

#[derive(Debug, Serialize)]
struct Memory {
    tenants: u32,
    empty_kib: u64,
    deployed_kib: u64,
    /// Runs a second of 100 tenants, with nobody else deployed, and among all.
    alone: f64,
    among_all: f64,
}

impl Memory {
    fn per_idle_tenant_kib(&self) -> f64 {
        self.deployed_kib.saturating_sub(self.empty_kib) as f64 / f64::from(self.tenants - 1)
    }
}

impl Record {
    pub(crate) fn half_p99(&self) -> f64 {
        quantile(self.on_half.iter().map(|sample| sample.took_ms), 0.99)
    }

    fn p99(&self, under_attack: bool) -> f64 {
        let which = self.attacked.iter().filter(|sample| {
            // What was asked just before the attack is answered under it.
            if under_attack {
                sample.at_ms >= self.attack_ms
            } else {
                sample.at_ms + 100.0 < self.attack_ms
            }
        });
        quantile(which.map(|sample| sample.took_ms), 0.99)
    }

    fn text(&self) -> String {
        let mut table = Table::new(&["what", "measured", "bar", ""]);
        let (half, before, under) = (self.half_p99(), self.p99(false), self.p99(true));
        let ms = |ms: f64| format!("{ms:.2} ms");
        table.row(&["neighbour's p99 alone, on half of the machine", &ms(half), ""], None);
        table.row(&["neighbour's p99 alone, on all of it", &ms(before), ""], None);
        let what = format!("neighbour's p99 beside {} endless loops", self.loops);
        let measured = format!("{}, {:.2} times", ms(under), under / half);
        table.row(&[&what, &measured, "2 times that on half"], Some(under <= 2.0 * half));
        let most = 2.0 * DEADLINE.as_secs_f64() * 1e3;
        table.row(
            &[
                "41st tenant's first answer, after 40 loops of 40 tenants",
                &ms(self.forty_ms),
                "2 deadlines",
            ],
            Some(self.forty_ms <= most),
        );
        let memory = &self.memory;
        let (idle, rate) = (memory.per_idle_tenant_kib(), memory.among_all / memory.alone);
        let what = format!("RSS for each of {} deployed tenants", memory.tenants);
        table.row(&[&what, &format!("{idle:.1} KiB"), "120 KB"], Some(idle * 1024.0 <= 120e3));
        let measured =
            format!("{:.0} of {:.0} runs/s, {rate:.2} times", memory.among_all, memory.alone);
        table.row(
            &["100 hot tenants among them, against alone", &measured, "0.8 times"],
            Some(rate >= 0.8),
        );
        table.text()
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let seconds = options.seconds.unwrap_or(if options.short { 3 } else { 20 });
    let tenants = options.tenants.unwrap_or(if options.short { 300 } else { 10_000 });
    let program = runtimes::sandtide(options.sandtide.clone())?;
    let whole = Launch::new(&program, options.workers);
    let steady = Steady { rate: options.rate, duration: Duration::from_secs(seconds) };

    eprintln!("a tenant alone, on half of the machine, for {seconds} s");
    let on_half = {
        let half = (cores() / 2).max(1);
        let launch = Launch::new(&program, options.workers / 2).on_cores(half);
        let server = Server::start(&launch)?;
        watched(&server)?;
        steady.run(&server)?
    };
    eprintln!("on all of it, for {seconds} s, and then beside {} loops", options.loops);
    let (attacked, attack_ms) = {
        let server = Server::start(&whole)?;
        watched(&server)?;
        attack(&server, &steady, options.loops)?
    };
    eprintln!("a new tenant behind forty loops of forty tenants");
    let forty_ms = behind_forty(&Server::start(&whole)?)?;
    eprintln!("{tenants} tenants, {HOT} of them asked for");
    let memory = many(&whole, tenants, Duration::from_secs(seconds.min(10)))?;

    let record = Record {
        at: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        machine: Machine::look(),
        workers: options.workers,
        seconds,
        rate: options.rate,
        loops: options.loops,
        on_half,
        attacked,
        attack_ms,
        forty_ms,
        memory,
    };
    print!("{}", record.text());
    fs::create_dir_all(&options.out)
        .with_context(|| format!("could not create {}", options.out.display()))?;
    let raw = options.out.join(format!("neighbours-{}.json", record.at));
    fs::write(&raw, serde_json::to_string(&record)? + "\n")
        .with_context(|| format!("could not write {}", raw.display()))?;
    let path = options.out.join("neighbours.svg");
    plot::draw(&record, &path)?;
    println!("\nraw figures: {}\nplot: {}", raw.display(), path.display());
    Ok(())
}

/// Deploys the short script of the tenant that is watched, and runs it until its cost is known and
/// its image is everywhere.
fn watched(server: &Server) -> Result<()> {
    deploy(server.address, "watched", "short", SHORT)?;
    for _ in 0..200 {
        let status = run_once(server.address, "watched", "short")?;
        if status != 200 {
            bail!("the short script was answered with {status}");
        }
    }
    Ok(())
}

/// The steady load for twice its time; the attacker deploys and begins in the middle.
fn attack(server: &Server, steady: &Steady, loops: u32) -> Result<(Vec<Sample>, f64)> {
    let twice = Steady { rate: steady.rate, duration: 2 * steady.duration };
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let watched = scope.spawn(|| twice.run(server));
        std::thread::sleep(steady.duration);
        deploy(server.address, "attacker", "loop", LOOP)?;
        let attack_ms = begun.elapsed().as_secs_f64() * 1e3;
        let attacker = Load::start(server.address, loops, |_| ("attacker".into(), "loop".into()));
        let samples = watched.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
        drop(attacker);
        Ok((samples, attack_ms))
    })
}

/// Forty tenants ask for a loop each, at once; how long the next tenant waits for its first answer.
fn behind_forty(server: &Server) -> Result<f64> {
    for number in 0..40 {
        deploy(server.address, &format!("t{number}"), &format!("loop{number}"), LOOP)?;
    }
    deploy(server.address, "next", "short", SHORT)?;
    std::thread::scope(|scope| {
        for number in 0..40 {
            let address = server.address;
            scope.spawn(move || run_once(address, &format!("t{number}"), &format!("loop{number}")));
        }
        std::thread::sleep(DEADLINE / 10);
        let begun = Instant::now();
        // Where its own time to wait runs out, it asks again.
        while begun.elapsed() < 60 * DEADLINE {
            if run_once(server.address, "next", "short")? == 200 {
                return Ok(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        bail!("the tenant had no answer within 60 deadlines");
    })
}

fn many(launch: &Launch, tenants: u32, time: Duration) -> Result<Memory> {
    let hot = |server: &Server| -> Result<f64> {
        let of = |client: u32, sent: u64| {
            // Each client goes through all hot tenants, from a place of its own.
            format!("t{}", (u64::from(client) * 13 + sent) % u64::from(HOT))
        };
        load::rate(server.address, 8, time, of)
    };
    let deploy_all = |server: &Server, count: u32| {
        (0..count).try_for_each(|number| {
            deploy(server.address, &format!("t{number}"), "short", &format!("{SHORT} + {number}"))
        })
    };
    let server = Server::start(launch)?;
    deploy_all(&server, HOT)?;
    let alone = hot(&server)?;
    drop(server);

    let server = Server::start(launch)?;
    watched(&server)?;
    let empty_kib = server.rss_kib()?;
    // The watched tenant is one of all of them: a server holds no more scripts than that.
    deploy_all(&server, tenants - 1)?;
    let deployed_kib = server.rss_kib()?;
    let among_all = hot(&server)?;
    Ok(Memory { tenants, empty_kib, deployed_kib, alone, among_all })
}
