//! What is asked of the operating system: address space, stacks, clocks, threads, signals, and
//! which pages were written.
//!
//! Must not know the engine, images or runs.

mod pages;
mod process;
mod region;
pub(crate) mod signals;
pub(crate) mod stack;
pub(crate) mod ticks;

pub(crate) use pages::WrittenPages;
pub(crate) use process::process;
pub(crate) use region::{PAGE, Region};

use crate::error::Error;
use std::cell::Cell;
use std::io;

/// Reads a clock in ns. The clocks asked for always exist, so that an error can only mean 0.
pub(crate) fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the answer.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return 0;
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Fills `bytes` from the kernel's generator, by its own call. A library may keep a file open for that (the
/// crate getrandom does in programs that are linked statically), whose descriptor is another file once a
/// forked worker has put its own in order.
///
/// # Errors
/// [`Error::System`] where the kernel gives none.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), Error> {
    let mut rest = bytes;
    while !rest.is_empty() {
        // SAFETY: the place is valid for as many bytes as are asked for.
        let given = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(given) {
            Ok(given) => rest = &mut rest[given..],
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Error::last_os_error("asking the system for random bytes")),
        }
    }
    Ok(())
}

/// The calling thread's kernel id.
pub(crate) fn thread_id() -> i32 {
    thread_local!(static ID: Cell<(u64, i32)> = const { Cell::new((0, 0)) });
    let (whose, id) = ID.get();
    let process = process();
    if whose == process {
        return id;
    }
    // SAFETY: gettid has no preconditions.
    let id = unsafe { libc::gettid() };
    ID.set((process, id));
    id
}

/// CPU time of a thread of this process in ns; `None` where the thread is gone.
pub(crate) fn cpu_ns_of_thread(thread: i32) -> Option<u64> {
    // A per-thread CPU clock's number, as clock_gettime(2) and the kernel's posix-timers.h have it:
    // the complement of the thread's id, and the bits for "per thread" (4) and "scheduler" (2).
    let clock = (!thread << 3) | 0b110;
    let time = clock_ns(clock);
    (time != 0).then_some(time)
}
