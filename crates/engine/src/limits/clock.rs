//! The two clocks that limits are measured by, in nanoseconds.
//!
//! The monotonic clock is read without a system call. A thread's CPU clock is not, and reading it
//! twice would be a fifth of a short run: it is read seldom enough not to matter, and estimated in
//! between. Estimates take a thread to have been running since the last reading.

use crate::sys::{clock_ns, process};
use std::cell::Cell;

/// How old a reading of the CPU clock may be to be estimated from, and so the most by which the CPU
/// time of a run is reported too small.
const TRUSTED_FOR: u64 = 100_000;
/// A run shorter than this is taken to have had the processor all the time.
const SHORT_RUN: u64 = 50_000;

thread_local! {
    /// The last reading of this thread's CPU clock: when, what, and in which process. A forked
    /// child's clock starts anew.
    static LAST: Cell<(u64, u64, u64)> = const { Cell::new((0, 0, 0)) };
}

/// The machine's monotonic clock.
pub(crate) fn monotonic_ns() -> u64 {
    clock_ns(libc::CLOCK_MONOTONIC)
}

/// CPU time of the calling thread, read.
pub(crate) fn thread_cpu_ns() -> u64 {
    let cpu = clock_ns(libc::CLOCK_THREAD_CPUTIME_ID);
    LAST.set((monotonic_ns(), cpu, process()));
    cpu
}

/// CPU time of the calling thread, `now` by the monotonic clock: never too small, and too large by
/// no more than [`TRUSTED_FOR`].
pub(crate) fn thread_cpu_estimate(now: u64) -> u64 {
    let (when, cpu, whose) = LAST.get();
    match now.checked_sub(when) {
        Some(gap) if gap < TRUSTED_FOR && whose == process() => cpu + gap,
        _ => thread_cpu_ns(),
    }
}

/// CPU time that the calling thread took from `start` to `now` by the monotonic clock, where
/// `cpu_start` is its CPU time at the start.
pub(crate) fn cpu_time_since(start: u64, cpu_start: u64, now: u64) -> u64 {
    let wall = now.saturating_sub(start);
    if wall < SHORT_RUN {
        return wall;
    }
    thread_cpu_ns().saturating_sub(cpu_start).min(wall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_estimate_stays_within_its_bounds_of_the_clock() {
        for pause in [0, 20, 200, 2_000] {
            std::thread::sleep(Duration::from_micros(pause));
            let before = clock_ns(libc::CLOCK_THREAD_CPUTIME_ID);
            let estimate = thread_cpu_estimate(monotonic_ns());
            let after = clock_ns(libc::CLOCK_THREAD_CPUTIME_ID);
            assert!(before <= estimate && estimate <= after + TRUSTED_FOR);
        }
    }

    #[test]
    fn sleeping_takes_no_cpu_time() {
        let (start, cpu_start) = (monotonic_ns(), thread_cpu_ns());
        std::thread::sleep(Duration::from_millis(20));
        assert!(cpu_time_since(start, cpu_start, monotonic_ns()) < 10_000_000);
    }
}
