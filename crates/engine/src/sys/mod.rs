//! What is asked of the operating system: address space, clocks, threads, signals, and which pages
//! were written.
//!
//! Must not know the engine, images or runs.

mod pages;
mod region;

pub(crate) use pages::WrittenPages;
pub(crate) use region::{PAGE, Region};

use crate::error::Error;

/// The signal by which the watchdog stops a run: delivered without effect where nobody handles it,
/// and so harmless to a process that forgets about it.
const SIGNAL: libc::c_int = libc::SIGURG;

/// Reads a clock in ns. The clocks asked for always exist, so that an error can only mean 0.
pub(crate) fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return 0;
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The calling thread's kernel id.
pub(crate) fn thread_id() -> i32 {
    thread_local!(static ID: i32 = {
        // SAFETY: gettid has no preconditions.
        unsafe { libc::gettid() }
    });
    ID.with(|id| *id)
}

/// CPU time of a thread of this process in ns; `None` where the thread is gone.
pub(crate) fn cpu_ns_of_thread(thread: i32) -> Option<u64> {
    // A per-thread CPU clock's number, as clock_gettime(2) and the kernel's posix-timers.h have it:
    // the complement of the thread's id, and the bits for "per thread" (4) and "scheduler" (2).
    let clock = (!thread << 3) | 0b110;
    let time = clock_ns(clock);
    (time != 0).then_some(time)
}

/// Sends the watchdog's signal to a thread of this process; a thread that is gone is left alone.
pub(crate) fn signal_thread(thread: i32) {
    // SAFETY: tgkill takes plain numbers. The signal has a handler (`install_signal_handler` ran
    // before the first run), which does nothing on a thread without a run.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, SIGNAL) };
}

/// Installs the handler of the watchdog's signal; called once a process.
pub(crate) fn install_signal_handler() -> Result<(), Error> {
    // SAFETY: the shim's handler is async-signal-safe and chains to the handler before it.
    match unsafe { crate::js::raw::sandtide_install_signal(SIGNAL) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error("installing the watchdog's signal handler")),
    }
}
