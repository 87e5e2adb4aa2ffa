//! The guard: what the shim and the Rust side know together of the run that is on in an arena.

use super::raw::{JS_SetMaxStackSize, JS_UNDEFINED, JS_UpdateStackTop, JSRuntime, JSValue};
use crate::limits::reason::Reason;
use crate::sys::stack::{self, Bounds};
use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::AtomicU64;

/// Stack that the engine's own C functions may need past the limit that it checks.
const ENGINE_MARGIN: usize = 256 << 10;
/// Stack that is left to each piece of Rust code that the engine calls, host functions included.
pub(crate) const RUST_RESERVE: usize = 512 << 10;

/// Stack that is used before the engine is told where its stack lies.
const FIRST_FRAMES: usize = 8 << 10;

/// Bytes of stack for a run that may use `limit` of them.
pub(crate) fn stack_for(limit: usize) -> usize {
    limit + ENGINE_MARGIN + RUST_RESERVE + FIRST_FRAMES
}

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
    pub(crate) epoch_ms: f64,
    date_constructor: JSValue,
    /// Where the stack that the engine runs on lies; 0 outside of a run.
    stack_zone: usize,
    stack_soft: usize,
    stack_low: usize,
    /// No Rust code is called by the engine from below this.
    stack_floor: usize,
    stack_high: usize,
    runtime: *mut JSRuntime,
    /// Not 0 once the shim opened a part of the stack's zone.
    zone_opened: u32,
    /// Not 0 where the run's dates are not in UTC: then Rust is asked what their clock shows.
    pub(crate) has_time_zone: u32,
    /// How long the run's clocks stood still, in ms.
    behind_ms: f64,
    /// The monotonic clock in ms since when they stand still; NaN while they go.
    still_ms: f64,
}

// `shim/entries.c` asserts the same of its declaration.
const _: () = {
    assert!(offset_of!(Guard, in_rust) == 12);
    assert!(offset_of!(Guard, kill) == 24);
    assert!(offset_of!(Guard, run) == 40);
    assert!(offset_of!(Guard, date_constructor) == 72);
    assert!(offset_of!(Guard, stack_low) == 104);
    assert!(size_of::<Guard>() == 160);
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
            stack_zone: 0,
            stack_soft: 0,
            stack_low: 0,
            stack_floor: 0,
            stack_high: 0,
            runtime: ptr::null_mut(),
            zone_opened: 0,
            has_time_zone: 0,
            behind_ms: 0.0,
            still_ms: f64::NAN,
        }
    }

    /// The engine is on this stack from now on.
    pub(crate) fn enter_stack(&mut self, bounds: &Bounds) {
        self.stack_zone = bounds.zone;
        self.stack_soft = bounds.soft;
        self.stack_low = bounds.low;
        self.stack_floor = match self.zone_opened {
            0 => bounds.low + RUST_RESERVE,
            _ => usize::MAX,
        };
        self.stack_high = bounds.high;
    }

    /// The run is over.
    pub(crate) fn leave_stack(&mut self) {
        self.stack_high = 0;
        self.stack_low = 0;
        self.stack_floor = 0;
        self.zone_opened = 0;
    }

    /// The clocks that the run reads stand still from now on, until [`Guard::clocks_go`].
    pub(crate) fn clocks_stand_still(&mut self, now_ns: u64) {
        self.still_ms = now_ns as f64 / 1e6;
    }

    /// They go on from where they stood.
    pub(crate) fn clocks_go(&mut self, now_ns: u64) {
        self.behind_ms += now_ns as f64 / 1e6 - self.still_ms;
        self.still_ms = f64::NAN;
    }

    /// The engine of the run that is on.
    pub(crate) fn runtime(&self) -> *mut JSRuntime {
        self.runtime
    }

    /// Why the run was abandoned, if it was.
    pub(crate) fn reason(&self) -> Option<Reason> {
        Reason::from_raw(self.abandoned)
    }
}

/// Where it stands why the run was abandoned (0: it was not), and the innermost entry into the engine
/// (null: there is none).
///
/// # Safety
/// The guard is live.
pub(crate) unsafe fn places(guard: *mut Guard) -> (*const u32, *const *mut c_void) {
    // SAFETY: given by the caller; only addresses are taken.
    unsafe { (&raw const (*guard).abandoned, &raw const (*guard).top) }
}

/// Tells engine and guard of the stack that the caller is on. `false` where it has too little room
/// to enter the engine.
///
/// # Safety
/// A run is on: `guard` and `runtime` belong to its instance, and the calling thread runs it.
pub(crate) unsafe fn move_to_stack(
    guard: *mut Guard,
    runtime: *mut JSRuntime,
    limit: usize,
) -> bool {
    let Some(room) = stack::remaining().checked_sub(ENGINE_MARGIN + RUST_RESERVE) else {
        return false;
    };
    // SAFETY: as above; nobody holds a reference to the guard, the shim works through pointers.
    unsafe {
        (*guard).enter_stack(&stack::current());
        (*guard).runtime = runtime;
        JS_SetMaxStackSize(runtime, limit.min(room) as u64);
        JS_UpdateStackTop(runtime);
    }
    true
}
