//! Supervised runs, end to end: this program is the broker of its tests, and becomes a zygote when
//! it is started as one. Its local functions, which workers carry out themselves, are what a
//! hostile script would do that owns its worker.

mod alike;
mod bombs;
mod breakout;
mod canary;
mod carried;
mod here;
mod hostile;
mod probes;
mod runs;
mod zygote;

use std::future::Future;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};
use sandtide::{Limits, Run};
use sandtide_supervisor::{StartError, Supervisor, SupervisorBuilder};
use sandtide_worker::LocalFunction;

/// Longer than any machine takes for what is not to end by its limits.
const PATIENCE: Duration = Duration::from_secs(600);

/// A run whose time is no matter, on a machine however busy: it may have to wait for a worker.
fn patient() -> Run {
    Run::new().limits(Limits { wall: PATIENCE, cpu: PATIENCE, ..Limits::default() })
}

/// What workers of this program can be made to do.
const LOCAL: &[LocalFunction] = probes::ALL;

fn main() {
    zygote::listen_if_zygote();
    sandtide_worker::run_if_zygote(LOCAL);
    let trials = runs::trials()
        .chain(here::trials())
        .chain(bombs::trials())
        .chain(breakout::trials())
        .chain(canary::trials())
        .chain(hostile::trials())
        .chain(carried::trials())
        .chain(alike::trials())
        .chain(zygote::trials());
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// A test that is a future, with a runtime of its own.
fn trial<F: Future<Output = ()>>(name: &str, test: impl FnOnce() -> F + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(test());
        Ok(())
    })
}

/// Whether this is root, who alone may look into workers; where it is not, says loudly what is left out.
fn may_look_into_workers(what: &str) -> bool {
    // SAFETY: asks the system who this is.
    let is_root = unsafe { libc::geteuid() } == 0;
    if !is_root {
        eprintln!("LEFT OUT, because only root may look into workers: {what}. Run this as root.");
    }
    is_root
}

async fn supervisor(settings: impl FnOnce(SupervisorBuilder) -> SupervisorBuilder) -> Supervisor {
    // Runs may have as much time as a machine takes that is busy; those that are to end have less.
    let limits = Limits { wall: PATIENCE, cpu: PATIENCE, ..Limits::default() };
    let builder = settings(Supervisor::builder().limits(limits));
    // A zygote that does not answer in time is given up, which on a machine that is busy is no fault.
    for _ in 0..20 {
        match builder.clone().start().await {
            Err(StartError::Worker(_)) => {}
            started => return started.expect("workers can be confined here"),
        }
    }
    panic!("no worker is ready in time")
}

/// Waits until it is so; many looks, because other tests may have the processors meanwhile.
async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("never: {what}");
}

/// Waits until a process is no more, or only as one that nobody has waited for.
async fn until_ended(pid: i32) {
    until("the process ends", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        let state = stat.as_deref().and_then(|stat| stat.rsplit_once(") "));
        state.is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
    })
    .await;
}
