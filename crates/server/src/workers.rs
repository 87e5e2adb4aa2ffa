//! The threads that run scripts, that build images, and that read and write what is large. Knows
//! nothing of HTTP but the answer's shape.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use sandtide::{CancelToken, Error, ErrorKind, Limits, Outcome, Run, Usage};
use tokio::{
    sync::oneshot,
    time::{sleep, sleep_until},
};

use crate::{
    answer::{self, Shape},
    config::ServerConfig,
    error::{ApiError, ServerError},
    fair::{Begun, Costs, End, Ended, Next, Queue, Request, Room, Script, Shares, Ticket},
    flight::{Flight, Permit},
    http1::Response,
    names::Tenant,
    place::{BUILDERS, Built, Place},
    profiler::{Profiler, Told},
    store::Deployed,
};

/// Runs that may go along with one, and what all of them together may be.
const MOST_ALONG: usize = 15;
const ROOM_TOGETHER: Room = Room { time: Duration::from_millis(4), bytes: 64 << 10 };
/// What a worker's own frames need beside the stack that a script may use.
const WORKER_STACK: usize = 1 << 20;
/// Deploys of one tenant that may wait for a thread that builds images.
const WAITING_BUILDS: usize = 16;
/// Large bodies and answers of one tenant that may wait to be read and written.
const WAITING_AT_THE_DESK: usize = 64;
/// How long either may wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// What reading or writing something large is charged until it is done.
const DESK_CHARGE: Duration = Duration::from_millis(10);
/// What is left at least of a run's time after it waited: the least limit that there is.
const LEAST_TIME: Duration = Duration::from_millis(1);
/// Bodies up to this size are read where they arrive, which takes less than handing them over.
const SMALL_BODY: usize = 4 << 10;

/// What is run.
pub(crate) enum Program {
    Deployed(Arc<Deployed>),
    /// A source that comes with the run, by its hash.
    AdHoc(u64),
}

/// A run that was asked for.
pub(crate) struct Asked {
    pub(crate) program: Program,
    pub(crate) run: Run,
    pub(crate) limits: Limits,
    pub(crate) shape: Shape,
}

struct RunJob {
    tenant: Tenant,
    /// `None` for a run that brings its source.
    script: Option<Arc<Deployed>>,
    run: Run,
    limits: Limits,
    shape: Shape,
    /// Room for the bytes that the run was given.
    held: Permit,
    came: Instant,
    reply: oneshot::Sender<Result<Response, ApiError>>,
}

struct Job(Box<dyn FnOnce() + Send>);

pub(crate) struct Workers {
    runs: Arc<Queue<RunJob>>,
    builds: Arc<Queue<Job>>,
    desk: Arc<Queue<Job>>,
    done: Arc<AtomicU64>,
    profiler: Arc<Profiler>,
    /// What sources cost that come with their runs.
    ad_hoc: Arc<Costs>,
    /// What a build is charged until it is done.
    build_limit: Duration,
    count: usize,
    place: Place,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(
        config: &ServerConfig,
        place: Place,
        flight: &Arc<Flight>,
    ) -> Result<Self, ServerError> {
        let count = config.workers.max(1);
        let shares = Shares {
            workers: count,
            cores: config.cores(),
            // Each connection has one request under way at a time.
            waiting: config.max_connections.max(1),
            tenant_waiting: config.tenant_queue.max(1),
            tenant_runs: config.tenant_runs.map_or(usize::MAX, |runs| runs.max(1)),
            script_runs: config.script_runs.map_or(usize::MAX, |runs| runs.max(1)),
            weights: config.tenant_weights.clone(),
        };
        let apart = |workers, tenant_waiting| Shares { workers, tenant_waiting, ..shares.clone() };
        let mut workers = Self {
            builds: Queue::new(apart(BUILDERS, WAITING_BUILDS)),
            desk: Queue::new(apart(1, WAITING_AT_THE_DESK)),
            runs: Queue::new(shares),
            done: Arc::default(),
            profiler: Arc::default(),
            ad_hoc: Arc::default(),
            build_limit: config.limits.cpu.min(config.limits.wall),
            count,
            place,
            threads: Vec::with_capacity(count + BUILDERS + 1),
        };
        let stack = config.limits.stack.saturating_add(WORKER_STACK);
        for worker in 0..count {
            let runs = Arc::clone(&workers.runs);
            let done = Arc::clone(&workers.done);
            let profiler = Arc::clone(&workers.profiler);
            let (place, flight) = (workers.place.clone(), Arc::clone(flight));
            let told = (!place.accounts_itself()).then(|| Arc::clone(&profiler));
            workers.spawn(format!("sandtide-run-{worker}"), stack, move || {
                while let Some(next) = profiler.waiting(|| runs.pop()) {
                    match next {
                        Next::Run(first) => {
                            let mut all = vec![first];
                            if place.likes_company() {
                                let ticket = &all[0].ticket;
                                all.extend(runs.along(ticket, MOST_ALONG, ROOM_TOGETHER));
                            }
                            match <[_; 1]>::try_from(all) {
                                Ok([Begun { job, ticket }]) => {
                                    let tenant = job.tenant.clone();
                                    let script = job.script.as_ref().map(Arc::clone);
                                    let name = script.as_ref().map(|script| &*script.name);
                                    let limit = job.limits.wall;
                                    let run = || carry_out(&place, &flight, told.as_ref(), job);
                                    let ended = always_ended(limit, || match told {
                                        Some(_) => run(),
                                        None => profiler.running(tenant.name(), name, run),
                                    });
                                    runs.end(ticket, ended);
                                    done.fetch_add(1, Ordering::Relaxed);
                                }
                                Err(all) => {
                                    let told = told.as_ref();
                                    let ended =
                                        carry_out_together(&place, &flight, told, &runs, all);
                                    done.fetch_add(ended, Ordering::Relaxed);
                                }
                            }
                        }
                        Next::Late(job) => {
                            let _ = job.reply.send(Err(waited(job.limits.wall, job.came)));
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            })?;
        }
        let builders =
            (0..BUILDERS).map(|_| ("sandtide-build", stack, Arc::clone(&workers.builds)));
        let desk = ("sandtide-desk", WORKER_STACK, Arc::clone(&workers.desk));
        for (name, stack, jobs) in builders.chain([desk]).collect::<Vec<_>>() {
            workers.spawn(name.to_owned(), stack, move || {
                while let Some(next) = jobs.pop() {
                    // The reply of a late one is dropped, and who waits for it sees what time it is.
                    let Next::Run(Begun { job, ticket }) = next else { continue };
                    let began = Instant::now();
                    // After a panic the reply is dropped, which tells whoever waits for it.
                    let _ = catch_unwind(AssertUnwindSafe(job.0));
                    let used = began.elapsed();
                    jobs.end(ticket, Ended { used, again: used, told: used, end: End::Itself });
                }
            })?;
        }
        Ok(workers)
    }

    fn spawn(
        &mut self,
        name: String,
        stack: usize,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<(), ServerError> {
        let thread: Result<_, io::Error> =
            thread::Builder::new().name(name).stack_size(stack).spawn(body);
        self.threads.push(thread.map_err(ServerError::Thread)?);
        Ok(())
    }

    /// Runs on a worker. When the future is dropped, as it is when the client goes away, the run
    /// leaves its queue or is cancelled.
    pub(crate) async fn run(
        &self,
        tenant: &Tenant,
        asked: Asked,
        held: Permit,
    ) -> Result<Response, ApiError> {
        let came = Instant::now();
        let Asked { program, run, limits, shape } = asked;
        let (script, cost, deployed) = match program {
            Program::Deployed(deployed) => {
                let script = Script::Named(Arc::clone(&deployed.name));
                (script, Arc::clone(&deployed.cost), Some(deployed))
            }
            Program::AdHoc(hash) => {
                (Script::AdHoc(hash), self.ad_hoc.of(tenant.name(), hash), None)
            }
        };
        let cancel = CancelOnDrop(CancelToken::new());
        let run = run.cancel(&cancel.0);
        let (reply, answer) = oneshot::channel();
        let expires = came + limits.wall;
        let waits = self.runs.push(Request {
            tenant: Arc::clone(tenant.name()),
            script,
            cost,
            limit: limits.cpu.min(limits.wall),
            expires,
            size: held.bytes(),
            job: RunJob {
                tenant: tenant.clone(),
                script: deployed,
                run,
                limits,
                shape,
                held,
                came,
                reply,
            },
        })?;
        let answer = async { answer.await.map_err(|_| ApiError::Internal)? };
        tokio::pin!(answer);
        tokio::select! {
            biased;
            answered = &mut answer => return answered,
            () = sleep_until(expires.into()) => {}
        }
        if waits.leave() {
            return Err(waited(limits.wall, came));
        }
        answer.await
    }

    /// What is known of sources that come with their runs.
    pub(crate) fn ad_hoc(&self) -> &Arc<Costs> {
        &self.ad_hoc
    }

    /// Does `work` on a thread that builds images. Once begun it is carried to its end even if
    /// nobody waits any more.
    pub(crate) async fn build<T: Send + 'static>(
        &self,
        tenant: &Tenant,
        name: &str,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        hand_over(&self.builds, tenant, name, self.build_limit, work).await
    }

    /// Does `work` on the thread that reads and writes what is large. As with
    /// [`build`](Self::build), what was begun is ended.
    pub(crate) async fn at_the_desk<T: Send + 'static>(
        &self,
        tenant: &Tenant,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        hand_over(&self.desk, tenant, "", DESK_CHARGE, work).await
    }

    /// Reads a body: at once where it is small, otherwise at the desk.
    pub(crate) async fn prepare<T: Send + 'static>(
        &self,
        tenant: &Tenant,
        body: Vec<u8>,
        work: impl FnOnce(Vec<u8>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        if body.len() <= SMALL_BODY {
            return work(body);
        }
        self.at_the_desk(tenant, move || work(body)).await
    }

    /// Where scripts are built and run.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// What samples the workers.
    pub(crate) fn profiler(&self) -> &Arc<Profiler> {
        &self.profiler
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Runs of a tenant that wait for a worker, and that are with one.
    pub(crate) fn of_tenant(&self, tenant: &Tenant) -> (usize, usize) {
        self.runs.of_tenant(tenant.name())
    }

    /// Runs that wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        self.runs.waiting()
    }

    /// Runs that are with a worker.
    pub(crate) fn running(&self) -> usize {
        self.runs.running()
    }

    /// Runs ended since the start.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Lets the threads end, and waits for them up to `patience`.
    pub(crate) async fn stop(&self, patience: Duration) {
        self.close();
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        while waited < patience && !self.threads.iter().all(JoinHandle::is_finished) {
            sleep(step).await;
            waited += step;
        }
    }

    fn close(&self) {
        self.runs.close();
        self.builds.close();
        self.desk.close();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
    }
}

async fn hand_over<T: Send + 'static>(
    to: &Arc<Queue<Job>>,
    tenant: &Tenant,
    name: &str,
    limit: Duration,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let (reply, answer) = oneshot::channel();
    let work = Box::new(move || {
        if !reply.is_closed() {
            let _ = reply.send(work());
        }
    });
    let came = Instant::now();
    let expires = came + PATIENCE;
    let waits = to.push(Request {
        tenant: Arc::clone(tenant.name()),
        script: Script::Named(name.into()),
        cost: Arc::default(),
        limit,
        expires,
        size: 0,
        job: Job(work),
    })?;
    let answer = async { answer.await.ok() };
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answered = &mut answer => match answered {
            Some(answered) => return answered,
            None if Instant::now() >= expires => return Err(waited(PATIENCE, came)),
            None => return Err(ApiError::Internal),
        },
        () = sleep_until(expires.into()) => {}
    }
    if waits.leave() {
        return Err(waited(PATIENCE, came));
    }
    answer.await.ok_or(ApiError::Internal)?
}

/// What is said of a request that waited for too long of the time that it had.
fn waited(limit: Duration, came: Instant) -> ApiError {
    ApiError::QueueTime { limit, waited: came.elapsed().min(limit) }
}

/// Calls `run`. A panic in it would be a bug of ours; it must cost the one request, not the worker
/// nor its tenant's turn. The reply is dropped then, which tells whoever waits for it.
fn always_ended(limit: Duration, run: impl FnOnce() -> Ended) -> Ended {
    let began = Instant::now();
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Ended {
        used: began.elapsed(),
        again: limit,
        told: limit,
        end: End::Cut,
    })
}

/// What a run's end says about what the next one costs.
fn end_of(error: Option<&Error>) -> End {
    match error.map(Error::kind) {
        // What lost its worker may have taken any time.
        Some(ErrorKind::WallTime | ErrorKind::CpuTime | ErrorKind::WorkerLost) => End::Cut,
        // It was not run, or not to its end, by no doing of its own.
        Some(ErrorKind::Cancelled | ErrorKind::Quarantined | ErrorKind::System) => End::Left,
        _ => End::Itself,
    }
}

/// A run that is carried out: what is needed to answer it, or to hand it back.
struct Carried {
    tenant: Tenant,
    script: Option<Arc<Deployed>>,
    limits: Limits,
    shape: Shape,
    came: Instant,
    /// What of its time went by before it began.
    waiting: Duration,
    held: Permit,
    /// Whom to tell what its worker sampled.
    told: Option<Told>,
    reply: oneshot::Sender<Result<Response, ApiError>>,
}

impl Carried {
    /// The run of a job and the rest of it, or none where nobody waits for it any more, or it has
    /// waited for too long, which it is told.
    fn begin(
        job: RunJob,
        flight: &Arc<Flight>,
        profiler: Option<&Arc<Profiler>>,
    ) -> Option<(Run, Carried)> {
        let RunJob { tenant, script, run, limits, shape, held, came, reply } = job;
        if reply.is_closed() {
            return None;
        }
        let waiting = came.elapsed();
        if waiting >= limits.wall {
            let _ = reply.send(Err(waited(limits.wall, came)));
            return None;
        }
        // The time that a request has is for waiting and running together.
        let left = (limits.wall - waiting).max(LEAST_TIME);
        let run = run.limits(Limits { wall: left, ..limits });
        let run = match script.as_ref().and_then(|script| script.trap.look(flight)) {
            Some(look) => run.look(&look),
            None => run,
        };
        let name = script.as_ref().map(|script| &*script.name);
        let told = profiler.and_then(|profiler| profiler.told_of(tenant.name(), name));
        let run = match &told {
            Some(told) => run.sample(told.interval()),
            None => run,
        };
        Some((run, Carried { tenant, script, limits, shape, came, waiting, held, told, reply }))
    }

    /// The job again, which was not carried out.
    fn into_job(self, run: Run) -> RunJob {
        let Carried { tenant, script, limits, shape, came, waiting: _, held, told: _, reply } =
            self;
        RunJob { tenant, script, run, limits, shape, held, came, reply }
    }

    fn built(&self) -> Option<&Built> {
        self.script.as_ref().map(|script| &script.built)
    }

    /// Answers it, which took so long on this thread.
    fn end(
        self,
        place: &Place,
        flight: &Arc<Flight>,
        mut outcome: Outcome,
        took: Duration,
    ) -> Ended {
        let Carried { script, limits, shape, waiting, held, told, reply, .. } = self;
        if let (Some(told), Some(sampled)) = (told, outcome.sampled.take()) {
            told.take(&sampled, took);
        }
        // What it was given is no longer needed.
        drop(held);
        if let Some(script) = &script {
            script.history.note(outcome.result.is_err());
            script.memory.note(script.built.version(), &outcome.usage);
        }
        let mut end = end_of(outcome.result.as_ref().err());
        // Time that the thread did not have the processor is not charged, where that is known.
        let usage = outcome.usage;
        let busy = occupied(&usage);
        let (idle, again) = match place.accounts_itself() {
            true => (usage.wall.saturating_sub(busy), busy.saturating_sub(usage.build)),
            false => (Duration::ZERO, took),
        };
        let blamed = blame_waiting(&mut outcome, &limits, waiting);
        if blamed.is_some() {
            // What it would have taken nobody knows.
            end = End::Left;
        }
        if !reply.is_closed() {
            let answer = match blamed {
                Some(error) => Err(error),
                None => Ok(answer::outcome(flight, outcome, shape)),
            };
            let _ = reply.send(answer);
        }
        let told = busy.saturating_sub(usage.build).saturating_add(usage.restore);
        Ended { used: took.saturating_sub(idle), again, told, end }
    }
}

/// What a run is charged for its worker: what it slept by its own timers too, for nobody else had the
/// worker meanwhile.
fn occupied(usage: &Usage) -> Duration {
    usage.cpu.saturating_add(usage.timers)
}

/// What is owed for a run that was not begun.
const NOT_BEGUN: Ended =
    Ended { used: Duration::ZERO, again: Duration::ZERO, told: Duration::ZERO, end: End::Left };

/// Carries a run out and answers it.
fn carry_out(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    job: RunJob,
) -> Ended {
    let began = Instant::now();
    let tenant = job.tenant.clone();
    let Some((run, carried)) = Carried::begin(job, flight, profiler) else { return NOT_BEGUN };
    let outcome = place.run(tenant.name(), carried.built(), run);
    carried.end(place, flight, outcome, began.elapsed())
}

/// The turns of runs that are carried out together. Those that have not ended when this is dropped,
/// as it is in a panic, which would be a bug of ours, end like runs that were cut.
struct Owed<'a, T> {
    queue: &'a Queue<T>,
    tickets: Vec<Option<Ticket>>,
    limit: Duration,
    began: Instant,
}

impl<T> Owed<'_, T> {
    fn end(&mut self, position: usize, ended: Ended) {
        if let Some(ticket) = self.tickets.get_mut(position).and_then(Option::take) {
            self.queue.end(ticket, ended);
        }
    }
}

impl<T> Drop for Owed<'_, T> {
    fn drop(&mut self) {
        let left = self.tickets.iter_mut().filter_map(Option::take).collect::<Vec<_>>();
        let each = self.began.elapsed() / u32::try_from(left.len()).unwrap_or(u32::MAX).max(1);
        for ticket in left {
            let ended = Ended { used: each, again: self.limit, told: self.limit, end: End::Cut };
            self.queue.end(ticket, ended);
        }
    }
}

/// Carries out runs of one tenant that are short, by one worker, and answers each as it ends. Where
/// one of them turns out to be long, it is run alone, and those behind it go back to where they
/// waited. Answers how many ended.
fn carry_out_together(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    queue: &Queue<RunJob>,
    all: Vec<Begun<RunJob>>,
) -> u64 {
    let (mut jobs, mut tickets) = (Vec::new(), Vec::new());
    for Begun { job, ticket } in all {
        jobs.push(job);
        tickets.push(Some(ticket));
    }
    let limit = jobs.iter().map(|job| job.limits.wall).max().unwrap_or_default();
    let count = jobs.len();
    let mut owed = Owed { queue, tickets, limit, began: Instant::now() };
    let handed_back =
        catch_unwind(AssertUnwindSafe(|| together(place, flight, profiler, jobs, &mut owed)));
    // After a panic the replies are dropped: who waits is told so.
    (count - handed_back.unwrap_or(0)) as u64
}

/// Answers how many were handed back.
fn together(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    jobs: Vec<RunJob>,
    owed: &mut Owed<'_, RunJob>,
) -> usize {
    let Some(tenant) = jobs.first().map(|job| job.tenant.clone()) else { return 0 };
    let began = Instant::now();
    let (mut runs, mut carried, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (position, job) in jobs.into_iter().enumerate() {
        match Carried::begin(job, flight, profiler) {
            Some((run, one)) => {
                runs.push(run);
                carried.push(Some(one));
                places.push(position);
            }
            None => owed.end(position, NOT_BEGUN),
        }
    }
    let scripts: Vec<_> = carried.iter().flatten().map(|one| one.script.clone()).collect();
    let built = scripts.iter().map(|script| script.as_ref().map(|script| &script.built));
    let (mut last, mut ended) = (began, Vec::new());
    let not_run =
        place.run_together(tenant.name(), built.zip(runs).collect(), |position, outcome| {
            let now = Instant::now();
            if let Some(one) = carried.get_mut(position).and_then(Option::take) {
                ended.push((position, one.end(place, flight, outcome, now - last)));
            }
            last = now;
        });
    // Their answers come together, so that it cannot be told what each of them took.
    let each = (last - began) / u32::try_from(ended.len()).unwrap_or(u32::MAX).max(1);
    for (position, ended) in ended {
        let ended = match place.accounts_itself() {
            true => ended,
            false => Ended { used: each, again: each, ..ended },
        };
        owed.end(places[position], ended);
    }
    let mut back = Vec::new();
    for (position, run) in not_run.runs {
        let Some(one) = carried.get_mut(position).and_then(Option::take) else { continue };
        back.push((places[position], one.into_job(run)));
    }
    if back.is_empty() {
        return 0;
    }
    let (position, first) = back.remove(0);
    let handed_back = back.len();
    let tickets = &mut owed.tickets;
    let back = back.into_iter().filter_map(|(position, job)| {
        let ticket = tickets.get_mut(position)?.take()?;
        Some(Begun { job, ticket })
    });
    owed.queue.hand_back(back.collect::<Vec<_>>());
    let interrupted = last.elapsed();
    if not_run.interrupted
        && let Some(Some(ticket)) = owed.tickets.get(position)
    {
        ticket.note_interrupted(interrupted);
    }
    let ended = carry_out(place, flight, profiler, first);
    owed.end(position, Ended { used: ended.used + interrupted, ..ended });
    handed_back
}

/// A run that hit its limit of wall time may have done so only because it had waited. Where most of
/// its time went by waiting, that is the error; otherwise the limit is told that it was given.
fn blame_waiting(outcome: &mut Outcome, limits: &Limits, waiting: Duration) -> Option<ApiError> {
    let Err(Error::WallTime { limit }) = &mut outcome.result else { return None };
    *limit = limits.wall;
    (waiting > limits.wall / 2)
        .then_some(ApiError::QueueTime { limit: limits.wall, waited: waiting })
}

struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Arc,
        thread,
        time::{Duration, Instant},
    };

    use sandtide::{Error, Usage};

    use super::{Owed, Place, SMALL_BODY, Workers, always_ended, end_of, occupied};
    use crate::{
        config::ServerConfig,
        error::ApiError,
        fair::{End, Next, Queue, Request, Script, Shares},
        flight::Flight,
        names::Tenant,
        place::Isolation,
    };

    #[test]
    fn a_run_that_sleeps_is_charged_for_its_worker() {
        let mut usage = Usage::default();
        usage.wall = Duration::from_millis(1000);
        usage.cpu = Duration::from_millis(1);
        usage.timers = Duration::from_millis(900);
        assert_eq!(occupied(&usage), Duration::from_millis(901));
    }

    #[test]
    fn a_panic_ends_the_turn() {
        let limit = Duration::from_secs(3);
        let ended = always_ended(limit, || panic!("a bug"));
        assert_eq!((ended.again, ended.end), (limit, End::Cut));
    }

    #[test]
    fn a_panic_among_several_runs_ends_all_their_turns() {
        let shares = Shares {
            workers: 3,
            cores: 3,
            waiting: 9,
            tenant_waiting: 9,
            tenant_runs: 9,
            script_runs: 9,
            weights: HashMap::new(),
        };
        let queue = Queue::new(shares);
        let mut waits = Vec::new();
        for number in 0..2 {
            waits.push(queue.push(Request {
                tenant: "a".into(),
                script: Script::AdHoc(number),
                cost: Arc::default(),
                limit: Duration::from_secs(1),
                expires: Instant::now() + Duration::from_secs(600_000),
                size: 0,
                job: (),
            }));
        }
        let mut tickets = Vec::new();
        while queue.waiting() > 0 {
            let Some(Next::Run(begun)) = queue.pop() else { panic!("both may run") };
            tickets.push(Some(begun.ticket));
        }
        assert_eq!(queue.running(), 2);
        let limit = Duration::from_secs(1);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _owed = Owed { queue: &*queue, tickets, limit, began: Instant::now() };
            panic!("a bug");
        }));
        assert!(panicked.is_err());
        assert_eq!(queue.running(), 0);
    }

    #[test]
    fn runs_that_were_not_run_teach_nothing_and_those_that_lost_their_worker_are_dear() {
        let lost = Error::WorkerLost { cause: String::new() };
        assert_eq!(end_of(Some(&lost)), End::Cut);
        let wait = Duration::from_secs(1);
        assert_eq!(end_of(Some(&Error::Quarantined { lost: 3, wait })), End::Left);
        let system = Error::System { action: "starting a worker", message: String::new() };
        assert_eq!(end_of(Some(&system)), End::Left);
        assert_eq!(end_of(Some(&Error::NeverSettled)), End::Itself);
        assert_eq!(end_of(None), End::Itself);
    }

    fn thread_name() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn only_small_bodies_are_read_on_the_thread_that_does_io() {
        let isolation = Isolation::Thread;
        let config = ServerConfig { workers: 1, isolation, ..ServerConfig::default() };
        let flight = Flight::new(config.max_bytes_in_flight);
        let place = Place::start(&config).await.unwrap();
        let workers = Workers::start(&config, place, &flight).unwrap();
        let (here, tenant) = (thread_name(), Tenant::of(None).unwrap());
        let read = async |size: usize| {
            workers
                .prepare(&tenant, vec![0; size], |_| Ok::<_, ApiError>(thread_name()))
                .await
                .unwrap()
        };
        assert_eq!(read(SMALL_BODY).await, here);
        assert_eq!(read(SMALL_BODY + 1).await, "sandtide-desk");
        let built = workers.build(&tenant, "s", || Ok::<_, ApiError>(thread_name())).await.unwrap();
        assert_eq!(built, "sandtide-build");
    }
}
