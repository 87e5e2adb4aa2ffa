//! The stacks that runs have, with a zone below each that nobody may touch.
//!
//! A run does not use the stack of the thread that starts it. Nobody can tell how much of that is
//! left, where it ends (a thread of other code may have no guard page, a coroutine has its own
//! stack), and how much one frame may jump over at its end. A run that overflows its own stack
//! touches the zone, and the signal handler (in the shim) knows by the address which stack it was.
//!
//! Must not know the engine, nor what a run is.

use super::{PAGE, ticks};
use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{ptr, thread};

/// The part of a zone that is never opened: far more than any one frame of the engine takes (the
/// largest are 4 KiB; what it allocates by `alloca` it checks against its own limit first).
const HARD_ZONE: usize = 256 << 10;
/// The part above it. The handler opens it for a C library function that must come to its end;
/// those that the engine calls take a few KiB.
const SOFT_ZONE: usize = 64 << 10;

/// Stacks that a thread keeps for its next runs; more than one where runs nest.
const KEPT_PER_THREAD: usize = 4;
/// A larger stack goes back to the system after its run.
const LARGEST_KEPT: usize = 4 << 20;

/// What the frames below the one that leaves a stack take of it, at most: those of `psm` and a few
/// references.
const CALLERS_FRAMES: usize = 4 << 10;
/// The host's stack is not gone back to where less than this is left.
const LEAST_HOST_STACK: usize = 64 << 10;

/// Where a stack lies. Stacks grow down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The zone is `[zone, low)`.
    pub(crate) zone: usize,
    /// `[soft, low)` can be opened; empty where the stack is not ours.
    pub(crate) soft: usize,
    /// The lowest usable byte.
    pub(crate) low: usize,
    /// Past the highest one.
    pub(crate) high: usize,
}

impl Bounds {
    /// Whether `address` lies on the stack.
    fn hold(&self, address: usize) -> bool {
        (self.low..self.high).contains(&address)
    }
}

/// A run's stack, and what is left of the one that it was entered from.
#[derive(Clone, Copy, Debug)]
struct Place {
    bounds: Bounds,
    /// The free part of the caller's stack; empty where it is not known.
    free: (usize, usize),
    /// Where the caller was: its frame lives as long as this place is current.
    outer: *const Option<Place>,
}

impl Place {
    /// The current one, unless other code has changed to a stack of its own since.
    fn current() -> Option<Place> {
        let here = psm::stack_pointer() as usize;
        CURRENT.get().filter(|place| place.bounds.hold(here))
    }
}

thread_local! {
    /// The stack of the innermost run that this thread is in, while it is on it.
    static CURRENT: Cell<Option<Place>> = const { Cell::new(None) };
    /// Stacks that runs of this thread had and that wait for the next.
    static KEPT: RefCell<Vec<Stack>> = const { RefCell::new(Vec::new()) };
}

/// A mapping: the zone, and the stack above it.
#[derive(Debug)]
struct Stack {
    mapping: *mut u8,
    len: usize,
}

impl Stack {
    /// Maps a stack of `usable` bytes (whole pages) below the address `below`.
    fn map(usable: usize, below: usize) -> Result<Stack, Error> {
        let len = usable + HARD_ZONE + SOFT_ZONE;
        let fits = |at: *mut u8| (at as usize).saturating_add(len) <= below;
        // Code that a host function calls may ask the `stacker` crate for room. It knows only the
        // thread's own stack, and takes what lies between the current address and that stack's end
        // for free room. Where the run's stack lies below the thread's, it finds none and maps
        // some.
        let mut stack = Stack::map_near(ptr::null_mut(), len)?;
        let mut distance: usize = 16 << 20;
        while !fits(stack.mapping) {
            let Some(hint) = below.checked_sub(len + distance) else {
                return Err(Error::System {
                    action: "mapping a run's stack",
                    message: "no address space is left below the thread's stack".to_owned(),
                });
            };
            stack = Stack::map_near((hint & !(PAGE - 1)) as *mut u8, len)?;
            distance *= 2;
        }
        // Huge pages would make each small stack 2 MiB of resident memory. An error means a kernel
        // without them.
        // SAFETY: the range is the mapping just made.
        unsafe { libc::madvise(stack.mapping.cast(), len, libc::MADV_NOHUGEPAGE) };
        // SAFETY: the range is the upper part of the mapping just made.
        let opened = unsafe {
            libc::mprotect(
                stack.mapping.add(len - usable).cast(),
                usable,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
        if opened != 0 {
            return Err(Error::last_os_error("mapping a run's stack"));
        }
        Ok(stack)
    }

    fn map_near(hint: *mut u8, len: usize) -> Result<Stack, Error> {
        // SAFETY: a new anonymous mapping without MAP_FIXED touches nothing that exists.
        let mapping = unsafe {
            libc::mmap(
                hint.cast(),
                len,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK,
                -1,
                0,
            )
        };
        if mapping == libc::MAP_FAILED {
            return Err(Error::last_os_error("mapping a run's stack"));
        }
        Ok(Stack { mapping: mapping.cast(), len })
    }

    fn usable(&self) -> usize {
        self.len - HARD_ZONE - SOFT_ZONE
    }

    /// Whether it is small enough to wait for the next run, or the only one that there will be.
    fn is_kept(&self) -> bool {
        self.usable() <= LARGEST_KEPT || ticks::chosen()
    }

    /// Closes the part of the zone that the handler opens. Answers whether the kernel did it.
    fn close_zone(&self) -> bool {
        let soft = (self.mapping as usize + HARD_ZONE) as *mut libc::c_void;
        // SAFETY: the range is the stack's own zone, on which nobody runs any more.
        unsafe { libc::mprotect(soft, SOFT_ZONE, libc::PROT_NONE) == 0 }
    }

    fn bounds(&self) -> Bounds {
        let zone = self.mapping as usize;
        let soft = zone + HARD_ZONE;
        Bounds { zone, soft, low: soft + SOFT_ZONE, high: zone + self.len }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's alone, and nobody runs on it: `on_run_stack` drops it
        // or puts it away after it has left it.
        unsafe { libc::munmap(self.mapping.cast(), self.len) };
    }
}

/// Calls `f` on a stack with at least `usable` bytes, with that stack's bounds. `f` answers whether
/// the stack can be used again: not once its zone was opened.
///
/// # Errors
/// [`Error::System`] where the system gives no memory for it; `f` is not called then.
pub(crate) fn on_run_stack<R>(
    usable: usize,
    f: impl FnOnce(Bounds) -> (R, bool),
) -> Result<R, Error> {
    if cfg!(sandtide_asan) {
        return on_callers_stack(usable, f);
    }
    let usable = usable.next_multiple_of(PAGE);
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let fits = kept.iter().position(|stack| stack.usable() >= usable)?;
        Some(kept.swap_remove(fits))
    });
    let stack = match kept.ok().flatten() {
        Some(stack) => stack,
        None => Stack::map(usable, end_of_callers_stack())?,
    };
    let bounds = stack.bounds();
    let outer = Place::current();
    let end = end_of_callers_stack();
    let before = CURRENT.get();
    let result = switch_to(bounds.low, bounds.high, |left_at| {
        let free = (end, left_at - CALLERS_FRAMES);
        CURRENT.set(Some(Place { bounds, free, outer: &raw const outer }));
        f(bounds)
    });
    CURRENT.set(before);
    match result {
        Ok((result, reusable)) => {
            // A sealed process maps no other one: it closes the zone again, and keeps every stack.
            let sealed = ticks::sealed();
            if (reusable || sealed && stack.close_zone()) && (sealed || stack.is_kept()) {
                keep(stack);
            }
            Ok(result)
        }
        Err(panic) => resume_unwind(panic),
    }
}

/// Calls `f` on the stack from `low` to `high`, both whole pages or at least aligned as the machine
/// wants it, which is mapped and not in use. `f` is told where the stack pointer was left: what it
/// answers waits above that, however large it is, and less than [`CALLERS_FRAMES`] are used below.
fn switch_to<R>(low: usize, high: usize, f: impl FnOnce(usize) -> R) -> thread::Result<R> {
    let mut result = None;
    // Only references go through `on_stack`, so that its frame on the caller's stack is small.
    let place = &mut result;
    let call = &mut Some(f);
    let left_at = psm::stack_pointer() as usize;
    // SAFETY: the callers own the range until this returns: a run's stack belongs to one `Stack`,
    // and what is free of a host's stack lies below `left_at` of the switch that left it. The closure
    // returns in every case, because no panic leaves it.
    unsafe {
        psm::on_stack(low as *mut u8, high - low, || {
            *place = call.take().map(|f| catch_unwind(AssertUnwindSafe(|| f(left_at))));
        });
    }
    result.expect("the closure was called")
}

/// Calls `f` on the stack that the innermost run was entered from, where that has some room left:
/// the host's code finds the stack that it would have without a run around it.
pub(crate) fn on_hosts_stack<R>(f: impl FnOnce() -> R) -> R {
    let Some(place) = Place::current() else { return f() };
    let low = place.free.0.next_multiple_of(PAGE);
    let high = place.free.1 & !(PAGE - 1);
    if high < low + LEAST_HOST_STACK {
        return f();
    }
    // SAFETY: the frame that holds it has not returned, because this runs on the stack it made.
    CURRENT.set(unsafe { *place.outer });
    let result = switch_to(low, high, |_| f());
    CURRENT.set(Some(place));
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

fn keep(stack: Stack) {
    // An error means that the thread is ending: the stack goes, too.
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() >= KEPT_PER_THREAD {
            kept.remove(0);
        }
        kept.push(stack);
    });
}

/// AddressSanitizer follows only the thread's stack, and falsely reports jumps on another one. So
/// its builds stay on the caller's stack where that has room, and have no zone.
fn on_callers_stack<R>(usable: usize, f: impl FnOnce(Bounds) -> (R, bool)) -> Result<R, Error> {
    Ok(stacker::maybe_grow(usable, usable + PAGE, || {
        let high = psm::stack_pointer() as usize + PAGE;
        let low = end_of_callers_stack();
        let bounds = Bounds { zone: low, soft: low, low, high };
        let outer = None;
        let place = Place { bounds, free: (0, 0), outer: &raw const outer };
        let before = CURRENT.replace(Some(place));
        let result = f(bounds).0;
        CURRENT.set(before);
        result
    }))
}

/// The lowest address of the stack that this is called on, where it is known; otherwise an address
/// on it.
fn end_of_callers_stack() -> usize {
    match Place::current() {
        Some(place) => place.bounds.low,
        None => psm::stack_pointer() as usize - stacker::remaining_stack().unwrap_or(0),
    }
}

/// Where the stack lies that this is called on. A stack that this module did not make is taken to
/// have one page below its end that nobody may touch, as those of threads and of `stacker` have.
pub(crate) fn current() -> Bounds {
    match Place::current() {
        Some(place) => place.bounds,
        None => {
            let here = psm::stack_pointer() as usize;
            let low = end_of_callers_stack().next_multiple_of(PAGE);
            Bounds { zone: low.saturating_sub(PAGE), soft: low, low, high: here + PAGE }
        }
    }
}

/// Bytes of stack that are left to the caller.
pub(crate) fn remaining() -> usize {
    (psm::stack_pointer() as usize).saturating_sub(current().low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own<R>(usable: usize, f: impl FnOnce(Bounds) -> R) -> R {
        on_run_stack(usable, |bounds| (f(bounds), true)).unwrap()
    }

    #[test]
    fn a_run_has_the_stack_it_asked_for_on_a_thread_with_hardly_any() {
        let thread = thread::Builder::new().stack_size(32 << 10).spawn(|| {
            own(8 << 20, |bounds| {
                let left = remaining();
                assert!(left > (8 << 20) - PAGE && left <= bounds.high - bounds.low, "{left}");
            });
        });
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn stacks_of_nested_runs_are_apart_and_each_knows_its_own_room() {
        own(1 << 20, |outer| {
            let before = remaining();
            own(1 << 20, |inner| {
                assert!(inner.high <= outer.zone || outer.high <= inner.zone);
                assert!(remaining() > (1 << 20) - PAGE);
            });
            assert!(remaining().abs_diff(before) < PAGE);
        });
    }

    #[test]
    fn a_stack_is_used_again_unless_it_was_spoilt() {
        let at = |reusable| on_run_stack(1 << 20, |bounds| (bounds.low, reusable)).unwrap();
        let first = at(true);
        assert_eq!(at(false), first);
        assert!(KEPT.with_borrow(|kept| kept.iter().all(|stack| stack.bounds().low != first)));
    }

    #[cfg(not(sandtide_asan))]
    #[test]
    fn code_that_asks_stacker_for_room_is_never_told_of_more_than_there_is() {
        for _ in 0..20 {
            own(64 << 10, |_| assert_eq!(stacker::remaining_stack(), Some(0)));
            thread::spawn(|| own(64 << 10, |_| assert_eq!(stacker::remaining_stack(), Some(0))))
                .join()
                .unwrap();
        }
    }

    #[cfg(not(sandtide_asan))]
    #[test]
    fn the_hosts_code_finds_the_stack_that_it_had_before_the_run() {
        let thread = thread::Builder::new().stack_size(32 << 20).spawn(|| {
            let before = remaining();
            own(64 << 10, |outer| {
                on_hosts_stack(|| {
                    assert!(before - remaining() < 64 << 10, "{} {}", before, remaining());
                    assert!(stacker::remaining_stack().unwrap().abs_diff(remaining()) < 2 * PAGE);
                    own(64 << 10, |inner| {
                        assert!(inner.high <= outer.zone || outer.high <= inner.zone);
                        on_hosts_stack(|| assert!(before - remaining() < 128 << 10));
                    });
                });
                assert!(outer.hold(psm::stack_pointer() as usize));
                // Entered from a run's stack, the host's code goes back to that.
                own(64 << 10, |_| on_hosts_stack(|| assert!(remaining() <= 80 << 10)));
            });
        });
        thread.unwrap().join().unwrap();
    }

    #[cfg(not(sandtide_asan))]
    #[test]
    fn what_a_run_answers_does_not_wait_where_the_hosts_code_works() {
        const LARGE: usize = 32 << 10;
        let given = std::hint::black_box([3_u8; LARGE]);
        let thread = thread::Builder::new().stack_size(4 << 20).spawn(move || {
            own(1 << 20, move |_| {
                on_hosts_stack(|| assert_eq!(std::hint::black_box([0xa5_u8; 3 * LARGE])[0], 0xa5));
                (String::from("answer"), given)
            })
        });
        let (text, bytes) = thread.unwrap().join().unwrap();
        assert_eq!((text.as_str(), bytes), ("answer", [3; LARGE]));
    }

    #[test]
    fn a_panic_comes_through() {
        let panic = catch_unwind(|| own(64 << 10, |_| on_hosts_stack(|| panic!("through"))));
        assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"through"));
        own(64 << 10, |bounds| assert!(bounds.hold(psm::stack_pointer() as usize)));
    }
}
