//! An instance: one arena with an engine in it, which builds images, runs them, and is put back
//! after each run.

mod base;
mod build;
pub use build::{Checked, Form};
mod execute;
mod renew;
#[cfg(test)]
mod restore_tests;
mod seeds;
#[cfg(test)]
mod tests;

use crate::arena::Arena;
use crate::arena::heap::Heap;
use crate::arena::restore::{Resting, RestoreStrategy};
use crate::arena::snapshot::Snapshot;
use crate::error::Error;
use crate::host::HostFunction;
use crate::image::{BuiltEntryPoint, HeapImage};
use crate::js::context::{self, Helpers, Intrinsics};
use crate::js::cx::{Cx, Thrown};
use crate::js::guard::{self, Guard};
use crate::js::raw::{self, JS_SetMaxStackSize, JS_UpdateStackTop, JSContext};
use crate::language::Places;
use crate::limits::reason::Reason;
use crate::limits::watchdog::{self, Slot};
use crate::limits::{CancelToken, Limits, MAX_HEAP, MIN_HEAP, Stopwatch, monotonic_ns};
use crate::platform;
use crate::profile::Recording;
use crate::run::request::{Frozen, Request};
use crate::run::state::{Modules, RunState};
use crate::sys::{signals, stack};
use renew::{Renewal, renew};
use sandtide_platform::Api;
use seeds::{Seeds, frozen_seeds};
use std::cell::Cell;
use std::marker::PhantomData;
use std::os::fd::{BorrowedFd, RawFd};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How an instance's arena is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstanceConfig {
    /// Bytes of address space: the most that any run's heap limit can be. 1 MiB to 4 GiB; 64 MiB
    /// by default. Memory is taken only as it is touched.
    pub heap: usize,
    /// The built-ins that guests find.
    pub intrinsics: Intrinsics,
    /// How the arena is put back.
    pub restore: RestoreStrategy,
}

impl Default for InstanceConfig {
    fn default() -> InstanceConfig {
        InstanceConfig {
            heap: Limits::default().heap,
            intrinsics: Intrinsics::default(),
            restore: RestoreStrategy::default(),
        }
    }
}

/// Bytes of native stack that making the base image may take of the thread that does it.
const SETUP_STACK: usize = 256 << 10;
/// Bytes behind an image that a forked process has there before its first run: what short runs write.
const TOUCHED_BEHIND: usize = 16 << 10;

/// Bytes of the arena that the platform's modules are compiled in.
const MODULES_HEAP: usize = 16 << 20;

/// Compiles the platform's modules, where the process has not yet, in an arena of their own: otherwise
/// what a run takes would depend on what ran before it.
fn compile_platform(slot: &Slot) -> Result<(), Error> {
    if platform::is_compiled() {
        return Ok(());
    }
    let arena = Arena::new(MODULES_HEAP)?;
    let guard = OwnedGuard::new(Guard::new(arena.region.base().as_ptr(), &slot.kill));
    // SAFETY: guard and heap are fresh, and outlive the context, which is not used after this.
    let cx = unsafe { context::make(guard.as_ptr(), Intrinsics::default())? };
    // SAFETY: the runtime is the fresh context's.
    unsafe {
        JS_SetMaxStackSize(cx.runtime(), SETUP_STACK as u64);
        JS_UpdateStackTop(cx.runtime());
    }
    platform::compile(cx).map_err(|Thrown| Error::BaseImage { what: "its modules" })
}

static ARENAS: AtomicU64 = AtomicU64::new(1);

/// An arena with a live engine. It can move between threads, but is used by one at a time.
///
/// ```compile_fail
/// fn shared<T: Sync>() {}
/// shared::<sandtide_engine::Instance>();
/// ```
pub struct Instance {
    guard: OwnedGuard,
    slot: Arc<Slot>,
    resting: Resting,
    /// The image that the arena rests at.
    loaded: HeapImage,
    base: HeapImage,
    base_bytes: Arc<[u8]>,
    ctx: *mut JSContext,
    helpers: Helpers,
    /// Whether something ran since the arena was last put back.
    dirty: bool,
    seeds: Seeds,
    /// Whether the heap was found corrupted: nothing runs here any more.
    ended: bool,
    /// The peak of the heap while images were built for the run to come.
    peak_before: usize,
    arena: Arena,
    id: u64,
    not_sync: PhantomData<Cell<()>>,
}

// SAFETY: everything an instance points to, its arena and guard, is its own; the engine has no
// thread-local state, and is told of the new thread's stack before each run (`enter`).
unsafe impl Send for Instance {}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("arena", &self.id).finish_non_exhaustive()
    }
}

impl Instance {
    /// Makes an arena and the base image in it.
    ///
    /// # Errors
    /// [`Error::InvalidLimit`] for a heap out of range, [`Error::System`] where the system gives
    /// no address space, [`Error::BaseImage`] where the built-ins cannot be made.
    pub fn new(config: InstanceConfig) -> Result<Instance, Error> {
        Instance::make(config, |_, _| Ok(())).map(|(instance, ())| instance)
    }

    /// An instance whose base image has what `add` puts into it beside the built-ins.
    pub(crate) fn make<R>(
        config: InstanceConfig,
        add: impl FnOnce(Cx, Heap) -> Result<R, Thrown>,
    ) -> Result<(Instance, R), Error> {
        if !(MIN_HEAP..=MAX_HEAP).contains(&config.heap) {
            return Err(Error::InvalidLimit {
                name: "heap_bytes",
                given: config.heap as u64,
                min: MIN_HEAP as u64,
                max: MAX_HEAP as u64,
            });
        }
        let arena = Arena::new(config.heap)?;
        let slot = watchdog::register()?;
        if config.intrinsics.has_platform() {
            compile_platform(&slot)?;
        }
        let guard = OwnedGuard::new(Guard::new(arena.region.base().as_ptr(), &slot.kill));
        // SAFETY: guard and heap are fresh; the instance keeps both until its end.
        let cx = unsafe { context::make(guard.as_ptr(), config.intrinsics)? };
        let broken = |Thrown| Error::BaseImage { what: "its scripts" };
        let id = ARENAS.fetch_add(1, Ordering::Relaxed);
        let mut seeds = Seeds::new(id)?;
        // SAFETY: the runtime is the fresh context's.
        unsafe {
            JS_SetMaxStackSize(cx.runtime(), SETUP_STACK as u64);
            JS_UpdateStackTop(cx.runtime());
        }
        cx.reseed(seeds.draw(), Some(seeds.draw() as u32));
        let mut helpers = context::make_helpers(cx).map_err(broken)?;
        helpers.clock = config.intrinsics.performance;
        helpers.streams = config.intrinsics.has(Api::Streams);
        if config.intrinsics.has_platform() {
            helpers.platform = platform::keep(cx).map_err(broken)?;
        }
        base::furnish(cx, config.intrinsics).map_err(broken)?;
        let added = add(cx, arena.heap).map_err(broken)?;
        cx.collect_garbage().map_err(broken)?;
        let globals = base::globals_of(cx, helpers.platform).map_err(broken)?;
        cx.sort_blocks();

        arena.heap.compact();
        let len = arena.heap.top();
        let base_bytes: Arc<[u8]> = arena.bytes(len).into();
        let base = HeapImage {
            inner: Arc::new(crate::image::Inner {
                arena: id,
                snapshot: Snapshot::whole(&base_bytes),
                entry: BuiltEntryPoint::AdHoc,
                hosts: Arc::new([]),
                modules: Arc::default(),
                places: Places::default(),
                reseed_hashes: !cx.holds_hashes(),
                globals,
                timers: false,
                zone: None,
                build_time: Duration::ZERO,
            }),
        };
        let mut instance = Instance {
            guard,
            slot,
            resting: Resting::new(config.restore, base.inner.snapshot.clone()),
            loaded: base.clone(),
            base: base.clone(),
            base_bytes,
            ctx: cx.ctx,
            helpers,
            dirty: true,
            seeds,
            ended: false,
            peak_before: 0,
            arena,
            id,
            not_sync: PhantomData,
        };
        instance.load(&base)?;
        Ok((instance, added))
    }

    /// Bytes in use in the arena.
    pub(crate) fn heap_used(&self) -> usize {
        self.arena.heap.used_bytes()
    }

    /// The engine's own name for what lies in the arena.
    pub(crate) fn runtime(&mut self) -> *mut raw::JSRuntime {
        self.cx().runtime()
    }

    /// Lets `f` work in the heap as it is, without putting it back, before or after a run of `image`.
    pub(crate) fn between<R>(
        &mut self,
        image: &HeapImage,
        f: impl FnOnce(Cx, &RunState) -> R,
    ) -> Result<R, Error> {
        self.check_usable()?;
        if !self.rests_whole_at(image) {
            return Err(Error::Cancelled);
        }
        let limits = Limits { heap: self.arena.region.len(), ..Limits::default() };
        let inner = &image.inner;
        let mut run = self.state(limits, Stopwatch::start(), &inner.hosts, &inner.modules);
        run.places = inner.places.clone().into();
        run.zone = inner.zone.clone();
        self.dirty = true;
        let entering = Entering { frozen: None, reseed_hashes: false, cancel: None };
        let result = self.enter(&run, entering, |cx| f(cx, &run));
        self.end_if_corrupted()?;
        // Whatever `f` answers is of a heap that is half changed if something jumped out of it.
        if self.rests_whole_at(image) { result } else { Err(Error::Cancelled) }
    }

    /// Whether the arena has `image` or what was made of it, and nothing was abandoned in it.
    pub(crate) fn rests_whole_at(&self, image: &HeapImage) -> bool {
        // SAFETY: the guard is this instance's.
        let whole = unsafe { (*self.guard.as_ptr()).reason().is_none() };
        whole && Arc::ptr_eq(&self.loaded.inner, &image.inner)
    }

    /// The pristine image without a script, from which all others are built.
    pub fn base(&self) -> &HeapImage {
        &self.base
    }

    /// The image that the arena rests at.
    pub fn loaded(&self) -> &HeapImage {
        &self.loaded
    }

    /// Whether the arena's written pages are tracked by the kernel for the image at hand, rather
    /// than all of it copied.
    pub fn tracks_pages(&self) -> bool {
        self.resting.tracks()
    }

    /// Whether `image` was built in this instance's arena, and so can be loaded.
    pub fn owns(&self, image: &HeapImage) -> bool {
        self.owns_arena(image.inner.arena)
    }

    /// The bytes of the base image.
    pub(crate) fn base_bytes(&self) -> &Arc<[u8]> {
        &self.base_bytes
    }

    /// Bytes of address space of the arena.
    pub(crate) fn heap_room(&self) -> usize {
        self.arena.region.len()
    }

    /// Whether this is the arena of that number, or the same one in a process that was forked.
    pub(crate) fn owns_arena(&self, number: u64) -> bool {
        number == self.id
    }

    /// Puts the arena to another of its images.
    ///
    /// # Errors
    /// [`Error::WrongForm`] for an image of another arena; [`Error::System`] where memory cannot
    /// be given back.
    pub fn load(&mut self, image: &HeapImage) -> Result<(), Error> {
        self.check_usable()?;
        if !self.owns(image) {
            return Err(Error::WrongForm {
                message: "the image was built in another instance's arena; build it in this one"
                    .to_owned(),
            });
        }
        if Arc::ptr_eq(&self.loaded.inner, &image.inner) && !self.dirty {
            return Ok(());
        }
        // Set first: a load that fails leaves the arena at neither image.
        self.dirty = true;
        self.resting.load(&mut self.arena, &image.inner.snapshot)?;
        self.loaded = image.clone();
        self.dirty = false;
        Ok(())
    }

    pub(crate) fn renew_seeds(&mut self) -> Result<(), Error> {
        self.seeds = Seeds::apart()?;
        Ok(())
    }

    /// Has the pages there that any run writes: those of the image, which is put back, and some behind.
    pub(crate) fn touch(&mut self) {
        let len = self.resting.image_len() + TOUCHED_BEHIND;
        self.arena.region.touch(len);
    }

    /// Has the kernel's account of written pages made now, in a process that sees no `/proc`.
    pub(crate) fn track_from_now_on(&mut self, proc: BorrowedFd<'_>) -> Option<[RawFd; 2]> {
        self.resting.track_from_now_on(&self.arena, proc)
    }

    fn cx(&mut self) -> Cx {
        // SAFETY: guard and context live as long as the instance, which is borrowed mutably here.
        unsafe { Cx::new(self.guard.as_ptr(), self.ctx) }
    }

    fn state(
        &self,
        limits: Limits,
        began: Stopwatch,
        hosts: &Arc<[HostFunction]>,
        modules: &Arc<Modules>,
    ) -> RunState {
        let heap = (self.arena.heap, self.arena.region.len());
        RunState::new(limits, began, heap, &self.slot, hosts, modules, self.helpers)
    }

    /// Runs `f` with the engine ready for a run: limits, clocks, randomness and stack are set.
    /// Nothing of the engine's heap may leave `f`.
    ///
    /// # Errors
    /// [`Error::System`] where the run could not be held to its limits, because the system gives it
    /// no stack, handler or watchdog. `f` is not called then.
    fn enter<R>(
        &mut self,
        run: &RunState,
        request: Entering<'_>,
        f: impl FnOnce(Cx) -> R,
    ) -> Result<R, Error> {
        let limits = run.limits;
        let heap = self.arena.heap;
        let (random, hash_seed) = match request.frozen {
            Some(frozen) => {
                run.set_random_key([frozen.seed, 0, 0, 0]);
                frozen_seeds(frozen.seed)
            }
            None => {
                run.set_random_key(std::array::from_fn(|_| self.seeds.draw()));
                (self.seeds.draw(), self.seeds.draw())
            }
        };
        let hash_seed = request.reseed_hashes.then_some(hash_seed as u32);
        let renewal = Renewal { heap: limits.heap, stack: limits.stack, random, hash_seed };

        let now = monotonic_ns();
        let _through = signals::let_through(now)?;
        let (wall, cpu) = run.deadlines();
        let epoch = self.slot.start(wall, cpu)?;
        let cx = self.cx();
        // SAFETY: the guard is this instance's, and no engine code runs now.
        unsafe {
            let guard = cx.guard;
            (*guard).abandoned = 0;
            (*guard).frozen_now_ms = request.frozen.map_or(f64::NAN, |frozen| frozen.now_ms);
            (*guard).has_time_zone = run.zone.is_some().into();
            (*guard).run = ptr::from_ref(run).cast();
            (*guard).epoch = epoch;
        }
        let entered = Entered { guard: cx.guard, slot: &self.slot, cancel: request.cancel };
        if let Some(token) = request.cancel {
            token.attach(&self.slot);
            // A token that was cancelled before the run began.
            if self.slot.is_cancelled() {
                run.abandon(cx, Reason::Cancelled);
            }
        }
        // SAFETY: guard and runtime are this instance's, which puts its heap back only afterwards.
        let recording = unsafe { Recording::begin(cx.guard, cx.runtime()) };
        let result = stack::on_run_stack(guard::stack_for(limits.stack), |_| {
            // SAFETY: guard, context and heap are this instance's, and this thread runs it. The
            // region is at least as large as any heap that `checked_limits` lets pass.
            unsafe {
                raw::sandtide_read_clocks(cx.guard, now);
                renew(cx, heap, &renewal);
            }
            // SAFETY: the call reads a number of this thread's.
            let opened = unsafe { raw::sandtide_zones_opened() };
            let result = f(cx);
            // SAFETY: the guard is this instance's, and no engine code runs any more.
            unsafe { (*cx.guard).leave_stack() };
            // The zone may have been opened for another instance, whose scope is around this one.
            // SAFETY: as for the first call.
            (result, unsafe { raw::sandtide_zones_opened() } == opened)
        });
        drop(recording);
        drop(entered);
        result
    }

    /// Whether anything can still be run here: not after [`Error::HeapCorrupted`].
    pub fn is_usable(&self) -> bool {
        !self.ended
    }

    fn check_usable(&self) -> Result<(), Error> {
        if self.ended { Err(Error::HeapCorrupted) } else { Ok(()) }
    }

    /// Ends the instance where a run left its heap corrupted. Nobody knows what was damaged, so
    /// nothing in the arena is trusted again.
    fn end_if_corrupted(&mut self) -> Result<(), Error> {
        self.ended |= self.arena.heap.is_corrupted();
        self.check_usable()
    }

    /// The limits of a run in this arena: no heap is larger than the arena.
    fn checked_limits(&self, limits: &Limits) -> Result<Limits, Error> {
        limits.validate()?;
        Ok(Limits { heap: limits.heap.min(self.arena.region.len()), ..*limits })
    }
}

/// The guard, at an address that the heap holds; reached through raw pointers only, because the
/// shim works on it at the same time.
struct OwnedGuard(ptr::NonNull<Guard>);

impl OwnedGuard {
    fn new(guard: Guard) -> OwnedGuard {
        OwnedGuard(ptr::NonNull::from(Box::leak(Box::new(guard))))
    }

    fn as_ptr(&self) -> *mut Guard {
        self.0.as_ptr()
    }
}

impl Drop for OwnedGuard {
    fn drop(&mut self) {
        // SAFETY: made from a box in `new`, and dropped once; the engine in the arena, which also
        // points to it, never runs again.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// What a run starts with beside its limits.
#[derive(Clone, Copy)]
struct Entering<'a> {
    frozen: Option<&'a Frozen>,
    reseed_hashes: bool,
    cancel: Option<&'a CancelToken>,
}

impl<'a> Entering<'a> {
    fn of(request: &'a Request, image: &HeapImage) -> Entering<'a> {
        Entering {
            frozen: request.frozen.as_ref(),
            reseed_hashes: image.inner.reseed_hashes,
            cancel: request.cancel.as_ref(),
        }
    }
}

/// Clears what marks a run as going on, when it is over or a panic ends it.
struct Entered<'a> {
    guard: *mut Guard,
    slot: &'a Arc<Slot>,
    cancel: Option<&'a CancelToken>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        // SAFETY: the guard is the instance's, and no engine code runs any more. A panic that ended
        // the run did so past `leave_stack`.
        unsafe {
            (*self.guard).run = ptr::null();
            (*self.guard).leave_stack();
        }
        if let Some(token) = self.cancel {
            token.detach(self.slot);
        }
        self.slot.finish();
    }
}
