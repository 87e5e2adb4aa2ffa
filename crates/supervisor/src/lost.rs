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
    #[error("it did not end within {grace:?} after its time of {limit:?} was over, and was killed")]
    Overdue { limit: Duration, grace: Duration },
    #[error("it asked a question and said more before it was answered")]
    Impatient,
    #[error("it did not write a heap snapshot within {limit:?}, and was killed")]
    Looking { limit: Duration },
    #[error("it did not end within {grace:?} after its run was cancelled, and was killed")]
    Deaf { grace: Duration },
}

/// What is said of a worker that was lost, once it has ended with `status`.
pub(crate) fn cause(lost: &Lost, status: Option<&WaitIdStatus>) -> String {
    match (lost, status.and_then(ending)) {
        // It ended by itself, and that is why its socket is closed.
        (Lost::Closed, Some(ending)) => ending,
        (Lost::Closed, None) if by_others(lost, status) => {
            "something else than this program killed it (SIGKILL), perhaps the system for want of \
             memory"
                .to_owned()
        }
        _ => lost.to_string(),
    }
}

/// Whether somebody else killed it: its socket was closed before the broker did, and a worker cannot
/// send itself a signal.
fn by_others(lost: &Lost, status: Option<&WaitIdStatus>) -> bool {
    matches!(lost, Lost::Closed)
        && status.and_then(WaitIdStatus::terminating_signal) == Some(SIGKILL)
}

/// Whether the loss says something about the script.
pub(crate) fn is_of_script(lost: &Lost, status: Option<&WaitIdStatus>) -> bool {
    !by_others(lost, status)
}

const SIGKILL: i32 = 9;

/// How a process ended; none where it was this broker that killed it, which says nothing.
fn ending(status: &WaitIdStatus) -> Option<String> {
    if let Some(code) = status.exit_status() {
        return Some(format!("it ended itself (exit code {code})"));
    }
    let signal = status.terminating_signal()?;
    Some(match signal {
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
