//! System calls without which there are no workers at all: which of them this system has, and what somebody
//! can do where one is missing. Kernels lack them, and so do containers whose seccomp profile answers for
//! the kernel. Each is made so that it does nothing. Must not know which of them is a layer.

use std::fmt;
use std::io;

/// A system call that workers need, and cannot be left out as a layer can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its name.
    pub name: &'static str,
    /// The kernel that it came with.
    pub since: &'static str,
    /// What it is for.
    pub needed_for: &'static str,
    number: libc::c_long,
    /// Numbers with which it does nothing, and says that they are wrong.
    harmless: [libc::c_long; 3],
}

/// All of them.
pub const NEEDED: &[Needed] = &[
    Needed {
        name: "clone",
        since: "Linux 5.2",
        needed_for: "forking workers",
        number: libc::SYS_clone,
        // A thread that shares no memory with this one.
        harmless: [libc::CLONE_THREAD as libc::c_long, 0, 0],
    },
    Needed {
        name: "close_range",
        since: "Linux 5.9",
        needed_for: "leaving workers no descriptor but their own",
        number: libc::SYS_close_range,
        // From a number to a lower one.
        harmless: [u32::MAX as libc::c_long, 0, 0],
    },
    Needed {
        name: "timer_create",
        since: "Linux 2.6",
        needed_for: "the limits of time",
        number: libc::SYS_timer_create,
        // A clock that there is not.
        harmless: [0xffff, 0, 0],
    },
    Needed {
        name: "pidfd_send_signal",
        since: "Linux 5.1",
        needed_for: "ending workers",
        number: libc::SYS_pidfd_send_signal,
        // No descriptor has this number.
        harmless: [-1, 0, 0],
    },
];

impl Needed {
    fn is_missing(&self) -> bool {
        let [a, b, c] = self.harmless;
        // SAFETY: the call is given numbers that it refuses, and no address that it could write to.
        let answer = unsafe { libc::syscall(self.number, a, b, c, 0_i64) };
        let error = io::Error::last_os_error().raw_os_error();
        // The second is what profiles answer that know no better.
        answer < 0 && matches!(error, Some(libc::ENOSYS | libc::EPERM))
    }
}

/// What is missing, what for, and what to do.
impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Needed { name, since, needed_for, .. } = self;
        write!(
            f,
            "the system call {name} is not there, which is needed for {needed_for}: take {since} or later, and \
             in a container a seccomp profile that lets {name} pass"
        )
    }
}

/// Those that this system does not have, as far as this thread may ask.
#[must_use]
pub fn calls_missing() -> Vec<Needed> {
    NEEDED.iter().copied().filter(Needed::is_missing).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    use super::*;

    /// What is missing where the kernel's answer to one call is another one.
    fn missing_where(call: libc::c_long, answer: i32) -> Vec<&'static str> {
        let rules = BTreeMap::from([(call, Vec::new())]);
        let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
        let otherwise = SeccompAction::Allow;
        let filter =
            SeccompFilter::new(rules, otherwise, SeccompAction::Errno(answer as u32), arch);
        let program: BpfProgram = filter.unwrap().try_into().unwrap();
        // A filter is of the thread that takes it, and goes with it.
        let look = move || {
            seccompiler::apply_filter(&program).unwrap();
            calls_missing().iter().map(|missing| missing.name).collect()
        };
        std::thread::spawn(look).join().unwrap()
    }

    #[test]
    fn each_call_that_the_system_refuses_to_know_is_named_and_no_other() {
        assert_eq!(calls_missing(), []);
        for needed in NEEDED {
            for answer in [libc::ENOSYS, libc::EPERM] {
                assert_eq!(missing_where(needed.number, answer), [needed.name]);
            }
            let said = needed.to_string();
            assert!(said.contains(needed.name) && said.contains(needed.since), "{said}");
        }
    }
}
