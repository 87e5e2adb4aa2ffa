//! Instances: arenas that hold a live copy of an image, and keep the images they have built.

use crate::image::Image;
use crate::run::Run;
use lru::LruCache;
use sandtide_engine::{
    Error, HeapImage, InstanceConfig, Intrinsics, Limits, Outcome, RestoreStrategy, Scope,
};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// What an instance's built images may take before the one used longest ago is dropped.
const DEFAULT_CACHE: usize = 64 << 20;

/// A sandbox: an arena that is put back to its image after each run.
///
/// It can be moved to another thread, but is used by one at a time.
pub struct Instance {
    engine: sandtide_engine::Instance,
    intrinsics: Intrinsics,
    heap: usize,
    restore: RestoreStrategy,
    image: Image,
    loaded: HeapImage,
    built: BuiltImages,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("image", &self.image).finish_non_exhaustive()
    }
}

impl Instance {
    /// Makes an arena of 64 MiB of address space and loads `image`.
    ///
    /// # Errors
    /// What building the image in the arena can meet (see [`crate::ImageBuilder::build`]), and
    /// [`Error::System`] where the system gives no memory.
    pub fn new(image: &Image) -> Result<Instance, Error> {
        Instance::with_heap(image, Limits::default().heap)
    }

    /// Makes an arena of `heap` bytes of address space (1 MiB to 4 GiB), which bounds the heap
    /// limit of all its runs, and loads `image`. Memory is taken only as it is touched.
    ///
    /// # Errors
    /// As for [`Instance::new`], and [`Error::InvalidLimit`] for a heap out of range.
    pub fn with_heap(image: &Image, heap: usize) -> Result<Instance, Error> {
        Instance::make(image, heap, RestoreStrategy::default(), DEFAULT_CACHE)
    }

    pub(crate) fn make(
        image: &Image,
        heap: usize,
        restore: RestoreStrategy,
        cache: usize,
    ) -> Result<Instance, Error> {
        let intrinsics = image.inner().intrinsics;
        let engine = sandtide_engine::Instance::new(config(heap, intrinsics, restore))?;
        let loaded = engine.base().clone();
        let mut instance = Instance {
            engine,
            intrinsics,
            heap,
            restore,
            image: Image::base(),
            loaded,
            built: BuiltImages::new(cache),
        };
        instance.load(image)?;
        Ok(instance)
    }

    /// Moves the instance to another image, which is built unless the instance still has it.
    ///
    /// # Errors
    /// What building it can meet; the instance then stays at the image it had.
    pub fn load(&mut self, image: &Image) -> Result<(), Error> {
        if image.inner().id == self.image.inner().id {
            return Ok(());
        }
        let wanted = image.inner().intrinsics;
        if wanted != self.intrinsics {
            // Built-ins are chosen when an arena is made, so that other ones need another arena.
            *self = Instance::make(image, self.heap, self.restore, self.built.budget)?;
            return Ok(());
        }
        let loaded = if image.is_base() {
            self.engine.base().clone()
        } else if let Some(built) = self.built.get(image) {
            built
        } else {
            let built = self.engine.build(&image.inner().plan)?;
            self.built.insert(image, &built);
            built
        };
        self.loaded = loaded;
        self.image = image.clone();
        Ok(())
    }

    /// Runs the image's script, or the source that `run` brings, and puts the arena back.
    ///
    /// Whatever the guest does ends in the outcome; its error says why there is no value.
    pub fn run(&mut self, run: &Run) -> Outcome {
        self.engine.run(&self.loaded, &run.request)
    }

    /// Lets `f` work with the guest's values themselves, and puts the arena back. Handles cannot
    /// leave `f`.
    ///
    /// ```
    /// use sandtide::{Image, Instance, Run, Value};
    ///
    /// let mut instance = Instance::new(&Image::base())?;
    /// let sum = instance.scope(&Run::new(), |scope| {
    ///     let add = scope.eval("add.js", "(a, b) => a + b")?;
    ///     let args = [scope.value(&Value::from(2))?, scope.value(&Value::from(3))?];
    ///     let sum = scope.call(add, None, &args)?;
    ///     scope.to_value(sum)
    /// })??;
    /// assert_eq!(sum, Value::from(5));
    /// # Ok::<(), sandtide::Error>(())
    /// ```
    ///
    /// # Errors
    /// A limit out of range, and what setting the run's globals can meet. What `f` answers is its
    /// own.
    pub fn scope<R>(
        &mut self,
        run: &Run,
        f: impl for<'run> FnOnce(&Scope<'run>) -> R,
    ) -> Result<R, Error> {
        self.engine.scope(&self.loaded, &run.request, f)
    }

    /// The image that it holds.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Whether `image` can be loaded without building it.
    pub(crate) fn has(&self, image: &Image) -> bool {
        image.inner().id == self.image.inner().id || self.built.has(image)
    }

    pub(crate) fn intrinsics(&self) -> Intrinsics {
        self.intrinsics
    }
}

fn config(heap: usize, intrinsics: Intrinsics, restore: RestoreStrategy) -> InstanceConfig {
    let mut config = InstanceConfig::default();
    config.heap = heap;
    config.intrinsics = intrinsics;
    config.restore = restore;
    config
}

/// The images built in one arena, by the id of what they were built from.
struct BuiltImages {
    images: LruCache<u64, HeapImage>,
    bytes: usize,
    budget: usize,
}

impl BuiltImages {
    fn new(budget: usize) -> BuiltImages {
        BuiltImages { images: LruCache::unbounded(), bytes: 0, budget }
    }

    fn has(&self, image: &Image) -> bool {
        self.images.contains(&image.inner().id)
    }

    fn get(&mut self, image: &Image) -> Option<HeapImage> {
        self.images.get(&image.inner().id).cloned()
    }

    fn insert(&mut self, image: &Image, built: &HeapImage) {
        self.bytes += built.held_bytes();
        if let Some(old) = self.images.put(image.inner().id, built.clone()) {
            self.bytes -= old.held_bytes();
        }
        // The newest stays whatever it takes: it is about to be run.
        while self.bytes > self.budget && self.images.len() > 1 {
            if let Some((_, oldest)) = self.images.pop_lru() {
                self.bytes -= oldest.held_bytes();
            }
        }
    }
}

/// Runs a source in a sandbox of its own: the counterpart of `vm.runInNewContext`. `run` gives the
/// globals and limits.
///
/// The first call makes an arena for the process; later ones find it put back. Calls from several
/// threads take turns: use a [`crate::Pool`] for more.
pub fn run_in_new_instance(source: impl Into<String>, run: &Run) -> Outcome {
    let run = run.clone().source(source, Default::default());
    let ran = with_workshop(Intrinsics::default(), |engine| {
        let base = engine.base().clone();
        Ok(engine.run(&base, &run.request))
    });
    ran.unwrap_or_else(Outcome::failed)
}

/// Lets `f` use an arena of the process's own, for checking sources and building images that are
/// not run there.
pub(crate) fn with_workshop<R>(
    intrinsics: Intrinsics,
    f: impl FnOnce(&mut sandtide_engine::Instance) -> Result<R, Error>,
) -> Result<R, Error> {
    static WORKSHOP: Mutex<Option<(Intrinsics, sandtide_engine::Instance)>> = Mutex::new(None);
    let mut workshop = WORKSHOP.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = workshop.as_ref().is_some_and(|(has, _)| *has == intrinsics);
    if !fits {
        *workshop = None;
        let config = config(Limits::default().heap, intrinsics, RestoreStrategy::default());
        *workshop = Some((intrinsics, sandtide_engine::Instance::new(config)?));
    }
    match workshop.as_mut() {
        Some((_, engine)) => f(engine),
        None => Err(Error::NoScript),
    }
}
