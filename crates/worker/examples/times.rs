//! What workers cost in time: `cargo run --release -p sandtide-worker --example times [WORKERS]
//! [RUNS]`. By default 100 workers are forked and 5,000 runs made, which takes seconds.

use std::time::{Duration, Instant};

use sandtide::{Deployment, Pool, Run, Runs, ScriptOptions};
use sandtide_supervisor::Supervisor;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    sandtide_worker::run_if_zygote(&[]);
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let workers = numbers.next().transpose()?.unwrap_or(100).max(1);
    let runs = numbers.next().transpose()?.unwrap_or(5_000).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let trivial = || Deployment::new("tenant").script("1 + 1", ScriptOptions::new());

        let without_spares = Supervisor::builder().spare_workers(0).start().await?;
        one_run(&without_spares, "first").await?;
        let mut times = Vec::new();
        for tenant in 0..workers {
            let began = Instant::now();
            one_run(&without_spares, &format!("tenant {tenant}")).await?;
            times.push(began.elapsed());
        }
        show("fork of a worker to its first run's answer", &mut times);
        without_spares.shut_down().await;

        let with_spares = Supervisor::builder().start().await?;
        for (what, times) in killed(&with_spares, workers).await? {
            let mut times = times;
            show(what, &mut times);
        }

        let image = with_spares.deploy(trivial()).await?;
        round_trips("a run in a process", &with_spares, &image, runs).await?;
        with_spares.shut_down().await;
        let pool = Pool::builder().instances(1).build()?;
        let image = pool.deploy(trivial()).await?;
        round_trips("a run on a thread, by the same trait", &pool, &image, runs).await?;
        Ok(())
    })
}

async fn one_run(supervisor: &Supervisor, tenant: &str) -> Result<(), sandtide::Error> {
    let run = Run::new().source("1 + 1", ScriptOptions::new());
    supervisor.run(&supervisor.base(tenant), run).await.result.map(drop)
}

/// Kills the worker of a tenant, and measures until the next run of the tenant is answered.
async fn killed(
    supervisor: &Supervisor,
    times: usize,
) -> Result<[(&'static str, Vec<Duration>); 1], Box<dyn std::error::Error>> {
    let mut answered = Vec::new();
    for number in 0..times {
        let tenant = format!("killed {number}");
        one_run(supervisor, &tenant).await?;
        // Time for a spare to come; and the tenant's worker is the one that waited least.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Some(pid) = supervisor.waiting_processes().last().copied() else { continue };
        let done = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status()?;
        assert!(done.success());
        let began = Instant::now();
        // A run that is given the worker before its end is known says so; the next one has another.
        while one_run(supervisor, &tenant).await.is_err() {}
        answered.push(began.elapsed());
    }
    Ok([("worker killed to its replacement's first answer", answered)])
}

async fn round_trips<R: Runs>(
    what: &str,
    place: &R,
    image: &R::Image,
    runs: usize,
) -> Result<(), sandtide::Error> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let began = Instant::now();
        place.run(image, Run::new()).await.result?;
        times.push(began.elapsed());
    }
    show(what, &mut times);
    Ok(())
}

fn show(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!("{what}: p50 {:?}, p99 {:?} (n = {})", at(50), at(99), times.len());
}
