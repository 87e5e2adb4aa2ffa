//! Looking at a runtime: its heap, its thread's stack, and the moment its heap is full.
//!
//! Must not know what is made of what is seen.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;
use std::rc::Rc;

use rquickjs::{Ctx, qjs};
use sandtide_quickjs::allocations::{Allocations, Watcher};
use sandtide_quickjs::sample::{Phase, Recorder};
use sandtide_quickjs::walk::Walk;

use crate::{callback::guarded, ffi, runtime};

thread_local! {
    // Never dropped: the runtime may be gone, or in use, when the thread's values are.
    static WATCHED: ManuallyDrop<RefCell<Option<(*mut qjs::JSRuntime, Allocations)>>> =
        ManuallyDrop::default();
    static RECORDER: RefCell<Option<Rc<dyn Recorder>>> = const { RefCell::new(None) };
    static ON_FULL: Cell<Option<fn(&Walk<'_>)>> = const { Cell::new(None) };
}

/// Lets `f` go through the heap. `f` can hold nothing of the heap (it is `'static`), so that nothing
/// runs there meanwhile.
pub fn walk<R>(ctx: &Ctx<'_>, f: impl FnOnce(&Walk<'_>) -> R + 'static) -> R {
    let runtime = runtime(ctx);
    // SAFETY: the runtime is live while `ctx` is, and this thread has its lock. It is in a function
    // that the program called, or between two turns, and `f` has no context to run anything in.
    let walk = unsafe { Walk::begin(runtime.cast()) };
    f(&walk)
}

/// Calls `f` each time the heap's limit leaves no room, before the program is told.
pub fn on_full(ctx: &Ctx<'_>, f: fn(&Walk<'_>)) {
    ON_FULL.set(Some(f));
    let runtime = runtime(ctx);
    // SAFETY: the runtime is prepared (`runtime` checked it).
    unsafe { ffi::sandtide_set_on_full(runtime, Some(full)) }
}

unsafe extern "C" fn full(runtime: *mut c_void) {
    guarded(|| {
        // Not again for what `f` itself meets.
        let Some(f) = ON_FULL.take() else { return };
        // SAFETY: C calls with its runtime, where an allocation failed and nothing is half done yet.
        let walk = unsafe { Walk::begin(runtime.cast()) };
        f(&walk);
        ON_FULL.set(Some(f));
    });
}

/// Has the thread's recorder see the functions of this runtime, which the thread runs; with `None` no
/// longer.
pub fn record(ctx: &Ctx<'_>, recorder: Option<Rc<dyn Recorder>>) {
    let runtime = runtime(ctx);
    if let Some(before) = RECORDER.take() {
        before.drain();
        before.sampler().leave();
        // SAFETY: nothing is called any more.
        unsafe { before.sampler().on_code_goes(None, ptr::null_mut()) };
    }
    let Some(recorder) = recorder else { return };
    // SAFETY: the runtime lives until the thread's end, and all that runs on it links its frames whole
    // (the engine's patches); nothing jumps over them. `drain` runs nothing in the heap.
    unsafe {
        recorder.sampler().enter(runtime.cast(), ptr::null(), ptr::null(), recorder.tag());
        recorder.sampler().on_code_goes(Some(code_goes), ptr::null_mut());
    }
    RECORDER.set(Some(recorder));
}

unsafe extern "C" fn code_goes(_: *mut c_void) {
    guarded(take_over);
}

/// Takes over what was sampled, if the thread is recorded: at the end of each turn.
pub fn take_over() {
    RECORDER.with_borrow(|recorder| {
        if let Some(recorder) = recorder
            && recorder.sampler().has_samples()
        {
            recorder.drain();
        }
    });
}

/// Calls `wait`, which waits for something.
pub fn idle<R>(wait: impl FnOnce() -> R) -> R {
    let phase = |phase| {
        RECORDER.with_borrow(|recorder| {
            recorder.as_ref().map(|recorder| recorder.sampler().phase(phase))
        })
    };
    let before = phase(Phase::Idle);
    let result = wait();
    if let Some(before) = before {
        phase(before);
    }
    result
}

/// Has what this runtime allocates told to `watcher`: one of so many bytes on average. With `None` no
/// longer. False where somebody else is told of it.
pub fn watch_allocations(ctx: &Ctx<'_>, watcher: Option<(u64, Rc<dyn Watcher>)>) -> bool {
    let runtime = runtime(ctx);
    WATCHED.with(|watched| {
        let mut watched = watched.borrow_mut();
        *watched = None;
        let Some((interval, watcher)) = watcher else { return true };
        let seed = std::process::id().into();
        // SAFETY: the runtime is live, is run by this thread, and lives until the thread's end; the
        // watcher runs nothing in it (it has no context).
        let started = unsafe { Allocations::start(runtime.cast(), interval, seed, watcher, None) };
        *watched = started.map(|allocations| (runtime, allocations));
        watched.is_some()
    })
}

/// Collects garbage, and lets `f` go through the heap whose allocations are watched; `None` where none is.
pub fn walk_watched<R>(f: impl FnOnce(&Walk<'_>) -> R + 'static) -> Option<R> {
    let runtime = WATCHED.with(|watched| watched.borrow().as_ref().map(|(runtime, _)| *runtime))?;
    // SAFETY: the runtime lives until the thread's end, and this is its thread: in a function that the
    // program called, or between two turns. `f` has no context to run anything in.
    unsafe {
        ffi::sandtide_collect(runtime);
        let walk = Walk::begin(runtime.cast());
        Some(f(&walk))
    }
}
