//! Pools: a bounded number of instances, handed out to threads, with a bounded cache of images.

use crate::image::Image;
use crate::instance::Instance;
use crate::run::Run;
use crate::runs::Threads;
use sandtide_engine::{Error, Limits, Outcome, RestoreStrategy, Stopwatch};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Instances for threads to share. Cheap to clone.
///
/// ```
/// use sandtide::{Image, Pool, Run, ScriptOptions, Value};
///
/// let pool = Pool::builder().instances(2).build()?;
/// std::thread::scope(|scope| {
///     for number in 0..4 {
///         let pool = &pool;
///         scope.spawn(move || {
///             let run = Run::new().source("n * n", ScriptOptions::new()).global("n", number);
///             let outcome = pool.run(&Image::base(), &run);
///             assert_eq!(outcome.result.unwrap(), Value::from(number * number));
///         });
///     }
/// });
/// # Ok::<(), sandtide::Error>(())
/// ```
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    config: PoolBuilder,
    state: Mutex<State>,
    freed: Condvar,
    /// Started when something is asked for asynchronously.
    threads: Mutex<Option<Arc<Threads>>>,
}

#[derive(Default)]
struct State {
    /// The one used last is at the end: its memory is most likely in the processor's caches.
    idle: Vec<Instance>,
    made: usize,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

impl Pool {
    /// Begins a pool of as many instances as the machine has cores.
    pub fn builder() -> PoolBuilder {
        PoolBuilder::default()
    }

    /// Takes an instance, runs `image` there, and hands the instance back. Waits while all instances
    /// are out. Building the image, where the instance has not got it, is within the run's limits
    /// and in its usage, as is making the instance.
    pub fn run(&self, image: &Image, run: &Run) -> Outcome {
        match self.take(image) {
            Some(mut instance) => instance.run_image(image, run),
            None => {
                let mut run = run.clone();
                let since = *run.request.since.get_or_insert_with(Stopwatch::start);
                match self.make(image) {
                    Ok(mut instance) => instance.run_image(image, &run),
                    Err(error) => {
                        let mut outcome = Outcome::failed(error);
                        outcome.usage.wall = since.elapsed();
                        outcome.usage.build = outcome.usage.wall;
                        outcome.usage.cpu = since.cpu();
                        outcome
                    }
                }
            }
        }
    }

    /// Takes an instance with `image` loaded; it comes back when it is dropped. Waits while all
    /// instances are out.
    ///
    /// # Errors
    /// What making an instance or building the image can meet.
    pub fn instance(&self, image: &Image) -> Result<PooledInstance<'_>, Error> {
        let mut instance = match self.take(image) {
            Some(instance) => instance,
            None => self.make(image)?,
        };
        instance.load(image)?;
        Ok(instance)
    }

    /// The threads that carry out what is asked for asynchronously.
    pub(crate) fn threads(&self) -> Result<Arc<Threads>, Error> {
        let mut threads = self.shared.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = &*threads {
            return Ok(Arc::clone(threads));
        }
        let started = Arc::new(Threads::start(self.shared.config.instances)?);
        Ok(Arc::clone(threads.insert(started)))
    }

    /// The instance that suits `image` best; `None` where the caller has to make one, whose place is
    /// kept for it.
    fn take(&self, image: &Image) -> Option<PooledInstance<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(instance) = take_best(&mut state.idle, image) {
                return Some(PooledInstance { pool: self, instance: Some(instance) });
            }
            if state.made < self.shared.config.instances {
                state.made += 1;
                return None;
            }
            state = self.shared.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Makes an instance with the built-ins of `image`, in the place that [`Pool::take`] kept.
    fn make(&self, image: &Image) -> Result<PooledInstance<'_>, Error> {
        let PoolBuilder { instances, heap, cache, restore } = self.shared.config;
        let mut place = Place { pool: self, taken: true };
        let intrinsics = image.inner().intrinsics;
        let instance = Instance::empty(intrinsics, heap, restore, cache / instances)?;
        place.taken = false;
        Ok(PooledInstance { pool: self, instance: Some(instance) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The instance that has `image` already, or else the one used last; among those with other
/// built-ins none is better than another.
fn take_best(idle: &mut Vec<Instance>, image: &Image) -> Option<Instance> {
    let wanted = image.inner().intrinsics;
    let found = idle
        .iter()
        .rposition(|instance| instance.has(image))
        .or_else(|| idle.iter().rposition(|instance| instance.intrinsics() == wanted))
        .or_else(|| idle.len().checked_sub(1))?;
    Some(idle.remove(found))
}

/// Gives back the place of an instance that could not be made.
struct Place<'pool> {
    pool: &'pool Pool,
    taken: bool,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.taken {
            self.pool.lock().made -= 1;
            self.pool.shared.freed.notify_one();
        }
    }
}

/// An instance on loan from a pool.
pub struct PooledInstance<'pool> {
    pool: &'pool Pool,
    /// Always there until the drop.
    instance: Option<Instance>,
}

impl fmt::Debug for PooledInstance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PooledInstance").field(&self.instance).finish()
    }
}

impl Deref for PooledInstance<'_> {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        let Some(instance) = &self.instance else { unreachable!("taken only by the drop") };
        instance
    }
}

impl DerefMut for PooledInstance<'_> {
    fn deref_mut(&mut self) -> &mut Instance {
        let Some(instance) = &mut self.instance else { unreachable!("taken only by the drop") };
        instance
    }
}

impl Drop for PooledInstance<'_> {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            // An instance that runs nothing any more leaves its place to another.
            match instance.is_usable() {
                true => self.pool.lock().idle.push(instance),
                false => self.pool.lock().made -= 1,
            }
            self.pool.shared.freed.notify_one();
        }
    }
}

/// Sizes of a pool.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct PoolBuilder {
    instances: usize,
    heap: usize,
    cache: usize,
    restore: RestoreStrategy,
}

impl Default for PoolBuilder {
    fn default() -> PoolBuilder {
        PoolBuilder {
            instances: std::thread::available_parallelism().map_or(1, usize::from),
            heap: Limits::default().heap,
            cache: 256 << 20,
            restore: RestoreStrategy::default(),
        }
    }
}

impl PoolBuilder {
    /// How many instances there can be; as many as the machine has cores by default. At least 1.
    pub fn instances(mut self, instances: usize) -> PoolBuilder {
        self.instances = instances.max(1);
        self
    }

    /// Bytes of address space of each instance; 64 MiB by default.
    pub fn heap(mut self, bytes: usize) -> PoolBuilder {
        self.heap = bytes;
        self
    }

    /// Bytes that the images held by all instances may take together; 256 MiB by default. Past it
    /// each instance drops the image that it used longest ago, and builds it again when it is
    /// asked for.
    pub fn image_cache_bytes(mut self, bytes: usize) -> PoolBuilder {
        self.cache = bytes;
        self
    }

    /// How arenas are put back.
    pub fn restore(mut self, strategy: RestoreStrategy) -> PoolBuilder {
        self.restore = strategy;
        self
    }

    /// Makes the pool; its instances are made as they are needed.
    ///
    /// # Errors
    /// [`Error::InvalidLimit`] for a heap out of range.
    pub fn build(self) -> Result<Pool, Error> {
        Limits { heap: self.heap, ..Limits::default() }.validate()?;
        let shared = Shared {
            config: self,
            state: Mutex::default(),
            freed: Condvar::new(),
            threads: Mutex::default(),
        };
        Ok(Pool { shared: Arc::new(shared) })
    }
}
