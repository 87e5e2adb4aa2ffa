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
    // SAFETY: a structure of plain numbers, for which zero is a value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = (libc::CLONE_PARENT | libc::CLONE_PIDFD) as u64;
    if own_namespaces {
        args.flags |= libc::CLONE_NEWPID as u64;
    }
    args.pidfd = &raw mut pidfd as u64;
    // SAFETY: as fork does, without a stack of its own or shared memory: the child goes on with a
    // copy of everything. The C library's locks are free, because there is one thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw mut args, size_of_val(&args)) };
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
