//! What is counted of a server, in the format that Prometheus reads. No label holds a name that a client
//! gave, so that the number of series is bounded by this program. Knows nothing of HTTP.

use std::{fmt, fs, sync::atomic::Ordering, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Registry, Unit},
};
use sandtide::Usage;

use crate::canary::Side;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Requests {
    route: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeOf {
    version: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeTold {
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InRole {
    role: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

/// The outcome of what went well.
const OK: &str = "ok";

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Requests, Counter>,
    runs: Family<Outcome, Counter>,
    canary_runs: Family<OutcomeOf, Counter>,
    scheduled_runs: Family<OutcomeTold, Counter>,
    deploys: Family<Outcome, Counter>,
    run_time: Histogram,
    run_wait: Histogram,
    run_cpu: Histogram,
    restored: Counter,
    queued: Gauge,
    running: Gauge,
    workers: Gauge,
    processes: Family<InState, Gauge>,
    forked: Counter,
    lost: Counter,
    parted: Counter,
    tenants: Gauge,
    scripts: Gauge,
    script_bytes: Gauge,
    in_flight: Gauge,
    memory: Family<InRole, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// What is read when somebody asks.
pub(crate) struct Now {
    pub(crate) queued: usize,
    pub(crate) running: usize,
    pub(crate) workers: usize,
    pub(crate) processes: Option<sandtide_supervisor::Counts>,
    pub(crate) tenants: usize,
    pub(crate) scripts: usize,
    pub(crate) script_bytes: usize,
    pub(crate) in_flight: usize,
}

/// From 100 us to 13 s, each twice the one before.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(1e-4, 2.0, 18))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("sandtide");
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program's version", build);
        let mut new = Self {
            registry,
            requests: Family::default(),
            runs: Family::default(),
            canary_runs: Family::default(),
            scheduled_runs: Family::default(),
            deploys: Family::default(),
            run_time: times(),
            run_wait: times(),
            run_cpu: times(),
            restored: Counter::default(),
            queued: Gauge::default(),
            running: Gauge::default(),
            workers: Gauge::default(),
            processes: Family::default(),
            forked: Counter::default(),
            lost: Counter::default(),
            parted: Counter::default(),
            tenants: Gauge::default(),
            scripts: Gauge::default(),
            script_bytes: Gauge::default(),
            in_flight: Gauge::default(),
            memory: Family::default(),
        };
        new.register();
        new.begin_at_zero();
        new
    }

    /// What was never counted is not told, and a dashboard would ask for nothing: these may never be.
    fn begin_at_zero(&self) {
        let _ = self.scheduled_runs.get_or_create(&OutcomeTold { outcome: OK.to_owned() });
        for side in [Side::Active, Side::Canary] {
            let _ =
                self.canary_runs.get_or_create(&OutcomeOf { version: side.name(), outcome: OK });
        }
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        let (seconds, bytes) = (Unit::Seconds, Unit::Bytes);
        all.register("requests", "Requests by route and status", self.requests.clone());
        all.register("runs", "Runs by outcome: ok, or an error's code", self.runs.clone());
        let help = "Runs that schedules asked for, by outcome: ok, or an error's code";
        all.register("scheduled_runs", help, self.scheduled_runs.clone());
        let help = "Runs of scripts with a canary, by the version that they were given and outcome";
        all.register("canary_runs", help, self.canary_runs.clone());
        all.register(
            "deploys",
            "Deploys, activations, roll backs and shares of canaries by outcome",
            self.deploys.clone(),
        );
        let help = "Time from a run's request to its outcome, waiting included";
        all.register_with_unit("run", help, seconds.clone(), self.run_time.clone());
        let help = "Time that runs waited for a worker";
        all.register_with_unit("run_wait", help, seconds.clone(), self.run_wait.clone());
        let help = "CPU time of runs";
        all.register_with_unit("run_cpu", help, seconds, self.run_cpu.clone());
        let help = "What was written to put heaps back";
        all.register_with_unit("restored", help, bytes.clone(), self.restored.clone());
        all.register("queue_depth", "Runs that wait for a worker", self.queued.clone());
        all.register("runs_running", "Runs that have a worker", self.running.clone());
        all.register("workers", "Runs that can be on at a time", self.workers.clone());
        let help = "Worker processes: busy, idle with a tenant, spare without one";
        all.register("worker_processes", help, self.processes.clone());
        let help = "Worker processes that were started";
        all.register("worker_processes_forked", help, self.forked.clone());
        let help = "Worker processes that were killed, or ended by themselves";
        all.register("worker_processes_lost", help, self.lost.clone());
        let help = "Worker processes ended because one of several runs told together took long";
        all.register("worker_processes_parted", help, self.parted.clone());
        all.register("tenants", "Tenants that have scripts", self.tenants.clone());
        all.register("scripts", "Scripts that are deployed", self.scripts.clone());
        let help = "What deployed scripts count of the memory for scripts";
        all.register_with_unit("scripts_held", help, bytes.clone(), self.script_bytes.clone());
        let help = "Bodies that were received and answers that were not taken";
        all.register_with_unit("in_flight", help, bytes.clone(), self.in_flight.clone());
        let help = "Resident memory of the server, of the zygote and of all workers";
        all.register_with_unit("resident_memory", help, bytes, self.memory.clone());
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: &'static str, status: u16) {
        self.requests.get_or_create(&Requests { route, status }).inc();
    }

    /// A run came to its end on a worker; nothing of `error` where it went well.
    pub(crate) fn ran(
        &self,
        error: Option<&'static str>,
        took: Duration,
        waited: Duration,
        usage: &Usage,
    ) {
        self.runs.get_or_create(&Outcome { outcome: error.unwrap_or(OK) }).inc();
        self.run_time.observe(took.as_secs_f64());
        self.run_wait.observe(waited.as_secs_f64());
        self.run_cpu.observe(usage.cpu.as_secs_f64());
        self.restored.inc_by(usage.bytes_restored as u64);
    }

    /// The same of a script of which another version has a share.
    pub(crate) fn ran_beside(&self, side: Side, error: Option<&'static str>) {
        let outcome = OutcomeOf { version: side.name(), outcome: error.unwrap_or(OK) };
        self.canary_runs.get_or_create(&outcome).inc();
    }

    /// A run that a schedule asked for ended, or was refused: `ok`, or the code of one of this program's errors.
    pub(crate) fn ran_by_schedule(&self, outcome: &str) {
        let outcome = OutcomeTold { outcome: outcome.to_owned() };
        self.scheduled_runs.get_or_create(&outcome).inc();
    }

    /// A run was refused, or waited for too long.
    pub(crate) fn refused(&self, code: &'static str) {
        self.runs.get_or_create(&Outcome { outcome: code }).inc();
    }

    /// A version was built to answer from then on, or not.
    pub(crate) fn deployed(&self, error: Option<&'static str>) {
        self.deploys.get_or_create(&Outcome { outcome: error.unwrap_or(OK) }).inc();
    }

    /// All of it, as OpenMetrics text.
    pub(crate) fn text(&self, now: &Now) -> String {
        let set = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.queued, now.queued);
        set(&self.running, now.running);
        set(&self.workers, now.workers);
        set(&self.tenants, now.tenants);
        set(&self.scripts, now.scripts);
        set(&self.script_bytes, now.script_bytes);
        set(&self.in_flight, now.in_flight);
        if let Some(counts) = &now.processes {
            let states = [("busy", counts.busy), ("idle", counts.idle), ("spare", counts.spare)];
            for (state, count) in states {
                set(&self.processes.get_or_create(&InState { state }), count);
            }
            let counters = [
                (&self.forked, counts.started),
                (&self.lost, counts.lost),
                (&self.parted, counts.parted),
            ];
            for (counter, count) in counters {
                counter.inner().store(count, Ordering::Relaxed);
            }
        }
        for (role, bytes) in memory_by_role() {
            set(&self.memory.get_or_create(&InRole { role }), bytes);
        }
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

/// Resident bytes of this process, of the zygote, and of all workers, by the system's account. Both are
/// children of this process; the zygote leads a session, and workers are in it.
fn memory_by_role() -> Vec<(&'static str, usize)> {
    let me = std::process::id();
    let Ok(listed) = fs::read_dir("/proc") else { return Vec::new() };
    let (mut server, mut zygote, mut workers) = (0, None, 0);
    for entry in listed.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(stat) = id.and_then(Stat::of) else { continue };
        if stat.id == me {
            server = stat.resident;
        } else if stat.parent == me && stat.session == stat.id {
            *zygote.get_or_insert(0) += stat.resident;
        } else if stat.parent == me {
            workers += stat.resident;
        }
    }
    let mut roles = vec![("server", server)];
    roles.extend(zygote.into_iter().flat_map(|zygote| [("zygote", zygote), ("workers", workers)]));
    roles
}

struct Stat {
    id: u32,
    parent: u32,
    session: u32,
    resident: usize,
}

impl Stat {
    fn of(id: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        Self::read(id, &text)
    }

    /// Reads what follows the name, which may hold anything, up to its last bracket.
    fn read(id: u32, text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let pages: usize = fields.get(21)?.parse().ok()?;
        Some(Self {
            id,
            parent: fields.get(1)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            resident: pages * rustix::param::page_size(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Stat, memory_by_role};

    #[test]
    fn the_system_tells_of_this_process() {
        let roles = memory_by_role();
        assert_eq!(roles[0].0, "server");
        assert!(roles[0].1 > 1 << 20, "{roles:?}");
        let odd = "7 (a) b) S 3 1 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 4096 12 18446744073709551615";
        let stat = Stat::read(7, odd).unwrap();
        assert_eq!((stat.parent, stat.session, stat.resident % 12), (3, 9, 0));
    }
}
