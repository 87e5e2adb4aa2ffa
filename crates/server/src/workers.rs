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
    time::Duration,
};

use sandtide::{CancelToken, Image, Pool, Run};
use tokio::{sync::oneshot, time::sleep};

use crate::{
    answer::{self, Shape},
    config::ServerConfig,
    error::{ApiError, ServerError},
    flight::{Flight, Permit},
    http1::Response,
    queue::{Pace, Queues},
    store::{Deployed, History},
};

/// What a worker's own frames need beside the stack that a script may use.
const WORKER_STACK: usize = 1 << 20;
/// Deploys that may wait for the thread that builds images.
const WAITING_BUILDS: usize = 64;
/// Large bodies and answers that may wait to be read and written.
const WAITING_AT_THE_DESK: usize = 64;
/// Bodies up to this size are read where they arrive, which takes less than handing them over.
const SMALL_BODY: usize = 4 << 10;

struct RunJob {
    /// `None` for a run that brings its source.
    script: Option<Arc<Deployed>>,
    run: Run,
    shape: Shape,
    /// Room for the bytes that the run was given.
    held: Permit,
    reply: oneshot::Sender<Response>,
}

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct Workers {
    runs: Arc<Queues<RunJob>>,
    builds: Arc<Queues<Job>>,
    desk: Arc<Queues<Job>>,
    done: Arc<AtomicU64>,
    /// The history of all runs that bring their source: they count as one script.
    ad_hoc: Arc<History>,
    count: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(config: &ServerConfig, flight: &Arc<Flight>) -> Result<Self, ServerError> {
        let count = config.workers.max(1);
        let pool = Pool::builder()
            .instances(count)
            .heap(config.limits.heap)
            .image_cache_bytes(config.image_cache_bytes)
            .build()?;
        let mut workers = Self {
            runs: Arc::new(Queues::new(count, config.queue_per_worker)),
            builds: Arc::new(Queues::new(1, WAITING_BUILDS)),
            desk: Arc::new(Queues::new(1, WAITING_AT_THE_DESK)),
            done: Arc::default(),
            ad_hoc: Arc::default(),
            count,
            threads: Vec::with_capacity(count + 2),
        };
        let stack = config.limits.stack.saturating_add(WORKER_STACK);
        let base = Image::base();
        for worker in 0..count {
            let runs = Arc::clone(&workers.runs);
            let done = Arc::clone(&workers.done);
            let ad_hoc = Arc::clone(&workers.ad_hoc);
            let (pool, base, flight) = (pool.clone(), base.clone(), Arc::clone(flight));
            workers.spawn(format!("sandtide-run-{worker}"), stack, move || {
                while let Some(job) = runs.pop(worker) {
                    carry_out(&pool, &base, &ad_hoc, &flight, worker, job);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })?;
        }
        for (name, stack, jobs) in [
            ("sandtide-build", stack, Arc::clone(&workers.builds)),
            ("sandtide-desk", WORKER_STACK, Arc::clone(&workers.desk)),
        ] {
            workers.spawn(name.to_owned(), stack, move || {
                while let Some(job) = jobs.pop(0) {
                    // After a panic the reply is dropped, which tells whoever waits for it.
                    let _ = catch_unwind(AssertUnwindSafe(job));
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

    /// Runs on a worker. When the future is dropped, as it is when the client goes away, the run is
    /// cancelled.
    pub(crate) async fn run(
        &self,
        script: Option<Arc<Deployed>>,
        run: Run,
        shape: Shape,
        held: Permit,
    ) -> Result<Response, ApiError> {
        let cancel = CancelOnDrop(CancelToken::new());
        let (reply, answer) = oneshot::channel();
        let history = script.as_ref().map_or(&*self.ad_hoc, |script| &script.history);
        let (pace, preferred) = (history.pace(), history.last_worker());
        let job = RunJob { script, run: run.cancel(&cancel.0), shape, held, reply };
        self.runs.push(job, pace, preferred).map_err(|_| ApiError::QueueFull)?;
        answer.await.map_err(|_| ApiError::Internal)
    }

    /// Does `work` on the thread that builds images. Once begun it is carried to its end even if
    /// nobody waits any more.
    pub(crate) async fn build<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        hand_over(&self.builds, work).await
    }

    /// Does `work` on the thread that reads and writes what is large. As with
    /// [`build`](Self::build), what was begun is ended.
    pub(crate) async fn at_the_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        hand_over(&self.desk, work).await
    }

    /// Reads a body: at once where it is small, otherwise at the desk.
    pub(crate) async fn prepare<T: Send + 'static>(
        &self,
        body: Vec<u8>,
        work: impl FnOnce(Vec<u8>) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        if body.len() <= SMALL_BODY {
            return work(body);
        }
        self.at_the_desk(move || work(body)).await
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Runs that wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        self.runs.waiting()
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
    to: &Queues<Job>,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let (reply, answer) = oneshot::channel();
    let job: Job = Box::new(move || {
        if !reply.is_closed() {
            let _ = reply.send(work());
        }
    });
    to.push(job, Pace::Brisk, None).map_err(|_| ApiError::QueueFull)?;
    answer.await.map_err(|_| ApiError::Internal)?
}

fn carry_out(
    pool: &Pool,
    base: &Image,
    ad_hoc: &History,
    flight: &Arc<Flight>,
    worker: usize,
    job: RunJob,
) {
    let RunJob { script, run, shape, held, reply } = job;
    if reply.is_closed() {
        return;
    }
    let image = script.as_ref().map_or(base, |script| &script.image);
    // A panic would be a bug of ours; it must cost the one request, not the worker.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| pool.run(image, &run))) else {
        return;
    };
    drop((run, held));
    let history = script.as_ref().map_or(ad_hoc, |script| &script.history);
    history.note(worker, outcome.result.is_err(), outcome.usage.wall);
    if reply.is_closed() {
        return;
    }
    let _ = reply.send(answer::outcome(flight, outcome, shape));
}

struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{SMALL_BODY, Workers};
    use crate::{config::ServerConfig, error::ApiError, flight::Flight};

    fn thread_name() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn only_small_bodies_are_read_on_the_thread_that_does_io() {
        let config = ServerConfig { workers: 1, ..ServerConfig::default() };
        let workers = Workers::start(&config, &Flight::new(config.max_bytes_in_flight)).unwrap();
        let here = thread_name();
        let read = async |size: usize| {
            workers.prepare(vec![0; size], |_| Ok::<_, ApiError>(thread_name())).await.unwrap()
        };
        assert_eq!(read(SMALL_BODY).await, here);
        assert_eq!(read(SMALL_BODY + 1).await, "sandtide-desk");
        let built = workers.build(|| Ok::<_, ApiError>(thread_name())).await.unwrap();
        assert_eq!(built, "sandtide-build");
    }
}
