//! Letting the calling thread's runs be sampled: their time and their allocations. Where nobody records
//! or watches, a run reads two thread-locals.
//!
//! Must not know what is made of samples.

use crate::js::guard::{self, Guard};
use crate::js::raw;
use crate::js::raw::JSRuntime;
use sandtide_quickjs::allocations::{Allocations, Watcher};
use sandtide_quickjs::sample::{Phase, Recorder};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

/// Whose code a thread may be in, as the sampler is told.
#[derive(Clone, Copy)]
struct Place {
    runtime: *mut JSRuntime,
    gone: *const u32,
    entered: *const *mut c_void,
    tag: u32,
}

const NOWHERE: Place =
    Place { runtime: ptr::null_mut(), gone: ptr::null(), entered: ptr::null(), tag: 0 };

thread_local! {
    static WATCHER: RefCell<Option<(u64, Rc<dyn Watcher>)>> = const { RefCell::new(None) };
    static RECORDER: RefCell<Option<Rc<dyn Recorder>>> = const { RefCell::new(None) };
    static PLACE: Cell<Place> = const { Cell::new(NOWHERE) };
}

/// Has the calling thread's runs recorded, or with `None` no longer. The recorder samples this very
/// thread.
pub fn record_this_thread(recorder: Option<Rc<dyn Recorder>>) {
    RECORDER.set(recorder);
}

/// Has what the calling thread's runs allocate told to `watcher`, one of so many bytes on average, or
/// with `None` no longer. What a run left behind is there until it was looked at ([`crate::Look`]).
pub fn watch_allocations_of_this_thread(watcher: Option<(u64, Rc<dyn Watcher>)>) {
    WATCHER.set(watcher);
}

/// Watches the allocations of one run, if somebody wants to know of them.
///
/// # Safety
/// The runtime is that of an instance whose guard it has, it lives as long as the result, and its heap
/// is put back only afterwards.
pub(crate) unsafe fn watch(runtime: *mut JSRuntime) -> Option<Allocations> {
    let (interval, watcher) = WATCHER.with_borrow(Clone::clone)?;
    // SAFETY: given by the caller; the shim calls what it is given once, and leaves the run only
    // afterwards.
    unsafe {
        let around = Some(raw::st_call_rust as sandtide_quickjs::allocations::Around);
        Allocations::start(runtime, interval, 1, watcher, around)
    }
}

fn recorder() -> Option<Rc<dyn Recorder>> {
    RECORDER.with_borrow(Clone::clone)
}

/// While it is there, samples show the functions of one instance's run.
pub(crate) struct Recording {
    on: Option<(Rc<dyn Recorder>, Place)>,
}

impl Recording {
    /// Begins, if the thread is recorded.
    ///
    /// # Safety
    /// Guard and runtime are of one instance and live as long as the result; the heap is not put
    /// back while it is there.
    pub(crate) unsafe fn begin(guard: *mut Guard, runtime: *mut JSRuntime) -> Recording {
        let Some(recorder) = recorder() else { return Recording { on: None } };
        // A run within another one's host function: what the outer one noted is named first.
        recorder.drain();
        // SAFETY: given by the caller.
        let (gone, entered) = unsafe { guard::places(guard) };
        let place = Place { runtime, gone, entered, tag: recorder.tag() };
        let before = PLACE.replace(place);
        // SAFETY: guard and runtime are live until `drop` says otherwise. The shim links frames only
        // within an entry, and says first where it gives them up.
        unsafe { enter(&*recorder, place) };
        Recording { on: Some((recorder, before)) }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some((recorder, before)) = self.on.take() {
            recorder.drain();
            PLACE.set(before);
            // SAFETY: that one's instance and run are still there, around this one's.
            unsafe { enter(&*recorder, before) };
        }
    }
}

/// # Safety
/// As for `Sampler::enter`.
unsafe fn enter(recorder: &dyn Recorder, place: Place) {
    let Place { runtime, gone, entered, tag } = place;
    let tag = if runtime.is_null() { recorder.tag() } else { tag };
    // SAFETY: given by the caller.
    unsafe { recorder.sampler().enter(runtime, gone, entered, tag) }
}

/// Calls `f`, which puts a heap back.
pub(crate) fn restoring<R>(f: impl FnOnce() -> R) -> R {
    let Some(recorder) = recorder() else { return f() };
    let before = recorder.sampler().phase(Phase::Restore);
    let result = f();
    recorder.sampler().phase(before);
    result
}
