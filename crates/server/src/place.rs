//! Where scripts are built and run: on threads of this process, or in confined processes of their
//! own. Knows nothing of HTTP or of queues.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sandtide::{Deployment, Error, Form, Image, Outcome, Pool, Run, Runs};
use sandtide_supervisor::{Counts, DeployedImage, Events, Layer, NotRun, Supervisor};
use tokio::runtime::Handle;

use crate::{
    config::{DEBUG_SESSIONS, ServerConfig},
    error::{ApiError, ServerError},
    events,
    flight::Flight,
    snapshots::{self, Taken, Told, Watch},
};

/// Bytes of a call of the network beside the body.
const CALL_HEAD: usize = 1 << 20;
/// Threads that build images. One tenant never has both while others deploy.
pub(crate) const BUILDERS: usize = 2;

/// What keeps scripts from each other and from the server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Isolation {
    /// Arenas on threads of this process: one trust domain. A script that breaks the engine owns the
    /// server and everything in it.
    Thread,
    /// Processes that are confined, each for one tenant. The program's `main` must call
    /// `sandtide_worker::run_if_zygote` first.
    Process {
        /// Layers of the confinement that are left out.
        insecure_without: Vec<Layer>,
        /// A cgroup that all of them are put in, and what they may take there.
        cgroup: Option<CgroupConfig>,
    },
}

/// A cgroup for worker processes.
#[derive(Clone, Debug, PartialEq)]
pub struct CgroupConfig {
    /// The one that was delegated to the server, below which one for workers is made: see
    /// `SupervisorBuilder::cgroup`.
    pub below: PathBuf,
    /// Bytes of memory for all of them. Default: by the number of workers and what their
    /// limits allow each: see `SupervisorBuilder::cgroup_memory`.
    pub memory: Option<u64>,
    /// Processors for all of them, 0.01 or more. Default: not bounded.
    pub cpus: Option<f64>,
}

/// Carries out deployments and runs, which wait for their end on the calling thread.
#[derive(Clone)]
pub(crate) enum Place {
    Threads(Pool),
    Processes(Supervisor, Handle),
}

/// A script as it was built.
pub(crate) enum Built {
    Here(Image),
    Apart(DeployedImage),
}

impl Place {
    /// To be called within a tokio runtime that lives as long as the place.
    pub(crate) async fn start(config: &ServerConfig) -> Result<Self, ServerError> {
        let workers = config.workers.max(1);
        match &config.isolation {
            Isolation::Thread => Ok(Self::Threads(
                Pool::builder()
                    .instances(workers)
                    .heap(config.limits.heap)
                    .image_cache_bytes(config.image_cache_bytes)
                    .build()?,
            )),
            Isolation::Process { insecure_without, cgroup } => {
                // The threads that build images have theirs beside.
                let builder =
                    Supervisor::builder().workers(workers + BUILDERS).limits(config.limits);
                // All processes together, those that wait included, have the one budget.
                let each = config.image_cache_bytes / builder.most_processes();
                let mut builder = builder;
                if !config.network.allowed.is_empty() || !config.network.tools.is_empty() {
                    // A call has the request's body in it, and its head.
                    let call = config.network.limits.request_bytes.saturating_add(CALL_HEAD);
                    builder = builder.host_call_bytes(call);
                }
                if config.allow_debug.is_some() {
                    builder = builder.debugging_sessions(DEBUG_SESSIONS);
                }
                if let Some(CgroupConfig { below, memory, cpus }) = cgroup {
                    builder = builder.cgroup(below);
                    builder = memory.map_or(builder.clone(), |bytes| builder.cgroup_memory(bytes));
                    builder = cpus.map_or(builder.clone(), |cpus| builder.cgroup_cpus(cpus));
                }
                let supervisor = builder
                    .image_cache_bytes(each)
                    .insecure_without(insecure_without.iter().copied())
                    .start()
                    .await?;
                tokio::spawn(log_losses(supervisor.events()));
                Ok(Self::Processes(supervisor, Handle::current()))
            }
        }
    }

    /// Compiles a script and builds its image.
    pub(crate) fn deploy(&self, deployment: Deployment) -> Result<Built, Error> {
        match self {
            Self::Threads(_) => deployment.build().map(Built::Here),
            Self::Processes(supervisor, runtime) => {
                runtime.block_on(supervisor.deploy(deployment)).map(Built::Apart)
            }
        }
    }

    /// Runs a script, or the source that the run brings, and has `watch` told where it hits its heap limit.
    pub(crate) fn run(
        &self,
        tenant: &str,
        built: Option<&Built>,
        run: Run,
        watch: Option<Watch>,
    ) -> Outcome {
        let (run, watch) = match (self, watch) {
            (Self::Threads(_), Some(watch)) => (run.look(&watch.into_look()), None),
            (_, watch) => (run, watch),
        };
        match (self, built) {
            (Self::Processes(supervisor, _), Some(Built::Apart(image)))
                if let Some(mut watch) = watch =>
            {
                let outcome = supervisor.run_with_snapshot_here(image, run, &mut watch);
                watch.run_ended(&outcome);
                outcome
            }
            (Self::Threads(pool), Some(Built::Here(image))) => pool.run(image, &run),
            (Self::Threads(pool), _) => pool.run(&Image::base(), &run),
            (Self::Processes(supervisor, _), Some(Built::Apart(image))) => {
                supervisor.run_here(image, run)
            }
            (Self::Processes(supervisor, _), _) => {
                supervisor.run_here(&supervisor.base(tenant), run)
            }
        }
    }

    /// Runs that are short, by one worker. `ended` is told the position and the outcome of each;
    /// answers those that have none yet.
    pub(crate) fn run_together(
        &self,
        tenant: &str,
        runs: Vec<(Option<&Built>, Run)>,
        mut ended: impl FnMut(usize, Outcome),
    ) -> NotRun {
        let Self::Processes(supervisor, _) = self else {
            for (position, (built, run)) in runs.into_iter().enumerate() {
                ended(position, self.run(tenant, built, run, None));
            }
            return NotRun::default();
        };
        let image = |built: Option<&Built>| match built {
            Some(Built::Apart(image)) => image.clone(),
            _ => supervisor.base(tenant),
        };
        let runs = runs.into_iter().map(|(built, run)| (image(built), run)).collect();
        supervisor.run_together_here(runs, ended)
    }

    /// A snapshot of a script's image, written into `pieces`.
    pub(crate) fn snapshot(&self, built: &Built, flight: &Arc<Flight>) -> Taken {
        match (self, built) {
            (_, Built::Here(image)) => snapshots::of_image(image, flight),
            (Self::Processes(supervisor, _), Built::Apart(image)) => {
                let mut told = Told::new(flight);
                supervisor.snapshot_here(image, &mut told)?;
                told.taken()
            }
            // Nothing is built apart where there are threads only.
            (Self::Threads(_), Built::Apart(_)) => Err(ApiError::Internal),
        }
    }

    /// Whether several runs that are short take less together than one by one.
    pub(crate) fn likes_company(&self) -> bool {
        matches!(self, Self::Processes(..))
    }

    /// Whether workers can be lost: threads cannot.
    pub(crate) fn loses_workers(&self) -> bool {
        matches!(self, Self::Processes(..))
    }

    /// What a tenant's workers used while they had nothing to do, since this was last asked.
    pub(crate) fn take_owed(&self, tenant: &str) -> Duration {
        match self {
            Self::Threads(_) => Duration::ZERO,
            Self::Processes(supervisor, _) => supervisor.take_owed(tenant),
        }
    }

    /// What became of all workers; none where they are threads.
    pub(crate) fn counts(&self) -> Option<Counts> {
        match self {
            Self::Threads(_) => None,
            Self::Processes(supervisor, _) => Some(supervisor.counts()),
        }
    }

    /// Whether what outcomes say of CPU time is this process's own account. A worker that a script
    /// owns says what it likes.
    pub(crate) fn accounts_itself(&self) -> bool {
        matches!(self, Self::Threads(_))
    }
}

impl Built {
    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Here(image) => image.version(),
            Self::Apart(image) => image.version(),
        }
    }

    pub(crate) fn form(&self) -> Form {
        let form = match self {
            Self::Here(image) => image.form(),
            Self::Apart(image) => image.form(),
        };
        form.unwrap_or(Form::Classic)
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Here(image) => image.bytes(),
            Self::Apart(image) => image.bytes(),
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Here(image) => image.heap_bytes(),
            Self::Apart(image) => image.heap_bytes(),
        }
    }

    /// What losses of workers are laid to; none where it runs on threads, which are not lost.
    pub(crate) fn known_as(&self) -> Option<&str> {
        match self {
            Self::Here(_) => None,
            Self::Apart(image) => Some(image.known_as()),
        }
    }

    /// Workers that were lost by it; none where it runs on threads, which are not lost.
    pub(crate) fn workers_lost(&self) -> Option<u64> {
        match self {
            Self::Here(_) => None,
            Self::Apart(image) => Some(image.workers_lost()),
        }
    }

    /// How long it is held back yet, because it keeps losing workers.
    pub(crate) fn held(&self) -> Option<Duration> {
        match self {
            Self::Here(_) => None,
            Self::Apart(image) => image.held(),
        }
    }

    pub(crate) fn build_time(&self) -> Duration {
        match self {
            Self::Here(image) => image.build_time(),
            Self::Apart(image) => image.build_time(),
        }
    }
}

/// Logs what becomes of workers, those that are lost while they wait among them.
async fn log_losses(mut all: Events) {
    while let Some(event) = all.next().await {
        events::worker_event(&event);
    }
}

/// Where a script that is built comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A client has just sent it.
    New,
    /// It was deployed before and kept since: it is built although its tenant's new ones are held back.
    Kept,
}

/// A source as it is shown.
pub(crate) struct Shown {
    pub(crate) file: Arc<str>,
    pub(crate) text: Arc<str>,
}
