//! What the shim and the Rust side know together of the run that is going on in an arena.

use super::raw::{JS_UNDEFINED, JSValue};
use crate::limits::reason::Reason;
use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::AtomicU64;

/// Mirrors `struct st_guard` of `shim/shim.h`. Lives in a box beside the arena, at an address that
/// the images of the arena hold.
#[repr(C)]
pub(crate) struct Guard {
    /// Innermost entry into the engine; the shim's alone.
    top: *mut c_void,
    /// A [`Reason`], or 0.
    pub(crate) abandoned: u32,
    /// Not 0 while Rust code runs; the shim's alone.
    in_rust: u32,
    pub(crate) epoch: u64,
    kill: *const AtomicU64,
    heap: *mut u8,
    /// The `RunState` of the run that is on; null outside of one. Nobody here knows what it is.
    pub(crate) run: *const c_void,
    pub(crate) frozen_now_ms: f64,
    origin_ms: f64,
    epoch_ms: f64,
    date_constructor: JSValue,
}

// As shim/entries.c asserts of its own declaration.
const _: () = {
    assert!(offset_of!(Guard, in_rust) == 12);
    assert!(offset_of!(Guard, kill) == 24);
    assert!(offset_of!(Guard, run) == 40);
    assert!(offset_of!(Guard, date_constructor) == 72);
    assert!(size_of::<Guard>() == 88);
};

impl Guard {
    /// `kill` must outlive the guard, as must the heap at `heap`.
    pub(crate) fn new(heap: *mut u8, kill: *const AtomicU64) -> Guard {
        Guard {
            top: ptr::null_mut(),
            abandoned: 0,
            in_rust: 1,
            epoch: 0,
            kill,
            heap,
            run: ptr::null(),
            frozen_now_ms: f64::NAN,
            origin_ms: 0.0,
            epoch_ms: 0.0,
            date_constructor: JS_UNDEFINED,
        }
    }

    /// Why the run was abandoned, if it was.
    pub(crate) fn reason(&self) -> Option<Reason> {
        Reason::from_raw(self.abandoned)
    }
}
