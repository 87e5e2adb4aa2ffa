//! The Rust halves of what the engine calls: memory, "may I go on?", host functions, modules and
//! unhandled rejections. The shim calls these, and jumps only after they have returned.

use super::host_calls;
use super::look;
use super::state::RunState;
use crate::arena::heap::Heap;
use crate::js::cx::Cx;
use crate::js::guard::{self, Guard};
use crate::js::raw::{JS_EXCEPTION, JSContext, JSModuleDef, JSValue};
use crate::limits::reason::Reason;
use crate::modules;
use crate::platform;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

/// Runs the body of a callback; a panic ends here and is answered by `fallback`. No panic may
/// cross the engine's frames.
fn catching<R>(body: impl FnOnce() -> R, fallback: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_panic| fallback())
}

/// Calls the heap, whose own checks panic when its memory is corrupted. The heap is then marked,
/// and gives and takes nothing any more: the run ends at its next request for memory or at its next
/// look at its limits, and the instance ends with it.
fn on_heap<R>(heap: *mut c_void, fallback: R, body: impl FnOnce(Heap) -> R) -> R {
    let Some(base) = NonNull::new(heap.cast::<u8>()) else { return fallback };
    // SAFETY: the guard's `heap` is the base of an arena whose heap was initialised when the arena
    // was made (`Arena::new`), and has been restored to states of the same heap since.
    let heap = unsafe { Heap::at(base) };
    catching(
        || if heap.is_corrupted() { None } else { Some(body(heap)) },
        || {
            heap.mark_corrupted();
            None
        },
    )
    .unwrap_or(fallback)
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_heap_malloc(heap: *mut c_void, size: usize) -> *mut u8 {
    // SAFETY: `heap` is attached; the engine's calls come from the one thread that runs it.
    on_heap(heap, ptr::null_mut(), |heap| unsafe { heap.malloc(size) })
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_heap_calloc(heap: *mut c_void, count: usize, size: usize) -> *mut u8 {
    // SAFETY: as for malloc.
    on_heap(heap, ptr::null_mut(), |heap| unsafe { heap.calloc(count, size) })
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_heap_realloc(heap: *mut c_void, block: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: as for malloc; `block` is null or a block of this heap, as the engine had it from it.
    on_heap(heap, ptr::null_mut(), |heap| unsafe { heap.realloc(block, size) })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn sandtide_heap_free(heap: *mut c_void, block: *mut u8) {
    // SAFETY: as for realloc.
    on_heap(heap, (), |heap| unsafe { heap.free(block) });
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_heap_usable_size(block: *const u8) -> usize {
    // SAFETY: the engine asks for blocks it had from the heap and has not freed.
    catching(|| unsafe { Heap::usable_size_of(block) }, || 0)
}

/// The state of the run that is on.
///
/// # Safety
/// `guard` is the guard that the shim was given, and a run is on: `run` points to a state that
/// lives until the entry that called the engine returns (`Instance` keeps it on its stack).
unsafe fn run_of<'a>(guard: *mut Guard) -> Option<&'a RunState> {
    // SAFETY: see above.
    unsafe { (*guard).run.cast::<RunState>().as_ref() }
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_poll(guard: *mut Guard) -> u32 {
    let poll = || {
        // SAFETY: the shim calls with its guard, from within an entry.
        let Some(run) = (unsafe { run_of(guard) }) else { return 0 };
        run.overdue().map_or(0, |reason| reason as u32)
    };
    catching(poll, || Reason::Cancelled as u32)
}

/// The engine gets no more memory, and the run is about to be abandoned for it.
#[unsafe(no_mangle)]
extern "C" fn sandtide_on_heap_limit(guard: *mut Guard) {
    let look = || {
        // SAFETY: the shim calls with its guard, from within an entry.
        let Some(run) = (unsafe { run_of(guard) }) else { return };
        let wanted = run.look.borrow_mut().take();
        if let Some(wanted) = wanted.filter(|_| !run.heap.is_corrupted()) {
            // SAFETY: as above, and the engine waits for the memory that it does not get.
            unsafe { look::at_limit(&wanted, guard, run.heap) };
        }
    };
    catching(look, || ());
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_host_call(
    guard: *mut Guard,
    ctx: *mut JSContext,
    argc: c_int,
    argv: *mut JSValue,
    index: c_int,
) -> JSValue {
    // SAFETY: the shim calls with its guard, from within an entry.
    let Some(run) = (unsafe { run_of(guard) }) else { return JS_EXCEPTION };
    let call = || {
        let args: &[JSValue] = if argc <= 0 || argv.is_null() {
            &[]
        } else {
            // SAFETY: the engine gives `argc` values that live until the call returns.
            unsafe { std::slice::from_raw_parts(argv, argc as usize) }
        };
        // SAFETY: guard and context belong to the run that is on.
        let cx = unsafe { Cx::new(guard, ctx) };
        // The platform's functions have numbers below zero.
        let result = match index {
            ..0 => platform::call(cx, run, args, index).unwrap_or(JS_EXCEPTION),
            _ => host_calls::call(cx, run, args, index),
        };
        run.after_foreign_code(cx);
        result
    };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result,
        Err(panic) => {
            run.set_host_panic(index, &*panic);
            // SAFETY: the guard outlives the call; nobody else holds a reference to it here.
            unsafe { (*guard).abandoned = Reason::HostPanic as u32 };
            JS_EXCEPTION
        }
    }
}

/// A lazy global is looked at for the first time.
#[unsafe(no_mangle)]
extern "C" fn sandtide_on_lazy(guard: *mut Guard, ctx: *mut JSContext, number: u32) -> JSValue {
    // SAFETY: the shim calls with its guard, from within an entry.
    let Some(run) = (unsafe { run_of(guard) }) else { return JS_EXCEPTION };
    let make = || {
        // SAFETY: guard and context belong to the run that is on.
        platform::global(unsafe { Cx::new(guard, ctx) }, run, number).unwrap_or(JS_EXCEPTION)
    };
    catching(make, || {
        // SAFETY: the guard outlives the call; nobody else holds a reference to it here.
        unsafe { (*guard).abandoned = Reason::HostPanic as u32 };
        JS_EXCEPTION
    })
}

/// The text at a C string of the engine's; its names come from source text and are UTF-8.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string that outlives `'a`.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: see above.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_module_normalize(
    guard: *mut Guard,
    ctx: *mut JSContext,
    base: *const c_char,
    name: *const c_char,
) -> *mut c_char {
    let normalize = || {
        // SAFETY: guard and context belong to the run that is on.
        let cx = unsafe { Cx::new(guard, ctx) };
        // SAFETY: the shim calls with its guard, from within an entry; the names are the engine's,
        // and live until the callback returns.
        let (run, base, name) = unsafe { (run_of(guard)?, text(base), text(name)) };
        let (Some(base), Some(name)) = (base, name) else {
            // Answering nothing without an exception would hand the guest a value that is none.
            cx.throw("TypeError", "the name of a module must be well-formed Unicode");
            return None;
        };
        modules::normalize(cx, run, base, name)
    };
    catching(normalize, || None).unwrap_or(ptr::null_mut())
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_module_load(
    guard: *mut Guard,
    ctx: *mut JSContext,
    name: *const c_char,
) -> *mut JSModuleDef {
    let load = || {
        // SAFETY: as for normalize.
        let (run, name) = unsafe { (run_of(guard)?, text(name)?) };
        // SAFETY: guard and context belong to the run that is on.
        modules::load(unsafe { Cx::new(guard, ctx) }, run, name)
    };
    catching(load, || None).unwrap_or(ptr::null_mut())
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_rejection(
    guard: *mut Guard,
    ctx: *mut JSContext,
    promise: JSValue,
    reason: JSValue,
    handled: bool,
) {
    let track = || {
        // SAFETY: the shim calls with its guard, from within an entry.
        let Some(run) = (unsafe { run_of(guard) }) else { return };
        // SAFETY: guard and context belong to the run that is on.
        run.on_rejection(unsafe { Cx::new(guard, ctx) }, promise, reason, handled);
    };
    catching(track, || ());
}

/// The shim calls this for an entry from a stack that is not the run's: the stack of another
/// instance's run, whose scope was opened within this one's, or a stack that a host function
/// switched to.
#[unsafe(no_mangle)]
extern "C" fn sandtide_adopt_stack(guard: *mut Guard) -> bool {
    let adopt = || {
        // SAFETY: the shim calls with its guard, from within an entry.
        let Some(run) = (unsafe { run_of(guard) }) else { return false };
        // SAFETY: the shim calls from within an entry, so a run is on and this is its thread;
        // `runtime` was set when that run began (`Instance::enter`).
        unsafe { guard::move_to_stack(guard, (*guard).runtime(), run.limits.stack) }
    };
    catching(adopt, || false)
}

/// How many ms the clock of the run's zone is ahead of UTC.
#[unsafe(no_mangle)]
extern "C" fn sandtide_on_zone_clock(guard: *mut Guard, time: i64) -> i64 {
    let look = || {
        // SAFETY: the shim calls with its guard, from within an entry.
        let run = unsafe { run_of(guard) }?;
        Some(i64::from(run.zone.as_ref()?.offset(time)) * 1000)
    };
    catching(look, || None).unwrap_or(0)
}
