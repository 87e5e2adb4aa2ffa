//! The threads that run scripts, that build images, and that read and write what is large. Knows
//! nothing of HTTP but the answer's shape.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use sandtide::{CancelToken, Error, ErrorKind, Limits, Run};
use sandtide_net::Trace;
use tokio::{
    sync::oneshot,
    time::{sleep, sleep_until},
};

use sandtide_fair::{Begun, Costs, End, Ended, Full, Next, Queue, Request, Room, Script, Shares};

mod carried;

use carried::{carry_out, carry_out_together};

use crate::{
    answer::Shape,
    canary::Side,
    config::ServerConfig,
    error::{ApiError, ServerError},
    failures::Failures,
    feed::Feed,
    flight::{Flight, Permit},
    http1::Response,
    metrics::Metrics,
    names::Tenant,
    place::{BUILDERS, Place},
    profiler::Profiler,
    quota::Turn,
    store::Deployed,
    usage::Meter,
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
    /// Which version it was given, where another one has a share.
    pub(crate) side: Option<Side>,
    pub(crate) run: Run,
    pub(crate) limits: Limits,
    pub(crate) shape: Shape,
    /// Bytes of the body that it came with.
    pub(crate) received: usize,
    /// Set when it has a worker, where somebody wants to know.
    pub(crate) begun: Option<Arc<AtomicBool>>,
}

impl Asked {
    /// What the run asks of others is a part of this trace.
    pub(crate) fn caused_by(mut self, trace: Option<&Trace>) -> Self {
        if let Some(trace) = trace {
            self.run = self.run.cause(trace.text());
        }
        self
    }
}

/// Where it is written down how runs end.
pub(crate) struct Books {
    pub(crate) metrics: Arc<Metrics>,
    /// The errors that runs ended in lately.
    pub(crate) failures: Failures,
    pub(crate) meter: Arc<Meter>,
    pub(crate) feed: Arc<Feed>,
}

impl Books {
    pub(crate) fn new(meter: Arc<Meter>) -> Self {
        Self {
            metrics: Arc::new(Metrics::new()),
            failures: Failures::default(),
            meter,
            feed: Feed::new(),
        }
    }
}

struct RunJob {
    tenant: Tenant,
    /// `None` for a run that brings its source.
    script: Option<Arc<Deployed>>,
    side: Option<Side>,
    run: Run,
    limits: Limits,
    shape: Shape,
    received: usize,
    begun: Option<Arc<AtomicBool>>,
    /// Room for the bytes that the run was given.
    held: Permit,
    came: Instant,
    books: Arc<Books>,
    /// Where the tenant has a quota.
    turn: Option<Arc<Turn>>,
    /// What is logged of it is of the request's trace.
    span: tracing::Span,
    reply: oneshot::Sender<Result<Response, ApiError>>,
}

struct Job(Box<dyn FnOnce() + Send>);

pub(crate) struct Workers {
    runs: Arc<Queue<RunJob>>,
    builds: Arc<Queue<Job>>,
    desk: Arc<Queue<Job>>,
    done: Arc<AtomicU64>,
    profiler: Arc<Profiler>,
    books: Arc<Books>,
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
        books: Books,
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
            builds: Queue::new(apart(BUILDERS, config.max_connections.max(1))),
            desk: Queue::new(apart(1, WAITING_AT_THE_DESK)),
            runs: Queue::new(shares),
            done: Arc::default(),
            profiler: Arc::default(),
            books: Arc::new(books),
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
                            drop(job.turn);
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
        turn: Option<Arc<Turn>>,
    ) -> Result<Response, ApiError> {
        let answered = self.answer(tenant, asked, held, turn).await;
        if let Err(error) = &answered {
            self.books.metrics.refused(error.code());
        }
        answered
    }

    async fn answer(
        &self,
        tenant: &Tenant,
        asked: Asked,
        held: Permit,
        turn: Option<Arc<Turn>>,
    ) -> Result<Response, ApiError> {
        let came = Instant::now();
        let Asked { program, side, run, limits, shape, received, begun } = asked;
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
                side,
                run,
                limits,
                shape,
                received,
                begun,
                held,
                came,
                books: Arc::clone(&self.books),
                turn,
                span: tracing::Span::current(),
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
        if self.builds.of_tenant(tenant.name()).0 >= WAITING_BUILDS {
            return Err(Full::Tenant.into());
        }
        self.build_again(tenant, name, work).await
    }

    /// The same for a script that was built before, which runs wait for. Each script is built once, so
    /// no more of them wait than are deployed.
    pub(crate) async fn build_again<T: Send + 'static>(
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

    /// Where it is written down how runs end.
    pub(crate) fn books(&self) -> &Arc<Books> {
        &self.books
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.books.metrics
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

struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests;
