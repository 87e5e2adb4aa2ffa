//! The two clocks that limits are measured by, in nanoseconds.
//!
//! The monotonic clock is read without a system call. A thread's CPU clock takes one, and reading
//! it twice would be a fifth of a short run. So it is read seldom and estimated in between, as if
//! the thread had been running since the last reading.

use crate::sys::{clock_ns, process, thread_id};
use std::cell::Cell;
use std::time::Duration;

/// How old, in ns, the reading may be that an estimate starts from. The reported CPU time of a run
/// is at most so much too small.
const TRUSTED_FOR: u64 = 100_000;
/// A run shorter than this, in ns, is taken to have had the processor all the time.
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

/// CPU time of the calling thread in ns, read from its clock.
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

/// The moment from which a run's time counts: what is done for it before it starts (building its
/// image, say) is then within its limits, and in its usage.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: u64,
    cpu: u64,
    thread: i32,
}

impl Stopwatch {
    /// Starts now, on the calling thread, whose CPU time counts.
    pub fn start() -> Stopwatch {
        let wall = monotonic_ns();
        Stopwatch { wall, cpu: thread_cpu_estimate(wall), thread: thread_id() }
    }

    /// Wall time since the start.
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_ns().saturating_sub(self.wall))
    }

    /// CPU time of the calling thread since the start; nothing is known of a thread that did not start it,
    /// and the answer is 0 there.
    pub fn cpu(&self) -> Duration {
        Duration::from_nanos(self.took().1)
    }

    /// One of this thread, for what is done on it from now on: the wall time counts from the start, the CPU
    /// time too where it is this thread's, and from now on where another thread started it.
    pub(crate) fn taken_up(self) -> Stopwatch {
        let (wall, cpu) = self.started();
        Stopwatch { wall, cpu, thread: thread_id() }
    }

    /// When it was started, on the monotonic clock and on this thread's CPU clock, in ns. Where
    /// another thread started it, only the wall time since then is known.
    pub(crate) fn started(&self) -> (u64, u64) {
        let cpu = if self.thread == thread_id() { self.cpu } else { thread_cpu_ns() };
        (self.wall, cpu)
    }

    /// Wall and CPU time since the start, in ns.
    pub(crate) fn took(&self) -> (u64, u64) {
        self.took_until(monotonic_ns())
    }

    /// As [`Stopwatch::took`], `now` by the monotonic clock.
    pub(crate) fn took_until(&self, now: u64) -> (u64, u64) {
        let is_known = self.thread == thread_id();
        let cpu = if is_known { cpu_time_since(self.wall, self.cpu, now) } else { 0 };
        (now.saturating_sub(self.wall), cpu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn nothing_is_known_of_the_cpu_time_of_another_thread() {
        let since = Stopwatch::start();
        let elsewhere = std::thread::spawn(move || {
            let at_once = since.cpu();
            while since.elapsed() < Duration::from_millis(2) {}
            (at_once, since.cpu())
        });
        assert_eq!(elsewhere.join().unwrap(), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn sleeping_takes_no_cpu_time() {
        let (start, cpu_start) = (monotonic_ns(), thread_cpu_ns());
        std::thread::sleep(Duration::from_millis(20));
        assert!(cpu_time_since(start, cpu_start, monotonic_ns()) < 10_000_000);
    }
}
