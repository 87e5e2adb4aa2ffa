//! What pools of threads and supervisors of processes have in common, so that a program moves from
//! one to the other by changing the line that makes it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

use sandtide_engine::{
    CancelToken, Error, HostCall, HostError, HostFunction, Outcome, Source, Stopwatch, Value,
};

use crate::image::{Image, ImageBuilder};
use crate::pool::Pool;
use crate::run::Run;
use crate::script::{Script, ScriptOptions};

/// A place where scripts of several tenants are deployed and run.
///
/// ```
/// use sandtide::{Deployment, Pool, Run, Runs, ScriptOptions, Value};
///
/// async fn answer(place: &impl Runs) -> Result<Value, sandtide::Error> {
///     let deployment = Deployment::new("tenant").script("a + 1", ScriptOptions::new());
///     let image = place.deploy(deployment).await?;
///     place.run(&image, Run::new().global("a", 41)).await.result
/// }
///
/// let pool = Pool::builder().instances(1).build()?;
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     struct Unpark(std::thread::Thread);
/// #     impl std::task::Wake for Unpark {
/// #         fn wake(self: std::sync::Arc<Self>) { self.0.unpark() }
/// #     }
/// #     let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
/// #     let mut context = std::task::Context::from_waker(&waker);
/// #     let mut future = std::pin::pin!(future);
/// #     loop {
/// #         match future.as_mut().poll(&mut context) {
/// #             std::task::Poll::Ready(output) => return output,
/// #             std::task::Poll::Pending => std::thread::park(),
/// #         }
/// #     }
/// # }
/// assert_eq!(block_on(answer(&pool))?, Value::from(42));
/// # Ok::<(), sandtide::Error>(())
/// ```
pub trait Runs: Send + Sync {
    /// A deployed script. Cheap to clone.
    type Image: Clone + Send + Sync;

    /// Compiles a script and builds its image once, to see that it can be built.
    ///
    /// # Errors
    /// As for [`ImageBuilder::build`] and [`Script::compile`], and what stands in the way of
    /// starting a worker.
    fn deploy(
        &self,
        deployment: Deployment,
    ) -> impl Future<Output = Result<Self::Image, Error>> + Send;

    /// Runs. Waiting for an instance counts against the run's wall time. Dropping the future
    /// cancels the run.
    fn run(&self, image: &Self::Image, run: Run) -> impl Future<Output = Outcome> + Send;
}

/// A script to be deployed, with what goes into its image, and the tenant whose it is.
#[derive(Clone, Debug)]
#[must_use]
pub struct Deployment {
    tenant: String,
    source: Option<Source>,
    image: ImageBuilder,
    known_as: Option<String>,
    kept: bool,
}

/// What a deployment is made of, for the crates that deploy in other processes.
#[doc(hidden)]
#[derive(Debug)]
pub struct DeploymentParts {
    pub tenant: String,
    /// The script whose form nobody knows yet.
    pub source: Option<Source>,
    pub image: ImageBuilder,
    pub known_as: Option<String>,
    pub kept: bool,
}

impl Deployment {
    /// An image without a script, of this tenant. In processes of their own, no worker ever serves
    /// two tenants.
    pub fn new(tenant: impl Into<String>) -> Deployment {
        let (tenant, image) = (tenant.into(), Image::builder());
        Deployment { tenant, source: None, image, known_as: None, kept: false }
    }

    /// Sets the script, of either form. It is compiled when it is deployed.
    pub fn script(mut self, source: impl Into<String>, options: ScriptOptions) -> Deployment {
        self.source = Some(options.source(source));
        self
    }

    /// Sets what else goes into the image: set-up, modules, globals, limits. A script that it has is
    /// kept where [`Deployment::script`] gives none.
    pub fn image(mut self, image: ImageBuilder) -> Deployment {
        self.image = image;
        self
    }

    /// Grants a host function, as [`ImageBuilder::host`] does. With a supervisor it is executed in
    /// the process that supervises, and its arguments come from one that may be hostile.
    pub fn host(
        mut self,
        name: impl Into<String>,
        f: impl Fn(HostCall<'_>) -> Result<Value, HostError> + Send + Sync + 'static,
    ) -> Deployment {
        self.image = self.image.host(name, f);
        self
    }

    /// Grants a host function that answers a promise, as [`ImageBuilder::host_async`] does. With a
    /// supervisor its future is polled by the caller's runtime.
    pub fn host_async<F>(
        mut self,
        name: impl Into<String>,
        f: impl Fn(Vec<Value>) -> F + Send + Sync + 'static,
    ) -> Deployment
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
    {
        self.image = self.image.host_async(name, f);
        self
    }

    /// Grants a host function that was made elsewhere, as [`ImageBuilder::grant`] does.
    pub fn grant(mut self, function: HostFunction) -> Deployment {
        self.image = self.image.grant(function);
        self
    }

    /// Says what it is where workers are lost by it. Of one tenant, all that is known as the same is held back
    /// together. To be set where the script comes with its runs and the image does not say which one it is:
    /// to what the supervisor's image of that script is known as. Else everything that goes into the image
    /// counts. In one process nothing is lost, and this changes nothing.
    pub fn known_as(mut self, name: impl Into<String>) -> Deployment {
        self.known_as = Some(name.into());
        self
    }

    /// Says that it was deployed before, perhaps with another process, and was kept since: while a supervisor
    /// holds its tenant's new deployments back because they lose workers, this one is built all the same, unless
    /// it has lost some itself.
    pub fn kept(mut self) -> Deployment {
        self.kept = true;
        self
    }

    /// Its parts.
    #[doc(hidden)]
    pub fn into_parts(self) -> DeploymentParts {
        let Deployment { tenant, source, image, known_as, kept } = self;
        DeploymentParts { tenant, source, image, known_as, kept }
    }

    /// Compiles the script and builds the image in this process, on the calling thread.
    ///
    /// # Errors
    /// As for [`Script::compile`] and [`ImageBuilder::build`].
    pub fn build(self) -> Result<Image, Error> {
        let Deployment { source, mut image, .. } = self;
        if let Some(Source { text, file, line, language }) = source {
            let limits = image.plan().limits;
            let mut options = ScriptOptions::new().file(file).line(line).limits(limits);
            options.language = language;
            image = image.script(&Script::compile(text, options)?);
        }
        image.build()
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads of a pool that carry out what is asked for asynchronously.
pub(crate) struct Threads {
    jobs: mpsc::Sender<Job>,
}

impl Threads {
    pub(crate) fn start(count: usize) -> Result<Threads, Error> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            let work = move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = next else { return };
                    // The job tells whoever waits for it that it panicked, by dropping its sender.
                    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                }
            };
            let started = thread::Builder::new().name("sandtide-pool".to_owned()).spawn(work);
            started.map_err(|error| Error::System {
                action: "starting a thread of a pool",
                message: error.to_string(),
            })?;
        }
        Ok(Threads { jobs })
    }

    /// Does `work` on a thread.
    fn hand_over<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        let shared = Arc::new(Mutex::new(Place { value: None, waker: None, left: false }));
        let sender = Sender(Arc::clone(&shared));
        let job: Job = Box::new(move || {
            let value = work();
            sender.0.lock().unwrap_or_else(PoisonError::into_inner).value = Some(value);
            drop(sender);
        });
        // Where no thread is left, the job is dropped, and its sender tells.
        let _ = self.jobs.send(job);
        Answer(shared)
    }
}

struct Place<T> {
    value: Option<T>,
    waker: Option<Waker>,
    /// Whether the sender is gone.
    left: bool,
}

struct Sender<T>(Arc<Mutex<Place<T>>>);

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.left = true;
        let waker = place.waker.take();
        drop(place);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Answer<T>(Arc<Mutex<Place<T>>>);

impl<T> Future for Answer<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !place.left {
            place.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(place.value.take().ok_or_else(|| Error::System {
            action: "running on a thread of a pool",
            message: "the thread panicked".to_owned(),
        }))
    }
}

/// Cancels unless the run is over.
struct CancelOnDrop {
    token: CancelToken,
    over: bool,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if !self.over {
            self.token.cancel();
        }
    }
}

/// On threads of the pool's own, of which there are as many as instances.
impl Runs for Pool {
    type Image = Image;

    async fn deploy(&self, deployment: Deployment) -> Result<Image, Error> {
        self.threads()?.hand_over(move || deployment.build()).await?
    }

    async fn run(&self, image: &Image, run: Run) -> Outcome {
        // A token that the caller gave goes on working: it is the one that is cancelled.
        let token = run.request.cancel.clone().unwrap_or_default();
        let mut cancel = CancelOnDrop { token, over: false };
        let since = run.request.since.unwrap_or_else(Stopwatch::start);
        let run = run.cancel(&cancel.token).since(since);
        let (pool, image) = (self.clone(), image.clone());
        let handed = match self.threads() {
            Ok(threads) => threads.hand_over(move || Pool::run(&pool, &image, &run)).await,
            Err(error) => Err(error),
        };
        cancel.over = true;
        handed.unwrap_or_else(Outcome::failed)
    }
}
