//! The two signals by which runs are ended from outside of the engine: the watchdog's, and the one
//! for a touched zone of a stack. Their handlers are in the shim.
//!
//! Must not know the watchdog, nor what a run is.

use super::{PAGE, Region, process, ticks};
use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// The signal by which the watchdog stops a run: delivered without effect where nobody handles it,
/// and so harmless to a process that forgets about it.
pub(crate) const WATCHDOG: libc::c_int = libc::SIGURG;
/// Signals that must reach a thread while it is in a run.
const NEEDED: [libc::c_int; 2] = [WATCHDOG, libc::SIGSEGV];

/// How long a look at the thread's signal mask is trusted, in ns: the look is a system call.
const MASK_TRUSTED_FOR: u64 = 20_000;
/// The same for the thread's alternate stack and the process's handlers.
const REST_TRUSTED_FOR: u64 = 1_000_000;

/// Handlers that may be at work on an alternate stack at a time: the watchdog's signal can come while
/// another one is.
const HANDLERS: usize = 3;
/// Bytes that each of them may need beside what the kernel puts there.
const HANDLER_BYTES: usize = 8 << 10;
/// The alternate stack that threads with less are given.
const ALTERNATE_STACK: usize = 64 << 10;

thread_local! {
    /// When this thread's mask was last seen to let the signals through, and in which process.
    static MASK_SEEN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    /// Which of the signals code within the run has blocked.
    static BLOCKED_WITHIN: Cell<[bool; 2]> = const { Cell::new([false; 2]) };
    /// When its alternate stack and the handlers were last looked at.
    static REST_SEEN: Cell<u64> = const { Cell::new(0) };
    static ALTERNATE: RefCell<Option<Alternate>> = const { RefCell::new(None) };
}

/// Says that this process may change neither handlers nor masks any more: a fault that is not ours ends
/// it without a further call.
pub(crate) fn seal() {
    // SAFETY: the function sets a flag.
    unsafe { crate::js::raw::sandtide_seal_handlers() };
}

/// Lets the signals through to the calling thread until the result is dropped. `now` is the
/// monotonic clock in ns.
///
/// A thread that changes its mask is seen to have done so 20 us later at the latest, or at once
/// where it calls [`distrust`] in between.
///
/// # Errors
/// [`Error::System`] where a handler or an alternate stack is missing and cannot be installed.
pub(crate) fn let_through(now: u64) -> Result<LetThrough, Error> {
    if ticks::sealed() {
        return Ok(LetThrough { blocked: [false; 2] });
    }
    let (when, whose) = MASK_SEEN.get();
    let process = process();
    if now.wrapping_sub(when) < MASK_TRUSTED_FOR && whose == process {
        return Ok(LetThrough { blocked: [false; 2] });
    }
    if now.wrapping_sub(REST_SEEN.get()) >= REST_TRUSTED_FOR || whose != process {
        install_handlers()?;
        give_alternate_stack()?;
        REST_SEEN.set(now);
    }
    let blocked = unblock()?;
    let all_through = blocked == [false; 2];
    MASK_SEEN.set(if all_through { (now, process) } else { (0, 0) });
    Ok(LetThrough { blocked })
}

/// Lets the signals through again after code that is not ours ran within a run of this thread, which
/// may have blocked them: they are blocked again when the run is over.
///
/// # Errors
/// As for [`let_through`].
pub(crate) fn let_through_again() -> Result<(), Error> {
    if ticks::sealed() {
        return Ok(());
    }
    let found = BLOCKED_WITHIN.get();
    let blocked = unblock()?;
    BLOCKED_WITHIN.set([found[0] | blocked[0], found[1] | blocked[1]]);
    Ok(())
}

/// Makes the next [`let_through`] of this thread look again.
pub(crate) fn distrust() {
    MASK_SEEN.set((0, 0));
}

/// Answers which of the signals were blocked.
fn unblock() -> Result<[bool; 2], Error> {
    let before = change_mask(libc::SIG_UNBLOCK, &NEEDED)?;
    // SAFETY: the set was filled in by the kernel.
    Ok(NEEDED.map(|signal| unsafe { libc::sigismember(&before, signal) } == 1))
}

/// Signals that the thread blocked, and that it will block again.
#[derive(Debug)]
pub(crate) struct LetThrough {
    blocked: [bool; 2],
}

impl Drop for LetThrough {
    fn drop(&mut self) {
        let within = BLOCKED_WITHIN.take();
        for (index, signal) in NEEDED.into_iter().enumerate() {
            if self.blocked[index] || within[index] {
                // A run within this one noted that the signals come through, which is no longer
                // true.
                distrust();
                // Cannot fail: the arguments are those that worked before.
                let _ = change_mask(libc::SIG_BLOCK, &[signal]);
            }
        }
    }
}

/// Changes the calling thread's mask; answers what it was.
fn change_mask(how: libc::c_int, signals: &[libc::c_int]) -> Result<libc::sigset_t, Error> {
    // The C library and the kernel fill in only as many bytes of a set as there are signals.
    let mut set = MaybeUninit::zeroed();
    let mut before = MaybeUninit::zeroed();
    // SAFETY: a set is plain numbers, all of them written here, and valid places are given; the
    // signals exist.
    let (answer, before) = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigemptyset(before.as_mut_ptr());
        for &signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        (libc::pthread_sigmask(how, set.as_ptr(), before.as_mut_ptr()), before.assume_init())
    };
    match answer {
        0 => Ok(before),
        error => Err(Error::System {
            action: "letting the watchdog's signal through to a thread",
            message: std::io::Error::from_raw_os_error(error).to_string(),
        }),
    }
}

/// Sends the watchdog's signal to a thread of this process; a thread that is gone is left alone.
pub(crate) fn signal_thread(thread: i32) {
    // SAFETY: the call takes plain numbers. The signal has a handler (`install_handlers` ran before
    // the first run), which does nothing on a thread without a run.
    unsafe { crate::js::raw::sandtide_send_signal(thread, WATCHDOG) };
}

/// Installs the handlers where they are not. Where other code has installed its own since, and does
/// not call the ones before, ours are put above them again.
pub(crate) fn install_handlers() -> Result<(), Error> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    for signal in NEEDED {
        if cfg!(sandtide_asan) && signal == libc::SIGSEGV {
            // AddressSanitizer reports with this signal; its builds have no zones (`sys::stack`).
            continue;
        }
        // SAFETY: the shim's handlers are async-signal-safe and chain to the handlers before them.
        if unsafe { crate::js::raw::sandtide_has_handler(signal) } {
            continue;
        }
        let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: as above; the lock keeps others from installing meanwhile.
        if unsafe { crate::js::raw::sandtide_install_handler(signal) } != 0 {
            return Err(Error::last_os_error("installing the watchdog's signal handlers"));
        }
    }
    Ok(())
}

/// A thread's alternate stack, where we gave it one.
#[derive(Debug)]
struct Alternate(Region);

impl Drop for Alternate {
    fn drop(&mut self) {
        let ours = self.0.base().as_ptr().cast();
        let mut at = no_stack();
        // SAFETY: both calls only read or fill in the structure. The stack is taken off where it is
        // still this thread's, before its memory goes.
        unsafe {
            if libc::sigaltstack(ptr::null(), &mut at) == 0 && at.ss_sp == ours {
                libc::sigaltstack(&no_stack(), ptr::null_mut());
            }
        }
    }
}

fn no_stack() -> libc::stack_t {
    libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 }
}

/// What the kernel puts on a stack for a signal, at most, on this processor.
fn frame_bytes() -> usize {
    // SAFETY: the call takes a plain number, and answers 0 for one that the kernel does not know.
    let told = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
    told.max(libc::MINSIGSTKSZ)
}

/// Gives the thread an alternate signal stack where it has none, or one that is too small, as
/// Rust's threads have.
fn give_alternate_stack() -> Result<(), Error> {
    let failed = || Error::last_os_error("giving a thread an alternate signal stack");
    let mut at = no_stack();
    // SAFETY: the call only fills in the structure.
    if unsafe { libc::sigaltstack(ptr::null(), &mut at) } != 0 {
        return Err(failed());
    }
    let needed = HANDLERS * (frame_bytes() + HANDLER_BYTES);
    if at.ss_flags & libc::SS_DISABLE == 0 && at.ss_size >= needed {
        return Ok(());
    }
    let given = ALTERNATE.try_with(|alternate| {
        let mut alternate = alternate.borrow_mut();
        if alternate.is_none() {
            *alternate = Some(Alternate(Region::reserve(ALTERNATE_STACK.max(needed) + PAGE)?));
        }
        let Some(Alternate(region)) = &*alternate else { return Ok(()) };
        let base: *mut libc::c_void = region.base().as_ptr().cast();
        // Nobody may touch the lowest page: a handler that needs more stack must not write
        // elsewhere.
        // SAFETY: the page is the region's.
        if unsafe { libc::mprotect(base, PAGE, libc::PROT_NONE) } != 0 {
            return Err(failed());
        }
        let stack = libc::stack_t { ss_sp: base, ss_flags: 0, ss_size: region.len() };
        // SAFETY: the region is this thread's until it ends, and is taken off before that.
        match unsafe { libc::sigaltstack(&stack, ptr::null_mut()) } {
            0 => Ok(()),
            _ => Err(failed()),
        }
    });
    given.unwrap_or_else(|_| {
        Err(Error::System {
            action: "giving a thread an alternate signal stack",
            message: "the thread is ending".to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::monotonic_ns;

    fn is_blocked(signal: libc::c_int) -> bool {
        let mask = change_mask(libc::SIG_BLOCK, &[]).unwrap();
        // SAFETY: the set was filled in by the kernel.
        unsafe { libc::sigismember(&mask, signal) == 1 }
    }

    #[test]
    fn a_blocked_signal_is_let_through_and_then_blocked_again() {
        std::thread::spawn(|| {
            change_mask(libc::SIG_BLOCK, &NEEDED).unwrap();
            for _ in 0..2 {
                let through = let_through(monotonic_ns()).unwrap();
                assert!(!NEEDED.into_iter().any(is_blocked));
                let nested = let_through(monotonic_ns()).unwrap();
                drop(nested);
                assert!(!NEEDED.into_iter().any(is_blocked));
                drop(through);
                distrust();
                assert!(NEEDED.into_iter().all(is_blocked));
            }
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_without_an_alternate_stack_is_given_one() {
        std::thread::spawn(|| {
            // SAFETY: only takes the alternate stack off this thread.
            unsafe { libc::sigaltstack(&no_stack(), ptr::null_mut()) };
            give_alternate_stack().unwrap();
            let mut at = no_stack();
            // SAFETY: only fills in the structure.
            unsafe { libc::sigaltstack(ptr::null(), &mut at) };
            assert_eq!(at.ss_flags & libc::SS_DISABLE, 0);
            assert!(at.ss_size >= ALTERNATE_STACK);
        })
        .join()
        .unwrap();
    }
}
