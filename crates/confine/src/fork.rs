//! Forking a worker: as a child of the zygote's parent, so that the broker can wait for it, and as
//! the first process of a process namespace of its own.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// What forking gave, on each side.
#[derive(Debug)]
pub enum Forked {
    /// This is the child.
    Child,
    /// This is the zygote; the child's number (outside of its namespace) and a descriptor of it.
    Parent {
        /// The process's number.
        pid: i32,
        /// Names the process for as long as it is open.
        pidfd: OwnedFd,
    },
}

/// An address that is none, for what a fork has not got: a stack of its own, places for its number.
const NONE: libc::c_ulong = 0;

/// How [`fork_into_namespaces`] forks: the first argument of `clone`.
pub(crate) fn flags(own_namespaces: bool) -> u32 {
    let own = if own_namespaces { libc::CLONE_NEWPID } else { 0 };
    (libc::CLONE_PARENT | libc::CLONE_PIDFD | own) as u32
}

/// Forks. `own_namespaces` says whether the child gets a process namespace of its own.
///
/// # Errors
/// What the kernel says.
///
/// # Safety
/// The process has one thread: locks that another thread holds would stay locked in the child for
/// ever.
pub unsafe fn fork_into_namespaces(own_namespaces: bool) -> io::Result<Forked> {
    let mut pidfd: RawFd = -1;
    let flags = flags(own_namespaces) as libc::c_ulong;
    // Not `clone3`, whose flags lie in memory, where no filter of system calls can read them.
    // SAFETY: as fork does, without a stack of its own or shared memory: the child goes on with a
    // copy of everything. The kernel writes the descriptor to its place. The C library's locks are
    // free, because there is one thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, NONE, &raw mut pidfd, NONE, NONE) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        pid => {
            // SAFETY: the kernel has just made the descriptor, for us alone.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Forked::Parent { pid: pid as i32, pidfd })
        }
    }
}

/// Ends the process at once, without running what programs leave for their end.
pub fn leave(code: i32) -> ! {
    // SAFETY: the call ends the process.
    unsafe { libc::_exit(code) }
}
