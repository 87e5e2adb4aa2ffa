//! What a supervisor is started with.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use sandtide::{Error, Limits};
use sandtide_confine::{Layer, Layers, Needed};
use sandtide_engine::debug::FOR_DEBUGGERS;

use crate::cgroup::{self, Most};
use crate::supervisor::{OUTSIDE, Supervisor};

/// Why a supervisor could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The zygote or a first worker could not be started.
    #[error("a worker process could not be started: {0}")]
    Worker(String),
    /// The system refuses something.
    #[error("processes for workers cannot be started: {0}")]
    System(#[from] io::Error),
    /// A setting is out of range.
    #[error(transparent)]
    Setting(#[from] Error),
    /// The kernel, or what this program runs in, lacks layers that confinement promises.
    #[error(
        "workers cannot be confined as promised, because these layers are missing here: {}. \
         `sandtide doctor` says what to do about each; to go on without them, name them in \
         --insecure-without={}",
        names(.missing), names(.missing)
    )]
    LayersMissing {
        /// Those that are missing and were not left out by name.
        missing: Vec<Layer>,
    },
    /// The kernel, or what this program runs in, lacks system calls without which there are no workers.
    #[error(
        "worker processes cannot be started here: {}",
        .missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    CallsMissing {
        /// Those that are missing.
        missing: Vec<Needed>,
    },
    /// An empty root takes mounts apart, which is for a process with namespaces of its own.
    #[error(
        "the layer empty-root needs the layer namespaces; to go on without namespaces, leave both \
         out: --insecure-without=namespaces,empty-root"
    )]
    EmptyRootAlone,
    /// The cgroup for workers cannot be made below the one that was named.
    #[error("workers cannot be put in a cgroup below {}: {what}", .path.display())]
    Cgroup {
        /// The one that was named.
        path: PathBuf,
        /// What is in the way.
        what: String,
    },
    /// A bound of a cgroup cannot be had.
    #[error("workers cannot be bounded as asked for: {0}")]
    CgroupBound(&'static str),
    /// This program would not become a zygote.
    #[error(
        "this program does not become a zygote when it is started as one: call \
         `sandtide_worker::run_if_zygote(&[])` first thing in `main`, or name another program"
    )]
    NoZygote,
}

impl From<cgroup::Refused> for StartError {
    fn from(refused: cgroup::Refused) -> Self {
        Self::Cgroup { path: refused.parent, what: refused.what }
    }
}

fn names(layers: &[Layer]) -> String {
    layers.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(",")
}

impl StartError {
    /// A name for programs that stays the same between releases.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StartError::Worker(_) | StartError::System(_) => "ERR_WORKER_START",
            StartError::Setting(error) => error.code(),
            StartError::CallsMissing { .. } => "ERR_CALLS_MISSING",
            StartError::LayersMissing { .. } => "ERR_LAYERS_MISSING",
            StartError::EmptyRootAlone => "ERR_LAYERS_TOGETHER",
            StartError::Cgroup { .. } | StartError::CgroupBound(_) => "ERR_CGROUP",
            StartError::NoZygote => "ERR_NO_ZYGOTE",
        }
    }
}

/// Settings of a supervisor.
#[derive(Clone, Debug)]
#[must_use]
pub struct SupervisorBuilder {
    pub(crate) workers: usize,
    /// None: twice as many as may run.
    pub(crate) idle: Option<usize>,
    pub(crate) idle_time: Duration,
    pub(crate) spares: usize,
    pub(crate) limits: Limits,
    pub(crate) cache: usize,
    pub(crate) carried: usize,
    pub(crate) grace: Duration,
    pub(crate) host_call: usize,
    pub(crate) host_calls: usize,
    pub(crate) blocking_calls: usize,
    pub(crate) program: Option<PathBuf>,
    pub(crate) without: Layers,
    pub(crate) take_any: bool,
    pub(crate) debugging_sessions: usize,
    pub(crate) cgroup: Option<PathBuf>,
    pub(crate) cgroup_memory: Option<u64>,
    pub(crate) cgroup_cpus: Option<f64>,
}

impl Default for SupervisorBuilder {
    fn default() -> SupervisorBuilder {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        SupervisorBuilder {
            workers: cores.max(2),
            idle: None,
            idle_time: Duration::from_secs(60),
            spares: 2,
            limits: Limits::default(),
            cache: 32 << 20,
            carried: 64 << 20,
            grace: Duration::from_millis(100),
            host_call: 1 << 20,
            host_calls: 1024,
            blocking_calls: 64,
            program: None,
            without: Layers::default(),
            take_any: false,
            debugging_sessions: 0,
            cgroup: None,
            cgroup_memory: None,
            cgroup_cpus: None,
        }
    }
}

impl SupervisorBuilder {
    /// How many workers run at a time; one a core by default, and at least 2.
    pub fn workers(mut self, workers: usize) -> SupervisorBuilder {
        self.workers = workers.max(1);
        self
    }

    /// How many workers may wait for the next run of their tenants; twice as many as may run by
    /// default. Past it, the one that waited longest is ended.
    pub fn idle_workers(mut self, idle: usize) -> SupervisorBuilder {
        self.idle = Some(idle);
        self
    }

    /// How long a worker may wait for the next run of its tenant, after which it is ended; 60 s by
    /// default.
    pub fn idle_time(mut self, time: Duration) -> SupervisorBuilder {
        self.idle_time = time;
        self
    }

    pub(crate) fn most_idle(&self) -> usize {
        self.idle.unwrap_or(self.workers.saturating_mul(2))
    }

    /// How many processes of workers there are at most: those that run, wait or are spare.
    #[must_use]
    pub fn most_processes(&self) -> usize {
        self.workers.saturating_add(self.most_idle()).saturating_add(self.spares)
    }

    /// How many workers without a tenant are kept ready, so that nobody waits for one to be forked;
    /// 2 by default.
    pub fn spare_workers(mut self, spares: usize) -> SupervisorBuilder {
        self.spares = spares;
        self
    }

    /// How many debugging sessions there may be at a time, each in a worker of its own; none by default, and
    /// then workers have no memory for them. What a cgroup bounds is reckoned with it.
    pub fn debugging_sessions(mut self, sessions: usize) -> SupervisorBuilder {
        self.debugging_sessions = sessions;
        self
    }

    /// The most that any run or deployment may take: those that ask for more are given this. A
    /// worker's arena has this much heap.
    pub fn limits(mut self, limits: Limits) -> SupervisorBuilder {
        self.limits = limits;
        self
    }

    /// Bytes of images that each worker keeps; 32 MiB by default.
    pub fn image_cache_bytes(mut self, bytes: usize) -> SupervisorBuilder {
        self.cache = bytes;
        self
    }

    /// Bytes of built images that are kept here, so that a worker which is forked later need not build them
    /// again; 64 MiB by default, of which one image takes at most a quarter. Those that no worker asked
    /// for longest go first; images that are built within a millisecond are not kept. 0: each worker builds its
    /// own.
    pub fn carried_image_bytes(mut self, bytes: usize) -> SupervisorBuilder {
        self.carried = bytes;
        self
    }

    /// How long a worker may still take once its run's time is over or the run was cancelled, before
    /// it is killed; 100 ms by default. A worker that stands ready, but has had no processor for half
    /// of it, is given another, up to 20 times.
    pub fn grace(mut self, grace: Duration) -> SupervisorBuilder {
        self.grace = grace;
        self
    }

    /// Bytes that the arguments of one host call may take, counted as output is; 1 MiB by default.
    /// A worker that sends more is ended.
    pub fn host_call_bytes(mut self, bytes: usize) -> SupervisorBuilder {
        self.host_call = bytes;
        self
    }

    /// Host calls of one run that may be open at a time, which they are until the worker took the
    /// reply; 1024 by default. A worker that makes more is ended, as is one whose open calls hold
    /// more than 64 times [`host_call_bytes`](Self::host_call_bytes) and 1 MiB.
    pub fn host_calls(mut self, calls: usize) -> SupervisorBuilder {
        self.host_calls = calls.max(1);
        self
    }

    /// Synchronous host functions ([`HostFunction::new`](sandtide_engine::HostFunction::new)) that are
    /// carried out at a time, over all runs, each on a thread; 64 by default. Further calls wait.
    pub fn blocking_calls(mut self, calls: usize) -> SupervisorBuilder {
        self.blocking_calls = calls.max(1);
        self
    }

    /// The program to start as the zygote; this one by default. Its `main` must call
    /// `sandtide_worker::run_if_zygote` first.
    pub fn program(mut self, program: impl Into<PathBuf>) -> SupervisorBuilder {
        self.program = Some(program.into());
        self
    }

    /// Leaves layers out, whether the kernel has them or not. What they would have kept a hostile
    /// script from, they keep it from no more. Without namespaces there is no empty root either: both
    /// are to be left out.
    pub fn insecure_without(
        mut self,
        layers: impl IntoIterator<Item = Layer>,
    ) -> SupervisorBuilder {
        for layer in layers {
            self.without.add(layer);
        }
        self
    }

    /// A cgroup of version 2 that was delegated to this program and has no processes of its own
    /// (systemd: `Delegate=yes` and `DelegateSubgroup=`). The zygote and all workers are put in one that
    /// is made below it, whose processes and memory are bounded, and which has no swap. It is named
    /// after this process; empty ones of processes that have ended are removed at the next start, so
    /// programs that share one see each other's processes. None by default.
    pub fn cgroup(mut self, path: impl Into<PathBuf>) -> SupervisorBuilder {
        self.cgroup = Some(path.into());
        self
    }

    /// Bytes of memory that all processes in the [cgroup](Self::cgroup) may take together. By default
    /// what the zygote and as many workers as there may be can take: each its heap's limit, twice
    /// that for images that are built, four times its output's limit, its cache of images, and 64 MiB.
    /// Refused without a cgroup.
    pub fn cgroup_memory(mut self, bytes: u64) -> SupervisorBuilder {
        self.cgroup_memory = Some(bytes);
        self
    }

    /// Processors whose time all processes in the [cgroup](Self::cgroup) may take together, 0.01 or
    /// more; all by default. Refused without a cgroup.
    pub fn cgroup_cpus(mut self, cpus: f64) -> SupervisorBuilder {
        self.cgroup_cpus = Some(cpus);
        self
    }

    /// Bytes that a worker may take outside of its arena's heap.
    pub(crate) fn outside(&self) -> usize {
        // Of an image that is built there are two copies for a moment, each up to the heap. What TypeScript's
        // parser takes of lists is no more, and is free before.
        OUTSIDE
            .saturating_add(self.cache)
            .saturating_add(self.limits.heap.saturating_mul(2))
            .saturating_add(self.limits.output.saturating_mul(4))
    }

    /// Refuses bounds of a cgroup that would do nothing, or another thing than they say.
    pub(crate) fn check_cgroup(&self) -> Result<(), StartError> {
        let bounded = self.cgroup_memory.is_some() || self.cgroup_cpus.is_some();
        if bounded && self.cgroup.is_none() {
            return Err(StartError::CgroupBound(
                "memory and processors are those of a cgroup, and none was named: set `cgroup` too",
            ));
        }
        // Not a number is none of these.
        if self.cgroup_cpus.is_some_and(|cpus| !(0.01..=1e6).contains(&cpus)) {
            return Err(StartError::CgroupBound("processors are 0.01 to a million"));
        }
        Ok(())
    }

    /// What the processes in the cgroup may take.
    pub(crate) fn cgroup_most(&self) -> Most {
        // The zygote is one more, and a process that was killed counts until it has ended.
        let most = self.most_processes().saturating_add(self.debugging_sessions) as u64;
        let processes = most.saturating_mul(2).saturating_add(2);
        let each = (self.limits.heap as u64).saturating_add(self.outside() as u64);
        let for_debuggers = (self.debugging_sessions as u64).saturating_mul(FOR_DEBUGGERS as u64);
        let all = each.saturating_mul(most + 1).saturating_add(for_debuggers);
        Most { memory: self.cgroup_memory.unwrap_or(all), processes, cpus: self.cgroup_cpus }
    }

    /// Starts with whatever layers there are, to see which hold. Not to run scripts with.
    #[doc(hidden)]
    pub fn insecure_without_what_is_missing(mut self) -> SupervisorBuilder {
        self.take_any = true;
        self
    }

    /// Starts the zygote and a first worker, to see that workers can be confined.
    ///
    /// # Errors
    /// [`StartError::CallsMissing`] where the system lacks calls that workers need;
    /// [`StartError::LayersMissing`] where they cannot be confined as promised;
    /// [`StartError::EmptyRootAlone`] where namespaces are left out and the empty root is not;
    /// [`StartError::CgroupBound`] where bounds of a cgroup are set and none is named;
    /// [`StartError::NoZygote`] where `main` does not call what makes it one; the others where they
    /// cannot be started.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O and time. The runtime's threads need [`THREAD_STACK`] bytes of
    /// stack beside what they use themselves; the 2 MiB that tokio gives them are enough.
    ///
    /// [`THREAD_STACK`]: crate::THREAD_STACK
    pub async fn start(self) -> Result<Supervisor, StartError> {
        Supervisor::start(self).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cannot_work_is_refused_before_any_process_is_started() {
        // A program that is not there: were one started, the error would be another.
        let builder = SupervisorBuilder::default().program("/nonexistent/program");
        let alone = builder.clone().insecure_without([Layer::Namespaces]).start().await;
        assert!(matches!(alone, Err(StartError::EmptyRootAlone)), "{alone:?}");
        let none = SupervisorBuilder::default().start().await;
        assert!(matches!(none, Err(StartError::NoZygote)), "this test is no zygote: {none:?}");
        for bound in [builder.clone().cgroup_memory(1 << 30), builder.clone().cgroup_cpus(1.5)] {
            let error = bound.start().await.unwrap_err();
            assert!(matches!(error, StartError::CgroupBound(_)), "{error:?}");
            assert!(error.to_string().contains("`cgroup`"), "{error}");
        }
        for cpus in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let odd = builder.clone().cgroup("/nonexistent").cgroup_cpus(cpus).start().await;
            assert!(matches!(odd, Err(StartError::CgroupBound(_))), "{cpus}: {odd:?}");
        }
        let both = builder.insecure_without([Layer::Namespaces, Layer::EmptyRoot]).start().await;
        assert!(matches!(both, Err(StartError::System(_))), "{both:?}");
    }

    #[test]
    fn the_memory_of_a_cgroup_has_room_for_what_each_worker_may_take() {
        let limits = Limits { heap: 8 << 20, output: 1 << 20, ..Limits::default() };
        let builder = SupervisorBuilder::default()
            .workers(2)
            .idle_workers(3)
            .spare_workers(4)
            .limits(limits)
            .image_cache_bytes(16 << 20);
        // The heap and two copies of it, the output, the cache and the rest; of nine and the zygote.
        let each = (3 * 8 + 4 + 16 + 64) << 20;
        assert_eq!(builder.cgroup_most(), Most { memory: 10 * each, processes: 20, cpus: None });
        assert_eq!(builder.outside() as u64, each - (8 << 20), "what its own limits allow");
        assert_eq!(builder.cgroup_memory(5).cgroup_most().memory, 5);
    }
}
