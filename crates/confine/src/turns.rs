//! How long a process keeps a processor that others want: asked for by the broker, of its workers.
//! Takes nothing from a process but the right to end its turn first; must not know why.

use std::io;

use rustix::process::{Pid, getpriority_process};

/// Turns on a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// As everybody's.
    Usual,
    /// Long ones, which end as soon as somebody else wakes up who is owed time and takes usual ones
    /// (Linux 6.12; before it they are as everybody's). The share of time stays the same.
    Long,
}

/// The longest turn that the kernel gives, in ns.
const LONGEST: u64 = 100_000_000;

/// The first form of the kernel's structure.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// Has the main thread of a process of this user take such turns.
///
/// # Errors
/// What the kernel says; a process that is gone among it.
pub fn give_turns(process: i32, turns: Turns) -> io::Result<()> {
    let pid = Pid::from_raw(process).ok_or(io::ErrorKind::InvalidInput)?;
    let (policy, runtime) = match turns {
        Turns::Usual => (libc::SCHED_OTHER, 0),
        Turns::Long => (libc::SCHED_BATCH, LONGEST),
    };
    let attributes = Attributes {
        size: size_of::<Attributes>() as u32,
        policy: policy as u32,
        // Stays what it is: a lower one could not be taken back.
        nice: getpriority_process(Some(pid))?,
        runtime,
        ..Attributes::default()
    };
    // SAFETY: the call reads a structure of plain numbers that tells its own size.
    match unsafe { libc::syscall(libc::SYS_sched_setattr, process, &raw const attributes, 0) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// What the kernel says of a process: its policy and the length of its turns.
    fn turns_of(process: u32) -> (u32, u64) {
        let mut attributes = Attributes::default();
        let size = size_of::<Attributes>() as u32;
        // SAFETY: the structure has this size, and the call writes plain numbers.
        let asked = unsafe {
            libc::syscall(libc::SYS_sched_getattr, process, &raw mut attributes, size, 0)
        };
        assert_eq!(asked, 0, "{}", io::Error::last_os_error());
        (attributes.policy, attributes.runtime)
    }

    #[test]
    fn a_process_of_this_user_is_given_long_turns_and_usual_ones_again() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let id = child.id();
        let usual = turns_of(id);
        give_turns(id as i32, Turns::Long).unwrap();
        let long = turns_of(id);
        give_turns(id as i32, Turns::Usual).unwrap();
        let again = turns_of(id);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(long.0, libc::SCHED_BATCH as u32);
        // Kernels that know no lengths of turns tell none.
        assert!(long.1 == LONGEST || long.1 == usual.1, "{long:?}");
        assert_eq!(again, usual);
        assert!(give_turns(id as i32, Turns::Long).is_err(), "it is gone");
    }
}
