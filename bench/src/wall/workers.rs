//! Workers of this program's own: how soon one that is forked has ended its first run, and how soon
//! one that was killed is replaced.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use sandtide::{Error, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::Supervisor;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Times {
    pub(crate) forked_ms: Vec<f64>,
    pub(crate) replaced_ms: Vec<f64>,
}

pub(crate) fn measure(count: u32) -> Result<Times> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        Ok(Times { forked_ms: forked(count).await?, replaced_ms: replaced(count).await? })
    })
}

/// Without spares, so that a run waits for its worker to be forked.
async fn supervisor() -> Result<Supervisor> {
    Ok(Supervisor::builder().workers(1).spare_workers(0).idle_workers(1).start().await?)
}

async fn ask(supervisor: &Supervisor, tenant: &str) -> Result<Value, Error> {
    let run = Run::new().source("1 + 1", ScriptOptions::new());
    supervisor.run(&supervisor.base(tenant), run).await.result
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

async fn forked(count: u32) -> Result<Vec<f64>> {
    let supervisor = supervisor().await?;
    // The first worker is there since the start.
    ask(&supervisor, "first").await?;
    let mut times = Vec::new();
    for number in 0..count {
        let begun = Instant::now();
        let answered = ask(&supervisor, &format!("t{number}")).await?;
        times.push(ms(begun.elapsed()));
        if answered != Value::from(2) {
            bail!("1 + 1 was answered with {answered:?}");
        }
    }
    Ok(times)
}

async fn replaced(count: u32) -> Result<Vec<f64>> {
    let supervisor = supervisor().await?;
    ask(&supervisor, "tenant").await?;
    let mut times = Vec::new();
    for _ in 0..count {
        let waiting = supervisor.waiting_processes();
        let Some(pid) = waiting.first().copied().and_then(Pid::from_raw) else {
            bail!("no worker waits");
        };
        let begun = Instant::now();
        kill_process(pid, Signal::KILL)?;
        // A run that meets the worker while it dies is lost with it.
        while !matches!(ask(&supervisor, "tenant").await, Ok(answer) if answer == Value::from(2)) {
            if begun.elapsed() > Duration::from_secs(10) {
                bail!("a worker that was killed was not replaced");
            }
        }
        times.push(ms(begun.elapsed()));
    }
    Ok(times)
}
