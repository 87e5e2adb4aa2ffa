//! The system calls that a zygote may make once it stands ready: data as in `filter`, and put on in
//! the same way. Its children inherit the filter, so a worker may make these until its own one is on,
//! and what the workers' list has is allowed here as well.

use crate::filter::{CALLS, Tracking};
use crate::fork;
use crate::layers::{ConfineError, HIGH, LANDLOCK_VERSION};
use crate::rules::Argument::{AtMost, Faults, ForkFlags, Is, Null, SizeAtMost};
use crate::rules::{Allowed, Filter};

/// The zygote's own socket to the broker is its standard input.
const CONTROL: u32 = 0;
const UFFDIO_API: u32 = 0xc018_aa3f;
const UFFDIO_REGISTER: u32 = 0xc020_aa00;
const USER_MODE_ONLY: u32 = 1;
const SO_RCVTIMEO_NEW: u32 = 66;
/// What the engine calls a page, in bytes.
const PAGE: u32 = 4096;

/// What a zygote may ask of the kernel for itself, and for workers that it has just forked, beside
/// [`CALLS`]. A call that stands here more than once is allowed with each of the arguments.
pub const ZYGOTE_CALLS: &[Allowed] = &[
    // Channels for workers that the broker sends: on the one socket that a zygote has.
    Allowed {
        name: "recvmsg",
        number: libc::SYS_recvmsg,
        arguments: &[(0, Is(CONTROL)), (2, Is(libc::MSG_CMSG_CLOEXEC as u32))],
        needed_by: "the zygote's loop, for channels that the broker sends",
    },
    // Numbers and descriptors of workers: to the broker alone.
    Allowed {
        name: "sendmsg",
        number: libc::SYS_sendmsg,
        arguments: &[(0, Is(CONTROL)), (2, Is(libc::MSG_NOSIGNAL as u32))],
        needed_by: "the zygote's loop, to answer with a worker's number and descriptor",
    },
    // Copies of this process only: no thread, nothing shared, no namespaces but that of processes.
    Allowed {
        name: "clone",
        number: libc::SYS_clone,
        arguments: &[(0, ForkFlags), (1, Null)],
        needed_by: "the zygote's loop, to fork a worker",
    },
    // Gives something up, whatever it is.
    Allowed {
        name: "close",
        number: libc::SYS_close,
        arguments: &[],
        needed_by: "the zygote's loop, for channels and descriptors of workers; Landlock",
    },
    // A few words to the standard error, where a worker cannot be set up.
    Allowed {
        name: "write",
        number: libc::SYS_write,
        arguments: &[(0, Is(2))],
        needed_by: "a worker that cannot be set up, to say so",
    },
    Allowed {
        name: "prctl",
        number: libc::SYS_prctl,
        arguments: &[(0, Is(libc::PR_SET_PDEATHSIG as u32)), (1, Is(libc::SIGKILL as u32))],
        needed_by: "a worker's set-up: it does not outlive the broker",
    },
    // A time limit on reads, which is the channel's: by the option of Linux 5.1, or the one before it.
    Allowed {
        name: "setsockopt",
        number: libc::SYS_setsockopt,
        arguments: &[(1, Is(libc::SOL_SOCKET as u32)), (2, Is(SO_RCVTIMEO_NEW))],
        needed_by: "a worker's set-up: ticks interrupt reads of its channel",
    },
    Allowed {
        name: "setsockopt",
        number: libc::SYS_setsockopt,
        arguments: &[(1, Is(libc::SOL_SOCKET as u32)), (2, Is(libc::SO_RCVTIMEO as u32))],
        needed_by: "a worker's set-up: ticks interrupt reads of its channel",
    },
    // Onto the numbers of the standard descriptors and of the channel.
    #[cfg(target_arch = "x86_64")]
    Allowed {
        name: "dup2",
        number: libc::SYS_dup2,
        arguments: &[(1, AtMost(3))],
        needed_by: "a worker's set-up, for its descriptors",
    },
    #[cfg(not(target_arch = "x86_64"))]
    Allowed {
        name: "dup3",
        number: libc::SYS_dup3,
        arguments: &[(1, AtMost(3)), (2, AtMost(libc::O_CLOEXEC as u32))],
        needed_by: "a worker's set-up, for its descriptors",
    },
    Allowed {
        name: "fcntl",
        number: libc::SYS_fcntl,
        arguments: &[(1, Is(libc::F_DUPFD_CLOEXEC as u32)), (2, Is(HIGH as u32))],
        needed_by: "a worker's set-up, for its descriptors",
    },
    // Asks whether a descriptor is open, and changes nothing.
    Allowed {
        name: "fcntl",
        number: libc::SYS_fcntl,
        arguments: &[(1, Is(libc::F_GETFD as u32))],
        needed_by: "whoever closes a descriptor, in builds that check that it is open",
    },
    Allowed {
        name: "close_range",
        number: libc::SYS_close_range,
        arguments: &[(2, Is(0))],
        needed_by: "a worker's set-up, for the descriptors that are not its own",
    },
    // Reads only. A rule cannot read the path; what there is to open is the process's own `/proc`
    // and an empty root.
    Allowed {
        name: "openat",
        number: libc::SYS_openat,
        arguments: &[(2, Is(libc::O_CLOEXEC as u32))],
        needed_by: "a worker's set-up, for its pagemap",
    },
    Allowed {
        name: "userfaultfd",
        number: libc::SYS_userfaultfd,
        arguments: &[(0, Is((libc::O_CLOEXEC | libc::O_NONBLOCK) as u32 | USER_MODE_ONLY))],
        needed_by: "a worker's set-up, to track the pages that runs write",
    },
    Allowed {
        name: "ioctl",
        number: libc::SYS_ioctl,
        arguments: &[(0, Faults), (1, Is(UFFDIO_API))],
        needed_by: "a worker's set-up, to track the pages that runs write",
    },
    Allowed {
        name: "ioctl",
        number: libc::SYS_ioctl,
        arguments: &[(0, Faults), (1, Is(UFFDIO_REGISTER))],
        needed_by: "a worker's set-up, to track the pages that runs write",
    },
    // Pages of the fork become the worker's own by one call. Changes no contents.
    Allowed {
        name: "madvise",
        number: libc::SYS_madvise,
        arguments: &[(2, Is(libc::MADV_POPULATE_WRITE as u32))],
        needed_by: "a worker's set-up, for the pages that any run writes",
    },
    // One page that can be read and written: no more, and none that can be executed.
    Allowed {
        name: "mmap",
        number: libc::SYS_mmap,
        arguments: &[
            (1, SizeAtMost(PAGE)),
            (2, Is((libc::PROT_READ | libc::PROT_WRITE) as u32)),
            (3, Is((libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE) as u32)),
        ],
        needed_by: "a worker's set-up, for the page by which it sees that it was not forked itself",
    },
    Allowed {
        name: "madvise",
        number: libc::SYS_madvise,
        arguments: &[(2, Is(libc::MADV_NOHUGEPAGE as u32))],
        needed_by: "a worker's set-up, for that page",
    },
    Allowed {
        name: "madvise",
        number: libc::SYS_madvise,
        arguments: &[(2, Is(libc::MADV_WIPEONFORK as u32))],
        needed_by: "a worker's set-up, for that page",
    },
    // Gives memory up.
    Allowed {
        name: "munmap",
        number: libc::SYS_munmap,
        arguments: &[],
        needed_by: "a worker's set-up, for the arena that it does not use where sessions are debugged",
    },
    Allowed {
        name: "getrandom",
        number: libc::SYS_getrandom,
        arguments: &[],
        needed_by: "a worker's set-up, for seeds of its own",
    },
    // Asks which handler there is, and sets none.
    Allowed {
        name: "rt_sigaction",
        number: libc::SYS_rt_sigaction,
        arguments: &[(1, Null)],
        needed_by: "a worker's set-up, which looks whether the handlers are there",
    },
    Allowed {
        name: "rt_sigprocmask",
        number: libc::SYS_rt_sigprocmask,
        arguments: &[(0, AtMost(libc::SIG_UNBLOCK as u32))],
        needed_by: "a worker's set-up, which lets the signals of ticks through",
    },
    Allowed {
        name: "sigaltstack",
        number: libc::SYS_sigaltstack,
        arguments: &[(0, Null)],
        needed_by: "a worker's set-up, which looks for the stack of handlers",
    },
    Allowed {
        name: "gettid",
        number: libc::SYS_gettid,
        arguments: &[],
        needed_by: "a worker's set-up, for whom its timers interrupt",
    },
    Allowed {
        name: "timer_create",
        number: libc::SYS_timer_create,
        arguments: &[(0, Is(libc::CLOCK_MONOTONIC as u32))],
        needed_by: "a worker's set-up, for the ticks that end runs and those that sample them",
    },
    // Gives something up: the number is the zygote's, whose timers its children do not have.
    Allowed {
        name: "timer_delete",
        number: libc::SYS_timer_delete,
        arguments: &[],
        needed_by: "a worker that cannot be set up, which leaves nothing behind before it says so",
    },
    // The layers. All that they can do is to take something away from who makes the call.
    Allowed {
        name: "prlimit64",
        number: libc::SYS_prlimit64,
        arguments: &[(0, Is(0))],
        needed_by: "a worker's set-up: the layer limits, its own",
    },
    Allowed {
        name: "capset",
        number: libc::SYS_capset,
        arguments: &[],
        needed_by: "a worker's set-up: the layer capabilities",
    },
    Allowed {
        name: "landlock_create_ruleset",
        number: libc::SYS_landlock_create_ruleset,
        arguments: &[(2, AtMost(LANDLOCK_VERSION as u32))],
        needed_by: "a worker's set-up: the layer landlock",
    },
    Allowed {
        name: "landlock_restrict_self",
        number: libc::SYS_landlock_restrict_self,
        arguments: &[(1, Is(0))],
        needed_by: "a worker's set-up: the layer landlock",
    },
    Allowed {
        name: "prctl",
        number: libc::SYS_prctl,
        arguments: &[(0, Is(libc::PR_SET_NO_NEW_PRIVS as u32)), (1, Is(1))],
        needed_by: "a worker's set-up: the layers landlock and system-calls, which both ask for it",
    },
    Allowed {
        name: "prctl",
        number: libc::SYS_prctl,
        arguments: &[(0, Is(libc::PR_SET_DUMPABLE as u32)), (1, Is(0))],
        needed_by: "a worker's set-up: the layer not-dumpable",
    },
    // One more filter can only forbid more.
    Allowed {
        name: "seccomp",
        number: libc::SYS_seccomp,
        arguments: &[(0, Is(libc::SECCOMP_SET_MODE_FILTER)), (1, Is(0))],
        needed_by: "a worker's set-up: the layer system-calls",
    },
];

impl Filter {
    /// Compiles [`ZYGOTE_CALLS`] and [`CALLS`], for a zygote whose workers have process namespaces of
    /// their own, or have not, and will have these descriptors and timers.
    ///
    /// # Errors
    /// [`ConfineError::Filter`] on a processor that the compiler does not know.
    pub fn of_zygote(own_namespaces: bool, workers: Tracking) -> Result<Filter, ConfineError> {
        Filter::of(ZYGOTE_CALLS.iter().chain(CALLS), |argument| match argument {
            ForkFlags => Some(fork::flags(own_namespaces)),
            of_worker => workers.value(of_worker),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const WORKERS: Tracking = Tracking { descriptors: Some([4, 5]), timer: 0, sample_timer: 1 };

    fn all() -> impl Iterator<Item = &'static Allowed> {
        ZYGOTE_CALLS.iter().chain(CALLS)
    }

    /// The numbers of calls that are allowed with any arguments.
    fn unchecked() -> Vec<i64> {
        all().filter(|call| call.arguments.is_empty()).map(|call| call.number).collect()
    }

    #[test]
    fn calls_with_any_argument_are_few_and_do_no_harm() {
        let names: BTreeSet<&str> =
            all().filter(|call| call.arguments.is_empty()).map(|call| call.name).collect();
        let expected = [
            "capset",
            "close",
            "exit_group",
            "getrandom",
            "gettid",
            "munmap",
            "rt_sigreturn",
            "timer_delete",
        ];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
        let checked =
            all().find(|call| !call.arguments.is_empty() && unchecked().contains(&call.number));
        assert!(checked.is_none(), "no call is allowed both with any arguments and with some");
    }

    /// How a process ends that puts the filter on and makes a call with arguments that no rule names.
    fn ending(filter: &Filter, number: i64) -> i32 {
        const NONE: i64 = -1;
        // SAFETY: the child makes system calls and nothing else, on copies of what was there: neither
        // locks nor memory of other threads are touched. The alarm ends one that would wait.
        unsafe {
            let child = libc::fork();
            if child == 0 {
                libc::alarm(60);
                let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
                libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
                let on = filter.apply().is_ok();
                libc::syscall(number, NONE, NONE, NONE, NONE, NONE, NONE);
                crate::leave(if on { 0 } else { 1 });
            }
            assert!(child > 0, "{}", std::io::Error::last_os_error());
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
            status
        }
    }

    #[test]
    fn every_call_but_those_of_the_lists_with_their_arguments_ends_the_process() {
        let filter = Filter::of_zygote(true, WORKERS).unwrap();
        // Two calls on x86-64 by which the kernel's own probes come back to it: they pass every filter.
        let kernels_own: &[i64] = if cfg!(target_arch = "x86_64") { &[335, 336] } else { &[] };
        // These end it in their own ways.
        let ends = [libc::SYS_rt_sigreturn, libc::SYS_exit_group];
        for number in (0..480).chain([512, 548, 1 << 20, 0x4000_0001, -1]) {
            if kernels_own.contains(&number) || ends.contains(&number) {
                continue;
            }
            let status = ending(&filter, number);
            if unchecked().contains(&number) {
                assert!(libc::WIFEXITED(status), "call {number}: {status:#x}");
                assert_eq!(libc::WEXITSTATUS(status), 0, "call {number}");
            } else {
                assert!(libc::WIFSIGNALED(status), "call {number}: {status:#x}");
                assert_eq!(libc::WTERMSIG(status), libc::SIGSYS, "call {number}");
            }
        }
    }
}
