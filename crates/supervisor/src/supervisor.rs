//! The supervisor: which worker serves whom.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sandtide::{
    CancelToken, Deployment, DeploymentParts, Error, Form, Image, Intrinsics, Outcome, Run, Runs,
};
use sandtide_confine::{Layer, Layers, calls_missing};
use sandtide_engine::{EntryPoint, HostFunction, Plan, Request, Source};
use sandtide_wire::{
    Facts, ForkedFor, ImagePlan, ImageSource, Moment, ToWorker, ZygoteSettings, can_be_zygote,
};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

use crate::account::Known;
use crate::blame::Script;
use crate::builder::{StartError, SupervisorBuilder};
use crate::cgroup::Cgroup;
use crate::drive::{self, Bounds, Cancel};
use crate::events::{Event, Events, Teller};
use crate::image::{DeployedImage, Inner};
use crate::look::{LOOK_TIME, SnapshotSink, look};
use crate::losses::AllLosses;
use crate::lost::Lost;
use crate::reaper::Reaper;
use crate::shelf::Shelf;
use crate::start::{NotStarted, start_worker};
use crate::worker::Worker;
use crate::zygote::{Zygote, raise_descriptor_limit};

mod debugging;
mod due;
mod looking;
mod together;
mod workers;

pub use debugging::{DebugHost, Happened, Prod};
use due::Due;
pub use together::NotRun;
use workers::end_idle_workers;

/// What a worker may use outside of its arena and beside images, inputs and outputs.
pub(crate) const OUTSIDE: usize = 64 << 20;

/// Runs scripts in processes of their own. Cheap to clone; the processes end with the last clone.
#[derive(Clone, Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: SupervisorBuilder,
    layers: Layers,
    zygote: Zygote,
    shelf: Arc<Shelf>,
    cgroup: Option<Arc<Cgroup>>,
    /// How many processes the system had killed for want of memory when it was last asked.
    killed_for_memory: AtomicU64,
    teller: Teller,
    busy: Arc<Semaphore>,
    state: Mutex<State>,
    losses: Arc<Mutex<AllLosses>>,
    runtime: Handle,
    /// Host functions that block a thread.
    blocking: Arc<Semaphore>,
    next: AtomicU64,
    refused: AtomicU64,
    started: AtomicU64,
    lost: AtomicU64,
    parted: AtomicU64,
    runs: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Workers that wait for the next run of their tenant; the one used last is at the end.
    idle: Vec<Idle>,
    /// Workers without a tenant.
    spare: Vec<Worker>,
    /// Spares that are being forked.
    coming: usize,
}

/// A worker that waits.
#[derive(Debug)]
struct Idle {
    tenant: Arc<str>,
    worker: Worker,
    since: Instant,
}

impl Idle {
    fn of(tenant: &Arc<str>, worker: Worker) -> Idle {
        Idle { tenant: Arc::clone(tenant), worker, since: Instant::now() }
    }
}

/// What a supervisor did so far, and what it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Workers started.
    pub started: u64,
    /// Workers that were not taken, because they had fewer layers than the first one.
    pub refused: u64,
    /// Workers lost: killed by the broker or by themselves.
    pub lost: u64,
    /// Workers ended because of several runs that they were told of together one took long.
    pub parted: u64,
    /// Runs ended, however they did.
    pub runs: u64,
    /// Workers that wait for their tenants.
    pub idle: usize,
    /// Workers that have no tenant yet.
    pub spare: usize,
    /// Workers that run.
    pub busy: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Supervisor {
    /// Begins a supervisor.
    pub fn builder() -> SupervisorBuilder {
        SupervisorBuilder::default()
    }

    pub(crate) async fn start(config: SupervisorBuilder) -> Result<Supervisor, StartError> {
        config.limits.validate()?;
        if config.without.has(Layer::Namespaces) && !config.without.has(Layer::EmptyRoot) {
            return Err(StartError::EmptyRootAlone);
        }
        config.check_cgroup()?;
        let missing = calls_missing();
        if !missing.is_empty() {
            return Err(StartError::CallsMissing { missing });
        }
        let program = match &config.program {
            Some(program) => program.clone(),
            None if can_be_zygote() => std::env::current_exe()?,
            None => return Err(StartError::NoZygote),
        };
        let limits = &config.limits;
        let settings = ZygoteSettings {
            heap: limits.heap,
            stack: limits.stack,
            cache: config.cache,
            outside: config.outside(),
            without: config.without.bits(),
            debugs: config.debugging_sessions > 0,
        };
        raise_descriptor_limit();
        let teller = Teller::new();
        let cgroup = match &config.cgroup {
            Some(parent) => Some(Arc::new(Cgroup::make(parent, config.cgroup_most())?)),
            None => None,
        };
        let killed_for_memory = cgroup.as_ref().and_then(|cgroup| cgroup.killed_for_memory());
        let (of_zygote, reaper) = (cgroup.clone(), Reaper::start()?);
        let zygote = Zygote::start(program, settings, of_zygote, reaper, teller.clone())?;
        let first = start_worker(&zygote, ForkedFor::Runs, Layers::default()).await;
        let (first, layers) = first.map_err(|error| match error {
            NotStarted::Other(message) => StartError::Worker(message),
            NotStarted::Layers(missing) => StartError::LayersMissing { missing },
        })?;
        let missing: Vec<Layer> =
            layers.missing().filter(|layer| !config.without.has(*layer)).collect();
        if !missing.is_empty() && !config.take_any {
            return Err(StartError::LayersMissing { missing });
        }
        let busy = Arc::new(Semaphore::new(config.workers));
        let blocking = Arc::new(Semaphore::new(config.blocking_calls));
        let state = Mutex::new(State { spare: vec![first], ..State::default() });
        let shelf = Arc::new(Shelf::new(config.carried));
        let supervisor = Supervisor {
            shared: Arc::new(Shared {
                config,
                layers,
                zygote,
                shelf,
                cgroup,
                killed_for_memory: AtomicU64::new(killed_for_memory.unwrap_or(0)),
                teller,
                busy,
                state,
                losses: Arc::default(),
                runtime: Handle::current(),
                blocking,
                next: AtomicU64::new(1),
                refused: AtomicU64::new(0),
                started: AtomicU64::new(1),
                lost: AtomicU64::new(0),
                parted: AtomicU64::new(0),
                runs: AtomicU64::new(0),
            }),
        };
        end_idle_workers(&supervisor.shared);
        Ok(supervisor)
    }

    /// The layers that hold around each worker.
    #[must_use]
    pub fn layers(&self) -> Layers {
        self.shared.layers
    }

    /// What it did so far, and what it has.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let shared = &self.shared;
        let state = lock(&shared.state);
        Counts {
            started: shared.started.load(Ordering::Relaxed),
            refused: shared.refused.load(Ordering::Relaxed),
            lost: shared.lost.load(Ordering::Relaxed),
            parted: shared.parted.load(Ordering::Relaxed),
            runs: shared.runs.load(Ordering::Relaxed),
            idle: state.idle.len(),
            spare: state.spare.len(),
            busy: shared.config.workers - shared.busy.available_permits(),
        }
    }

    /// What happens to its workers, from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        self.shared.teller.listen()
    }

    /// Numbers of the processes of workers that wait, for tools and tests.
    #[must_use]
    pub fn waiting_processes(&self) -> Vec<i32> {
        let state = lock(&self.shared.state);
        let idle = state.idle.iter().map(|idle| &idle.worker);
        state.spare.iter().chain(idle).map(Worker::pid).collect()
    }

    /// An image without a script, of a tenant, for runs that bring their source.
    #[must_use]
    pub fn base(&self, tenant: &str) -> DeployedImage {
        let version: Arc<str> = Image::base().version().into();
        DeployedImage {
            inner: Arc::new(Inner {
                number: None,
                tenant: tenant.into(),
                script: Script::deployed(tenant, &version),
                plan: Arc::default(),
                hosts: Arc::default(),
                facts: Facts::default(),
                known_as: Arc::clone(&version),
                version,
                losses: Arc::clone(&self.shared.losses),
                short: AtomicBool::new(false),
                shelf: None,
            }),
        }
    }

    /// What a tenant's workers used of processors while they had nothing to do, since this was last asked:
    /// owed by the tenant beside what [`Outcome::usage`] says of its runs, in which it is not. Whoever charges
    /// tenants asks when a run of theirs has ended, and adds it to what that run used: a worker that goes on
    /// after its answer would be free of charge otherwise. It is told once; what nobody asks for is kept for
    /// the 1024 tenants that came to owe last.
    #[must_use]
    pub fn take_owed(&self, tenant: &str) -> Duration {
        lock(&self.shared.losses).take_owed(tenant)
    }

    /// Runs as [`Runs::run`] does, on the calling thread, which waits for the worker itself: less
    /// than half of what handing it to a task takes. Only the run's cancel token cancels it. To be
    /// called from threads that are not the runtime's.
    ///
    /// # Panics
    /// Where it is called by a task.
    #[must_use]
    pub fn run_here(&self, image: &DeployedImage, run: Run) -> Outcome {
        match self.shared.admit(&image.inner, run) {
            Ok(due) => self.run_due_here(image, due),
            Err(failed) => self.shared.counted(*failed),
        }
    }

    fn run_due_here(&self, image: &DeployedImage, due: Due) -> Outcome {
        let (shared, inner) = (&self.shared, &image.inner);
        // Host functions are carried out by tasks, and so is waiting for a worker.
        let at_hand = match inner.hosts.is_empty() {
            true => shared.at_hand(inner, due.script),
            false => None,
        };
        match at_hand {
            Some((busy, worker)) => shared.counted(shared.run_here(inner, due, busy, worker)),
            None => shared.runtime.block_on(self.run_due(image, due)),
        }
    }

    /// In a task of its own, which goes on to its end where the future is dropped.
    async fn run_due(&self, image: &DeployedImage, due: Due) -> Outcome {
        let (alive, dropped) = oneshot::channel();
        let (shared, image) = (Arc::clone(&self.shared), image.clone());
        let outcome = self.shared.runtime.spawn(async move {
            let outcome = shared.run(&image.inner, due, dropped, None).await;
            shared.counted(outcome)
        });
        let outcome = outcome.await;
        // Dropped with this future, it cancels the run.
        drop(alive);
        outcome.unwrap_or_else(|error| Outcome::failed(system("running a script", &error)))
    }

    /// Ends all workers that wait, once those that run have ended.
    pub async fn shut_down(self) {
        let all = u32::try_from(self.shared.config.workers).unwrap_or(u32::MAX);
        let _all = self.shared.busy.acquire_many(all).await;
        let (idle, spare) = {
            let mut state = lock(&self.shared.state);
            (std::mem::take(&mut state.idle), std::mem::take(&mut state.spare))
        };
        for worker in spare.into_iter().chain(idle.into_iter().map(|idle| idle.worker)) {
            worker.end().await;
        }
    }
}

impl Runs for Supervisor {
    type Image = DeployedImage;

    async fn deploy(&self, deployment: Deployment) -> Result<DeployedImage, Error> {
        let DeploymentParts { tenant, source, image, known_as, kept } = deployment.into_parts();
        let (plan, intrinsics) = image.into_parts();
        if intrinsics != Intrinsics::default() {
            return Err(Error::WrongForm {
                message: "workers have all built-ins; leave `intrinsics` out, or use a pool"
                    .to_owned(),
            });
        }
        let shared = Arc::clone(&self.shared);
        let tenant: Arc<str> = tenant.into();
        // A task of its own: a worker whose build nobody waits for any more is not in a state that
        // anybody knows, and is ended when this ends.
        let deployed = self.shared.runtime.spawn(async move {
            let _busy = shared.busy.acquire().await;
            shared.deploy(tenant, source, plan, known_as, kept).await
        });
        deployed.await.unwrap_or_else(|error| Err(system("deploying a script", &error)))
    }

    async fn run(&self, image: &DeployedImage, run: Run) -> Outcome {
        match self.shared.admit(&image.inner, run) {
            Ok(due) => self.run_due(image, due).await,
            Err(failed) => self.shared.counted(*failed),
        }
    }
}

fn system(action: &'static str, error: &dyn std::fmt::Display) -> Error {
    Error::System { action, message: error.to_string() }
}

impl Shared {
    /// Runs, as far as it is cancelled by nobody meanwhile.
    async fn run(
        self: &Arc<Self>,
        inner: &Inner,
        mut due: Due,
        dropped: oneshot::Receiver<()>,
        sink: Option<&mut dyn SnapshotSink>,
    ) -> Outcome {
        due.snapshot = sink.is_some();
        let mut cancel = Cancel::new(due.request.cancel.take(), dropped);
        let busy = tokio::select! {
            busy = timeout_at(due.deadline, Arc::clone(&self.busy).acquire_owned()) => busy,
            () = cancel.ready() => return Outcome::failed(Error::Cancelled),
        };
        // Nobody closes the semaphore.
        let Ok(Ok(busy)) = busy else { return due.is_over() };
        let taken = tokio::select! {
            taken = timeout_at(due.deadline, self.take(&inner.tenant, due.script, inner.number)) => taken,
            () = cancel.ready() => return Outcome::failed(Error::Cancelled),
        };
        let mut worker = match taken {
            Ok(Ok(worker)) => worker,
            Ok(Err(message)) => return Outcome::failed(system("starting a worker", &message)),
            Err(_) => return due.is_over(),
        };
        if cancel.look() {
            self.put_back(&inner.tenant, worker);
            return Outcome::failed(Error::Cancelled);
        }
        let cause = due.request.cause.clone();
        let driven = async {
            let (number, bounds) = self.begin(&mut worker, inner, &mut due)?;
            let hosts = HostFunction::of_a_run(&inner.hosts, cause.as_deref());
            let blocking = &self.blocking;
            drive::run(&mut worker, number, &hosts, &bounds, blocking, &mut cancel, sink).await
        };
        match driven.await {
            Ok(outcome) => self.done(inner, &due, busy, worker, outcome),
            Err(lost) => self.lost(inner, &due, busy, worker, lost, cancel.is_cancelled()).await,
        }
    }

    /// As [`run`](Self::run), on this thread, for a script without host functions.
    fn run_here(
        self: &Arc<Self>,
        inner: &Inner,
        mut due: Due,
        busy: Permit,
        worker: Worker,
    ) -> Outcome {
        let cancel = due.request.cancel.take();
        let is_cancelled = || cancel.as_ref().is_some_and(CancelToken::is_cancelled);
        let mut worker = worker;
        if is_cancelled() {
            self.put_back(&inner.tenant, worker);
            return Outcome::failed(Error::Cancelled);
        }
        let mut cancelled = false;
        let driven = self.begin(&mut worker, inner, &mut due).and_then(|(_, bounds)| {
            drive::run_here(&mut worker, &bounds, is_cancelled, &mut cancelled)
        });
        match driven {
            Ok(outcome) => self.done(inner, &due, busy, worker, outcome),
            Err(lost) => {
                self.runtime.block_on(self.lost(inner, &due, busy, worker, lost, cancelled))
            }
        }
    }

    /// The end of a run that its worker has answered.
    fn done(
        self: &Arc<Self>,
        inner: &Inner,
        due: &Due,
        busy: Permit,
        mut worker: Worker,
        mut outcome: Outcome,
    ) -> Outcome {
        self.known(due, worker.stands_ready()).hold(&mut outcome.usage);
        // Whoever is let in next finds the worker there.
        match is_corrupted(&outcome) {
            true => self.give_up(&inner.tenant, worker, Lost::Corrupted),
            false => {
                // What it does after its answer is laid to the script as well.
                worker.answered(due.script);
                self.put_back(&inner.tenant, worker);
            }
        }
        drop(busy);
        inner.note_time(due.ran());
        outcome
    }

    /// What is known of a run whose worker had so much of processors.
    fn known<'a>(&'a self, due: &'a Due, processor: Option<Duration>) -> Known<'a> {
        let (wall, told) = (due.began.elapsed(), due.ran());
        Known { limits: &due.limits, heap: self.config.limits.heap, wall, told, processor }
    }

    /// The end of a run whose worker was lost.
    async fn lost(
        self: &Arc<Self>,
        inner: &Inner,
        due: &Due,
        busy: Permit,
        worker: Worker,
        lost: Lost,
        cancelled: bool,
    ) -> Outcome {
        // The next one need not wait until the process has ended.
        drop(busy);
        // Whoever cancelled a run is told so also where its worker had to be killed for that.
        let deaf = matches!(lost, Lost::Deaf { .. });
        // What was cancelled may have been interrupted anywhere, and says nothing.
        let error = self.bury(&inner.tenant, worker, lost, !cancelled).await;
        let mut outcome = Outcome::failed(if deaf { Error::Cancelled } else { error });
        outcome.usage.wall = due.began.elapsed();
        outcome
    }

    /// What is to be known of a run before it waits for a worker.
    ///
    /// # Errors
    /// The outcome of one that is not to begin at all.
    fn admit(&self, inner: &Inner, run: Run) -> Result<Due, Box<Outcome>> {
        let now = Instant::now();
        let failed = |error| Err(Box::new(Outcome::failed(error)));
        let mut request = run.into_request();
        let since = request.since.take();
        let waited = since.map_or(Duration::ZERO, |since| since.elapsed());
        let began = Moment::now().before(waited);
        if let Err(error) = request.limits.validate() {
            return failed(error);
        }
        if request.look.is_some() {
            return failed(Error::WrongForm {
                message:
                    "a worker's heap cannot be looked at from here; leave `look` out, or use a pool"
                        .to_owned(),
            });
        }
        let limits = request.limits.capped(&self.config.limits);
        let script = match (&inner.number, &request.source) {
            (None, Some(source)) => Script::source(&inner.tenant, &source.text),
            _ => inner.script,
        };
        if let Err(error) = self.check(script) {
            return failed(error);
        }
        let Some(left) = limits.wall.checked_sub(waited) else {
            return failed(Error::WallTime { limit: limits.wall });
        };
        let (said, deadline) = (now, now + left);
        let snapshot = false;
        Ok(Due { request, since, limits, script, began, said, deadline, snapshot })
    }

    /// Tells a worker to run what is due.
    fn begin(
        &self,
        worker: &mut Worker,
        inner: &Inner,
        due: &mut Due,
    ) -> Result<(u64, Bounds), Lost> {
        worker.serves(due.script, &inner.version);
        load(worker, inner)?;
        worker.give_turns(inner.turns());
        let request = std::mem::take(&mut due.request);
        let (number, message, bounds) = self.message(inner, due, request);
        worker.say(&message)?;
        Ok((number, bounds))
    }

    /// What a worker is told of a run that is due.
    fn message(&self, inner: &Inner, due: &mut Due, request: Request) -> (u64, ToWorker, Bounds) {
        due.said();
        let request = Request { limits: due.limits, ..request };
        let run = self.next.fetch_add(1, Ordering::Relaxed);
        let bounds = Bounds {
            limits: due.limits,
            deadline: due.deadline,
            grace: self.config.grace,
            host_call: self.config.host_call,
            host_calls: self.config.host_calls,
            sampled: request.sample.is_some(),
            look: LOOK_TIME,
        };
        let (image, began, snapshot) = (inner.number, due.began, due.snapshot);
        (run, ToWorker::Run { run, image, began, snapshot, request }, bounds)
    }

    async fn deploy(
        self: &Arc<Self>,
        tenant: Arc<str>,
        source: Option<Source>,
        plan: Plan,
        known_as: Option<String>,
        kept: bool,
    ) -> Result<DeployedImage, Error> {
        plan.limits.validate()?;
        let mut version_plan = plan.clone();
        // Nobody knows the form yet, and what a worker says of it must not make it another script.
        let known_as: Arc<str> = match known_as {
            Some(name) => name.into(),
            None => {
                let mut unformed = plan.clone();
                if let Some(source) = &source {
                    unformed.entry = EntryPoint::Classic(source.clone());
                }
                Image::of_plan(unformed).version().into()
            }
        };
        let Plan { setup, entry, modules, globals, hosts, limits, frozen: _, time_zone } = plan;
        let given = match entry {
            EntryPoint::AdHoc => None,
            EntryPoint::Classic(source) => Some(ImageSource { source, form: Some(Form::Classic) }),
            EntryPoint::Module(source) => Some(ImageSource { source, form: Some(Form::Function) }),
        };
        let entry = source.map(|source| ImageSource { source, form: None }).or(given);
        let granted = hosts.iter().map(|host| (host.name().to_owned(), host.is_async()));
        let limits = limits.capped(&self.config.limits);
        let mut plan = ImagePlan {
            setup,
            entry,
            modules,
            globals,
            hosts: granted.collect(),
            limits,
            time_zone,
        };
        let script = Script::deployed(&tenant, &known_as);
        let now = std::time::Instant::now();
        match kept {
            true => lock(&self.losses).check(script, now)?,
            false => lock(&self.losses).check_build(script, now)?,
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let taken = self.take(&tenant, script, Some(number)).await;
        let mut worker = taken.map_err(|message| system("starting a worker", &message))?;
        worker.serves(script, &"".into());
        let began = Instant::now();
        let built = async {
            let carry = self.shelf.most_of_one();
            worker.say(&ToWorker::Deploy { image: number, plan: plan.clone(), carry })?;
            drive::build(&mut worker, &limits, self.config.grace, carry).await
        };
        let facts = match built.await {
            Ok(Ok((mut facts, carried))) => {
                let told = began.elapsed();
                let (wall, processor) = (told, worker.stands_ready());
                let heap = self.config.limits.heap;
                let known = Known { limits: &limits, heap, wall, told, processor };
                known.facts(&mut facts, carried.as_ref().map_or(0, |bytes| bytes.len()));
                if let Some(carried) = carried {
                    self.shelf.put(number, worker.zygote(), carried);
                }
                if let Some(oldest) = worker.note_loaded(number) {
                    // Cannot fail: a worker that has built an image is idle.
                    let _ = worker.say(&ToWorker::Forget { image: oldest });
                }
                self.put_back(&tenant, worker);
                facts
            }
            Ok(Err(Error::HeapCorrupted)) => {
                worker.stands_ready();
                self.give_up(&tenant, worker, Lost::Corrupted);
                return Err(Error::HeapCorrupted);
            }
            Ok(Err(error)) => {
                worker.stands_ready();
                self.put_back(&tenant, worker);
                return Err(error);
            }
            Err(lost) => return Err(self.bury(&tenant, worker, lost, true).await),
        };
        // What the worker says of the form decides nothing but how the worker itself runs it.
        if let Some(entry) = &mut plan.entry {
            let form = facts.form.or(entry.form).unwrap_or(Form::Classic);
            entry.form = Some(form);
            let source = entry.source.clone();
            version_plan.entry = match form {
                Form::Function | Form::Handler => EntryPoint::Module(source),
                _ => EntryPoint::Classic(source),
            };
        }
        let form = plan.entry.as_ref().and_then(|entry| entry.form);
        let version = Image::of_plan(version_plan).version().into();
        let facts = Facts { form, ..facts };
        let losses = Arc::clone(&self.losses);
        let number = Some(number);
        let short = AtomicBool::new(false);
        let shelf = Some(Arc::clone(&self.shelf));
        let plan = Arc::new(plan);
        let hosts = hosts.into();
        Ok(DeployedImage {
            inner: Arc::new(Inner {
                number,
                tenant,
                plan,
                hosts,
                facts,
                version,
                known_as,
                script,
                losses,
                short,
                shelf,
            }),
        })
    }

    fn check(&self, script: Script) -> Result<(), Error> {
        lock(&self.losses).check(script, std::time::Instant::now())
    }

    /// Credits the scripts whose answers left their worker sound.
    fn proved_sound(&self, worker: &mut Worker) {
        let scripts = worker.take_unproven();
        if scripts.len() > 0 {
            let (mut losses, now) = (lock(&self.losses), std::time::Instant::now());
            scripts.for_each(|script| losses.went_well(script, now));
        }
    }

    fn counted(&self, outcome: Outcome) -> Outcome {
        self.runs.fetch_add(1, Ordering::Relaxed);
        outcome
    }
}

/// Whether its worker said that its heap is of no more use, and ends.
fn is_corrupted(outcome: &Outcome) -> bool {
    matches!(outcome.result, Err(Error::HeapCorrupted))
}

/// The right to have a worker.
type Permit = OwnedSemaphorePermit;

/// Has the worker load an image that it does not have.
fn load(worker: &mut Worker, inner: &Inner) -> Result<(), Lost> {
    let Some(image) = inner.number else { return Ok(()) };
    if !worker.has(image) {
        let carried = inner.carried_for(worker.zygote());
        if carried.is_some() {
            worker.note_carried(image);
        }
        worker.say(&ToWorker::Load { image, plan: (*inner.plan).clone(), carried })?;
    }
    if let Some(oldest) = worker.note_loaded(image) {
        worker.say(&ToWorker::Forget { image: oldest })?;
    }
    Ok(())
}
