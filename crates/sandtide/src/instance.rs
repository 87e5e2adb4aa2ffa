//! Instances: arenas that hold a live copy of an image, and keep the images they have built.

use crate::image::{Image, ImageBuilder};
use crate::run::Run;
use crate::workshop::{config, with_workshop};
use lru::LruCache;
use sandtide_engine::{
    Error, Frozen, HeapImage, Intrinsics, Limits, Look, Outcome, Plan, Request, RestoreStrategy,
    Scope, Stopwatch,
};
use std::fmt;

/// Bytes that an instance's built images may take before the one used longest ago is dropped.
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
        let mut instance = Instance::empty(image.inner().intrinsics, heap, restore, cache)?;
        instance.load(image)?;
        Ok(instance)
    }

    /// An instance at the base image, with these built-ins.
    pub(crate) fn empty(
        intrinsics: Intrinsics,
        heap: usize,
        restore: RestoreStrategy,
        cache: usize,
    ) -> Result<Instance, Error> {
        let engine = sandtide_engine::Instance::new(config(heap, intrinsics, restore))?;
        let loaded = engine.base().clone();
        Ok(Instance {
            engine,
            intrinsics,
            heap,
            restore,
            image: Image::base(),
            loaded,
            built: BuiltImages::new(cache),
        })
    }

    /// Moves the instance to another image, which is built unless the instance still has it.
    ///
    /// # Errors
    /// What building it can meet; the instance then stays at the image it had.
    pub fn load(&mut self, image: &Image) -> Result<(), Error> {
        if self.is_at(image) {
            return Ok(());
        }
        self.loaded = self.ready(image, None)?;
        self.image = image.clone();
        Ok(())
    }

    /// Builds an image in this very instance, which moves to it: for images that are run here and
    /// nowhere else, where [`ImageBuilder::build`] and [`Instance::load`] would build them twice.
    ///
    /// # Errors
    /// As for [`ImageBuilder::build`]; the instance then stays at the image it had.
    pub fn build(&mut self, builder: ImageBuilder) -> Result<Image, Error> {
        let wanted = builder.built_ins();
        if wanted != self.intrinsics {
            let mut other = Instance::empty(wanted, self.heap, self.restore, self.built.budget)?;
            let image = other.build(builder)?;
            *self = other;
            return Ok(image);
        }
        let built = self.engine.build(builder.plan())?;
        let image = builder.seal_as(&built);
        self.built.insert(BuiltKey::new(&image, &Setting::default()), &built);
        self.loaded = built;
        self.image = image.clone();
        Ok(image)
    }

    /// The image as it was built in this arena. Where it is not, it is built now: for a run within
    /// the run's limits and with the seed and clock that are given to it.
    fn ready(&mut self, image: &Image, run: Option<&Request>) -> Result<HeapImage, Error> {
        let wanted = image.inner().intrinsics;
        if wanted != self.intrinsics {
            // Built-ins are chosen when an arena is made: other ones need another arena.
            let mut other = Instance::empty(wanted, self.heap, self.restore, self.built.budget)?;
            let built = other.ready(image, run)?;
            *self = other;
            return Ok(built);
        }
        if image.is_base() {
            return Ok(self.engine.base().clone());
        }
        let setting = Setting::of(image, run);
        let key = BuiltKey::new(image, &setting);
        if let Some(built) = self.built.get(&key) {
            return Ok(built);
        }
        let plan = &image.inner().plan;
        let built = match run {
            None => self.engine.build(plan)?,
            Some(run) if setting.is_the_images() => self.engine.build_for(plan, run)?,
            Some(run) => {
                let Setting { frozen, time_zone } = setting;
                let time_zone = time_zone.or_else(|| plan.time_zone.clone());
                self.engine.build_for(&Plan { frozen, time_zone, ..plan.clone() }, run)?
            }
        };
        self.built.insert(key, &built);
        Ok(built)
    }

    /// Runs the image's script, or the source that `run` brings, and puts the arena back.
    ///
    /// Whatever the guest does ends in the outcome; its error says why there is no value. A frozen
    /// run starts from an image that was built with its own seed and clock, so that set-up and
    /// modules repeat as well, and one in another time zone than its image from one that was built there;
    /// building it counts as for [`Instance::run_image`].
    pub fn run(&mut self, run: &Run) -> Outcome {
        if Setting::of(&self.image, Some(&run.request)).is_the_images() {
            return self.engine.run(&self.loaded, &run.request);
        }
        let image = self.image.clone();
        self.run_image(&image, run)
    }

    /// As [`Instance::run`], but of another image, to which the instance moves. Where the image has
    /// to be built first, building it is within the limits of the run and in its usage
    /// ([`Usage::build`](crate::Usage::build)).
    pub fn run_image(&mut self, image: &Image, run: &Run) -> Outcome {
        self.with_ready(image, &run.request, |engine, ready, request| match ready {
            Ok(ready) => engine.run(&ready, request),
            Err(error) => engine.failed(error, request),
        })
    }

    /// Calls `f` with the built image, and with the request, whose time counts from before the
    /// build.
    fn with_ready<R>(
        &mut self,
        image: &Image,
        request: &Request,
        f: impl FnOnce(&mut sandtide_engine::Instance, Result<HeapImage, Error>, &Request) -> R,
    ) -> R {
        let as_it_is = Setting::of(image, Some(request)).is_the_images();
        if self.is_at(image) && as_it_is {
            return f(&mut self.engine, Ok(self.loaded.clone()), request);
        }
        let timed = (!self.is_built(image, Some(request)) && request.since.is_none())
            .then(|| Request { since: Some(Stopwatch::start()), ..request.clone() });
        let request = timed.as_ref().unwrap_or(request);
        let ready = self.ready(image, Some(request));
        if let Ok(ready) = &ready
            && as_it_is
        {
            self.loaded = ready.clone();
            self.image = image.clone();
        }
        f(&mut self.engine, ready, request)
    }

    /// Looks at the heap of the image that the instance is at; see [`Look`].
    ///
    /// # Errors
    /// What putting the arena to the image and back can meet.
    pub fn look(&mut self, look: &Look) -> Result<(), Error> {
        self.engine.look_at(&self.loaded, look)
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
        let image = self.image.clone();
        self.with_ready(&image, &run.request, |engine, ready, request| {
            engine.scope(&ready?, request, f)
        })
    }

    /// The image as it was built in this arena, by its own setting; none where it was not, or was let go
    /// of. For the crate that runs it in a confined process.
    #[doc(hidden)]
    pub fn built(&mut self, image: &Image) -> Option<HeapImage> {
        self.built.get(&BuiltKey::new(image, &Setting::default()))
    }

    /// Keeps what was built of an image elsewhere for this arena. Nothing is kept of another arena's. For
    /// the crate that runs it in a confined process.
    #[doc(hidden)]
    pub fn keep_built(&mut self, image: &Image, built: &HeapImage) {
        if self.engine.owns(built) {
            self.built.insert(BuiltKey::new(image, &Setting::default()), built);
        }
    }

    /// Lets go of what was built of an image here, which nobody can run any more. For the crate that runs it
    /// in a confined process.
    #[doc(hidden)]
    pub fn forget_built(&mut self, image: &Image) {
        self.built.remove(image.inner().id);
    }

    /// The engine's side of it. For the crate that runs it in a confined process.
    #[doc(hidden)]
    pub fn engine(&mut self) -> &mut sandtide_engine::Instance {
        &mut self.engine
    }

    /// An instance at the base image with a cache of so many bytes. For the crate that runs it in a
    /// confined process.
    #[doc(hidden)]
    pub fn with_cache(heap: usize, cache: usize) -> Result<Instance, Error> {
        Instance::make(&Image::base(), heap, RestoreStrategy::default(), cache)
    }

    /// Whether it can still run anything: not after [`Error::HeapCorrupted`].
    pub fn is_usable(&self) -> bool {
        self.engine.is_usable()
    }

    /// The image that it holds.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Whether `image` can be loaded without building it.
    pub(crate) fn has(&self, image: &Image) -> bool {
        self.is_at(image) || self.is_built(image, None)
    }

    /// Whether `image` is the one that the instance holds. An instance that was made anew for other
    /// built-ins is at their base image instead.
    fn is_at(&self, image: &Image) -> bool {
        image.inner().id == self.image.inner().id && image.inner().intrinsics == self.intrinsics
    }

    fn is_built(&self, image: &Image, run: Option<&Request>) -> bool {
        self.intrinsics == image.inner().intrinsics
            && (image.is_base() || self.built.has(&BuiltKey::new(image, &Setting::of(image, run))))
    }

    pub(crate) fn intrinsics(&self) -> Intrinsics {
        self.intrinsics
    }
}

/// What an image has to be built with for a run where building it runs code that could look at it: the
/// seed and clock of a frozen run, and a time zone that is not the image's own.
#[derive(Default)]
pub(crate) struct Setting {
    frozen: Option<Frozen>,
    time_zone: Option<String>,
}

impl Setting {
    pub(crate) fn of(image: &Image, run: Option<&Request>) -> Setting {
        let plan = &image.inner().plan;
        let Some(run) = run.filter(|_| plan.runs_code()) else { return Setting::default() };
        let own = plan.time_zone.as_deref().unwrap_or("UTC");
        let time_zone = run.time_zone.clone().filter(|name| name != own);
        Setting { frozen: run.frozen, time_zone }
    }

    /// Whether the image can be taken as it is.
    pub(crate) fn is_the_images(&self) -> bool {
        self.frozen.is_none() && self.time_zone.is_none()
    }
}

/// Under which an instance keeps what it has built: images as they are, and those that were built for a
/// run's setting.
#[derive(Clone, PartialEq, Eq, Hash)]
struct BuiltKey {
    image: u64,
    frozen: Option<(u64, u64)>,
    time_zone: Option<String>,
}

impl BuiltKey {
    fn new(image: &Image, setting: &Setting) -> BuiltKey {
        let frozen = setting.frozen.map(|frozen| (frozen.seed, frozen.now_ms.to_bits()));
        BuiltKey { image: image.inner().id, frozen, time_zone: setting.time_zone.clone() }
    }
}

/// The images built in one arena.
struct BuiltImages {
    images: LruCache<BuiltKey, HeapImage>,
    bytes: usize,
    budget: usize,
}

impl BuiltImages {
    fn new(budget: usize) -> BuiltImages {
        BuiltImages { images: LruCache::unbounded(), bytes: 0, budget }
    }

    fn has(&self, key: &BuiltKey) -> bool {
        self.images.contains(key)
    }

    fn get(&mut self, key: &BuiltKey) -> Option<HeapImage> {
        self.images.get(key).cloned()
    }

    /// Removes what was built of an image, for whatever run.
    fn remove(&mut self, image: u64) {
        let of_it = self.images.iter().filter(|(key, _)| key.image == image);
        let keys: Vec<BuiltKey> = of_it.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.bytes -= self.images.pop(&key).map_or(0, |old| old.held_bytes());
        }
    }

    fn insert(&mut self, key: BuiltKey, built: &HeapImage) {
        self.bytes += built.held_bytes();
        if let Some(old) = self.images.put(key, built.clone()) {
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
/// The first call makes an arena for the process; later ones find it put back. Calls that come at
/// the same time make more, of which few are kept: use a [`crate::Pool`] where that is common.
pub fn run_in_new_instance(source: impl Into<String>, run: &Run) -> Outcome {
    let run = run.clone().source(source, Default::default());
    let heap = run.request.limits.heap;
    let ran = with_workshop(Intrinsics::default(), heap, |engine| {
        let base = engine.base().clone();
        Ok(engine.run(&base, &run.request))
    });
    ran.unwrap_or_else(Outcome::failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_of_an_image_is_gone_when_it_is_let_go_of() {
        let mut instance = Instance::with_cache(8 << 20, 8 << 20).expect("an instance");
        let before = instance.built.bytes;
        let build = |instance: &mut Instance, code: &str| {
            instance.build(Image::builder().setup(code, Default::default())).expect("an image")
        };
        let gone = build(&mut instance, "var a = 1");
        let one = instance.built.bytes;
        let kept = build(&mut instance, "var b = 1");
        let both = instance.built.bytes;
        assert!(before < one && one < both, "both are kept");
        instance.forget_built(&gone);
        assert!(!instance.has(&gone) && instance.has(&kept));
        assert_eq!(instance.built.bytes, both - (one - before));
        instance.forget_built(&kept);
        assert_eq!(instance.built.bytes, before);
    }
}
