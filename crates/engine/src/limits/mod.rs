//! What a run may take, what it took, and who ends it.
//!
//! Must not know the engine: limits are numbers here; `run` and `js` enforce them.

mod cancel;
mod clock;
pub(crate) mod reason;
pub(crate) mod watchdog;

pub use cancel::CancelToken;
pub use clock::Stopwatch;
pub(crate) use clock::{monotonic_ns, thread_cpu_estimate, thread_cpu_ns};

use crate::error::Error;
use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;

/// The least heap that a limit can name: an engine with all its built-ins and some room.
pub const MIN_HEAP: usize = MIB;
/// The largest heap: an arena's largest address space.
pub const MAX_HEAP: usize = 4 * GIB;

/// What a run may take. Every limit is hard: hitting it ends the run with its own error.
///
/// ```
/// use sandtide_engine::Limits;
/// use std::time::Duration;
///
/// let limits = Limits { wall: Duration::from_millis(50), ..Limits::default() };
/// limits.validate().unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall time from the start of the run. Waiting for host functions counts, and so does building
    /// the image where that has to be done for the run. 1 ms to 1 h; 1 s by default.
    pub wall: Duration,
    /// CPU time of the run's thread. 1 ms to 1 h; 1 s by default.
    pub cpu: Duration,
    /// Bytes of heap, the image's own included. Strings, array buffers and BigInts count, and so do
    /// the copies of arguments that asynchronous host functions hold. A source in TypeScript or JSX,
    /// whose parser works outside of the heap, may have a 64th of it. 1 MiB to 4 GiB, and no more
    /// than the arena's size; 64 MiB by default.
    pub heap: usize,
    /// Bytes of native stack. 32 KiB to 64 MiB; 1 MiB by default, which is some 1,500 plain calls.
    /// It does not depend on the thread's stack: runs have stacks of their own, which their thread
    /// keeps for the next run. A stack of more than 4 MiB is given back after each run, which costs
    /// some microseconds.
    pub stack: usize,
    /// Bytes of result, and of globals asked back: 8 for each value, those of its text, of keys and of
    /// globals' names as JSON, in which quotes and control characters take more than one, those of its
    /// buffer, and 40 for each `undefined`, BigInt, date, map, set and buffer, for each number that JSON does not
    /// have (`NaN`, the infinities, -0), and each object with a key `$type` of its own. As JSON it is no more than
    /// some three times as long, where it is full of fractions. An error's texts count in the place of a
    /// result, and are shortened to what the limit allows, though never below 1 KiB together.
    /// 0 to 1 GiB; 4 MiB by default.
    pub output: usize,
    /// Bytes of the log: 32 for each line, and those of its text as JSON, in which quotes and control
    /// characters take more than one. 0 to 1 GiB; 64 KiB by default.
    pub logs: usize,
    /// Promise jobs and host completions that the run may have driven. 0 to 2^32 - 1; 100,000 by
    /// default.
    pub jobs: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            wall: Duration::from_secs(1),
            cpu: Duration::from_secs(1),
            heap: 64 * MIB,
            stack: MIB,
            output: 4 * MIB,
            logs: 64 * KIB,
            jobs: 100_000,
        }
    }
}

impl Limits {
    /// Checks each limit against its range.
    ///
    /// # Errors
    /// [`Error::InvalidLimit`] names the first one that is out of range, and the range.
    pub fn validate(&self) -> Result<(), Error> {
        let hour = 3_600_000;
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let ranges = [
            ("wall_ms", ms(self.wall), 1, hour),
            ("cpu_ms", ms(self.cpu), 1, hour),
            ("heap_bytes", self.heap as u64, MIN_HEAP as u64, MAX_HEAP as u64),
            ("stack_bytes", self.stack as u64, 32 * KIB as u64, 64 * MIB as u64),
            ("output_bytes", self.output as u64, 0, GIB as u64),
            ("log_bytes", self.logs as u64, 0, GIB as u64),
        ];
        for (name, given, min, max) in ranges {
            if !(min..=max).contains(&given) {
                return Err(Error::InvalidLimit { name, given, min, max });
            }
        }
        Ok(())
    }

    /// These limits, each no larger than that of `cap`.
    #[must_use]
    pub fn capped(self, cap: &Limits) -> Limits {
        Limits {
            wall: self.wall.min(cap.wall),
            cpu: self.cpu.min(cap.cpu),
            heap: self.heap.min(cap.heap),
            stack: self.stack.min(cap.stack),
            output: self.output.min(cap.output),
            logs: self.logs.min(cap.logs),
            jobs: self.jobs.min(cap.jobs),
        }
    }
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Wall time of the run, without the restore, from bringing its values in to bringing its
    /// result out; building its image is part of it where that was done for the run.
    pub wall: Duration,
    /// The part of `wall` that it took to have the image ready: to build it where the instance had
    /// not built it yet or had dropped it for others, and to make the instance's arena. 0 where
    /// nothing had to be done.
    pub build: Duration,
    /// CPU time of the run, without the restore. A run of less than 50 us is taken to have had the
    /// processor all the time; of longer ones up to 100 us may be missing.
    pub cpu: Duration,
    /// The part of `wall` that it waited for nothing but its own timers. Whoever shares something
    /// out by what runs take should count it: a sleeping run occupies its place as a busy one does.
    pub timers: Duration,
    /// The most heap bytes in use at one time, the image's own included, as are the arguments that
    /// host functions held, and what building the image for the run took.
    pub peak_heap: usize,
    /// Bytes that were copied or zeroed to put the arena back.
    pub bytes_restored: usize,
    /// Wall time of putting the arena back.
    pub restore: Duration,
    /// Promise jobs and host completions driven.
    pub jobs: u32,
    /// Bytes of result and of globals asked back, counted as for their limit, or of the error's texts.
    pub output: usize,
    /// Bytes of the log, counted as for its limit.
    pub logs: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_range_is_named_with_its_range() {
        let limits = Limits { stack: 1, ..Limits::default() };
        let error = limits.validate().unwrap_err();
        assert_eq!(error.code(), "ERR_INVALID_LIMIT");
        assert_eq!(error.to_string(), "limit stack_bytes: 1 is not between 32768 and 67108864");
        assert!(Limits::default().validate().is_ok());
        let endless = Limits { wall: Duration::MAX, ..Limits::default() };
        assert_eq!(endless.validate().unwrap_err().code(), "ERR_INVALID_LIMIT");
    }

    #[test]
    fn capping_takes_the_lesser_of_each_limit() {
        let cap = Limits { wall: Duration::from_millis(10), jobs: 5, ..Limits::default() };
        let asked = Limits { logs: 7, ..Limits::default() };
        let capped = asked.capped(&cap);
        assert_eq!((capped.wall, capped.jobs, capped.logs), (cap.wall, 5, 7));
    }
}
