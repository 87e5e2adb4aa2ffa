//! What a process does with its engine that will be confined by a filter of system calls: a zygote
//! that makes an instance, and the workers that it forks.
//!
//! The order: [`prepare`] in the zygote, before its first instance; [`Instance::adopt`] in each
//! forked worker, while it may still open what it needs; the confinement, which is not this crate's;
//! [`seal`] at its end. A worker's engine then makes these system calls and no others: `madvise`
//! (giving memory back), `ioctl` on the two descriptors of [`Adopted`], `clock_gettime` (the CPU
//! clock of the calling thread), `timer_settime`, `rt_sigreturn`, and `mprotect` where the zone below
//! a stack is opened and closed.

use crate::error::Error;
use crate::instance::Instance;
use crate::run::completions;
use crate::sys::{signals, stack, ticks};
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

/// Says that this process has one thread and forks workers: no watchdog thread is started in it, nor
/// in its children.
pub fn prepare() {
    ticks::choose();
}

/// What an instance holds of the kernel after [`Instance::adopt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopted {
    /// The descriptors by which written pages are tracked: userfaultfd's, and the process's pagemap.
    /// `None` where the kernel cannot track them, or may not.
    pub tracking: Option<[RawFd; 2]>,
    /// The kernel's number of the timer that ends runs.
    pub timer: i32,
}

/// Reserves the stack that runs of up to `stack` bytes of it have, so that none is mapped later.
///
/// # Errors
/// [`Error::System`] where the system gives no memory.
pub fn reserve_stack(stack: usize) -> Result<(), Error> {
    stack::on_run_stack(crate::js::guard::stack_for(stack), |_| ((), true))
}

/// Says that nothing of this process changes signal masks or handlers from now on, and that no
/// stack is mapped or given back any more.
pub fn seal() {
    ticks::seal();
    signals::seal();
}

/// Has `wait` called where a run waits for its asynchronous host functions, in the place of
/// sleeping until one wakes the thread: with the time that is left. It may return early.
pub fn on_wait(wait: fn(Duration)) {
    completions::on_wait(wait);
}

/// Has `told` called where another process sends the signal that cancels a run, in the place of cancelling
/// it. It is called by the signal's handler: it may do no more than set atomic flags. The first call of this
/// holds.
pub fn on_signal_from_outside(told: fn()) {
    ticks::on_signal_from_outside(told);
}

impl Instance {
    /// Makes an instance that came with a fork this process's own: fresh seeds, the pages that runs
    /// write, a timer in the place of the watchdog, and an account of the pages that this process writes. `proc` is a descriptor
    /// of `/proc`, which the process may not reach by its name any more.
    ///
    /// # Errors
    /// [`Error::System`] where there are no random bytes, no timer, or no handlers.
    pub fn adopt(&mut self, proc: BorrowedFd<'_>) -> Result<Adopted, Error> {
        signals::install_handlers()?;
        self.renew_seeds()?;
        // Its alternate stack and mask are this thread's as they were before the fork.
        drop(signals::let_through(crate::limits::monotonic_ns())?);
        self.touch();
        let timer = ticks::make_timer(signals::WATCHDOG)?;
        let tracking = self.track_from_now_on(proc);
        Ok(Adopted { tracking, timer })
    }
}
