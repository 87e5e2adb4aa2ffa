//! Collections of garbage, as their observer sees them.

use std::{
    ffi::{c_int, c_void},
    time::Duration,
};

use rquickjs::Ctx;

use crate::{callback::guarded, ffi, runtime};

/// Why a collection ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// So much was allocated since the last one.
    Allocation,
    /// The program asked for it.
    Requested,
}

/// One collection.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Bytes in the heap before it.
    pub before: usize,
    /// Bytes in the heap after it.
    pub after: usize,
    /// Bytes that are free in the heap's pools after it.
    pub room: usize,
    /// How long it took.
    pub time: Duration,
    /// Why it ran.
    pub reason: Reason,
}

/// Calls `observer` after each collection, for as long as the runtime lives. The observer must not use
/// the heap.
pub fn on_collection(ctx: &Ctx<'_>, observer: fn(&Collection)) {
    let runtime = runtime(ctx);
    // SAFETY: the runtime is prepared (`runtime` checked it); the pointer that is handed over is a
    // function, which is never freed, and `collected` takes it as just that.
    unsafe { ffi::sandtide_set_on_collection(runtime, collected, observer as *mut c_void) }
}

unsafe extern "C" fn collected(
    opaque: *mut c_void,
    before: usize,
    after: usize,
    room: usize,
    milliseconds: f64,
    reason: c_int,
) {
    guarded(|| {
        // SAFETY: `opaque` is the function that `on_collection` handed over, its only caller.
        let observer = unsafe { std::mem::transmute::<*mut c_void, fn(&Collection)>(opaque) };
        let reason = if reason == 1 { Reason::Requested } else { Reason::Allocation };
        let time = Duration::from_secs_f64(milliseconds.max(0.0) / 1000.0);
        observer(&Collection { before, after, room, time, reason });
    });
}
