//! Ticks: a timer that interrupts the one thread of a confined process, in the place of the watchdog
//! thread, which would need system calls to sleep and to signal.
//!
//! A process that is to be confined says so before it makes its first instance ([`choose`]); the
//! timer is made in each forked worker ([`make_timer`]), because a fork does not inherit timers; and
//! [`seal`] says that from now on nobody changes signal masks, handlers or stacks, so that nothing
//! of these is asked of the kernel any more.
//!
//! Must not know what is looked at on a tick.

use crate::error::Error;
use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

/// How often the thread is interrupted while a run is on, in ns.
const TICK_NS: i64 = 5_000_000;
/// Ticks without a run after which the timer is stopped.
const IDLE_TICKS: usize = 40;
/// No timer was made.
const NONE: i32 = -1;

static CHOSEN: AtomicBool = AtomicBool::new(false);
static SEALED: AtomicBool = AtomicBool::new(false);
static TIMER: AtomicI32 = AtomicI32::new(NONE);
static TICKING: AtomicBool = AtomicBool::new(false);
static IDLE: AtomicUsize = AtomicUsize::new(0);

/// From now on this process has ticks and no watchdog thread.
pub(crate) fn choose() {
    CHOSEN.store(true, Ordering::SeqCst);
}

pub(crate) fn chosen() -> bool {
    CHOSEN.load(Ordering::Relaxed)
}

pub(crate) fn seal() {
    SEALED.store(true, Ordering::SeqCst);
}

/// Who is told of signals of other processes, in the place of the run that is on.
static OUTSIDE: OnceLock<fn()> = OnceLock::new();

pub(crate) fn on_signal_from_outside(told: fn()) {
    let _ = OUTSIDE.set(told);
}

/// Tells of such a signal, in its handler; `false` where nobody is to be told.
pub(crate) fn tell_of_signal() -> bool {
    // A load: what was set stays.
    let told = OUTSIDE.get();
    if let Some(told) = told {
        told();
    }
    told.is_some()
}

/// Whether signal masks, handlers and stacks stay as they are for good.
pub(crate) fn sealed() -> bool {
    SEALED.load(Ordering::Relaxed)
}

/// Makes the timer that sends `signal` to the calling thread. Answers the kernel's number of it.
pub(crate) fn make_timer(signal: c_int) -> Result<i32, Error> {
    // SAFETY: a structure of plain numbers, for which zero is a value.
    let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = signal;
    event.sigev_notify_thread_id = super::thread_id();
    let mut timer: c_int = NONE;
    // SAFETY: both places are valid for the call; the kernel's own number of the timer is asked for,
    // because the filter of system calls names it.
    let made = unsafe {
        libc::syscall(libc::SYS_timer_create, libc::CLOCK_MONOTONIC, &mut event, &mut timer)
    };
    if made != 0 {
        return Err(Error::last_os_error("making a worker's timer"));
    }
    TIMER.store(timer, Ordering::SeqCst);
    TICKING.store(false, Ordering::SeqCst);
    Ok(timer)
}

/// Starts the ticks where they are not on. Does nothing before the timer was made.
pub(crate) fn start() {
    if TICKING.load(Ordering::SeqCst) || TIMER.load(Ordering::Relaxed) == NONE {
        return;
    }
    IDLE.store(0, Ordering::SeqCst);
    TICKING.store(true, Ordering::SeqCst);
    set(TICK_NS);
}

/// To be told on each tick whether a run is on: the ticks stop some time after the last one.
pub(crate) fn note(active: bool) {
    if active {
        IDLE.store(0, Ordering::SeqCst);
    } else if IDLE.fetch_add(1, Ordering::SeqCst) >= IDLE_TICKS && TICKING.load(Ordering::SeqCst) {
        TICKING.store(false, Ordering::SeqCst);
        set(0);
    }
}

/// Sets the timer's interval; 0 stops it. One system call that a signal handler may make.
fn set(ns: i64) {
    let interval = libc::timespec { tv_sec: 0, tv_nsec: ns };
    let spec = libc::itimerspec { it_interval: interval, it_value: interval };
    let timer = TIMER.load(Ordering::Relaxed);
    // SAFETY: `spec` is valid for the call, and the kernel checks the timer's number. It cannot fail
    // for a timer that exists and an interval below a second.
    unsafe { libc::syscall(libc::SYS_timer_settime, timer, 0, &spec, 0) };
}
