//! Why a worker is lost, and what its end says about it.

use std::time::Duration;

use rustix::process::WaitIdStatus;
use sandtide_wire::{OutOfTurn, Refused};

/// What made the broker give a worker up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    /// Its socket is closed: it ended, or closed it.
    #[error("it closed its socket")]
    Closed,
    #[error("it sent what is no message: {0}")]
    Refused(#[from] Refused),
    #[error("it sent a message out of turn: {0}")]
    OutOfTurn(#[from] OutOfTurn),
    #[error("it announced a message of {len} bytes, of at most {most}")]
    TooLong { len: usize, most: usize },
    #[error("it made more than {most} host calls at a time")]
    TooManyCalls { most: usize },
    #[error("the arguments of its host calls that are open took more than {most} bytes")]
    TooManyArguments { most: usize },
    #[error("it made a host call with the number of one that is open")]
    CallTwice,
    #[error("it called a host function that the image was not granted")]
    NoSuchFunction,
    #[error(
        "it did not end within {} after its time of {} was over, and was killed",
        ms(*grace), ms(*limit)
    )]
    Overdue { limit: Duration, grace: Duration },
    /// It has nothing to answer.
    #[error("it said more than its answer")]
    SaidMore,
    #[error(
        "it used {} of a processor while it waited and nobody had asked it for anything, and was killed",
        ms(*used)
    )]
    Restless { used: Duration },
    #[error("it found its heap corrupted, and ended")]
    Corrupted,
    #[error("it asked a question and said more before it was answered")]
    Impatient,
    #[error("it did not write a heap snapshot within {}, and was killed", ms(*limit))]
    Looking { limit: Duration },
    #[error("it did not end within {} after its run was cancelled, and was killed", ms(*grace))]
    Deaf { grace: Duration },
}

/// A time as it is said to people: what is left of a run's, to the nanosecond, means nothing to them.
fn ms(time: Duration) -> String {
    format!("{} ms", (time.as_secs_f64() * 1e3).round())
}

impl Lost {
    /// Whether it is the worker's own doing, however it ends.
    pub(crate) fn is_of_worker(&self) -> bool {
        !matches!(self, Lost::Closed)
    }
}

/// What is said of a worker that was lost, once it has ended with `status`.
pub(crate) fn cause(lost: &Lost, status: Option<&WaitIdStatus>, memory: Memory) -> String {
    let ending =
        status.and_then(|status| ending(status.exit_status(), status.terminating_signal()));
    match (lost, ending) {
        // It ended by itself, and that is why its socket is closed.
        (Lost::Closed, Some(ending)) => ending,
        (Lost::Closed, None) if by_others(lost, status) => match memory {
            Memory::RanOut => {
                "the system killed it, because the workers' cgroup was out of memory (SIGKILL)"
            }
            Memory::Sufficed => {
                "something else than this program killed it (SIGKILL); the workers' cgroup was not \
                 out of memory"
            }
            Memory::Unknown => {
                "something else than this program killed it (SIGKILL), perhaps the system for want of \
                 memory, which it tells of workers in a cgroup only"
            }
        }
        .to_owned(),
        _ => lost.to_string(),
    }
}

/// Whether the system killed a worker for want of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    RanOut,
    Sufficed,
    /// There is no cgroup that tells.
    Unknown,
}

/// Whether somebody else killed it: its socket was closed before the broker did, and a worker cannot
/// send itself a signal.
pub(crate) fn by_others(lost: &Lost, status: Option<&WaitIdStatus>) -> bool {
    matches!(lost, Lost::Closed)
        && status.and_then(WaitIdStatus::terminating_signal) == Some(SIGKILL)
}

/// Whether the loss says something about the script. One that the system killed for want of memory may be the
/// victim of others in its cgroup.
pub(crate) fn is_of_script(lost: &Lost, status: Option<&WaitIdStatus>) -> bool {
    !by_others(lost, status)
}

const SIGKILL: i32 = 9;

/// How a process ended; none where it was this broker that killed it, which says nothing.
pub(crate) fn ending(exit_code: Option<i32>, signal: Option<i32>) -> Option<String> {
    if let Some(code) = exit_code {
        return Some(format!("it ended itself (exit code {code})"));
    }
    Some(match signal? {
        // SIGSYS on all processors that this program knows.
        31 => "it made a system call that its filter forbids (SIGSYS)".to_owned(),
        11 => "it accessed memory that is not there (SIGSEGV)".to_owned(),
        7 => "it accessed memory wrongly (SIGBUS)".to_owned(),
        4 => "it executed what is no instruction (SIGILL)".to_owned(),
        6 => "it aborted (SIGABRT)".to_owned(),
        SIGKILL => return None,
        other => format!("signal {other} ended it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_causes_are_whole_milliseconds() {
        let (limit, grace) = (Duration::from_nanos(799_888_873), Duration::from_millis(50));
        let said = cause(&Lost::Overdue { limit, grace }, None, Memory::Unknown);
        assert_eq!(
            said,
            "it did not end within 50 ms after its time of 800 ms was over, and was killed"
        );
        let restless = cause(&Lost::Restless { used: limit }, None, Memory::Unknown);
        assert!(restless.contains(" 800 ms "), "{restless}");
    }

    #[test]
    fn what_the_system_kills_for_want_of_memory_says_so_and_is_laid_to_nobody() {
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

        let ended = |signal: &str| {
            let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
            let number = child.id().to_string();
            let kill = std::process::Command::new("kill").args([signal, &number]).status();
            assert!(kill.unwrap().success());
            let pid = WaitId::Pid(Pid::from_child(&child));
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let status = waitid(pid, options).unwrap().unwrap();
            child.wait().unwrap();
            status
        };
        let killed = ended("-KILL");
        let said = cause(&Lost::Closed, Some(&killed), Memory::RanOut);
        assert!(said.contains("out of memory"), "{said}");
        assert!(!is_of_script(&Lost::Closed, Some(&killed)));
        assert!(is_of_script(&Lost::Corrupted, Some(&killed)), "this program killed it");
        let crashed = ended("-SEGV");
        assert!(is_of_script(&Lost::Closed, Some(&crashed)));
    }
}
