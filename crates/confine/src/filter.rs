//! The system calls that a worker may make once it is confined: data, one rule each, with who needs
//! it. Everything else ends the process (SIGSYS), as do calls of another architecture. The list is
//! the same in debug and release builds. What it may make until then is in `zygote`.

use std::os::fd::RawFd;

use crate::layers::{CHANNEL, ConfineError};
use crate::rules::Argument::{Channel, Faults, Is, Pagemap, SampleTimer, Timer};
use crate::rules::{Allowed, Argument, Filter};

const UFFDIO_WRITEPROTECT: u32 = 0xc018_aa06;
const PAGEMAP_SCAN: u32 = 0xc060_6610;

/// What a worker may ask of the kernel. A call that stands here more than once is allowed with each
/// of the arguments.
pub const CALLS: &[Allowed] = &[
    // Messages of the broker: on the one socket that a worker has.
    Allowed {
        name: "read",
        number: libc::SYS_read,
        arguments: &[(0, Channel)],
        needed_by: "the worker's loop, for messages of the broker",
    },
    // Messages to the broker: on the same socket, and no other descriptor.
    Allowed {
        name: "write",
        number: libc::SYS_write,
        arguments: &[(0, Channel)],
        needed_by: "the worker's loop, for answers and host calls",
    },
    // Gives memory of the arena back after a run that used much. On any range it only drops the
    // worker's own memory.
    Allowed {
        name: "madvise",
        number: libc::SYS_madvise,
        arguments: &[(2, Is(libc::MADV_DONTNEED as u32))],
        needed_by: "the restore, for what a run used beyond 256 KiB past its image",
    },
    // The CPU limit: the thread's own clock. The other two clocks are read without a call where the
    // machine has a clock that allows it, and by a call elsewhere.
    Allowed {
        name: "clock_gettime",
        number: libc::SYS_clock_gettime,
        arguments: &[(0, Is(libc::CLOCK_THREAD_CPUTIME_ID as u32))],
        needed_by: "the CPU limit",
    },
    Allowed {
        name: "clock_gettime",
        number: libc::SYS_clock_gettime,
        arguments: &[(0, Is(libc::CLOCK_MONOTONIC as u32))],
        needed_by: "the wall limit, on machines whose clock only the kernel can read",
    },
    Allowed {
        name: "clock_gettime",
        number: libc::SYS_clock_gettime,
        arguments: &[(0, Is(libc::CLOCK_REALTIME as u32))],
        needed_by: "Date, on machines whose clock only the kernel can read",
    },
    // Which pages a run wrote: only of this process, whose pagemap it is.
    Allowed {
        name: "ioctl",
        number: libc::SYS_ioctl,
        arguments: &[(0, Pagemap), (1, Is(PAGEMAP_SCAN))],
        needed_by: "the restore of large images",
    },
    // Write-protects pages of the arena, and takes the protection off: only of registered ranges.
    Allowed {
        name: "ioctl",
        number: libc::SYS_ioctl,
        arguments: &[(0, Faults), (1, Is(UFFDIO_WRITEPROTECT))],
        needed_by: "the restore of large images",
    },
    // The ticks that end runs: this one timer, which sends this thread a signal.
    Allowed {
        name: "timer_settime",
        number: libc::SYS_timer_settime,
        arguments: &[(0, Timer)],
        needed_by: "the limits of time, which start the ticks at a run and stop them later",
    },
    // Samples of a run whose profile is taken: a timer that sends this thread a signal as well.
    Allowed {
        name: "timer_settime",
        number: libc::SYS_timer_settime,
        arguments: &[(0, SampleTimer)],
        needed_by: "profiles, for whose time a second timer samples runs",
    },
    // The end of the handlers of the ticks and of touched stack zones.
    Allowed {
        name: "rt_sigreturn",
        number: libc::SYS_rt_sigreturn,
        arguments: &[],
        needed_by: "signal handlers, to return",
    },
    // The zone below a run's stack: opened for a C function that must come to its end, closed again
    // after the run. Neither makes anything executable.
    Allowed {
        name: "mprotect",
        number: libc::SYS_mprotect,
        arguments: &[(2, Is((libc::PROT_READ | libc::PROT_WRITE) as u32))],
        needed_by: "the handler of a stack's overflow",
    },
    Allowed {
        name: "mprotect",
        number: libc::SYS_mprotect,
        arguments: &[(2, Is(libc::PROT_NONE as u32))],
        needed_by: "the stack of the run after an overflow",
    },
    // The end.
    Allowed {
        name: "exit_group",
        number: libc::SYS_exit_group,
        arguments: &[],
        needed_by: "the worker's loop, when the broker is gone",
    },
];

/// The descriptors of page tracking, and the numbers of the timers, that the rules name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracking {
    /// userfaultfd and pagemap; none where pages are not tracked, and then no `ioctl` is allowed.
    pub descriptors: Option<[RawFd; 2]>,
    /// The kernel's number of the timer that ends runs.
    pub timer: i32,
    /// The kernel's number of the timer that samples runs.
    pub sample_timer: i32,
}

impl Tracking {
    /// What an argument of a worker's is here; none where there is no such descriptor.
    pub(crate) fn value(self, argument: Argument) -> Option<u32> {
        let [faults, pagemap] = self.descriptors.map_or([None; 2], |both| both.map(Some));
        let number = match argument {
            Channel => CHANNEL,
            Timer => self.timer,
            SampleTimer => self.sample_timer,
            Faults => faults?,
            Pagemap => pagemap?,
            _ => return None,
        };
        Some(number as u32)
    }
}

impl Filter {
    /// Compiles [`CALLS`] for a worker with these descriptors and these timers.
    ///
    /// # Errors
    /// [`ConfineError::Filter`] on a processor that the compiler does not know.
    pub fn compile(tracking: Tracking) -> Result<Filter, ConfineError> {
        Filter::of(CALLS, |argument| tracking.value(argument))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_worker_may_make_at_most_12_calls_and_hardly_one_with_any_argument() {
        let calls: BTreeSet<&str> = CALLS.iter().map(|call| call.name).collect();
        assert!(calls.len() <= 12, "{calls:?}");
        let unchecked: Vec<&str> =
            CALLS.iter().filter(|call| call.arguments.is_empty()).map(|call| call.name).collect();
        assert_eq!(unchecked, ["rt_sigreturn", "exit_group"]);
    }

    #[test]
    fn it_compiles_with_and_without_tracking() {
        let with =
            Filter::compile(Tracking { descriptors: Some([4, 5]), timer: 0, sample_timer: 1 })
                .unwrap();
        let without =
            Filter::compile(Tracking { descriptors: None, timer: 0, sample_timer: 1 }).unwrap();
        assert!(with.len() > without.len());
    }
}
